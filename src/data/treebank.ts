/**
 * The Penn Treebank as T. Mikolov prepared it for language models (T. Mikolov et al., "Empirical evaluation and
 * combination of advanced language modeling techniques", Interspeech 2011): lower case, rare words as <unk>, numbers
 * as N, a sentence a line. By characters as the authors of P-TNCN read it, or by words.
 */

import { mismatch } from '../errors.js'
import { corpusBuilder, wrongSymbol, type Corpus } from './corpus.js'
import { decodeUtf8 } from './utf8.js'

/** In the order of the authors' file vocab.txt; `_` is the space. */
export const TREEBANK_CHARACTERS: readonly string[] = [..."#$'&*-/.1032547698<>N\\_acbedgfihkjmlonqpsrutwvyxz"]

const ALL_CHARACTERS = `the ${TREEBANK_CHARACTERS.length} characters of the Penn Treebank`

const codeOf = (character: string): number => character.charCodeAt(0)
const [NEWLINE, RETURN, SPACE, TAB, COMMA, ZERO, NINE] = ['\n', '\r', ' ', '\t', ',', '0', '9'].map(codeOf) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]
const NONE = 255

/** The symbol of each byte. */
const SYMBOLS = new Uint8Array(256).fill(NONE)
TREEBANK_CHARACTERS.forEach((character, symbol) => (SYMBOLS[codeOf(character)] = symbol))
SYMBOLS[SPACE] = SYMBOLS[codeOf('_')]!

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB || byte === RETURN

/** Calls for each line, with the range of its bytes and its number, from 1. */
const eachLine = (bytes: Uint8Array, see: (from: number, to: number, line: number) => void): void => {
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, from)
    const to = newline < 0 ? bytes.length : newline
    see(from, to, line)
    from = to + 1
  }
}

/**
 * The authors' protocol: each line is trimmed, every space in it is a symbol, a line is a sequence, and nothing stands
 * for its end. Empty lines are left out.
 * @throws FileError that names the line of a character that is none of the 49
 */
export const readCharacters = (bytes: Uint8Array, file: string): Corpus => {
  requireWords(bytes, file)
  const corpus = corpusBuilder(bytes.length, file)
  eachLine(bytes, (start, end, line) => {
    let [from, to] = [start, end]
    while (from < to && isBlank(bytes[from]!)) from++
    while (to > from && isBlank(bytes[to - 1]!)) to--
    for (let i = from; i < to; i++) {
      const symbol = SYMBOLS[bytes[i]!]!
      if (symbol === NONE) throw wrongSymbol(file, line, ALL_CHARACTERS, pictureOf(bytes[i]!))
      corpus.add(symbol)
    }
    corpus.end()
  })
  return corpus.done()
}

/** Bytes at the beginning that tell words from letters. */
const LOOKED_AT = 4096
const FEWEST_LETTERS = 20

/** T. Mikolov's ptb.char.*.txt have a blank between any two letters: read as they are, every second symbol would be one. */
const requireWords = (bytes: Uint8Array, file: string): void => {
  const head = bytes.subarray(0, LOOKED_AT)
  const isLetter = (i: number): boolean => head[i] !== undefined && !isBlank(head[i]) && head[i] !== NEWLINE
  const letters = Array.from(head.keys()).filter(isLetter)
  if (letters.length < FEWEST_LETTERS || letters.some((i) => isLetter(i + 1))) return
  const remedy = 'give ptb.train.txt and its like, in words'
  throw mismatch('FileError', file, 'words with blanks between', 'letters with blanks between, as in ptb.char.train.txt', remedy)
}

const pictureOf = (byte: number): string | number => (byte > SPACE && byte < 127 ? String.fromCharCode(byte) : byte)

/**
 * The authors' own files of the same characters: numbers of symbols, with commas or blanks between them, a line a
 * sequence.
 * @throws FileError that names the line of whatever is not a whole number from 0 to 48
 */
