/** A series of numbers as a task: each step predicted from those before, scored by squared error. */

import { recordingTask, type RecordingTask } from './recording-task.js'
import type { Series } from './series.js'
import type { Scaling, Task } from './task.js'
import { trivialScores } from './trivial.js'

export interface SeriesTask extends Pick<RecordingTask, 'rows' | 'batching' | 'scored' | 'files'> {
  readonly series: Series
  /** lines of a piece */
  readonly length: number
}

/** Columns whose scales a title has room for. */
const MOST_SAID = 3
const LONGEST_NAME = 20

export const seriesTask = ({ series, length, ...batches }: SeriesTask): Task => {
  const { width, scaling, foreign, training, validation, test } = series
  return recordingTask({
    ...batches,
    name: 'series',
    title: `A series of ${width} ${width === 1 ? 'column' : 'columns'}, standardised by ${foreign ? 'that of the training' : 'the training part'} (${scalesOf(scaling)}), 90 % to train, then 5 % to validate, then 5 % to test, in pieces of ${length} lines, the first of each not scored`,
    step: 'steps',
    output: 'identity',
    unit: 'half squared error a step',
    scaling,
    training,
    held: { validation, test },
    marks: (sample, scored) => {
      const { copyLast, meanFrame } = trivialScores(sample, scored, 'identity')
      return [
        { label: 'copy last', value: copyLast },
        { label: 'mean', value: meanFrame },
      ]
    },
  })
}

/** Means and deviations in words: `mean 20.1, deviation 3.4`, and the name before them where there is one. */
const scalesOf = ({ mean, deviation, columns }: Scaling): string => {
  if (mean.length > MOST_SAID) return 'by mean and deviation of each'
  const name = (i: number): string => (columns === undefined ? '' : `${plain(columns[i]!)}: `)
  return mean.map((value, i) => `${name(i)}mean ${value.toPrecision(4)}, deviation ${deviation[i]!.toPrecision(4)}`).join('; ')
}

/** A name in one short line, whoever wrote the file. */
const plain = (name: string): string => name.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, LONGEST_NAME)
