/** O1 to O5 and the sum of a sequence as a graph; to be read beside ptncn/apply.ts. */

import type { Config } from '../../ptncn/config.js'
import { MOMENTS, withRate, type MomentName } from '../../ptncn/optimizers.js'
import { isBias, mapLayer, weightLabel, type Layer, type WeightName } from '../../ptncn/weights.js'
import { add, choose, divide, greater, multiply, number, rowCount, rowSums, scale, sqrt, subtract, total } from './algebra.js'
import type { Build, Value } from './build.js'
import type { Weights } from './forward.js'
import { MOVES, newMoment } from './optimizers.js'

/** f of each weight of each layer l. */
export const mapWeights = (f: (weight: Value, name: WeightName, l: number) => Value, weights: Weights): Weights =>
  weights.map((layer, i): Layer<Value> => mapLayer(layer, (weight, name) => f(weight, name, i + 1)))

/** What an optimiser carries. [op-state] */
export interface Optimizer {
  readonly power1: Value
  readonly power2: Value
  readonly first?: Weights
  readonly second?: Weights
  readonly sum?: Weights
}

/**
 * d limit / norm where the norm is above the limit, else d: both by one division, as d 1 / 1 is d to the bit. The norms are
 * of rows, or of the whole.
 */
const rescaled = (g: Build, limit: number, d: Value, norm: Value): Value => {
  const above = greater(g, norm, number(g, limit))
  const shorter = multiply(g, d, choose(g, above, number(g, limit), number(g, 1)))
  return divide(g, shorter, choose(g, above, norm, number(g, 1)))
}

/** [O1] */
export const clip = (g: Build, r: number, d: Value): Value =>
  r > 0 ? rescaled(g, r, d, sqrt(g, total(g, multiply(g, d, d)))) : d

/** [O4] */
const project = (g: Build, maxNorm: number, w: Value): Value =>
  maxNorm > 0 ? rescaled(g, maxNorm, w, sqrt(g, rowSums(g, multiply(g, w, w)))) : w

/** fl(1 / N), N all rows or the active ones, but at least 1. [O2] */
const meanFactor = (g: Build, { mean }: Config, mask: Value): Value => {
  const one = number(g, 1)
  if (mean === 'all') return divide(g, one, rowCount(g, mask))
  const active = total(g, mask)
  return divide(g, one, choose(g, greater(g, active, one), active, one))
}

/** O1 and O2, in the configured order. */
export const reduce = (g: Build, config: Config, updates: Weights, mask: Value): Weights => {
  const factor = meanFactor(g, config, mask)
  return mapWeights((d, name, l) => {
    const label = weightLabel(name, l)
    const clipped = (value: Value): Value => g.see(`O1.d${label}`, clip(g, config.clip, value))
    const averaged = (value: Value): Value => g.see(`O2.d${label}`, multiply(g, value, factor))
    return config.clipOrder === 'clip-mean' ? averaged(clipped(d)) : clipped(averaged(d))
  }, updates)
}

/** The sum of an open sequence with this step's updates; it begins as zeros. [sq-update] */
export const summed = (g: Build, sum: Weights, reduced: Weights): Weights =>
  mapWeights((d, name, l) => g.see(`sq-update.sum.${weightLabel(name, l)}`, add(g, sum[l - 1]![name]!, d)), reduced)

export interface Moved {
  readonly weights: Weights
  readonly optimizer: Optimizer
}

/** O3 to O5: each weight moved by its reduced update, faded, then projected. [O3] [O5] [O4] [op-state] [op-rate] */
export const move = (g: Build, config: Config, weights: Weights, optimizer: Optimizer, d: Weights): Moved => {
  const power1 = g.see('op-state.power1', scale(g, config.beta1, optimizer.power1))
  const power2 = g.see('op-state.power2', scale(g, config.beta2, optimizer.power2))
  const moments: { -readonly [name in MomentName]?: Weights } = {}
  for (const moment of MOMENTS) {
    const old = optimizer[moment]
    if (!old) continue
    const fresh = (value: Value, name: WeightName, l: number): Value => newMoment(g, config, moment, value, d[l - 1]![name]!)
    moments[moment] = mapWeights((value, name, l) => g.see(`O3.${moment}.${weightLabel(name, l)}`, fresh(value, name, l)), old)
  }
  const moved = mapWeights((w, name, l) => {
    const rated = withRate(config, name, l, w.rows as number)
    const of = { first: moments.first?.[l - 1]![name], second: moments.second?.[l - 1]![name], power1, power2 }
    const w3 = g.see(`O3.${weightLabel(name, l)}`, subtract(g, w, MOVES[config.optimizer](g, rated, d[l - 1]![name]!, of)))
    return isBias(name) ? w3 : kept(g, config, weightLabel(name, l), w3)
  }, weights)
  return { weights: moved, optimizer: { power1, power2, ...moments } }
}

/** O5 and O4 of a matrix. */
const kept = (g: Build, { weightDecay, maxNorm }: Config, label: string, w: Value): Value => {
  const faded = weightDecay > 0 ? g.see(`O5.${label}`, subtract(g, w, scale(g, weightDecay, w))) : w
  return g.see(`O4.${label}`, project(g, maxNorm, faded))
}
