import assert from 'node:assert/strict'
import { test } from 'node:test'

import { runStream, streamRounds } from '../../bench/stream.js'

test('runStream: times every line after the warm-up, learning and frozen, and reports as many rounds as it says', async () => {
  let reported = 0
  const results = await runStream({ quick: true, onRound: () => reported++ })
  assert.deepEqual(
    results.map(({ text, microseconds }) => [text, microseconds.length]),
    [
      ['n = 32, learning', 100],
      ['n = 32, frozen', 100],
    ],
  )
  assert.ok(results.every(({ microseconds }) => microseconds.every((one) => one > 0)))
  assert.equal(reported, streamRounds({ quick: true }))
})
