/** A result beside its equation, and what is said where the two differ. */

import { firstNonFinite, type Matrix } from '../numeric/matrix.js'
import { boundsOf } from './equations/bounds.js'
import type { Get, Setting } from './equations/exact.js'
import type { Rule } from './equations/graph.js'
import { sameShape, unitsAt, type Level } from './equations/rounding.js'

/** One result that is not what its inputs give. */
export interface Finding {
  readonly kind: 'wrong' | 'shape' | 'nonfinite' | 'unexpected'
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
  /** what else is known of it */
  readonly note?: string
  /** the misreading that gives this result, where exactly one does */
  readonly looksLike?: () => string | undefined
}

/** About a whole result, or about what is no tensor. */
export const finding = (kind: Finding['kind'], equation: string, name: string, what: string): Finding => {
  const nowhere = { row: 0, col: 0, expected: NaN, got: NaN }
  return { kind, equation, name, ...nowhere, units: Infinity, allowed: 0, what }
}

export const shapeFinding = (equation: string, name: string, wanted: Matrix, got: Matrix | undefined): Finding => {
  const found = got ? `${got.rows} x ${got.cols}` : 'no such tensor'
  return finding('shape', equation, name, `expected ${wanted.rows} x ${wanted.cols}, got ${found}`)
}

const elementAt = (expected: Matrix, got: Matrix, i: number): Pick<Finding, 'row' | 'col' | 'expected' | 'got'> => ({
  row: Math.floor(i / got.cols),
  col: i % got.cols,
  expected: expected.data[i]!,
  got: got.data[i]!,
})

export interface Comparison {
  readonly finding?: Finding
  readonly worst: number
  readonly bits: boolean
}

const RIGHT: Comparison = { worst: 0, bits: true }

/** The places where bits differ; any NaN is a NaN. */
const differing = ({ data: wanted }: Matrix, { data: got }: Matrix): readonly number[] => {
  const places: number[] = []
  for (let i = 0; i < wanted.length; i++) if (!Object.is(wanted[i], got[i])) places.push(i)
  return places
}

/** Compares a result with its equation; the finding is about the worst element. */
export const compare = (rule: Rule, get: Get, setting: Setting, expected: Matrix, got: Matrix, level: Level): Comparison => {
  const { id: name, equation } = rule
  if (!sameShape(expected, got)) return { finding: shapeFinding(equation, name, expected, got), worst: Infinity, bits: false }
  const places = differing(expected, got)
  if (places.length === 0) return RIGHT
  const bounds = boundsOf(rule, get, setting)
  const units = places.map((i) => unitsAt(bounds, i, got.data[i]!))
  const worst = units.reduce((most, x) => Math.max(most, x), 0)
  if (level === 'tol' && worst <= bounds.allowed) return { worst, bits: false }
  const place = elementAt(expected, got, places[units.indexOf(worst)]!)
  const kind = Number.isFinite(place.got) || !Number.isFinite(place.expected) ? 'wrong' : 'nonfinite'
  const allowed = level === 'bit' ? 0 : bounds.allowed
  return { finding: { kind, equation, name, ...place, units: worst, allowed }, worst, bits: false }
}

/** Where a part is a copy of a value, its bits are that value's; at the level `tol` -0 is +0. */
export const compareCopy = (
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
