/** One run of the kit, from the first word of a port to the exit status. */

import { callable, count, field, flag, number, oneOf, optional, requireFields, text, wholeFrom } from '../fields.js'
import { writeFileSafely } from '../io/files.js'
import type { Level } from './equations/rounding.js'
import { fuzz } from './fuzz.js'
import { commandText, LIMITS, shakeHands, type Connection, type Fault, type Limits } from './port/connection.js'
import { processConnection } from './port/process.js'
import {
  againCommand,
  caseText,
  closingText,
  conformJson,
  junit,
  painter,
  tap,
  type Circumstances,
  type Closing,
} from './report.js'
import { count as counted, exitStatus, newTally, record, runCases, STATUS, type Result } from './session.js'
import { speedOf } from './speed.js'
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
  /** cases whose id has this in it are left out, and the verdict says so */
  readonly skip: string | undefined
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

/** What a run does where nothing else is said. */
export const USUAL: Omit<Settings, 'command'> = {
  level: undefined,
  smoke: false,
  only: undefined,
  skip: undefined,
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
  skip: optional(text(1000)),
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

/** The cases that the settings ask for. */
export const chosenCases = ({ vectors, replay, only, smoke }: Omit<Settings, 'command'>): readonly Case[] => {
  const path = replay ?? vectors
  const all = path === undefined ? publishedCases() : readVectors(path)
  const named = only === undefined ? all : all.filter(({ id }) => id.includes(only))
  return smoke ? named.filter(({ topic }, i) => named.findIndex((other) => other.topic === topic) === i) : named
}

/** Whether not all of the published cases are put: a part cannot reach every equation. */
export const isPartial = ({ smoke, only, skip, vectors, replay }: Omit<Settings, 'command'>): boolean =>
  smoke || [only, skip, vectors, replay].some((choice) => choice !== undefined)

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
): Promise<number> => (await judgePort(given, output)).status

/** What a run of the kit came to; where hands were shaken, all that is known of the port. */
export interface Judgement {
  readonly status: number
  readonly of?: Circumstances
}

/** `conform`, with all that it found out. */
export const judgePort = async (given: Partial<Settings> & Pick<Settings, 'command'>, output: Output): Promise<Judgement> => {
  const settings = { ...USUAL, ...given }
  requireFields('UsageError', 'settings', settings, KINDS)
  requireFields('UsageError', 'settings.limits', settings.limits, LIMIT_KINDS)
  requireFields('UsageError', 'output', output, { print: callable, coloured: flag })
  const cases = chosenCases(settings)
  if (cases.length === 0) {
    output.print('no case has been chosen\n')
    return { status: STATUS.nothingRan }
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
): Promise<Judgement> => {
  const { command, replay, seed } = settings
  const paint = painter(coloured)
  const hello = await shakeHands(port)
  if ('fault' in hello) {
    print(`${paint('no handshake', 'red')} with ${commandText(command)}: ${faultText(hello.fault)}`)
    await port.close()
    return { status: STATUS.notStarted }
  }
  const { caps } = hello
  const level = settings.level ?? caps.level
  const tally = newTally()
  let told = 0
  const tell = (result: Result, which: string): void => {
    if (result.status === 'fail' && told++ < TOLD) print(`${caseText(paint, result, againCommand(which, command))}\n`)
  }
  const options = { level, now, until: settings.totalMs }
  const { skip } = settings
  const isSkipped = ({ id }: Case): boolean => skip !== undefined && id.includes(skip)
  await runCases(
    port,
    caps,
    cases.filter((one) => !isSkipped(one)),
    options,
    tally,
  )
  for (const { id, topic, why, equations } of cases.filter(isSkipped))
    record(tally, { id, topic, status: 'skip', failures: [], reason: `--skip ${skip}`, ms: 0, why, equations })
  tally.results.forEach((result, i) => (tally.results[i] = asKnown(settings.known, result)))
  for (const result of localisedFirst(tally.results)) tell(result, replay ? `--replay ${replay}` : `--only ${result.id}`)
  const wanted = replay ? 0 : settings.fuzz
  if (wanted > 0) print(`fuzzing ${wanted} cases, seed ${seed}\n`)
  const { cases: fuzzed, found } = await fuzz(port, caps, wanted, seed, options, tally)
  if (found) {
    if (found.file !== undefined) await writeFileSafely(settings.counterexample, found.file)
    tell(found.result, found.file === undefined ? `--fuzz ${fuzzed} --seed ${seed}` : `--replay ${settings.counterexample}`)
  }
  const seconds = now() / 1000
  const right = counted(tally.results, 'fail') === 0 && !isPartial(settings)
  const speed = right ? await speedOf(port, caps, now) : undefined
  const last = await port.close()
  if (last) tell(record(tally, { id: 'bye', topic: 'protocol', status: 'fail', failures: [last], ms: 0 }), '--only ')
  if (told > TOLD) print(`and ${told - TOLD} more failed cases\n\n`)
  const status = exitStatus(tally, caps, isPartial(settings))
  const closing: Closing = {
    hello,
    tally,
    level,
    status,
    seconds,
    ...(skip !== undefined && { skipped: skip }),
    ...(speed && { speed }),
  }
  print(closingText(paint, closing))
  const of = { ...closing, command, seed, fuzzed, hashes: publishedHashes() }
  await leaveFiles(settings, of)
  return { status, of }
}

const faultText = ({ what, hint, stderr }: Fault): string =>
  `${what}\n${hint ? `  hint: ${hint}\n` : ''}${stderr ? `  stderr: ${stderr.trim().split('\n').at(-1)}\n` : ''}`

const leaveFiles = async (settings: Settings, of: Circumstances): Promise<void> => {
  const { results } = of.tally
  const save = async (path: string | undefined, text: () => string): Promise<void> => {
    if (path !== undefined) await writeFileSafely(path, text())
  }
  await save(settings.junit, () => junit(results))
  await save(settings.tap, () => tap(results))
  await save(settings.report, () => conformJson(of))
}
