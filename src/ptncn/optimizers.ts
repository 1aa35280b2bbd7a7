/** O3: the optimisers, each a pure function of a weight, its reduced update and its moments. [O3] */

import { add, divide, map, multiply, scale, subtract, type Matrix } from '../numeric/matrix.js'
import type { Config } from './config.js'

const { fround, sqrt } = Math

/** What an optimiser remembers of one weight, in its shape. */
export interface Moments {
  /** v of momentum and Nesterov, m of Adam */
  readonly first?: Matrix
  /** v of Adam and RMSprop */
  readonly second?: Matrix
}

export interface Moved extends Moments {
  readonly weight: Matrix
}

/** The configuration's numbers, and beta1^k and beta2^k with this update, the k-th, counted. */
export type Scalars = Pick<Config, 'rate' | 'momentum' | 'beta1' | 'beta2' | 'decay' | 'epsilon'> & {
  readonly power1: number
  readonly power2: number
}

/** `made`: the new moments, where they are known already; a replay judges w by them alone. */
type Rule = (scalars: Scalars, w: Matrix, d: Matrix, moments: Moments, made?: Moments) => Moved

/** w - rate d */
const sgd: Rule = ({ rate }, w, d) => ({ weight: subtract(w, scale(rate, d)) })

/** v <- mu v + d;  w - rate v */
const momentum: Rule = ({ rate, momentum: mu }, w, d, { first: v0 }, made) => {
  const v = made?.first ?? add(scale(mu, v0!), d)
  return { weight: subtract(w, scale(rate, v)), first: v }
}

/** v <- mu v + d;  w - (rate d + rate (mu v)) */
const nesterov: Rule = ({ rate, momentum: mu }, w, d, { first: v0 }, made) => {
  const v = made?.first ?? add(scale(mu, v0!), d)
  return { weight: subtract(w, add(scale(rate, d), scale(rate, scale(mu, v)))), first: v }
}

/** s <- decay s + (1 - decay) d */
const average = (decay: number, s: Matrix, d: Matrix): Matrix => add(scale(decay, s), scale(fround(1 - decay), d))

/** rate m / (sqrt(v) + epsilon) */
const normalised = (rate: number, epsilon: number, m: Matrix, v: Matrix): Matrix =>
  divide(
    scale(rate, m),
    map((value) => fround(fround(sqrt(value)) + epsilon), v),
  )

/** m and v are averages of d and d^2, each divided by what it lacks after k updates;  w - rate m / (sqrt(v) + epsilon) */
const adam: Rule = ({ rate, beta1, beta2, epsilon, power1, power2 }, w, d, { first: m0, second: v0 }, made) => {
  const m = made?.first ?? average(beta1, m0!, d)
  const v = made?.second ?? average(beta2, v0!, multiply(d, d))
  const unbias = (power: number): number => fround(1 / fround(1 - power))
  const change = normalised(rate, epsilon, scale(unbias(power1), m), scale(unbias(power2), v))
  return { weight: subtract(w, change), first: m, second: v }
}

/** v is an average of d^2;  w - rate d / (sqrt(v) + epsilon) */
const rmsprop: Rule = ({ rate, decay, epsilon }, w, d, { second: v0 }, made) => {
  const v = made?.second ?? average(decay, v0!, multiply(d, d))
  return { weight: subtract(w, normalised(rate, epsilon, d, v)), second: v }
}

/** Each optimiser's rule, and the moments that it keeps. */
export const RULES: Readonly<Record<Config['optimizer'], { rule: Rule; moments: readonly (keyof Moments)[] }>> = {
  sgd: { rule: sgd, moments: [] },
  momentum: { rule: momentum, moments: ['first'] },
  nesterov: { rule: nesterov, moments: ['first'] },
  adam: { rule: adam, moments: ['first', 'second'] },
  rmsprop: { rule: rmsprop, moments: ['second'] },
}
