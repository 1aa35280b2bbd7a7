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
import type { Config } from './config.js'
import { clip } from './optimizers.js'
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

/** C1, e_l: m (p - z), row by row; B x n_l. [C1] */
export const predictionError = (mask: Matrix, p: Matrix, z: Matrix): Matrix => maskRows(mask, subtract(p, z))

/** C2, h_l: e_(l-1) E - alpha e_l + lambda sign(a); the top has no e_l. [C2] */
export const feedback = (config: Config, weights: LayerWeights, eBelow: Matrix, e: Matrix | undefined, a: Matrix): Matrix => {
  const carried = product(eBelow, weights.E)
  const held = e ? subtract(carried, scale(config.alpha, e)) : carried
  return add(held, scale(config.lambda, map(ACTIVATIONS.sign, a)))
}

/** C3, first half: a - beta h. [C3] */
export const correct = (config: Config, a: Matrix, h: Matrix): Matrix => subtract(a, scale(config.beta, h))

/**
 * C4, d_l: m (before - after), what the settling has taken away; B x n_l. Of the state (z, y), or of the drive (a, a^K),
 * where only drives nearer to 0 than the window count. No derivative of f is taken. [C4]
 */
export const correction = (config: Config, mask: Matrix, before: Matrix, after: Matrix): Matrix => {
  const taken = subtract(before, after)
  return maskRows(mask, config.correctionSignal === 'drive' ? within(config.window, before, taken) : taken)
}

/** +0 where |a| is not below the window; a window of 0 or less leaves everything. */
const within = (window: number, a: Matrix, values: Matrix): Matrix => {
  if (window <= 0) return values
  const data = new Float32Array(values.data.length)
  for (let i = 0; i < data.length; i++) data[i] = Math.abs(a.data[i]!) < window ? values.data[i]! : 0
  return { rows: values.rows, cols: values.cols, data }
}

/** L2 where errorRule is transposed: gamma q', q the update of W, clipped where the clip comes before the mean. [L2] */
export const transposedRule = (config: Config, dW: Matrix): Matrix =>
  scale(config.gamma, transpose(config.clipOrder === 'clip-mean' ? clip(config.clip, dW) : dW))

/** L2 where it is temporal: -gamma e_(l-1)' (d_l - d_l[t-1]). [L2] */
export const temporalRule = (config: Config, eBelow: Matrix, d: Matrix, dBefore: Matrix): Matrix =>
  scale(-config.gamma, productLeftTransposed(eBelow, subtract(d, dBefore)))
