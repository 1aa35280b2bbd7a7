/** The contexts of one worker, made once for each number of rows and again where the memory has grown. */

import type { Config } from '../../../ptncn/config.js'
import { modelLayout, signalLayout, type ModelLayout } from '../memory/layout.js'
import type { Kernels, SharedMemory } from '../kernels/kernels.js'
import type { Context } from './phases.js'
import { planShares } from '../memory/shares.js'

/** Gives the context of worker number `worker` of `workers` for a batch of `rows` rows. */
export const contextsOf = (
  config: Config,
  kernels: Kernels,
  memory: SharedMemory,
  worker: number,
  workers: number,
  model: ModelLayout = modelLayout(config),
): ((rows: number) => Context) => {
  const { rate, momentum, beta1, beta2, decay, epsilon } = config
  kernels.setOptimizer(rate, momentum, beta1, beta2, decay, epsilon)
  const made = new Map<number, Context>()
  return (rows) => {
    const old = made.get(rows)
    if (old && old.floats.buffer === memory.buffer) return old
    const { shares, cuts, scratch } = planShares(config, rows, workers, model)
    const signals = signalLayout(config, model, rows, workers, scratch)
    // another thread may have made the memory grow: asking for nothing more makes this one see it
    if (memory.buffer.byteLength < signals.end) memory.grow(0)
    const context: Context = {
      config,
      kernels,
      model,
      cuts,
      worker,
      share: shares[worker]!,
      signals,
      floats: new Float32Array(memory.buffer),
      words: new Int32Array(memory.buffer),
    }
    made.set(rows, context)
    return context
  }
}
