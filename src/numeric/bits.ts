/** binary32 numbers as text that loses nothing: eight lowercase hexadecimal digits each, the first the sign's. */

import { field, type Field } from '../fields.js'

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The digits of numbers, one after another. */
export const digitsOf = (values: ArrayLike<number>): string => {
  let digits = ''
  for (const word of new Uint32Array(Float32Array.from(values).buffer))
    digits += BYTES[word >>> 24]! + BYTES[(word >>> 16) & 255]! + BYTES[(word >>> 8) & 255]! + BYTES[word & 255]!
  return digits
}

/** The numbers whose digits these are. */
export const numbersOf = (digits: string): Float32Array => {
  const words = new Uint32Array(digits.length / 8)
  for (let i = 0; i < words.length; i++) {
    let word = 0
    for (let at = 8 * i; at < 8 * i + 8; at++) word = (word << 4) | valueOf(digits.charCodeAt(at))
    words[i] = word
  }
  return new Float32Array(words.buffer)
}

/** What a digit stands for: 0 to 9, and a to f. */
const valueOf = (code: number): number => (code < 58 ? code - 48 : code - 87)

/** The digits of one number. */
export const digits: Field<string> = field(
  'eight lowercase hexadecimal digits',
  (value) => typeof value === 'string' && /^[0-9a-f]{8}$/.test(value),
)
