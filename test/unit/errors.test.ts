import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { mismatch, PtncnError, show } from '../../src/errors.js'

test('an error has its kind as name, and carries the value that was refused', () => {
  const value = { units: 3 }
  const error = new PtncnError('ShapeError', 'text', value)
  assert.ok(error instanceof Error)
  assert.deepEqual([error.name, error.message, error.value], ['ShapeError', 'text', value])
  assert.equal(String(error), 'ShapeError: text')
})

test('a mismatch names what, expected and got, and the remedy where there is one', () => {
  const error = mismatch('ConfigError', 'beta', 'a finite number', 'fast')
  assert.equal(error.message, '"beta" expected a finite number, got "fast"')
  assert.deepEqual([error.name, error.value], ['ConfigError', 'fast'])
  assert.equal(mismatch('UsageError', 'rate', 'a number', NaN, 'give one').message, '"rate" expected a number, got NaN; give one')
})

const PICTURES: readonly (readonly [unknown, string])[] = [
  ['text', '"text"'],
  ['', '""'],
  [0, '0'],
  [-0, '-0'],
  [NaN, 'NaN'],
  [1e21, '1e+21'],
  [true, 'true'],
  [null, 'null'],
  [undefined, 'undefined'],
  [7n, '7'],
  [Symbol('s'), 'Symbol(s)'],
  [() => 1, 'a function'],
  [{ toString: () => 'no' }, 'an object'],
  [Object.create(null), 'an object'],
  [new Float32Array(2), 'an object'],
  [[], '[]'],
  [[1, -0, 'a', [null]], '[1, -0, "a", [null]]'],
  [[1, 2, 3, 4, 5, 6, 7, 8], '[1, 2, 3, 4, 5, 6, 7, 8]'],
  [[1, 2, 3, 4, 5, 6, 7, 8, 9], '[1, 2, 3, 4, 5, 6, 7, 8, ...]'],
  ['two\nlines\r\u2028\u2029\u0000\u001b[31m\u0085', '"two?lines?????[31m?"'],
]

for (const [value, picture] of PICTURES) {
  test(`a value is shown in one line: ${picture}`, () => assert.equal(show(value), picture))
}

test('a long value is cut off after 60 characters', () => {
  assert.equal(show('x'.repeat(1e6)), `"${'x'.repeat(59)}...`)
  assert.equal(show('x'.repeat(58)), `"${'x'.repeat(58)}"`)
  assert.equal(show([['x'.repeat(100)]]).length, 63)
})

test('any value at all is shown in one line of at most 63 characters', () => {
  const value = fc.anything({
    withNullPrototype: true,
    withBigInt: true,
    withSparseArray: true,
    withTypedArray: true,
    withMap: true,
  })
  fc.assert(
    fc.property(fc.oneof(value, fc.string({ unit: 'binary' })), (given) => {
      const shown = show(given)
      assert.ok(shown.length > 0 && shown.length <= 63)
      assert.doesNotMatch(shown, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
    }),
  )
})

test('a list that contains itself is shown', () => {
  const list: unknown[] = [1]
  list.push(list)
  assert.ok(show(list).length <= 63)
})
