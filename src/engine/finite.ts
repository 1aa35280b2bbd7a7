/** The check after every step: which equation first gave NaN or an infinity. [ar-finite] */

import { firstNonFinite, type Matrix } from '../numeric/matrix.js'
import type { OptimizerState } from '../optim/optimizer.js'
import type { Config } from '../ptncn/config.js'
import type { Score } from '../ptncn/loss.js'
import type { Input, State } from '../ptncn/state.js'
import { infer } from '../ptncn/step.js'
import { namesOf, WEIGHT_NAMES, type WeightName, type Weights } from '../ptncn/weights.js'

/** An equation and the layer (or, for P1 and C1, the level) at which it was evaluated. */
export interface Culprit {
  readonly equation: string
  readonly layer: number
}

const broken = (a: Matrix): boolean => firstNonFinite(a) !== undefined

/** The first equation of the forward part, in the order of evaluation, whose result is not finite. */
export const brokenSignal = (
  config: Config,
  weights: Weights,
  state: State,
  input: Input,
  result: { state: State; prediction: Matrix },
): Culprit | undefined => {
  const { y, d, z } = result.state
  if (![result.prediction, ...y, ...d, ...z].some(broken)) return undefined
  let first: Culprit | undefined
  infer(config, weights, state, input, {
    tap: (equation, layer, _pass, value) => {
      if (!first && broken(value)) first = { equation, layer }
      return value
    },
  })
  return first
}

const SCORE_OF = { softmax: 'S1', sigmoid: 'S2', identity: 'S3' } as const

/** The score, where its loss is not finite. */
export const brokenScore = ({ output }: Config, { loss }: Score): Culprit | undefined =>
  Number.isFinite(loss) ? undefined : { equation: SCORE_OF[output], layer: 0 }

const RULE_OF: Readonly<Record<WeightName, string>> = { W: 'L1', E: 'L2', M: 'L3', V: 'L4', U: 'L5', b: 'L6', c: 'L6' }

const firstBroken = (weights: Weights, equationOf: (name: WeightName) => string): Culprit | undefined => {
  for (const name of WEIGHT_NAMES) {
    const i = weights.findIndex((layer) => namesOf(layer).includes(name) && broken(layer[name]!))
    if (i >= 0) return { equation: equationOf(name), layer: i + 1 }
  }
  return undefined
}

/** The first learning rule whose update is not finite. */
export const brokenUpdate = (updates: Weights): Culprit | undefined => firstBroken(updates, (name) => RULE_OF[name])

/** O3 where a weight, a moment or the sum of a sequence is not finite. */
export const brokenModel = (model: { weights: Weights; optimizer: OptimizerState }): Culprit | undefined => {
  const { first, second, sum } = model.optimizer
  for (const weights of [model.weights, first, second, sum]) {
    const culprit = weights && firstBroken(weights, () => 'O3')
    if (culprit) return culprit
  }
  return undefined
}
