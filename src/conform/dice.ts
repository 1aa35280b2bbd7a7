/** Numbers and choices, one after another, from a key. */

import { philox, unitInterval, type Key } from '../numeric/random.js'

export interface Dice {
  /** from 0 to below 1 */
  readonly unit: () => number
  readonly whole: (least: number, most: number) => number
  readonly pick: <Value>(values: readonly Value[]) => Value
  /** true so often */
  readonly chance: (probability: number) => boolean
}

/** The numbers are those of `uniform`, one after another; four of them are drawn at once. */
export const diceOf = (key: Key): Dice => {
  let drawn = 0
  let words: readonly number[] = []
  const unit = (): number => {
    if (drawn % 4 === 0) words = philox([drawn / 4, 0, 0, 0], key)
    return unitInterval(words[drawn++ % 4]!)
  }
  const whole = (least: number, most: number): number => least + Math.floor(unit() * (most - least + 1))
  return { unit, whole, pick: (values) => values[whole(0, values.length - 1)]!, chance: (probability) => unit() < probability }
}
