/**
 * The arithmetic that the rivals are written in: once in binary64, by definition, to be proved right; once in binary32
 * on the compiled kernels, to run. Matrices are those of `numeric`: row-major, immutable.
 */

import type { Matrix } from '../numeric/matrix.js'
import type { Config } from '../ptncn/config.js'
import { correctRows, FLOOR, requireScorable, type Score } from '../ptncn/scores.js'
import type { Input } from '../ptncn/state.js'
import { movedOf, type Moved } from './moved.js'
import { requireCarried } from './rival.js'

export type Numbers = Float32Array | Float64Array

/** The arithmetic of the rivals: the same functions in binary32 or in binary64, `tanh` and `sigmoid` among them. */
export interface Algebra {
  /** the numbers that it computes with */
  readonly name: 'binary32' | 'binary64'
  /** `length` numbers, +0; each is rounded where it is written */
  readonly numbers: (length: number) => Numbers
  /** A B */
  readonly product: (a: Matrix, b: Matrix) => Matrix
  /** A' B */
  readonly productLeftTransposed: (a: Matrix, b: Matrix) => Matrix
  /** A B' */
  readonly productRightTransposed: (a: Matrix, b: Matrix) => Matrix
  readonly tanh: (a: Matrix) => Matrix
  readonly sigmoid: (a: Matrix) => Matrix
  /** row by row */
  readonly softmax: (a: Matrix) => Matrix
  /** of predictions; what P-TNCN is scored by [S1] [S2] [S3] */
  readonly score: (output: Config['output'], p: Matrix, input: Input) => Score
  /** a tensor after an update by its gradient [O3] */
  readonly moved: Moved
  /** of so many rows, n units and k = n + m + 1 things that each adds up; only the last that were made may be used */
  readonly sensitivities: (rows: number, units: number, width: number, from?: Matrix) => Sensitivities
}

/**
 * P[i,j,l], how each unit h_i of each row depends on the weight of unit j for the l-th of [h[t-1] x 1]. At first not at
 * all. The tensor is large, and stays where the arithmetic wants it from step to step.
 */
export interface Sensitivities {
  /** P[i,j,l] <- s_i (sum over r of W_ri P[r,j,l] + [i=j] xhat_l) */
  readonly advance: (W: Matrix, s: Matrix, xhat: Matrix) => void
  /** k x n: the sum over rows and i of q_i P[i,j,l] */
  readonly gradient: (q: Matrix) => Matrix
  /** all of it, a row for each of the batch; the order within a row is the arithmetic's own */
  readonly value: () => Matrix
}

export const zeros = ({ numbers }: Algebra, rows: number, cols: number): Matrix => ({ rows, cols, data: numbers(rows * cols) })

/** f of the elements of one matrix, or of several of the same shape, one by one. */
export const each = ({ numbers }: Algebra, f: (a: number, b: number, c: number) => number, a: Matrix, b = a, c = a): Matrix => {
  const data = numbers(a.data.length)
  for (let i = 0; i < data.length; i++) data[i] = f(a.data[i]!, b.data[i]!, c.data[i]!)
  return { rows: a.rows, cols: a.cols, data }
}

export const add = (algebra: Algebra, a: Matrix, b: Matrix): Matrix => each(algebra, (x, y) => x + y, a, b)

/** The row `row` (1 x cols) added to each row of `a`. */
export const addRow = ({ numbers }: Algebra, a: Matrix, row: Matrix): Matrix => {
  const data = numbers(a.data.length)
  for (let i = 0, at = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++, at++) data[at] = a.data[at]! + row.data[j]!
  return { rows: a.rows, cols: a.cols, data }
}

/** Each row of `a` times its element of the B x 1 matrix `m`. */
export const scaleRows = ({ numbers }: Algebra, m: Matrix, a: Matrix): Matrix => {
  const data = numbers(a.data.length)
  for (let i = 0, at = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++, at++) data[at] = m.data[i]! * a.data[at]!
  return { rows: a.rows, cols: a.cols, data }
}

/** 1 x cols: the sum over the rows, in ascending order, of each column. */
export const columnSums = ({ numbers }: Algebra, a: Matrix): Matrix => {
  const data = numbers(a.cols)
  for (let i = 0, at = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++, at++) data[j] = data[j]! + a.data[at]!
  return { rows: 1, cols: a.cols, data }
}

/** A'. */
export const transposed = ({ numbers }: Algebra, { rows, cols, data }: Matrix): Matrix => {
  const turned = numbers(data.length)
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) turned[j * rows + i] = data[at]!
  return { rows: cols, cols: rows, data: turned }
}

/** Matrices of one width, one below the other. */
export const stacked = ({ numbers }: Algebra, parts: readonly Matrix[]): Matrix => {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const data = numbers(rows * parts[0]!.cols)
  parts.reduce((at, part) => (data.set(part.data as Numbers, at), at + part.data.length), 0)
  return { rows, cols: parts[0]!.cols, data }
}

/** The rows of a matrix in pieces of `rows`, without a copy: what `stacked` put together. */
export const unstacked = (a: Matrix, rows: number): readonly Matrix[] =>
  Array.from({ length: a.rows / rows }, (_, i) => ({
    rows,
    cols: a.cols,
    data: (a.data as Numbers).subarray(i * rows * a.cols, (i + 1) * rows * a.cols),
  }))

/** Matrices of one height side by side. */
export const beside = ({ numbers }: Algebra, parts: readonly Matrix[]): Matrix => {
  const [rows, cols] = [parts[0]!.rows, parts.reduce((sum, part) => sum + part.cols, 0)]
  const data = numbers(rows * cols)
  let first = 0
  for (const part of parts) {
    for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < part.cols; j++, at++) data[i * cols + first + j] = part.data[at]!
    first += part.cols
  }
  return { rows, cols, data }
}

