/** Any text as a task: its characters, in three parts that follow each other. */

import { mismatch } from '../errors.js'
import { requireField, whole } from '../fields.js'
import { LONGEST_SEQUENCE, type Corpus } from './corpus.js'
import { decodeUtf8 } from './utf8.js'

/** A softmax over more would learn little from a text of the usual length. */
const MOST_CHARACTERS = 512
/** The parts of the text that are not for training, the test at its end. */
const HELD_PART = 0.05
/** Two characters in each held part: one to begin with, one to predict. */
const SHORTEST_TEXT = 40

export interface CharacterText {
  /** the different code points of the text, in their order */
  readonly symbols: readonly string[]
  readonly training: Corpus
  readonly validation: Corpus
  readonly test: Corpus
}

/**
 * The text in pieces of `length` characters (code points). The first of each is not predicted.
 * @throws FileError where it is no UTF-8, is too short, or has too many different characters
 */
export const readText = (bytes: Uint8Array, file: string, length: number): CharacterText => {
  requireField('ConfigError', 'length', length, whole(2, LONGEST_SEQUENCE))
  const text = decodeUtf8(bytes, file)
  const symbols = charactersOf(text, file)
  const numbers = new Map(symbols.map((character, symbol) => [character, symbol]))
  const codes = new Uint16Array(text.length)
  let count = 0
  for (const character of text) codes[count++] = numbers.get(character)!
  if (count < SHORTEST_TEXT) throw mismatch('FileError', file, `at least ${SHORTEST_TEXT} characters`, count)
  const held = Math.floor(count * HELD_PART)
  const piecesBetween = (from: number, to: number): Corpus => pieces(codes.subarray(from, to), length)
  return {
    symbols,
    training: piecesBetween(0, count - 2 * held),
    validation: piecesBetween(count - 2 * held, count - held),
    test: piecesBetween(count - held, count),
  }
}

const charactersOf = (text: string, file: string): string[] => {
  const found = new Set<string>()
  for (const character of text) {
    if (found.size <= MOST_CHARACTERS) found.add(character)
  }
  if (found.size > MOST_CHARACTERS) {
    const remedy = 'replace the rare ones by one character'
    throw mismatch('FileError', file, `at most ${MOST_CHARACTERS} different characters`, 'more', remedy)
  }
  return [...found].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!)
}

const pieces = (symbols: Uint16Array, length: number): Corpus => {
  const count = Math.ceil(symbols.length / length)
  return { symbols, starts: Uint32Array.from({ length: count + 1 }, (_, i) => Math.min(i * length, symbols.length)) }
}
