/**
 * Local replay: each equation recomputed from the values that the port itself traced before it, and only that result
 * compared. Nothing accumulates, and one wrong equation accuses no other.
 */

import { firstNonFinite, type Matrix } from '../numeric/matrix.js'
import { keyOf, uniform } from '../numeric/random.js'
import { boundsOf } from './equations/bounds.js'
import { exactly, type Get, type Setting } from './equations/exact.js'
import { carriesOf, rulesOf, type Rule } from './equations/graph.js'
import { looksLike } from './equations/misreadings.js'
import { sameShape, UNIT, unitsAt, type Level } from './equations/rounding.js'
import type { StepAnswer } from './port/wire.js'
import type { Start } from './scenario.js'

/** One result that is not what its inputs give. */
export interface Finding {
  readonly kind: 'wrong' | 'shape' | 'nonfinite'
  readonly equation: string
  /** the name in the trace, or the part of the answer */
  readonly name: string
  readonly row: number
  readonly col: number
  readonly expected: number
  readonly got: number
  /** in units of 2^-24 of the sum of the absolute terms; allowed so many */
  readonly units: number
  readonly allowed: number
  readonly what?: string
  /** the misreading that gives this result, where exactly one does */
  readonly looksLike?: () => string | undefined
}

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
}

/** Raises the worst error of each equation. */
export const raise = (worst: Map<string, number>, more: Iterable<readonly [equation: string, units: number]>): void => {
  for (const [equation, units] of more) worst.set(equation, Math.max(worst.get(equation) ?? 0, units))
}

/** About a whole result, or about what is no tensor. */
const finding = (kind: Finding['kind'], equation: string, name: string, what: string): Finding => {
  const nowhere = { row: 0, col: 0, expected: NaN, got: NaN }
  return { kind, equation, name, ...nowhere, units: Infinity, allowed: 0, what }
}

const shapeFinding = (equation: string, name: string, wanted: Matrix, got: Matrix | undefined): Finding => {
  const found = got ? `${got.rows} x ${got.cols}` : 'no such tensor'
  return finding('shape', equation, name, `expected ${wanted.rows} x ${wanted.cols}, got ${found}`)
}

const elementAt = (expected: Matrix, got: Matrix, i: number): Pick<Finding, 'row' | 'col' | 'expected' | 'got'> => ({
  row: Math.floor(i / got.cols),
  col: i % got.cols,
  expected: expected.data[i]!,
  got: got.data[i]!,
})

interface Comparison {
  readonly finding?: Finding
  readonly worst: number
  readonly bits: boolean
}

/** Compares a result with its equation; the finding is about the worst element. */
export const compare = (rule: Rule, get: Get, setting: Setting, expected: Matrix, got: Matrix, level: Level): Comparison => {
  const { id: name, equation } = rule
  if (!sameShape(expected, got)) return { finding: shapeFinding(equation, name, expected, got), worst: Infinity, bits: false }
  const differing = Array.from(expected.data, (_, i) => i).filter((i) => !Object.is(expected.data[i], got.data[i]))
  if (differing.length === 0) return { worst: 0, bits: true }
  const bounds = boundsOf(rule, get, setting)
  const units = differing.map((i) => unitsAt(bounds, i, got.data[i]!))
  const worst = Math.max(...units)
  if (level === 'tol' && worst <= bounds.allowed) return { worst, bits: false }
  const place = elementAt(expected, got, differing[units.indexOf(worst)]!)
  const kind = Number.isFinite(place.got) || !Number.isFinite(place.expected) ? 'wrong' : 'nonfinite'
  const allowed = level === 'bit' ? 0 : bounds.allowed
  return { finding: { kind, equation, name, ...place, units: worst, allowed }, worst, bits: false }
}

/** Where a part is a copy of a value, its bits are that value's; at the level `tol` -0 is +0. */
const compareCopy = (
  equation: string,
  name: string,
  expected: Matrix,
  got: Matrix | undefined,
  level: Level,
  spread: Float64Array | undefined,
): Finding | undefined => {
  if (!got || !sameShape(expected, got)) return shapeFinding(equation, name, expected, got)
  const near = (x: number, i: number): boolean =>
    spread !== undefined && Math.abs(x - got.data[i]!) <= spread[i]! + 2 ** -22 * Math.abs(x) + 2 ** -140
  const differs = (x: number, i: number): boolean =>
    level === 'bit' ? !Object.is(x, got.data[i]) : x !== got.data[i] && !near(x, i) && !Number.isNaN(x)
  const i = Array.from(expected.data).findIndex(differs)
  if (i < 0) return undefined
  const kind = firstNonFinite(got) && !firstNonFinite(expected) ? 'nonfinite' : 'wrong'
  return { kind, equation, name, ...elementAt(expected, got, i), units: Infinity, allowed: 0 }
}

