/** The letters A-J in many fonts, in place of notMNIST, which has no open licence: see GLYPHS.md for the fonts. */

import { decodeDigits, type DigitImages } from './digits.js'
import { TEST, TRAINING } from './glyph-sample.js'

/**
 * 1,200 training letters (A-J in 120 fonts) and 300 test letters (in 30 other fonts), 28 x 28, font by font; the labels
 * 0 to 9 are A to J.
 * Decoded anew at each call, in some tenths of a second: call once and keep the result.
 */
export const embeddedGlyphs = (): { readonly training: DigitImages; readonly test: DigitImages } => ({
  training: decodeDigits(TRAINING),
  test: decodeDigits(TEST),
})
