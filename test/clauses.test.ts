/** Every clause is held by something, and test/clauses.md says by what. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { clausesJson, clausesText, empties, holdings, idle, portNotes } from './support/clauses.js'
import { readCaps } from '../src/conform/port/wire.js'

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
const all = holdings()

test('no clause has a field that is empty without a reason, and no reason is idle', () => {
  assert.deepEqual(
    empties(all).filter(({ why }) => why === undefined),
    [],
  )
  assert.deepEqual(idle(all), [])
  for (const { clause, tests } of all) assert.ok(tests.length > 0, `${clause} is named by no test`)
  const without = all.map((one) => (one.clause === 'C2' ? { ...one, mistakes: [] } : one))
  assert.deepEqual(
    empties(without).filter(({ why }) => why === undefined),
    [{ clause: 'C2', field: 'mistakes' }],
  )
})

test('test/clauses.md and test/clauses.json are what test/tools/clauses.ts writes', () => {
  assert.ok(clausesText() === read('clauses.md'), 'run tsx test/tools/clauses.ts')
  assert.ok(clausesJson() === read('clauses.json'), 'run tsx test/tools/clauses.ts')
})

test('[pr-hello] what is noted of the ports is what a port may say of itself', () => {
  const notes = portNotes()
  assert.ok(notes.length >= 6)
  for (const { caps } of notes) assert.deepEqual(readCaps(caps as never, caps.specs), caps)
})
