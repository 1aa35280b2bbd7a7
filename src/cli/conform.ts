/** `ptncn conform`: says whether a port is right; a port to fill in; the reference as a port. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Level } from '../conform/equations/rounding.js'
import { conformLaws } from '../conform/laws.js'
import { LIMITS } from '../conform/port/connection.js'
import { texts } from '../conform/port/wire.js'
import { serveLine } from '../conform/reference.js'
import { publish } from '../conform/publish.js'
import { conform, USUAL } from '../conform/run.js'
import { conformSeveral, unpublishable } from '../conform/several.js'
import { STATUS } from '../conform/session.js'
import { mismatch, PtncnError } from '../errors.js'
import { ensureFolder, readText, writeFileSafely } from '../io/files.js'
import { asRecord, readJson } from '../io/json.js'
import { parseArguments, wholeNumber, type Given } from './arguments.js'
import { print } from './process.js'

const HELP = `ptncn conform [options] -- COMMAND ...: is a port of SPEC.md right, and if not, which equation is wrong?

COMMAND is any program that reads requests, a line each, from its standard input, and answers each with a line on its
standard output (SPEC.md, appendix C). It is run without a shell.

  --level tol|bit    within derived bounds of rounding, or the same bits (what the port says of itself)
  --smoke            the first case of each topic alone
  --only TEXT        cases whose id has this text
  --skip TEXT        without the cases whose id has this text; the verdict says so
  --vectors FILE     the cases of a file, in place of the published ones
  --replay FILE      the case of a counterexample.json
  --fuzz N           N random cases after the published ones; a failing one is made smaller
  --seed N           of the random cases (1)
  --counterexample FILE  where the small failing case goes (counterexample.json)
  --expect FILE      {"cases":["id", ...]}: cases known to fail; one of them that passes is a failure
  --junit FILE  --tap FILE  --report FILE   results for other programs; the report is conform.json
  --laws             in place of the cases: what can be seen of the laws from outside, with answers beside answers
  --publish FOLDER   a page, badges and JSON to be shown to others; of whole runs alone
  --start-timeout S  --request-timeout S  --total-timeout S   seconds (30, 5, 600)

  ptncn conform --port a -- A ... --port b -- B ...    several ports: a matrix of clauses and ports, and port against port
  ptncn conform init --lang LANGUAGE [FOLDER]          a port to fill in, in python, c, rust, go, java, csharp,
                                                       javascript or julia
  ptncn conform serve                                  the reference as a port

Exit status: 0 conforms; 1 failures; 2 usage; 3 could not start or shake hands; 4 nothing ran, or required equations
were not reached; 5 a fault of the kit.
`

const OPTIONS = {
  level: 'value',
  smoke: 'flag',
  only: 'value',
  skip: 'value',
  publish: 'value',
  laws: 'flag',
  vectors: 'value',
  fuzz: 'value',
  seed: 'value',
  replay: 'value',
  counterexample: 'value',
  junit: 'value',
  tap: 'value',
  report: 'value',
  expect: 'value',
  'start-timeout': 'value',
  'request-timeout': 'value',
  'total-timeout': 'value',
} as const

/** The level that is asked for, if one is. @throws UsageError */
export const levelOf = ({ level }: Given): Level | undefined => {
  if (level === undefined || level === 'tol' || level === 'bit') return level
  throw mismatch('UsageError', '--level', 'tol or bit', level)
}

/** Ids of cases that are known to fail. */
const readKnown = (path: string): ReadonlySet<string> => {
  const cases = asRecord(readJson(path, readText(path)))?.['cases']
  const ids = texts(cases)
  if (ids) return new Set(ids)
  throw mismatch('FileError', path, 'a record {"cases":["id", ...]}', cases)
}

/** What was given, as the kit takes it. */
const settingsOf = (given: Given): Omit<Parameters<typeof conform>[0], 'command'> => {
  const { 'start-timeout': start, 'request-timeout': request, 'total-timeout': total } = given
  const milliseconds = (name: string, seconds: unknown): number => wholeNumber(name, seconds, 1, 86_400) * 1000
  const texts = Object.fromEntries(
    ['only', 'skip', 'vectors', 'replay', 'counterexample', 'junit', 'tap', 'report'].flatMap((name) =>
      given[name] === undefined ? [] : [[name, String(given[name])]],
    ),
  )
  return {
    ...texts,
    level: levelOf(given),
    smoke: given['smoke'] === true,
    ...(given['fuzz'] !== undefined && { fuzz: wholeNumber('fuzz', given['fuzz'], 1, 100_000_000) }),
    ...(given['seed'] !== undefined && { seed: wholeNumber('seed', given['seed'], 0, Number.MAX_SAFE_INTEGER) }),
    ...(given['expect'] !== undefined && { known: readKnown(String(given['expect'])) }),
    limits: {
      ...LIMITS,
      ...(start !== undefined && { startMs: milliseconds('start-timeout', start) }),
      ...(request !== undefined && { requestMs: milliseconds('request-timeout', request) }),
    },
    ...(total !== undefined && { totalMs: milliseconds('total-timeout', total) }),
  }
}

