/**
 * The mean of a figure over seeds, how far it is known (the 95 % interval of Student's t), and whether one method is better
 * than another. Nothing but + - * / and square roots, so that a summary has the same bits on every machine.
 */

import { field, requireField, wholeFrom } from '../fields.js'

/** A mean over values, and how far it is known: 95 %, Student's t. */
export interface Interval {
  readonly mean: number
  /** the interval is mean - half to mean + half; one value alone has none */
  readonly half?: number
  /** values */
  readonly count: number
}

const LEVEL = 0.95
const VALUES = field<readonly number[]>(
  'a list of at least one number',
  (value) => Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'number'),
)

/** Halvings after which the series below needs few terms. */
const HALVINGS = 6
const SERIES_TERMS = 8

/** atan(x) = 2 atan(x / (1 + sqrt(1 + x^2))), until the series x - x^3/3 + x^5/5 - ... is short; x >= 0. */
const arctangent = (x: number): number => {
  let small = x
  for (let i = 0; i < HALVINGS; i++) small /= 1 + Math.sqrt(1 + small * small)
  let sum = 0
  for (let k = SERIES_TERMS - 1; k >= 0; k--) sum = 1 / (2 * k + 1) - small * small * sum
  return 2 ** HALVINGS * small * sum
}

/**
 * The probability that |T| < t, for Student's t with a whole number of degrees of freedom: the finite sums 26.7.3 and
 * 26.7.4 of M. Abramowitz, I. Stegun, "Handbook of mathematical functions" (1964); theta there is atan(t / sqrt(n)).
 */
export const studentWithin = (t: number, degrees: number): number => {
  const cosine = Math.sqrt(degrees / (degrees + t * t))
  const sine = t / Math.sqrt(degrees + t * t)
  const odd = degrees % 2 === 1
  // from cos^1 or cos^0 up to cos^(n - 2), each term the one before times cos^2 and a fraction
  let [term, sum] = [odd ? cosine : 1, 0]
  for (let power = odd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term
    term *= (cosine * cosine * (power + 1)) / (power + 2)
  }
  return odd ? (arctangent(t / Math.sqrt(degrees)) + sine * sum) * (2 / Math.PI) : sine * sum
}

/**
 * The t within which Student's T lies with this probability: 12.706 for 0.95 and one degree of freedom.
 * @throws ShapeError unless the degrees are a whole number >= 1
 */
export const studentQuantile = (level: number, degrees: number): number => {
  requireField('ShapeError', 'degrees of freedom', degrees, wholeFrom(1))
  let [low, high] = [0, 1]
  while (studentWithin(high, degrees) < level) high *= 2
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (studentWithin(middle, degrees) < level) low = middle
    else high = middle
  }
  return high
}

/** The mean of values with its interval. @throws ShapeError where there is no value, or one that is no number */
export const intervalOf = (values: readonly number[]): Interval => {
  const count = requireField('ShapeError', 'values', values, VALUES).length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  if (count === 1) return { mean, count }
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  const half = studentQuantile(LEVEL, count - 1) * Math.sqrt(squares / (count - 1) / count)
  return { mean, half, count }
}

/** A difference over seeds, and the probability of one at least as large where there is none. */
export interface Difference extends Interval {
  /** two-sided, of Student's t; none for one seed alone */
  readonly p?: number
}

/** In words: whether a claim of a difference > 0 holds. */
export type Verdict = 'shown' | 'refuted' | 'undecided'

/** The probability of an error in any verdict of a table. */
const ALPHA = 0.05

/** Of paired values, or of any that should differ from 0. @throws ShapeError where there is none */
export const differenceOf = (differences: readonly number[]): Difference => {
  const interval = intervalOf(differences)
  const { mean, count } = interval
  if (count === 1) return interval
  const squares = differences.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  const error = Math.sqrt(squares / (count - 1) / count)
  // equal differences leave no doubt, be they 0 or not
  const p = error === 0 ? (mean === 0 ? 1 : 0) : 1 - studentWithin(Math.abs(mean) / error, count - 1)
  return { ...interval, p }
}

/**
 * p-values so that the probability of any error among them is at most what each is compared with: S. Holm, "A simple
 * sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
 */
export const holm = (ps: readonly number[]): readonly number[] => {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]! || a - b)
  const adjusted = [...ps]
  let largest = 0
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (ps.length - rank) * ps[index]!))
    adjusted[index] = largest
  })
  return adjusted
}

export interface Judged extends Difference {
  /** after Holm, within the table */
  readonly adjusted?: number
  readonly verdict: Verdict
}

/** Each claim that a difference is > 0, all of them of one table. */
export const verdictsOf = (differences: readonly Difference[]): readonly Judged[] => {
  const known = differences.flatMap(({ p }, index) => (p === undefined ? [] : [{ p, index }]))
  const adjusted = new Map(holm(known.map(({ p }) => p)).map((p, i) => [known[i]!.index, p]))
  return differences.map((difference, index): Judged => {
    const p = adjusted.get(index)
    if (p === undefined) return { ...difference, verdict: 'undecided' }
    const verdict = p >= ALPHA ? 'undecided' : difference.mean > 0 ? 'shown' : 'refuted'
    return { ...difference, adjusted: p, verdict }
  })
}
