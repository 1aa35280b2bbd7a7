/** What an engine refuses before anything runs. */

import { mismatch } from '../errors.js'
import { requireModel } from '../ptncn/apply.js'
import type { Config } from '../ptncn/config.js'
import { requireKey } from '../numeric/random.js'
import { requireInput, requireState } from '../ptncn/state.js'
import type { Sequence, Snapshot } from './engine.js'

/** @throws ShapeError or NonFiniteError naming the first argument that does not fit */
export const requireRun = (config: Config, from: Snapshot, sequences: readonly Sequence[]): void => {
  requireModel(config, from, 'snapshot')
  requireInputs(config, from, sequences)
}

/** `requireRun` for a model that was looked at before: state and inputs only. @throws as `requireRun` */
export const requireInputs = (config: Config, from: Snapshot, sequences: readonly Sequence[]): void => {
  if (from.state) requireState(config, from.state)
  requireSequences(config.units[0]!, from.state?.x.rows, sequences)
}

/**
 * Sequences of inputs of `width` numbers; `openRows` are the rows of a sequence that was left open before them.
 * @throws ShapeError or NonFiniteError
 */
export const requireSequences = (width: number, openRows: number | undefined, sequences: readonly Sequence[]): void => {
  if (!Array.isArray(sequences)) throw mismatch('ShapeError', 'sequences', 'a list of sequences', sequences, 'as in [{ inputs }]')
  let rows = openRows
  Array.from(sequences as readonly Sequence[]).forEach((sequence, i) => {
    rows = requireSequence(width, rows, sequence, `sequences[${i}]`)
    if (!sequence.open) rows = undefined
  })
}

/** The rows of the sequence; `rows` are those of an open one before it. */
const requireSequence = (width: number, rows: number | undefined, sequence: Sequence, what: string): number => {
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
  inputs.forEach((input, t) => requireInput(width, expected, input, `${what}.inputs[${t}]`))
  return expected
}
