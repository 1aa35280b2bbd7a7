/** O3, Adam, of the numbers of one tensor. [O3] */

import type { Matrix } from '../numeric/matrix.js'

const { fround, sqrt } = Math

export const BETA1 = fround(0.9)
export const BETA2 = fround(0.999)
export const EPSILON = fround(1e-8)

/** What an update has in common for all tensors. */
export interface Step {
  /** that each gradient is first multiplied by */
  readonly factor: number
  readonly rate: number
  /** beta1^k and beta2^k, this update counted */
  readonly power1: number
  readonly power2: number
}

/** A tensor, and what Adam remembers of it. */
export interface Moving {
  readonly weight: Matrix
  readonly first: Matrix
  readonly second: Matrix
}

/** A tensor after an update by its gradient. */
export type Moved = (step: Step, moving: Moving, gradient: Matrix) => Moving

/** By definition. In binary32 the kernels have to do the same to the bit. */
export const movedOf =
  (numbers: (length: number) => Float32Array | Float64Array): Moved =>
  ({ factor, rate: given, power1, power2 }, { weight, first, second }, { rows, cols, data: gradient }) => {
    const [unbias1, unbias2] = [fround(1 / fround(1 - power1)), fround(1 / fround(1 - power2))]
    const [keep1, keep2] = [fround(1 - BETA1), fround(1 - BETA2)]
    const rate = fround(given)
    const [w, m, v] = [numbers(gradient.length), numbers(gradient.length), numbers(gradient.length)]
    for (let i = 0; i < gradient.length; i++) {
      const d = fround(factor * gradient[i]!)
      m[i] = fround(fround(BETA1 * first.data[i]!) + fround(keep1 * d))
      v[i] = fround(fround(BETA2 * second.data[i]!) + fround(keep2 * fround(d * d)))
      const size = fround(fround(sqrt(fround(unbias2 * v[i]!))) + EPSILON)
      w[i] = fround(weight.data[i]! - fround(fround(rate * fround(unbias1 * m[i]!)) / size))
    }
    const like = (data: Matrix['data']): Matrix => ({ rows, cols, data })
    return { weight: like(w), first: like(m), second: like(v) }
  }
