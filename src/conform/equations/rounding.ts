/**
 * How far a binary32 result may be from the same equation in binary64.
 *
 * A rounding moves a term by at most 2^-24 of its size, or of 2^-126 where it is smaller; k roundings by at most
 * gamma(k) such units (N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., lemma 3.1). An element is
 * off by no more than that times the sum of its terms' sizes, in whatever order they were added, fused or not.
 */

import type { Matrix } from '../../numeric/matrix.js'

/** What a result is held to: the bounds of rounding, or the same bits. */
export type Level = 'tol' | 'bit'

/** An element may be `allowed` units of 2^-24 `scale` from `value`; where the scale is 0 it is exact. */
export interface Bounded {
  readonly value: Matrix
  readonly scale: Matrix
  readonly allowed: number
}

export const UNIT = 2 ** -24
export const SMALLEST_NORMAL = 2 ** -126

export const gamma = (roundings: number): number => roundings / (1 - roundings * UNIT)

/** |x|, but not less than where rounding errors stop shrinking; 0 is exact. */
export const size = (x: number): number => (x === 0 ? 0 : Math.max(Math.abs(x), SMALLEST_NORMAL))

export type Element = readonly [value: number, scale: number]

/** rows x cols elements with a common allowance. */
export const bounded = (rows: number, cols: number, roundings: number, of: (i: number, j: number) => Element): Bounded => {
  const [value, scale] = [new Float64Array(rows * cols), new Float64Array(rows * cols)]
  for (let i = 0; i < rows * cols; i++) [value[i], scale[i]] = of(Math.floor(i / cols), i % cols) as [number, number]
  return { value: { rows, cols, data: value }, scale: { rows, cols, data: scale }, allowed: gamma(roundings) }
}

/** The sum of terms, and the sum of their sizes. */
export const sum = (n: number, term: (k: number) => number): Element => {
  let [total, sizes] = [0, 0]
  for (let k = 0; k < n; k++) {
    const x = term(k)
    total += x
    sizes += size(x)
  }
  return [total, sizes]
}

export const together = (...terms: readonly Element[]): Element => [
  terms.reduce((total, [value]) => total + value, 0),
  terms.reduce((total, [, scale]) => total + scale, 0),
]

export const term = (x: number): Element => [x, size(x)]
/** A term that is there already and is not rounded before it is added. */
export const given = (x: number): Element => [x, Math.abs(x)]
export const exact = (x: number): Element => [x, 0]

/** The distance of an element from the exact one, in units of 2^-24 of its scale. */
export const unitsAt = ({ value, scale }: Bounded, i: number, got: number): number => {
  const x = value.data[i]!
  if (got === x || (Number.isNaN(got) && Number.isNaN(x))) return 0
  const distance = Math.abs(got - x) / (UNIT * scale.data[i]!)
  return Number.isNaN(distance) ? Infinity : distance
}

export const sameShape = (a: Matrix, b: Matrix): boolean => a.rows === b.rows && a.cols === b.cols

/** Any NaN equals any NaN, and -0 differs from +0. */
export const sameBits = (a: Matrix, b: Matrix): boolean => {
  if (!sameShape(a, b)) return false
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false
  return true
}
