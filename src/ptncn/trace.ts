/**
 * The trace of a step: the result of every equation has a permanent name made of the equation's identifier and its
 * symbol in SPEC.md: `A1.a_1`, `P1.p_0^1` (pass 1), `L1.dW_2`, `O3.first.W_1`. [pr-trace]
 */

import type { Matrix } from '../numeric/matrix.js'
import { weightLabel, type WeightName } from './weights.js'

/**
 * Sees the result of an equation once, when it is computed, and gives what is to stand in its place from there on:
 * the value itself, where it only looks.
 */
export type See = (name: string, value: Matrix) => Matrix

/** Nobody looks. */
export const unseen: See = (_name, value) => value

/** A scalar as a trace has it, 1 x 1. */
export const scalar = (value: number): Matrix => ({ rows: 1, cols: 1, data: Float32Array.of(value) })

/** The learning rule of each weight. */
const LEARNING: Readonly<Record<WeightName, string>> = { W: 'L1', E: 'L2', M: 'L3', V: 'L4', U: 'L5', b: 'L6', c: 'L6' }

/** `L1.dW_1`, the update of a weight. */
export const updateName = (name: WeightName, l: number): string => `${LEARNING[name]}.d${weightLabel(name, l)}`