/** `ptncn conform ...`. Resolves to the exit status. @throws PtncnError for a user's mistake */
export const runConform = async (args: readonly string[]): Promise<number> => {
  if (args[0] === 'init') return init(args.slice(1))
  if (args[0] === 'serve') return serve()
  const { own, ports } = portsOf(args)
  const { given } = parseArguments('conform', own, OPTIONS)
  if (given['help']) return print(HELP)
  if (ports.length === 0 || ports.some(({ command }) => command.length === 0))
    throw mismatch('UsageError', 'port', 'a command after --, as in ptncn conform -- ./my-port', undefined)
  const [settings, folder] = [settingsOf(given), given['publish']]
  const output = { print, coloured: process.stdout.isTTY === true && !process.env['NO_COLOR'] }
  const [{ name, command }] = ports as readonly [PortGiven]
  if (typeof folder === 'string') requirePublishable(settings)
  if (ports.length > 1) requireOneReport(given)
  if (ports.length > 1 && given['laws']) throw mismatch('UsageError', '--laws', 'one port', 'several')
  try {
    if (given['laws']) return await conformLaws(command, { limits: settings.limits ?? LIMITS, seed: settings.seed ?? 1 }, output)
    if (name === undefined && folder === undefined) return await conform({ ...settings, command }, output)
    const named = ports.map((port) => ({ name: port.name ?? 'port', command: port.command }))
    const outcome = await conformSeveral(named, settings, output)
    if (typeof folder === 'string') await publish(folder, outcome, ports.length)
    return outcome.status
  } catch (error) {
    if (error instanceof PtncnError) throw error
    // whatever a port does has a verdict; this is about the kit
    process.stderr.write(`ptncn: a fault of the kit: ${String((error as Error).stack ?? error).replace(/\s*\n\s*/g, ' ')}\n`)
    return STATUS.kitFault
  }
}

/** A port as it is given: a command, and with --port a name. */
interface PortGiven {
  readonly name?: string
  readonly command: readonly string[]
}

/** The kit's own options, and the ports: one after `--`, or each after `--port NAME --`. */
const portsOf = (args: readonly string[]): { readonly own: readonly string[]; readonly ports: readonly PortGiven[] } => {
  const starts = args.flatMap((arg, i) => (arg === '--port' && args[i + 2] === '--' ? [i] : []))
  const first = args.indexOf('--')
  if (starts.length === 0 || first < starts[0]!)
    return { own: first < 0 ? args : args.slice(0, first), ports: first < 0 ? [] : [{ command: args.slice(first + 1) }] }
  const ports = starts.map((at, i) => ({ name: args[at + 1]!, command: args.slice(at + 3, starts[i + 1]) }))
  return { own: args.slice(0, starts[0]), ports }
}

/** @throws UsageError where what would be published is not about all cases */
const requirePublishable = (settings: ReturnType<typeof settingsOf>): void => {
  const why = unpublishable({ ...USUAL, ...settings })
  if (why) throw mismatch('UsageError', '--publish', why, 'a part of them')
}

/** @throws UsageError for files of one port */
const requireOneReport = (given: Given): void => {
  const file = ['junit', 'tap', 'report'].find((name) => given[name] !== undefined)
  if (file) throw mismatch('UsageError', `--${file}`, 'one port', 'several', 'use --publish for a report of several')
}

/** The reference, over standard input and output. */
const serve = async (): Promise<number> => {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const answer = serveLine(line)
    if (answer === undefined) break
    print(`${answer}\n`)
  }
  // bye ends it, also while its input is open
  process.stdin.destroy()
  return STATUS.conforms
}

/** A port to fill in: it shakes hands, and says of everything else that it is not there yet. */
interface Stub {
  /** the port, and what is needed beside it */
  readonly files: readonly [port: string, ...beside: string[]]
  /** how it is made, and how it is run */
  readonly commands: (path: string) => readonly string[]
}

const STUBS: Readonly<Record<string, Stub>> = {
  python: { files: ['port.py'], commands: (path) => [`ptncn conform --smoke -- python3 ${path}`] },
  c: {
    files: ['port.c'],
    commands: (path) => [`cc -O2 -std=c99 -ffp-contract=off -o port ${path} -lm`, 'ptncn conform --smoke -- ./port'],
  },
  rust: { files: ['port.rs'], commands: (path) => [`rustc -O -o port ${path}`, 'ptncn conform --smoke -- ./port'] },
  go: { files: ['port.go'], commands: (path) => [`go build -o port ${path}`, 'ptncn conform --smoke -- ./port'] },
  java: { files: ['Port.java'], commands: (path) => [`ptncn conform --smoke -- java ${path}`] },
  csharp: {
    files: ['Port.cs', 'Port.csproj'],
    commands: (path) => [`dotnet build ${dirname(path)} -o out`, 'ptncn conform --smoke -- dotnet out/Port.dll'],
  },
  javascript: { files: ['port.mjs'], commands: (path) => [`ptncn conform --smoke -- node ${path}`] },
  julia: { files: ['port.jl'], commands: (path) => [`ptncn conform --smoke -- julia ${path}`] },
}

/** Writes the stub of a language into a folder, over nothing that is there, and says what to do next. */
const init = async (args: readonly string[]): Promise<number> => {
  const { given, positionals } = parseArguments('conform', args, { lang: 'value' }, Infinity)
  if (given['help']) return print(HELP)
  if (positionals.length > 1) throw mismatch('UsageError', 'folder', 'one folder', positionals.join(' '))
  const [language, [folder = '.']] = [given['lang'], positionals]
  if (typeof language !== 'string' || !Object.hasOwn(STUBS, language))
    throw mismatch('UsageError', '--lang', `one of ${Object.keys(STUBS).join(', ')}`, language)
  const { files, commands } = STUBS[language]!
  for (const path of files.map((file) => join(folder, file)))
    if (existsSync(path))
      throw mismatch('FileError', path, 'no file of this name yet', 'one that is there', 'give another folder')
  const stubs = join(dirname(fileURLToPath(import.meta.url)), '..', 'conform', 'port', 'stubs')
  for (const file of files) await writeFileSafely(join(ensureFolder(folder), file), readText(join(stubs, file)))
  const path = join(folder, files[0])
  const next = commands(path).map((line) => `  ${line}\n`)
  return print(`${path} answers hello, and lists the equations to fill in. Next:\n${next.join('')}`)
}
