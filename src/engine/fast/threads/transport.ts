/** Starting, reaching and ending workers: the only file that knows what a worker is made of. Tests put another in. */

import { existsSync } from 'node:fs'
import { Worker, type WorkerOptions } from 'node:worker_threads'

import type { Ended, Posted } from '../step/job.js'
import type { WorkerStart } from './worker.js'

/** A worker as its engine sees it. */
export interface Port {
  readonly post: (job: Posted) => void
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

/** Threads of Node, each started by `open`. One that is idle does not keep the process alive. */
const threadsBy =
  (open: (options: WorkerOptions) => Worker): Transport =>
  (start, { done, ended }) => {
    // flags of the main thread, such as --input-type, are not a worker's
    const worker = open({ workerData: start, name: `ptncn-${start.worker}`, execArgv: [] })
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

/** Threads that run the file at this path. */
export const threadsOf = (path: string): Transport => threadsBy((options) => new Worker(path, options))

/** Threads that run worker.ts: as built, or, where the sources run, by what lets a thread run sources too. */
export const threads: Transport = threadsBy((options) =>
  fromSources()
    ? new Worker(new URL('./worker-source.mjs', import.meta.url), options)
    : new Worker(new URL('./worker.js', import.meta.url), options),
)

const fromSources = (): boolean => import.meta.url.endsWith('.ts')

/** Whether the worker's file is where `threads` looks for it; in a bundle of one file it is not. */
export const hasThreads = (): boolean => {
  try {
    return existsSync(new URL(fromSources() ? './worker-source.mjs' : './worker.js', import.meta.url))
  } catch {
    // a bundle to CommonJS has no import.meta.url
    return false
  }
}
