/**
 * The evaluator's own plain types, and lists of layers.
 * Index 0 of a list of layers is layer 1 (of `b`: b_1; but of `c`: c_0). Biases are 1 x n.
 */

import { map, zeros } from './bound.js'
import type { Activation, Output } from './functions.js'

export interface Config {
  readonly units: readonly number[]
  readonly activation: Activation
  readonly output: Output
  readonly hiddenPrediction: 'identity' | 'activation'
  readonly topDownSignal: 'correction' | 'error'
  readonly errorRule: 'transposed' | 'temporal'
  readonly gamma: number
  readonly presynaptic: 'corrected' | 'uncorrected'
  readonly beta: number
  readonly alpha: number
  readonly lambda: number
  readonly passes: number
  readonly biases: boolean
  readonly clip: number
  readonly clipOrder: 'clip-mean' | 'mean-clip'
  readonly mean: 'all' | 'active'
  readonly optimizer: 'sgd' | 'momentum' | 'nesterov' | 'adam' | 'rmsprop'
  readonly rate: number
  readonly momentum: number
  readonly beta1: number
  readonly beta2: number
  readonly decay: number
  readonly epsilon: number
  readonly maxNorm: number
  readonly learnFrom: number
}

/** One thing for each matrix of a network. */
export interface PerMatrix<T> {
  W: T[]
  E: T[]
  M: T[]
  V: T[]
  U: T[]
  b?: T[]
  c?: T[]
}

/** The matrices of a network; also their updates, and an optimiser's accumulators. */
export type Weights = PerMatrix<number[][]>

/**
 * What step t hands to step t + 1: x; y, z (of A2) and d of each layer; steps since the sequence
 * began.
 */
export interface State {
  x: number[][]
  y: number[][][]
  z: number[][][]
  d: number[][][]
  t: number
}

/** `count` updates so far; `first`: the velocity, or adam's m; `second`: adam's and rmsprop's v. */
export interface Optimizer {
  count: number
  first: Weights
  second: Weights
}

export function item<T>(list: readonly T[] | undefined, index: number): T {
  const found = list?.[index]
  if (found === undefined) throw new RangeError(`no item ${index} in a list of ${list?.length ?? 0}`)
  return found
}

/** `f` of the layers 1 to count. */
export const layers = <T>(count: number, f: (l: number) => T): T[] => Array.from({ length: count }, (_, i) => f(i + 1))

export function mapMatrices<S, T>(of: PerMatrix<S>, f: (matrix: S, name: keyof Weights, index: number) => T): PerMatrix<T> {
  const each = (name: keyof Weights) => (of[name] ?? []).map((matrix, index) => f(matrix, name, index))
  return {
    W: each('W'),
    E: each('E'),
    M: each('M'),
    V: each('V'),
    U: each('U'),
    ...(of.b === undefined ? {} : { b: each('b') }),
    ...(of.c === undefined ? {} : { c: each('c') }),
  }
}

/** What a sequence begins with. */
export function freshState(units: readonly number[], rows: number): State {
  const hidden = () => units.slice(1).map((n) => zeros(rows, n))
  return { x: zeros(rows, item(units, 0)), y: hidden(), z: hidden(), d: hidden(), t: 0 }
}

export function freshOptimizer(weights: Weights): Optimizer {
  const blank = () => mapMatrices(weights, (w) => map(w, () => 0))
  return { count: 0, first: blank(), second: blank() }
}
