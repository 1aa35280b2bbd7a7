/** One scenario, or one request, put to a port: what it answers, judged, and who is to blame. */

import type { Matrix } from '../numeric/matrix.js'
import { finding, type Finding } from './compare.js'
import { carriesOf, rulesOf } from './equations/graph.js'
import { sameBits, type Level } from './equations/rounding.js'
import { judgeStep, raise, type Manner, type StepVerdict, type Verdict } from './judge.js'
import { request, stepsOf, type Connection, type Fault } from './port/connection.js'
import { PROBES } from './probe.js'
import { encodeScenario, readRefusal, type Caps, type Refusal, type StepAnswer } from './port/wire.js'
import { startOf, type Scenario, type Situation, type Start } from './scenario.js'

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
  /** what was answered, to be compared with that of a second time */
  readonly answers: readonly StepAnswer[]
}

export const outcomeOf = (failures: readonly Failure[]): CaseOutcome => ({
  failures,
  answers: [],
  worst: new Map(),
  reached: new Set(),
  bitExact: failures.length === 0,
})

export const failed = (failure: Failure): CaseOutcome => outcomeOf([failure])

const told = ({ equation, name, kind, what }: Finding): string =>
  what ? `${name}: ${what}` : `${name} of ${equation} is ${kind === 'nonfinite' ? 'not finite' : 'wrong'}`

export const failureOf = (found: Finding, step?: number): Failure => ({
  kind: found.kind,
  equation: found.equation,
  ...(step !== undefined && { step }),
  finding: found,
  what: told(found),
})

const mannerOf = (caps: Caps, level: Level): Manner => ({
  full: caps.trace === 'full',
  level,
  strict: caps.specs.includes('0.2.0'),
})

/** A step put by itself, or its beginning too, as a request of its own. */
interface Alone {
  readonly right: boolean
  readonly failures: readonly Failure[]
}

const putAlone = async (port: Connection, scenario: Scenario, caps: Caps, level: Level): Promise<Alone> => {
  const { steps, fault } = await stepsOf(port, scenario, caps)
  const [input] = scenario.inputs
  const verdict = steps[0] && judgeStep(startOf(scenario, scenario.from, input!), steps[0], mannerOf(caps, level))
  const failures = [...(verdict?.findings.map((one) => failureOf(one)) ?? []), ...(fault ? [fault] : [])]
  return { right: failures.length === 0, failures }
}

/** The step with a sequence that has begun already, in place of its beginning. */
const begunAlready = (scenario: Scenario, start: Start, i: number): Scenario => {
  const { begin: _, ...input } = scenario.inputs[i]!
  return { ...scenario, from: start.from, inputs: [input] }
}

/**
 * Who is to blame for a wrong step: where the same step is right by itself, it was what the run carried to it; where it
 * is right from the state that its beginning should give, it was the beginning. Else what was found stands.
 */
const blame = async (
  port: Connection,
  scenario: Scenario,
  caps: Caps,
  level: Level,
  { start, before, i }: { readonly start: Start; readonly before: Situation; readonly i: number },
  found: readonly Failure[],
): Promise<readonly Failure[]> => {
  const input = scenario.inputs[i]!
  const first = found[0]!
  const was = (clause: string, what: string): readonly Failure[] => [
    { ...failureOf(finding('wrong', clause, 'the step', `${what} (at first ${first.equation ?? first.kind} was wrong)`), i) },
  ]
  if (i > 0) {
    const alone = await putAlone(port, { ...scenario, from: before, inputs: [input] }, caps, level)
    if (alone.right)
      return input.begin
        ? was('sq-start', 'the beginning of a sequence within a run is not what it is by itself')
        : was('st-carried', 'the run goes on from another state than it says; by itself the step is right')
  }
  if (input.begin) {
    const begun = await putAlone(port, begunAlready(scenario, start, i), caps, level)
    if (begun.right) return was('sq-start', 'from the state of [st-start] and this key the step is right, with "begin" it is not')
  }
  return found
}

/** A refusal with its likely clause: what the port answers once it is made usual. */
const likely = async (port: Connection, scenario: Scenario, caps: Caps, refused: Fault): Promise<Failure> => {
  for (const { what, clause, usual } of PROBES) {
    const other = usual(scenario)
    if (!other || (await stepsOf(port, other, caps)).fault) continue
    return { ...refused, equation: clause, hint: `without ${what} the port answers; see [${clause}]` }
  }
  const { length } = JSON.stringify(encodeScenario(scenario))
  return length > LONG
    ? { ...refused, equation: 'pr-lines', hint: `the line has ${length} bytes; [pr-lines] allows 8 MiB` }
    : refused
}

/** Longer than what many a buffer holds. */
const LONG = 2 ** 15

