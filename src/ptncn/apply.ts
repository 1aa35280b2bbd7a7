/** O1 to O4: from the updates of a step to new weights. Pure: weights and state in, new ones out. */

import { mismatch } from '../errors.js'
import { add, scale, type Matrix } from '../numeric/matrix.js'
import { clip, projectRows } from '../numeric/sum.js'
import type { Config } from './config.js'
import { traceWeights, weightLabel, type Trace } from './trace.js'
import { isBias, mapLayer, mapWeights, requireWeights, zeroWeights, type WeightName, type Weights } from './weights.js'
import { RULES, type Moved } from './optimizers.js'

const { fround } = Math

/** What an optimiser carries from one update to the next. [op-state] */
export interface OptimizerState {
  /** v of momentum and Nesterov, m of Adam */
  readonly first?: Weights
  /** v of Adam and RMSprop */
  readonly second?: Weights
  /** beta1^k and beta2^k after k updates, as running products; 1 before the first */
  readonly power1: number
  readonly power2: number
  /** the sum of the reduced updates of an open sequence, with `update: sequence` */
  readonly sum?: Weights
}

/** Weights and the optimiser that moves them. */
export interface Model {
  readonly weights: Weights
  readonly optimizer: OptimizerState
}

/** An optimiser before its first update: moments +0. [op-state] */
export const initialOptimizer = (config: Config): OptimizerState => {
  const moments = RULES[config.optimizer].moments.map((name) => [name, zeroWeights(config)])
  return { power1: 1, power2: 1, ...Object.fromEntries(moments) }
}

/** O1 and O2, in the configured order: each update clipped, and made a mean over the rows. [O1] [O2] */
export const reduce = (config: Config, updates: Weights, mask: Matrix, trace?: Trace): Weights => {
  return mapWeights((d, name, l) => {
    const told = (equation: string, value: Matrix): Matrix => {
      trace?.(`${equation}.d${weightLabel(name, l)}`, value)
      return value
    }
    const clipped = (value: Matrix): Matrix => told('O1', clip(config.clip, value))
    const averaged = (value: Matrix): Matrix => told('O2', average(config, mask, value))
    return config.clipOrder === 'clip-mean' ? averaged(clipped(d)) : clipped(averaged(d))
  }, updates)
}

/** O2, of one update. [O2] */
export const average = (config: Config, mask: Matrix, d: Matrix): Matrix => scale(fround(1 / rowCount(config, mask)), d)

/** N of O2; at least 1, so that a step without active rows moves nothing. [O2] */
const rowCount = (config: Config, mask: Matrix): number =>
  config.mean === 'all' ? mask.rows : Math.max(1, Array.from(mask.data).filter((m) => m === 1).length)

/** What one learning step does to a model: O1 and O2, then O3 and O4, or the sum of an open sequence. [sq-update] */
export const absorb = (config: Config, model: Model, updates: Weights, mask: Matrix, trace?: Trace): Model => {
  const reduced = reduce(config, updates, mask, trace)
  if (config.update === 'step') return apply(config, model, reduced, trace)
  const { sum } = model.optimizer
  const summed = sum ? mapWeights((d, name, l) => add(d, reduced[l - 1]![name]!), sum) : reduced
  traceWeights(trace, 'sq-update.sum.', summed)
  return { weights: model.weights, optimizer: { ...model.optimizer, sum: summed } }
}

/** The end of a sequence: with `update: sequence`, one update from the sum, where there is one. [sq-update] */
export const endSequence = (config: Config, model: Model, trace?: Trace): Model => {
  const { sum, ...optimizer } = model.optimizer
  return sum ? apply(config, { weights: model.weights, optimizer }, sum, trace) : model
}

/** O3 and O4: each weight moved by its reduced update, then projected. [O3] [O4] */
const apply = (config: Config, { weights, optimizer }: Model, reduced: Weights, trace?: Trace): Model => {
  const power1 = fround(optimizer.power1 * config.beta1)
  const power2 = fround(optimizer.power2 * config.beta2)
  const { rule, moments } = RULES[config.optimizer]
  const scalars = { ...config, power1, power2 }
  const moved = weights.map((layer, i) =>
    mapLayer(layer, (w, name): Moved => {
      const remembered = moments.map((moment) => [moment, optimizer[moment]![i]![name]!])
      return rule(scalars, w, reduced[i]![name]!, Object.fromEntries(remembered))
    }),
  )
  const part = (field: keyof Moved): Weights => moved.map((layer) => mapLayer(layer, (parts) => parts[field]!))
  const project = (w: Matrix, name: WeightName): Matrix => (isBias(name) ? w : projectRows(config.maxNorm, w))
  const made = Object.fromEntries(moments.map((moment) => [moment, part(moment)]))
  const before = part('weight')
  const after = mapWeights(project, before)
  if (trace) traceApplied(trace, { power1, power2 }, made, before, after)
  return { weights: after, optimizer: { ...optimizer, power1, power2, ...made } }
}

/** What O3 and O4 made: powers and moments, the weights that O3 moved, and those that O4 left. */
const traceApplied = (
  trace: Trace,
  powers: Readonly<Record<string, number>>,
  moments: Readonly<Record<string, Weights>>,
  before: Weights,
  after: Weights,
): void => {
  for (const [name, value] of Object.entries(powers)) trace(`op-state.${name}`, { rows: 1, cols: 1, data: [value] })
  for (const [name, value] of Object.entries(moments)) traceWeights(trace, `O3.${name}.`, value)
  traceWeights(trace, 'O3.', before)
  const projected = after.map(({ b: _b, c: _c, ...matrices }) => matrices)
  traceWeights(trace, 'O4.', projected)
}

/** @throws ShapeError or NonFiniteError where the state does not belong to the configuration's optimiser */
export const requireOptimizer = (config: Config, optimizer: OptimizerState): void => {
  if (typeof optimizer !== 'object' || optimizer === null) {
    throw mismatch('ShapeError', 'optimizer', 'the state of an optimiser', optimizer)
  }
  const { moments } = RULES[config.optimizer]
  for (const moment of ['first', 'second'] as const) {
    const [wanted, got] = [moments.includes(moment), optimizer[moment]]
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
