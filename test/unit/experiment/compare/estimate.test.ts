import assert from 'node:assert/strict'
import { test } from 'node:test'

import { secondsOf } from '../../../../src/experiment/compare/estimate.js'

/** The seconds that are expected of `length` steps where a batch takes `once`, and each step `each`; and the steps that were timed. */
const timed = async (length: number, once: number, each: number, compiling = 0) => {
  const asked: number[] = []
  const seconds = await secondsOf(length, async (steps) => {
    asked.push(steps)
    return once + each * steps + (asked.length === 1 ? compiling : 0)
  })
  return { seconds, asked }
}

const near = (got: number, wanted: number): void => assert.ok(Math.abs(got - wanted) < 1e-9, `${got}, not ${wanted}`)

test('what a batch takes once is not multiplied by its steps; what is timed first does not count', async () => {
  for (const [once, each, compiling] of [
    [0, 0.01, 0],
    [0.2, 0.01, 0.2],
    [0.3, 0, 0],
  ] as const) {
    near((await timed(100, once, each, compiling)).seconds, once + 100 * each)
    near((await timed(12, once, each, compiling)).seconds, once + 12 * each)
    near((await timed(2, once, each, compiling)).seconds, once + 2 * each)
  }
})

test('steps that take long are not waited for more than they must', async () => {
  const { seconds, asked } = await timed(60, 0, 2)
  near(seconds, 120)
  assert.deepEqual(asked, [3, 3])
  assert.deepEqual((await timed(60, 0, 0.01)).asked, [3, 12, 3, 12])
})

test('a clock that goes astray says no less than was seen', async () => {
  const seconds = [0.1, 0.1, 0.3, 0.2]
  assert.equal(await secondsOf(60, async () => seconds.shift()!), 0.2)
})
