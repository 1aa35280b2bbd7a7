/** A network that reads one step at a time, for as long as they come. No files, no terminal, no clock of its own. */

import { batchKey } from '../data/task.js'
import type { Engine, Sequence, Snapshot } from '../engine/engine.js'
import { count, requireFields } from '../fields.js'
import { zeros, type Matrix } from '../numeric/matrix.js'
import { keyOf, split, type Key } from '../numeric/random.js'
import { inputOf } from '../ptncn/state.js'
import { inRun } from './train.js'

/** How far a stream has come; with the snapshot, all that it needs to go on to the same bits. */
export interface Position {
  /** what stochastic units draw from, sequence by sequence */
  readonly seed: number
  /** that have ended */
  readonly sequences: number
  /** steps seen, of all sequences */
  readonly steps: number
}

/** One step, after it was seen. */
export interface Streamed {
  /** from 0 */
  readonly sequence: number
  readonly t: number
  /** 1 x n_0, made before the step was seen */
  readonly prediction: Matrix
  /** of that prediction; none before learnFrom */
  readonly loss?: number
  /** whether the most probable symbol was the right one; softmax only */
  readonly correct?: boolean
}

export interface Stream {
  /** @throws DivergenceError; the stream is then where it was before */
  readonly see: (x: Matrix) => Promise<Streamed>
  /** what is predicted for the step to come, 1 x n_0 */
  readonly ahead: () => Promise<Matrix>
  /** the step to come begins another sequence */
  readonly end: () => void
  readonly snapshot: () => Snapshot
  readonly position: () => Position
}

const POSITION = { seed: count, sequences: count, steps: count }

/** A position from a file. @throws FileError */
export const readPosition = (what: string, value: unknown): Position => {
  requireFields('FileError', what, value, POSITION)
  const { seed, sequences, steps } = value as Position
  return { seed, sequences, steps }
}

const keyOfSequence = (seed: number, sequence: number): Key => split(batchKey(keyOf(seed)), sequence)

/**
 * A stream of one row, from where another one stopped or from the beginning. Its engine computes each step by itself, to
 * the bits of the whole sequence at once. Where it is to learn, the engine's `update` should be `step`, as a sequence may
 * have no end.
 */
export const streamOf = (engine: Engine, from: Snapshot, at: Position, learn: boolean): Stream => {
  const run = learn ? engine.train : engine.evaluate
  let snapshot = from
  let { sequences, steps } = at
  const onward = (): Pick<Sequence, 'open' | 'continues' | 'key'> =>
    snapshot.state ? { open: true, continues: true } : { open: true, key: keyOfSequence(at.seed, sequences) }

  const see = async (x: Matrix): Promise<Streamed> => {
    const t = snapshot.state?.t ?? 0
    const done = await run(snapshot, [{ inputs: [inputOf(x)], ...onward() }], { predictions: true }).catch(inRun(sequences))
    snapshot = done.snapshot
    steps++
    const { loss, count: scored, correct, predictions } = done.measurements[0]!
    return {
      sequence: sequences,
      t,
      prediction: predictions![0]!,
      ...(scored > 0 && { loss, ...(correct !== undefined && { correct: correct > 0 }) }),
    }
  }

  // a step that is looked at and thrown away: what it predicts does not depend on its input
  const blank = inputOf(zeros(1, engine.config.units[0]!), [0])
  const ahead = async (): Promise<Matrix> => {
    const { measurements } = await engine.evaluate(snapshot, [{ inputs: [blank], ...onward() }], { predictions: true })
    return measurements[0]!.predictions![0]!
  }

  const end = (): void => {
    if (!snapshot.state) return
    const { state: _, ...model } = snapshot
    snapshot = model
    sequences++
  }

  return { see, ahead, end, snapshot: () => snapshot, position: () => ({ seed: at.seed, sequences, steps }) }
}
