/** From the updates of a step to new weights: O1 to O4 of every weight. Pure: a model in, another one out. */

import { mismatch } from '../errors.js'
import { record, requireField } from '../fields.js'
import { add, requireMatrix, type Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'
import { requireConfig, type Config } from './config.js'
import { clip, decayed, mean, MOMENTS, momentsOf, OPTIMIZERS, project, withRate, type MomentName } from './optimizers.js'
import { requireMask } from './state.js'
import { requireSee, scalar, unseen, type See } from './trace.js'
import { initialWeights, isBias, mapWeights, requireWeights, weightLabel, zeroWeights, type Weights } from './weights.js'

/** What an optimiser carries from one update to the next. [op-state] */
export interface OptimizerState {
  /** v of momentum and nesterov, first of adam */
  readonly first?: Weights
  /** second of adam and rmsprop */
  readonly second?: Weights
  /** beta1^k after k updates, as a running product; 1 before the first */
  readonly power1: number
  /** the same of beta2 */
  readonly power2: number
  /** the sum of the reduced updates of an open sequence, with `update: sequence` */
  readonly sum?: Weights
}

/** What learns: `weights`, and the state of the `optimizer` that moves them. */
export interface Model {
  readonly weights: Weights
  readonly optimizer: OptimizerState
}

/** An optimiser before its first update: moments +0. @throws ConfigError [op-state] */
export const initialOptimizer = (config: Config): OptimizerState => {
  requireConfig(config)
  return { power1: 1, power2: 1, ...eachMoment(config, () => zeroWeights(config)) }
}

/** A model before its first step: weights from the key, and an optimiser that has not moved them. [wt-init] [op-state] */
export const initialModel = (config: Config, key: Key): Model => ({
  weights: initialWeights(config, key),
  optimizer: initialOptimizer(config),
})

/** What `of` gives for each moment that the optimiser keeps. */
const eachMoment = (config: Config, of: (name: MomentName) => Weights): Pick<OptimizerState, MomentName> => {
  const made: { -readonly [name in MomentName]?: Weights } = {}
  for (const name of momentsOf(config)) made[name] = of(name)
  return made
}

/** O1 and O2, in the configured order: each update clipped, and made a mean over the rows. [O1] [O2] */
export const reduce = (config: Config, updates: Weights, mask: Matrix, see: See = unseen): Weights =>
  mapWeights((d, name, l) => {
    const clipped = (value: Matrix): Matrix => see(`O1.d${weightLabel(name, l)}`, clip(config.clip, value))
    const averaged = (value: Matrix): Matrix => see(`O2.d${weightLabel(name, l)}`, mean(config, mask, value))
    return config.clipOrder === 'clip-mean' ? averaged(clipped(d)) : clipped(averaged(d))
  }, updates)

/**
 * What one learning step does to a model: O1 and O2, then O3 and O4, or the sum of an open sequence. `updates` are those
 * of `step`, sums over the rows, and `mask` that of its input, B x 1. Steps with t < learnFrom do not come here: see `step`.
 * @throws ConfigError, or ShapeError or NonFiniteError where model, updates or mask do not fit the configuration [sq-update]
 */
export const applyUpdates = (config: Config, model: Model, updates: Weights, mask: Matrix, see: See = unseen): Model => {
  requireModel(config, model)
  requireWeights(config, updates, 'updates')
  requireMatrix('mask', mask)
  requireMask('mask', mask, mask.rows)
  const looked = requireSee(see)
  const reduced = reduce(config, updates, mask, looked)
  if (config.update === 'step') return move(config, model, reduced, looked)
  const { sum } = model.optimizer
  const summed = mapWeights((d, name, l) => {
    const before = sum?.[l - 1]![name]
    return looked(`sq-update.sum.${weightLabel(name, l)}`, before ? add(before, d) : d)
  }, reduced)
  return { weights: model.weights, optimizer: { ...model.optimizer, sum: summed } }
}

/**
 * The end of a sequence: with `update: sequence`, one update from the sum, where there is one.
 * @throws ConfigError, or ShapeError or NonFiniteError where the model does not fit the configuration [sq-update]
 */
export const endSequence = (config: Config, model: Model, see: See = unseen): Model => {
  requireModel(config, model)
  const { sum, ...optimizer } = model.optimizer
  const looked = requireSee(see)
  return sum ? move(config, { weights: model.weights, optimizer }, sum, looked) : model
}

/** A sequence that begins anew leaves behind what an open one before it had summed up. [sq-start] */
export const forgetSum = ({ weights, optimizer: { sum: _, ...optimizer } }: Model): Model => ({ weights, optimizer })

/** O3 to O5: each weight moved by its reduced update, faded, then projected. [O3] [O5] [O4] */
const move = (config: Config, { weights, optimizer }: Model, d: Weights, see: See): Model => {
  const power = (name: 'power1' | 'power2', factor: number): number =>
    see(`op-state.${name}`, scalar(Math.fround(optimizer[name] * factor))).data[0]!
  const powers = { power1: power('power1', config.beta1), power2: power('power2', config.beta2) }
  const rule = OPTIMIZERS[config.optimizer]
  const moments = eachMoment(config, (moment) =>
    mapWeights(
      (old, name, l) => see(`O3.${moment}.${weightLabel(name, l)}`, rule[moment]!(config, old, d[l - 1]![name]!)),
      optimizer[moment]!,
    ),
  )
  const moved = mapWeights((w, name, l) => {
    const { first, second } = moments
    const own = { ...(first && { first: first[l - 1]![name]! }), ...(second && { second: second[l - 1]![name]! }) }
    const rated = withRate(config, name, l, w.rows)
    return see(`O3.${weightLabel(name, l)}`, rule.move(rated, w, d[l - 1]![name]!, own, powers))
  }, weights)
  const faded = config.weightDecay > 0 ? fade(config, moved, see) : moved
  const projected = mapWeights(
    (w, name, l) => (isBias(name) ? w : see(`O4.${weightLabel(name, l)}`, project(config.maxNorm, w))),
    faded,
  )
  return { weights: projected, optimizer: { ...optimizer, ...powers, ...moments } }
}

/** O5 of all matrices. [O5] */
const fade = ({ weightDecay }: Config, weights: Weights, see: See): Weights =>
  mapWeights((w, name, l) => (isBias(name) ? w : see(`O5.${weightLabel(name, l)}`, decayed(weightDecay, w))), weights)

/** @throws ConfigError, or ShapeError or NonFiniteError where the model does not fit the configuration */
export const requireModel = (config: Config, model: Model, what = 'model'): void => {
  requireConfig(config)
  requireField('ShapeError', what, model, MODEL)
  requireWeights(config, model.weights)
  requireOptimizer(config, model.optimizer)
}

const MODEL = { ...record, expected: 'weights and an optimiser, as initialModel makes them' }

/** @throws ShapeError or NonFiniteError where the state does not belong to the configuration's optimiser */
export const requireOptimizer = (config: Config, optimizer: OptimizerState): void => {
  if (typeof optimizer !== 'object' || optimizer === null) {
    throw mismatch('ShapeError', 'optimizer', 'the state of an optimiser', optimizer)
  }
  for (const moment of MOMENTS) {
    const [wanted, got] = [momentsOf(config).includes(moment), optimizer[moment]]
    if (wanted) requireWeights(config, got!, `optimizer.${moment}`)
    else if (got) throw mismatch('ShapeError', `optimizer.${moment}`, `nothing, as ${config.optimizer} keeps none`, got)
  }
  if (optimizer.sum && config.update === 'step') {
    throw mismatch('ShapeError', 'optimizer.sum', 'nothing, as every step updates', optimizer.sum)
  }
  if (optimizer.sum) requireWeights(config, optimizer.sum, 'optimizer.sum')
  for (const power of ['power1', 'power2'] as const) {
    const value = optimizer[power]
    if (!(value >= 0 && value <= 1)) throw mismatch('ShapeError', `optimizer.${power}`, 'a number from 0 to 1', value)
  }
}