export const readIntegers = (bytes: Uint8Array, file: string): Corpus => {
  const corpus = corpusBuilder(bytes.length, file)
  eachLine(bytes, (start, end, line) => {
    let from = start
    for (let i = start; i <= end; i++) {
      const between = i === end || isBlank(bytes[i]!) || bytes[i] === COMMA
      if (between && i > from) corpus.add(symbolAt(bytes.subarray(from, i), file, line))
      else if (bytes[i] === COMMA && i < end) throw wrongSymbol(file, line, 'a number before each comma', 'none')
      if (between) from = i + 1
    }
    corpus.end()
  })
  return corpus.done()
}

const symbolAt = (digits: Uint8Array, file: string, line: number): number => {
  const isNumber = digits.length <= 2 && digits.every((digit) => digit >= ZERO && digit <= NINE)
  const value = isNumber ? digits.reduce((sum, digit) => 10 * sum + digit - ZERO, 0) : NONE
  if (value < TREEBANK_CHARACTERS.length) return value
  const got = Array.from(digits.subarray(0, 20), (byte) => String.fromCharCode(byte)).join('')
  throw wrongSymbol(file, line, `whole numbers from 0 to ${TREEBANK_CHARACTERS.length - 1}`, got)
}

/** What stands for the end of a line. */
export const END_OF_LINE = '<eos>'
/** The Penn Treebank has 9,999 words, and the end of a line. */
export const MOST_WORDS = 10_000

/**
 * The words of the training text and the end of a line, the most frequent first, equal ones in the order of their
 * characters.
 * @throws FileError where they are more than 10,000
 */
export const vocabulary = (bytes: Uint8Array, file: string): string[] => {
  const counts = new Map([[END_OF_LINE, 0]])
  eachLineOfWords(bytes, file, (words) => {
    for (const word of [...words, END_OF_LINE]) counts.set(word, (counts.get(word) ?? 0) + 1)
    if (counts.size > MOST_WORDS) {
      const remedy = 'write <unk> for rare words, as the Penn Treebank does'
      throw mismatch('FileError', file, `at most ${MOST_WORDS - 1} different words`, 'more', remedy)
    }
  })
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word)
}

/**
 * A line is a sequence: an end of line, of the line before, which is not scored; its words; its end. So every word
 * and every end is scored once, which is how the tokens of this text are counted.
 * @throws FileError that names the line of a word that is not in the vocabulary
 */
export const readWords = (bytes: Uint8Array, file: string, words: readonly string[]): Corpus => {
  const symbols = new Map(words.map((word, symbol) => [word, symbol]))
  // a word and what is behind it are two bytes at least, but the last; a line, which has a word, has two symbols more
  const corpus = corpusBuilder(2 * bytes.length + 3, file)
  eachLineOfWords(bytes, file, (line, number) => {
    for (const word of [END_OF_LINE, ...line, END_OF_LINE]) {
      const symbol = symbols.get(word)
      if (symbol === undefined) throw wrongSymbol(file, number, 'words of the training text', word)
      corpus.add(symbol)
    }
    corpus.end()
  })
  return corpus.done()
}

/** Calls for each line that has words. */
const eachLineOfWords = (bytes: Uint8Array, file: string, see: (words: readonly string[], line: number) => void): void => {
  eachLine(bytes, (from, to, line) => {
    const words = decodeUtf8(bytes.subarray(from, to), `${file}, line ${line}`)
      .split(/[ \t\r]+/)
      .filter((word) => word !== '')
    const odd = words.find((word) => /[\u0000-\u001f\u007f-\u009f]/.test(word))
    if (odd !== undefined) throw wrongSymbol(file, line, 'words of visible characters', odd)
    if (words.includes(END_OF_LINE)) throw wrongSymbol(file, line, `no ${END_OF_LINE}, which stands for line ends`, END_OF_LINE)
    if (words.length > 0) see(words, line)
  })
}
