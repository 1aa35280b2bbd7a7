/** How sparse attentive backtracking is reminded of its past, forward and back; see sab.ts. */

import type { Matrix } from '../numeric/matrix.js'
import { each, scaleRows, zeros, type Algebra, type Numbers } from './algebra.js'
import type { Tensors } from './rival.js'

/** So far above the threshold a score must be to count; and what keeps a sum of weights from 0. */
const MARGIN = 1e-7
/** So far the threshold is below the smallest score where all memories are used. */
const ROOM = 1

/** `part` added to each of the matrices that are stacked in `all`. */
const plus = ({ numbers }: Algebra, all: Matrix, part: Matrix): Matrix => {
  const data = numbers(all.data.length)
  for (let at = 0; at < data.length;) {
    for (let i = 0; i < part.data.length; i++, at++) data[at] = all.data[at]! + part.data[i]!
  }
  return { ...all, data }
}

/** The sum of the matrices of `rows` rows that are stacked in `all`. */
const folded = ({ numbers }: Algebra, all: Matrix, rows: number): Matrix => {
  const data = numbers(rows * all.cols)
  for (let at = 0; at < all.data.length;) {
    for (let i = 0; i < data.length; i++, at++) data[i] = data[i]! + all.data[at]!
  }
  return { rows, cols: all.cols, data }
}

/** rows x 1: the sum of each row. */
const rowSums = ({ numbers }: Algebra, a: Matrix): Matrix => {
  const data = numbers(a.rows)
  for (let i = 0, at = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++, at++) data[i] = data[i]! + a.data[at]!
  return { rows: a.rows, cols: 1, data }
}

interface Sparse {
  /** of each memory and row, stacked as the scores are */
  readonly weights: Matrix
  /** of each row: the sum that its weights were divided by, and where the score stands that its threshold comes from */
  readonly sums: readonly number[]
  readonly pivots: readonly number[]
}

/** Weights from scores (a column), which are those of `rows` rows, memory after memory. */
const sparsify = ({ numbers }: Algebra, scores: Matrix, rows: number, top: number): Sparse => {
  const [weights, sums, pivots]: [Numbers, number[], number[]] = [numbers(scores.rows), [], []]
  const count = scores.rows / rows
  for (let row = 0; row < rows; row++) {
    const places = Array.from({ length: count }, (_, i) => i * rows + row)
    const pivot = [...places].sort((i, j) => scores.data[j]! - scores.data[i]!)[Math.min(top, count - 1)]!
    const threshold = scores.data[pivot]! + (count > top ? MARGIN : -ROOM)
    const excess = places.map((i) => Math.max(0, scores.data[i]! - threshold))
    const sum = excess.reduce((all, one) => all + one, MARGIN)
    places.forEach((place, i) => (weights[place] = excess[i]! / sum))
    sums.push(sum)
    pivots.push(pivot)
  }
  return { weights: { rows: scores.rows, cols: 1, data: weights }, sums, pivots }
}

/** From the loss by the weights to that by the scores. */
const sparsifyBack = ({ numbers }: Algebra, { weights, sums, pivots }: Sparse, d: Matrix): Matrix => {
  const data = numbers(d.rows)
  const rows = sums.length
  for (let row = 0; row < rows; row++) {
    let mean = 0
    for (let i = row; i < d.rows; i += rows) mean += weights.data[i]! * d.data[i]!
    let all = 0
    for (let i = row; i < d.rows; i += rows) if (weights.data[i]! > 0) all += data[i] = (d.data[i]! - mean) / sums[row]!
    data[pivots[row]!] = data[pivots[row]!]! - all
  }
  return { rows: d.rows, cols: 1, data }
}

/** What a step that found memories keeps for the way back: the first `z.rows` rows of all memories are those it found. */
export interface Reminded extends Sparse {
  readonly z: Matrix
}

/** What is remembered of the past by h~, B x n, and the sum s of it; `keys` are the memories times K. */
export const attend = (algebra: Algebra, top: number, { Q, w }: Tensors, h: Matrix, memories: Matrix, keys: Matrix) => {
  const z = algebra.tanh(plus(algebra, keys, algebra.product(h, Q!)))
  const sparse = sparsify(algebra, algebra.product(z, w!), h.rows, top)
  return { reminded: { z, ...sparse }, s: folded(algebra, scaleRows(algebra, sparse.weights, memories), h.rows) }
}

/** The loss by what a step was reminded of. */
interface Reminding {
  readonly memories: Matrix
  readonly keys: Matrix
  readonly w: Matrix
  /** by h~ Q */
  readonly query: Matrix
}

/** From the loss by s, B x n, to that by all that it came from; `rowW` is w'. */
export const attendBack = (algebra: Algebra, reminded: Reminded, memories: Matrix, rowW: Matrix, ds: Matrix): Reminding => {
  const { z, weights } = reminded
  const found = { ...memories, rows: z.rows, data: (memories.data as Numbers).subarray(0, z.data.length) }
  const repeated = plus(algebra, zeros(algebra, z.rows, z.cols), ds)
  const byWeights = rowSums(
    algebra,
    each(algebra, (m, d) => m * d, found, repeated),
  )
  const scores = sparsifyBack(algebra, reminded, byWeights)
  const sums = each(algebra, (d, z) => d * (1 - z * z), algebra.product(scores, rowW), z)
  return {
    memories: scaleRows(algebra, weights, repeated),
    keys: sums,
    w: algebra.productLeftTransposed(z, scores),
    query: folded(algebra, sums, ds.rows),
  }
}
