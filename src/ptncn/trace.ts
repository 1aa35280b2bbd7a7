/**
 * The trace of a step: the value of every equation, each under a permanent name made of the equation's identifier and
 * the symbol of its result in SPEC.md: `A1.a_1`, `P1.p_0^1` (pass 1), `L1.dW_2`, `O3.first.W_1`. [pr-trace]
 */

import type { Matrix } from '../numeric/matrix.js'
import { mapWeights, WEIGHT_NAMES, type WeightName, type Weights } from './weights.js'

/** Sees each value once, when it is computed; where there is none, nothing is named and nothing kept. */
export type Trace = (name: string, value: Matrix) => void

/** `C2.h_1^2`: the result of an equation for a level, in a pass of the settling; pass 0 is not written. */
export const traceName = (equation: string, symbol: string, l: number, pass = 0): string =>
  `${equation}.${symbol}_${l}${pass > 0 ? `^${pass}` : ''}`

/** `W_1`: a weight as SPEC.md names it; c has the number of the level that it is added to. [wt-shapes] */
export const weightLabel = (name: WeightName, l: number): string => `${name}_${name === 'c' ? l - 1 : l}`

/** Hands on each of the weights, updates or moments: `prefix` and the weight's label. */
export const traceWeights = (trace: Trace | undefined, prefix: string, weights: Weights): void => {
  if (!trace) return
  mapWeights((value, name, l) => {
    trace(prefix + weightLabel(name, l), value)
    return value
  }, weights)
}

/** The learning rule of each weight. */
const LEARNING: Readonly<Record<WeightName, string>> = { W: 'L1', E: 'L2', M: 'L3', V: 'L4', U: 'L5', b: 'L6', c: 'L6' }

/** `L1.dW_1`, the update of a weight. */
export const updateName = (name: WeightName, l: number): string => `${LEARNING[name]}.d${weightLabel(name, l)}`

/** Hands on the results of L1 to L6, one equation after another. */
export const traceUpdates = (trace: Trace | undefined, updates: Weights): void => {
  if (!trace) return
  for (const name of WEIGHT_NAMES) {
    updates.forEach((layer, i) => {
      if (layer[name]) trace(updateName(name, i + 1), layer[name])
    })
  }
}
