import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { readNumbers, type NumberTable } from '../../../src/data/number-table.js'
import { holds } from '../../support/property.js'
import { report, returnsOrRefuses } from './refusal.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (text: string): NumberTable => readNumbers(bytesOf(text), 'x')
const rowsOf = ({ width, numbers }: NumberTable): number[][] =>
  Array.from({ length: numbers.length / width }, (_, i) => [...numbers.slice(i * width, (i + 1) * width)])

/** Without -0, which neither JSON nor String writes. */
const numbers = fc.double({ min: -1e30, max: 1e30, noNaN: true }).map((value) => value + 0)
const tables = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(numbers, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }))
const name = fc.string({
  unit: fc.constantFrom('a', 'Z', ' ', '"', ',', ';', '\t', '\n', '_', '\u00e9'),
  minLength: 1,
  maxLength: 6,
})

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** A writer of our own: every dialect that may be read. */
const dialects = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t'),
  end: fc.constantFrom('\n', '\r\n'),
  mark: fc.constantFrom('', '\ufeff'),
  last: fc.constantFrom('', '\n', '\r\n\r\n  \n'),
  inQuotes: fc.boolean(),
  names: fc.option(fc.array(name, { minLength: 4, maxLength: 4 })),
})

test('CSV in every dialect is the table that was written, and the first line of names is no step', () => {
  holds(fc.tuple(tables, dialects), 400, ([rows, { delimiter, end, mark, last, inQuotes, names }]) => {
    const header = names?.slice(0, rows[0]!.length).map((one) => `c${one}`)
    const lines = rows.map((row) => row.map((number) => (inQuotes ? quoted(String(number)) : String(number))))
    const all = [...(header ? [header.map(quoted)] : []), ...lines].map((fields) => fields.join(delimiter))
    const got = read(mark + all.join(end) + last)
    assert.deepEqual(rowsOf(got), rows)
    assert.deepEqual(
      got.names,
      header?.map((one) => one.trim()),
    )
  })
})

test('JSON Lines of arrays, or of records whose fields stand in any order, is the table that was written', () => {
  holds(fc.tuple(tables, fc.constantFrom('\n', '\r\n'), fc.boolean()), 200, ([rows, end, records]) => {
    const recordOf = (row: readonly number[], i: number): string => {
      const fields = row.map((number, j) => `"k${j}": ${JSON.stringify(number)}`)
      return `{${(i % 2 === 0 ? fields : fields.reverse()).join(', ')}}`
    }
    const got = read(rows.map((row, i) => (records ? recordOf(row, i) : JSON.stringify(row))).join(end))
    assert.deepEqual(rowsOf(got), rows)
    assert.deepEqual(got.names, records ? rows[0]!.map((_, j) => `k${j}`) : undefined)
  })
})

const REFUSED: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['a missing field', 'a,b\n1,2\n3,\n', /^"x, line 3, column 2" expected a number .* of "b", got ""; fill in/],
  ['a field that is no number', '1;2\n3;4,5\n', /^"x, line 2, column 2" expected a number .*, got "4,5"; /],
  ['NaN, which is no name of a column', 'nan\n1\n', /^"x, line 1, column 1" expected a number .*, got "nan"/],
  ['a first line that is half numbers', '2020-01-01,5\n', /^"x, line 1, column 1" expected a number/],
  ['an infinity', '1\n1e999\n', /^"x, line 2, column 1" .*got "1e999"/],
  ['a number beyond what squares bear', '1\n-1.01e30\n', /^"x, line 2, column 1" .*got "-1.01e30"/],
  ['hexadecimal', '1\n0x10\n', /^"x, line 2, column 1"/],
  ['a short line', '1,2\n3\n', /^"x, line 2" expected 2 numbers, as in the lines before, got 1$/],
  ['a long line below a header', 'a,b\n1,2,3\n', /^"x, line 2" expected 2 numbers, as line 1 names so many columns, got 3$/],
  ['an empty line within', '1,2\n\n3,4\n', /^"x, line 2" expected 2 numbers.*got 1$/],
  ['a quote that stays open', '1\n"2\n3\n', /^"x, line 2" expected a quote that is closed/],
  ['text behind a quote', '1,2\n"3"4,5\n', /^"x, line 2" expected the end of a field after its closing quote, got "4"/],
  [
    'lines of a name over two lines are counted',
    '"a\nb"\n1\nx\n',
    /^"x, line 4, column 1" expected a number .* of "a\?b", got "x"/,
  ],
  ['null in JSON', '[1]\n[null]\n', /^"x, line 2, column 1" expected a number .*, got null/],
  ['text in JSON', '{"a": 1}\n{"a": "b"}\n', /^"x, line 2, column 1" expected a number .* of "a", got "b"/],
  [
    'a field too many in JSON',
    '{"a": 1}\n{"a": 1, "b": 2}\n',
    /^"x, line 2" expected a record of 1 fields, those of line 1, got "b"/,
  ],
  ['a field too few in JSON', '{"a": 1, "b": 2}\n{"a": 1}\n', /^"x, line 2" expected a field "b", as in line 1/],
  ['what only the prototype has', '{"a": 1, "toString": 2}\n{"a": 1}\n', /^"x, line 2" expected a field "toString"/],
  ['an array among records', '{"a": 1}\n[1]\n', /^"x, line 2" expected a record of 1 fields/],
  ['a record among arrays', '[1]\n{"a": 1}\n', /^"x, line 2" expected an array, as in the lines before/],
  ['broken JSON', '[1]\n[2\n', /^"x, line 2" expected JSON, an array or a record of numbers on one line, got "\[2"/],
  ['no line at all', ' \n', /^"x" expected at least one line of numbers, got 0/],
  ['a record of nothing', '{}\n', /^"x, line 1" expected 1 to 1024 columns, got 0/],
  ['too many columns', `${'1,'.repeat(1024)}1\n`, /^"x, line 1" expected 1 to 1024 columns, got 1025/],
]

for (const [what, text, message] of REFUSED) {
  test(`${what} is refused, with its place`, () => {
    assert.throws(() => read(text), { name: 'FileError', message })
  })
}

test('fields named like those of every object are fields like others', () => {
  assert.deepEqual(read('{"__proto__": 1, "constructor": 2}\n{"__proto__": 3, "constructor": 4}').names, [
    '__proto__',
    'constructor',
  ])
  assert.deepEqual(({} as Record<string, unknown>)['1'], undefined)
})

test('what is no UTF-8 is refused with its byte', () => {
  assert.throws(() => readNumbers(Uint8Array.from([49, 10, 255]), 'x'), {
    name: 'FileError',
    message: /^"x, byte 2" expected UTF-8/,
  })
})

test('whatever the bytes, there is a table or one line that says why not', () => {
  const pieces = fc.constantFrom(
    '1',
    '-2.5',
    ',',
    ';',
    '\t',
    '"',
    '\n',
    '\r\n',
    '[',
    ']',
    '{',
    '}',
    ':',
    'null',
    'e9',
    '"a"',
    '\u2028',
    ' ',
  )
  let [tried, refused] = [0, 0]
  holds(fc.array(pieces, { maxLength: 30 }), 1000, (parts) => {
    tried++
    if (!returnsOrRefuses(() => read(parts.join('')))) refused++
  })
  assert.ok(refused > 100 && refused < tried)
  report('number tables', tried, refused)
})
