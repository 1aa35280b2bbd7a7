/** The IDX format of MNIST and its kin: square grey images, and what any file of the format says of itself. */

import { mismatch } from '../errors.js'
import type { GreyImages } from './digits.js'

/** Bytes before the pixels: the magic number, and three numbers of 32 bits, highest byte first. */
export const IDX_HEADER = 16
/** Two zeros, 8 for unsigned bytes, 3 for images x rows x columns. */
const MAGIC = [0, 0, 8, 3]

/**
 * The bytes that the file must have in all, from its first ones.
 * @throws FileError where they are not the header of square grey images
 */
export const idxSize = (bytes: Uint8Array, file: string): number => {
  if (bytes.length < IDX_HEADER) {
    throw mismatch('FileError', file, `at least the ${IDX_HEADER} bytes of an IDX header`, bytes.length)
  }
  const magic = [...bytes.subarray(0, MAGIC.length)]
  if (magic.some((byte, i) => byte !== MAGIC[i])) {
    throw mismatch('FileError', file, `the first bytes [${MAGIC.join(', ')}] of IDX images`, magic)
  }
  const { count, rows, cols } = shapeOf(bytes)
  if (count < 1 || rows < 1 || rows !== cols) {
    throw mismatch('FileError', file, 'at least one image, as high as wide', [count, rows, cols])
  }
  return IDX_HEADER + count * rows * cols
}

const shapeOf = (bytes: Uint8Array): { readonly count: number; readonly rows: number; readonly cols: number } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { count: view.getUint32(4), rows: view.getUint32(8), cols: view.getUint32(12) }
}

/**
 * The images of an IDX file; their pixels are the file's bytes, not a copy.
 * @throws FileError where the bytes are not exactly those that the header announces
 */
export const decodeImages = (bytes: Uint8Array, file: string): GreyImages => {
  const size = idxSize(bytes, file)
  const { count, rows: side } = shapeOf(bytes)
  if (bytes.length !== size) {
    throw mismatch('FileError', file, `${size} bytes for ${count} images of ${side} x ${side}`, bytes.length)
  }
  return { count, side, pixels: bytes.subarray(IDX_HEADER) }
}

/** The images from number `from` up to, but without, number `to`. */
export const imagesBetween = ({ side, pixels }: GreyImages, from: number, to: number): GreyImages => ({
  count: to - from,
  side,
  pixels: pixels.subarray(from * side * side, to * side * side),
})

/** The same with rows and columns of each image exchanged: some data sets store them column by column. */
export const transposedImages = ({ count, side, pixels }: GreyImages): GreyImages => {
  const turned = new Uint8Array(pixels.length)
  for (let i = 0; i < pixels.length; i++) {
    const [image, within] = [Math.floor(i / side ** 2), i % side ** 2]
    turned[image * side ** 2 + (within % side) * side + Math.floor(within / side)] = pixels[i]!
  }
  return { count, side, pixels: turned }
}

/** The third byte of the magic number: what the numbers of a file are. */
const TYPES: Readonly<Record<number, { readonly type: string; readonly bytes: number }>> = {
  0x08: { type: 'unsigned bytes', bytes: 1 },
  0x09: { type: 'signed bytes', bytes: 1 },
  0x0b: { type: '16-bit integers', bytes: 2 },
  0x0c: { type: '32-bit integers', bytes: 4 },
  0x0d: { type: 'binary32 numbers', bytes: 4 },
  0x0e: { type: 'binary64 numbers', bytes: 8 },
}
const MOST_DIMENSIONS = 8
/** Bytes that hold the head of any file of at most so many dimensions. */
export const IDX_HEAD = MAGIC.length + 4 * MOST_DIMENSIONS

export interface IdxHead {
  readonly magic: readonly number[]
  readonly type: string
  /** the first is the count */
  readonly dimensions: readonly number[]
  /** bytes of the whole file */
  readonly size: number
}

/**
 * What the first bytes of an IDX file announce: images, labels or anything else.
 * @throws FileError where they are not the head of one
 */
export const idxHead = (bytes: Uint8Array, file: string): IdxHead => {
  const magic = [...bytes.subarray(0, MAGIC.length)]
  const [zero, alsoZero, code = 0, count = 0] = magic
  const kind = TYPES[code]
  if (zero !== 0 || alsoZero !== 0 || kind === undefined || count < 1 || count > MOST_DIMENSIONS) {
    const expected = `the first bytes of an IDX file (0, 0, a type from 8 to 14, 1 to ${MOST_DIMENSIONS} dimensions)`
    throw mismatch('FileError', file, expected, magic)
  }
  const head = MAGIC.length + 4 * count
  if (bytes.length < head) throw mismatch('FileError', file, `at least the ${head} bytes of its IDX head`, bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const dimensions = Array.from({ length: count }, (_, i) => view.getUint32(MAGIC.length + 4 * i))
  return { magic, type: kind.type, dimensions, size: head + dimensions.reduce((product, one) => product * one, kind.bytes) }
}
