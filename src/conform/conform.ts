/** One run of the kit, from the first word of a port to the exit status. */

import { writeFileSafely } from '../io/files.js'
import { keyOf } from '../numeric/random.js'
import { failed, putScenario, type Caps, type Failure } from './client.js'
import { commandText, type Connection, type Limits } from './connection.js'
import { counterexample } from './counterexample.js'
import { conformJson, junit, tap } from './formats.js'
import { randomScenario } from './generate.js'
import { processConnection } from './harness.js'
import type { Level } from './judge.js'
import { againCommand, caseText, closingText, painter, type Closing } from './report.js'
import { isCulprit, runScenario } from './serve.js'
import {
  exitStatus,
  newTally,
  record,
  runCases,
  shakeHands,
  STATUS,
  type Hello,
  type Result,
  type SessionOptions,
  type Tally,
} from './session.js'
import { shrink } from './shrink.js'
import type { Scenario } from './situation.js'
import { publishedCases, publishedFiles, readVectors, type Case } from './vectors.js'

export interface Settings {
  readonly command: readonly string[]
  readonly level: Level | undefined
  readonly smoke: boolean
  readonly only: string | undefined
  readonly vectors: string | undefined
  readonly replay: string | undefined
  readonly fuzz: number
  readonly seed: number
  readonly counterexample: string
  readonly junit: string | undefined
  readonly tap: string | undefined
  readonly report: string | undefined
  readonly known: ReadonlySet<string>
  readonly limits: Limits
  readonly totalMs: number
}

export interface Output {
  readonly print: (text: string) => void
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
  return {
    ...result,
    status: 'fail',
    failures: [{ kind: 'accepted', what: 'is known to fail, and passes; take it off the list' }],
  }
}

/** How many failed cases are told at length. */
const TOLD = 12

/** Runs the kit, prints what it finds, leaves the files asked for, and gives the exit status. [pr-verdict] */
export const conform = async (settings: Settings, { print, coloured }: Output): Promise<number> => {
  const cases = chosenCases(settings)
  if (cases.length === 0) {
    print('no case has been chosen\n')
    return STATUS.nothingRan
  }
  const begin = performance.now()
  const now = (): number => performance.now() - begin
  const paint = painter(coloured)
  const port = processConnection(settings.command, settings.limits)
  const hello = await shakeHands(port)
  if ('failure' in hello) {
    const { what, hint, stderr } = hello.failure
    print(
      `${paint('no handshake', 'red')} with ${commandText(settings.command)}: ${what}\n${hint ? `  hint: ${hint}\n` : ''}${stderr ? `  stderr: ${stderr.trim().split('\n').at(-1)}\n` : ''}`,
    )
    await port.close()
    return STATUS.notStarted
  }
  const level = settings.level ?? hello.caps.level
  const tally = newTally()
  let told = 0
  const tell = (result: Result, again: string): void => {
    if (result.status === 'fail' && told++ < TOLD) print(`${caseText(paint, result, again)}\n`)
  }
  const options: SessionOptions = { level, now, until: settings.totalMs }
  await runCases(port, hello.caps, cases, options, tally)
  tally.results.forEach((result, i) => {
    tally.results[i] = asKnown(settings.known, result)
    tell(
      tally.results[i]!,
      settings.replay ? replayCommand(settings, settings.replay) : againCommand(result.id, settings.command),
    )
  })
  const fuzzed = settings.replay
    ? 0
    : await fuzz(port, hello, settings, options, tally, print, (result) =>
        tell(result, replayCommand(settings, settings.counterexample)),
      )
  const last = await port.close()
  if (last)
    tell(
      record(tally, { id: 'bye', topic: 'protocol', status: 'fail', failures: [last], ms: 0 }),
      againCommand('', settings.command),
    )
  if (told > TOLD) print(`and ${told - TOLD} more failed cases\n\n`)
  const partial = settings.smoke || settings.only !== undefined || settings.vectors !== undefined || settings.replay !== undefined
  const full = exitStatus(tally, hello.caps)
  // a part of the cases cannot reach everything
  const status =
    partial &&
    full === STATUS.nothingRan &&
    tally.results.every((result) => result.status !== 'not run') &&
    tally.results.some((result) => result.status === 'pass')
      ? STATUS.conforms
      : full
  const closing: Closing = { hello, tally, level, status, seconds: now() / 1000 }
  print(closingText(paint, closing))
  await leaveFiles(settings, closing, fuzzed)
  return status
}

const replayCommand = ({ command }: Settings, file: string): string => `ptncn conform --replay ${file} -- ${commandText(command)}`

const leaveFiles = async (settings: Settings, closing: Closing, fuzzed: number): Promise<void> => {
  const { results } = closing.tally
  if (settings.junit !== undefined) await writeFileSafely(settings.junit, junit(results))
  if (settings.tap !== undefined) await writeFileSafely(settings.tap, tap(results))
  if (settings.report === undefined) return
  const { command, seed } = settings
  await writeFileSafely(settings.report, conformJson({ ...closing, command, seed, fuzzed, files: publishedFiles() }))
}

/** Random cases until one fails, which is then made smaller and kept. Gives how many were put. */
const fuzz = async (
  port: Connection,
  { caps }: Hello,
  settings: Settings,
  options: SessionOptions,
  tally: Tally,
  print: (text: string) => void,
  tell: (result: Result) => void,
): Promise<number> => {
  if (settings.fuzz === 0) return 0
  print(`fuzzing ${settings.fuzz} cases, seed ${settings.seed}\n`)
  const key = keyOf(settings.seed)
  for (let i = 0; i < settings.fuzz; i++) {
    const id = `fuzz-${settings.seed}-${i}`
    const start = options.now()
    if (start > options.until) {
      record(tally, { id, topic: 'fuzz', status: 'not run', failures: [], reason: 'the time was up', ms: 0 })
      return i
    }
    const scenario = randomScenario(key, i, caps)
    const outcome = await putScenario(port, scenario, caps, options.level)
    const [first] = outcome.failures
    if (first) {
      const smaller = await smallest(port, scenario, first, caps, options)
      await writeFileSafely(settings.counterexample, counterexample(smaller.scenario, id, smaller.failure))
      tell(
        record(
          tally,
          { id, topic: 'fuzz', status: 'fail', failures: [smaller.failure], ms: options.now() - start },
          failed(first),
        ),
      )
      return i + 1
    }
    record(tally, { id, topic: 'fuzz', status: 'pass', failures: [], ms: options.now() - start }, outcome)
  }
  return settings.fuzz
}

/** The smallest scenario in which the same equation fails in the same way. */
export const smallest = (
  port: Connection,
  scenario: Scenario,
  first: Failure,
  caps: Caps,
  { level, now }: Pick<SessionOptions, 'level' | 'now'>,
): Promise<{ readonly scenario: Scenario; readonly failure: Failure; readonly requests: number }> =>
  shrink(
    scenario,
    first,
    async (candidate) => {
      if (runScenario(candidate).some(isCulprit)) return undefined
      return (await putScenario(port, candidate, caps, level)).failures[0]
    },
    now,
  )
