/**
 * Products whose left factor is almost all 0, such as rows that are each one symbol of many: terms with a factor of 0 are left
 * out. In binary32; to the bit what all terms give, as a sum begins with +0 and the right factor is finite. [ar-product]
 */

import { firstNonFinite, type Matrix } from '../numeric/matrix.js'

const { fround } = Math

/** Worth it where at most one number in so many is not 0: those that are left out were cheap. */
const SPARSITY = 32

/** Where a matrix is not 0, in ascending order; undefined where that is at more than one place in SPARSITY. */
const placesOf = ({ data }: Matrix): readonly number[] | undefined => {
  const places: number[] = []
  const most = data.length / SPARSITY
  for (let at = 0; at < data.length; at++) {
    if (data[at] === 0) continue
    if (places.length >= most) return undefined
    places.push(at)
  }
  return places
}

/** Row `to` of the sum and `times` row `from` of b. */
const addRowOf = (sum: Float32Array, to: number, times: number, { cols, data }: Matrix, from: number): void => {
  for (let j = 0; j < cols; j++) {
    sum[to * cols + j] = fround(sum[to * cols + j]! + fround(times * data[from * cols + j]!))
  }
}

const sumOf =
  (rowsOf: (a: Matrix) => number, rowsAt: (row: number, col: number) => readonly [to: number, from: number]) =>
  (a: Matrix, b: Matrix): Matrix | undefined => {
    const places = placesOf(a)
    if (!places || firstNonFinite(b)) return undefined
    const sum = new Float32Array(rowsOf(a) * b.cols)
    for (const place of places) {
      const [to, from] = rowsAt(Math.floor(place / a.cols), place % a.cols)
      addRowOf(sum, to, a.data[place]!, b, from)
    }
    return { rows: rowsOf(a), cols: b.cols, data: sum }
  }

/** A B, or undefined where A is not sparse or B not finite. */
export const sparseProduct = sumOf(
  ({ rows }) => rows,
  (row, col) => [row, col],
)

/** A' B, or undefined where A is not sparse or B not finite. */
export const sparseProductLeftTransposed = sumOf(
  ({ cols }) => cols,
  (row, col) => [col, row],
)
