/**
 * What a law is about: the pure functions of the algorithm, or an engine. A law takes either as its argument.
 */

import type { Engine, Measurement, Outcome, RunOptions, Sequence, Snapshot } from '../../src/engine/engine.js'
import { referenceEngine, sumScores } from '../../src/engine/reference.js'
import { PtncnError } from '../../src/errors.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import { absorb, endSequence, initialOptimizer, reduce, type Model } from '../../src/ptncn/apply.js'
import type { Config } from '../../src/ptncn/config.js'
import { score } from '../../src/ptncn/scores.js'
import { initialState, type State } from '../../src/ptncn/state.js'
import { infer, step } from '../../src/ptncn/step.js'
import type { Network } from '../support/arbitraries.js'

/** The algorithm as pure functions. */
export interface Subject {
  readonly step: typeof step
  readonly infer: typeof infer
  readonly reduce: typeof reduce
  readonly absorb: typeof absorb
  readonly endSequence: typeof endSequence
  readonly score: typeof score
}

export const reference: Subject = { step, infer, reduce, absorb, endSequence, score }

/** How to get an engine of a configuration; a law disposes of each that it asked for. */
export type EngineOf = (config: Config) => Engine | Promise<Engine>

export const referenceOf: EngineOf = referenceEngine

/**
 * An engine put together from a subject: by it a subject, and each of its negative controls, meets the
 * engines' laws.
 */
export const engineFrom =
  (subject: Subject): EngineOf =>
  (config) => ({
    name: 'assembled',
    config,
    train: async (from, sequences, options = {}) => runAll(subject, config, from, sequences, options, true),
    evaluate: async (from, sequences, options = {}) => runAll(subject, config, from, sequences, options, false),
    dispose: async () => {},
  })

const runAll = (
  subject: Subject,
  config: Config,
  from: Snapshot,
  sequences: readonly Sequence[],
  options: RunOptions,
  learning: boolean,
): Outcome => {
  let snapshot = from
  const measurements: Measurement[] = []
  for (const { inputs, key, continues, open } of sequences) {
    const { sum: _sum, ...optimizer } = snapshot.optimizer
    // what an open sequence had summed up is left behind where another begins [sq-update]
    let model: Model = { weights: snapshot.weights, optimizer: continues ? snapshot.optimizer : optimizer }
    let now: State = continues ? snapshot.state! : initialState(config, inputs[0]!.x.rows, key)
    const scores: Measurement[] = []
    const predictions: Matrix[] = []
    for (const input of inputs) {
      const active = now.t >= config.learnFrom
      const result = subject.step(config, model.weights, now, input)
      if (learning && active) model = subject.absorb(config, model, result.updates, input.mask)
      if (active) scores.push(subject.score(config.output, result.prediction, input))
      predictions.push(result.prediction)
      now = result.state
    }
    const closed: Model = learning && !open ? subject.endSequence(config, model) : model
    snapshot = open ? { ...model, state: now } : closed
    measurements.push({ ...sumScores(config, scores), ...(options.predictions && { predictions }) })
  }
  return { snapshot, measurements }
}

/** The engines that have to keep every law; a new one is put in here. */
export const ENGINES: Readonly<Record<string, EngineOf>> = {
  'reference engine': referenceOf,
  'assembled engine': engineFrom(reference),
}

/** Runs with an engine, and gives it back. */
export const withEngine = async <Result>(
  engineOf: EngineOf,
  config: Config,
  use: (engine: Engine) => Promise<Result>,
): Promise<Result> => {
  const engine = await engineOf(config)
  try {
    return await use(engine)
  } finally {
    await engine.dispose()
  }
}

/** The outcome of a run; a divergence, which is as much a result as any, as its value. */
export type Ended = { readonly outcome: Outcome } | { readonly divergence: unknown }

/** The assembled engine does not look for divergences: they show in its outcome, or the next step refuses them. */
const UNNOTICED: Ended = { divergence: 'not noticed by the engine' }

const isFinite = (value: unknown): boolean =>
  value instanceof Float32Array
    ? value.every(Number.isFinite)
    : typeof value !== 'object' || value === null || Object.values(value).every(isFinite)

export const ended = async (run: Promise<Outcome>): Promise<Ended> => {
  try {
    const outcome = await run
    return isFinite(outcome.snapshot) ? { outcome } : UNNOTICED
  } catch (error) {
    if (error instanceof PtncnError && error.name === 'DivergenceError') return { divergence: error.value }
    if (error instanceof PtncnError && error.name === 'NonFiniteError') return UNNOTICED
    throw error
  }
}

/** A network as the snapshot of an open sequence. */
export const snapshotOf = ({ config, weights, state }: Network): Snapshot => ({
  weights,
  optimizer: initialOptimizer(config),
  state,
})

/** The inputs of a network as a piece that goes on from its snapshot, and is left open. */
export const pieceOf = ({ inputs }: Pick<Network, 'inputs'>): Sequence => ({ inputs, continues: true, open: true })

/** A copy that shares no memory. */
export const copied = <Value>(value: Value): Value => structuredClone(value)

/** A network without the text that it prints as. */
export const plain = ({ config, weights, state, inputs }: Network) => ({ config, weights, state, inputs })
