/** Bouncing images as a task: sequences without end to train on, and fixed ones to score. */

import { keyOf, split } from '../numeric/random.js'
import type { Sequence } from '../engine/engine.js'
import { bouncingBatches, type BouncingOptions } from './bouncing.js'
import type { GreyImages } from './digits.js'
import { accountOf, batchKey, type FromFiles, type Mark, type Part, type Task } from './task.js'
import { trivialScores } from './trivial.js'

export interface BouncingTask extends FromFiles<GreyImages> {
  readonly name: string
  readonly title: string
  readonly side: number
  readonly frames: number
  readonly rows: number
}

const DIGITS = 2
/** The sequences of a part are the same for every seed. */
const SEEDS: Readonly<Record<Part, number>> = { validation: 20_200_102, test: 20_200_101 }
const HELD_BATCHES = 4
const HELD_ROWS = 25
/** The mean frame is that of the first training batches of this seed, of whatever run, so that marks are those of the task. */
const MEAN_SEED = 1
const MEAN_BATCHES = 10

export const bouncingTask = (given: BouncingTask): Task => {
  const { name, title, side, frames, rows, training, held } = given
  const options: BouncingOptions = { side, frames, digits: DIGITS }
  const trainingBatch = bouncingBatches(options, training)
  const train: Task['training'] = (key, index) => trainingBatch(split(batchKey(key), index), rows)
  const scored = (part: Part): Sequence[] => {
    const batch = bouncingBatches(options, held[part])
    return Array.from({ length: HELD_BATCHES }, (_, i) => batch(split(keyOf(SEEDS[part]), i), HELD_ROWS))
  }
  return {
    name,
    title: `${title}, ${side} x ${side}, ${frames} frames`,
    inputs: side * side,
    output: 'sigmoid',
    unit: 'nats a frame',
    training: train,
    held: scored,
    marks: (part) => {
      const sample = Array.from({ length: MEAN_BATCHES }, (_, i) => train(keyOf(MEAN_SEED), i))
      return marksOf(sample, scored(part))
    },
    ...accountOf(given, ({ count }) => count),
    frame: { rows: side, cols: side },
  }
}

/** The marks of frames: `scored` are those that a network is scored on, `sample` some to take a mean of. */
export const marksOf = (sample: Iterable<Sequence>, scored: Iterable<Sequence>): Mark[] => {
  const { floor, copyLast, meanFrame } = trivialScores(sample, scored)
  return [
    { label: 'floor', value: floor },
    { label: 'copy last', value: copyLast },
    { label: 'mean frame', value: meanFrame },
  ]
}
