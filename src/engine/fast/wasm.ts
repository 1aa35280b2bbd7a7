/** The fast engine of one thread: compiled kernels, the reference engine's bits. Runs wherever WebAssembly has SIMD. */

import { flag, optional, record, requireField, requireFields } from '../../fields.js'
import type { Config } from '../../ptncn/config.js'
import { contextsOf } from './step/context.js'
import type { Engine } from '../engine.js'
import { engineOn } from './lifecycle.js'
import { isWide } from './kernels/wide.js'
import { runJob, type Meeting } from './step/job.js'
import { openSession } from './session.js'
import type { Backend } from './sequence.js'

/** Nobody to meet. */
const alone = (): Meeting => {
  let failure = -1
  return {
    meet: () => {},
    fail: (step) => void (failure = step),
    failed: (step) => failure === step,
    tire: () => {},
    tired: () => false,
  }
}

/** Jobs on the calling thread, in a memory that is laid out for so many workers. */
export const localBackend = (config: Config, workers = 1): Backend => {
  let contexts: ReturnType<typeof contextsOf> | undefined
  return {
    workers,
    run: (job, memory, kernels) => {
      contexts ??= contextsOf(config, kernels, memory, 0, workers)
      return runJob(contexts(job.rows, 'alone'), job, alone())
    },
  }
}

/** What an engine may do that is not to everybody's taste. */
export interface WideOptions {
  /**
   * whether the process may have the experimental switch of the runtime that the wide kernels need; where nothing is said,
   * only with PTNCN_WIDE=1 in the environment, and never with PTNCN_WIDE=0
   */
  readonly wide?: boolean
}

/** @throws ConfigError */
export const requireWide = (options: WideOptions): WideOptions => {
  requireField('ConfigError', 'options', options, record)
  requireFields('ConfigError', 'options', options, { wide: optional(flag) })
  return options
}

/** The WebAssembly engine of a configuration, on the calling thread. @throws ConfigError */
export const wasmEngine = (config: Config, options: WideOptions = {}): Engine => {
  const { wide } = requireWide(options)
  return engineOn('wasm', config, async () => openSession(config, localBackend(config), await isWide(config, wide)))
}
