/**
 * Bouncing digits: two images move in a square canvas, each along its own line, and bounce off the edges.
 *
 * The generator is the one of N. Srivastava, E. Mansimov, R. Salakhutdinov, "Unsupervised learning of video
 * representations using LSTMs" (ICML 2015), for a canvas of any side. All of it is a function of a key: the
 * path of an image depends on nothing else, so that other images (letters, say) take the same paths.
 */

import { mismatch } from '../errors.js'
import { requireField, wholeFrom } from '../fields.js'
import type { Matrix } from '../numeric/matrix.js'
import { below, split, uniform, type Key } from '../numeric/random.js'
import { inputOf } from '../ptncn/state.js'
import type { Sequence } from '../engine/engine.js'
import type { GreyImages } from './digits.js'

export interface BouncingOptions {
  /** pixels of a side of the canvas; a frame has side * side inputs */
  readonly side: number
  readonly frames: number
  /** images in the canvas */
  readonly digits: number
}

/** Where an image is: parts, from 0 to 1, of the way that it is free to go. */
export interface Position {
  readonly x: number
  readonly y: number
}

/** The part of the free way that an image moves a frame. */
const SPEED = 0.1
/** The paper's canvas and digits; other canvases keep the proportion. */
const PAPER_CANVAS = 64
const PAPER_DIGIT = 28

/** Pixels of a side of a digit in a canvas: 64 -> 28, 32 -> 14, 16 -> 7. */
export const digitSide = (side: number): number => Math.floor((PAPER_DIGIT * side) / PAPER_CANVAS)

/** The least canvas in which a digit has a pixel. */
const LEAST_SIDE = 3

/**
 * A sequence of frames (frames x side * side): grey values from 0 to 1, where images overlap the larger one.
 * @throws ConfigError where an option is out of range, ShapeError where there is no image
 */
export const bouncing = (options: BouncingOptions, images: GreyImages, key: Key): Matrix => {
  const draw = sequencePainter(options, images)
  const { side, frames } = options
  const data = new Float32Array(frames * side * side)
  draw(
    key,
    Array.from({ length: frames }, (_, frame) => data.subarray(frame * side * side, (frame + 1) * side * side)),
  )
  return { rows: frames, cols: side * side, data }
}

/** Draws the sequence of a key on blank canvases, one a frame. */
type SequencePainter = (key: Key, canvases: readonly Float32Array[]) => void

const sequencePainter = (options: BouncingOptions, images: GreyImages): SequencePainter => {
  requireOptions(options)
  requireImages(images)
  const { side, digits } = options
  const size = digitSide(side)
  const ink = inks(images, size, side)
  return (key, canvases) => {
    for (let digit = 0; digit < digits; digit++) {
      const own = split(key, digit)
      const image = ink(below(images.count, split(own, 0), 0))
      path(split(own, 1), canvases.length).forEach(({ x, y }, frame) =>
        paint(canvases[frame]!, image, placeOf(y, side - size) * side + placeOf(x, side - size)),
      )
    }
  }
}

/** The pixels of an image that are not background: most are, and need not be drawn in each frame. */
interface Ink {
  /** how far each pixel lies behind the image's first, on a canvas */
  readonly offsets: Uint32Array
  readonly values: Float32Array
}

/** Images whose ink is kept once it was made: some 10 MB. */
const MOST_KEPT = 8192

const inks = (images: GreyImages, size: number, side: number): ((index: number) => Ink) => {
  const scaled = scaler(images, size)
  const kept = new Map<number, Ink>()
  return (index) => {
    const ink = kept.get(index) ?? inkOf(scaled(index), size, side)
    if (kept.size < MOST_KEPT) kept.set(index, ink)
    return ink
  }
}

const inkOf = (image: Float32Array, size: number, side: number): Ink => {
  const offsets = new Uint32Array(image.length)
  const values = new Float32Array(image.length)
  let count = 0
  for (let i = 0; i < image.length; i++) {
    if (image[i]! === 0) continue
    offsets[count] = Math.floor(i / size) * side + (i % size)
    values[count++] = image[i]!
  }
  return { offsets: offsets.slice(0, count), values: values.slice(0, count) }
}

/** Puts an image on a canvas, its first pixel at `from`; the larger grey value shows. */
const paint = (canvas: Float32Array, { offsets, values }: Ink, from: number): void => {
  for (let i = 0; i < offsets.length; i++) {
    const at = from + offsets[i]!
    if (values[i]! > canvas[at]!) canvas[at] = values[i]!
  }
}

/** The pixel at which an image begins that is free to go `free` pixels. */
const placeOf = (part: number, free: number): number => Math.floor(free * part)

/** A batch of `rows` sequences; row i is the same in batches of all sizes. */
export const bouncingBatch = (options: BouncingOptions, images: GreyImages, key: Key, rows: number): Sequence =>
  bouncingBatches(options, images)(key, rows)

