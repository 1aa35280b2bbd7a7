/** Whether one method is better than another: differences of the same seeds, and what a table of them may say. */

import { intervalOf, studentWithin, type Interval } from '../interval.js'

/** A difference over seeds, and the probability of one at least as large where there is none. */
export interface Difference extends Interval {
  /** two-sided, of Student's t; none for one seed alone */
  readonly p?: number
}

/** In words: whether a claim of a difference > 0 holds. */
export type Verdict = 'shown' | 'refuted' | 'undecided'

/** The probability of an error in any verdict of a table. */
export const ALPHA = 0.05

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

/** Of the same seeds, `than` minus `of`: where lower is better, how much better `of` is. */
export const pairedDifference = (of: readonly number[], than: readonly number[]): Difference =>
  differenceOf(than.map((value, i) => value - of[i]!))

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
export const judge = (differences: readonly Difference[]): readonly Judged[] => {
  const known = differences.flatMap(({ p }, index) => (p === undefined ? [] : [{ p, index }]))
  const adjusted = new Map(holm(known.map(({ p }) => p)).map((p, i) => [known[i]!.index, p]))
  return differences.map((difference, index): Judged => {
    const p = adjusted.get(index)
    if (p === undefined) return { ...difference, verdict: 'undecided' }
    const verdict = p >= ALPHA ? 'undecided' : difference.mean > 0 ? 'shown' : 'refuted'
    return { ...difference, adjusted: p, verdict }
  })
}
