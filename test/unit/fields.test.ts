import assert from 'node:assert/strict'
import { test } from 'node:test'

import { show } from '../../src/errors.js'
import {
  count,
  exactly,
  flag,
  number,
  oneOf,
  record,
  requireField,
  requireItems,
  text,
  whole,
  wholeFrom,
  type Field,
} from '../../src/fields.js'

const HOSTILE = [undefined, null, NaN, Infinity, -1, 0.5, '', '3', true, [], [3], {}, () => 3, Symbol('s'), 10n]

const KINDS: readonly (readonly [Field<unknown>, expected: string, good: readonly unknown[], bad: readonly unknown[]])[] = [
  [whole(1, 5), 'a whole number from 1 to 5', [1, 5], [0, 6, 1.5, '3', 3n]],
  [wholeFrom(2), 'a whole number >= 2', [2, Number.MAX_SAFE_INTEGER], [1, 2 ** 53, 2.5]],
  [count, 'a whole number', [0, Number.MAX_SAFE_INTEGER], [-1, 2 ** 53, 0.5]],
  [number(-1, 2), 'a number from -1 to 2', [-1, 0.25, 2], [-1.01, 2.01, NaN, '1']],
  [oneOf('a', 'b'), 'one of a, b', ['a', 'b'], ['c', 'A', ['a'], undefined]],
  [exactly('a'), 'a', ['a'], ['b', ['a']]],
  [text(2), 'text of at most 2 characters', ['', 'ab'], ['abc', 12]],
  [flag, 'true or false', [true, false], [0, 'true', undefined]],
  [record, 'a record of fields', [{}, Object.create(null)], [[], null, 'x', undefined]],
]

for (const [field, expected, good, bad] of KINDS) {
  test(`${expected}: what it is, and what it is not`, () => {
    assert.equal(field.expected, expected)
    for (const value of good) assert.ok(field.holds(value), show(value))
    for (const value of bad) assert.ok(!field.holds(value), show(value))
    for (const value of HOSTILE) assert.equal(typeof field.holds(value), 'boolean')
  })
}

test('requireField gives the value, or an error of the kind that is asked for, with what was typed', () => {
  assert.equal(requireField('UsageError', '--count', 3, whole(1, 5)), 3)
  const refused = (run: () => unknown, name: string, message: string): void => assert.throws(run, { name, message })
  refused(() => requireField('FileError', 'n', 9, whole(1, 5)), 'FileError', '"n" expected a whole number from 1 to 5, got 9')
  refused(
    () => requireField('UsageError', '--n', 9, whole(1, 5), '9'),
    'UsageError',
    '"--n" expected a whole number from 1 to 5, got "9"',
  )
})

test('requireItems names the item that is wrong, and refuses what is no list, or too long a one', () => {
  const items = (value: unknown) =>
    requireItems('FileError', 'seeds', value, 2, (what, one) => requireField('FileError', what, one, count))
  assert.deepEqual(items([1, 2]), [1, 2])
  assert.deepEqual(items([]), [])
  assert.throws(() => items([1, 'x']), { name: 'FileError', message: '"seeds[1]" expected a whole number, got "x"' })
  for (const value of [[1, 2, 3], { 0: 1, length: 1 }, '12', undefined])
    assert.throws(() => items(value), { name: 'FileError', message: /^"seeds" expected a list of at most 2, got / })
})
