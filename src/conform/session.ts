/** Cases put to a port, one after another, each judged, and what all of them say together. */

import { EQUATIONS } from './equations/graph.js'
import type { Level } from './equations/rounding.js'
import { raise } from './judge.js'
import { putPart } from './parts/put.js'
import type { Connection } from './port/connection.js'
import { putEquations, putUnits } from './asking.js'
import type { Caps, StepAnswer } from './port/wire.js'
import { underClause, UNTRACED } from './oddities.js'
import { failed, putRefused, putScenario, sameAnswers, type CaseOutcome, type Failure } from './put.js'
import { startsOf, type Scenario } from './scenario.js'
import type { Case } from './case.js'
import { lacking } from './vectors.js'

export interface Result {
  readonly id: string
  readonly topic: string
  readonly status: 'pass' | 'fail' | 'skip' | 'not run'
  readonly failures: readonly Failure[]
  /** why it was left out */
  readonly reason?: string
  readonly ms: number
  readonly why?: string
  /** what its case is about */
  readonly equations?: readonly string[]
}

/** What all results together say. */
export interface Tally {
  readonly results: Result[]
  readonly worst: Map<string, number>
  readonly reached: Set<string>
  bitExact: boolean
}

export const newTally = (): Tally => ({ results: [], worst: new Map(), reached: new Set(), bitExact: true })

export const record = (tally: Tally, result: Result, outcome?: CaseOutcome): Result => {
  tally.results.push(result)
  if (outcome) {
    tally.bitExact &&= outcome.bitExact
    for (const equation of outcome.reached) tally.reached.add(equation)
    raise(tally.worst, outcome.worst)
  }
  return result
}

export const count = (results: readonly Result[], status: Result['status']): number =>
  results.filter((result) => result.status === status).length

/** Every so many cases the same question is asked twice. */
const TWICE_EVERY = 8

const putCase = (
  port: Connection,
  { expect, request: body, scenario, equations }: Case,
  caps: Caps,
  level: Level,
): Promise<CaseOutcome> =>
  'refusal' in expect
    ? putRefused(port, body, expect.refusal, equations[0])
    : 'answer' in expect
      ? putPart(port, body, expect.answer, level)
      : putAndAsk(port, scenario!, expect.steps, caps, level)

/** A case; where that is right once more without a trace, and then each of its results by itself. */
const putAndAsk = async (
  port: Connection,
  scenario: Scenario,
  steps: readonly StepAnswer[],
  caps: Caps,
  level: Level,
): Promise<CaseOutcome> => {
  const outcome = await putScenario(port, scenario, caps, level, steps)
  const wrong = (failures: readonly Failure[]): CaseOutcome => ({ ...outcome, failures, bitExact: false })
  if (outcome.failures.length > 0) return outcome
  if (caps.trace !== 'none') {
    const { failures } = await putScenario(port, scenario, { ...caps, trace: 'none' }, level, steps)
    if (failures.length > 0) return wrong(failures.map((one) => underClause(one, UNTRACED)))
  }
  if (!caps.ops.includes('equation')) return outcome
  const starts = startsOf(scenario, steps)
  for (const [i, start] of starts.entries()) {
    const failures = await putEquations(port, { start, trace: steps[i]!.trace }, level)
    if (failures.length > 0) return wrong(failures)
  }
  if (!caps.specs.includes('0.2.0')) return outcome
  const failures = await putUnits(port, { start: starts[0]!, trace: steps[0]!.trace }, level)
  return failures.length > 0 ? wrong(failures) : outcome
}

const putTwice = async (port: Connection, one: Case, caps: Caps, level: Level): Promise<CaseOutcome> => {
  const first = await putCase(port, one, caps, level)
  if (first.failures.length > 0) return first
  const again = await putCase(port, one, caps, level)
  return again.failures.length > 0 || sameAnswers(first.answers, again.answers)
    ? again
    : failed({ kind: 'nondeterministic', what: 'the same request was answered twice, and differently' })
}

export interface SessionOptions {
  readonly level: Level
  /** milliseconds since some moment */
  readonly now: () => number
  /** when to stop, by `now` */
  readonly until: number
}

/** Puts all cases, in their order; none is left out without a word. */
export const runCases = async (
  port: Connection,
  caps: Caps,
  cases: readonly Case[],
  { level, now, until }: SessionOptions,
  tally: Tally,
): Promise<void> => {
  for (const [i, one] of cases.entries()) {
    const { id, topic, why, equations } = one
    const start = now()
    const lacks = lacking(one, caps)
    if (lacks || start > until) {
      const reason = lacks ? `the port has no ${lacks}` : 'the time was up'
      record(tally, { id, topic, status: lacks ? 'skip' : 'not run', failures: [], reason, ms: 0, why })
      continue
    }
    const outcome = await (i % TWICE_EVERY === 0 ? putTwice : putCase)(port, one, caps, level)
    const { failures } = outcome
    record(
      tally,
      { id, topic, status: failures.length > 0 ? 'fail' : 'pass', failures, ms: now() - start, why, equations },
      outcome,
    )
  }
}

/** Equations that a port has to reach: all but the scores, which depend on its outputs, and what came after its specification. */
const requiredOf = ({ specs }: Caps): readonly string[] => [
  ...EQUATIONS.filter((equation) => !equation.startsWith('S') && (equation !== 'O5' || specs.includes('0.2.0'))),
  'st-carried',
]

export const unreached = (tally: Tally, caps: Caps): readonly string[] =>
  requiredOf(caps).filter((equation) => !tally.reached.has(equation))

/** What the exit status of a run says. [pr-verdict] */
export const STATUS = { conforms: 0, failures: 1, usage: 2, notStarted: 3, nothingRan: 4, kitFault: 5 } as const

/** What a whole run comes to; `partial` says that it had a part of the cases, which cannot reach every equation. */
export const exitStatus = (tally: Tally, caps: Caps, partial: boolean): number => {
  const { results } = tally
  if (count(results, 'fail') > 0) return STATUS.failures
  if (count(results, 'pass') === 0 || count(results, 'not run') > 0) return STATUS.nothingRan
  return !partial && caps.trace === 'full' && unreached(tally, caps).length > 0 ? STATUS.nothingRan : STATUS.conforms
}
