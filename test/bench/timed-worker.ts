/** A worker of the parallel engine with a clock: how long each phase of the steps takes it, and how long it then waits. */

import { parentPort, workerData } from 'node:worker_threads'

import { fail, failedAt, meeterOf } from '../../src/engine/fast/threads/barrier.js'
import { contextsOf } from '../../src/engine/fast/step/context.js'
import { instantiate } from '../../src/engine/fast/kernels/kernels.js'
import { runJob, type Ended, type Meeting, type Posted } from '../../src/engine/fast/step/job.js'
import type { WorkerStart } from '../../src/engine/fast/threads/worker.js'

/** Milliseconds of one job, for each stretch between two meetings of a learning step. */
export interface Spent {
  readonly steps: number
  readonly busy: readonly number[]
  readonly waiting: readonly number[]
}

const { config, memory, control, worker, workers, wide } = workerData as WorkerStart
const meet = meeterOf(control, workers)
const contexts = instantiate(memory, wide).then((kernels) => contextsOf(config, kernels, memory, worker, workers))

/** A meeting that notes the time, of the steps that learn. */
const timed = (job: Posted, spent: { steps: number; busy: number[]; waiting: number[] }): Meeting => {
  let [step, stretch, mark] = [0, 0, performance.now()]
  return {
    meet: () => {
      const done = performance.now()
      meet()
      const met = performance.now()
      if (job.t + step >= config.learnFrom) {
        spent.busy[stretch] = (spent.busy[stretch] ?? 0) + done - mark
        spent.waiting[stretch] = (spent.waiting[stretch] ?? 0) + met - done
      }
      stretch++
      mark = met
    },
    fail: (at) => fail(control, at),
    failed: (at) => {
      if (job.t + step >= config.learnFrom) spent.steps++
      step++
      stretch = 0
      return failedAt(control, at)
    },
    tire: () => {},
    tired: () => false,
  }
}

parentPort!.on('message', async (job: Posted) => {
  const context = (await contexts)(job.rows, job.by)
  const spent = { steps: 0, busy: [], waiting: [] }
  const ended: Ended & { spent: Spent } = { ...runJob(context, job, timed(job, spent)), spent }
  parentPort!.postMessage(ended)
})
