/** Text from bytes; nothing is replaced where they are no text. */

import { mismatch, type PtncnError } from '../errors.js'

/**
 * A byte order mark at the beginning is left out, or stays as the character that it is.
 * @throws FileError that names the first byte that no UTF-8 text has there; bytes count from 0
 */
export const decodeUtf8 = (bytes: Uint8Array, file: string, mark: 'left out' | 'kept' = 'left out'): string =>
  orRefused(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: mark === 'kept' }).decode(bytes), bytes, file)

/** Bytes decoded at once, so that a text of hundreds of megabytes is never one string. */
const CHUNK = 2 ** 20

/** Calls for each code point of a text, in order. @throws FileError as decodeUtf8 */
export const eachCharacter = (bytes: Uint8Array, file: string, see: (character: string) => void): void => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let from = 0; from < bytes.length; from += CHUNK) {
    const stream = from + CHUNK < bytes.length
    for (const character of orRefused(() => decoder.decode(bytes.subarray(from, from + CHUNK), { stream }), bytes, file)) {
      see(character)
    }
  }
}

const orRefused = (decode: () => string, bytes: Uint8Array, file: string): string => {
  try {
    return decode()
  } catch {
    throw notUtf8(bytes, file)
  }
}

const notUtf8 = (bytes: Uint8Array, file: string): PtncnError => {
  const at = firstWrong(bytes)
  return mismatch('FileError', `${file}, byte ${at}`, 'UTF-8', bytes[at] ?? 'its end', 'save it as UTF-8')
}

/** By halving: a decoder refuses all beginnings that have the first wrong byte, and no others. */
const firstWrong = (bytes: Uint8Array): number => {
  let [good, bad] = [0, bytes.length + 1]
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (beginsWell(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  return bad - 1
}

const beginsWell = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
