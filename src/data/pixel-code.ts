/**
 * A compact lossless code for small grey images, most of whose pixels are 0 or saturated: each pixel is up
 * to ten binary decisions, each in a context of the pixels above it and to its left, coded arithmetically
 * with counts that adapt. The grey values on the edges of strokes are close to noise and make up most of
 * what is left.
 *
 * The walk over the decisions is shared by the decoder below and the encoder in test/tools, so they cannot
 * differ.
 */

import { mismatch } from '../errors.js'

/** Codes one decision in a context and returns it; only an encoder looks at `wanted`. */
export type CodeBit = (context: number, wanted: number) => number

/** From here on a pixel counts as saturated; four such values. */
const SATURATED = 252
/** Levels into which a neighbour is sorted: 0, faint, middle, strong, saturated. */
const levelOf = (value: number): number => (value === 0 ? 0 : value < 100 ? 1 : value < 200 ? 2 : value < SATURATED ? 3 : 4)
/** Levels for the neighbours that matter less: 0, weak, strong. */
const coarseOf = (value: number): number => (value === 0 ? 0 : value < 200 ? 1 : 2)
/** 0, or 1 to 4 for the saturated values. */
const saturationOf = (value: number): number => (value < SATURATED ? 0 : value - SATURATED + 1)

/** Where the contexts of each kind of decision begin; the sizes are products of the numbers of levels. */
const IS_ZERO = 0
const IS_SATURATED = IS_ZERO + 5 ** 4 * 3 ** 3
const WHICH_SATURATED = IS_SATURATED + 5 ** 4 * 3
const GREY_HIGH = WHICH_SATURATED + 5 ** 3 * 4
const GREY_LOW = GREY_HIGH + 5 ** 4 * 4
const CONTEXTS = GREY_LOW + 256

/** Columns of zeros on either side of an image, and rows above it: every pixel has all its neighbours. */
const MARGIN = 2

/** Walks over the decisions of all pixels, image by image; the decided pixels are the result. */
export const walkPixels = (count: number, side: number, codeBit: CodeBit, wanted?: ArrayLike<number>): Uint8Array => {
  const pixels = new Uint8Array(count * side * side)
  const width = side + 2 * MARGIN
  const framed = new Uint8Array((side + MARGIN) * width)
  let lastSaturated = 0
  for (let row = 0; row < count * side; row++) {
    for (let col = 0; col < side; col++) {
      const i = row * side + col
      const at = ((row % side) + MARGIN) * width + MARGIN + col
      const value = codePixel(codeBit, framed, at, width, lastSaturated, wanted === undefined ? 0 : wanted[i]!)
      if (value >= SATURATED) lastSaturated = value
      framed[at] = value
      pixels[i] = value
    }
  }
  return pixels
}

const codePixel = (
  codeBit: CodeBit,
  framed: Uint8Array,
  at: number,
  width: number,
  lastSaturated: number,
  wanted: number,
): number => {
  const left = framed[at - 1]!
  const up = framed[at - width]!
  const corners = levelOf(framed[at - width - 1]!) * 5 + levelOf(framed[at - width + 1]!)
  const around = (levelOf(left) * 5 + levelOf(up)) * 25 + corners
  const wider = around * 3 + coarseOf(framed[at - 2]!)
  const widest = (wider * 3 + coarseOf(framed[at - 2 * width]!)) * 3 + coarseOf(framed[at - width + 2]!)
  if (codeBit(IS_ZERO + widest, Number(wanted === 0))) return 0
  if (codeBit(IS_SATURATED + wider, Number(wanted >= SATURATED))) {
    const known = (saturationOf(left) * 5 + saturationOf(up)) * 5 + saturationOf(lastSaturated)
    const first = WHICH_SATURATED + known * 4
    return SATURATED + codeBits(2, wanted - SATURATED, first, first, codeBit)
  }
  return codeBits(8, wanted, GREY_HIGH + around * 4, GREY_LOW, codeBit)
}

/**
 * The bits of a number, highest first; a decision's node is 1 followed by the bits before it. The contexts of the first
 * two begin at `high`, those of the others at `low`.
 */
const codeBits = (bits: number, wanted: number, high: number, low: number, codeBit: CodeBit): number => {
  let node = 1
  for (let bit = bits - 1; bit >= 0; bit--) node = node * 2 + codeBit((node < 4 ? high : low) + node, (wanted >> bit) & 1)
  return node - (1 << bits)
}

/** What an arithmetic coder knows about its contexts: how often each was decided either way. */
interface Counts {
  /** the share of the range that goes to a decision of 1 */
  readonly shareOfOne: (context: number, range: number) => number
  readonly add: (context: number, bit: number) => void
}

/** Counts are kept doubled, so that a new context can start at half a decision either way. */
const MOST = 2046

/** The counts before the first decision. */
export const freshCounts = (): Counts => {
  const counts = new Uint16Array(2 * CONTEXTS).fill(1)
  return {
    shareOfOne: (context, range) => {
      const one = counts[2 * context + 1]!
      return Math.floor(range / (counts[2 * context]! + one)) * one
    },
    add: (context, bit) => {
      const zero = counts[2 * context]!
      const one = counts[2 * context + 1]!
      const halved = zero + one < MOST ? 0 : 1
      counts[2 * context] = ((zero + halved) >> halved) + 2 * (1 - bit)
      counts[2 * context + 1] = ((one + halved) >> halved) + 2 * bit
    },
  }
}

/** The range is widened by whole bytes as soon as it falls below this. */
export const LEAST_RANGE = 2 ** 24
export const WHOLE_RANGE = 2 ** 32 - 1

const wrongLength = (expected: string, got: unknown): Error => mismatch('FileError', 'code of the images', expected, got)

/**
 * The pixels of `count` images of side x side.
 * @throws FileError where the code ends too early or goes on after the last pixel
 */
export const decodePixels = (code: ArrayLike<number>, count: number, side: number): Uint8Array => {
  const counts = freshCounts()
  let [position, range, offset] = [0, WHOLE_RANGE, 0]
  const nextByte = (): number => {
    const byte = code[position++]
    if (byte === undefined) throw wrongLength(`more than ${code.length} bytes`, 'its end')
    return byte
  }
  for (let i = 0; i < 4; i++) offset = offset * 256 + nextByte()
  const pixels = walkPixels(count, side, (context) => {
    const share = counts.shareOfOne(context, range)
    const bit = offset < share ? 1 : 0
    if (bit === 0) offset -= share
    range = bit === 1 ? share : range - share
    for (; range < LEAST_RANGE; range *= 256) offset = offset * 256 + nextByte()
    counts.add(context, bit)
    return bit
  })
  if (position !== code.length) throw wrongLength(`${position} bytes`, code.length)
  return pixels
}
