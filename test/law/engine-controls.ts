/** Negative controls of the laws about engines: the reference engine with one thing wrong. */

import type { Outcome, Snapshot } from '../../src/engine/engine.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import type { Config } from '../../src/ptncn/config.js'
import { referenceOf, type EngineOf } from './subject.js'

/** The snapshots of open sequences changed on their way out. */
const losing =
  (lose: (snapshot: Snapshot) => Snapshot): EngineOf =>
  async (config) => {
    const engine = await referenceOf(config)
    const changed = async (run: Promise<Outcome>): Promise<Outcome> => {
      const outcome = await run
      return outcome.snapshot.state ? { ...outcome, snapshot: lose(outcome.snapshot) } : outcome
    }
    return {
      ...engine,
      train: (...given) => changed(engine.train(...given)),
      evaluate: (...given) => changed(engine.evaluate(...given)),
    }
  }

const cleared = (layers: readonly Matrix[]): readonly Matrix[] =>
  layers.map((a) => ({ ...a, data: new Float32Array(a.data.length) }))

/** Stopping loses the step number. */
export const losesTime = losing((snapshot) => ({ ...snapshot, state: { ...snapshot.state!, t: 0 } }))

/** Stopping loses the uncorrected states. */
export const losesZ = losing((snapshot) => ({ ...snapshot, state: { ...snapshot.state!, z: cleared(snapshot.state!.z) } }))

/** Stopping loses the sum of an open sequence. */
export const losesSum = losing(({ optimizer: { sum: _sum, ...optimizer }, ...snapshot }) => ({ ...snapshot, optimizer }))

/** Stopping loses the velocity. */
export const losesVelocity = losing((snapshot) => {
  const { first, ...optimizer } = snapshot.optimizer
  return {
    ...snapshot,
    optimizer: { ...optimizer, ...(first && { first: first.map((layer) => ({ ...layer, V: cleared([layer.V])[0]! })) }) },
  }
})

/** Another configuration than the one that was asked for. */
export const misconfigured =
  (change: (config: Config) => Config): EngineOf =>
  (config) =>
    referenceOf(change(config))

/** A correction one unit in the last place too large. */
export const lastPlace = misconfigured((config) => ({ ...config, beta: Math.fround(config.beta * (1 + 2 ** -23)) }))
