/** Random requests for parts: any seed and configuration, words of any kind, numbers of all sizes. [pr-parts] */

import { digitsOf } from '../../numeric/bits.js'
import { encodeCheckpoint } from '../../io/checkpoint.js'
import type { Dice } from '../dice.js'
import { encodeConfig, type Fields, type Part } from '../port/wire.js'
import { nest, type Scenario } from '../scenario.js'
import { hexOf } from './answer.js'
import { FUNCTIONS, RANGES, type Kind } from './functions.js'

/** A whole number of a kind: near its ends, near 2^32, or anywhere. */
const drawWhole = (dice: Dice, kind: Kind): number => {
  const [least, most] = RANGES[kind]
  const anywhere = Math.floor(dice.unit() * 2 ** 24) * 2 ** 29 + dice.whole(0, 2 ** 29 - 1)
  return Math.min(most, Math.max(least, dice.pick([least, most, 2 ** 32, 2 ** 32 - 1, dice.whole(0, 9), anywhere % (most + 1)])))
}

/** The digits of a number: any bits at all, or of a size at which functions move. */
const drawDigits = (dice: Dice): string =>
  dice.chance(0.3)
    ? drawWhole(dice, 'word').toString(16).padStart(8, '0')
    : digitsOf([Math.fround((2 * dice.unit() - 1) * dice.pick([1e-3, 1, 20, 110]))])

const drawTensor = (dice: Dice): { s: readonly [number, number]; x: string } => {
  const [rows, cols] = [dice.whole(1, 3), dice.pick([1, 3, 4, 5, 17])]
  return { s: [rows, cols], x: Array.from({ length: rows * cols }, () => drawDigits(dice)).join('') }
}

const drawFunction = (dice: Dice): object => {
  const [name, { ofTensor, ofWhole }] = dice.pick(Object.entries(FUNCTIONS))
  if (ofTensor) return { op: 'function', name, x: drawTensor(dice) }
  const kinds = ofWhole?.kinds ?? Array<Kind>(dice.whole(1, 9)).fill('word')
  return { op: 'function', name, words: kinds.map((kind) => drawWhole(dice, kind)) }
}

const drawCheckpoint = (dice: Dice, { config, from }: Scenario): object => {
  const { state, model } = nest(config, from)
  if (dice.chance(0.6)) return { op: 'checkpoint', bytes: hexOf(encodeCheckpoint({ config, snapshot: { ...model, state } })) }
  // where no sequence is open there is no sum
  const { sum: _, ...optimizer } = model.optimizer
  return { op: 'checkpoint', bytes: hexOf(encodeCheckpoint({ config, snapshot: { ...model, optimizer } })) }
}

/** A request for a part, of the configuration and the state that a scenario has. */
export const drawPart = (dice: Dice, part: Part, scenario: Scenario): Fields => {
  const { config } = scenario
  const made =
    part === 'function'
      ? drawFunction(dice)
      : part === 'checkpoint'
        ? drawCheckpoint(dice, scenario)
        : { op: 'init', config: encodeConfig(config), seed: drawWhole(dice, 'whole') }
  return made as Fields
}
