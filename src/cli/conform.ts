/** `ptncn conform`: says whether a port is right; a port to fill in; the reference as a port. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Level } from '../conform/equations/rounding.js'
import { LIMITS } from '../conform/port/connection.js'
import { texts } from '../conform/port/wire.js'
import { serveLine } from '../conform/reference.js'
import { conform } from '../conform/run.js'
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
  --vectors FILE     the cases of a file, in place of the published ones
  --replay FILE      the case of a counterexample.json
  --fuzz N           N random cases after the published ones; a failing one is made smaller
  --seed N           of the random cases (1)
  --counterexample FILE  where the small failing case goes (counterexample.json)
  --expect FILE      {"cases":["id", ...]}: cases known to fail; one of them that passes is a failure
  --junit FILE  --tap FILE  --report FILE   results for other programs; the report is conform.json
  --start-timeout S  --request-timeout S  --total-timeout S   seconds (30, 5, 600)

  ptncn conform init --lang python|c|rust|go|java|csharp|javascript|julia [FOLDER]    a port to fill in
  ptncn conform serve                                                                 the reference as a port

Exit status: 0 conforms; 1 failures; 2 usage; 3 could not start or shake hands; 4 nothing ran, or required equations
were not reached; 5 a fault of the kit.
`

const OPTIONS = {
  level: 'value',
  smoke: 'flag',
  only: 'value',
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
const settingsOf = (given: Given, command: readonly string[]): Parameters<typeof conform>[0] => {
  const { 'start-timeout': start, 'request-timeout': request, 'total-timeout': total } = given
  const milliseconds = (name: string, seconds: unknown): number => wholeNumber(name, seconds, 1, 86_400) * 1000
  const texts = Object.fromEntries(
    ['only', 'vectors', 'replay', 'counterexample', 'junit', 'tap', 'report'].flatMap((name) =>
      given[name] === undefined ? [] : [[name, String(given[name])]],
    ),
  )
  return {
    command,
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
  const at = args.indexOf('--')
  const { given } = parseArguments('conform', at < 0 ? args : args.slice(0, at), OPTIONS)
  if (given['help']) return print(HELP)
  const command = at < 0 ? [] : args.slice(at + 1)
  if (command.length === 0)
    throw mismatch('UsageError', 'port', 'a command after --, as in ptncn conform -- ./my-port', undefined)
  const settings = settingsOf(given, command)
  try {
    return await conform(settings, { print, coloured: process.stdout.isTTY === true && !process.env['NO_COLOR'] })
  } catch (error) {
    if (error instanceof PtncnError) throw error
    // whatever a port does has a verdict; this is about the kit
    process.stderr.write(`ptncn: a fault of the kit: ${String((error as Error).stack ?? error).replace(/\s*\n\s*/g, ' ')}\n`)
    return STATUS.kitFault
  }
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
