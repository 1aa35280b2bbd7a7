/** The commands `ptncn conform` and `ptncn vectors`: their arguments, and what they leave. */

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { mismatch, PtncnError } from '../errors.js'
import { fileError, writeFileSafely } from '../io/files.js'
import { SPEC_VERSION } from '../ptncn/config.js'
import { HELP, VECTORS_HELP } from './help.js'
import { conform, type Settings } from './conform.js'
import { initPort, LANGUAGES } from './init.js'
import { localConnection, LIMITS } from './connection.js'
import type { Level } from './judge.js'
import { asRecord, parseJson } from './json.js'
import { serveLine, CAPS } from './serve.js'
import { newTally, runCases, STATUS } from './session.js'
import { checkPublished } from './check.js'
import { publishedFolder, readVectors, VECTORS_VERSION } from './vectors.js'

const OPTIONS = {
  level: { type: 'string' },
  smoke: { type: 'boolean' },
  only: { type: 'string' },
  vectors: { type: 'string' },
  fuzz: { type: 'string' },
  seed: { type: 'string' },
  replay: { type: 'string' },
  counterexample: { type: 'string' },
  junit: { type: 'string' },
  tap: { type: 'string' },
  report: { type: 'string' },
  expect: { type: 'string' },
  'start-timeout': { type: 'string' },
  'request-timeout': { type: 'string' },
  'total-timeout': { type: 'string' },
  help: { type: 'boolean' },
} as const

type Given = Readonly<Record<string, string | boolean | undefined>>

const parse = (
  args: readonly string[],
  options: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>,
  allowPositionals = false,
): { given: Given; rest: readonly string[] } => {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals })
    return { given: values as Given, rest: positionals }
  } catch (error) {
    throw new PtncnError('UsageError', `${(error as Error).message.split(/\. |\.?\n/)[0]}; see ptncn conform --help`, args)
  }
}

const text = (given: Given, name: string): string | undefined => given[name] as string | undefined

const whole = (given: Given, name: string, fallback: number, least: number, most: number): number => {
  const value = text(given, name)
  if (value === undefined) return fallback
  if (/^\d{1,15}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value)
  throw mismatch('UsageError', `--${name}`, `a whole number from ${least} to ${most}`, value)
}

const seconds = (given: Given, name: string, fallback: number): number => whole(given, name, fallback / 1000, 1, 86_400) * 1000

const levelOf = (given: Given): Level | undefined => {
  const level = text(given, 'level')
  if (level === undefined || level === 'tol' || level === 'bit') return level
  throw mismatch('UsageError', '--level', 'tol or bit', level)
}

/** Ids of cases that are known to fail. */
const readKnown = (path: string | undefined): ReadonlySet<string> => {
  if (path === undefined) return new Set()
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (cause) {
    throw fileError('read', path, cause)
  }
  const cases = asRecord(parseJson(source))?.['cases']
  if (Array.isArray(cases) && cases.every((id) => typeof id === 'string')) return new Set(cases as readonly string[])
  throw mismatch('FileError', path, 'a record {"cases":["id", ...]}', cases)
}

const settingsOf = (given: Given, command: readonly string[]): Settings => ({
  command,
  level: levelOf(given),
  smoke: given['smoke'] === true,
  only: text(given, 'only'),
  vectors: text(given, 'vectors'),
  replay: text(given, 'replay'),
  fuzz: whole(given, 'fuzz', 0, 1, 100_000_000),
  seed: whole(given, 'seed', 1, 0, Number.MAX_SAFE_INTEGER),
  counterexample: text(given, 'counterexample') ?? 'counterexample.json',
  junit: text(given, 'junit'),
  tap: text(given, 'tap'),
  report: text(given, 'report'),
  known: readKnown(text(given, 'expect')),
  limits: {
    ...LIMITS,
    startMs: seconds(given, 'start-timeout', LIMITS.startMs),
    requestMs: seconds(given, 'request-timeout', LIMITS.requestMs),
  },
  totalMs: seconds(given, 'total-timeout', 600_000),
})

const print = (line: string): void => void process.stdout.write(line)

const init = async (args: readonly string[]): Promise<number> => {
  const { given, rest } = parse(args, { lang: { type: 'string' } }, true)
  if (rest.length > 1) throw mismatch('UsageError', 'folder', 'one folder', rest.join(' '))
  const language = text(given, 'lang')
  if (language === undefined || !LANGUAGES.includes(language))
    throw mismatch('UsageError', '--lang', `one of ${LANGUAGES.join(', ')}`, language)
  print(await initPort(language, rest[0] ?? '.'))
  return STATUS.conforms
}

/** The reference, over standard input and output. */
const serve = async (): Promise<number> => {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const answer = serveLine(line)
    if (answer === undefined) break
    print(`${answer}\n`)
  }
  return STATUS.conforms
}

/** `ptncn conform ...`. Resolves to the exit status. @throws PtncnError for a user's mistake */
export const conformCommand = async (args: readonly string[]): Promise<number> => {
  if (args[0] === 'init') return init(args.slice(1))
  if (args[0] === 'serve') return serve()
  const at = args.indexOf('--')
  const { given } = parse(at < 0 ? args : args.slice(0, at), OPTIONS)
  if (given['help']) {
    print(HELP)
    return STATUS.conforms
  }
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

const exportVectors = async (folder: string): Promise<number> => {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw fileError('write', folder, cause)
  }
  const files = publishedFolder()
  for (const { name, text: content } of files) await writeFileSafely(join(folder, name), content)
  await writeFileSafely(join(folder, 'STAMP'), `ptncn vectors ${VECTORS_VERSION}, spec ${SPEC_VERSION}, CC0-1.0\n`)
  print(`${files.length + 1} files in ${folder}\n`)
  return STATUS.conforms
}

/** Judges a vector file against the reference: what it asks, and what it expects. */
const checkVectors = async (path: string, level: Level): Promise<number> => {
  const cases = readVectors(path)
  const tally = newTally()
  const options = { level, now: () => performance.now(), until: Infinity }
  await runCases(localConnection(serveLine), { ...CAPS, trace: 'full', level: 'bit' }, cases, options, tally)
  const complaints = [
    ...tally.results.flatMap(({ id, failures }) => failures.slice(0, 1).map(({ what }) => `${id}: ${what}`)),
    ...checkPublished(cases, level),
  ]
  for (const complaint of complaints) print(`FAIL ${complaint}\n`)
  print(`${cases.length} cases, ${complaints.length} not as the reference has them, at the level ${level}\n`)
  return complaints.length > 0 ? STATUS.failures : STATUS.conforms
}

/** `ptncn vectors export DIR` and `ptncn vectors check FILE`. */
export const vectorsCommand = async (args: readonly string[]): Promise<number> => {
  const {
    given,
    rest: [action, path, ...more],
  } = parse(args, { level: { type: 'string' }, help: { type: 'boolean' } }, true)
  if (given['help']) {
    print(VECTORS_HELP)
    return STATUS.conforms
  }
  if ((action !== 'export' && action !== 'check') || path === undefined || more.length > 0) {
    throw mismatch('UsageError', 'vectors', 'export FOLDER, or check FILE', args.join(' '))
  }
  return action === 'export' ? exportVectors(path) : checkVectors(path, levelOf(given) ?? 'bit')
}
