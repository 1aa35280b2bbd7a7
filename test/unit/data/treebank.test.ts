import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { evenlyOutOf, LONGEST_SEQUENCE, sequenceCount, symbolsOf, type Corpus } from '../../../src/data/corpus.js'
import {
  END_OF_LINE,
  MOST_WORDS,
  readCharacters,
  readIntegers,
  readWords,
  TREEBANK_CHARACTERS,
  vocabulary,
} from '../../../src/data/treebank.js'
import { holds } from '../../support/property.js'
import { assertRefused } from '../support.js'
import { report, returnsOrRefuses } from './refusal.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const listsOf = (corpus: Corpus): number[][] => Array.from({ length: sequenceCount(corpus) }, (_, i) => [...symbolsOf(corpus, i)])
const linesOf = (corpus: Corpus, symbols: readonly string[], between = ''): string[] =>
  listsOf(corpus).map((line) => line.map((symbol) => symbols[symbol]).join(between))

const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'z', '<', '.', "'", 'N', '0'), minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 6,
})
const texts = fc.array(words, { minLength: 1, maxLength: 6 })

test('there are 49 characters, all different, in the order of the authors', () => {
  assert.equal(
    TREEBANK_CHARACTERS.join(' '),
    "# $ ' & * - / . 1 0 3 2 5 4 7 6 9 8 < > N \\ _ a c b e d g f i h k j m l o n q p s r u t w v y x z",
  )
  assert.equal(new Set(TREEBANK_CHARACTERS).size, 49)
})

test('by characters: a line is trimmed, its spaces are _, nothing stands for its end, empty lines are left out', () => {
  holds(texts, 200, (lines) => {
    const text = lines.map((line) => ` ${line.join(' ')} \r\n\n`).join('')
    assert.deepEqual(
      linesOf(readCharacters(bytesOf(text), 'x'), TREEBANK_CHARACTERS),
      lines.map((line) => line.join('_')),
    )
  })
  assert.deepEqual(linesOf(readCharacters(bytesOf('a  b'), 'x'), TREEBANK_CHARACTERS), ['a__b'])
})

test("the authors' integers of a text are the text, with commas or blanks between them", () => {
  holds(fc.tuple(texts, fc.constantFrom(',', ' ', ', ', '\t'), fc.constantFrom('\n', '\r\n')), 200, ([lines, between, end]) => {
    const wanted = readCharacters(bytesOf(lines.map((line) => line.join(' ')).join('\n')), 'x')
    assert.deepEqual(
      readIntegers(
        bytesOf(
          listsOf(wanted)
            .map((line) => line.join(between))
            .join(end),
        ),
        'x',
      ),
      wanted,
    )
  })
})

test('by words: each line begins with the end of the one before, and every word and end is scored', () => {
  holds(texts, 200, (lines) => {
    const bytes = bytesOf(lines.map((line) => ` ${line.join(' ')} \n`).join(''))
    const symbols = vocabulary(bytes, 'x')
    assert.deepEqual([...symbols].sort(), [...new Set([END_OF_LINE, ...lines.flat()])].sort())
    const corpus = readWords(bytes, 'x', symbols)
    assert.deepEqual(
      linesOf(corpus, symbols, ' '),
      lines.map((line) => [END_OF_LINE, ...line, END_OF_LINE].join(' ')),
    )
    assert.equal(corpus.symbols.length - sequenceCount(corpus), lines.flat().length + lines.length)
  })
})

test('the more frequent word comes first, and of equal ones that with the lower characters', () => {
  assert.deepEqual(vocabulary(bytesOf('b c a c\nc b a\n'), 'x'), ['c', END_OF_LINE, 'a', 'b'])
})

type Reader = (bytes: Uint8Array) => unknown
const characters: Reader = (bytes) => readCharacters(bytes, 'x')
const integers: Reader = (bytes) => readIntegers(bytes, 'x')
const known: Reader = (bytes) => readWords(bytes, 'x', ['a', END_OF_LINE])
const vocabularyOf: Reader = (bytes) => vocabulary(bytes, 'x')

