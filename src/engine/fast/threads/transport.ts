/** Starting, reaching and ending workers: the only file that knows what a worker is made of. Tests put another in. */

import { Worker } from 'node:worker_threads'

import type { Config } from '../../../ptncn/config.js'
import type { SharedMemory } from '../kernels/kernels.js'
import type { Ended, Job } from '../step/job.js'

/** What a worker begins with. */
export interface WorkerStart {
  readonly config: Config
  readonly memory: SharedMemory
  readonly control: Int32Array
  readonly worker: number
  readonly workers: number
}

/** A worker as its engine sees it. */
export interface Port {
  readonly post: (job: Job) => void
  /** ends the thread; resolves when it has ended */
  readonly terminate: () => Promise<unknown>
}

export interface Listener {
  /** the worker has done its share of the job that was posted last */
  readonly done: (ended: Ended) => void
  /** the worker is no more, and why; at most once */
  readonly ended: (why: string) => void
}

export type Transport = (start: WorkerStart, listener: Listener) => Port

/** The worker's file beside this one: as built, or, where the sources run, what lets a thread run sources too. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker-source.mjs' : './worker.js', import.meta.url)

/** Threads of Node that run a file. One that is idle does not keep the process alive. */
export const threadsOf =
  (file: URL): Transport =>
  (start, { done, ended }) => {
    const worker = new Worker(file, { workerData: start, name: `ptncn-${start.worker}` })
    worker.unref()
    worker.on('message', (message: Ended) => {
      worker.unref()
      done(message)
    })
    worker.on('error', (error) => ended(`threw: ${error.message}`))
    worker.on('exit', (code) => ended(`exited with code ${code}`))
    return {
      post: (job) => {
        worker.ref()
        worker.postMessage(job)
      },
      terminate: () => worker.terminate(),
    }
  }

/** Threads that run worker.ts. */
export const threads: Transport = threadsOf(WORKER)
