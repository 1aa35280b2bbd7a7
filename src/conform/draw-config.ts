/** Random configurations: round numbers and any numbers, so that no value of a field is out of reach. [cf-fields] */

import { config, profiles, specOf, type Config, type ProfileName } from '../ptncn/config.js'
import type { Dice } from './dice.js'
import type { Caps } from './port/wire.js'

/** The values that each switch and number is drawn from, some more often. Property tests draw from the same. */
export const SWITCHES = {
  hiddenPrediction: ['identity', 'activation'],
  topDownSignal: ['correction', 'error'],
  errorRule: ['transposed', 'temporal'],
  gamma: [1, 0.3, -0.7],
  presynaptic: ['corrected', 'uncorrected'],
  beta: [0.1, 0.7, -0.2, 0],
  alpha: [0.001, 0.3, 0],
  lambda: [0, 0.2],
  passes: [1, 1, 2, 3],
  biases: [false, true],
  clip: [1, 0.5, 0.05, 0, -1, 30],
  clipOrder: ['clip-mean', 'mean-clip'],
  mean: ['all', 'active'],
  rate: [0.075, 0.01],
  momentum: [0.95, 0.5],
  beta1: [0.9, 0],
  beta2: [0.999, 0.5],
  decay: [0.9, 0],
  epsilon: [1e-8, 0.001],
  update: ['step', 'step', 'sequence'],
  maxNorm: [0, 0.8, 0.5, 30],
  learnFrom: [1, 0, 0, 2],
} as const

/** The same of the fields that came later; most at their default, so that what was there before is drawn too. */
export const LATER_SWITCHES = {
  correctionSignal: ['state', 'drive'],
  window: [0, 0.25, 0.5, -1],
  errorStart: ['independent', 'transposed'],
  weightDecay: [0, 0, 0.01, 0.5],
  rateFanIn: [0, 0, 0.5, 3, 4.5],
} as const

/** Any number, of any sign and all of its 24 bits, up to a size. */
const any =
  (size: number) =>
  (dice: Dice): number =>
    (2 * dice.unit() - 1) * size
/** From 0 on. */
const some =
  (size: number) =>
  (dice: Dice): number =>
    dice.unit() * size
const oneOf =
  (...values: readonly number[]) =>
  (dice: Dice): number =>
    dice.pick(values)
/** From 0 to below 1, near either end too. */
const fraction = (dice: Dice): number => dice.pick([dice.unit(), 1 - 2 ** -24, 1 - 2 ** -10 * dice.unit(), 2 ** -30, 0])

type Draw = (dice: Dice) => number

/** What the numbers may be besides the round ones: negative, beyond 1, nothing, with all of their bits. */
const WILD: Readonly<Partial<Record<keyof Config, Draw>>> = {
  gamma: (dice) => dice.pick([any(3), any(1), oneOf(-1, 2.5, -1.75, 0)])(dice),
  beta: (dice) => dice.pick([any(1), any(3), oneOf(0, -1)])(dice),
  alpha: (dice) => dice.pick([any(1), any(2), oneOf(-0.001, 0)])(dice),
  lambda: (dice) => dice.pick([any(0.5), oneOf(-0.125, 2, 0)])(dice),
  clip: (dice) => dice.pick([some(1), some(0.05), some(0.004), oneOf(-0.3, -2, 0)])(dice),
  rate: (dice) => dice.pick([any(0.2), any(2), oneOf(-0.05, 0, -1, 1.5)])(dice),
  momentum: (dice) => dice.pick([any(1), any(1.5), oneOf(0, -0.9, 1)])(dice),
  beta1: fraction,
  beta2: fraction,
  decay: fraction,
  epsilon: (dice) => dice.pick([some(0.01), some(1e-6), oneOf(0, 0, 2 ** -149, 2)])(dice),
  maxNorm: (dice) => dice.pick([some(2), some(0.1), oneOf(0, 0.01)])(dice),
  window: (dice) => dice.pick([some(1), any(0.5), oneOf(0, -0.25)])(dice),
  weightDecay: (dice) => dice.pick([some(0.2), fraction, oneOf(0.75)])(dice),
  rateFanIn: (dice) => dice.pick([some(6), oneOf(1, 2, 3, 2.5)])(dice),
}

/** Some of the numbers of a record in place of round ones. */
const wilder = (dice: Dice, fields: Readonly<Record<string, unknown>>, often: number): object =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => {
      const draw = WILD[field as keyof Config]
      return [field, draw && dice.chance(often) ? draw(dice) : value]
    }),
  )

const profilesOf = ({ specs }: Caps): readonly ProfileName[] =>
  (Object.keys(profiles) as ProfileName[]).filter((name) => specs.includes(specOf(config({ units: [1, 1] }, name))))

/** The shape of a network, and its passes where they are more than usual. */
export interface Shape {
  readonly units: readonly number[]
  readonly passes?: number
}

/** A configuration of a shape, within what a port can do. */
export const drawConfig = (dice: Dice, caps: Caps, { units, passes }: Shape): Config => {
  const own = {
    units,
    activation: dice.pick(caps.activations),
    output: dice.pick(caps.outputs),
    optimizer: dice.pick(caps.optimizers),
    ...(passes !== undefined && { passes }),
  } as unknown as Config
  if (dice.chance(0.2)) return config(own, dice.pick(profilesOf(caps)))
  const drawn = (from: object): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(from).map(([field, values]) => [field, dice.pick(values as readonly unknown[])]))
  const often = dice.pick([0, 0.3, 0.8])
  const first = wilder(dice, drawn(SWITCHES), often)
  const later = caps.specs.includes('0.2.0') && dice.chance(0.5) ? wilder(dice, drawn(LATER_SWITCHES), often) : {}
  return config({ ...first, ...later, ...own })
}
