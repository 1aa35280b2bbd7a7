/** Text from bytes; nothing is replaced where they are no text. */

import { mismatch } from '../errors.js'

/** @throws FileError that names the first byte that no UTF-8 text has there; bytes count from 0 */
export const decodeUtf8 = (bytes: Uint8Array, file: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const at = firstWrong(bytes)
    throw mismatch('FileError', `${file}, byte ${at}`, 'UTF-8', bytes[at] ?? 'its end', 'save it as UTF-8')
  }
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
