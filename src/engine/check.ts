/** What an engine refuses before anything runs. */

import { mismatch } from '../errors.js'
import { requireOptimizer } from '../optim/optimizer.js'
import type { Config } from '../ptncn/config.js'
import { requireInput, requireState } from '../ptncn/state.js'
import { requireWeights } from '../ptncn/weights.js'
import type { Sequence, Snapshot } from './engine.js'

/** @throws ShapeError or NonFiniteError naming the first argument that does not fit */
export const requireRun = (config: Config, from: Snapshot, sequences: readonly Sequence[]): void => {
  requireWeights(config, from.weights)
  requireOptimizer(config, from.optimizer)
  if (from.state) requireState(config, from.state)
  let rows = from.state?.x.rows
  sequences.forEach(({ inputs, continues, open }, i) => {
    const what = `sequences[${i}]`
    if (inputs.length === 0) throw mismatch('ShapeError', `${what}.inputs`, 'at least one step', 0)
    if (continues && rows === undefined) {
      throw mismatch('ShapeError', `${what}.continues`, 'an open sequence before it', 'none', 'give a snapshot with a state')
    }
    if (!continues) rows = inputs[0]!.x.rows
    inputs.forEach((input, t) => requireInput(config, rows!, input, `${what}.inputs[${t}]`))
    if (!open) rows = undefined
  })
}
