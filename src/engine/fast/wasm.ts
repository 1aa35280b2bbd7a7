/** The fast engine of one thread: compiled kernels, the reference engine's bits. Runs wherever WebAssembly has SIMD. */

import type { Config } from '../../ptncn/config.js'
import { contextsOf, type Context } from './step/context.js'
import type { Engine } from '../engine.js'
import { engineOn } from './lifecycle.js'
import { runJob, type Meeting } from './step/job.js'
import { openSession, type Backend } from './session.js'

/** Nobody to meet. */
const alone = (): Meeting => {
  let failure = -1
  return { meet: () => {}, fail: (step) => void (failure = step), failed: (step) => failure === step }
}

/** Jobs on the calling thread. */
export const localBackend = (config: Config): Backend => {
  let contexts: ((rows: number) => Context) | undefined
  return {
    workers: 1,
    run: (job, _layout, memory, kernels) => {
      contexts ??= contextsOf(config, kernels, memory, 0, 1)
      return runJob(contexts(job.rows), job, alone())
    },
  }
}

/** The WebAssembly engine of a configuration, on the calling thread. @throws ConfigError */
export const wasmEngine = (config: Config): Engine => engineOn('wasm', config, () => openSession(config, localBackend(config)))