const many = Array.from({ length: MOST_WORDS }, (_, i) => `w${i}`).join(' ')
const REFUSED: readonly (readonly [string, Reader, string, string, RegExp, string])[] = [
  ['no character of the 49', characters, 'a b\nc A\n', 'x, line 2', /the 49 characters/, '"A"'],
  ['a NUL among characters', characters, 'a\u0000', 'x, line 1', /the 49 characters/, '0'],
  ['letters beyond ASCII', characters, 'a\nb\u00e9', 'x, line 2', /the 49 characters/, '195'],
  ['no characters', characters, ' \n\n', 'x', /at least one line/, '0'],
  ['a huge line', characters, 'a'.repeat(LONGEST_SEQUENCE + 1), 'x', /at most 10000 symbols/, '"more after 0 sequences"'],
  ['an integer of 49', integers, '1,2\n48,49\n', 'x, line 2', /from 0 to 48/, '"49"'],
  ['a negative integer', integers, '1,-1', 'x, line 1', /from 0 to 48/, '"-1"'],
  ['a huge integer', integers, '1 99999999999999999999999', 'x, line 1', /from 0 to 48/, '"99999999999999999999"'],
  ['a fraction', integers, '1.5', 'x, line 1', /from 0 to 48/, '"1.5"'],
  ['a NUL among integers', integers, '1,\u0000', 'x, line 1', /from 0 to 48/, '"?"'],
  ['nothing between commas', integers, '1,,2', 'x, line 1', /a number before each comma/, '"none"'],
  ['no integers', integers, '\n \n', 'x', /at least one line/, '0'],
  [
    'a huge line of integers',
    integers,
    '1,'.repeat(LONGEST_SEQUENCE + 1),
    'x',
    /at most 10000 symbols/,
    '"more after 0 sequences"',
  ],
  ['words that the training text has not', known, 'a\na b', 'x, line 2', /words of the training text/, '"b"'],
  ['a NUL among words', known, 'a \u0000', 'x, line 1', /visible characters/, '"?"'],
  ['the end of a line as a word', known, 'a <eos>', 'x, line 1', /no <eos>/, '"<eos>"'],
  ['no words', known, '', 'x', /at least one line/, '0'],
  ['too many words', vocabularyOf, many, 'x', /at most 9999 different words/, '"more"'],
]

for (const [what, read, text, at, expected, got] of REFUSED) {
  test(`a file with ${what} is refused`, () => {
    assertRefused(() => read(bytesOf(text)), { name: 'FileError', what: at, expected, got })
  })
}

test('words that are no UTF-8 are refused by line and byte', () => {
  assertRefused(() => vocabulary(Uint8Array.of(97, 10, 97, 0xff), 'x'), {
    name: 'FileError',
    what: 'x, line 2, byte 1',
    expected: /UTF-8/,
    got: '255',
  })
})

test('any bytes give a corpus that fits them, or one FileError', () => {
  const counts = { tried: 0, refused: 0 }
  const likely = fc.string({
    unit: fc.constantFrom('a', 'b', ' ', '\n', '1', '48', ',', '\r', '\u0000', '-', '<eos>'),
    maxLength: 30,
  })
  holds(fc.oneof(fc.uint8Array({ maxLength: 40 }), likely.map(bytesOf)), 1000, (bytes) => {
    for (const read of [characters, integers, known, vocabularyOf]) {
      counts.tried++
      if (!returnsOrRefuses(() => read(bytes))) counts.refused++
    }
  })
  assert.ok(counts.refused > 0 && counts.refused < counts.tried)
  report('Penn Treebank', counts.tried, counts.refused)
})

test('evenly out of all: so many whole sequences, in their order, none twice, each from a stretch of its own', () => {
  const corpus = readCharacters(Buffer.from(Array.from({ length: 10 }, (_, i) => `${'a'.repeat(i + 1)}\n`).join('')), 'x')
  const lengths = (count: number): number[] => {
    const part = evenlyOutOf(corpus, count)
    return Array.from({ length: sequenceCount(part) }, (_, i) => symbolsOf(part, i).length)
  }
  assert.deepEqual(lengths(1), [6])
  assert.deepEqual(lengths(3), [2, 6, 9])
  assert.deepEqual(lengths(5), [2, 4, 6, 8, 10])
  for (const count of [10, 11]) assert.equal(evenlyOutOf(corpus, count), corpus)
})
