/** The engine to read: `step`, `absorb`, `endSequence` and `score`, in the order of SPEC.md. [sq-start] */

import { PtncnError } from '../errors.js'
import type { Matrix } from '../numeric/matrix.js'
import { absorb, endSequence, type Model } from '../ptncn/apply.js'
import type { Config } from '../ptncn/config.js'
import { score, type Score } from '../ptncn/scores.js'
import { initialState } from '../ptncn/state.js'
import { infer, step, type Inference, type Step } from '../ptncn/step.js'
import { requireRun } from './check.js'
import { disposable } from './engine.js'
import type { Divergence, Engine, Measurement, Outcome, RunOptions, Sequence, Snapshot } from './engine.js'
import { brokenModel, brokenScore, brokenSignal, brokenUpdate, type Culprit } from './divergence.js'

/** The reference engine of a configuration. */
export const referenceEngine = (config: Config): Engine =>
  disposable({
    name: 'reference',
    config,
    train: async (from, sequences, options = {}) => runSequences(config, from, sequences, options, true),
    evaluate: async (from, sequences, options = {}) => runSequences(config, from, sequences, options, false),
    dispose: async () => {},
  })

const runSequences = (
  config: Config,
  from: Snapshot,
  sequences: readonly Sequence[],
  options: RunOptions,
  learning: boolean,
): Outcome => {
  requireRun(config, from, sequences)
  let snapshot = from
  const measurements = sequences.map((sequence, index): Measurement => {
    const run = runSequence(config, snapshot, sequence, index, learning)
    snapshot = run.snapshot
    return { ...run.score, ...(options.predictions && { predictions: run.predictions }) }
  })
  return { snapshot, measurements }
}

interface SequenceRun {
  readonly snapshot: Snapshot
  readonly score: Score
  readonly predictions: readonly Matrix[]
}

const runSequence = (config: Config, from: Snapshot, sequence: Sequence, index: number, learning: boolean): SequenceRun => {
  const { inputs, key, continues, open } = sequence
  let state = continues ? from.state! : initialState(config, inputs[0]!.x.rows, key)
  let model: Model = continues ? from : abandonSum(from)
  const scores: Score[] = []
  const predictions: Matrix[] = []
  const stopAt = (culprit: Culprit | undefined): void => {
    if (culprit) throw divergence({ ...culprit, sequence: index, step: state.t, snapshot: { ...model, state } })
  }
  for (const input of inputs) {
    const active = state.t >= config.learnFrom // [sq-learn]
    const run = learning && active ? step : infer
    const result: Inference & Partial<Step> = run(config, model.weights, state, input)
    stopAt(brokenSignal(config, model.weights, state, input, result))
    if (result.updates) stopAt(brokenUpdate(result.updates))
    if (active) {
      scores.push(score(config.output, result.prediction, input))
      stopAt(brokenScore(config, scores.at(-1)!))
    }
    if (result.updates) {
      const next = absorb(config, model, result.updates, input.mask)
      stopAt(brokenModel(next))
      model = next
    }
    predictions.push(result.prediction)
    state = result.state
  }
  if (open) return { snapshot: { ...model, state }, score: sumScores(config, scores), predictions }
  const closed = learning ? endSequence(config, model) : model
  stopAt(brokenModel(closed))
  return { snapshot: { weights: closed.weights, optimizer: closed.optimizer }, score: sumScores(config, scores), predictions }
}

/** A sequence that begins anew leaves behind what an open one before it had summed up. [sq-update] */
const abandonSum = ({ weights, optimizer: { sum: _, ...optimizer } }: Model): Model => ({ weights, optimizer })

/** The scores of several steps or sequences as one, added up in binary64 in their order. [S5] */
export const sumScores = (config: Config, scores: readonly Score[]): Score => {
  const sum = (of: (score: Score) => number): number => scores.reduce((total, score) => total + of(score), 0)
  const added = { loss: sum((s) => s.loss), count: sum((s) => s.count) }
  return config.output === 'softmax' ? { ...added, correct: sum((s) => s.correct ?? 0) } : added
}

/** The one error of a run that stops being finite. */
export const divergence = (value: Divergence): PtncnError => {
  const { equation, layer, sequence, step: t } = value
  return new PtncnError(
    'DivergenceError',
    `"${equation}" of layer ${layer} expected finite numbers, got NaN or infinity at step ${t} of sequence ${sequence}; ` +
      'the snapshot before that step is kept: try a smaller rate, or a clip',
    value,
  )
}
