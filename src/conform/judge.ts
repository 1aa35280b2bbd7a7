/**
 * Local replay: each equation recomputed from the values that the port itself traced before it, and only that result
 * compared. Nothing accumulates, and one wrong equation accuses no other.
 */

import type { Matrix } from '../numeric/matrix.js'
import { compare, compareCopy, finding, shapeFinding, type Finding } from './compare.js'
import { courseTaken } from './course.js'
import { exactly, type Get } from './equations/exact.js'
import { carriesOf, rulesOf, type Rule } from './equations/graph.js'
import { looksLike } from './equations/misreadings.js'
import { sameShape, type Level } from './equations/rounding.js'
import type { StepAnswer } from './port/wire.js'
import type { Start } from './scenario.js'
import { spreadOf } from './spread.js'

/** What equations, or results, have shown. */
export interface Verdict {
  /** the worst error of each equation that was judged, in units */
  readonly worst: ReadonlyMap<string, number>
  /** equations that have a result that could be judged by itself */
  readonly reached: ReadonlySet<string>
  readonly bitExact: boolean
}

export interface StepVerdict extends Verdict {
  readonly findings: readonly Finding[]
  /** whether what is handed on is not what was traced: what comes after it is not judged from it */
  readonly strayed: boolean
}

/** How a port is judged. */
export interface Manner {
  /** every equation has to be in its trace */
  readonly full: boolean
  readonly level: Level
  /** it keeps 0.2.0, which says that nothing else is in a trace under the name of a result [pr-trace] */
  readonly strict: boolean
}

/** Raises the worst error of each equation. */
export const raise = (worst: Map<string, number>, more: Iterable<readonly [equation: string, units: number]>): void => {
  for (const [equation, units] of more) worst.set(equation, Math.max(worst.get(equation) ?? 0, units))
}

/** What is known of the values of a step while it is judged. */
interface Knowledge {
  /** what was given, and what the port traced */
  readonly known: Map<string, Matrix>
  /** names whose value is the kit's, as the port did not trace it: what is computed from them has errors added up */
  readonly assumed: Set<string>
  /** what should stand in the place of a result that was found wrong */
  readonly honest: Map<string, Matrix>
  /** results that were traced wrong, and used right */
  readonly usedRight: Set<string>
}

/** Reads the right value in place of one that was traced wrong; undefined where the rule reads none such. */
const honestGet = ({ reads }: Rule, { known, honest }: Knowledge): Get | undefined => {
  if (!Object.values(reads).some((name) => honest.has(name))) return undefined
  return (part) => honest.get(reads[part]!) ?? known.get(reads[part]!)!
}

/** Judges each equation of some rules in turn. */
const judgeRules = (
  start: Start,
  rules: readonly Rule[],
  { trace }: StepAnswer,
  { full, level }: Manner,
  knowledge: Knowledge,
) => {
  const { setting, given } = start
  const { known, assumed, honest, usedRight } = knowledge
  const findings: Finding[] = []
  const worst = new Map<string, number>()
  const reached = new Set<string>()
  let bitExact = true
  for (const rule of rules) {
    const names = Object.values(rule.reads)
    if (names.some((name) => !known.has(name))) continue
    const get: Get = (part) => known.get(rule.reads[part]!)!
    const expected = exactly(rule, get, setting)
    const got = trace.get(rule.id)
    known.set(rule.id, got && sameShape(expected, got) ? got : expected)
    if (!got) {
      if (full) findings.push(shapeFinding(rule.equation, rule.id, expected, got))
      else assumed.add(rule.id)
      continue
    }
    if (level === 'tol' && names.some((name) => assumed.has(name))) continue
    const compared = compare(rule, get, setting, expected, got, level)
    reached.add(rule.equation)
    bitExact &&= compared.bits
    if (compared.finding) {
      const other = honestGet(rule, knowledge)
      const right = other && exactly(rule, other, setting)
      if (right && !compare(rule, other!, setting, right, got, level).finding) {
        names.filter((name) => honest.has(name)).forEach((name) => usedRight.add(name))
        continue
      }
      honest.set(rule.id, right ?? expected)
      const evidence = () => ({ rule, setting, known: new Map([...given, ...trace]), got })
      findings.push({ ...compared.finding, looksLike: () => looksLike(evidence(), level) })
    }
    raise(worst, [[rule.equation, compared.worst]])
  }
  return { findings, worst, reached, bitExact }
}

const newKnowledge = ({ given }: Start): Knowledge => ({
  known: new Map(given),
  assumed: new Set(),
  honest: new Map(),
  usedRight: new Set(),
})

/** The rules of a step with O1 and O2 in the other order. */
const reordered = ({ setting: { config }, course }: Start): readonly Rule[] =>
  rulesOf({ ...config, clipOrder: config.clipOrder === 'clip-mean' ? 'mean-clip' : 'clip-mean' }, course)

const isReduced = ({ equation }: Finding): boolean => equation === 'O1' || equation === 'O2'

