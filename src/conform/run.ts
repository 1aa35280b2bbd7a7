/** One run of the kit, from the first word of a port to the exit status. */

import { callable, count, field, flag, number, oneOf, optional, requireFields, text, wholeFrom } from '../fields.js'
import { writeFileSafely } from '../io/files.js'
import type { Level } from './equations/rounding.js'
import { fuzz } from './fuzz.js'
import { commandText, LIMITS, shakeHands, type Connection, type Fault, type Limits } from './port/connection.js'
import { processConnection } from './port/process.js'
import { againCommand, caseText, closingText, conformJson, junit, painter, tap, type Closing } from './report.js'
import { exitStatus, newTally, record, runCases, STATUS, type Result } from './session.js'
import type { Case } from './case.js'
import { publishedCases, publishedHashes, readVectors } from './vectors.js'

/** What a run of the kit puts to a port, and what it leaves; all but the command have defaults. */
export interface Settings {
  /** the program of the port and its arguments; run without a shell */
  readonly command: readonly string[]
  /** by default what the port says of itself */
  readonly level: Level | undefined
  /** the first case of each topic alone */
  readonly smoke: boolean
  /** cases whose id has this in it */
  readonly only: string | undefined
  /** a file of vectors in place of the published ones */
  readonly vectors: string | undefined
  /** a file of vectors of which nothing is fuzzed, such as a counterexample */
  readonly replay: string | undefined
  /** how many random cases; 0 */
  readonly fuzz: number
  /** that they are drawn from, a whole number; 1 */
  readonly seed: number
  /** where a random case that fails is written, made small: counterexample.json */
  readonly counterexample: string
  /** files for other programs, where they are named: JUnit */
  readonly junit: string | undefined
  /** Test Anything Protocol */
  readonly tap: string | undefined
  /** conform.json */
  readonly report: string | undefined
  /** ids of cases that are known to fail; none */
  readonly known: ReadonlySet<string>
  /** how long a port may take, and how much it may say */
  readonly limits: Limits
  /** milliseconds for all cases; ten minutes */
  readonly totalMs: number
}

const USUAL: Omit<Settings, 'command'> = {
  level: undefined,
  smoke: false,
  only: undefined,
  vectors: undefined,
  replay: undefined,
  fuzz: 0,
  seed: 1,
  counterexample: 'counterexample.json',
  junit: undefined,
  tap: undefined,
  report: undefined,
  known: new Set(),
  limits: LIMITS,
  totalMs: 600_000,
}

const file = optional(text(2 ** 15))
const KINDS = {
  command: field<readonly string[]>(
    'a program and its arguments',
    (value) => Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string' && word !== ''),
  ),
  level: optional(oneOf<Level>('tol', 'bit')),
  smoke: flag,
  only: optional(text(1000)),
  vectors: file,
  replay: file,
  fuzz: count,
  seed: count,
  counterexample: text(2 ** 15),
  junit: file,
  tap: file,
  report: file,
  known: field<ReadonlySet<string>>('a set of ids', (value) => value instanceof Set),
  totalMs: number(0, Infinity),
}

const LIMIT_KINDS = {
  startMs: number(0, Infinity),
  requestMs: number(0, Infinity),
  byeMs: number(0, Infinity),
  restarts: count,
  lineBytes: wholeFrom(1),
}

/** Where a run of the kit tells what it finds. */
export interface Output {
  /** takes text with its line ends */
  readonly print: (text: string) => void
  /** whether the text may have colours of a terminal */
  readonly coloured: boolean
}

const chosenCases = ({ vectors, replay, only, smoke }: Settings): readonly Case[] => {
  const path = replay ?? vectors
  const all = path === undefined ? publishedCases() : readVectors(path)
  const named = only === undefined ? all : all.filter(({ id }) => id.includes(only))
  return smoke ? named.filter(({ topic }, i) => named.findIndex((other) => other.topic === topic) === i) : named
}

/** A known failure is none; one that passes is. */
const asKnown = (known: ReadonlySet<string>, result: Result): Result => {
  if (!known.has(result.id)) return result
  if (result.status === 'fail') return { ...result, status: 'skip', failures: [], reason: 'known to fail' }
  if (result.status !== 'pass') return result
  const what = 'is known to fail, and passes; take it off the list'
  return { ...result, status: 'fail', failures: [{ kind: 'accepted', what }] }
}

