/**
 * The echo state network: a fixed random recurrent network, of which the readout alone learns.
 *
 *   h[t] = (1 - a) h[t-1] + a f(h[t-1] W + x[t-1] U + b),   p[t] = g(h[t] V + c)
 *
 * W is sparse, rescaled to a spectral radius; W, U and b never change. V and c learn by Adam on the cross-entropy, one
 * update a step, as P-TNCN, RTRL and UORO have it.
 * No derivative of f is asked for, so f may be any unit of P-TNCN, the stochastic threshold too.
 */

import { oneOf } from '../fields.js'
import { mismatch } from '../errors.js'
import { ACTIVATIONS, threshold } from '../numeric/activation.js'
import type { Matrix } from '../numeric/matrix.js'
import { normals, philox, split, uniform, unitInterval, type Key } from '../numeric/random.js'
import type { Input } from '../ptncn/state.js'
import { adam } from './adam.js'
import { add, addRow, columnSums, each, stacked, unstacked, zeros, type Algebra } from './algebra.js'
import { errorOf, predict } from './readout.js'
import { part, requireSettings, size, type Rival, type RivalConfig, type Tensors } from './rival.js'
import { rivalOf } from './run.js'

/** What an echo state network has beside what all rivals have. */
export interface EsnSettings {
  /** a, above 0, at most 1; 1 forgets h[t-1] but for W */
  readonly leak: number
  /** the largest absolute eigenvalue of W */
  readonly radius: number
  /** the standard deviation of U and b */
  readonly inputScale: number
  /** the part of W that is not 0 */
  readonly density: number
  /** f of the reservoir's units */
  readonly activation: keyof typeof ACTIVATIONS | 'stochastic'
}

/** What is usual. */
export const ESN_DEFAULTS: EsnSettings = { leak: 1, radius: 0.9, inputScale: 1, density: 0.1, activation: 'tanh' }

const LEARNED = ['V', 'c'] as const

/** Rows and columns; the position is also the index of a weight's initial key. */
const shapes = ({ inputs, units }: RivalConfig) =>
  ({ W: [units, units], U: [inputs, units], b: [1, units], V: [units, inputs], c: [1, inputs] }) as const

/** The error is at most ln(sqrt(n) K) / 2^24 of the radius, K the condition of the eigenvectors. */
const SQUARINGS = 24

/**
 * The largest absolute eigenvalue, complex ones too, by the growth of the norm: it is the limit of |A^k|^(1/k). With
 * k = 2^SQUARINGS by repeated squaring; each power is scaled to norm 1, and the scales come back by square roots:
 * radius(A) = |A| sqrt(radius((A / |A|)^2)).
 */
export const spectralRadius = (algebra: Algebra, a: Matrix, squarings = SQUARINGS): number => {
  let norm = 0
  for (let i = 0; i < a.data.length; i++) norm += a.data[i]! * a.data[i]!
  norm = Math.sqrt(norm)
  if (norm === 0 || squarings === 0) return norm
  const scaled = each(algebra, (x) => x / norm, a)
  return norm * Math.sqrt(spectralRadius(algebra, algebra.product(scaled, scaled), squarings - 1))
}

const KINDS = {
  leak: part,
  radius: size,
  inputScale: size,
  density: part,
  activation: oneOf(...Object.keys(ACTIVATIONS), 'stochastic'),
}

/** n x n: normal numbers at random places, scaled to the radius. */
const reservoir = (algebra: Algebra, { radius, density }: EsnSettings, units: number, key: Key): Matrix => {
  const [values, places] = [normals(split(key, 0), units, units, 1), split(key, 1)]
  const data = algebra.numbers(units * units)
  for (let i = 0; i < data.length; i++) data[i] = uniform(places, i) < density ? values.data[i]! : 0
  const sparse = { rows: units, cols: units, data }
  const found = spectralRadius(algebra, sparse)
  if (!(found > 0)) throw mismatch('ConfigError', 'density', 'a recurrent matrix with a cycle', density, 'make it larger')
  return each(algebra, (w) => (w * radius) / found, sparse)
}