/** `bouncingBatch` for many batches of the same images: what was scaled once is kept. */
export const bouncingBatches = (options: BouncingOptions, images: GreyImages): ((key: Key, rows: number) => Sequence) => {
  const draw = sequencePainter(options, images)
  const cols = options.side ** 2
  return (key, rows) => {
    requireField('ConfigError', 'rows', rows, wholeFrom(1))
    const [ofRows, ofUnits] = [split(key, 0), split(key, 1)]
    const frames = Array.from({ length: options.frames }, () => new Float32Array(rows * cols))
    for (let row = 0; row < rows; row++) {
      draw(
        split(ofRows, row),
        frames.map((data) => data.subarray(row * cols, (row + 1) * cols)),
      )
    }
    return { inputs: frames.map((data) => inputOf({ rows, cols, data })), key: ofUnits }
  }
}

/**
 * The positions of an image in each frame, in binary64: it moves first and is recorded then, so the place
 * where it was put is not in the list. An image that reaches an edge stops at it and turns round; what it
 * overshot is lost.
 */
export const path = (key: Key, frames: number): Position[] => {
  let at: Position = { x: uniform(key, 0), y: uniform(key, 1) }
  let velocity = direction(key, 2)
  const positions: Position[] = []
  for (let frame = 0; frame < frames; frame++) {
    const x = bounce(at.x + velocity.x * SPEED, velocity.x)
    const y = bounce(at.y + velocity.y * SPEED, velocity.y)
    at = { x: x.place, y: y.place }
    velocity = { x: x.speed, y: y.speed }
    positions.push(at)
  }
  return positions
}

/** One coordinate after a move. */
export const bounce = (place: number, speed: number): { readonly place: number; readonly speed: number } => {
  if (place <= 0) return { place: 0, speed: -speed }
  if (place >= 1) return { place: 1, speed: -speed }
  return { place, speed }
}

/**
 * A vector of length 1 at a uniform angle, from the draws `from`, `from` + 1, ... of the key.
 *
 * The generator of the paper takes the sine and cosine of a uniform angle, but JavaScript leaves their last
 * bits to each machine. The direction of a point that is uniform in the unit disc is the same thing, needs a
 * square root only, and has the same bits everywhere. Points are drawn from the square around the disc until
 * one lies in the disc; each is the centre of its cell of the grid of draws, so that none is the origin and
 * all quarters are alike. Coordinates have 25 bits: their squares and the sum of these are exact in
 * binary64.
 */
export const direction = (key: Key, from: number): Position => {
  const coordinate = (index: number): number => 2 * uniform(key, index) - 1 + 2 ** -24
  const [x, y] = [coordinate(from), coordinate(from + 1)]
  const square = x * x + y * y
  if (square > 1) return direction(key, from + 2)
  const length = Math.sqrt(square)
  return { x: x / length, y: y / length }
}

/**
 * An image brought to size x size by averaging: each pixel is the mean of the area that it covers, as a part
 * of 255. The sum has whole terms and is exact; only the division rounds, to binary32.
 */
export const scaleImage = (images: GreyImages, index: number, size: number): Float32Array => scaler(images, size)(index)

/** `scaleImage` of one set of images and one size. */
const scaler = ({ side, pixels }: GreyImages, size: number): ((index: number) => Float32Array) => {
  const spans = Array.from({ length: size }, (_, i) => covered(i * side, side, size))
  return (index) => {
    const scaled = new Float32Array(size * size)
    for (let i = 0; i < scaled.length; i++) {
      const [rows, cols] = [spans[Math.floor(i / size)]!, spans[i % size]!]
      let sum = 0
      for (let r = 0; r < rows.lengths.length; r++) {
        const start = (index * side + rows.first + r) * side + cols.first
        for (let c = 0; c < cols.lengths.length; c++) sum += rows.lengths[r]! * cols.lengths[c]! * pixels[start + c]!
      }
      scaled[i] = sum / (255 * side * side)
    }
    return scaled
  }
}

/** The source pixels that a scaled one covers, and how much of each. */
interface Span {
  readonly first: number
  readonly lengths: readonly number[]
}

/** The source pixels, each `size` long, that lie between `from` and `from` + `side`. */
const covered = (from: number, side: number, size: number): Span => {
  const first = Math.floor(from / size)
  const last = Math.ceil((from + side) / size)
  const lengths = Array.from({ length: last - first }, (_, k) => {
    const begin = (first + k) * size
    return Math.min(begin + size, from + side) - Math.max(begin, from)
  })
  return { first, lengths }
}

const requireOptions = ({ side, frames, digits }: BouncingOptions): void => {
  requireField('ConfigError', 'side', side, wholeFrom(LEAST_SIDE))
  requireField('ConfigError', 'frames', frames, wholeFrom(1))
  requireField('ConfigError', 'digits', digits, wholeFrom(1))
}

const requireImages = ({ count, side, pixels }: GreyImages): void => {
  if (count < 1) throw mismatch('ShapeError', 'images.count', 'a whole number >= 1', count)
  if (pixels.length !== count * side * side) {
    throw mismatch('ShapeError', 'images.pixels', `${count} x ${side} x ${side} bytes`, pixels.length)
  }
}
