/**
 * One layer's program: each equation of SPEC.md as one function of the signals that it names, and of nothing else.
 *
 * Signals are B x n_l. `l` is the layer, from 1 to L; level 0 is the input.
 */

import { ACTIVATIONS, threshold, type Activation } from '../numeric/activation.js'
import { sigmoid, softmax } from '../numeric/elementary.js'
import { add, addRow, map, maskRows, scale, subtract, transpose, type Matrix } from '../numeric/matrix.js'
import { product, productLeftTransposed } from '../numeric/product.js'
import { philox, unitInterval, type Key } from '../numeric/random.js'
import { clip, columnSums } from '../numeric/sum.js'
import type { Config } from './config.js'
import type { LayerWeights } from './weights.js'

/** Where a stochastic unit stands: it draws from the key of its sequence, step, level and stage. [ar-stochastic] */
export interface Place {
  readonly key: Key
  readonly t: number
  readonly level: number
  /** k for z^k (0 is A2), 2^15 + k for the prediction of pass k */
  readonly stage: number
}

/** The stage of P1 in pass k. */
export const predictionStage = (pass: number): number => 0x8000 + pass

/** A1: y_(l-1)[t-1] M + y_(l+1)[t-1] U + y_l[t-1] V + b, each product completed, then added from left to right. [A1] */
export const advance = (weights: LayerWeights, below: Matrix, own: Matrix, above: Matrix | undefined): Matrix => {
  const bottomUp = product(below, weights.M)
  const driven = above && weights.U ? add(bottomUp, product(above, weights.U)) : bottomUp
  const a = add(driven, product(own, weights.V))
  return weights.b ? addRow(a, weights.b) : a
}

/** A2, and the second half of C3: f of each element. [A2] [C3] [ar-units] [ar-stochastic] */
export const activate = (config: Config, a: Matrix, place: Place): Matrix => {
  if (config.activation === 'stochastic') return drawThresholds(a, place)
  const f: Activation = typeof config.activation === 'function' ? config.activation : ACTIVATIONS[config.activation]
  return map((value) => f(value), a)
}

const drawThresholds = (a: Matrix, { key, t, level, stage }: Place): Matrix => {
  const data = new Float32Array(a.data.length)
  for (let i = 0; i < data.length; i++) {
    const [row, unit] = [Math.floor(i / a.cols), i % a.cols]
    const words = philox([Math.floor(unit / 4), row, stage * 0x10000 + level, t], key)
    data[i] = threshold(a.data[i]!, unitInterval(words[(unit % 4) as 0 | 1 | 2 | 3]))
  }
  return { rows: a.rows, cols: a.cols, data }
}

/** P1 before its function: z_l W_l + c_(l-1). [P1] */
export const logits = (weights: LayerWeights, z: Matrix): Matrix => {
  const sum = product(z, weights.W)
  return weights.c ? addRow(sum, weights.c) : sum
}

/** P1: g of the logits of level `place.level`. [P1] */
export const predict = (config: Config, sum: Matrix, place: Place): Matrix => {
  if (place.level > 0) return config.hiddenPrediction === 'activation' ? activate(config, sum, place) : sum
  if (config.output === 'softmax') return softmax(sum)
  return config.output === 'sigmoid' ? map(sigmoid, sum) : sum
}

/** C1 and C4: m (left - right), row by row. [C1] [C4] */
export const difference = (mask: Matrix, left: Matrix, right: Matrix): Matrix => maskRows(mask, subtract(left, right))

/** C2, h_l: e_(l-1) E - alpha e_l + lambda sign(a); the top has no e_l. [C2] */
export const correction = (
  config: Config,
  weights: LayerWeights,
  errorBelow: Matrix,
  errorOwn: Matrix | undefined,
  a: Matrix,
): Matrix => {
  const carried = product(errorBelow, weights.E)
  const held = errorOwn ? subtract(carried, scale(config.alpha, errorOwn)) : carried
  return add(held, scale(config.lambda, map(ACTIVATIONS.sign, a)))
}

/** C3, first half: a - beta h. [C3] */
export const correct = (config: Config, a: Matrix, h: Matrix): Matrix => subtract(a, scale(config.beta, h))

/** What the learning rules of layer l read: signals of this step, and the presynaptic ones of the step before. */
export interface LearningSignals {
  readonly z: Matrix
  /** e_(l-1) */
  readonly errorBelow: Matrix
  /** d_(l-1); not at l = 1 */
  readonly correctionBelow: Matrix | undefined
  readonly correction: Matrix
  readonly correctionBefore: Matrix
  /** y[t-1] or z[t-1] of levels l-1, l and l+1; level 0 is x[t-1] */
  readonly before: { readonly below: Matrix; readonly own: Matrix; readonly above: Matrix | undefined }
}

/** L1 to L6: the update of each weight of one layer, summed over the rows, in the shape of the weight. */
export const learn = (config: Config, signals: LearningSignals): LayerWeights => {
  const { errorBelow, correction: d, before } = signals
  const W = productLeftTransposed(signals.z, topDown(config, signals)) // [L1]
  return {
    W,
    E: config.errorRule === 'transposed' ? transposedRule(config, W) : temporalRule(config, signals),
    M: productLeftTransposed(before.below, d), // [L3]
    V: productLeftTransposed(before.own, d), // [L4]
    ...(before.above && { U: productLeftTransposed(before.above, d) }), // [L5]
    ...(config.biases && { b: columnSums(d), c: columnSums(errorBelow) }), // [L6]
  }
}

/** L1: e_0 for the first layer; above it d_(l-1) or e_(l-1). [L1] */
const topDown = (config: Config, { errorBelow, correctionBelow }: LearningSignals): Matrix =>
  correctionBelow && config.topDownSignal === 'correction' ? correctionBelow : errorBelow

/** L2, released: E follows the transposed update of W, as far as it is done before the mean. [L2] */
export const transposedRule = (config: Config, dW: Matrix): Matrix =>
  scale(config.gamma, transpose(config.clipOrder === 'clip-mean' ? clip(config.clip, dW) : dW))

/** L2, paper: -gamma e_(l-1)' (d_l - d_l[t-1]). [L2] */
export const temporalRule = (
  config: Config,
  { errorBelow, correction: d, correctionBefore }: Pick<LearningSignals, 'errorBelow' | 'correction' | 'correctionBefore'>,
): Matrix => scale(-config.gamma, productLeftTransposed(errorBelow, subtract(d, correctionBefore)))
