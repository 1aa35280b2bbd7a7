/**
 * What predictions that need no learning score on frames, and on the steps of a series: the marks that every figure for
 * them is read against. All are means over the frames 2, 3, ... of all rows with data: in nats a frame, cross-entropy
 * summed over the pixels; of a series half the squared error, summed over its columns.
 */

import type { Matrix } from '../numeric/matrix.js'
import { addScores, score, type Score } from '../ptncn/scores.js'
import type { Input } from '../ptncn/state.js'
import type { Config } from '../ptncn/config.js'
import type { Sequence } from '../engine/engine.js'

export interface TrivialScores {
  /** of the mean of the training frames as the prediction of every frame */
  readonly meanFrame: number
  /** of each frame as the prediction of the next */
  readonly copyLast: number
  /** of each frame as the prediction of itself: the entropy of its grey values, below which nothing scores; 0 of a series */
  readonly floor: number
}

/** A prediction for frame t of a sequence, B x n_0. */
type Predictor = (inputs: readonly Input[], t: number) => Matrix

/** How predictions are scored: frames, or the steps of a series. */
type Output = Exclude<Config['output'], 'softmax'>

/** The scores on `test` sequences; the mean frame is that of the scored frames of `training` sequences. */
export const trivialScores = (
  training: Iterable<Sequence>,
  test: Iterable<Sequence>,
  output: Output = 'sigmoid',
): TrivialScores => {
  const mean = meanFrame(training)
  const predictors: readonly Predictor[] = [
    (inputs, t) => repeated(mean, inputs[t]!.x.rows),
    (inputs, t) => inputs[t - 1]!.x,
    (inputs, t) => inputs[t]!.x,
  ]
  const [ofMean, ofLast, ofItself] = lossPerFrame(test, output, predictors)
  return { meanFrame: ofMean!, copyLast: ofLast!, floor: ofItself! }
}

/** The mean loss of each predictor; sequences are gone through once, as they may be more than memory holds. */
const lossPerFrame = (sequences: Iterable<Sequence>, output: Output, predictors: readonly Predictor[]): number[] => {
  const sums = predictors.map((): Score => ({ loss: 0, count: 0 }))
  for (const { inputs } of sequences) {
    inputs.slice(1).forEach((input, i) =>
      predictors.forEach((predict, k) => {
        sums[k] = addScores(sums[k]!, score(output, predict(inputs, i + 1), input))
      }),
    )
  }
  return sums.map(({ loss, count }) => loss / count)
}

/** The mean, in binary64, of the frames from the second on, over the rows with data. */
const meanFrame = (sequences: Iterable<Sequence>): Float64Array => {
  let [sums, count] = [new Float64Array(0), 0]
  for (const { inputs } of sequences) {
    if (count === 0) sums = new Float64Array(inputs[0]!.x.cols)
    for (const { x, mask } of inputs.slice(1)) {
      for (let row = 0; row < x.rows; row++) {
        if (mask.data[row] !== 1) continue
        count++
        for (let j = 0; j < x.cols; j++) sums[j]! += x.data[row * x.cols + j]!
      }
    }
  }
  return sums.map((sum) => sum / count)
}

const repeated = (row: Float64Array, rows: number): Matrix => ({
  rows,
  cols: row.length,
  data: Float32Array.from({ length: rows * row.length }, (_, i) => row[i % row.length]!),
})
