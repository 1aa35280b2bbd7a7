/**
 * Plain binary64 matrices, and the bound that judges a binary32 result against them.
 *
 * One rounding to binary32 changes x by at most 2^-24 max(|x|, 2^-126). A term that is rounded at most k
 * times on its way into an element is therefore off by at most gamma(k) units of 2^-24 times its size
 * (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., lemma 3.1), and so is the element,
 * relative to the sum of the sizes. The bounds hold while nothing overflows.
 *
 * The kit for ports has bounds of its own (src/conform). They are written twice on purpose: nothing in this folder knows
 * src, so that what both say was found twice.
 */

export type Rows = readonly (readonly number[])[]

/**
 * value: the equation in binary64. scale: per element, the sum of the absolute values of the terms added; 0
 * where the result is exact.
 * allowed: how many units of 2^-24 scale a correct binary32 result may be away from value.
 */
export interface Judged {
  readonly value: number[][]
  readonly scale: number[][]
  readonly allowed: number
}

export const UNIT = 2 ** -24
export const SMALLEST_NORMAL = 2 ** -126

/**
 * Units allowed to one exp, log, tanh or sigmoid: 2 ulp (an ulp is 1 to 2 units). A judgement, not a
 * derivation: what a careful binary32 algorithm reaches, too little for a wrong one.
 */
export const ELEMENTARY = 4

/** Worst case of k roundings, in units: k u / (1 - k u), divided by u. */
export const gamma = (k: number): number => k / (1 - k * UNIT)

/** |x|, but not less than where rounding errors stop shrinking; an exact 0 has no rounding error. */
export const size = (x: number): number => (x === 0 ? 0 : Math.max(Math.abs(x), SMALLEST_NORMAL))

/** Additions on the longest way through a sum of n terms in four lanes that are combined pairwise. */
export const laneAdditions = (n: number): number => Math.ceil(n / 4) + 1

export function at(matrix: Rows, i: number, j: number): number {
  const x = matrix[i]?.[j]
  if (x === undefined) throw new RangeError(`no element [${i},${j}] in a ${shape(matrix)} matrix`)
  return x
}

export const width = (matrix: Rows): number => matrix[0]?.length ?? 0

const shape = (matrix: Rows): string => `${matrix.length} x ${width(matrix)}`

export const build = (rows: number, cols: number, f: (i: number, j: number) => number): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) => f(i, j)))

export const map = (matrix: Rows, f: (x: number, i: number, j: number) => number): number[][] =>
  matrix.map((row, i) => row.map((x, j) => f(x, i, j)))

export const transpose = (matrix: Rows): number[][] => build(width(matrix), matrix.length, (i, j) => at(matrix, j, i))

export const zeros = (rows: number, cols: number): number[][] => build(rows, cols, () => 0)

/** An elementwise equation: `f` gives the element and its scale. */
export function elementwise(
  like: Rows,
  allowed: number,
  f: (i: number, j: number) => readonly [value: number, scale: number],
): Judged {
  const both = like.map((row, i) => row.map((_, j) => f(i, j)))
  return { value: both.map((row) => row.map((x) => x[0])), scale: both.map((row) => row.map((x) => x[1])), allowed }
}

/**
 * a b, with scale sum_k |a_ik b_kj|. A sum of n products that starts at +0 rounds each product once and adds
 * n - 1 times with an error (0 + x is exact), so a term is rounded at most n times: gamma(n).
 */
export function product(a: Rows, b: Rows): Judged {
  const n = b.length
  if (width(a) !== n) throw new RangeError(`cannot multiply ${shape(a)} by ${shape(b)}`)
  const sum = (term: (x: number) => number) =>
    build(a.length, width(b), (i, j) => {
      let total = 0
      for (let k = 0; k < n; k++) total += term(at(a, i, k) * at(b, k, j))
      return total
    })
  return { value: sum((x) => x), scale: sum(size), allowed: gamma(n) }
}

/**
 * The largest distance of `actual` from the judged value, in units of 2^-24 scale; compare it with `allowed`.
 */
export function worstUnits(actual: Rows, judged: Judged): number {
  if (shape(actual) !== shape(judged.value)) {
    throw new RangeError(`"actual" expected ${shape(judged.value)}, got ${shape(actual)}`)
  }
  const units = map(judged.value, (value, i, j) => {
    const x = at(actual, i, j)
    if (x === value || (Number.isNaN(x) && Number.isNaN(value))) return 0
    const distance = Math.abs(x - value) / (UNIT * at(judged.scale, i, j))
    return Number.isNaN(distance) ? Infinity : distance
  })
  return units.flat().reduce((worst, x) => Math.max(worst, x), 0)
}
