/**
 * exp, log, tanh, sigmoid and softmax by their own binary32 algorithms: no branch that SIMD could not turn into a
 * selection, no table, the same bits everywhere. Worst errors against binary64, over all inputs, stand in SPEC.md.
 *
 * The polynomials are those of S. L. Moshier's Cephes library (expf, logf, tanhf); the coefficients are given there
 * in decimal and in SPEC.md as bits.
 */

import { laneSum } from './sum.js'
import type { Floats, Matrix } from './matrix.js'

const { fround, abs, max, min } = Math

const horner = (coefficients: readonly number[], x: number): number => {
  let sum = coefficients[0]!
  for (let i = 1; i < coefficients.length; i++) sum = fround(fround(sum * x) + coefficients[i]!)
  return sum
}

const rounded = (values: readonly number[]): readonly number[] => values.map(fround)

const LOG2_E = fround(1.44269504)
/** ln 2 in two parts; the product of the first with a whole number below 2^15 is exact. */
const LN2_HIGH = fround(0.693359375)
const LN2_LOW = fround(-2.1219444e-4)
/** Adding and taking away 1.5 * 2^23 rounds to the nearest whole number, ties to even. */
const TO_WHOLE = 12582912
/** Below the first, exp is +0; above the second, infinity. */
const EXP_LEAST = -104
const EXP_MOST = 89
const EXP = rounded([1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1])

/** e^x. [ar-exp] */
export const exp = (x: number): number => {
  const bounded = min(max(x, EXP_LEAST), EXP_MOST)
  const n = fround(fround(fround(bounded * LOG2_E) + TO_WHOLE) - TO_WHOLE)
  const first = fround(bounded - fround(n * LN2_HIGH))
  const second = fround(n * LN2_LOW)
  const r = fround(first - second)
  const high = fround(1 + r)
  // what the roundings of r and of high lost
  const lost = fround(fround(first - r) - second)
  const low = fround(fround(r - fround(high - 1)) + lost)
  const y = fround(high + fround(fround(horner(EXP, r) * fround(r * r)) + low))
  // Two factors, so that 2^n may leave the normal range: only the second product rounds.
  const half = Math.floor(n / 2)
  return fround(fround(y * 2 ** half) * 2 ** (n - half))
}

const SQRT_HALF_BITS = 0x3f3504f3
const LEAST_NORMAL = 2 ** -126
const LOG = rounded([
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1,
  -2.4999993993e-1, 3.3333331174e-1,
])

/** The natural logarithm of each number. [ar-log] */
export const logs = (values: Floats): Float32Array => {
  const bits = new Int32Array(values.length)
  const out = new Float32Array(bits.buffer)
  for (let i = 0; i < out.length; i++) out[i] = values[i]!
  for (let i = 0; i < out.length; i++) {
    const x = out[i]!
    const subnormal = x < LEAST_NORMAL
    if (subnormal) out[i] = fround(x * 2 ** 23)
    // x = 2^k m with m from sqrt(1/2) to sqrt(2)
    const shifted = bits[i]! - SQRT_HALF_BITS
    const k = (shifted >> 23) - (subnormal ? 23 : 0)
    bits[i] = (shifted & 0x7fffff) + SQRT_HALF_BITS
    out[i] = special(x) ?? logOfParts(k, out[i]!)
  }
  return out
}

const special = (x: number): number | undefined => {
  if (x > 0 && x < Infinity) return undefined
  return x === 0 ? -Infinity : x === Infinity ? x : NaN
}

const logOfParts = (k: number, m: number): number => {
  const f = fround(m - 1)
  const square = fround(f * f)
  const low = fround(fround(fround(horner(LOG, f) * f) * square) + fround(k * LN2_LOW))
  return fround(fround(f + fround(low - fround(0.5 * square))) + fround(k * LN2_HIGH))
}

/** The natural logarithm. [ar-log] */
export const log = (x: number): number => logs([x])[0]!

const TANH = rounded([-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1])
const TANH_SPLIT = 0.625

/** The hyperbolic tangent; tanh(-0) is -0. [ar-tanh] */
export const tanh = (x: number): number => {
  const size = abs(x)
  const square = fround(size * size)
  const near = fround(fround(fround(horner(TANH, square) * square) * size) + size)
  const far = fround(1 - fround(2 / fround(exp(fround(2 * size)) + 1)))
  const result = size < TANH_SPLIT ? near : far
  return x === 0 ? x : x < 0 ? -result : result
}

/** 1 / (1 + e^-x), written so that both tails keep their relative accuracy, the subnormal one too. [ar-sigmoid] */
export const sigmoid = (x: number): number => {
  const e = exp(-abs(x))
  const quotient = fround((x < 0 ? e : 1) / fround(1 + e))
  // e / (1 + e) = e - e (e / (1 + e)): the rounding of 1 + e then hardly matters
  return x < 0 ? fround(e - fround(e * quotient)) : quotient
}

/** Row by row: e_j = exp(x_j - the row's largest), divided by their lane sum. [ar-softmax] */
export const softmax = (x: Matrix): Matrix => {
  const data = new Float32Array(x.data.length)
  for (let start = 0; start < data.length; start += x.cols) {
    let largest = -Infinity
    for (let j = 0; j < x.cols; j++) largest = max(largest, x.data[start + j]!)
    for (let j = 0; j < x.cols; j++) data[start + j] = exp(fround(x.data[start + j]! - largest))
    const sum = laneSum(data, start, x.cols)
    for (let j = 0; j < x.cols; j++) data[start + j] = fround(data[start + j]! / sum)
  }
  return { rows: x.rows, cols: x.cols, data }
}
