/**
 * Recurrent trace units (E. Elelimy, A. White, M. Bowling, M. White, "Real-time recurrent learning using trace units in
 * reinforcement learning", 2024): the linear recurrent units of A. Orvieto et al., "Resurrecting recurrent neural networks
 * for long sequences" (2023), whose recurrence is diagonal, so that real-time recurrent learning is exact and cheap. For
 * each of N complex units
 *
 *   z = lambda z[t-1] + gamma u,   u = x[t-1] U + b,   lambda = exp(-exp(nu) + i theta),   gamma = sqrt(1 - |lambda|^2)
 *   h = tanh of the first n of [Re z, Im z],   p = g(h V + c)
 *
 * with N = n / 2, rounded up: of an odd number of units the last one's imaginary part is carried and not read. U is m x 2N
 * and b 1 x 2N, the real parts of all units, then the imaginary ones. What is known of the past is one complex trace a row
 * for each complex weight, T = dz/dw:
 *
 *   U, b: T <- lambda T + gamma xhat,   nu: T <- lambda T + lambda' z[t-1] + gamma' u,   theta: T <- lambda T + i lambda z[t-1]
 *
 * The weights move at each step, by Adam. Initial lambdas are uniform in their absolute value and in their angle.
 */

import type { Matrix } from '../numeric/matrix.js'
import { normals, split, uniform, type Key } from '../numeric/random.js'
import type { Input } from '../ptncn/state.js'
import { add, addRow, beside, columns, columnSums, each, zeros, type Algebra } from './algebra.js'
import { errorOf, predict } from './readout.js'
import { requireCarried, type Rival, type RivalConfig, type Tensors } from './rival.js'
import { stepwiseRival, type Stepped } from './stepwise.js'

/** Where the absolute values of lambda begin: from what is forgotten within some steps to what lasts a hundred. */
const RADII = [0.5, 0.99] as const
/** Where its angles begin, from 0 to this: none, to a turn in four steps. */
const LARGEST_ANGLE = Math.PI / 2

const complexUnits = (units: number): number => Math.ceil(units / 2)

/** nu and theta (1 x N), U (m x 2N), b (1 x 2N), V (n x m), c (1 x m). */
export const initialWeights = (algebra: Algebra, config: RivalConfig, key: Key): Tensors => {
  const { inputs, units, weightScale, outputBias } = config
  const count = complexUnits(units)
  const drawn = (index: number, rows: number, cols: number): Matrix =>
    each(algebra, (w) => w, normals(split(key, index), rows, cols, weightScale || 1 / Math.sqrt(rows)))
  const among = (index: number, of: (part: number) => number): Matrix => {
    const data = algebra.numbers(count)
    for (let j = 0; j < count; j++) data[j] = of(uniform(split(key, index), j))
    return { rows: 1, cols: count, data }
  }
  const [least, most] = RADII
  return {
    nu: among(0, (part) => Math.log(-Math.log(least + (most - least) * part))),
    theta: among(1, (part) => LARGEST_ANGLE * part),
    U: drawn(2, inputs, 2 * count),
    b: zeros(algebra, 1, 2 * count),
    V: drawn(3, units, inputs),
    c: each(algebra, () => outputBias, zeros(algebra, 1, inputs)),
  }
}

/** A sequence begins with z and an input of 0. */
export const initialState = (algebra: Algebra, { inputs, units }: RivalConfig, rows: number): Tensors => ({
  z: zeros(algebra, rows, 2 * complexUnits(units)),
  x: zeros(algebra, rows, inputs),
})

/** Of each unit, 1 x 2N: lambda, then numbers that both parts share: gamma, and the slopes of |lambda| / |lambda| and gamma by nu. */
interface Spectrum {
  readonly lambda: Matrix
  readonly gamma: Matrix
  readonly fading: Matrix
  readonly gammaSlope: Matrix
}

/** In binary64, then rounded; gamma without 1 - |lambda|^2, which loses its digits where |lambda| is almost 1. */
const spectrumOf = (algebra: Algebra, { nu, theta }: Tensors): Spectrum => {
  const fading = (nu: number): number => Math.exp(nu)
  const gamma = (nu: number): number => Math.sqrt(-Math.expm1(-2 * fading(nu)))
  const both = (of: (nu: number) => number): Matrix => {
    const one = each(algebra, of, nu!)
    return beside(algebra, [one, one])
  }
  return {
    lambda: beside(algebra, [
      each(algebra, (nu, theta) => Math.exp(-fading(nu)) * Math.cos(theta), nu!, theta!),
      each(algebra, (nu, theta) => Math.exp(-fading(nu)) * Math.sin(theta), nu!, theta!),
    ]),
    gamma: both(gamma),
    fading: both((nu) => -fading(nu)),
    gammaSlope: both((nu) => (Math.exp(-2 * fading(nu)) * fading(nu)) / gamma(nu)),
  }
}

/** Each element of a row times that of its column. */
const scaleColumns = ({ numbers }: Algebra, by: Matrix, a: Matrix): Matrix => {
  const data = numbers(a.data.length)
  for (let i = 0; i < data.length; i++) data[i] = by.data[i % a.cols]! * a.data[i]!
  return { ...a, data }
}

