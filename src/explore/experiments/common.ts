/** What experiments share: a network that is trained sequence after sequence, and scored. */

import { wasmEngine } from '../../engine/fast/wasm.js'
import type { Engine, Sequence, Snapshot } from '../../engine/engine.js'
import { PtncnError } from '../../errors.js'
import { keyOf, split } from '../../numeric/random.js'
import { initialModel } from '../../ptncn/apply.js'
import type { Config } from '../../ptncn/config.js'
import { meanLoss, score, sumScores } from '../../ptncn/scores.js'
import { inputOf } from '../../ptncn/state.js'
import type { Findings, Series } from '../messages.js'
import type { Source } from '../sources.js'

/** What an experiment has found, again and again until it is done; the work between two of them is short. */
export type Experiment = (seed: number) => AsyncGenerator<Findings>

/** A whole sequence of a source. */
export const wholeSequence = (source: Source, index: number, seed: number): Sequence => ({
  inputs: source.sequence(index).map((x) => inputOf(x)),
  key: split(keyOf(seed), index),
})

/** A network and its engine, and where it stands. */
export interface Subject {
  readonly name: string
  readonly config: Config
  readonly engine: Engine
  snapshot: Snapshot
}

export const subject = (name: string, config: Config, seed: number): Subject => ({
  name,
  config,
  engine: wasmEngine(config),
  snapshot: initialModel(config, keyOf(seed)),
})

/** Trains on sequences `from` to before `to`: the mean loss of each. A network that diverges is said to, and stays as it was. */
export const train = async (of: Subject, source: Source, from: number, to: number, seed: number): Promise<readonly number[]> => {
  const sequences = Array.from({ length: to - from }, (_, i) => wholeSequence(source, from + i, seed))
  try {
    const { snapshot, measurements } = await of.engine.train(of.snapshot, sequences)
    of.snapshot = snapshot
    return measurements.map(meanLoss)
  } catch (error) {
    if (!(error instanceof PtncnError && error.name === 'DivergenceError')) throw error
    return sequences.map(() => NaN)
  }
}

/** What is shown while a network learns: the mean loss of each piece of its sequences so far. */
export interface Course {
  readonly sequences: number
  readonly piece: number
  /** how much of the experiment has been done when it has learnt */
  readonly part: number
  readonly chart: Pick<Findings['charts'][number], 'title' | 'x' | 'y'>
  readonly name: string
}

/** Trains a network, and shows its curve as it goes. */
export async function* learning(
  of: Subject,
  source: Source,
  { sequences, piece, part, chart, name }: Course,
  seed: number,
): AsyncGenerator<Findings> {
  const curve: number[] = []
  for (let from = 0; from < sequences; from += piece) {
    curve.push(mean(await train(of, source, from, from + piece, seed)))
    yield { charts: [{ ...chart, series: [series(name, curve, piece)] }], said: [], done: (part * (from + piece)) / sequences }
  }
}

/** The loss of each step of some sequences, averaged over the sequences, with the weights frozen. */
export const frozenLosses = async (
  { config, snapshot }: Pick<Subject, 'config' | 'snapshot'>,
  sequences: readonly Sequence[],
): Promise<readonly number[]> => {
  const engine = wasmEngine(config)
  const { measurements } = await engine.evaluate({ weights: snapshot.weights, optimizer: snapshot.optimizer }, sequences, {
    predictions: true,
  })
  await engine.dispose()
  const steps = sequences[0]!.inputs.length
  return Array.from({ length: steps }, (_, t) => {
    const scores = sequences.map(({ inputs }, i) => score(config.output, measurements[i]!.predictions![t]!, inputs[t]!))
    return meanLoss(sumScores(config, scores))
  })
}

/** The mean loss of sequences with the weights frozen. */
export const frozenLoss = async (of: Pick<Subject, 'config' | 'snapshot'>, sequences: readonly Sequence[]): Promise<number> => {
  const engine = wasmEngine(of.config)
  const { weights, optimizer } = of.snapshot
  const { measurements } = await engine.evaluate({ weights, optimizer }, sequences)
  await engine.dispose()
  return meanLoss(sumScores(of.config, measurements))
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

export const series = (name: string, values: readonly number[], every = 1, from = every): Series => ({
  name,
  values,
  from,
  every,
})

export const shown = (value: number): string => (Number.isFinite(value) ? value.toPrecision(3) : 'no number: it diverged')
