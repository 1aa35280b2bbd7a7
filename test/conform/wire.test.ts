/** What a line of the protocol may be. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLine, readStep } from '../../src/conform/port/wire.js'

test('[pr-tensor] [pr-lines] JSON from strangers: names once, no prototypes, no depth without end', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(readLine(' {"a":[1,-2.5e3,"\\u0041",true,null,{}]} '))), {
    a: [1, -2500, 'A', true, null, {}],
  })
  for (const text of ['{"a":1,"a":2}', '{"__proto__":{}}', '{"a":01}', '[1,]', '"\u0001"', '', '1 2', '{"a"}', 'nul'])
    assert.throws(() => readLine(text), { name: 'FileError' }, text)
  const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  assert.ok(readLine(nested(16)))
  assert.throws(() => readLine(nested(17)), { name: 'FileError', message: /at most 16 levels/ })
  assert.equal(readLine('[]'), undefined)
  assert.equal(Object.getPrototypeOf(readLine('{"constructor":1,"toString":2}')), null)
})

test('[pr-lines] what a port traces under a name of its own is ignored, under that of a result it is a tensor', () => {
  const tensor = { s: [1, 1], x: '3f800000' }
  const read = (trace: object): readonly string[] => {
    const answer = { out: tensor, weights: {}, optimizer: {}, state: { t: 1, key: [0, 0] }, trace }
    return [...readStep(readLine(JSON.stringify(answer))!).trace.keys()]
  }
  assert.deepEqual(read({ 'A1.a_1': tensor, seconds: 0.1, 'my.note': 'warm' }), ['A1.a_1'])
  assert.throws(() => read({ 'op-state.power1': 1 }), {
    name: 'ShapeError',
    message: /"trace.op-state.power1" expected a tensor/,
  })
})
