/** f and g on values of a graph. What chooses is written so that NaN stays NaN. [ar-units] [ar-sigmoid] */

import { mismatch } from '../../errors.js'
import type { Config } from '../../ptncn/config.js'
import {
  abs,
  add,
  choose,
  divide,
  exp,
  greater,
  less,
  lessOrEqual,
  multiply,
  negate,
  number,
  scale,
  subtract,
} from './algebra.js'
import type { Build, Value } from './build.js'

type Unit = (g: Build, a: Value) => Value

/** In place of the runtime's own, whose relative error is large far below 0. */
export const sigmoid: Unit = (g, a) => {
  const one = number(g, 1)
  const e = exp(g, negate(g, abs(g, a)))
  const tail = divide(g, e, add(g, one, e))
  return choose(g, less(g, a, number(g, 0)), subtract(g, e, multiply(g, e, tail)), divide(g, one, add(g, one, e)))
}

/** Nearer to 0 than this tanh(a) is a to rounding; there the runtime's own loses the last bits of what is below 2^-126. */
const STRAIGHT = 2 ** -13
const tanh: Unit = (g, a) => choose(g, less(g, abs(g, a), number(g, STRAIGHT)), a, g.op('Tanh', [a], a))
const relu: Unit = (g, a) => choose(g, lessOrEqual(g, a, number(g, 0)), number(g, 0), a)

/** 1 above 0, -1 below; what is neither stays: a zero of either sign, or NaN. */
export const sign: Unit = (g, a) => {
  const zero = number(g, 0)
  return choose(g, greater(g, a, zero), number(g, 1), choose(g, less(g, a, zero), number(g, -1), a))
}

/** The deterministic units by name. */
const UNITS: Readonly<Record<string, Unit>> = {
  tanh,
  sigmoid,
  relu,
  relu6: (g, a) => choose(g, greater(g, a, number(g, 6)), number(g, 6), relu(g, a)),
  // the constants of [ar-units]
  ltanh: (g, a) => scale(g, Math.fround(1.7159), tanh(g, scale(g, Math.fround(2 / 3), a))),
  sign,
  step: (g, a) => {
    const [zero, one] = [number(g, 0), number(g, 1)]
    return choose(g, less(g, a, zero), zero, choose(g, lessOrEqual(g, zero, a), one, a))
  },
  identity: (_g, a) => a,
}

/** @throws ConfigError for units that a graph cannot have */
export const requireUnits = ({ activation }: Config): void => {
  if (typeof activation === 'string' && Object.hasOwn(UNITS, activation)) return
  const remedy = activation === 'stochastic' ? 'its random numbers are whole-number arithmetic' : 'a function cannot be written'
  throw mismatch('ConfigError', 'activation', `for ONNX one of ${Object.keys(UNITS).join(', ')}`, activation, remedy)
}

/** A2, and the second half of C3. [A2] [C3] */
export const activate = (g: Build, { activation }: Config, a: Value): Value => UNITS[activation as string]!(g, a)
