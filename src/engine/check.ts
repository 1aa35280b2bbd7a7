/** What an engine refuses before anything runs. */

import { mismatch } from '../errors.js'
import { requireOptimizer } from '../ptncn/apply.js'
import type { Config } from '../ptncn/config.js'
import { requireInput, requireKey, requireState } from '../ptncn/state.js'
import { requireWeights } from '../ptncn/weights.js'
import type { Sequence, Snapshot } from './engine.js'

/** @throws ShapeError or NonFiniteError naming the first argument that does not fit */
export const requireRun = (config: Config, from: Snapshot, sequences: readonly Sequence[]): void => {
  requireWeights(config, from?.weights)
  requireOptimizer(config, from.optimizer)
  requireInputs(config, from, sequences)
}

/** `requireRun` for a model that was looked at before: state and inputs only. @throws as `requireRun` */
export const requireInputs = (config: Config, from: Snapshot, sequences: readonly Sequence[]): void => {
  if (from.state) requireState(config, from.state)
  let rows = from.state?.x.rows
  Array.from(sequences).forEach((sequence, i) => {
    rows = requireSequence(config, rows, sequence, `sequences[${i}]`)
    if (!sequence.open) rows = undefined
  })
}

/** The rows of the sequence; `rows` are those of an open one before it. */
const requireSequence = (config: Config, rows: number | undefined, sequence: Sequence, what: string): number => {
  const { inputs, continues, key } = sequence ?? {}
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw mismatch('ShapeError', `${what}.inputs`, 'at least one step', inputs?.length)
  }
  if (continues && rows === undefined) {
    throw mismatch('ShapeError', `${what}.continues`, 'an open sequence before it', 'none', 'give a snapshot with a state')
  }
  if (key !== undefined) requireKey(`${what}.key`, key)
  const expected: number = continues ? rows : inputs[0]?.x?.rows
  if (!(expected >= 1)) throw mismatch('ShapeError', `${what}.inputs[0].x`, 'at least 1 row', expected)
  inputs.forEach((input, t) => requireInput(config, expected, input, `${what}.inputs[${t}]`))
  return expected
}
