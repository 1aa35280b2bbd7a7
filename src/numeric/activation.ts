/** The activations f: functions of one number, and nothing else about them is known. [ar-units] */

import { sigmoid, tanh } from './elementary.js'

/**
 * A unit's response to its input. It has no place for a derivative, and the algorithm never asks for one.
 * The result is rounded to binary32 by whoever calls it.
 */
export type Activation = (a: number) => number

const { fround } = Math

const sign: Activation = (a) => (a > 0 ? 1 : a < 0 ? -1 : a === 0 ? 0 : NaN)
const step: Activation = (a) => (a >= 0 ? 1 : a < 0 ? 0 : NaN)
const relu: Activation = (a) => (a > 0 ? a : a <= 0 ? 0 : NaN)
const relu6: Activation = (a) => (a > 6 ? 6 : relu(a))
/** LeCun's tanh. The constants are those of the released code. */
const LTANH_SIZE = fround(1.7159)
const LTANH_SLOPE = fround(2 / 3)
const ltanh: Activation = (a) => fround(LTANH_SIZE * tanh(fround(LTANH_SLOPE * a)))
const identity: Activation = (a) => a

/** The deterministic units by name. */
export const ACTIVATIONS = { tanh, sigmoid, relu, relu6, ltanh, sign, step, identity } as const

/** The stochastic threshold: 1 with probability sigmoid(a), for a draw u from [0, 1). [ar-stochastic] */
export const threshold = (a: number, u: number): number => (Number.isNaN(a) ? NaN : u < sigmoid(a) ? 1 : 0)
