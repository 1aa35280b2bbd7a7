import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asRecord, parseJson, readJson, requireRecord } from '../../../src/io/json.js'
import { holds } from '../../support/property.js'
import { plain } from '../support.js'

test('readJson and parseJson: give what JSON.parse gives, wherever no key is there twice', () => {
  holds(fc.jsonValue({ maxDepth: 5 }), 300, (value) => {
    const text = JSON.stringify(value)
    if (text.includes('"__proto__":')) return
    assert.deepEqual(plain(readJson('text', text)), JSON.parse(text))
    assert.deepEqual(readJson('text', text), parseJson(text))
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
  ['[1,]', /a value should be at character 3$/],
  ['{"a" 1}', /":" should be at character 5$/],
  ['[1] x', /the end should be at character 4$/],
]

for (const [text, message] of REFUSED) {
  test(`readJson: ${text.slice(0, 30)} is refused in one line, with its name`, () => {
    assert.throws(() => readJson('text', text), { name: 'FileError', message })
    assert.throws(() => readJson('text', text), /^FileError: "text" expected [^\n]*$/)
  })
}

test('readJson: the same key in different objects, and braces in strings, are nothing wrong', () => {
  const text = '{"a":{"a":1},"b":[{"a":1},{"a":2}],"c":"{\\"a\\":1,\\"a\\":2}"}'
  assert.deepEqual(plain(readJson('text', text)), JSON.parse(text))
})

test('requireRecord: a list, null and a number are none', () => {
  for (const value of [[], null, 3, 'x', undefined])
    assert.throws(() => requireRecord('text', value), { name: 'FileError', message: /a record of fields/ })
})

test('parseJson: says where the first mistake is, and goes as deep as it is told and no deeper', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['{"a":[1,2', /^JSON expected "," or "\]" at character 9, got its end$/],
    ['{"a":nul}', /^JSON expected a value at character 5, got "nul\}"$/],
    ['{"a":1,"a":2}', /^JSON expected each key once at character 10, got "a"$/],
    ['[[[1]]]', /^JSON expected JSON of at most 2 levels at character 2, got "more"$/],
  ]
  for (const [text, message] of refused) assert.throws(() => parseJson(text, 2), { name: 'FileError', message })
  assert.deepEqual(parseJson('[[1]]', 2), [[1]])
})

test('a record that was read has no prototype', () => {
  const made = asRecord(parseJson('{"toString":1}'))!
  assert.equal(Object.getPrototypeOf(made), null)
  assert.equal(made['constructor'], undefined)
})
