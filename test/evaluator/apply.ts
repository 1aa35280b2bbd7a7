/** O1 to O4 for all matrices of a network, in binary64, composed of the equations one by one. */

import {
  O1,
  O2,
  O2_N,
  O3_accumulate,
  O3_adam,
  O3_firstMoment,
  O3_momentum,
  O3_nesterov,
  O3_rmsprop,
  O3_secondMoment,
  O3_sgd,
  O3_velocity,
  O4,
} from './optimizers.js'
import type { Rows } from './bound.js'
import { item, mapMatrices } from './model.js'
import type { Config, Optimizer, Weights } from './model.js'

type Learned = { readonly weights: Weights; readonly optimizer: Optimizer }

/** O1 and O2, in the order that `clipOrder` gives. */
export function reduceUpdates(config: Config, updates: Weights, mask: readonly number[]): Weights {
  const N = O2_N(mask, config.mean)
  return mapMatrices(updates, (d) =>
    config.clipOrder === 'clip-mean' ? O2(O1(d, config.clip).value, N).value : O1(O2(d, N).value, config.clip).value,
  )
}

/** For `update: 'sequence'`: reduced updates, added up over the learning steps. */
export const accumulateUpdates = (sum: Weights, reduced: Weights): Weights =>
  mapMatrices(sum, (matrix, name, index) => O3_accumulate(matrix, item(reduced[name], index)).value)

interface Optimized {
  readonly w: number[][]
  readonly first: number[][]
  readonly second: number[][]
}

/** O3 for one matrix, the `count`-th update of it: the new weight and accumulators. */
function optimize(config: Config, count: number, w: Rows, d: Rows, first: number[][], second: number[][]): Optimized {
  switch (config.optimizer) {
    case 'sgd':
      return { w: O3_sgd(w, d, config.rate).value, first, second }
    case 'momentum': {
      const v = O3_velocity(first, d, config.momentum).value
      return { w: O3_momentum(w, v, config.rate).value, first: v, second }
    }
    case 'nesterov': {
      const v = O3_velocity(first, d, config.momentum).value
      return { w: O3_nesterov(w, d, v, config.momentum, config.rate).value, first: v, second }
    }
    case 'adam': {
      const m = O3_firstMoment(first, d, config.beta1).value
      const v = O3_secondMoment(second, d, config.beta2).value
      return { w: O3_adam(w, m, v, count, config).value, first: m, second: v }
    }
    case 'rmsprop': {
      const v = O3_secondMoment(second, d, config.decay).value
      return { w: O3_rmsprop(w, d, v, config).value, first, second: v }
    }
  }
}

/** O3 and O4, from updates that O1 and O2 have reduced (and, for a sequence, that were added up). */
export function applyReduced(config: Config, weights: Weights, optimizer: Optimizer, reduced: Weights): Learned {
  const count = optimizer.count + 1
  const results = mapMatrices(weights, (w, name, index) =>
    optimize(
      config,
      count,
      w,
      item(reduced[name], index),
      item(optimizer.first[name], index),
      item(optimizer.second[name], index),
    ),
  )
  const isBias = (name: string) => name === 'b' || name === 'c'
  return {
    weights: mapMatrices(results, ({ w }, name) => (isBias(name) ? w : O4(w, config.maxNorm).value)),
    optimizer: {
      count,
      first: mapMatrices(results, (result) => result.first),
      second: mapMatrices(results, (result) => result.second),
    },
  }
}

/** O1 to O4, once a step. Nothing given is changed. */
export const applyUpdates = (
  config: Config,
  weights: Weights,
  optimizer: Optimizer,
  updates: Weights,
  mask: readonly number[],
): Learned => applyReduced(config, weights, optimizer, reduceUpdates(config, updates, mask))
