/**
 * The equations O1 to O4, one pure function each, in binary64. Scalars are rounded to binary32 on entry.
 * Domain of the bounds: clip, maxNorm and epsilon at least 2^-50 (or off) and rate at most 2, so that no
 * square and no product that underflows counts.
 */

import { SMALLEST_NORMAL, UNIT, at, elementwise, gamma, laneAdditions, size, width } from './bound.js'
import type { Judged, Rows } from './bound.js'

const { abs, fround, max, sqrt } = Math

const norm = (values: readonly number[]): number => sqrt(values.reduce((total, x) => total + x * x, 0))

/**
 * x limit / max(norm, limit), and its scale. A norm whose rounding cannot lift it above the limit leaves x
 * alone: exact, scale 0. Near the limit either branch is right: the two differ by less than the norm's own
 * error. A product that underflows is off by 2^-150, which a norm below 1 enlarges.
 */
function rescaled(x: number, limit: number, length: number, units: number): readonly [number, number] {
  if (!(limit > 0) || length <= limit * (1 - units * UNIT)) return [x, 0]
  const divisor = max(length, limit)
  const value = length <= limit ? x : (x * limit) / length
  return [value, x === 0 ? 0 : max(abs(value), SMALLEST_NORMAL * max(1, 1 / divisor))]
}

/**
 * Units of `rescaled`: product, quotient; and the norm: its square root, and half the roundings of the sum of
 * squares.
 */
const rescaleUnits = (additions: number): number => gamma(3 + (1 + additions) / 2)

/**
 * O1  an update clipped to Frobenius norm r; r <= 0 = off. Scale: the value; 0 where nothing is clipped.
 * Units: those of `rescaled`, the squares being summed in four lanes along a row, then over the rows.
 */
export function O1(update: Rows, r: number): Judged {
  const limit = fround(r)
  const length = norm(update.flat())
  const allowed = rescaleUnits(laneAdditions(width(update)) + update.length - 1)
  return elementwise(update, allowed, (i, j) => rescaled(at(update, i, j), limit, length, allowed))
}

/** O2  update fl(1 / N). 2 units of the value: 1 / N and the product. */
export const O2 = (update: Rows, N: number): Judged =>
  elementwise(update, gamma(2), (i, j) => {
    const value = at(update, i, j) / N
    return [value, size(value)]
  })

/** O2  the N of `all` or `active`. */
export const O2_N = (mask: readonly number[], mean: 'all' | 'active'): number =>
  mean === 'all' ? mask.length : max(1, mask.filter((m) => m !== 0).length)

/** O3  sum <- sum + d, for updates once a sequence. 1 unit of |sum| + |d|. */
export const O3_accumulate = (sum: Rows, d: Rows): Judged =>
  elementwise(d, gamma(1), (i, j) => [at(sum, i, j) + at(d, i, j), abs(at(sum, i, j)) + abs(at(d, i, j))])

/** w minus terms that were rounded apart; the scale has every absolute term. */
const minus = (w: Rows, roundings: number, terms: (i: number, j: number) => readonly number[]): Judged =>
  elementwise(w, gamma(roundings), (i, j) => {
    const parts = terms(i, j)
    return [parts.reduce((rest, x) => rest - x, at(w, i, j)), parts.reduce((total, x) => total + size(x), abs(at(w, i, j)))]
  })

/** O3, sgd: w - rate d. 2 units: product, subtraction. */
export function O3_sgd(w: Rows, d: Rows, rate: number): Judged {
  const rate32 = fround(rate)
  return minus(w, 2, (i, j) => [rate32 * at(d, i, j)])
}

/** O3, momentum and nesterov: v <- mu v + d. 2 units of |mu v| + |d|: product, addition. */
export function O3_velocity(v: Rows, d: Rows, mu: number): Judged {
  const mu32 = fround(mu)
  return elementwise(d, gamma(2), (i, j) => {
    const kept = mu32 * at(v, i, j)
    return [kept + at(d, i, j), size(kept) + abs(at(d, i, j))]
  })
}

/** O3, momentum: w - rate v, the v just made. 2 units: product, subtraction. */
export const O3_momentum = (w: Rows, v: Rows, rate: number): Judged => O3_sgd(w, v, rate)

/**
 * O3, nesterov: w - (d rate + (v mu) rate), the v just made. Scale: the three absolute terms.
 * Units: 4 for the term of v, two products, an addition and a subtraction.
 */
export function O3_nesterov(w: Rows, d: Rows, v: Rows, mu: number, rate: number): Judged {
  const [mu32, rate32] = [fround(mu), fround(rate)]
  return minus(w, 4, (i, j) => [at(d, i, j) * rate32, at(v, i, j) * mu32 * rate32])
}

