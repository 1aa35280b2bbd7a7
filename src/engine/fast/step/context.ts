/** What a worker knows, and which step it does; a context is made once for each number of rows. */

import type { Key } from '../../../numeric/random.js'
import type { Config } from '../../../ptncn/config.js'
import type { Kernels, SharedMemory } from '../kernels/kernels.js'
import { modelLayout, signalLayout, type ModelLayout, type SignalLayout } from '../memory/layout.js'
import { planShares, type By, type Share } from '../memory/shares.js'

/** How a job is done: by all workers, or by one alone on the same memory. */
export type Division = By | 'alone'

/** All that a worker knows, for one number of rows and one division. */
export interface Context {
  readonly config: Config
  readonly kernels: Kernels
  readonly model: ModelLayout
  readonly signals: SignalLayout
  readonly share: Share
  /** what the workers divide between them; one alone has nothing to divide */
  readonly by: Division
  /** whether the norm of a weight is known only after an exchange: it is cut, see shares.ts, and clipped */
  readonly cuts: boolean
  readonly worker: number
  readonly floats: Float32Array
  readonly words: Int32Array
}

/** Which step is being done. */
export interface Frame {
  readonly slot: number
  /** rows of the batch, see Job */
  readonly batch: number
  /** where this step writes its state; it reads the other as [t-1] */
  readonly turn: 0 | 1
  readonly t: number
  readonly key: Key
  readonly learns: boolean
  readonly scores: boolean
  /** this update is the first of a sum of updates */
  readonly begins: boolean
  readonly power1: number
  readonly power2: number
}

/** Gives the context of worker number `worker` of `workers`, or of one alone, for a batch of `rows` rows. */
export const contextsOf = (
  config: Config,
  kernels: Kernels,
  memory: SharedMemory,
  worker: number,
  workers: number,
  model: ModelLayout = modelLayout(config),
): ((rows: number, by: Division) => Context) => {
  const { rate, momentum, beta1, beta2, decay, epsilon } = config
  kernels.setOptimizer(rate, momentum, beta1, beta2, decay, epsilon)
  const made = new Map<string, Context>()
  return (rows, by) => {
    const old = made.get(`${rows} ${by}`)
    if (old && old.floats.buffer === memory.buffer) return old
    const { scratch } = planShares(config, rows, workers, 'layers', model)
    const signals = signalLayout(config, model, rows, workers, scratch)
    const { shares, cuts } =
      by === 'alone' ? planShares(config, rows, 1, 'layers', model) : planShares(config, rows, workers, by, model)
    // another thread may have made the memory grow: asking for nothing more makes this one see it
    if (memory.buffer.byteLength < signals.end) memory.grow(0)
    const context: Context = {
      config,
      kernels,
      model,
      by,
      cuts: cuts && config.clip > 0,
      worker,
      share: shares[worker]!,
      signals,
      floats: new Float32Array(memory.buffer),
      words: new Int32Array(memory.buffer),
    }
    made.set(`${rows} ${by}`, context)
    return context
  }
}
