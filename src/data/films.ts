/** Films: sequences of frames of one size, from arrays or from pictures, in the parts of a task. */

import { mismatch } from '../errors.js'
import { sequenceCount } from './corpus.js'
import { idxHead } from './idx.js'
import { isNpy, readNpy, type NumberArray } from './npy.js'
import { inPieces, recordingsBetween, SHORTEST_RECORDING, type Recordings } from './recordings.js'
import type { Frame, Part } from './task.js'

export interface Films {
  readonly frame: Frame
  /** grey values, frame after frame, from 0 to 1 as inputs */
  readonly recordings: Recordings
}

/** A frame of more has more weights than this package is for. */
export const MOST_PIXELS = 2 ** 16

/** The parts of the films that are not for training, the test at their end. */
const HELD_PART = 0.05
/** One of each part. */
const FEWEST = 3

/** The test set of Moving MNIST by N. Srivastava et al. (2015), whose films lie side by side: T x N x H x W. */
const MOVING_MNIST = [20, 10_000, 64, 64]

const isMovingMnist = (shape: readonly number[]): boolean => MOVING_MNIST.every((size, i) => shape[i] === size)

/** Frame t of film n from place t * films + n to place n * frames + t. */
export const filmByFilm = <Values extends Uint8Array | Float32Array>(
  values: Values,
  [frames, films, pixels]: readonly [number, number, number],
): Values => {
  const to = values.slice() as Values
  for (let t = 0; t < frames; t++)
    for (let n = 0; n < films; n++) {
      const from = (t * films + n) * pixels
      to.set(values.subarray(from, from + pixels), (n * frames + t) * pixels)
    }
  return to
}

/**
 * The films of an array: one of T x H x W, or N of N x T x H x W (Moving MNIST as it is published); in NPY, as bytes or as numbers from 0 to 1, or in IDX, as bytes.
 * @throws FileError where the file is none of these, or a grey value is none
 */
export const readFilms = (bytes: Uint8Array, file: string): Films => {
  const { shape, values } = arrayOf(isNpy(bytes) ? readNpy(bytes, file) : readIdx(bytes, file))
  if (shape.length !== 3 && shape.length !== 4)
    throw mismatch('FileError', file, 'frames x rows x columns, or films x frames x rows x columns', shape)
  const [count, frames, rows, cols] = (shape.length === 3 ? [1, ...shape] : shape) as [number, number, number, number]
  requireFrame({ rows, cols }, file)
  if (count < 1 || frames < SHORTEST_RECORDING)
    throw mismatch('FileError', file, `at least one film of ${SHORTEST_RECORDING} frames`, [count, frames])
  if (values instanceof Float32Array) requireGrey(values, file)
  const starts = Uint32Array.from({ length: count + 1 }, (_, i) => i * frames)
  return {
    frame: { rows, cols },
    recordings: { width: rows * cols, values, full: values instanceof Float32Array ? 1 : 255, starts },
  }
}

const arrayOf = (array: NumberArray): NumberArray => {
  if (!isMovingMnist(array.shape)) return array
  const [frames, films, rows, cols] = array.shape as [number, number, number, number]
  return { shape: [films, frames, rows, cols], values: filmByFilm(array.values, [frames, films, rows * cols]) }
}

/** @throws FileError */
export const requireFrame = ({ rows, cols }: Frame, file: string): void => {
  if (rows >= 1 && cols >= 1 && rows * cols <= MOST_PIXELS) return
  throw mismatch('FileError', file, `frames of 1 to ${MOST_PIXELS} pixels`, `${rows} x ${cols}`, 'make them smaller')
}

const readIdx = (bytes: Uint8Array, file: string): NumberArray => {
  const { type, dimensions, size } = idxHead(bytes, file)
  if (type !== 'unsigned bytes') throw mismatch('FileError', file, 'unsigned bytes', type)
  if (bytes.length !== size)
    throw mismatch('FileError', file, `${size} bytes for ${dimensions.join(' x ')} ${type}`, bytes.length, 'fetch it again')
  return { shape: dimensions, values: bytes.subarray(bytes.length - dimensions.reduce((product, one) => product * one, 1)) }
}

const requireGrey = (values: Float32Array, file: string): void => {
  const at = values.findIndex((value) => !(value >= 0 && value <= 1))
  if (at >= 0)
    throw mismatch('FileError', `${file}, element ${at}`, 'a grey value from 0 to 1', values[at], 'divide by the largest')
}

/**
 * In pieces of at most about `frames` frames: of three films or more the last twentieth, at least one, is the test, the
 * twentieth before the validation; of fewer, of their pieces.
 * @throws FileError where there are fewer than three pieces
 */
export const filmParts = (
  { recordings }: Films,
  frames: number,
  file: string,
): { readonly training: Recordings; readonly held: Readonly<Record<Part, Recordings>> } => {
  const whole = sequenceCount(recordings) >= FEWEST
  const all = whole ? recordings : inPieces(recordings, frames)
  const count = sequenceCount(all)
  if (count < FEWEST) {
    const expected = `at least ${FEWEST} films, or as many pieces of ${frames} frames, to train, to validate and to test`
    throw mismatch('FileError', file, expected, count, 'give more, or a smaller --frames')
  }
  const held = Math.max(1, Math.floor(count * HELD_PART))
  const part = (from: number, to: number): Recordings => inPieces(recordingsBetween(all, from, to), frames)
  const [kept, last] = [count - 2 * held, count - held]
  return { training: part(0, kept), held: { validation: part(kept, last), test: part(last, count) } }
}
