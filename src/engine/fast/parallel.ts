/**
 * The fast engine on several threads: the phases of step/phases.ts, each worker with its share, on one memory. This thread
 * computes nothing and never waits: it writes inputs, posts jobs, and reads measurements when all workers have answered.
 */

import { availableParallelism } from 'node:os'

import { PtncnError } from '../../errors.js'
import { callable, field, oneOf, requireField, whole } from '../../fields.js'
import type { Config } from '../../ptncn/config.js'
import { beginJob, createControl, stop } from './threads/barrier.js'
import { fastestWorkers, stepSeconds } from './threads/cost.js'
import { tunerOf, type Manner, type Tuner } from './threads/tuner.js'
import { isWide } from './kernels/wide.js'
import type { By } from './memory/shares.js'
import type { Division } from './step/context.js'
import type { Engine } from '../engine.js'
import { engineOn } from './lifecycle.js'
import type { SharedMemory } from './kernels/kernels.js'
import { firstEnd, type Ended, type Job, type Posted } from './step/job.js'
import { openSession } from './session.js'
import type { Backend } from './sequence.js'
import { hasThreads, threads, type Port, type Transport } from './threads/transport.js'
import { localBackend, requireWide, type WideOptions } from './wasm.js'

/** How many threads an engine has, and what they do. */
export interface ParallelOptions extends WideOptions {
  /** how many threads; `auto`, the default, is as many as pay, at most one for each core */
  readonly workers?: 'auto' | number
  /** what threads divide between them: layers, rows, or `auto`, the default: whatever, or one thread alone, is the fastest */
  readonly by?: 'auto' | By
  /** told once, in one line, where the threads that were asked for turn out slower than one alone */
  readonly onSlow?: (line: string) => void
  /** how workers are started and reached; tests put another in */
  readonly transport?: Transport
}

/** More than these nobody has cores for. */
const MOST_WORKERS = 256

const WORKERS = field<'auto' | number>(
  `"auto" or a whole number from 1 to ${MOST_WORKERS}`,
  (value) => value === 'auto' || whole(1, MOST_WORKERS).holds(value),
)

/**
 * The parallel engine of a configuration: the bits of the reference engine. What cannot be on other threads is computed
 * on the calling one, as by `wasmEngine`: a function of the caller's as activation, and everything where the file of the
 * workers is not beside this one, as in a bundle of one file.
 * @throws ConfigError where the configuration is none, or an option is none
 */
export const parallelEngine = (config: Config, options: ParallelOptions = {}): Engine => {
  const { workers = 'auto', by = 'auto', onSlow = () => {}, transport = threads, wide } = requireWide(options) as ParallelOptions
  requireField('ConfigError', 'workers', workers, WORKERS)
  requireField('ConfigError', 'by', by, oneOf('auto', 'layers', 'rows'))
  requireField('ConfigError', 'onSlow', onSlow, callable)
  let crew: Crew | undefined
  const open = async (rows: number) => {
    const count = workers === 'auto' ? fastestWorkers(config, rows, availableParallelism()) : workers
    const stays = typeof config.activation === 'function' || (transport === threads && !hasThreads())
    const kernels = await isWide(config, wide)
    if (stays || (workers === 'auto' && count === 1)) return openSession(config, localBackend(config), kernels)
    const told = workers === 'auto' ? () => {} : onSlow
    crew = createCrew(config, { count, by, onSlow: told, transport, wide: kernels })
    return openSession(config, crew.backend, kernels)
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

interface CrewOptions extends Required<Pick<ParallelOptions, 'by' | 'onSlow' | 'transport'>> {
  readonly count: number
  readonly wide: boolean
}

/** The workers of one engine. They live and die together: where one ends, all are ended, and the run with them. */
const createCrew = (config: Config, { count: workers, by, onSlow, transport, wide }: CrewOptions): Crew => {
  const control = createControl(workers <= availableParallelism())
  const here = localBackend(config, workers)
  const ways: readonly Division[] = by !== 'auto' ? [by] : workers === 1 ? ['layers'] : WAYS
  const tuned = tuning(config, ways, () => onSlow(slowLine(workers)))
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
        { config, memory, control, worker, workers, wide },
        { done: (ended) => answered(worker, ended), ended: (why) => void endAll(ending(worker, workers, why)) },
      ),
    )
  }

  const answered = (worker: number, ended: Ended): void => {
    if (!pending) return
    pending.waiting.delete(worker)
    pending.ended = pending.ended ? firstEnd(pending.ended, ended) : ended
    if (pending.waiting.size > 0) return
    const { resolve, ended: first } = pending
    pending = undefined
    resolve(first)
  }

  const post = (job: Posted, memory: SharedMemory): Promise<Ended> =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken)
      if (ports.length === 0) start(memory)
      beginJob(control)
      pending = { waiting: new Set(ports.keys()), ended: undefined, resolve, reject }
      for (const port of ports) port.post(job)
    })

  const run: Backend['run'] = (job, memory, kernels) =>
    tuned.run(job, async (manner) =>
      manner.by === 'alone' ? here.run(job, memory, kernels) : post({ ...job, ...manner }, memory),
    )

  return {
    backend: { workers, run, longest: tuned.longest },
    dismiss: () => endAll(new PtncnError('EngineError', 'the engine was disposed of while it ran', 'parallel')),
  }
}

/** All ways of doing a job, one alone first. */
const WAYS: readonly Division[] = ['alone', 'rows', 'layers']

/** What one alone takes for a trial, about: long beside a message, and short beside a run of a second. */
const TRIAL_SECONDS = 0.03

const slowLine = (workers: number): string =>
  `${workers} workers keep each other waiting, as the cores are busy or the network is small; one thread goes on alone while that is so`

/** Does each job in the way that has been the fastest for jobs of its kind; `slow` is called the first time that is one alone. */
const tuning = (config: Config, ways: readonly Division[], slow: () => void) => {
  const tuners = { train: tunerOf(ways, TRIAL_SECONDS), evaluate: tunerOf(ways, TRIAL_SECONDS) }
  const tunerFor = (learning: boolean): Tuner => tuners[learning ? 'train' : 'evaluate']
  let [told, started] = [false, false]
  const run = async (job: Job, doIt: (manner: Manner) => Promise<Ended>): Promise<Ended> => {
    const tuner = tunerFor(job.learning)
    const perStep = stepSeconds(config, job.rows, 1)
    const manner = tuner.next(job.steps * perStep)
    const begin = performance.now()
    const ended = await doIt(manner)
    const end = performance.now()
    const starts = manner.by !== 'alone' && !started
    started ||= starts
    // a job for which threads start says nothing of the next one, nor does one whose steps come before those that learn
    const usual = !starts && (!job.learning || job.t + job.steps / 2 > config.learnFrom)
    if (usual) tuner.took(manner.by, job.steps * perStep, ended.done * perStep, end - begin, end)
    if (!told && tuner.chosen() === 'alone') {
      told = true
      slow()
    }
    return ended
  }
  const longest: Backend['longest'] = (rows, learning) => Math.ceil(tunerFor(learning).longest() / stepSeconds(config, rows, 1))
  return { run, longest }
}

const ending = (worker: number, workers: number, why: string): PtncnError =>
  new PtncnError(
    'EngineError',
    `worker ${worker} of ${workers} ${why}; the run is lost and all workers are stopped: begin again from the last snapshot`,
    why,
  )
