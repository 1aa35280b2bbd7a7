/** One worker of the parallel engine: its share of each job, on the memory that it was given. */

import { parentPort, workerData } from 'node:worker_threads'

import { fail, failedAt, meet } from './barrier.js'
import { contextsOf } from '../step/context.js'
import type { Config } from '../../../ptncn/config.js'
import { instantiate, type SharedMemory } from '../kernels/kernels.js'
import { runJob, type Job, type Meeting } from '../step/job.js'

/** What a worker begins with. */
export interface WorkerStart {
  readonly config: Config
  readonly memory: SharedMemory
  readonly control: Int32Array
  readonly worker: number
  readonly workers: number
}

const { config, memory, control, worker, workers } = workerData as WorkerStart

const contexts = instantiate(memory).then((kernels) => contextsOf(config, kernels, memory, worker, workers))

const meeting: Meeting = {
  meet: () => meet(control, workers),
  fail: (step) => fail(control, step),
  failed: (step) => failedAt(control, step),
}

// An error of a job is nobody's to catch: it ends this thread, and with it the engine.
parentPort!.on('message', async (job: Job) => {
  const contextFor = await contexts
  parentPort!.postMessage(runJob(contextFor(job.rows), job, meeting))
})