/** kept old + (1 - kept) fresh; the scale has both absolute terms. */
function blend(old: Rows, kept: number, roundings: number, fresh: (i: number, j: number) => number): Judged {
  const kept32 = fround(kept)
  return elementwise(old, gamma(roundings), (i, j) => {
    const parts = [kept32 * at(old, i, j), (1 - kept32) * fresh(i, j)]
    return [parts.reduce((total, x) => total + x, 0), parts.reduce((total, x) => total + size(x), 0)]
  })
}

/** O3, adam: m <- b1 m + (1 - b1) d. 3 units: 1 - b1, product, addition. */
export const O3_firstMoment = (m: Rows, d: Rows, beta1: number): Judged => blend(m, beta1, 3, (i, j) => at(d, i, j))

/**
 * O3, adam and rmsprop: v <- b2 v + (1 - b2) d^2 (rho for b2). 4 units: square, 1 - b2, product, addition.
 */
export const O3_secondMoment = (v: Rows, d: Rows, beta2: number): Judged => blend(v, beta2, 4, (i, j) => at(d, i, j) ** 2)

/**
 * beta^k by running product, in binary32 as defined: 1 - beta^k would enlarge a rounding of beta2^2 five
 * hundredfold, so that only the defined value gives a bound worth having.
 */
export function O3_power(beta: number, k: number): number {
  let power = 1
  for (let i = 0; i < k; i++) power = fround(power * fround(beta))
  return power
}

/** What a step rate x / (root + epsilon) may lose to underflow in front of a small denominator. */
const stepFloor = (step: number, rate: number, denominator: number): number =>
  step === 0 ? 0 : max(0, (SMALLEST_NORMAL * (1 + rate)) / denominator - abs(step))

/**
 * O3, adam: w - rate (m c1) / (sqrt(v c2) + epsilon), c = 1 / (1 - beta^k), k counting this update, m and v
 * just made. Scale |w| + |step|. Units: 4 for rate m c1 (c1: 2), 3.5 for the denominator (half of v c2's 3,
 * root, addition), then quotient and subtraction; 10 with half a unit for a v c2 that underflows.
 */
export function O3_adam(
  w: Rows,
  m: Rows,
  v: Rows,
  k: number,
  config: { readonly rate: number; readonly beta1: number; readonly beta2: number; readonly epsilon: number },
): Judged {
  const [rate, epsilon] = [fround(config.rate), fround(config.epsilon)]
  const c1 = 1 / (1 - O3_power(config.beta1, k))
  const c2 = 1 / (1 - O3_power(config.beta2, k))
  return elementwise(w, gamma(10), (i, j) => {
    const denominator = sqrt(at(v, i, j) * c2) + epsilon
    const step = (rate * at(m, i, j) * c1) / denominator
    return [at(w, i, j) - step, abs(at(w, i, j)) + size(step) + stepFloor(step, rate, denominator)]
  })
}

/**
 * O3, rmsprop: w - rate d / (sqrt(v) + epsilon), the v just made. Scale |w| + |step|.
 * Units: 5: product, root, addition, quotient, subtraction.
 */
export function O3_rmsprop(w: Rows, d: Rows, v: Rows, config: { readonly rate: number; readonly epsilon: number }): Judged {
  const [rate, epsilon] = [fround(config.rate), fround(config.epsilon)]
  return elementwise(w, gamma(5), (i, j) => {
    const denominator = sqrt(at(v, i, j)) + epsilon
    const step = (rate * at(d, i, j)) / denominator
    return [at(w, i, j) - step, abs(at(w, i, j)) + size(step) + stepFloor(step, rate, denominator)]
  })
}

/** O3  the rate of a matrix of `rows` rows, where only `most` have the whole; 2 roundings. */
export const O3_rate = (rate: number, most: number, rows: number): number =>
  most > 0 && rows > most ? (rate * most) / rows : rate

/** O5  w - part w. 2 units of the absolute terms: product, subtraction. */
export const O5 = (w: Rows, part: number): Judged => O3_sgd(w, w, part)

/**
 * O4  each row of a weight matrix projected to Euclidean norm <= maxNorm; 0 = off. Scale: the value; 0 where
 * nothing is projected. Units as in O1, for one row.
 */
export function O4(w: Rows, maxNorm: number): Judged {
  const limit = fround(maxNorm)
  const lengths = w.map(norm)
  const allowed = rescaleUnits(laneAdditions(width(w)))
  return elementwise(w, allowed, (i, j) => rescaled(at(w, i, j), limit, lengths[i] ?? NaN, allowed))
}
