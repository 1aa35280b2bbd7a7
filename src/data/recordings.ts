/** Sequences of numbers, end to end in one array: series, and films. */

import type { Input } from '../ptncn/state.js'
import { lengthOf, sequenceCount, type Lengths } from './corpus.js'

export interface Recordings extends Lengths {
  /** numbers of a step: n_0 */
  readonly width: number
  /** step after step, recording after recording */
  readonly values: Uint8Array | Float32Array
  /** what a value is divided by where it becomes an input: 255 for grey values in bytes */
  readonly full: 1 | 255
  /** the step at which each begins, and, one element more, where the last one ends */
  readonly starts: Uint32Array
}

/** The shortest of which something is scored: a step to begin with, and one to predict. */
export const SHORTEST_RECORDING = 2

/** Of a recording without a gap, in steps. */
export const wholeRecording = (width: number, values: Float32Array): Recordings => ({
  width,
  values,
  full: 1,
  starts: Uint32Array.from([0, values.length / width]),
})

/** Recordings number `from` to before `to`. */
export const recordingsBetween = ({ starts, ...all }: Recordings, from: number, to: number): Recordings => ({
  ...all,
  values: all.values.subarray(starts[from]! * all.width, starts[to]! * all.width),
  starts: starts.slice(from, to + 1).map((start) => start - starts[from]!),
})

/** Each in pieces of `length` steps; a last one of a single step, which nothing could be scored on, stays with the one before. */
export const inPieces = (all: Recordings, length: number): Recordings => {
  const starts = Array.from({ length: sequenceCount(all) }, (_, i) => {
    const count = Math.max(1, Math.ceil((lengthOf(all, i) - 1) / length))
    return Array.from({ length: count }, (_, piece) => all.starts[i]! + piece * length)
  })
  return { ...all, starts: Uint32Array.from([...starts.flat(), all.starts.at(-1)!]) }
}

/** The inputs of some of them, one a step, each of them a row; rows that have ended are padding. */
export const recordingInputs =
  (all: Recordings) =>
  (numbers: Uint32Array): Input[] => {
    const rows = Array.from(numbers)
    const steps = Math.max(0, ...rows.map((number) => lengthOf(all, number)))
    return Array.from({ length: steps }, (_, t) => stepOf(all, rows, t))
  }

const stepOf = (all: Recordings, rows: readonly number[], t: number): Input => {
  const { width, values, full, starts } = all
  const x = new Float32Array(rows.length * width)
  const mask = new Float32Array(rows.length)
  rows.forEach((number, row) => {
    if (t >= lengthOf(all, number)) return
    mask[row] = 1
    const from = (starts[number]! + t) * width
    for (let j = 0; j < width; j++) x[row * width + j] = values[from + j]! / full
  })
  return { x: { rows: rows.length, cols: width, data: x }, mask: { rows: rows.length, cols: 1, data: mask } }
}
