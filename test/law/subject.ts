/**
 * What a law is about: the pure functions of the algorithm, or an engine. A law takes either as its argument.
 */

import type { Engine, Outcome, Sequence, Snapshot } from '../../src/engine/engine.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { referenceEngine, type Equations } from '../../src/engine/reference.js'
import { PtncnError } from '../../src/errors.js'
import { applyUpdates, endSequence, initialOptimizer, reduce } from '../../src/ptncn/apply.js'
import type { Config } from '../../src/ptncn/config.js'
import { score } from '../../src/ptncn/scores.js'
import { infer, step } from '../../src/ptncn/step.js'
import type { Network } from '../support/arbitraries.js'

/** The algorithm as pure functions. */
export interface Subject extends Equations {
  readonly reduce: typeof reduce
}

export const reference: Subject = { step, infer, reduce, applyUpdates, endSequence, score }

/** How to get an engine of a configuration; a law disposes of each that it asked for. */
export type EngineOf = (config: Config) => Engine | Promise<Engine>

export const referenceOf: EngineOf = (config) => referenceEngine(config)

/** The reference engine on a subject's equations: by it each negative control meets the engines' laws. */
export const engineFrom =
  (subject: Subject): EngineOf =>
  (config) =>
    referenceEngine(config, subject)

/** The engines that have to keep every law; a new one is put in here. */
export const ENGINES: Readonly<Record<string, EngineOf>> = { 'reference engine': referenceOf, 'wasm engine': wasmEngine }

/** Runs with an engine, and gives it back. */
export const withEngine = async <Result>(
  engineOf: EngineOf,
  config: Config,
  use: (engine: Engine) => Promise<Result>,
): Promise<Result> => {
  const engine = await engineOf(config)
  try {
    return await use(engine)
  } finally {
    await engine.dispose()
  }
}

/** The outcome of a run; a divergence, which is as much a result as any, as its value. */
export type Ended = { readonly outcome: Outcome } | { readonly divergence: unknown }

export const ended = async (run: Promise<Outcome>): Promise<Ended> => {
  try {
    return { outcome: await run }
  } catch (error) {
    if (error instanceof PtncnError && error.name === 'DivergenceError') return { divergence: error.value }
    throw error
  }
}

/** A network as the snapshot of an open sequence. */
export const snapshotOf = ({ config, weights, state }: Network): Snapshot => ({
  weights,
  optimizer: initialOptimizer(config),
  state,
})

/** The inputs of a network as a piece that goes on from its snapshot, and is left open. */
export const pieceOf = ({ inputs }: Pick<Network, 'inputs'>): Sequence => ({ inputs, continues: true, open: true })

/** A copy that shares no memory. */
export const copied = <Value>(value: Value): Value => structuredClone(value)

/** A network without the text that it prints as. */
export const plain = ({ config, weights, state, inputs }: Network) => ({ config, weights, state, inputs })
