/** Films of one's own as a task: each frame predicted from those before. */

import { marksOf } from './bouncing-task.js'
import { sequenceCount } from './corpus.js'
import { filmParts, type Films } from './films.js'
import { recordingTask, type RecordingTask } from './recording-task.js'
import type { Task } from './task.js'

export interface FilmTask extends Pick<RecordingTask, 'rows' | 'batching' | 'scored' | 'files'> {
  readonly films: Films
  /** of a piece */
  readonly frames: number
  /** where they are from, for errors */
  readonly path: string
}

/** @throws FileError where there are too few, ConfigError where a batch would not fit into memory */
export const filmTask = ({ films, frames, path, ...batches }: FilmTask): Task => {
  const { frame, recordings } = films
  const { training, held } = filmParts(films, frames, path)
  const [count, ...pieces] = [recordings, training, held.validation, held.test].map(sequenceCount)
  return recordingTask({
    ...batches,
    name: 'frames',
    title: `${count} ${count === 1 ? 'film' : 'films'} of ${recordings.starts.at(-1)} frames, ${frame.rows} x ${frame.cols}, in pieces of ${frames} frames, ${pieces[0]} to train, then ${pieces[1]} to validate, then ${pieces[2]} to test, the first frame of each not scored`,
    step: 'frames',
    output: 'sigmoid',
    unit: 'nats a frame',
    frame,
    training,
    held,
    marks: marksOf,
  })
}
