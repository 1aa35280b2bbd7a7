/** The lines of a stream of bytes, each as soon as it is whole, with memory for one. */

import { PtncnError } from '../errors.js'
import { decodeUtf8 } from '../data/utf8.js'

export interface Line {
  /** from 1 */
  readonly number: number
  /** without what ends it */
  readonly text: string
}

const NEWLINE = 10
const RETURN = 13

/**
 * A last line may lack its end.
 * @param longest bytes of a line
 * @throws FileError that names the line, where it is longer or no UTF-8
 */
export const linesOf = async function* (chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line> {
  let [number, rest] = [1, new Uint8Array()]
  const within = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
    if (bytes.length <= longest) return bytes
    throw new PtncnError('FileError', `"line ${number}" expected at most ${longest} bytes, got more`, longest)
  }
  const lineOf = (bytes: Uint8Array): Line => {
    const text = decodeUtf8(bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes, `line ${number}`)
    return { number: number++, text }
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      yield lineOf(within(joined(rest, chunk.subarray(from, at))))
      ;[from, rest] = [at + 1, new Uint8Array()]
    }
    rest = within(joined(rest, chunk.subarray(from)))
  }
  if (rest.length > 0) yield lineOf(rest)
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> => {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
