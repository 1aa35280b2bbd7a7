/** O3 of one weight as a graph, each optimiser as its lines of SPEC.md. [O3] */

import type { Config } from '../../ptncn/config.js'
import type { MomentName } from '../../ptncn/optimizers.js'
import { add, divide, multiply, number, scale, sqrt, subtract } from './algebra.js'
import type { Build, Value } from './build.js'

/** What a weight moves by, beside its reduced update. */
interface Of {
  readonly first: Value | undefined
  readonly second: Value | undefined
  readonly power1: Value
  readonly power2: Value
}

/** kept old + (1 - kept) fresh */
const average = (g: Build, decay: number, old: Value, fresh: Value): Value =>
  add(g, scale(g, decay, old), scale(g, Math.fround(1 - decay), fresh))

/** The next value of a moment that the optimiser keeps. */
export const newMoment = (g: Build, config: Config, moment: MomentName, old: Value, d: Value): Value => {
  const { optimizer, momentum, beta1, beta2, decay } = config
  if (moment === 'second') return average(g, optimizer === 'adam' ? beta2 : decay, old, multiply(g, d, d))
  return optimizer === 'adam' ? average(g, beta1, old, d) : add(g, scale(g, momentum, old), d)
}

/** (rate s) / (sqrt(q) + epsilon) */
const normalised = (g: Build, { rate, epsilon }: Config, s: Value, q: Value): Value =>
  divide(g, scale(g, rate, s), add(g, sqrt(g, q), number(g, epsilon)))

/** The average of k updates, from one that began at 0. */
const unbiased = (g: Build, power: Value, moment: Value): Value => {
  const one = number(g, 1)
  return multiply(g, moment, divide(g, one, subtract(g, one, power)))
}

type Move = (g: Build, config: Config, d: Value, of: Of) => Value

/** What is taken from a weight. */
export const MOVES: Readonly<Record<Config['optimizer'], Move>> = {
  sgd: (g, { rate }, d) => scale(g, rate, d),
  momentum: (g, { rate }, _d, { first }) => scale(g, rate, first!),
  nesterov: (g, { rate, momentum: mu }, d, { first }) => add(g, scale(g, rate, d), scale(g, rate, scale(g, mu, first!))),
  rmsprop: (g, config, d, { second }) => normalised(g, config, d, second!),
  adam: (g, config, _d, { first, second, power1, power2 }) =>
    normalised(g, config, unbiased(g, power1, first!), unbiased(g, power2, second!)),
}
