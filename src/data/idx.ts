/** The IDX format of MNIST and its kin: square grey images. */

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
  count: to - from, side, pixels: pixels.subarray(from * side * side, to * side * side),
})
