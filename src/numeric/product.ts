/** Products of matrices in the one order that SPEC.md defines. [ar-product] */

import { mismatch } from '../errors.js'
import type { Matrix } from './matrix.js'

const { fround } = Math

const requireEqual = (what: string, left: number, right: number): void => {
  if (left !== right) throw mismatch('ShapeError', what, `${left} on both sides`, right)
}

/**
 * A B: element (i, j) starts at +0 and adds fl(a_ik b_kj) for k = 0, 1, 2, ...
 * @throws ShapeError where the columns of `a` are not the rows of `b`
 */
export const product = (a: Matrix, b: Matrix): Matrix => {
  requireEqual('inner size of A B', a.cols, b.rows)
  const data = new Float32Array(a.rows * b.cols)
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.cols; k++) addScaledRow(data, i * b.cols, a.data[i * a.cols + k]!, b, k)
  }
  return { rows: a.rows, cols: b.cols, data }
}

/**
 * A' B: element (i, j) starts at +0 and adds fl(a_ri b_rj) for r = 0, 1, 2, ...
 * @throws ShapeError where `a` and `b` differ in rows
 */
export const productLeftTransposed = (a: Matrix, b: Matrix): Matrix => {
  requireEqual("inner size of A' B", a.rows, b.rows)
  const data = new Float32Array(a.cols * b.cols)
  for (let r = 0; r < a.rows; r++) {
    for (let i = 0; i < a.cols; i++) addScaledRow(data, i * b.cols, a.data[r * a.cols + i]!, b, r)
  }
  return { rows: a.cols, cols: b.cols, data }
}

/**
 * A B': element (i, j) starts at +0 and adds fl(a_ik b_jk) for k = 0, 1, 2, ...
 * @throws ShapeError where `a` and `b` differ in columns
 */
export const productRightTransposed = (a: Matrix, b: Matrix): Matrix => {
  requireEqual("inner size of A B'", a.cols, b.cols)
  const data = new Float32Array(a.rows * b.rows)
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      let sum = 0
      for (let k = 0; k < a.cols; k++) sum = fround(sum + fround(a.data[i * a.cols + k]! * b.data[j * b.cols + k]!))
      data[i * b.rows + j] = sum
    }
  }
  return { rows: a.rows, cols: b.rows, data }
}

/** data[start + j] += fl(factor b_kj), for every column j: one term of each sum of a row. */
const addScaledRow = (data: Float32Array, start: number, factor: number, b: Matrix, k: number): void => {
  const from = k * b.cols
  for (let j = 0; j < b.cols; j++) {
    data[start + j] = fround(data[start + j]! + fround(factor * b.data[from + j]!))
  }
}