const initialWeights = (algebra: Algebra, settings: EsnSettings, config: RivalConfig, key: Key): Tensors => {
  const { W, U, b, V, c } = shapes(config)
  const drawn = (index: number, [rows, cols]: readonly [number, number], deviation: number): Matrix =>
    each(algebra, (w) => w, normals(split(key, index), rows, cols, deviation))
  return {
    W: reservoir(algebra, settings, W[0], split(key, 0)),
    U: drawn(1, U, settings.inputScale),
    b: drawn(2, b, settings.inputScale),
    V: drawn(3, V, config.weightScale || 1 / Math.sqrt(config.units)),
    c: each(algebra, () => config.outputBias, zeros(algebra, ...c)),
  }
}

const HALF_WORD = 0x10000
/** The words of a key in halves, which binary32 holds exactly, and back. */
const halvesOf = (key: Key): number[] => key.flatMap((word) => [Math.floor(word / HALF_WORD), word % HALF_WORD])
const keyFrom = ({ data }: Matrix): Key => [data[0]! * HALF_WORD + data[1]!, data[2]! * HALF_WORD + data[3]!]

/** f of each element; a stochastic unit draws by sequence, step, row and unit, as those of P-TNCN do. */
const activate = (algebra: Algebra, name: EsnSettings['activation'], a: Matrix, { t, key }: Tensors): Matrix => {
  if (name === 'tanh' || name === 'sigmoid') return algebra[name](a)
  if (name !== 'stochastic') return each(algebra, ACTIVATIONS[name], a)
  const [step, of] = [t!.data[0]!, keyFrom(key!)]
  const data = algebra.numbers(a.data.length)
  for (let i = 0; i < data.length; i++) {
    const [row, unit] = [Math.floor(i / a.cols), i % a.cols]
    const words = philox([Math.floor(unit / 4), row, 0, step], of)
    data[i] = threshold(a.data[i]!, unitInterval(words[(unit % 4) as 0 | 1 | 2 | 3]))
  }
  return { rows: a.rows, cols: a.cols, data }
}

const initialState = (algebra: Algebra, { inputs, units }: RivalConfig, rows: number, key: Key = [0, 0]): Tensors => ({
  h: zeros(algebra, rows, units),
  /** the last input, as yet not taken in */
  x: zeros(algebra, rows, inputs),
  /** steps since the sequence began */
  t: zeros(algebra, 1, 1),
  key: { rows: 1, cols: 4, data: algebra.numbers(4).map((_, i) => halvesOf(key)[i]!) },
})

/** h of each step, and the state after the last. */
const echo = (
  algebra: Algebra,
  { leak, activation }: EsnSettings,
  { W, U, b }: Tensors,
  from: Tensors,
  inputs: readonly Input[],
) => {
  const taken = stacked(algebra, [from.x!, ...inputs.slice(0, -1).map(({ x }) => x)])
  let state: Tensors = { ...from, x: inputs.at(-1)!.x }
  const h = unstacked(addRow(algebra, algebra.product(taken, U!), b!), from.h!.rows).map((drive) => {
    const f = activate(algebra, activation, add(algebra, algebra.product(state.h!, W!), drive), state)
    const after = each(algebra, (before, now) => (1 - leak) * before + leak * now, state.h!, f)
    state = { ...state, h: after, t: each(algebra, (t) => t + 1, state.t!) }
    return after
  })
  return { h, state }
}

/** An echo state network. @throws ConfigError naming the first setting that it cannot have */
export const esn = (algebra: Algebra, config: RivalConfig, settings: EsnSettings): Rival => {
  requireSettings(settings, KINDS)
  return rivalOf(algebra, config, {
    name: 'esn',
    weights: (key) => initialWeights(algebra, settings, config, key),
    learned: LEARNED,
    start: (_model, rows, key) => initialState(algebra, config, rows, key),
    pass: (from, before, inputs, learning, first) => {
      // what learns is not in the way of the states
      const { h, state } = echo(algebra, settings, from.weights, before, inputs)
      let model = from
      const predictions = inputs.map((input, t) => {
        const { weights, optimizer } = model
        const p = predict(algebra, config.output, weights, h[t]!)
        if (!learning || t < first) return p
        const error = errorOf(algebra, p, input)
        model = adam(algebra, config, weights, optimizer, {
          V: algebra.productLeftTransposed(h[t]!, error),
          c: columnSums(algebra, error),
        })
        return p
      })
      return { model, state, predictions }
    },
  })
}