/** Where O1 and O2 are right in the other order, that alone is said. */
const inOtherOrder = (start: Start, answer: StepAnswer, manner: Manner, found: readonly Finding[]) => {
  if (!found.some(isReduced)) return undefined
  const knowledge = newKnowledge(start)
  const judged = judgeRules(start, reordered(start), answer, manner, knowledge)
  if (judged.findings.some(isReduced)) return undefined
  const { clipOrder } = start.setting.config
  const swapped = finding('wrong', 'O1', 'O1 and O2', `each is right in the other order than clipOrder has, ${clipOrder}`)
  return { judged: { ...judged, findings: [...judged.findings, swapped], bitExact: false }, knowledge }
}

/** Judges the tensors of one step of a port. */
export const judge = (given: Start, answer: StepAnswer, manner: Manner): StepVerdict => {
  const taken = courseTaken(given, answer, manner.full)
  const start = { ...given, course: taken.course }
  const { setting, course } = start
  const straight = newKnowledge(start)
  const inOrder = judgeRules(start, rulesOf(setting.config, course), answer, manner, straight)
  const { judged, knowledge } = inOtherOrder(start, answer, manner, inOrder.findings) ?? { judged: inOrder, knowledge: straight }
  const carried = judgeCarries(start, answer, manner, knowledge)
  const extra = unexpected(start, answer, manner)
  // a score that is not there is one thing, however many numbers it has
  const unscored = judged.findings.some(({ kind, name }) => kind === 'shape' && /^S\d\.loss$/.test(name))
  const told = judged.findings.filter(({ equation }) => !(unscored && equation === 'S4'))
  const noted = told.map((one) =>
    knowledge.usedRight.has(one.name) ? { ...one, note: 'traced wrong, used right: what is made from it is right' } : one,
  )
  const findings = [...taken.findings, ...noted, ...carried.findings, ...extra]
  return {
    findings,
    worst: judged.worst,
    reached: new Set([...judged.reached, ...carried.reached]),
    bitExact: judged.bitExact && findings.length === 0,
    strayed: carried.findings.length > 0 || taken.findings.length > 0,
  }
}

/** Judges what an answer hands on: copies of what was traced, or of what came in. */
const judgeCarries = (
  start: Start,
  { parts, trace }: StepAnswer,
  { level }: Manner,
  { known, assumed, honest, usedRight }: Knowledge,
) => {
  const findings: Finding[] = []
  const reached = new Set<string>()
  const spread = level === 'tol' && assumed.size > 0 ? spreadOf(start, trace) : undefined
  for (const [part, from, clause] of carriesOf(start.setting.config, start.course)) {
    const tolerance = assumed.has(from) ? spread?.get(from) : undefined
    // what a step was not given, because the port took it for another, has nothing to be compared with
    if (!known.has(from)) continue
    const found = compareCopy(clause, part, known.get(from)!, parts.get(part), level, tolerance)
    const right = found && honest.get(from)
    if (!found) reached.add(clause)
    else if (right && !compareCopy(clause, part, right, parts.get(part), level, undefined)) usedRight.add(from)
    // a value that the port never traced, and that is wrong at its end, is wrong somewhere on the way
    else findings.push(assumed.has(from) ? { ...found, what: 'not localised: trace more to learn which equation' } : found)
  }
  return { findings, reached }
}

/** Results in a trace that the step has not. */
const unexpected = ({ setting, course }: Start, { trace }: StepAnswer, { strict }: Manner): readonly Finding[] => {
  const known = new Set(rulesOf(setting.config, course).map(({ id }) => id))
  const name = strict ? [...trace.keys()].find((one) => !known.has(one)) : undefined
  if (name === undefined) return []
  const what = 'is in the trace, and this step of this configuration has no such result'
  return [finding('unexpected', name.slice(0, name.indexOf('.')), name, what)]
}

/** Judges one step of a port whole: its tensors, and that it counts time, keeps its key and adds no tensor. */
export const judgeStep = (start: Start, answer: StepAnswer, manner: Manner): StepVerdict => {
  const verdict = judge(start, answer, manner)
  // a port that took the step for another has another sum: that is said already
  const unknown = verdict.strayed && verdict.findings.some(({ name }) => name === 'the step') ? [] : unknownPart(start, answer)
  const more = [...unknown, ...timeFinding(start, answer)]
  return more.length > 0 ? { ...verdict, findings: [...verdict.findings, ...more], bitExact: false, strayed: true } : verdict
}

const unknownPart = ({ setting, course }: Start, { parts }: StepAnswer): readonly Finding[] => {
  const known = carriesOf(setting.config, course).map(([part]) => part)
  const part = [...parts.keys()].find((name) => !known.includes(name))
  if (part === undefined) return []
  const clause = part.startsWith('optimizer.sum') ? 'sq-update' : 'st-carried'
  return [finding('shape', clause, part, 'this tensor does not belong into the answer')]
}

const timeFinding = ({ setting: { t, key } }: Start, { situation }: StepAnswer): readonly Finding[] => {
  const wrong = (name: string, expected: unknown, got: unknown): readonly Finding[] => [
    finding('wrong', 'st-carried', name, `expected ${String(expected)}, got ${String(got)}`),
  ]
  if (situation.t !== t + 1) return wrong('state.t', t + 1, situation.t)
  return situation.key.join() === key.join() ? [] : wrong('state.key', key, situation.key)
}
