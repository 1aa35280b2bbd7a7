/** Any text as a task: its characters, in three parts that follow each other. */

import { mismatch } from '../errors.js'
import { requireField, whole } from '../fields.js'
import { LONGEST_SEQUENCE, wrongSymbol, type Corpus } from './corpus.js'
import { eachCharacter } from './utf8.js'

/** A softmax over more would learn little from a text of the usual length. */
const MOST_CHARACTERS = 512
/** What stands for all characters that are too rare: the replacement character of Unicode. */
export const RARE = '\u{fffd}'
/** The parts of the text that are not for training, the test at its end. */
const HELD_PART = 0.05
/** Two characters in each held part: one to begin with, one to predict. */
const SHORTEST_TEXT = 40

export interface CharacterText {
  /** the different code points of the text, in their order; of more than 512 the 511 most frequent, and RARE */
  readonly symbols: readonly string[]
  /** characters of the text that are read as RARE, and how many different ones they are; none where there are none */
  readonly rare?: { readonly count: number; readonly kinds: number }
  readonly training: Corpus
  readonly validation: Corpus
  readonly test: Corpus
}

/**
 * The text in pieces of `length` characters (code points). The first of each is not predicted. `known` are the symbols of
 * a network that was trained before; without, they are the text's own.
 * @throws FileError where it is no UTF-8, is too short, or has characters that are not known
 */
export const readText = (bytes: Uint8Array, file: string, length: number, known?: readonly string[]): CharacterText => {
  requireField('ConfigError', 'length', length, whole(2, LONGEST_SEQUENCE))
  const found = countsOf(bytes, file)
  const count = [...found.values()].reduce((sum, times) => sum + times, 0)
  if (count < SHORTEST_TEXT) throw mismatch('FileError', file, `at least ${SHORTEST_TEXT} characters`, count)
  const symbols = known ?? symbolsOf(found)
  const numbers = new Map(symbols.map((character, symbol) => [character, symbol]))
  const rare = [...found].filter(([character]) => character === RARE || !numbers.has(character))
  const codes = codesOf(bytes, file, numbers, count)
  const held = Math.floor(count * HELD_PART)
  const piecesBetween = (from: number, to: number): Corpus => pieces(codes.subarray(from, to), length)
  return {
    symbols,
    ...(rare.length > 0 && { rare: { count: rare.reduce((sum, [, times]) => sum + times, 0), kinds: rare.length } }),
    training: piecesBetween(0, count - 2 * held),
    validation: piecesBetween(count - 2 * held, count - held),
    test: piecesBetween(count - held, count),
  }
}

/** How often each character stands in the text. */
const countsOf = (bytes: Uint8Array, file: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  eachCharacter(bytes, file, (character) => counts.set(character, (counts.get(character) ?? 0) + 1))
  return counts
}

const codePoint = (character: string): number => character.codePointAt(0)!

const symbolsOf = (counts: ReadonlyMap<string, number>): readonly string[] => {
  const inOrder = (characters: readonly string[]): string[] => [...characters].sort((a, b) => codePoint(a) - codePoint(b))
  if (counts.size <= MOST_CHARACTERS) return inOrder([...counts.keys()])
  const frequent = [...counts]
    .filter(([character]) => character !== RARE)
    .sort(([a, m], [b, n]) => n - m || codePoint(a) - codePoint(b))
    .slice(0, MOST_CHARACTERS - 1)
  return inOrder([...frequent.map(([character]) => character), RARE])
}

const codesOf = (bytes: Uint8Array, file: string, numbers: ReadonlyMap<string, number>, count: number): Uint16Array => {
  const codes = new Uint16Array(count)
  const rare = numbers.get(RARE)
  let [at, line] = [0, 1]
  eachCharacter(bytes, file, (character) => {
    const code = numbers.get(character) ?? rare
    if (code === undefined) throw wrongSymbol(file, line, `the ${numbers.size} characters that the network knows`, character)
    if (character === '\n') line++
    codes[at++] = code
  })
  return codes
}

const pieces = (symbols: Uint16Array, length: number): Corpus => {
  const count = Math.ceil(symbols.length / length)
  return { symbols, starts: Uint32Array.from({ length: count + 1 }, (_, i) => Math.min(i * length, symbols.length)) }
}
