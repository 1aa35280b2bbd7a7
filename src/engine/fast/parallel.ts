/**
 * The fast engine on several threads: the phases of step/phases.ts, each worker with its share, on one memory. This thread
 * computes nothing and never waits: it writes inputs, posts jobs, and reads measurements when all workers have answered.
 */

import { availableParallelism } from 'node:os'

import { mismatch, PtncnError } from '../../errors.js'
import { record, requireField } from '../../fields.js'
import type { Config } from '../../ptncn/config.js'
import { createControl, forgetFailure, stop } from './threads/barrier.js'
import { fastestWorkers } from './threads/cost.js'
import type { Engine } from '../engine.js'
import { engineOn } from './lifecycle.js'
import type { SharedMemory } from './kernels/kernels.js'
import type { Ended, Job } from './step/job.js'
import { openSession, type Backend } from './session.js'
import { hasThreads, threads, type Port, type Transport } from './threads/transport.js'
import { localBackend } from './wasm.js'

/** How many threads an engine has. */
export interface ParallelOptions {
  /** how many threads; `auto`, the default, is as many as pay, at most one for each core */
  readonly workers?: 'auto' | number
  /** how workers are started and reached; tests put another in */
  readonly transport?: Transport
}

/** More than these nobody has cores for. */
const MOST_WORKERS = 256

/**
 * The parallel engine of a configuration: the bits of the reference engine. What cannot be on other threads is computed
 * on the calling one, as by `wasmEngine`: a function of the caller's as activation, and everything where the file of the
 * workers is not beside this one, as in a bundle of one file.
 * @throws ConfigError where the configuration is none, or unless `workers` is `auto` or a whole number from 1 to 256
 */
export const parallelEngine = (config: Config, options: ParallelOptions = {}): Engine => {
  const { workers = 'auto', transport = threads } = requireField('ConfigError', 'options', options, record) as ParallelOptions
  if (workers !== 'auto' && !(Number.isInteger(workers) && workers >= 1 && workers <= MOST_WORKERS)) {
    throw mismatch('ConfigError', 'workers', `"auto" or a whole number from 1 to ${MOST_WORKERS}`, workers)
  }
  let crew: Crew | undefined
  const open = (rows: number) => {
    const count = workers === 'auto' ? fastestWorkers(config, rows, availableParallelism()) : workers
    const stays = typeof config.activation === 'function' || (transport === threads && !hasThreads())
    if (stays || (workers === 'auto' && count === 1)) return openSession(config, localBackend(config))
    crew = createCrew(config, count, transport)
    return openSession(config, crew.backend)
  }
  return engineOn('parallel', config, open, async () => crew?.dismiss())
}

interface Crew {
  readonly backend: Backend
  readonly dismiss: () => Promise<void>
}

/** A job that is being done: who has not answered yet, and whom to tell. */
interface Pending {
  readonly waiting: Set<number>
  ended: Ended | undefined
  readonly resolve: (ended: Ended) => void
  readonly reject: (error: PtncnError) => void
}

/** The workers of one engine. They live and die together: where one ends, all are ended, and the run with them. */
const createCrew = (config: Config, workers: number, transport: Transport): Crew => {
  const control = createControl(workers <= availableParallelism())
  let ports: readonly Port[] = []
  let pending: Pending | undefined
  let broken: PtncnError | undefined

  const endAll = async (error: PtncnError): Promise<void> => {
    if (broken) return
    broken = error
    stop(control)
    await Promise.all(ports.map((port) => port.terminate()))
    pending?.reject(error)
    pending = undefined
  }

  const start = (memory: SharedMemory): void => {
    ports = Array.from({ length: workers }, (_, worker) =>
      transport(
        { config, memory, control, worker, workers },
        { done: (ended) => answered(worker, ended), ended: (why) => void endAll(ending(worker, workers, why)) },
      ),
    )
  }

  const answered = (worker: number, ended: Ended): void => {
    if (!pending) return
    pending.waiting.delete(worker)
    pending.ended ??= ended
    if (pending.waiting.size > 0) return
    const { resolve, ended: first } = pending
    pending = undefined
    resolve(first)
  }

  const run = (job: Job, memory: SharedMemory): Promise<Ended> =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken)
      if (ports.length === 0) start(memory)
      forgetFailure(control)
      pending = { waiting: new Set(ports.keys()), ended: undefined, resolve, reject }
      for (const port of ports) port.post(job)
    })

  return {
    backend: { workers, run: (job, _layout, memory) => run(job, memory) },
    dismiss: () => endAll(new PtncnError('EngineError', 'the engine was disposed of while it ran', 'parallel')),
  }
}

const ending = (worker: number, workers: number, why: string): PtncnError =>
  new PtncnError(
    'EngineError',
    `worker ${worker} of ${workers} ${why}; the run is lost and all workers are stopped: begin again from the last snapshot`,
    why,
  )
