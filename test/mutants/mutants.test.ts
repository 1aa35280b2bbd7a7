/** The planted mistakes still have a place: `npm run test:mutants` plants them, which takes minutes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { MUTANTS } from './mutants.js'
import { misfit } from './trial.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

test('every planted mistake has its text in its file, once', async () => {
  const misfits = (await Promise.all(MUTANTS.map((mutant) => misfit(ROOT, mutant)))).filter((why) => why !== undefined)
  assert.deepEqual(misfits, [])
  assert.match((await misfit(ROOT, { ...MUTANTS[0]!, from: 'no such text' })) ?? '', /0 times, expected once/)
})
