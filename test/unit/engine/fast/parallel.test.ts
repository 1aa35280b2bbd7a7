/** The crew of a parallel engine, by itself: workers that compute nothing answer in every order. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { parallelEngine } from '../../../../src/engine/fast/parallel.js'
import { wasmEngine } from '../../../../src/engine/fast/wasm.js'
import type { Ended, Job } from '../../../../src/engine/fast/step/job.js'
import type { Listener, Transport } from '../../../../src/engine/fast/threads/transport.js'
import { PtncnError } from '../../../../src/errors.js'
import { config } from '../../../../src/ptncn/config.js'
import { assertSnapshot } from '../../../law/engines.js'
import { holdsAsync } from '../../../support/property.js'
import { begin, sequence } from '../runs.js'

const settings = config({ units: [3, 5, 4] })

const endOf = ({ steps, summed, power1, power2 }: Job): Ended => ({ done: steps, failed: undefined, summed, power1, power2 })

/** Workers that answer when the scheduler says so. */
const scheduled =
  (scheduler: fc.Scheduler, answers: number[]): Transport =>
  (start, { done }) => ({
    post: (job) =>
      void scheduler.schedule(Promise.resolve(), `worker ${start.worker}`).then(() => {
        answers.push(start.worker)
        done(endOf(job))
      }),
    terminate: async () => {},
  })

test('a run ends when the last worker has answered, in whatever order they do', () =>
  holdsAsync(fc.tuple(fc.scheduler(), fc.integer({ min: 1, max: 5 })), 60, async ([scheduler, workers]) => {
    const answers: number[] = []
    const engine = parallelEngine(settings, { workers, by: 'layers', transport: scheduled(scheduler, answers) })
    let over = false
    const run = engine.evaluate(begin(settings), [sequence(2)]).then(() => void (over = true))
    while (!over) {
      if (scheduler.count() > 0) {
        assert.ok(answers.length < workers)
        await scheduler.waitOne()
      }
      await new Promise(setImmediate)
    }
    await run
    assert.deepEqual(
      [...answers].sort(),
      Array.from({ length: workers }, (_, i) => i),
    )
    await engine.dispose()
  }))

test('the first worker that ends is named; later ends and answers change nothing', async () => {
  const listeners: Listener[] = []
  let stopped = 0
  const transport: Transport = (_start, listener) => {
    listeners.push(listener)
    return { post: () => {}, terminate: async () => void stopped++ }
  }
  const engine = parallelEngine(settings, { workers: 3, by: 'layers', transport })
  const run = engine.train(begin(settings), [sequence(2)])
  run.catch(() => {})
  while (listeners.length < 3) await new Promise(setImmediate)
  listeners[1]!.ended('was unplugged')
  listeners[2]!.ended('came later')
  listeners[0]!.done({ done: 2, failed: undefined, summed: false, power1: 1, power2: 1 })
  await assert.rejects(run, (error: unknown) => error instanceof PtncnError && /worker 1 of 3 was unplugged/.test(error.message))
  assert.equal(stopped, 3)
  await assert.rejects(engine.train(begin(settings), [sequence(2)]), /was unplugged/)
  await engine.dispose()
  assert.equal(stopped, 3)
})

test('a number of workers that is none is refused', () => {
  for (const workers of [0, -1, 1.5, 257, 'two'] as number[]) {
    assert.throws(
      () => parallelEngine(settings, { workers }),
      (error: unknown) => error instanceof PtncnError && error.name === 'ConfigError',
    )
  }
})

test('a function of the caller is computed on this thread', async () => {
  const of = config({ units: [3, 5, 4], activation: (a) => a / 3 })
  const transport: Transport = () => assert.fail('started a worker')
  const engine = parallelEngine(of, { workers: 2, by: 'layers', transport })
  const { snapshot } = await engine.train(begin(of), [sequence(3)])
  assertSnapshot(snapshot, (await wasmEngine(of).train(begin(of), [sequence(3)])).snapshot)
})

test('auto starts no worker for a small network', async () => {
  const transport: Transport = () => assert.fail('started a worker')
  await parallelEngine(settings, { transport }).train(begin(settings), [sequence(3)])
})
