/** Many steps at once, by the WebAssembly engine: whole sequences, and the pieces at the ends of a stretch. */

import { flatten, nest, type Situation } from '../conform/scenario.js'
import type { Engine, Sequence, Snapshot } from '../engine/engine.js'
import { keyOf, split } from '../numeric/random.js'
import type { Config } from '../ptncn/config.js'
import { initialState, inputOf } from '../ptncn/state.js'
import type { At, Source } from './sources.js'

/** A stretch of steps from a place: the sequences that it touches, and where it ends. */
export const stretch = (
  source: Source,
  from: At,
  steps: number,
  seed: number,
): { readonly sequences: readonly Sequence[]; readonly to: At } => {
  const sequences: Sequence[] = []
  let [at, left] = [from, steps]
  while (left > 0) {
    const all = source.sequence(at.sequence)
    const inputs = all.slice(at.step, at.step + left).map((x) => inputOf(x))
    const end = at.step + inputs.length
    const open = end < all.length
    sequences.push({
      inputs,
      key: split(keyOf(seed), at.sequence),
      ...(at.step > 0 && { continues: true }),
      ...(open && { open }),
    })
    left -= inputs.length
    at = open ? { sequence: at.sequence, step: end } : { sequence: at.sequence + 1, step: 0 }
  }
  return { sequences, to: at }
}

/** A situation as an engine takes it: without a state where the next step begins a sequence. */
export const snapshotOf = (config: Config, situation: Situation, at: At): Snapshot => {
  const { state, model } = nest(config, situation)
  return { ...model, ...(at.step > 0 && { state }) }
}

export const situationOf = (config: Config, { state, ...model }: Snapshot): Situation =>
  flatten(state ?? initialState(config, 1), model)

/** Runs a stretch. */
export const runStretch = async (
  engine: Engine,
  source: Source,
  from: Snapshot,
  at: At,
  steps: number,
  seed: number,
  learning: boolean,
  predictions = false,
) => {
  const { sequences, to } = stretch(source, at, steps, seed)
  const run = learning ? engine.train : engine.evaluate
  const { snapshot, measurements } = await run(from, sequences, { predictions })
  return { snapshot, measurements, sequences, to }
}
