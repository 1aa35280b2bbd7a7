/** Cases put to a port, one after another, each judged, and what all of them say together. */

import { putAlone } from './alone.js'
import { EQUATIONS, type Rule } from './equations/graph.js'
import type { Level } from './equations/rounding.js'
import { judgeStep, raise, type Finding, type Verdict } from './judge.js'
import { request, stepsOf, type Connection, type Fault } from './port/connection.js'
import { readRefusal, type Caps, type Refusal } from './port/wire.js'
import { runScenario } from './reference.js'
import { startsOf, type Scenario } from './scenario.js'
import { lacking, type Case } from './vectors.js'

/** One thing that a port did wrong. */
export interface Failure {
  readonly kind: Finding['kind'] | Fault['kind'] | 'accepted'
  /** the clause of SPEC.md, where the failure is one of an equation */
  readonly equation?: string
  /** the step of a run */
  readonly step?: number
  readonly finding?: Finding
  readonly what: string
  readonly hint?: string
  readonly stderr?: string
}

export interface CaseOutcome extends Verdict {
  readonly failures: readonly Failure[]
  /** the answers as they came, to be compared with those of a second time */
  readonly raw: string
}

const outcomeOf = (failures: readonly Failure[], raw = ''): CaseOutcome => ({
  failures,
  raw,
  worst: new Map(),
  reached: new Set(),
  bitExact: failures.length === 0,
})

export const failed = (failure: Failure): CaseOutcome => outcomeOf([failure])

const told = ({ equation, name, kind, what }: Finding): string =>
  what ? `${name}: ${what}` : `${name} of ${equation} is ${kind === 'nonfinite' ? 'not finite' : 'wrong'}`

/** Which results of a step are asked for alone, of a port that answers `equation`: of all steps, or of one by chance. */
export type Choice = (step: number, rules: readonly Rule[]) => readonly Rule[]
const ALL: Choice = (_, rules) => rules

/** The first result that is wrong where it is asked for alone. */
const aloneOf = async (port: Connection, scenario: Scenario, level: Level, choice: Choice): Promise<Failure | undefined> => {
  // from the values of the reference: each step begins with what the one before left
  const { steps } = runScenario(scenario)
  const starts = startsOf(scenario, steps)
  for (const [step, start] of starts.entries()) {
    const wrong = await putAlone(port, start, level, (rules) => choice(step, rules))
    if (!wrong) continue
    if ('fault' in wrong) return { ...wrong.fault, step, ...(wrong.equation && { equation: wrong.equation }) }
    const { finding } = wrong
    return { kind: finding.kind, equation: finding.equation, step, finding, what: told(finding) }
  }
  return undefined
}

/** Puts a scenario to a port, and judges each step from what the port itself had before it: the failures step after step. */
export const putScenario = async (
  port: Connection,
  scenario: Scenario,
  caps: Caps,
  level: Level,
  choice: Choice = ALL,
): Promise<CaseOutcome> => {
  const { steps, raw, fault } = await stepsOf(port, scenario, caps)
  const verdicts = startsOf(scenario, steps).map((start, i) => judgeStep(start, steps[i]!, caps.trace === 'full', level))
  const failures = verdicts.flatMap(({ findings }, step) =>
    findings.map((finding): Failure => ({ kind: finding.kind, equation: finding.equation, step, finding, what: told(finding) })),
  )
  const right = failures.length === 0 && !fault
  const alone = right && caps.ops.includes('equation') ? await aloneOf(port, scenario, level, choice) : undefined
  const worst = new Map<string, number>()
  for (const verdict of verdicts) raise(worst, verdict.worst)
  return {
    failures: [...failures, ...(fault ? [fault] : []), ...(alone ? [alone] : [])],
    worst,
    reached: new Set(verdicts.flatMap(({ reached }) => [...reached])),
    bitExact: right && !alone && verdicts.every(({ bitExact }) => bitExact),
    raw,
  }
}

const placeOf = ({ kind, equation, layer }: Refusal): string =>
  [kind, equation, layer].filter((part) => part !== undefined).join(' ')

/** Puts a request that has to be refused. */
export const putRefused = async (port: Connection, body: object, expected: Refusal): Promise<CaseOutcome> => {
  const answer = await request(port, body)
  if ('fault' in answer) return failed(answer.fault)
  if (answer.fields['ok'] === true)
    return failed({ kind: 'accepted', what: `expected a refusal, kind ${expected.kind}, got an answer` })
  try {
    const [wanted, got] = [expected, readRefusal(answer.fields)].map(placeOf)
    if (wanted === got) return outcomeOf([], answer.raw)
    const what = `expected the refusal ${wanted}, got ${got}`
    return failed({ kind: 'refused', what, ...(expected.equation && { equation: 'ar-finite' }) })
  } catch (error) {
    return failed({ kind: 'protocol', what: (error as Error).message })
  }
}

export interface Result {
  readonly id: string
  readonly topic: string
  readonly status: 'pass' | 'fail' | 'skip' | 'not run'
  readonly failures: readonly Failure[]
  /** why it was left out */
  readonly reason?: string
  readonly ms: number
  readonly why?: string
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

const putCase = (port: Connection, { expect, request: body, scenario }: Case, caps: Caps, level: Level): Promise<CaseOutcome> =>
  'refusal' in expect ? putRefused(port, body, expect.refusal) : putScenario(port, scenario!, caps, level)

const putTwice = async (port: Connection, one: Case, caps: Caps, level: Level): Promise<CaseOutcome> => {
  const first = await putCase(port, one, caps, level)
  if (first.failures.length > 0) return first
  const again = await putCase(port, one, caps, level)
  return again.failures.length > 0 || again.raw === first.raw
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
    const { id, topic, why } = one
    const start = now()
    const lacks = lacking(one, caps)
    if (lacks || start > until) {
      const reason = lacks ? `the port has no ${lacks}` : 'the time was up'
      record(tally, { id, topic, status: lacks ? 'skip' : 'not run', failures: [], reason, ms: 0, why })
      continue
    }
    const outcome = await (i % TWICE_EVERY === 0 ? putTwice : putCase)(port, one, caps, level)
    const { failures } = outcome
    record(tally, { id, topic, status: failures.length > 0 ? 'fail' : 'pass', failures, ms: now() - start, why }, outcome)
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
