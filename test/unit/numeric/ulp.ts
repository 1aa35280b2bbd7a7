/**
 * The errors of the functions of one number against binary64, over ranges of bit patterns: shared by the sampled
 * test and by the complete one.
 *
 * An error is measured in units in the last place of the exact result: 2^(k - 23) where 2^k <= |exact| < 2^(k + 1),
 * 2^-149 where that is subnormal. An infinity counts as 2^128, where the next binary32 number would be.
 */

import { ACTIVATIONS } from '../../../src/numeric/activation.js'
import { exp, logs } from '../../../src/numeric/elementary.js'

interface Measured {
  readonly compute: (xs: Float32Array) => Float32Array
  /** in binary64, to a relative error far below 2^-24 */
  readonly exact: (x: number) => number
  /** the worst error of all 2^32 inputs, rounded up to two decimals; 0 asks for the exact bits */
  readonly bound: number
}

const each =
  (f: (x: number) => number) =>
  (xs: Float32Array): Float32Array => {
    const results = new Float32Array(xs.length)
    for (let i = 0; i < xs.length; i++) results[i] = f(xs[i]!)
    return results
  }

const exactSigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x))
  return x < 0 ? e / (1 + e) : 1 / (1 + e)
}

/** Every deterministic unit, exp and log. `ltanh` is measured against its decimal constants. */
export const MEASURED: Readonly<Record<string, Measured>> = {
  exp: { compute: each(exp), exact: Math.exp, bound: 0.77 },
  log: { compute: logs, exact: Math.log, bound: 0.83 },
  tanh: { compute: each(ACTIVATIONS.tanh), exact: Math.tanh, bound: 1.34 },
  sigmoid: { compute: each(ACTIVATIONS.sigmoid), exact: exactSigmoid, bound: 1.66 },
  ltanh: { compute: each(ACTIVATIONS.ltanh), exact: (x) => 1.7159 * Math.tanh((2 / 3) * x), bound: 3.25 },
  relu: { compute: each(ACTIVATIONS.relu), exact: (x) => Math.max(x, 0), bound: 0 },
  relu6: { compute: each(ACTIVATIONS.relu6), exact: (x) => Math.min(Math.max(x, 0), 6), bound: 0 },
  sign: { compute: each(ACTIVATIONS.sign), exact: (x) => Math.sign(x) + 0, bound: 0 },
  step: { compute: each(ACTIVATIONS.step), exact: (x) => (Number.isNaN(x) ? x : Number(x >= 0)), bound: 0 },
  identity: { compute: each(ACTIVATIONS.identity), exact: (x) => x, bound: 0 },
}

export interface Worst {
  readonly error: number
  /** of the input at which it occurs */
  readonly bits: number
}

export const hex = (bits: number): string => (bits >>> 0).toString(16).padStart(8, '0')

/** 2^23 over the power of two at or below |x|, by the biased exponent of x as a binary64 number. */
const PER_ULP = Float64Array.from({ length: 2048 }, (_, biased) => 2 ** (23 - Math.max(biased - 1023, -126)))
const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const HIGH_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0
const BEYOND = 2 ** 128

const beyond = (x: number): number => (x >= BEYOND ? BEYOND : x <= -BEYOND ? -BEYOND : x)
const LARGEST_EXPONENT = 127 + 1023

/** Infinity where one is NaN and the other not, or two zeros differ in sign. */
const errorInUlp = (computed: number, exact: number): number => {
  if (computed === exact) return computed === 0 && !Object.is(computed, exact) ? Infinity : 0
  if (Number.isNaN(exact) || Number.isNaN(computed)) return Number.isNaN(exact) && Number.isNaN(computed) ? 0 : Infinity
  double[0] = exact
  const exponent = Math.min((words[HIGH_WORD]! >>> 20) & 0x7ff, LARGEST_EXPONENT)
  return Math.abs(beyond(computed) - beyond(exact)) * PER_ULP[exponent]!
}

const BATCH = 2 ** 16

/** The worst error of a function for the bit patterns from, from + stride, ... below `to`. */
export const sweep = (name: string, from: number, to: number, stride: number): Worst => {
  const { compute, exact } = MEASURED[name]!
  let worst: Worst = { error: -1, bits: from }
  for (let start = from; start < to; start += BATCH * stride) {
    const patterns = new Uint32Array(Math.min(BATCH, Math.ceil((to - start) / stride)))
    for (let i = 0; i < patterns.length; i++) patterns[i] = start + i * stride
    const xs = new Float32Array(patterns.buffer)
    const results = compute(xs)
    for (let i = 0; i < xs.length; i++) {
      const error = errorInUlp(results[i]!, exact(xs[i]!))
      if (error > worst.error) worst = { error, bits: patterns[i]! }
    }
  }
  return worst
}
