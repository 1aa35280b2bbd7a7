/** A task of predicting the next step of recordings that are at hand: numbers of a series, or frames of films. */

import type { Sequence } from '../engine/engine.js'
import { batchesBy, heldBy, requireFits, type Batching } from './batches.js'
import { evenPlaces, sequenceCount } from './corpus.js'
import { recordingInputs, type Recordings } from './recordings.js'
import { BATCHING_TITLES, once } from './symbol-task.js'
import { batchKey, type DataFile, type Mark, type Part, type Task } from './task.js'

export interface RecordingTask extends Pick<Task, 'name' | 'title' | 'output' | 'unit' | 'frame' | 'scaling'> {
  /** what a step is, for people: frames */
  readonly step: string
  /** none where the recordings were read from no file */
  readonly files?: readonly DataFile[]
  readonly training: Recordings
  readonly held: Readonly<Record<Part, Recordings>>
  readonly rows: number
  readonly batching: Batching
  /** recordings of each held part that are scored, evenly out of all; all where nothing is said */
  readonly scored?: number
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
  const counts = { training: sequenceCount(training), validation: sequenceCount(held.validation), test: sequenceCount(held.test) }
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
    ...(files && { data: { files, counts } }),
    padding: batches.padding,
  }
}
