import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { sequenceCount, symbolsOf, type Corpus } from '../../../src/data/corpus.js'
import { readText } from '../../../src/data/text.js'
import { decodeUtf8 } from '../../../src/data/utf8.js'
import { holds } from '../../support/property.js'
import { assertRefused } from '../support.js'
import { report, returnsOrRefuses } from './refusal.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const piecesOf = (corpus: Corpus, symbols: readonly string[]): string[] =>
  Array.from({ length: sequenceCount(corpus) }, (_, i) => Array.from(symbolsOf(corpus, i), (symbol) => symbols[symbol]).join(''))

/** Text of 1 to 4 bytes a character, and no byte-order mark. */
const text = fc.array(fc.constantFrom('a', 'b', '\n', '\u00e9', '\u20ac', '\u{1f600}'), { minLength: 40, maxLength: 300 })

test('the parts are the text, one after another, in pieces of equal length but the last of each', () => {
  holds(fc.tuple(text, fc.integer({ min: 2, max: 30 })), 200, ([characters, length]) => {
    const { symbols, training, validation, test: last } = readText(bytesOf(characters.join('')), 'x', length)
    const parts = [training, validation, last].map((part) => piecesOf(part, symbols))
    assert.equal(parts.flat().join(''), characters.join(''))
    const held = Math.floor(characters.length / 20)
    assert.deepEqual(
      [validation, last].map((part) => part.symbols.length),
      [held, held],
    )
    for (const part of parts) part.forEach((piece, i) => assert.ok(i === part.length - 1 || [...piece].length === length))
    assert.deepEqual(
      symbols,
      [...new Set(characters)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
    )
  })
})

test('a text that is too short, and a piece of one character are refused', () => {
  assertRefused(() => readText(bytesOf('a'.repeat(39)), 'x', 10), {
    name: 'FileError',
    what: 'x',
    expected: /at least 40 characters/,
    got: '39',
  })
  assertRefused(() => readText(bytesOf('a'.repeat(50)), 'x', 1), {
    name: 'ConfigError',
    what: 'length',
    expected: /from 2 to 10000/,
    got: '1',
  })
})

test('of more than 512 characters the rare ones are read as one, and counted', () => {
  const kinds = Array.from({ length: 514 }, (_, i) => String.fromCodePoint(0x4e00 + i))
  const fits = readText(bytesOf(kinds.slice(2).join('')), 'x', 10)
  assert.deepEqual([fits.symbols, fits.rare], [kinds.slice(2), undefined])
  // every kind twice, but for three of them
  const all = [...kinds, ...kinds.filter((_, i) => i < 3 || i > 5)]
  const { symbols, rare, ...parts } = readText(bytesOf(all.join('')), 'x', 10)
  assert.deepEqual(rare, { count: 3, kinds: 3 })
  assert.deepEqual(symbols, [...kinds.filter((_, i) => i < 3 || i > 5), '\ufffd'])
  const read = [parts.training, parts.validation, parts.test].flatMap((part) => piecesOf(part, symbols)).join('')
  assert.equal(read, all.map((kind, i) => (i > 2 && i < 6 ? '\ufffd' : kind)).join(''))
})

test('with the symbols of a network the text is read as these, and a character that is none is refused with its line', () => {
  const known = ['\n', 'a', 'b', 'c']
  const { symbols, training } = readText(bytesOf('ab\n'.repeat(20)), 'x', 10, known)
  assert.deepEqual([symbols, piecesOf(training, known)[0]], [known, 'ab\nab\nab\na'])
  const refused = {
    name: 'FileError',
    what: 'x, line 21',
    expected: /the 4 characters that the network knows/,
    got: '"d"',
  } as const
  assertRefused(() => readText(bytesOf('ab\n'.repeat(20) + 'ad'), 'x', 10, known), refused)
  assert.deepEqual(readText(bytesOf('ab\n'.repeat(20) + 'ad'), 'x', 10, [...known, '\ufffd']).rare, { count: 1, kinds: 1 })
})

test('a text of several chunks is read as one, wherever a character is cut', () => {
  for (const before of ['', 'a', 'ab', 'abc']) {
    const long = before + '\u{1f600}'.repeat(2 ** 18 + 10)
    const { symbols, training, validation, test: last } = readText(bytesOf(long), 'x', 10_000)
    assert.equal([training, validation, last].flatMap((part) => piecesOf(part, symbols)).join(''), long)
  }
  const broken = bytesOf('a'.repeat(2 ** 20 + 5))
  broken[2 ** 20 + 2] = 0xff
  assertRefused(() => readText(broken, 'x', 10), { name: 'FileError', what: 'x, byte 1048578', expected: /UTF-8/, got: '255' })
})

test('the first byte that cannot be is named, and an end too early', () => {
  holds(
    fc.tuple(
      fc.array(fc.constantFrom('a', '\u00e9', '\u{1f600}'), { maxLength: 20 }),
      fc.array(fc.constantFrom('x', '\u20ac'), { maxLength: 5 }),
    ),
    200,
    ([before, after]) => {
      const start = bytesOf(before.join(''))
      const spoilt = Uint8Array.from([...start, 0xff, ...bytesOf(after.join(''))])
      assertRefused(() => decodeUtf8(spoilt, 'x'), {
        name: 'FileError',
        what: `x, byte ${start.length}`,
        expected: /UTF-8/,
        got: '255',
      })
      const cut = Uint8Array.from([...start, 0xe2, 0x82])
      assertRefused(() => decodeUtf8(cut, 'x'), {
        name: 'FileError',
        what: `x, byte ${cut.length}`,
        expected: /UTF-8/,
        got: '"its end"',
      })
    },
  )
})

test('any bytes are a text or one FileError', () => {
  const counts = { tried: 0, refused: 0 }
  holds(
    fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.string({ unit: 'binary', minLength: 30, maxLength: 120 }).map(bytesOf)),
    1000,
    (bytes) => {
      counts.tried++
      if (!returnsOrRefuses(() => readText(bytes, 'x', 10))) counts.refused++
    },
  )
  assert.ok(counts.refused > 0 && counts.refused < counts.tried)
  report('text', counts.tried, counts.refused)
})