/** lambda a + source, complex, unit by unit; a and source have lines of 2N numbers, several a row, or one. */
const turned = ({ numbers }: Algebra, lambda: Matrix, a: Matrix, source?: Matrix): Matrix => {
  const [data, count] = [numbers(a.data.length), lambda.cols / 2]
  for (let line = 0; line < data.length; line += lambda.cols) {
    for (let j = 0; j < count; j++) {
      const [at, bt] = [line + j, line + count + j]
      const [re, im, x, y] = [lambda.data[j]!, lambda.data[count + j]!, a.data[at]!, a.data[bt]!]
      data[at] = re * x - im * y + (source ? source.data[at]! : 0)
      data[bt] = re * y + im * x + (source ? source.data[bt]! : 0)
    }
  }
  return { ...a, data }
}

/** i a. */
const quarterTurn = (algebra: Algebra, a: Matrix): Matrix => {
  const count = a.cols / 2
  return beside(algebra, [each(algebra, (y) => -y, columns(algebra, a, count, 2 * count)), columns(algebra, a, 0, count)])
}

/** What a step adds to the traces, lines of 2N numbers side by side: one for each input, the bias, nu and theta. */
const sourcesOf = (algebra: Algebra, { gamma, fading, gammaSlope }: Spectrum, x: Matrix, u: Matrix, kept: Matrix): Matrix => {
  const { rows, cols: inputs } = x
  const { cols } = gamma
  const data = algebra.numbers(rows * (inputs + 1) * cols)
  for (let row = 0, at = 0; row < rows; row++) {
    for (let l = 0; l <= inputs; l++, at += cols) {
      const xhat = l < inputs ? x.data[row * inputs + l]! : 1
      for (let j = 0; j < cols / 2; j++) data[at + j] = gamma.data[j]! * xhat
    }
  }
  const ofNu = add(algebra, scaleColumns(algebra, fading, kept), scaleColumns(algebra, gammaSlope, u))
  return beside(algebra, [{ rows, cols: (inputs + 1) * cols, data }, ofNu, quarterTurn(algebra, kept)])
}

/** From the loss by z (B x 2N) and the traces: by U, b, nu and theta, summed over the rows. */
const throughTraces = (algebra: Algebra, traces: Matrix, d: Matrix): Tensors => {
  const [lines, count] = [traces.cols / d.cols, d.cols / 2]
  const data = algebra.numbers(traces.cols)
  for (let row = 0, at = 0; row < d.rows; row++) {
    for (let line = 0; line < traces.cols; line += d.cols, at += d.cols) {
      for (let j = 0; j < count; j++) {
        const [re, im] = [d.data[row * d.cols + j]!, d.data[row * d.cols + count + j]!]
        const [x, y] = [traces.data[at + j]!, traces.data[at + count + j]!]
        data[line + j] = data[line + j]! + (re * x + im * y)
        data[line + count + j] = data[line + count + j]! + (im * x - re * y)
      }
    }
  }
  const from = (line: number, rows: number, cols = d.cols): Matrix => ({
    rows,
    cols,
    data: data.slice(line * d.cols, line * d.cols + rows * cols),
  })
  const inputs = lines - 3
  return { U: from(0, inputs), b: from(inputs, 1), nu: from(inputs + 1, 1, count), theta: from(inputs + 2, 1, count) }
}

/** The loss by z, from that by h: nothing by what is not read. */
const backToState = (algebra: Algebra, { cols }: Matrix, h: Matrix, q: Matrix): Matrix => {
  const read = each(algebra, (q, h) => q * (1 - h * h), q, h)
  return cols === h.cols ? read : beside(algebra, [read, zeros(algebra, h.rows, cols - h.cols)])
}

/** One step; a sequence that has not learnt so far has no traces: what it led to is a constant. */
export const step = (
  algebra: Algebra,
  output: RivalConfig['output'],
  weights: Tensors,
  state: Tensors,
  input: Input,
  learning: boolean,
): Stepped => {
  const { U, b, V } = weights
  const spectrum = spectrumOf(algebra, weights)
  const u = addRow(algebra, algebra.product(state.x!, U!), b!)
  const kept = turned(algebra, spectrum.lambda, state.z!)
  const z = add(algebra, kept, scaleColumns(algebra, spectrum.gamma, u))
  const h = algebra.tanh(columns(algebra, z, 0, V!.rows))
  const prediction = predict(algebra, output, weights, h)
  if (!learning) return { prediction, state: { z, x: input.x } }
  const sources = sourcesOf(algebra, spectrum, state.x!, u, kept)
  const before = state.T && requireCarried('T', state.T, sources.rows, sources.cols)
  const T = before ? turned(algebra, spectrum.lambda, before, sources) : sources
  const errors = errorOf(algebra, prediction, input)
  const d = backToState(algebra, z, h, algebra.productRightTransposed(errors, V!))
  return {
    prediction,
    state: { z, x: input.x, T },
    gradient: { ...throughTraces(algebra, T, d), V: algebra.productLeftTransposed(h, errors), c: columnSums(algebra, errors) },
  }
}

/** Recurrent trace units: a diagonal complex recurrence with exact traces (Elelimy et al., 2024). @throws ConfigError */
export const rtu = (algebra: Algebra, config: RivalConfig): Rival =>
  stepwiseRival(algebra, config, {
    name: 'rtu',
    weights: (key) => initialWeights(algebra, config, key),
    start: (rows) => initialState(algebra, config, rows),
    step: (...of) => step(algebra, config.output, ...of),
  })