/** What is wrong at a known place is told before what was refused, or never came. */
const localisedFirst = (results: readonly Result[]): readonly Result[] => {
  const isLocal = ({ failures }: Result): boolean => failures[0]?.finding !== undefined
  return [...results.filter(isLocal), ...results.filter((result) => !isLocal(result))]
}

/** How many failed cases are told at length. */
const TOLD = 12

/**
 * Runs the kit, prints what it finds, leaves the files asked for, and gives the exit status, one of STATUS.
 * @throws UsageError where a setting is none, FileError where a file of vectors is [pr-verdict]
 */
export const conform = async (
  given: Partial<Settings> & Pick<Settings, 'command'>,
  output: Output = { print: () => {}, coloured: false },
): Promise<number> => {
  const settings = { ...USUAL, ...given }
  requireFields('UsageError', 'settings', settings, KINDS)
  requireFields('UsageError', 'settings.limits', settings.limits, LIMIT_KINDS)
  requireFields('UsageError', 'output', output, { print: callable, coloured: flag })
  const cases = chosenCases(settings)
  if (cases.length === 0) {
    output.print('no case has been chosen\n')
    return STATUS.nothingRan
  }
  const begin = performance.now()
  const now = (): number => performance.now() - begin
  const port = processConnection(settings.command, settings.limits)
  try {
    return await meet(settings, port, cases, output, now)
  } catch (error) {
    // a fault of the kit leaves no port behind
    port.drop()
    throw error
  }
}

/** Everything from the first word of a port to its last. */
const meet = async (
  settings: Settings,
  port: Connection,
  cases: readonly Case[],
  { print, coloured }: Output,
  now: () => number,
): Promise<number> => {
  const { command, replay, seed } = settings
  const paint = painter(coloured)
  const hello = await shakeHands(port)
  if ('fault' in hello) {
    print(`${paint('no handshake', 'red')} with ${commandText(command)}: ${faultText(hello.fault)}`)
    await port.close()
    return STATUS.notStarted
  }
  const { caps } = hello
  const level = settings.level ?? caps.level
  const tally = newTally()
  let told = 0
  const tell = (result: Result, which: string): void => {
    if (result.status === 'fail' && told++ < TOLD) print(`${caseText(paint, result, againCommand(which, command))}\n`)
  }
  const options = { level, now, until: settings.totalMs }
  await runCases(port, caps, cases, options, tally)
  tally.results.forEach((result, i) => (tally.results[i] = asKnown(settings.known, result)))
  for (const result of localisedFirst(tally.results)) tell(result, replay ? `--replay ${replay}` : `--only ${result.id}`)
  const wanted = replay ? 0 : settings.fuzz
  if (wanted > 0) print(`fuzzing ${wanted} cases, seed ${seed}\n`)
  const { cases: fuzzed, found } = await fuzz(port, caps, wanted, seed, options, tally)
  if (found) {
    await writeFileSafely(settings.counterexample, found.file)
    tell(found.result, `--replay ${settings.counterexample}`)
  }
  const last = await port.close()
  if (last) tell(record(tally, { id: 'bye', topic: 'protocol', status: 'fail', failures: [last], ms: 0 }), '--only ')
  if (told > TOLD) print(`and ${told - TOLD} more failed cases\n\n`)
  const partial = settings.smoke || [settings.only, settings.vectors, replay].some((choice) => choice !== undefined)
  const status = exitStatus(tally, caps, partial)
  const closing: Closing = { hello, tally, level, status, seconds: now() / 1000 }
  print(closingText(paint, closing))
  await leaveFiles(settings, closing, fuzzed)
  return status
}

const faultText = ({ what, hint, stderr }: Fault): string =>
  `${what}\n${hint ? `  hint: ${hint}\n` : ''}${stderr ? `  stderr: ${stderr.trim().split('\n').at(-1)}\n` : ''}`

const leaveFiles = async (settings: Settings, closing: Closing, fuzzed: number): Promise<void> => {
  const { command, seed } = settings
  const { results } = closing.tally
  const save = async (path: string | undefined, text: () => string): Promise<void> => {
    if (path !== undefined) await writeFileSafely(path, text())
  }
  await save(settings.junit, () => junit(results))
  await save(settings.tap, () => tap(results))
  await save(settings.report, () => conformJson({ ...closing, command, seed, fuzzed, hashes: publishedHashes() }))
}
