/** What every rival has in common: weights by name, what is carried between steps, and the values of a run. */

import type { Learner } from '../engine/engine.js'
import { field, oneOf, requireFields, requireOnly, wholeFrom, type Field } from '../fields.js'
import { requireFinite, requireShape, type Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'
import type { Config } from '../ptncn/config.js'

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

/** All that a run carries, as a value: `weights` by name, and the moments of Adam, its `optimizer`. */
export interface RivalModel {
  readonly weights: Tensors
  readonly optimizer: Moments
  /** of the sequence that is open; none between sequences */
  readonly state?: Tensors
}

/** What a rival computes with; every method has these. */
export interface RivalConfig {
  /** m, the width of an input, which is the width of a prediction too */
  readonly inputs: number
  /** n */
  readonly units: number
  /** of the prediction */
  readonly output: Config['output']
  /** of Adam, whose other numbers are the usual ones: 0.9, 0.999, 1e-8 */
  readonly rate: number
  /** the norm of all gradients together is made at most this; 0 is off */
  readonly clip: number
  /** the standard deviation of the initial weights; 0: 1 / sqrt of the units or inputs that a weight adds up */
  readonly weightScale: number
  /** where the bias of the output begins */
  readonly outputBias: number
}

/** What a rival has where nobody says otherwise, as in `{ ...RIVAL_DEFAULTS, inputs, units, output }`; the rate is worth a search. */
export const RIVAL_DEFAULTS = { rate: 0.001, clip: 0, weightScale: 0, outputBias: 0 } as const

/** A number is judged as it may be used: rounded to binary32. */
const finite = field<number>('a finite number', (value) => typeof value === 'number' && Number.isFinite(Math.fround(value)))
export const size = field<number>('a finite number >= 0', (value) => finite.holds(value) && value >= 0)
export const part = field<number>('a number above 0, at most 1', (value) => finite.holds(value) && value > 0 && value <= 1)

type Kinds = Readonly<Record<string, Field<unknown>>>

const KINDS: Kinds = {
  inputs: wholeFrom(1),
  units: wholeFrom(1),
  output: oneOf<Config['output']>('softmax', 'sigmoid', 'identity'),
  rate: size,
  clip: size,
  weightScale: size,
  outputBias: finite,
}

const requireExactly = (what: string, given: object, kinds: Kinds): void => {
  requireFields('ConfigError', what, given, kinds)
  requireOnly('ConfigError', what, given, Object.keys(kinds))
}

/** @throws ConfigError naming the first field that is missing, not allowed or none */
export const requireRivalConfig = (given: RivalConfig): void => requireExactly('config', given, KINDS)

/** What a rival has of its own. @throws ConfigError naming the first that is missing, not allowed or none */
export const requireSettings = (given: object, kinds: Kinds): void => requireExactly('settings', given, kinds)

/** What an open sequence carries under a name. @throws ShapeError or NonFiniteError */
export const requireCarried = (name: string, tensor: Matrix, rows: number, cols: number): Matrix => {
  requireShape(`state.${name}`, tensor, rows, cols)
  requireFinite(`state.${name}`, tensor)
  return tensor
}

/** A rival behind the interface of P-TNCN: it predicts x_t from what came before, and is scored from t = 1 on. */
export interface Rival extends Learner<RivalModel> {
  /** what it was made with */
  readonly config: RivalConfig
  /** untrained */
  readonly initial: (key: Key) => RivalModel
}
