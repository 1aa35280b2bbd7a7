/** Sums that become one number, in the one order that SPEC.md defines, and what is built on them. [ar-sum] */

import { add, multiply, zeros, type Floats, type Matrix } from './matrix.js'

const { fround, sqrt } = Math

/**
 * The sum of `cols` elements from `start` on: element j is added to lane j mod 4, each lane starting at +0;
 * then fl(fl(s0 + s1) + fl(s2 + s3)).
 */
export const laneSum = (values: Floats, start: number, cols: number): number => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let j = 0; j < cols; j += 4) {
    s0 = fround(s0 + values[start + j]!)
    if (j + 1 < cols) s1 = fround(s1 + values[start + j + 1]!)
    if (j + 2 < cols) s2 = fround(s2 + values[start + j + 2]!)
    if (j + 3 < cols) s3 = fround(s3 + values[start + j + 3]!)
  }
  return fround(fround(s0 + s1) + fround(s2 + s3))
}

/** The lane sum of each row: rows x 1. */
export const rowSums = (a: Matrix): Matrix => {
  const data = new Float32Array(a.rows)
  for (let i = 0; i < a.rows; i++) data[i] = laneSum(a.data, i * a.cols, a.cols)
  return { rows: a.rows, cols: 1, data }
}

/** Starts at +0 and adds the row sums in ascending order. */
export const total = (a: Matrix): number => {
  let sum = 0
  for (const row of Array.from(rowSums(a).data)) sum = fround(sum + row)
  return sum
}

/** The sum over the rows, in ascending order, of each column: 1 x cols. */
export const columnSums = (a: Matrix): Matrix => {
  let sums = zeros(1, a.cols)
  for (let i = 0; i < a.rows; i++) sums = add(sums, rowOf(a, i))
  return sums
}

const rowOf = (a: Matrix, i: number): Matrix => ({
  rows: 1,
  cols: a.cols,
  data: Array.from({ length: a.cols }, (_, j) => a.data[i * a.cols + j]!),
})

/** The Frobenius norm: the square root of the total of the squares. */
export const frobeniusNorm = (a: Matrix): number => fround(sqrt(total(multiply(a, a))))
