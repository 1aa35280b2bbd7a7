/** O1 to O4 for one weight: clip, mean, optimiser and projection, each a pure function of what its equation names. */

import { add, divide, map, multiply, scale, subtract, type Matrix } from '../numeric/matrix.js'
import { frobeniusNorm, rowSums } from '../numeric/sum.js'
import type { Config } from './config.js'
import { isBias, type WeightName } from './weights.js'

const { fround, sqrt } = Math

/** O1: `d` where its Frobenius norm is at most `r`, else fl(fl(d r) / norm); r <= 0 leaves `d` as it is. [O1] */
export const clip = (r: number, d: Matrix): Matrix => {
  if (r <= 0) return d
  const norm = frobeniusNorm(d)
  return norm > r ? map((value) => fround(fround(value * r) / norm), d) : d
}

/** O2: fl(d fl(1 / N)); N is all rows or the active ones, but at least 1. The rows were added where the update was made, L1 to L6. [O2] */
export const mean = (config: Config, mask: Matrix, d: Matrix): Matrix => {
  const N = config.mean === 'all' ? mask.rows : Math.max(1, Array.from(mask.data).filter((m) => m === 1).length)
  return scale(fround(1 / N), d)
}

/** beta1^k and beta2^k with this update, the k-th, counted; running products. [op-state] */
export interface Powers {
  readonly power1: number
  readonly power2: number
}

/** The next value of what an optimiser remembers of a weight, from its old one and the reduced update `d`. */
type Moment = (config: Config, old: Matrix, d: Matrix) => Matrix

/** An optimiser: the moments that it keeps, both in the shape of the weight, and how it then moves the weight. */
export interface Optimizer {
  /** v of momentum and nesterov, first of adam */
  readonly first?: Moment
  /** second of adam and rmsprop */
  readonly second?: Moment
  /** the new weight, from the old one, the reduced update and the new moments that are kept */
  readonly move: (
    config: Config,
    w: Matrix,
    d: Matrix,
    moments: { readonly first?: Matrix; readonly second?: Matrix },
    powers: Powers,
  ) => Matrix
}

/** mu v + d */
const velocity: Moment = ({ momentum: mu }, v, d) => add(scale(mu, v), d)

/** decay old + (1 - decay) d */
const average = (decay: number, old: Matrix, d: Matrix): Matrix => add(scale(decay, old), scale(fround(1 - decay), d))

/** (rate s) / (sqrt(q) + epsilon) */
const normalised = ({ rate, epsilon }: Config, s: Matrix, q: Matrix): Matrix =>
  divide(
    scale(rate, s),
    map((value) => fround(fround(sqrt(value)) + epsilon), q),
  )

/** The average of k updates, from one that began at 0: s from first, q from second. */
const unbiased = (power: number, moment: Matrix): Matrix => scale(fround(1 / fround(1 - power)), moment)

/** O3, each as its lines of SPEC.md; d is the reduced update. [O3] */
export const OPTIMIZERS: Readonly<Record<Config['optimizer'], Optimizer>> = {
  sgd: { move: ({ rate }, w, d) => subtract(w, scale(rate, d)) },
  momentum: { first: velocity, move: ({ rate }, w, _d, { first: v }) => subtract(w, scale(rate, v!)) },
  nesterov: {
    first: velocity,
    move: ({ rate, momentum: mu }, w, d, { first: v }) => subtract(w, add(scale(rate, d), scale(rate, scale(mu, v!)))),
  },
  adam: {
    first: ({ beta1 }, first, d) => average(beta1, first, d),
    second: ({ beta2 }, second, d) => average(beta2, second, multiply(d, d)),
    move: (config, w, _d, { first, second }, { power1, power2 }) =>
      subtract(w, normalised(config, unbiased(power1, first!), unbiased(power2, second!))),
  },
  rmsprop: {
    second: ({ decay }, second, d) => average(decay, second, multiply(d, d)),
    move: (config, w, d, { second }) => subtract(w, normalised(config, d, second!)),
  },
}

/** O5: each element less a part of it; biases keep all. [O5] */
export const decayed = (part: number, w: Matrix): Matrix => subtract(w, scale(part, w))

/**
 * The configuration with the rate of one weight: a matrix with more rows than `rateFanIn` has that part of the rate less.
 * Biases and M_1 have the whole rate. [op-rate]
 */
export const withRate = (config: Config, name: WeightName, l: number, rows: number): Config => {
  const { rate, rateFanIn } = config
  const whole = rateFanIn <= 0 || rows <= rateFanIn || isBias(name) || (name === 'M' && l === 1)
  return whole ? config : { ...config, rate: fround(rate * fround(rateFanIn / rows)) }
}

/** The moments, in the order in which they are listed wherever they are. */
export const MOMENTS = ['first', 'second'] as const
export type MomentName = (typeof MOMENTS)[number]

/** The moments that a configuration's optimiser keeps. [op-state] */
export const momentsOf = ({ optimizer }: Config): readonly MomentName[] =>
  MOMENTS.filter((name) => OPTIMIZERS[optimizer][name] !== undefined)

/** O4: each row whose Euclidean norm is above `maxNorm` becomes fl(fl(w maxNorm) / norm); 0 is off. [O4] */
export const project = (maxNorm: number, w: Matrix): Matrix => {
  if (maxNorm <= 0) return w
  const norms = rowSums(multiply(w, w)).data
  const data = new Float32Array(w.data.length)
  for (let i = 0; i < data.length; i++) {
    const norm = fround(sqrt(norms[Math.floor(i / w.cols)]!))
    data[i] = norm > maxNorm ? fround(fround(w.data[i]! * maxNorm) / norm) : w.data[i]!
  }
  return { rows: w.rows, cols: w.cols, data }
}