/** A run that was refused, step by step: the first step that is wrong by itself, or the refusal. */
const whereRefused = async (
  port: Connection,
  scenario: Scenario,
  caps: Caps,
  level: Level,
  fault: Fault,
): Promise<readonly Failure[]> => {
  const { inputs } = scenario
  let { from } = scenario
  for (const [i, input] of inputs.entries()) {
    const one = { ...scenario, from, inputs: [input] }
    const start = startOf(one, from, input)
    const { steps, fault: again } = await stepsOf(port, one, caps)
    const [answer] = steps
    const found = answer ? judgeStep(start, answer, mannerOf(caps, level)).findings.map((f) => failureOf(f, i)) : []
    if (again?.kind === 'refused' && again.equation === undefined && found.length === 0 && !input.begin)
      return [{ ...(await likely(port, one, caps, again)), step: i }]
    if (again || found.length > 0) {
      const failures = [...found, ...(again ? [{ ...again, step: i }] : [])]
      return blame(port, scenario, caps, level, { start, before: from, i: input.begin ? i : 0 }, failures)
    }
    from = answer!.situation
  }
  return [{ ...fault, equation: fault.equation ?? 'pr-requests', hint: 'each step by itself is answered, and right' }]
}

/** What a step has to answer, where that is known. */
export type Known = Pick<StepAnswer, 'parts' | 'trace'>

const sameTensors = (a: ReadonlyMap<string, Matrix>, b: ReadonlyMap<string, Matrix>): boolean => {
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (!b.has(name) || !sameBits(value, b.get(name)!)) return false
  return true
}

/**
 * Whether a port said the same twice: the same bits under the same names. The order of names, names of its own and words for
 * people may be others each time. [pr-lines]
 */
export const sameAnswers = (first: readonly StepAnswer[], again: readonly StepAnswer[]): boolean =>
  first.length === again.length &&
  first.every(({ parts, trace }, i) => sameTensors(parts, again[i]!.parts) && sameTensors(trace, again[i]!.trace))

/** The verdict on an answer that is known to be right to the bit: there is nothing to recompute. */
const rightAway = ({ setting, course }: Start, answer: StepAnswer, known: Known | undefined): StepVerdict | undefined => {
  const { t, key } = answer.situation
  if (!known || t !== setting.t + 1 || key.join() !== setting.key.join()) return undefined
  if (!sameTensors(known.parts, answer.parts) || !sameTensors(known.trace, answer.trace)) return undefined
  const equations = rulesOf(setting.config, course).map(({ equation }) => equation)
  const clauses = carriesOf(setting.config, course).map(([, , clause]) => clause)
  const worst = new Map(equations.map((equation) => [equation, 0]))
  return { findings: [], worst, reached: new Set([...equations, ...clauses]), bitExact: true, strayed: false }
}

/**
 * Puts a scenario to a port, and judges each step from what the port itself had before it: the failures step after step.
 * What it has to answer to the bit may be given.
 */
export const putScenario = async (
  port: Connection,
  scenario: Scenario,
  caps: Caps,
  level: Level,
  known: readonly Known[] = [],
): Promise<CaseOutcome> => {
  const { steps, fault } = await stepsOf(port, scenario, caps)
  const verdicts: StepVerdict[] = []
  const failures: Failure[] = []
  let before = scenario.from
  for (const [i, answer] of steps.entries()) {
    const start = startOf(scenario, before, scenario.inputs[i]!)
    const verdict = rightAway(start, answer, known[i]) ?? judgeStep(start, answer, mannerOf(caps, level))
    verdicts.push(verdict)
    const found = verdict.findings.map((one) => failureOf(one, i))
    if (found.length > 0) failures.push(...(await blame(port, scenario, caps, level, { start, before, i }, found)))
    // what follows a wrong state is not judged from it
    if (verdict.strayed || failures.some(({ finding: one }) => one?.name === 'the step')) break
    before = answer.situation
  }
  if (fault?.kind === 'refused' && steps.length === 0 && failures.length === 0)
    failures.push(...(await whereRefused(port, scenario, caps, level, fault)))
  else if (fault) failures.push(fault)
  return summed(failures, verdicts, steps)
}

const summed = (failures: readonly Failure[], verdicts: readonly StepVerdict[], answers: readonly StepAnswer[]): CaseOutcome => {
  const worst = new Map<string, number>()
  for (const verdict of verdicts) raise(worst, verdict.worst)
  return {
    failures,
    worst,
    reached: new Set(verdicts.flatMap(({ reached }) => [...reached])),
    bitExact: failures.length === 0 && verdicts.every(({ bitExact }) => bitExact),
    answers,
  }
}

const placeOf = ({ kind, equation, layer }: Refusal): string =>
  [kind, equation, layer].filter((part) => part !== undefined).join(' ')

/** Puts a request that has to be refused; `clause` says why. */
export const putRefused = async (port: Connection, body: object, expected: Refusal, clause?: string): Promise<CaseOutcome> => {
  const answer = await request(port, body)
  const equation = expected.equation ? 'ar-finite' : clause
  const named = equation === undefined ? {} : { equation }
  if ('fault' in answer) return failed(answer.fault)
  if (answer.fields['ok'] === true)
    return failed({ kind: 'accepted', what: `expected a refusal, kind ${placeOf(expected)}, got an answer`, ...named })
  try {
    const [wanted, got] = [expected, readRefusal(answer.fields)].map(placeOf)
    if (wanted === got) return outcomeOf([])
    // refused it was, and only called by another name
    const misnamed = expected.equation === undefined ? { equation: 'pr-answers' } : named
    return failed({ kind: 'refused', what: `expected the refusal ${wanted}, got ${got}`, ...misnamed })
  } catch (error) {
    return failed({ kind: 'protocol', what: (error as Error).message })
  }
}
