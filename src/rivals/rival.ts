/** What every rival has in common: weights by name, what is carried between steps, and the values of a run. */

import type { Learner } from '../engine/engine.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'

/** Matrices by name: weights, their gradients and moments, or what is carried from step to step. */
export type Tensors = Readonly<Record<string, Matrix>>

/** Adam's memory. */
export interface Moments {
  readonly first: Tensors
  readonly second: Tensors
  /** beta1^k and beta2^k after k updates */
  readonly power1: number
  readonly power2: number
}

/** All that a run carries, as a value. */
export interface RivalModel {
  readonly weights: Tensors
  readonly optimizer: Moments
  /** of the sequence that is open; none between sequences */
  readonly state?: Tensors
}

export interface RivalConfig {
  /** m, the width of an input, which is the width of a prediction too */
  readonly inputs: number
  /** n */
  readonly units: number
  readonly output: 'softmax' | 'sigmoid'
  /** of Adam, whose other numbers are the usual ones: 0.9, 0.999, 1e-8 */
  readonly rate: number
  /** the norm of all gradients together is made at most this; 0 is off */
  readonly clip: number
  /** the standard deviation of the initial weights; 0: 1 / sqrt of the units or inputs that a weight adds up */
  readonly weightScale: number
  /** where the bias of the output begins */
  readonly outputBias: number
}

/** A rival behind the interface of P-TNCN: it predicts x_t from what came before, and is scored from t = 1 on. */
export interface Rival extends Learner<RivalModel> {
  readonly config: RivalConfig
  /** untrained */
  readonly initial: (key: Key) => RivalModel
}
