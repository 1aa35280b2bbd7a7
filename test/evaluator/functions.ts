/** The functions of one unit or one row (A2, P1) and the scores (S), in binary64. */

import { ELEMENTARY, at, elementwise, gamma, laneAdditions, map, size, width } from './bound.js'
import type { Judged, Rows } from './bound.js'

export type Activation =
  'tanh' | 'sigmoid' | 'relu' | 'relu6' | 'ltanh' | 'sign' | 'step' | 'identity' | 'stochastic' | ((a: number) => number)
export type Output = 'softmax' | 'sigmoid' | 'identity'

export const sign = (a: number): number => (a > 0 ? 1 : a < 0 ? -1 : a === 0 ? 0 : NaN)

/** Written in exp(-|a|), so that the far negative tail keeps its relative accuracy. */
function sigmoid(a: number): number {
  const tail = Math.exp(-Math.abs(a))
  return a < 0 ? tail / (1 + tail) : 1 / (1 + tail)
}

/** Each named function with the roundings of a correct binary32 version. Selections are exact: 0. */
const NAMED: Readonly<Record<string, readonly [f: (a: number) => number, roundings: number]>> = {
  tanh: [Math.tanh, ELEMENTARY],
  sigmoid: [sigmoid, ELEMENTARY],
  // Beyond tanh itself: 2/3 and its product with a (tanh enlarges neither: |a tanh'(a)| <= |tanh a|), then
  // 1.7159 and its product.
  ltanh: [(a) => 1.7159 * Math.tanh((2 / 3) * a), ELEMENTARY + 4],
  relu: [(a) => Math.max(a, 0), 0],
  relu6: [(a) => Math.min(Math.max(a, 0), 6), 0],
  sign: [sign, 0],
  step: [(a) => (a >= 0 ? 1 : a < 0 ? 0 : NaN), 0],
  identity: [(a) => a, 0],
}

/**
 * A2  z = f(a). Scale |z|. Units: 0 for selections, ELEMENTARY for tanh and sigmoid, 1 for a caller's own
 * function.
 */
export function A2(activation: Activation, a: Rows): Judged {
  const [f, roundings] = typeof activation === 'function' ? ([activation, 1] as const) : named(activation)
  return elementwise(a, gamma(roundings), (i, j) => {
    const z = f(at(a, i, j))
    return [z, size(z)]
  })
}

function named(name: string): readonly [f: (a: number) => number, roundings: number] {
  const found = NAMED[name]
  if (found === undefined) throw new RangeError(`the evaluator has no function ${name}`)
  return found
}

/**
 * P1  p = g(logits), for any level: pass the output function at level 0, the hidden prediction's function
 * above.
 */
export const P1 = (g: Output | Activation, logits: Rows): Judged => (g === 'softmax' ? softmax(logits) : A2(g, logits))

/**
 * P1 with softmax: exp(s_j - max s) / sum. Rounding each difference s_i - max moves p_j by the relative
 * amount |s_j - max| + sum_i p_i |s_i - max| units, which the scale carries. Units for the rest: two exp (the
 * numerator's and, averaged, the denominator's), the sum in four lanes, and 2 for a division or a
 * multiplication by a reciprocal.
 */
function softmax(logits: Rows): Judged {
  const rows = logits.map((row) => {
    const top = row.reduce((m, s) => Math.max(m, s), -Infinity)
    const drop = row.map((s) => Math.abs(s - top))
    const power = row.map((s) => Math.exp(s - top))
    const sum = power.reduce((total, x) => total + x, 0)
    const p = power.map((x) => x / sum)
    const average = p.reduce((total, x, i) => total + x * (drop[i] ?? 0), 0)
    return { p, scale: p.map((x, i) => size(x) * (1 + (drop[i] ?? 0) + average)) }
  })
  const allowed = gamma(2 * ELEMENTARY + laneAdditions(width(logits)) + 2)
  return { value: rows.map((row) => row.p), scale: rows.map((row) => row.scale), allowed }
}

/** What log is taken of: a probability <= 0 is scored as 1e-8 (rounded to binary32, as every scalar is). */
const scored = (p: number): number => (p <= 0 ? Math.fround(1e-8) : p)

/** One term of a score, and its scale. */
const SCORE: Readonly<Record<Output, (p: number, x: number) => readonly [number, number]>> = {
  softmax: (p, x) => {
    const term = -x * Math.log(scored(p))
    return [term, size(term)]
  },
  sigmoid: (p, x) => {
    const on = -x * Math.log(scored(p))
    const off = -(1 - x) * Math.log(scored(1 - p))
    // Rounding 1 - p (exact from 1/2 on) moves its logarithm by a unit of 1, however small the logarithm is.
    const moved = p < 0.5 ? Math.abs(1 - x) : 0
    return [on + off, size(on) + size(off) + moved]
  },
  identity: (p, x) => {
    const term = (p - x) ** 2 / 2
    return [term, size(term)]
  },
}

/**
 * Roundings of one term: log and product; for sigmoid also 1 - x and the sum of two; for identity p - x
 * twice (in a square), and the square.
 */
const TERM_ROUNDINGS: Readonly<Record<Output, number>> = { softmax: ELEMENTARY + 1, sigmoid: ELEMENTARY + 3, identity: 3 }

/**
 * S  the score of one step, 1 x 1, summed over the active rows: cross-entropy in nats, or half the squared
 * error. Units: those of a term, then the sum: four lanes along a row, then the rows.
 */
export function S(output: Output, p: Rows, x: Rows, mask: readonly number[]): Judged {
  const score = SCORE[output]
  const terms = p.flatMap((row, i) => (mask[i] === 0 ? [] : row.map((value, j) => score(value, at(x, i, j)))))
  const sum = (k: 0 | 1) => map([[0]], () => terms.reduce((total, term) => total + term[k], 0))
  const roundings = TERM_ROUNDINGS[output] + laneAdditions(width(p)) + p.length - 1
  return { value: sum(0), scale: sum(1), allowed: gamma(roundings) }
}
