/** One worker of the parallel engine: its share of each job, on the memory that it was given. */

import { parentPort, workerData } from 'node:worker_threads'

import { fail, failedAt, meeterOf, tire, tiredAt } from './barrier.js'
import { contextsOf } from '../step/context.js'
import type { Config } from '../../../ptncn/config.js'
import { instantiate, type SharedMemory } from '../kernels/kernels.js'
import { runJob, type Meeting, type Posted } from '../step/job.js'

/** What a worker begins with. */
export interface WorkerStart {
  readonly config: Config
  readonly memory: SharedMemory
  readonly control: Int32Array
  readonly worker: number
  readonly workers: number
  /** which kernels */
  readonly wide: boolean
}

const { config, memory, control, worker, workers, wide } = workerData as WorkerStart

const contexts = instantiate(memory, wide).then((kernels) => contextsOf(config, kernels, memory, worker, workers))
const meet = meeterOf(control, workers)

/** One of them has the clock. */
const meetingOf = ({ patience }: Posted): Meeting => {
  const end = worker === 0 ? performance.now() + patience : Infinity
  return {
    meet,
    fail: (step) => fail(control, step),
    failed: (step) => failedAt(control, step),
    tire: (step) => void (performance.now() > end && tire(control, step)),
    tired: (step) => tiredAt(control, step),
  }
}

// An error of a job is nobody's to catch: it ends this thread, and with it the engine.
parentPort!.on('message', async (job: Posted) => {
  const contextFor = await contexts
  parentPort!.postMessage(runJob(contextFor(job.rows, job.by), job, meetingOf(job)))
})
