/** The check after every step: which equation first gave NaN or an infinity. [ar-finite] */

import { firstNonFinite, type Matrix } from '../numeric/matrix.js'
import type { OptimizerState } from '../ptncn/apply.js'
import type { Config } from '../ptncn/config.js'
import type { Score } from '../ptncn/scores.js'
import type { Input, State } from '../ptncn/state.js'
import { infer } from '../ptncn/step.js'
import { WEIGHT_NAMES, type WeightName, type Weights } from '../ptncn/weights.js'

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
  return first?.equation === 'C4' ? brokenUnit(y) : (first ?? brokenUnit(y))
}

/** The lowest layer whose last f of C3 was not finite: a tap sees what f was given, not what it gave. */
const brokenUnit = (y: readonly Matrix[]): Culprit => {
  const i = y.findIndex(broken)
  return i < 0 ? { equation: 'C4', layer: 1 } : { equation: 'C3', layer: i + 1 }
}

const SCORE_OF = { softmax: 'S1', sigmoid: 'S2', identity: 'S3' } as const

/** The score, where its loss is not finite. */
export const brokenScore = ({ output }: Config, { loss }: Score): Culprit | undefined =>
  Number.isFinite(loss) ? undefined : { equation: SCORE_OF[output], layer: 0 }

const RULES: readonly (readonly [string, readonly WeightName[]])[] = [
  ['L1', ['W']],
  ['L2', ['E']],
  ['L3', ['M']],
  ['L4', ['V']],
  ['L5', ['U']],
  ['L6', ['b', 'c']],
]

/** The lowest layer with a tensor of these names that is not finite. */
const brokenLayer = (weights: Weights, names: readonly WeightName[]): number | undefined => {
  const i = weights.findIndex((layer) => names.some((name) => layer[name] && broken(layer[name])))
  return i < 0 ? undefined : i + 1
}

/** The first learning rule whose update is not finite. */
export const brokenUpdate = (updates: Weights): Culprit | undefined => {
  for (const [equation, names] of RULES) {
    const layer = brokenLayer(updates, names)
    if (layer) return { equation, layer }
  }
  return undefined
}

/** O3 where a weight, a moment or the sum of a sequence is not finite. */
export const brokenModel = (model: { weights: Weights; optimizer: OptimizerState }): Culprit | undefined => {
  const { first, second, sum } = model.optimizer
  const layers = [model.weights, first, second, sum].flatMap((weights) => (weights && brokenLayer(weights, WEIGHT_NAMES)) ?? [])
  return layers.length > 0 ? { equation: 'O3', layer: Math.min(...layers) } : undefined
}
