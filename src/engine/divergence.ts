/** The check after every step: which equation first gave NaN or an infinity, and the error that says so. [ar-finite] */

import { PtncnError } from '../errors.js'
import { firstNonFinite, type Matrix } from '../numeric/matrix.js'
import type { Model } from '../ptncn/apply.js'
import type { Config } from '../ptncn/config.js'
import { SCORE_OF, type Score } from '../ptncn/scores.js'
import type { Input, State } from '../ptncn/state.js'
import type { Inference, infer } from '../ptncn/step.js'
import { updateName } from '../ptncn/trace.js'
import { WEIGHT_NAMES, type WeightName, type Weights } from '../ptncn/weights.js'
import type { Snapshot } from './engine.js'

/** An equation and the layer (or, for P1 and C1, the level) at which it was evaluated. */
export interface Culprit {
  readonly equation: string
  readonly layer: number
}

/** Where a run stopped, and the last good snapshot: the one before the failing step. [ar-finite] */
export interface Divergence extends Culprit {
  /** the number of the sequence in this call, from 0 */
  readonly sequence: number
  /** the step t of that sequence */
  readonly step: number
  /** what was there before the failing step */
  readonly snapshot: Snapshot
}

const broken = (a: Matrix): boolean => firstNonFinite(a) !== undefined

/** The first equation of A1 to C4, in the order of evaluation, whose result is not finite; `again` does the step anew. */
export const brokenSignal = (
  config: Config,
  weights: Weights,
  state: State,
  input: Input,
  { prediction, state: { y, d, z } }: Inference,
  again: typeof infer,
): Culprit | undefined => {
  if (![prediction, ...y, ...d, ...z].some(broken)) return undefined
  let first: Culprit | undefined
  again(config, weights, state, input, {
    see: (name, value) => {
      const [, equation, symbol, level] = /^(\w+)\.(\w+)_(\d+)/.exec(name)!
      // the result of P1 is p; its logits may overflow where p does not
      if (!first && symbol !== 'logits' && broken(value)) first = { equation: equation!, layer: Number(level) }
      return value
    },
  })
  return first
}

/** The score, where its loss is not finite. */
export const brokenScore = ({ output }: Config, { loss }: Score): Culprit | undefined =>
  Number.isFinite(loss) ? undefined : { equation: SCORE_OF[output], layer: 0 }

/** The lowest layer with a tensor of these names that is not finite. */
const brokenLayer = (weights: Weights, names: readonly WeightName[]): number | undefined => {
  const i = weights.findIndex((layer) => names.some((name) => layer[name] && broken(layer[name])))
  return i < 0 ? undefined : i + 1
}

/** The names of the weights that one rule of L1 to L6 updates, rule by rule. */
const RULES = ['L1', 'L2', 'L3', 'L4', 'L5', 'L6'].map(
  (equation) => [equation, WEIGHT_NAMES.filter((name) => updateName(name, 1).startsWith(equation))] as const,
)

/** The first learning rule whose update is not finite. */
export const brokenUpdate = (updates: Weights): Culprit | undefined => {
  for (const [equation, names] of RULES) {
    const layer = brokenLayer(updates, names)
    if (layer) return { equation, layer }
  }
  return undefined
}

/** O3 where a weight, a moment or the sum of a sequence is not finite. */
export const brokenModel = ({ weights, optimizer: { first, second, sum } }: Model): Culprit | undefined => {
  const layers = [weights, first, second, sum].flatMap((one) => (one && brokenLayer(one, WEIGHT_NAMES)) ?? [])
  return layers.length > 0 ? { equation: 'O3', layer: Math.min(...layers) } : undefined
}

/** The one error of a run that stops being finite. */
export const divergence = (value: Divergence): PtncnError => {
  const { equation, layer, sequence, step: t } = value
  return new PtncnError(
    'DivergenceError',
    `"${equation}" of layer ${layer} expected finite numbers, got NaN or infinity at step ${t} of sequence ${sequence}; ` +
      'the snapshot before that step is kept: try a smaller rate, or a clip',
    value,
  )
}
