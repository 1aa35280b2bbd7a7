/**
 * Local replay: each equation recomputed from the values that the port itself traced before it, and only that result
 * compared. Nothing accumulates, and one wrong equation accuses no other.
 */

import { firstNonFinite, type Matrix } from '../numeric/matrix.js'
import { boundsOf } from './bounds.js'
import { unitsAt } from './bound.js'
import { looksLike } from './catalogue.js'
import { exactly, type Get, type Setting } from './exact.js'
import { carriesOf, rulesOf, type Course, type Rule } from './rules.js'
import { spreadOf } from './spread.js'

export type Level = 'tol' | 'bit'

/** What a step was given, by the names of ./rules.ts, and what it did. */
export interface Asked {
  readonly setting: Setting
  readonly course: Course
  readonly given: ReadonlyMap<string, Matrix>
}

/** The parts of an answer (`out`, `state.y_1`, `weights.W_1`) and its trace. */
export interface Told {
  readonly parts: ReadonlyMap<string, Matrix>
  readonly trace: ReadonlyMap<string, Matrix>
  /** whether every equation has to be in the trace */
  readonly full: boolean
}

export type FindingKind = 'wrong' | 'shape' | 'nonfinite'

/** One result that is not what its inputs give. */
export interface Finding {
  readonly kind: FindingKind
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

export interface Verdict {
  readonly findings: readonly Finding[]
  /** the worst error of each equation that was judged, in units */
  readonly worst: ReadonlyMap<string, number>
  /** equations that have a result that could be judged by itself */
  readonly reached: ReadonlySet<string>
  readonly bitExact: boolean
}

const shapeFinding = (equation: string, name: string, wanted: Matrix, got: Matrix | undefined): Finding => ({
  kind: 'shape',
  equation,
  name,
  row: 0,
  col: 0,
  expected: NaN,
  got: NaN,
  units: Infinity,
  allowed: 0,
  what: `expected ${wanted.rows} x ${wanted.cols}, got ${got ? `${got.rows} x ${got.cols}` : 'no such tensor'}`,
})

const sameShape = (a: Matrix, b: Matrix): boolean => a.rows === b.rows && a.cols === b.cols

interface Comparison {
  readonly finding?: Finding
  readonly worst: number
  readonly bits: boolean
}

/** Compares a result with its equation; the finding is about the worst element. */
const compare = (rule: Rule, get: Get, setting: Setting, expected: Matrix, got: Matrix, level: Level): Comparison => {
  const { id: name, equation } = rule
  if (!sameShape(expected, got)) return { finding: shapeFinding(equation, name, expected, got), worst: Infinity, bits: false }
  const differing = Array.from(expected.data, (_, i) => i).filter((i) => !Object.is(expected.data[i], got.data[i]))
  if (differing.length === 0) return { worst: 0, bits: true }
  const bounds = boundsOf(rule, get, setting)
  const units = differing.map((i) => unitsAt(bounds, i, got.data[i]!))
  const worst = Math.max(...units)
  if (level === 'tol' && worst <= bounds.allowed) return { worst, bits: false }
  const i = differing[units.indexOf(worst)]!
  const kind = Number.isFinite(got.data[i]) || !Number.isFinite(expected.data[i]) ? 'wrong' : 'nonfinite'
  const place = { row: Math.floor(i / got.cols), col: i % got.cols, expected: expected.data[i]!, got: got.data[i]! }
  return {
    finding: { kind, equation, name, ...place, units: worst, allowed: level === 'bit' ? 0 : bounds.allowed },
    worst,
    bits: false,
  }
}

/** Where a part is a copy of a value, its bits are that value's; at the level `tol` -0 is +0. */
const compareCopy = (
  clause: string,
  part: string,
  expected: Matrix,
  got: Matrix | undefined,
  level: Level,
  spread?: Float64Array,
): Finding | undefined => {
  if (!got || !sameShape(expected, got)) return shapeFinding(clause, part, expected, got)
  const near = (i: number): boolean =>
    spread !== undefined &&
    Math.abs(expected.data[i]! - got.data[i]!) <= spread[i]! + 2 ** -22 * Math.abs(expected.data[i]!) + 2 ** -140
  const differs = (i: number): boolean =>
    level === 'bit'
      ? !Object.is(expected.data[i], got.data[i])
      : expected.data[i] !== got.data[i] && !near(i) && !Number.isNaN(expected.data[i])
  const i = Array.from(expected.data, (_, at) => at).findIndex(differs)
  if (i < 0) return undefined
  const bad = firstNonFinite(got)
  return {
    kind: bad && !firstNonFinite(expected) ? 'nonfinite' : 'wrong',
    equation: clause,
    name: part,
    row: Math.floor(i / got.cols),
    col: i % got.cols,
    expected: expected.data[i]!,
    got: got.data[i]!,
    units: Infinity,
    allowed: 0,
  }
}

/** Judges one step of a port. */
export const judge = ({ setting, course, given }: Asked, { parts, trace, full }: Told, level: Level): Verdict => {
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
    if (!got) {
      if (full) findings.push(shapeFinding(rule.equation, rule.id, expected, got))
      else assumed.add(rule.id)
      known.set(rule.id, expected)
      continue
    }
    if (level === 'bit' || !names.some((name) => assumed.has(name))) {
      const compared = compare(rule, get, setting, expected, got, level)
      reached.add(rule.equation)
      bitExact &&= compared.bits
      if (compared.finding)
        findings.push({
          ...compared.finding,
          looksLike: () => looksLike({ rule, setting, known: new Map([...given, ...trace]), got }, level),
        })
      worst.set(rule.equation, Math.max(worst.get(rule.equation) ?? 0, compared.worst))
    }
    known.set(rule.id, sameShape(expected, got) ? got : expected)
  }
  const spread = level === 'tol' && assumed.size > 0 ? spreadOf(setting, course, given, trace) : undefined
  for (const [part, from, clause] of carriesOf(setting.config, course)) {
    const finding = compareCopy(
      clause,
      part,
      known.get(from)!,
      parts.get(part),
      level,
      assumed.has(from) ? spread?.get(from) : undefined,
    )
    if (!finding) reached.add(clause)
    // a value that the port never traced, and that is wrong at its end, is wrong somewhere on the way
    else findings.push(assumed.has(from) ? { ...finding, what: 'not localised: trace more to learn which equation' } : finding)
    bitExact &&= !finding
  }
  return { findings, worst, reached, bitExact }
}
