/**
 * Unbiased online recurrent optimisation (C. Tallec, Y. Ollivier, 2017): what RTRL carries, as the product of two vectors
 * for each row, A and B. Random signs make the estimate right in the mean.
 */

import type { Matrix } from '../numeric/matrix.js'
import { philox, split, type Key } from '../numeric/random.js'
import { each, zeros, type Algebra, type Numbers } from './algebra.js'
import { onlineRival, type TraceOf } from './online.js'
import { requireCarried, type Rival, type RivalConfig, type Tensors } from './rival.js'

/** The authors' own. */
const EPSILON = 1e-5

/** Signs for a step, B x n, and what the next are drawn from. */
export type Signs = (key: Matrix, rows: number, units: number) => { readonly signs: Matrix; readonly next: Matrix }

/** Halves of the words of a key: numbers of any width hold them. */
const stored = (algebra: Algebra, [a, b]: Key): Matrix => {
  const data = algebra.numbers(4)
  data.set([a & 0xffff, a >>> 16, b & 0xffff, b >>> 16])
  return { rows: 1, cols: 4, data }
}

const keyFrom = ({ data: [a, b, c, d] }: { readonly data: Iterable<number> }): Key => [a! + b! * 65536, c! + d! * 65536]

/** Bit i of the words of a child of the key is sign i. */
const drawn =
  (algebra: Algebra): Signs =>
  (from, rows, units) => {
    const key = keyFrom({ data: Array.from(from.data) })
    const data = algebra.numbers(rows * units)
    const child = split(key, 1)
    for (let first = 0; first < data.length; first += 128) {
      const words = philox([first / 128, 0, 0, 0], child)
      for (let i = 0; i < 128 && first + i < data.length; i++) data[first + i] = (words[i >> 5]! >>> (i & 31)) & 1 ? 1 : -1
    }
    return { signs: { rows, cols: units, data }, next: stored(algebra, split(key, 0)) }
  }

const normOf = ({ data, cols }: Matrix, row: number): number => {
  let sum = 0
  for (let at = row * cols; at < (row + 1) * cols; at++) sum += data[at]! * data[at]!
  return Math.sqrt(sum)
}

/** A and B for each row of the batch, the same signs for both. */
export const estimatedTrace =
  (algebra: Algebra, signsOf: Signs = drawn(algebra)): TraceOf =>
  (state) => {
    const [rows, units] = [state.h!.rows, state.h!.cols]
    const width = units + state.x!.cols + 1
    let A = state.A ? requireCarried('A', state.A, rows, units) : zeros(algebra, rows, units)
    let key = state.key!
    // row b holds k x n numbers, in the order of [W; U; b]
    const B = algebra.numbers(rows * width * units)
    if (state.B) B.set(requireCarried('B', state.B, rows, width * units).data as Numbers)
    const traced: Matrix = { rows, cols: width * units, data: B }

    /** (q s) xhat' + (q' J A) B, summed over the rows. */
    const gradientOf = (q: Matrix, s: Matrix, xhat: Matrix, JA: Matrix): Matrix => {
      const direct = algebra.productLeftTransposed(
        xhat,
        each(algebra, (q, s) => q * s, q, s),
      )
      const data = direct.data as Numbers
      for (let row = 0; row < rows; row++) {
        let weight = 0
        for (let i = row * units; i < (row + 1) * units; i++) weight += q.data[i]! * JA.data[i]!
        const start = row * traced.cols
        for (let at = 0; at < traced.cols; at++) data[at] = data[at]! + weight * B[start + at]!
      }
      return direct
    }

    /** A <- rho0 J A + rho1 nu; B <- B / rho0 + M / rho1, M = xhat (nu s)' */
    const fold = (JA: Matrix, nu: Matrix, s: Matrix, xhat: Matrix): void => {
      const after = algebra.numbers(rows * units)
      const nuS = each(algebra, (nu, s) => nu * s, nu, s)
      for (let row = 0; row < rows; row++) {
        const rho0 = Math.sqrt((normOf(traced, row) + EPSILON) / (normOf(JA, row) + EPSILON))
        const rho1 = Math.sqrt((normOf(xhat, row) * normOf(nuS, row) + EPSILON) / (Math.sqrt(units) + EPSILON))
        for (let i = row * units; i < (row + 1) * units; i++) after[i] = rho0 * JA.data[i]! + rho1 * nu.data[i]!
        for (let l = 0, at = row * traced.cols; l < width; l++) {
          const factor = xhat.data[row * width + l]! / rho1
          for (let j = row * units; j < (row + 1) * units; j++, at++) B[at] = B[at]! / rho0 + factor * nuS.data[j]!
        }
      }
      A = { rows, cols: units, data: after }
    }

    return {
      step: (W, s, xhat, q) => {
        const JA = each(algebra, (a, s) => a * s, algebra.product(A, W), s)
        const gradient = q && gradientOf(q, s, xhat, JA)
        const { signs, next } = signsOf(key, rows, units)
        fold(JA, signs, s, xhat)
        key = next
        return gradient
      },
      value: (): Tensors => ({ A, B: traced, key }),
    }
  }

/** Unbiased online recurrent optimisation: an estimate of that gradient of rank one. @throws ConfigError */
export const uoro = (algebra: Algebra, config: RivalConfig): Rival =>
  onlineRival(algebra, config, {
    name: 'uoro',
    trace: estimatedTrace(algebra),
    start: (key = [0, 0]) => ({ key: stored(algebra, key) }),
  })
