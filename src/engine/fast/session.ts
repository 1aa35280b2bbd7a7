/**
 * What the fast engines share: values in, jobs to whoever computes them, values out. A session owns a memory; it says
 * what to compute, and where a job is run, on this thread or on others, is its backend's.
 */

import type { Config } from '../../ptncn/config.js'
import type { Measurement, Outcome, RunOptions, Sequence, Snapshot } from '../engine.js'
import { allowsLeavingOut } from './memory/ended.js'
import { modelLayout, signalLayout, type SignalLayout } from './memory/layout.js'
import { planShares } from './memory/shares.js'
import { readModel, writeModel, type Store } from './memory/transfer.js'
import { createMemory, growTo, instantiate, type SharedMemory } from './kernels/kernels.js'
import { runSequence, type Backend, type Held, type Rows } from './sequence.js'

/** A run stopped being finite, at a step of a sequence of the call; the session has forgotten what it held. */
export interface Diverged {
  readonly sequence: number
  readonly step: number
}

export type Result = { readonly outcome: Outcome } | { readonly diverged: Diverged }

export interface Session {
  readonly memory: SharedMemory
  readonly run: (from: Snapshot, sequences: readonly Sequence[], options: RunOptions, learning: boolean) => Promise<Result>
  /** whether this is the very model that the session holds, so that it need not be looked at again */
  readonly holds: (from: Snapshot) => boolean
}

/** @param wide which kernels, see kernels/wide.ts */
export const openSession = async (config: Config, backend: Backend, wide = false): Promise<Session> => {
  const model = modelLayout(config)
  const memory = createMemory(model.end)
  const kernels = await instantiate(memory, wide)
  const layouts = new Map<number, SignalLayout>()
  let held: Held | undefined

  const rowsOf = (rows: number): Rows => {
    let layout = layouts.get(rows)
    if (!layout) {
      const { scratch } = planShares(config, rows, backend.workers, 'layers', model)
      layouts.set(rows, (layout = signalLayout(config, model, rows, backend.workers, scratch)))
    }
    growTo(memory, layout.end)
    return { layout, store: { kernels, floats: new Float32Array(memory.buffer), staging: layout.workers[0]!.scratch } }
  }

  const load = (from: Snapshot, { store }: Rows): Held => {
    const { weights, optimizer } = from
    if (held?.weights === weights && held.optimizer === optimizer) return held
    writeModel(store, model, weights, optimizer)
    const { power1, power2, sum } = optimizer
    return { weights, optimizer, power1, power2, summed: sum !== undefined, small: allowsLeavingOut(config, weights) }
  }

  const runAll = async (
    from: Snapshot,
    sequences: readonly Sequence[],
    options: RunOptions,
    learning: boolean,
  ): Promise<Result> => {
    const measurements: Measurement[] = []
    let state = from.state
    let current: Held | undefined
    let last: Rows | undefined
    for (const [index, sequence] of sequences.entries()) {
      const rows = (last = rowsOf((sequence.continues ? state!.x : sequence.inputs[0]!.x).rows))
      current ??= load(from, rows)
      if (!sequence.continues) current = abandonSum(current)
      held = undefined
      const done = await runSequence({ config, backend, memory, rowsOf, held: current, options, learning }, sequence, state)
      if ('diverged' in done) return { diverged: { sequence: index, step: done.diverged } }
      state = done.state
      measurements.push(done.measurement)
    }
    if (!current || !last) return { outcome: { snapshot: from, measurements } }
    held = settle(current, last.store)
    const snapshot = { weights: held.weights!, optimizer: held.optimizer!, ...(state && { state }) }
    return { outcome: { snapshot, measurements } }
  }

  /** The values of what stands in memory: the old ones where nothing has learned. */
  const settle = (current: Held, store: Store): Held => {
    if (current.weights && current.optimizer) return current
    const { first, second } = model.all[0]!
    const { power1, power2, summed } = current
    return { ...current, ...readModel(store, model, { first: first > 0, second: second > 0, sum: summed }, { power1, power2 }) }
  }

  return {
    memory,
    run: (from, sequences, options, learning) => runAll(from, sequences, options, learning),
    holds: (from) => held !== undefined && held.weights === from?.weights && held.optimizer === from.optimizer,
  }
}

/** A sequence that begins anew leaves behind what an open one before it had summed up. [sq-update] */
const abandonSum = (held: Held): Held => {
  if (!held.summed) return held
  const { sum: _, ...optimizer } = held.optimizer ?? { power1: 0, power2: 0 }
  return { ...held, summed: false, optimizer: held.optimizer && optimizer }
}