/** Columns `from` to before `to`. */
export const columns = ({ numbers }: Algebra, a: Matrix, from: number, to: number): Matrix => {
  const cols = to - from
  const data = numbers(a.rows * cols)
  for (let i = 0, at = 0; i < a.rows; i++) for (let j = from; j < to; j++, at++) data[at] = a.data[i * a.cols + j]!
  return { rows: a.rows, cols, data }
}

const binary64Product = (
  rows: number,
  depth: number,
  cols: number,
  left: (i: number, k: number) => number,
  right: (k: number, j: number) => number,
): Matrix => {
  const data = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < depth; k++) {
      const factor = left(i, k)
      for (let j = 0; j < cols; j++) data[i * cols + j] = data[i * cols + j]! + factor * right(k, j)
    }
  }
  return { rows, cols, data }
}

const softmaxRows = (a: Matrix): Matrix => {
  const data = new Float64Array(a.data.length)
  for (let start = 0; start < data.length; start += a.cols) {
    let [largest, sum] = [-Infinity, 0]
    for (let j = start; j < start + a.cols; j++) largest = Math.max(largest, a.data[j]!)
    for (let j = start; j < start + a.cols; j++) sum += data[j] = Math.exp(a.data[j]! - largest)
    for (let j = start; j < start + a.cols; j++) data[j] = data[j]! / sum
  }
  return { rows: a.rows, cols: a.cols, data }
}

/** -x log p; a probability <= 0 is scored as P-TNCN has it, and any other, however small, as it is. */
const surprise = (p: number, x: number): number => -x * Math.log(p <= 0 ? FLOOR : p)

const LOSSES: Readonly<Record<Config['output'], (p: number, x: number) => number>> = {
  softmax: surprise,
  sigmoid: (p, x) => surprise(p, x) + surprise(1 - p, 1 - x),
  identity: (p, x) => (p - x) ** 2 / 2,
}

/** [S1] [S2] [S3] [S4] in binary64: all of it, the logarithm and its guard too. */
const binary64Score: Algebra['score'] = (output, p, input) => {
  requireScorable(output, p, input)
  const { x, mask } = input
  let [loss, count] = [0, 0]
  for (let row = 0, at = 0; row < p.rows; row++) {
    const active = mask.data[row] === 1
    count += Number(active)
    for (let j = 0; j < p.cols; j++, at++) if (active) loss += LOSSES[output](p.data[at]!, x.data[at]!)
  }
  return output === 'softmax' ? { loss, count, correct: correctRows(p, x, mask) } : { loss, count }
}

/** By definition: P of a row is n x (n k). The kernels have to do the same to the bit. */
export const sensitivitiesOf =
  (algebra: Algebra): Algebra['sensitivities'] =>
  (rows, units, width, from) => {
    const { numbers, product } = algebra
    if (from) requireCarried('P', from, rows, units * units * width)
    const P = Array.from({ length: rows }, (_, row): Matrix => ({
      rows: units,
      cols: units * width,
      data: from ? unstacked(from, 1)[row]!.data : numbers(units * units * width),
    }))
    return {
      advance: (W, s, xhat) =>
        P.forEach((before, row) => {
          const slopes: Matrix = { rows: units, cols: 1, data: unstacked(s, 1)[row]!.data }
          const after = product(scaleRows(algebra, slopes, transposed(algebra, W)), before)
          const direct = scaleRows(algebra, slopes, stacked(algebra, Array<Matrix>(units).fill(unstacked(xhat, 1)[row]!)))
          const data = after.data as Numbers
          for (let j = 0, at = 0; j < units; j++) {
            for (let l = 0; l < width; l++, at++) data[j * after.cols + at] = data[j * after.cols + at]! + direct.data[at]!
          }
          P[row] = after
        }),
      gradient: (q) => {
        const sum = P.map((all, row) => product(unstacked(q, 1)[row]!, all)).reduce((a, b) => add(algebra, a, b))
        return transposed(algebra, { rows: units, cols: width, data: sum.data })
      },
      value: () => ({ rows, cols: units * units * width, data: stacked(algebra, P).data }),
    }
  }

const doubles = (length: number): Float64Array => new Float64Array(length)

/** By definition, in binary64: for tests, which compare it with central differences. */
export const binary64: Algebra = {
  name: 'binary64',
  numbers: doubles,
  product: (a, b) =>
    binary64Product(
      a.rows,
      a.cols,
      b.cols,
      (i, k) => a.data[i * a.cols + k]!,
      (k, j) => b.data[k * b.cols + j]!,
    ),
  productLeftTransposed: (a, b) =>
    binary64Product(
      a.cols,
      a.rows,
      b.cols,
      (i, k) => a.data[k * a.cols + i]!,
      (k, j) => b.data[k * b.cols + j]!,
    ),
  productRightTransposed: (a, b) =>
    binary64Product(
      a.rows,
      a.cols,
      b.rows,
      (i, k) => a.data[i * a.cols + k]!,
      (k, j) => b.data[j * b.cols + k]!,
    ),
  tanh: (a) => each(binary64, Math.tanh, a),
  sigmoid: (a) => each(binary64, (x) => 1 / (1 + Math.exp(-x)), a),
  softmax: softmaxRows,
  score: binary64Score,
  moved: movedOf(doubles),
  sensitivities: (...of) => sensitivitiesOf(binary64)(...of),
}
