/**
 * The trace of a step: the result of every equation has a permanent name made of the equation's identifier and its
 * symbol in SPEC.md: `A1.a_1`, `P1.p_0^1` (pass 1), `L1.dW_2`, `O3.first.W_1`. [pr-trace]
 */

import { callable, requireField } from '../fields.js'
import { requireShape, type Matrix } from '../numeric/matrix.js'
import { weightLabel, type WeightName } from './weights.js'

/**
 * Sees the result of an equation once, when it is computed, and gives what is to stand in its place from there on, of the
 * same shape: the value itself, where it only looks. Names are equation, symbol, level and pass: `A1.a_1`, `C1.e_0^1`
 * (the error of pass 1), `L1.dW_2`, `O3.W_1`; [pr-trace] lists all.
 */
export type See = (name: string, value: Matrix) => Matrix

/** Nobody looks. */
export const unseen: See = (_name, value) => value

/** Whoever looks on, held to giving a matrix for a matrix. @throws ShapeError */
export const requireSee = (see: See): See => {
  if (see === unseen) return see
  requireField('ShapeError', 'see', see, callable)
  return (name, value) => {
    const put = see(name, value)
    requireShape(`see("${name}")`, put, value.rows, value.cols)
    return put
  }
}

/** A scalar as a trace has it, 1 x 1. */
export const scalar = (value: number): Matrix => ({ rows: 1, cols: 1, data: Float32Array.of(value) })

/** The learning rule of each weight. */
const LEARNING: Readonly<Record<WeightName, string>> = { W: 'L1', E: 'L2', M: 'L3', V: 'L4', U: 'L5', b: 'L6', c: 'L6' }

/** `L1.dW_1`, the update of a weight. */
export const updateName = (name: WeightName, l: number): string => `${LEARNING[name]}.d${weightLabel(name, l)}`
