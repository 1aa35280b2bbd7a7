/** Any series of numbers as a task: a step a line, in three parts that follow each other. */

import { mismatch } from '../errors.js'
import { requireField, whole } from '../fields.js'
import { LONGEST_SEQUENCE } from './corpus.js'
import { readNumbers, type NumberTable } from './number-table.js'
import { inPieces, SHORTEST_RECORDING, wholeRecording, type Recordings } from './recordings.js'
import type { Scaling } from './task.js'

/** The parts of the series that are not for training, the test at its end. */
const HELD_PART = 0.05
/** A step to begin with and one to predict in each held part. */
const SHORTEST_SERIES = SHORTEST_RECORDING / HELD_PART
/** In deviations: the square of the largest is far from where binary32 ends. */
const FARTHEST = 1e9

export interface Series {
  /** columns */
  readonly width: number
  readonly scaling: Scaling
  /** whether the scaling is that of another series, on which a network was trained */
  readonly foreign: boolean
  readonly training: Recordings
  readonly validation: Recordings
  readonly test: Recordings
}

/**
 * The lines of a table in pieces of `length`, each column standardised by what the training part knows of it, or by
 * `given`, that of a series which a network was trained on. The first line of each piece is not predicted.
 * @throws FileError where it is no table of numbers, is too short, or has not the columns of `given`
 */
export const readSeries = (bytes: Uint8Array, file: string, length: number, given?: Scaling): Series => {
  requireField('ConfigError', 'length', length, whole(SHORTEST_RECORDING, LONGEST_SEQUENCE))
  const table = readNumbers(bytes, file)
  const { width } = table
  const lines = table.numbers.length / width
  if (lines < SHORTEST_SERIES) throw mismatch('FileError', file, `at least ${SHORTEST_SERIES} lines of numbers`, lines)
  const held = Math.floor(lines * HELD_PART)
  const [kept, last] = [lines - 2 * held, lines - held]
  if (given && given.mean.length !== width)
    throw mismatch('FileError', file, `${given.mean.length} columns, as its scaling has`, width)
  const scaling = given ?? scalingOf(table, kept)
  const values = standardised(table, scaling, file)
  const part = (from: number, to: number): Recordings =>
    inPieces(wholeRecording(width, values.subarray(from * width, to * width)), length)
  const foreign = given !== undefined
  return { width, scaling, foreign, training: part(0, kept), validation: part(kept, last), test: part(last, lines) }
}

/** Mean and deviation of each column over its first `lines` lines. */
const scalingOf = ({ width, numbers, names }: NumberTable, lines: number): Scaling => {
  const columns = Array.from({ length: width }, (_, column) => momentsOf((line) => numbers[line * width + column]!, lines))
  return {
    mean: columns.map(({ mean }) => mean),
    deviation: columns.map(({ deviation }) => deviation),
    ...(names && { columns: names }),
  }
}

/** A column that is the same throughout is that, exactly, and has nothing to be divided by. */
const momentsOf = (at: (line: number) => number, lines: number): { readonly mean: number; readonly deviation: number } => {
  let [least, most, sum] = [Infinity, -Infinity, 0]
  for (let line = 0; line < lines; line++) {
    ;[least, most] = [Math.min(least, at(line)), Math.max(most, at(line))]
    sum += at(line)
  }
  if (least === most) return { mean: least, deviation: 1 }
  const mean = sum / lines
  // in parts of the farthest, whose squares are neither too large nor too small for binary64
  const farthest = Math.max(mean - least, most - mean)
  let squares = 0
  for (let line = 0; line < lines; line++) squares += ((at(line) - mean) / farthest) ** 2
  return { mean, deviation: farthest * Math.sqrt(squares / lines) || 1 }
}

const standardised = ({ width, numbers }: NumberTable, { mean, deviation }: Scaling, file: string): Float32Array =>
  Float32Array.from(numbers, (number, i) => {
    const column = i % width
    const value = (number - mean[column]!) / deviation[column]!
    if (Math.abs(value) <= FARTHEST) return value
    const what = `${file}, step ${Math.floor(i / width) + 1}, column ${column + 1}`
    const expected = `a number within ${FARTHEST} deviations of the mean, ${mean[column]}`
    throw mismatch('FileError', what, expected, number)
  })
