/** A learning rule as the laws see it: pure functions of tensors by name. */

import type { Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'

/** Matrices by name. */
export type Tensors = Readonly<Record<string, Matrix>>

/** A unit's response to its drive. A rule that needs the slope asks for it, and is seen to ask. */
export interface Response {
  (a: number): number
  /** the slope of the response at a drive */
  readonly derivative: (a: number) => number
}

/** What a network is made for. */
export interface Setup {
  /** units of each level, the input first */
  readonly units: readonly number[]
  /** rows of the batch: sequences side by side */
  readonly rows: number
  /** that whatever is random is drawn from */
  readonly key: Key
}

/** Where a step begins: weights, the state that the step before left, an input (rows x units[0]) and f. */
export interface Moment {
  /** before the step */
  readonly weights: Tensors
  /** what the step before left */
  readonly state: Tensors
  /** rows x units[0] */
  readonly input: Matrix
  /** the response of every hidden unit */
  readonly f: Response
}

/** What a step's units do, and the state that it leaves. */
export interface Responded {
  /** what an update may read of the step: rows x units each */
  readonly signals: Tensors
  /** all that the next step goes on from, but for the weights */
  readonly state: Tensors
}

/** Where things are: a weight joins the units of two levels, its rows those of the first; a signal or a part of the state has a column for each unit of its level. */
export interface Places {
  /** by name: the level of its rows, the level of its columns */
  readonly weights: Readonly<Record<string, readonly [from: number, to: number]>>
  /** signals and parts of the state; what is not listed belongs to no unit */
  /** by name: the level of its columns */
  readonly units: Readonly<Record<string, number>>
}

/**
 * A rule by which a recurrent network learns while it runs. Each function is pure: what it is to remember is in weights and
 * state. Updates are sums over the rows, before any clip, mean or optimiser.
 */
export interface LearningRule {
  /** before the first input, in the order of the names */
  readonly begin: (setup: Setup) => { readonly weights: Tensors; readonly state: Tensors }
  /** where weights, signals and state belong, for these units of each level */
  readonly places: (units: readonly number[]) => Places
  /** the step of the units, without learning */
  readonly respond: (moment: Moment) => Responded
  /** the update of one weight, which is subtracted, times a rate; from the step's beginning and its signals */
  readonly update: (weight: string, moment: Moment & { readonly signals: Tensors }) => Matrix
}
