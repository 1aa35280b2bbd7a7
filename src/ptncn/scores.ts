/** The scores of a prediction, and of several together. [S1] [S2] [S3] [S4] [S5] */

import { list, oneOf, record, requireField } from '../fields.js'
import { logs } from '../numeric/elementary.js'
import { add, map, requireMatrix, requireShape, scale, subtract, type Floats, type Matrix } from '../numeric/matrix.js'
import { rowSums, total } from '../numeric/sum.js'
import type { Config } from './config.js'
import { requireMask, type Input } from './state.js'

const { fround } = Math

/** The score of one or more steps; its mean is `meanLoss`. */
export interface Score {
  /** nats (softmax, sigmoid) or half squared error (identity), summed over the active rows */
  readonly loss: number
  /** active rows: tokens (softmax) or frames */
  readonly count: number
  /** active rows whose most probable symbol was the right one; softmax only */
  readonly correct?: number
}

const OUTPUT = oneOf('softmax', 'sigmoid', 'identity')

/** What a probability <= 0 is scored as; from the released code. */
export const FLOOR = fround(1e-8)

/** @throws ShapeError where the input has not the shape of the prediction */
export const requireScorable = (output: Config['output'], p: Matrix, input: Input): void => {
  requireField('ShapeError', 'output', output, OUTPUT)
  requireMatrix('prediction', p)
  requireField('ShapeError', 'input', input, record)
  requireShape('input.x', input.x, p.rows, p.cols)
  requireMask('input.mask', input.mask, p.rows)
}

/**
 * The score of a prediction p_0 (B x n_0) for its input, over the active rows.
 * @throws ShapeError where the input has not the shape of the prediction [S1] [S2] [S3] [S4]
 */
export const score = (output: Config['output'], p: Matrix, input: Input): Score => {
  requireScorable(output, p, input)
  const { x, mask } = input
  const losses = activeOnly(mask, rowLosses(output, p, x))
  const count = Array.from(mask.data).filter((m) => m === 1).length
  const scored = { loss: total(losses), count }
  return output === 'softmax' ? { ...scored, correct: correctRows(p, x, mask) } : scored
}

/** Two scores as one, in binary64. [S5] */
export const addScores = (a: Score, b: Score): Score => {
  const counted = a.correct !== undefined || b.correct !== undefined
  return { loss: a.loss + b.loss, count: a.count + b.count, ...(counted && { correct: (a.correct ?? 0) + (b.correct ?? 0) }) }
}

/** The scores of several steps or sequences as one, added up in binary64 in their order. [S5] */
export const sumScores = (config: Pick<Config, 'output'>, scores: readonly Score[]): Score => {
  const { output } = requireField('ConfigError', 'config', config, record)
  requireField('ShapeError', 'scores', scores, list).forEach((one, i) => requireField('ShapeError', `scores[${i}]`, one, record))
  const { correct, ...added } = scores.reduce(addScores, { loss: 0, count: 0 })
  return output === 'softmax' ? { ...added, correct: correct ?? 0 } : added
}

/** Nats (or half squared errors) a scored row; NaN where none was scored. In bits: divided by ln 2. [S5] */
export const meanLoss = (score: Pick<Score, 'loss' | 'count'>): number => {
  requireField('ShapeError', 'score', score, record)
  return score.loss / score.count
}

/** The equation that scores each kind of output. */
export const SCORE_OF = { softmax: 'S1', sigmoid: 'S2', identity: 'S3' } as const

/** +0 in place of the rows without data, so that not even an infinity there is seen. */
const activeOnly = (mask: Matrix, losses: Matrix): Matrix => ({
  ...losses,
  data: Array.from(mask.data, (m, row) => (m === 1 ? losses.data[row]! : 0)),
})

/** B x 1. */
const rowLosses = (output: Config['output'], p: Matrix, x: Matrix): Matrix => {
  if (output === 'identity') return scale(0.5, rowSums(map((error) => fround(error * error), subtract(p, x)))) // [S3]
  return scale(-1, rowSums(output === 'softmax' ? surprise(p, x) : binarySurprise(p, x)))
}

const logProbabilities = (p: Floats): Float32Array => {
  const floored = new Float32Array(p.length)
  for (let i = 0; i < floored.length; i++) {
    // a probability of binary64 can be above 0 and none in binary32
    const rounded = fround(p[i]!)
    floored[i] = rounded <= 0 ? FLOOR : rounded
  }
  return logs(floored)
}

/** x log p, element by element. [S1] */
const surprise = (p: Matrix, x: Matrix): Matrix => {
  const data = logProbabilities(p.data)
  for (let i = 0; i < data.length; i++) data[i] = fround(x.data[i]! * data[i]!)
  return { rows: p.rows, cols: p.cols, data }
}

/** x log p + (1 - x) log(1 - p), element by element. [S2] */
const binarySurprise = (p: Matrix, x: Matrix): Matrix => add(surprise(p, x), surprise(complement(p), complement(x)))

const complement = (a: Matrix): Matrix => map((value) => fround(1 - value), a)

/** The first of the largest elements of a row. */
const largest = (a: Matrix, row: number): number => {
  let best = 0
  for (let j = 1; j < a.cols; j++) if (a.data[row * a.cols + j]! > a.data[row * a.cols + best]!) best = j
  return best
}

/** Active rows whose largest prediction stands where their largest input does. [S4] */
export const correctRows = (p: Matrix, x: Matrix, mask: Matrix): number =>
  Array.from(mask.data).filter((m, row) => m === 1 && largest(p, row) === largest(x, row)).length
