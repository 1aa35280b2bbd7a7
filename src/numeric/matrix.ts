/** Immutable binary32 matrices, row-major, and the element-wise operations of the equations. [ar-round] */

import { mismatch } from '../errors.js'
import { field, numbers, record, requireField } from '../fields.js'

/** Read-only binary32 numbers: the part of Float32Array that cannot change it, `length` and what is read by index. */
export interface Floats {
  readonly length: number
  readonly [index: number]: number
}

/** A `rows` x `cols` matrix, row by row: element (i, j) is `data[i * cols + j]`. */
export interface Matrix {
  readonly rows: number
  readonly cols: number
  readonly data: Floats
}

const { fround } = Math

const lists = field<readonly (readonly number[])[]>(
  'a list of lists of numbers',
  (value) => Array.isArray(value) && value.every(Array.isArray),
)

/**
 * A matrix from numbers, rounded to binary32 and copied.
 * @throws ShapeError where `values` has not rows * cols elements; NonFiniteError, with the position, at NaN or infinity
 */
export const matrix = (rows: number, cols: number, values: ArrayLike<number>): Matrix => {
  requireField('ShapeError', 'values', values, numbers)
  if (!Number.isSafeInteger(rows) || rows < 0) throw mismatch('ShapeError', 'rows', 'a whole number >= 0', rows)
  if (!Number.isSafeInteger(cols) || cols < 0) throw mismatch('ShapeError', 'cols', 'a whole number >= 0', cols)
  if (values.length !== rows * cols) {
    throw mismatch('ShapeError', 'values', `${rows} x ${cols} = ${rows * cols} numbers`, values.length)
  }
  const made = { rows, cols, data: Float32Array.from(values) }
  requireFinite('values', made)
  return made
}

/** A matrix from its rows. @throws ShapeError where they are no lists, or differ in length */
export const fromRows = (rows: readonly (readonly number[])[]): Matrix => {
  requireField('ShapeError', 'rows', rows, lists)
  const cols = rows[0]?.length ?? 0
  const odd = rows.findIndex((row) => row.length !== cols)
  if (odd >= 0) throw mismatch('ShapeError', `row ${odd}`, `${cols} numbers like row 0`, rows[odd]?.length)
  return matrix(rows.length, cols, rows.flat())
}

/** A matrix of +0. */
export const zeros = (rows: number, cols: number): Matrix => ({ rows, cols, data: new Float32Array(rows * cols) })

/** Element (i, j). */
export const at = (a: Matrix, i: number, j: number): number => a.data[i * a.cols + j]!

/** Row and column of the first NaN or infinity, or undefined. [ar-finite] */
export const firstNonFinite = (a: Matrix): { row: number; col: number; value: number } | undefined => {
  for (let i = 0; i < a.data.length; i++) {
    if (!Number.isFinite(a.data[i])) return { row: Math.floor(i / a.cols), col: i % a.cols, value: a.data[i]! }
  }
  return undefined
}

/** @throws NonFiniteError naming `what` and the position of the first NaN or infinity [ar-finite] */
export const requireFinite = (what: string, a: Matrix): void => {
  const found = firstNonFinite(a)
  if (found) throw mismatch('NonFiniteError', `${what}[${found.row},${found.col}]`, 'a finite number', found.value)
}

const MATRIX = field<Matrix>('a matrix', (value) => {
  const { rows, cols, data } = record.holds(value) ? (value as unknown as Matrix) : { rows: 0, cols: 0, data: undefined }
  return Number.isSafeInteger(rows) && Number.isSafeInteger(cols) && data?.length === rows * cols
})

/** @throws ShapeError where `a` is no matrix at all */
export const requireMatrix = (what: string, a: Matrix): void => {
  requireField('ShapeError', what, a, MATRIX)
}

/** @throws ShapeError where `a` is not rows x cols numbers */
export const requireShape = (what: string, a: Matrix, rows: number, cols: number): void => {
  if (a?.rows !== rows || a.cols !== cols || a.data?.length !== rows * cols) {
    const got = Number.isInteger(a?.rows) ? `${a.rows} x ${a.cols} with ${a.data?.length} numbers` : a
    throw mismatch('ShapeError', what, `${rows} x ${cols}`, got, 'rows are batch rows or presynaptic units')
  }
}

/** f of each element, rounded to binary32. */
export const map = (f: (value: number) => number, a: Matrix): Matrix => {
  const data = new Float32Array(a.data.length)
  for (let i = 0; i < data.length; i++) data[i] = f(a.data[i]!)
  return { rows: a.rows, cols: a.cols, data }
}

/** f of each pair of elements, rounded to binary32. */
const zip = (f: (left: number, right: number) => number, a: Matrix, b: Matrix): Matrix => {
  const data = new Float32Array(a.data.length)
  for (let i = 0; i < data.length; i++) data[i] = f(a.data[i]!, b.data[i]!)
  return { rows: a.rows, cols: a.cols, data }
}

export const add = (a: Matrix, b: Matrix): Matrix => zip((x, y) => fround(x + y), a, b)
export const subtract = (a: Matrix, b: Matrix): Matrix => zip((x, y) => fround(x - y), a, b)
export const multiply = (a: Matrix, b: Matrix): Matrix => zip((x, y) => fround(x * y), a, b)
export const divide = (a: Matrix, b: Matrix): Matrix => zip((x, y) => fround(x / y), a, b)

/** fl(s a), element by element. */
export const scale = (s: number, a: Matrix): Matrix => map((x) => fround(s * x), a)

/** The row `row` (1 x cols) added to each row of `a`. */
export const addRow = (a: Matrix, row: Matrix): Matrix => {
  const data = new Float32Array(a.data.length)
  for (let i = 0; i < data.length; i++) data[i] = fround(a.data[i]! + row.data[i % a.cols]!)
  return { rows: a.rows, cols: a.cols, data }
}

/** Each row of `a` times its element of the B x 1 matrix `m`. */
export const maskRows = (m: Matrix, a: Matrix): Matrix => {
  const data = new Float32Array(a.data.length)
  for (let i = 0; i < data.length; i++) data[i] = fround(m.data[Math.floor(i / a.cols)]! * a.data[i]!)
  return { rows: a.rows, cols: a.cols, data }
}

/** a', cols x rows. */
export const transpose = (a: Matrix): Matrix => {
  const data = new Float32Array(a.data.length)
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++) data[j * a.rows + i] = a.data[i * a.cols + j]!
  }
  return { rows: a.cols, cols: a.rows, data }
}