/** Judges the tensors of one step of a port; `full` says that every equation has to be in its trace. */
export const judge = (start: Start, { parts, trace }: StepAnswer, full: boolean, level: Level): StepVerdict => {
  const { setting, course, given } = start
  const known = new Map(given)
  // names whose value is the kit's, as the port did not trace it: what is computed from them has errors added up
  const assumed = new Set<string>()
  const findings: Finding[] = []
  const worst = new Map<string, number>()
  const reached = new Set<string>()
  let bitExact = true
  for (const rule of rulesOf(setting.config, course)) {
    const names = Object.values(rule.reads)
    if (names.some((name) => !known.has(name))) continue
    const get: Get = (part) => known.get(rule.reads[part]!)!
    const expected = exactly(rule, get, setting)
    const got = trace.get(rule.id)
    known.set(rule.id, got && sameShape(expected, got) ? got : expected)
    if (!got) {
      if (full) findings.push(shapeFinding(rule.equation, rule.id, expected, got))
      else assumed.add(rule.id)
    } else if (level === 'bit' || !names.some((name) => assumed.has(name))) {
      const compared = compare(rule, get, setting, expected, got, level)
      reached.add(rule.equation)
      bitExact &&= compared.bits
      raise(worst, [[rule.equation, compared.worst]])
      const evidence = () => ({ rule, setting, known: new Map([...given, ...trace]), got })
      if (compared.finding) findings.push({ ...compared.finding, looksLike: () => looksLike(evidence(), level) })
    }
  }
  const spread = level === 'tol' && assumed.size > 0 ? spreadOf(start, trace) : undefined
  for (const [part, from, clause] of carriesOf(setting.config, course)) {
    const tolerance = assumed.has(from) ? spread?.get(from) : undefined
    const found = compareCopy(clause, part, known.get(from)!, parts.get(part), level, tolerance)
    if (!found) reached.add(clause)
    // a value that the port never traced, and that is wrong at its end, is wrong somewhere on the way
    else findings.push(assumed.has(from) ? { ...found, what: 'not localised: trace more to learn which equation' } : found)
    bitExact &&= !found
  }
  return { findings, worst, reached, bitExact }
}

/** Judges one step of a port whole: its tensors, and that it counts time, keeps its key and adds no tensor. */
export const judgeStep = (start: Start, answer: StepAnswer, full: boolean, level: Level): StepVerdict => {
  const verdict = judge(start, answer, full, level)
  const more = [...unknownPart(start, answer), ...timeFinding(start, answer)]
  return more.length > 0 ? { ...verdict, findings: [...verdict.findings, ...more], bitExact: false } : verdict
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

const [RUNS, MARGIN] = [12, 8]

/**
 * For ports that do not trace everything: how far each value may be from the kit's, where errors have added up on the way.
 *
 * The step is evaluated several times, each result moved at random within what its own equation allows; how far the
 * values come apart, with a margin, is the tolerance. Wider than a judgement of each equation, and it localises nothing.
 */
const spreadOf = (start: Start, trace: ReadonlyMap<string, Matrix>): ReadonlyMap<string, Float64Array> => {
  const { setting, course } = start
  const rules = rulesOf(setting.config, course)
  const spread = new Map<string, Float64Array>()
  // adam and rmsprop divide an update by its own size, so that an update of nothing but rounding errors moves a weight
  // as far as any: without a trace these weights cannot be judged
  const normalises = setting.config.optimizer === 'adam' || setting.config.optimizer === 'rmsprop'
  const unbounded = new Set(
    normalises ? rules.filter(({ kind }) => kind === 'move' || kind === 'project').map(({ id }) => id) : [],
  )
  const centre = evaluate(rules, start, trace, () => 0)
  for (let run = 0; run < RUNS; run++) {
    const key = keyOf(run)
    let drawn = 0
    const moved = evaluate(rules, start, trace, () => 2 * uniform(key, drawn++) - 1)
    for (const [name, value] of moved) {
      const widest = spread.get(name) ?? new Float64Array(value.data.length)
      if (unbounded.has(name)) widest.fill(Infinity)
      widest.forEach((width, i) => (widest[i] = Math.max(width, MARGIN * Math.abs(value.data[i]! - centre.get(name)!.data[i]!))))
      spread.set(name, widest)
    }
  }
  return spread
}

/** All results of a step, each moved by a part of what is allowed to it. What is traced goes on as it was traced. */
const evaluate = (
  rules: readonly Rule[],
  { setting, given }: Start,
  trace: ReadonlyMap<string, Matrix>,
  draw: () => number,
): ReadonlyMap<string, Matrix> => {
  const known = new Map(given)
  const made = new Map<string, Matrix>()
  for (const rule of rules) {
    const get: Get = (part) => known.get(rule.reads[part]!)!
    const value = exactly(rule, get, setting)
    const { scale, allowed } = boundsOf(rule, get, setting)
    const most = Math.min(allowed, 2 ** 23)
    const moved = (x: number, i: number): number =>
      x + Math.max(-1, Math.min(1, draw())) * most * UNIT * Math.min(scale.data[i]!, 2 ** 100)
    made.set(rule.id, { ...value, data: Float32Array.from(value.data, moved) })
    known.set(rule.id, trace.get(rule.id) ?? made.get(rule.id)!)
  }
  return made
}
