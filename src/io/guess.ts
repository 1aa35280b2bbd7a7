/** What a file looks like that is not what it should be, so that an error says more than what is missing in it. */

import { PtncnError } from '../errors.js'
import { oneLine } from './files.js'

const HEAD = 512

/** In the order in which they are looked for; the text is that of the first bytes, after blanks. */
const LOOKS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^version https:\/\/git-lfs\.github\.com\/spec\//, 'a Git LFS pointer; fetch the file itself, by git lfs pull'],
  [/^(?:<!doctype html|<html)/i, 'a web page; fetch the file itself'],
  [/^<\?xml/, 'an XML file, as servers send in place of what they do not have; fetch the file itself'],
  [/^PK\x03\x04/, 'a ZIP archive; unpack it'],
  [/^\x93NUMPY/, 'an array of NumPy'],
  [/^\x89PNG/, 'a PNG picture'],
  [/^\x1f\x8b/, 'gzip data; unpack them'],
]

/** What the bytes look like, and what to do; nothing where that is not known. */
const looksLike = (bytes: Uint8Array): string | undefined => {
  if (bytes.length === 0) return 'an empty file; fetch it again'
  const head = Array.from(bytes.subarray(0, HEAD), (byte) => String.fromCharCode(byte))
    .join('')
    .replace(/^(?:\xef\xbb\xbf)?[ \t\r\n]*/, '')
  return LOOKS.find(([pattern]) => pattern.test(head))?.[1]
}

/** An error about what is in a file, with what that looks like. */
const guessed = (bytes: Uint8Array, error: PtncnError): PtncnError => {
  const looks = looksLike(bytes)
  return looks === undefined ? error : new PtncnError(error.name, `${error.message}; it looks like ${looks}`, error.value)
}

/** The same with the name of the file. */
const ofFile = (path: string, bytes: Uint8Array, { name, message, value }: PtncnError): PtncnError =>
  guessed(bytes, new PtncnError(name, `"${oneLine(path)}": ${message}`, value))

/** What `read` makes of a file, whose errors name it already. @throws what `read` throws, with what the file looks like */
export const guessing = <Value>(bytes: Uint8Array, read: () => Value): Value => {
  try {
    return read()
  } catch (error) {
    throw error instanceof PtncnError ? guessed(bytes, error) : error
  }
}

/** What `read` makes of a file. @throws what `read` throws, with the name of the file and what it looks like */
export const namingFile = <Value>(path: string, bytes: Uint8Array, read: () => Value): Value => {
  try {
    return read()
  } catch (error) {
    throw error instanceof PtncnError ? ofFile(path, bytes, error) : error
  }
}

/** @throws FileError where the file is no text of its own; a web page is one where text of all kinds is wanted */
export const requireText = (path: string, bytes: Uint8Array, pages: 'taken' | 'refused'): void => {
  const looks = looksLike(bytes)
  if (looks === undefined || (pages === 'taken' && /^(?:a web page|an XML)/.test(looks))) return
  throw new PtncnError('FileError', `"${oneLine(path)}" expected a text, got ${looks}`, path)
}
