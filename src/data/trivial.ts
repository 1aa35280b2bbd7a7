/**
 * What predictions that need no learning score on frames: the marks that every figure for frames is read
 * against. All in nats a frame: cross-entropy summed over the pixels, mean over the frames 2, 3, ... of all
 * rows with data.
 */

import type { Matrix } from '../numeric/matrix.js'
import { score, type Score } from '../ptncn/scores.js'
import type { Input } from '../ptncn/state.js'
import type { Sequence } from '../engine/engine.js'

export interface TrivialScores {
  /** of the mean of the training frames as the prediction of every frame */
  readonly meanFrame: number
  /** of each frame as the prediction of the next */
  readonly copyLast: number
  /** of each frame as the prediction of itself: the entropy of its grey values, below which nothing scores */
  readonly floor: number
}

/** A prediction for frame t of a sequence, B x n_0. */
type Predictor = (inputs: readonly Input[], t: number) => Matrix

/** The scores on `test` sequences; the mean frame is that of the scored frames of `training` sequences. */
export const trivialScores = (training: readonly Sequence[], test: readonly Sequence[]): TrivialScores => {
  const mean = meanFrame(training)
  return {
    meanFrame: natsPerFrame(test, (inputs, t) => repeated(mean, inputs[t]!.x.rows)),
    copyLast: natsPerFrame(test, (inputs, t) => inputs[t - 1]!.x),
    floor: natsPerFrame(test, (inputs, t) => inputs[t]!.x),
  }
}

const natsPerFrame = (sequences: readonly Sequence[], predict: Predictor): number => {
  const scores = sequences.flatMap(({ inputs }) =>
    inputs.slice(1).map((input, i): Score => score('sigmoid', predict(inputs, i + 1), input)),
  )
  const sum = (of: (one: Score) => number): number => scores.reduce((all, one) => all + of(one), 0)
  return sum((one) => one.loss) / sum((one) => one.count)
}

/** The mean, in binary64, of the frames from the second on, over the rows with data. */
const meanFrame = (sequences: readonly Sequence[]): Float64Array => {
  const frames = sequences.flatMap(({ inputs }) => inputs.slice(1))
  const sums = new Float64Array(frames[0]?.x.cols ?? 0)
  let count = 0
  for (const { x, mask } of frames) {
    for (let row = 0; row < x.rows; row++) {
      if (mask.data[row] !== 1) continue
      count++
      for (let j = 0; j < x.cols; j++) sums[j]! += x.data[row * x.cols + j]!
    }
  }
  return sums.map((sum) => sum / count)
}

const repeated = (row: Float64Array, rows: number): Matrix => ({
  rows,
  cols: row.length,
  data: Float32Array.from({ length: rows * row.length }, (_, i) => row[i % row.length]!),
})
