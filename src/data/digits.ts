/** Handwritten digits that come with the package: a sample of MNIST, see DIGITS.md for its licence. */

import { mismatch } from '../errors.js'
import { TEST, TRAINING } from './mnist-sample.js'
import { decodePixels } from './pixel-code.js'

/** Square grey images, one after another, row by row; 0 is the background, 255 is full ink. */
export interface GreyImages {
  readonly count: number
  /** pixels of a side */
  readonly side: number
  /** count * side * side bytes */
  readonly pixels: Uint8Array
}

/** Images with what they show: digits, or the letters of glyphs.ts, which stand in wherever digits do. */
export interface DigitImages extends GreyImages {
  /** count numbers from 0 to 9: the digits, or the places of the letters in A-J */
  readonly labels: Uint8Array
}

const SIDE = 28

/**
 * 1,200 training digits (120 of each class) and 300 test digits (30 of each), 28 x 28.
 * Decoded anew at each call, in some tenths of a second: call once and keep the result.
 */
export const embeddedDigits = (): { readonly training: DigitImages; readonly test: DigitImages } => ({
  training: decodeDigits(TRAINING),
  test: decodeDigits(TEST),
})

/** @throws FileError where labels and pixels do not belong together or are damaged */
export const decodeDigits = (part: { readonly labels: string; readonly code: string }): DigitImages => {
  const text = part.labels.replaceAll('\n', '')
  if (!/^[0-9]*$/.test(text)) throw mismatch('FileError', 'labels', 'decimal digits', text)
  const labels = Uint8Array.from(text, Number)
  const pixels = decodePixels(bytesOf(part.code), labels.length, SIDE)
  return { count: labels.length, side: SIDE, pixels, labels }
}

/** atob leaves out line ends, and is a global of browsers and of Node. */
const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
