/** A task of predicting the next step of recordings that are at hand: numbers of a series, or frames of films. */

import type { Sequence } from '../engine/engine.js'
import { batchesBy, heldBy, requireFits, type AtHand } from './batches.js'
import { evenPlaces, sequenceCount } from './corpus.js'
import { recordingInputs, type Recordings } from './recordings.js'
import { BATCHING_TITLES, once } from './symbol-task.js'
import { accountOf, batchKey, type Mark, type Part, type Task } from './task.js'

/** What is said of a task of recordings as it stands. */
type About = Pick<Task, 'name' | 'title' | 'output' | 'unit' | 'frame' | 'scaling'>

export interface RecordingTask extends AtHand<Recordings>, About {
  /** what a step is, for people: frames */
  readonly step: string
  /** the marks of what is scored, beside all of the training */
  readonly marks: (training: Iterable<Sequence>, scored: Iterable<Sequence>) => readonly Mark[]
}

/**
 * Held recordings are scored in their order, so that a series goes on from row to row.
 * @throws ConfigError where a batch would not fit into memory
 */
export const recordingTask = ({ step, files, training, held, rows, batching, scored, marks, ...about }: RecordingTask): Task => {
  const inputs = training.width
  for (const part of [training, held.validation, held.test]) requireFits(part, { inputs, rows }, step)
  const batches = batchesBy(training, { rows, batching }, recordingInputs(training))
  const scoredOf = (part: Recordings, count = sequenceCount(part)): Iterable<Sequence> =>
    heldBy(evenPlaces(sequenceCount(part), count), rows, recordingInputs(part))
  const marksOf = (part: Part): (() => readonly Mark[]) => once(() => marks(scoredOf(training), scoredOf(held[part], scored)))
  const known: Readonly<Record<Part, () => readonly Mark[]>> = { validation: marksOf('validation'), test: marksOf('test') }
  return {
    ...about,
    title: `${about.title}, ${BATCHING_TITLES[batching]}${scored === undefined ? '' : `, ${scored} pieces of each held part scored`}`,
    inputs,
    epoch: batches.epoch,
    training: (key, index) => batches.batch(batchKey(key), index),
    held: (part) => scoredOf(held[part], scored),
    marks: (part) => known[part](),
    ...accountOf({ ...(files && { files }), training, held }, sequenceCount),
    padding: batches.padding,
  }
}
