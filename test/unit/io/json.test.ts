import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJson, requireRecord } from '../../../src/io/json.js'
import { holds } from '../../support/property.js'

test('parseJson: gives what JSON.parse gives, wherever no key is there twice', () => {
  holds(fc.jsonValue({ maxDepth: 5 }), 300, (value) => {
    const text = JSON.stringify(value)
    if (text.includes('"__proto__":')) return
    assert.deepEqual(parseJson('text', text), JSON.parse(text))
  })
})

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['', /expected JSON/],
  ['{"a":1', /expected JSON/],
  ['{"a":1,"a":2}', /each key once, got "a"/],
  ['{"a":1,"\\u0061":2}', /each key once/],
  ['[{"b":{"c":1,"d":[],"c":2}}]', /got "c"/],
  ['{"__proto__":{}}', /keys that are names/],
  ['[{"x":{"\\u005f_proto__":1}}]', /keys that are names/],
  [`${'['.repeat(65)}${']'.repeat(65)}`, /at most 64 levels/],
]

for (const [text, message] of REFUSED) {
  test(`parseJson: ${text.slice(0, 30)} is refused in one line`, () =>
    assert.throws(() => parseJson('text', text), { name: 'FileError', message }))
}

test('parseJson: the same key in different objects, and braces in strings, are nothing wrong', () => {
  const text = '{"a":{"a":1},"b":[{"a":1},{"a":2}],"c":"{\\"a\\":1,\\"a\\":2}"}'
  assert.deepEqual(parseJson('text', text), JSON.parse(text))
})

test('requireRecord: a list, null and a number are none', () => {
  for (const value of [[], null, 3, 'x', undefined])
    assert.throws(() => requireRecord('text', value), { name: 'FileError', message: /a record of fields/ })
})
