/// <reference lib="esnext.disposable" preserve="true" />
/** What every engine offers. All engines give the same bits; they differ in speed only. */

import { mismatch } from '../errors.js'
import { callable, record, requireField, requireFields } from '../fields.js'
import { requireConfig, type Config } from '../ptncn/config.js'
import type { Score } from '../ptncn/scores.js'
import type { Input, State } from '../ptncn/state.js'
import type { Key } from '../numeric/random.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Model } from '../ptncn/apply.js'

/** All that a run carries, as a value: where it stops, another can go on. */
export interface Snapshot extends Model {
  /** of the sequence that is open; none between sequences */
  readonly state?: State
}

/** A sequence of B rows, or a piece of one. [sq-start] */
export interface Sequence {
  /** one for each step, at least one, all of B rows */
  readonly inputs: readonly Input[]
  /** what stochastic units draw from; a piece that goes on keeps the key of the state */
  readonly key?: Key
  /** the piece goes on from the snapshot's state instead of a cleared one */
  readonly continues?: boolean
  /** more pieces follow: the state is kept, and `update: sequence` waits */
  readonly open?: boolean
}

/** The scores of the steps t >= learnFrom of one sequence, added up in binary64 in the order of the steps. [S5] */
export interface Measurement extends Score {
  /** the predictions of every step, where they were asked for */
  readonly predictions?: readonly Matrix[]
}

/** What a run gives. */
export interface Outcome<Model = Snapshot> {
  /** where it stopped: another run can go on from it */
  readonly snapshot: Model
  /** one for each sequence */
  readonly measurements: readonly Measurement[]
}

/** What else a run is to give; nothing by default. */
export interface RunOptions {
  /** the predictions of every step */
  readonly predictions?: boolean
}

/**
 * What trains and scores, from a value that it carries to the next. Pure at the call; what happens inside is its own.
 * Every experiment takes any: an engine of P-TNCN, or a rival.
 */
export interface Learner<Model> {
  /** of the kind of engine or method, for people */
  readonly name: string
  /** every step t >= learnFrom learns */
  readonly train: (from: Model, sequences: readonly Sequence[], options?: RunOptions) => Promise<Outcome<Model>>
  /** states adapt, weights do not [sq-infer] */
  readonly evaluate: (from: Model, sequences: readonly Sequence[], options?: RunOptions) => Promise<Outcome<Model>>
  /** gives back memory and threads; the learner cannot be used afterwards */
  readonly dispose: () => Promise<void>
  /** the same, for `await using`; where the runtime has the symbol */
  readonly [Symbol.asyncDispose]?: () => Promise<void>
}

/**
 * Runs P-TNCN on sequences one after another, from a snapshot to a snapshot.
 * Both calls refuse, before anything runs, what does not fit the configuration (ShapeError, NonFiniteError), and stop
 * with a DivergenceError at the first step whose result is not finite; its value is a Divergence.
 */
export interface Engine extends Learner<Snapshot> {
  /** the configuration that it runs */
  readonly config: Config
}

/** An engine that `await using` disposes of, where the runtime knows how. */
export const disposable = (engine: Engine): Engine =>
  Symbol.asyncDispose === undefined ? engine : { ...engine, [Symbol.asyncDispose]: engine.dispose }

/** @throws ShapeError where `learner` is no engine and no rival */
export const requireLearner = <Model>(learner: Learner<Model>): void => {
  requireFields('ShapeError', 'learner', learner, { train: callable, evaluate: callable }, 'give an engine or a rival')
}

/** @throws ShapeError or ConfigError where `engine` is none of P-TNCN */
export const requireEngine = (engine: Engine): void => {
  requireFields('ShapeError', 'engine', engine, { train: callable, evaluate: callable, config: record })
  requireConfig(engine.config)
}

/** @throws EngineError where a learner was disposed of before, ShapeError where `options` are none */
export const requireOpen = (name: string, disposed: boolean, options: RunOptions = {}): void => {
  requireField('ShapeError', 'options', options, record)
  if (disposed) throw mismatch('EngineError', name, 'an engine in use', 'one that was disposed of', 'make another one')
}
