/** What a score is worth, in words: against what needs no learning, and how near it comes to what nothing can pass. */

import type { Mark, Unit } from '../../data/task.js'
import type { Interval } from '../statistics.js'

const FLOOR = 'floor'

/** Digits behind the point that tell networks apart; of other units one. */
const DIGITS: Readonly<Record<string, number>> = { 'bits a symbol': 3, 'half squared error a step': 4 }

/** A score as people read it. */
export const figure = (unit: string, value: number): string => value.toFixed(DIGITS[unit] ?? 1)

/** `105.31 ± 0.42`; without the half where one seed gave none. */
export const intervalText = (unit: Unit, { mean, half }: Interval): string => {
  const text = (value: number): string => value.toFixed(unit === 'bits a symbol' || unit === 'half squared error a step' ? 4 : 2)
  return half === undefined ? text(mean) : `${text(mean)} ± ${text(half)}`
}

/** As `better than the bigram by 0.170 bits a symbol`, or what to do where it is worse than the best that does not learn. */
export const verdict = (unit: string, score: number, marks: readonly Mark[]): string | undefined => {
  const [best, ...others] = marks.filter(({ label }) => label !== FLOOR).sort((a, b) => a.value - b.value)
  if (!best || !Number.isFinite(score)) return undefined
  const by = (mark: Mark): string => `the ${mark.label} by ${figure(unit, Math.abs(mark.value - score))} ${unit}`
  if (score < best.value) {
    const floor = marks.find(({ label }) => label === FLOOR)
    const part = floor ? (100 * (best.value - score)) / (best.value - floor.value) : undefined
    return `better than ${by(best)}${part === undefined ? '' : `, ${part.toFixed(0)} % of the way from there to the floor`}`
  }
  const passed = others.find(({ value }) => score < value)
  const still = passed ? `better than ${by(passed)}, but ` : ''
  return `${still}worse than ${by(best)}, which needs no learning: train longer, or with another --rate`
}
