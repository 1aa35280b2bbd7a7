/** The engines that are measured. */

import type { Engine } from '../../src/engine/engine.js'
import { parallelEngine } from '../../src/engine/fast/parallel.js'
import { referenceEngine } from '../../src/engine/reference.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import type { Config } from '../../src/ptncn/config.js'

export interface MeasuredEngine {
  readonly name: string
  /** threads that it may use */
  readonly threads: number
  readonly make: (config: Config) => Engine
  /** multiply-adds of a step above which it is left out, as it would take minutes */
  readonly largest: number
}

export const REFERENCE: MeasuredEngine = { name: 'reference', threads: 1, make: referenceEngine, largest: 1e7 }
export const WASM: MeasuredEngine = { name: 'wasm', threads: 1, make: wasmEngine, largest: Infinity }
export const PARALLEL: MeasuredEngine = {
  name: 'parallel, 2 workers',
  threads: 2,
  largest: Infinity,
  make: (config) => parallelEngine(config, { workers: 2 }),
}
/** The one that the ratios are of: what a user gets without choosing. */
export const OURS: MeasuredEngine = {
  name: 'parallel, auto',
  threads: 2,
  largest: Infinity,
  make: (config) => parallelEngine(config, { workers: 'auto' }),
}

export const ENGINES: readonly MeasuredEngine[] = [OURS, PARALLEL, WASM, REFERENCE]
