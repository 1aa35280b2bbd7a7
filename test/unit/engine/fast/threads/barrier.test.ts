/** Workers meet: nobody goes on before all have come, and whoever waits in vain is told. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

import {
  beginJob,
  createControl,
  fail,
  failedAt,
  meeterOf,
  stop,
  Stopped,
  tire,
  tiredAt,
} from '../../../../../src/engine/fast/threads/barrier.js'

const ROUNDS = 3000

for (const [workers, own] of [
  [2, true],
  [2, false],
  [3, false],
] as const) {
  test(`nobody of ${workers} leaves a meeting before all have come, ${ROUNDS} times, ${own ? 'each on a core' : 'taking turns'}`, async () => {
    const [control, counters] = [createControl(own), new Int32Array(new SharedArrayBuffer(4 * ROUNDS))]
    const missing = await Promise.all(
      Array.from(
        { length: workers },
        () =>
          new Promise<number>((resolve, reject) => {
            const worker = new Worker(new URL('../fixtures/meeting-worker.mjs', import.meta.url), {
              workerData: { control, counters, workers, rounds: ROUNDS },
            })
            worker.on('message', resolve).on('error', reject)
          }),
      ),
    )
    assert.deepEqual(missing, new Array(workers).fill(0))
  })
}

test('one worker alone does not wait', () => meeterOf(createControl(true), 1)())

test('whoever waits when the others have stopped is told within a second', () => {
  const control = createControl(true)
  stop(control)
  const start = performance.now()
  assert.throws(meeterOf(control, 2), Stopped)
  assert.ok(performance.now() - start < 1000)
})

test('a failure is of one step, and so is tiredness; both are forgotten before the next job', () => {
  const control = createControl(true)
  for (const [say, at] of [
    [fail, failedAt],
    [tire, tiredAt],
  ] as const) {
    assert.equal(at(control, 0), false)
    say(control, 3)
    assert.deepEqual([at(control, 2), at(control, 3)], [false, true])
    beginJob(control)
    assert.equal(at(control, 3), false)
  }
})
