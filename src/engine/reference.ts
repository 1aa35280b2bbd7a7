/** The engine to read: `step`, `applyUpdates`, `endSequence` and `score`, in the order of SPEC.md. [sq-start] */

import type { Matrix } from '../numeric/matrix.js'
import { applyUpdates, endSequence, forgetSum, type Model } from '../ptncn/apply.js'
import { requireConfig, type Config } from '../ptncn/config.js'
import { score, sumScores, type Score } from '../ptncn/scores.js'
import { initialState } from '../ptncn/state.js'
import { infer, step, type Inference, type Step } from '../ptncn/step.js'
import { requireRun } from './check.js'
import { brokenModel, brokenScore, brokenSignal, brokenUpdate, divergence, type Culprit } from './divergence.js'
import {
  disposable,
  requireOpen,
  type Engine,
  type Measurement,
  type Outcome,
  type RunOptions,
  type Sequence,
  type Snapshot,
} from './engine.js'

/** The equations that an engine runs, `step`, `infer`, `applyUpdates`, `endSequence` and `score`; tests put wrong ones in. */
export interface Equations {
  readonly step: typeof step
  readonly infer: typeof infer
  readonly applyUpdates: typeof applyUpdates
  readonly endSequence: typeof endSequence
  readonly score: typeof score
}

const SPECIFIED: Equations = { step, infer, applyUpdates, endSequence, score }

/** The reference engine of a configuration. @throws ConfigError */
export const referenceEngine = (config: Config, equations: Equations = SPECIFIED): Engine => {
  requireConfig(config)
  let disposed = false
  const run =
    (learning: boolean) =>
    async (from: Snapshot, sequences: readonly Sequence[], options: RunOptions = {}) => {
      requireOpen('reference', disposed, options)
      return runSequences(config, equations, from, sequences, options, learning)
    }
  const dispose = async (): Promise<void> => void (disposed = true)
  return disposable({ name: 'reference', config, train: run(true), evaluate: run(false), dispose })
}

const runSequences = (
  config: Config,
  equations: Equations,
  from: Snapshot,
  sequences: readonly Sequence[],
  options: RunOptions,
  learning: boolean,
): Outcome => {
  requireRun(config, from, sequences)
  let snapshot = from
  const measurements = sequences.map((sequence, index): Measurement => {
    const run = runSequence(config, equations, snapshot, sequence, index, learning)
    snapshot = run.snapshot
    return { ...sumScores(config, run.scores), ...(options.predictions && { predictions: run.predictions }) }
  })
  return { snapshot, measurements }
}

interface SequenceRun {
  readonly snapshot: Snapshot
  readonly scores: readonly Score[]
  readonly predictions: readonly Matrix[]
}

const runSequence = (
  config: Config,
  equations: Equations,
  from: Snapshot,
  { inputs, key, continues, open }: Sequence,
  index: number,
  learning: boolean,
): SequenceRun => {
  let state = continues ? from.state! : initialState(config, inputs[0]!.x.rows, key)
  let model: Model = continues ? from : forgetSum(from)
  const scores: Score[] = []
  const predictions: Matrix[] = []
  const stopAt = (culprit: Culprit | undefined): void => {
    if (culprit) throw divergence({ ...culprit, sequence: index, step: state.t, snapshot: { ...model, state } })
  }
  for (const input of inputs) {
    const active = state.t >= config.learnFrom // [sq-learn]
    const run = learning && active ? equations.step : equations.infer
    const result: Inference & Partial<Step> = run(config, model.weights, state, input)
    stopAt(brokenSignal(config, model.weights, state, input, result, equations.infer))
    if (result.updates) stopAt(brokenUpdate(result.updates))
    if (active) {
      scores.push(equations.score(config.output, result.prediction, input))
      stopAt(brokenScore(config, scores.at(-1)!))
    }
    if (result.updates) {
      const next = equations.applyUpdates(config, model, result.updates, input.mask)
      stopAt(brokenModel(next))
      model = next
    }
    predictions.push(result.prediction)
    state = result.state
  }
  if (open) return { snapshot: { ...model, state }, scores, predictions }
  const closed = learning ? equations.endSequence(config, model) : model
  stopAt(brokenModel(closed))
  return { snapshot: { weights: closed.weights, optimizer: closed.optimizer }, scores, predictions }
}
