/** What the tests of rivals share: networks in binary64, their loss by definition, and central differences. */

import { binary64, each, zeros, type Algebra, type Numbers } from '../../../src/rivals/algebra.js'
import { mapTensors } from '../../../src/rivals/adam.js'
import { initialState, initialWeights, type Cell } from '../../../src/rivals/cell.js'
import { online, type Pathway, type TraceOf, type Update } from '../../../src/rivals/online.js'
import type { RivalConfig, Tensors } from '../../../src/rivals/rival.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import type { Input } from '../../../src/ptncn/state.js'
import { signedUnit } from '../../support/fill.js'

export const rivalConfig = (given: Partial<RivalConfig> = {}): RivalConfig => ({
  inputs: 4,
  units: 3,
  output: 'softmax',
  rate: 0.01,
  clip: 0,
  weightScale: 0,
  outputBias: 0,
  ...given,
})

/** Every element another number, none of them 0. */
export const someMatrix = (algebra: Algebra, seed: number, { rows, cols }: Pick<Matrix, 'rows' | 'cols'>, size = 0.7): Matrix => {
  const data = algebra.numbers(rows * cols)
  for (let i = 0; i < data.length; i++) data[i] = size * signedUnit(seed, i) || size
  return { rows, cols, data }
}

/** Symbols that differ by row and step; row r of the batch ends `r` steps before the longest. */
export const someInputs = (
  { inputs: m, output }: RivalConfig,
  rows: number,
  steps: number,
  algebra: Algebra = binary64,
): Input[] =>
  Array.from({ length: steps }, (_, t) => {
    const x = algebra.numbers(rows * m)
    for (let r = 0; r < rows; r++) {
      const drawn = (j: number): number => (signedUnit(t, r * m + j) + 1) / 2
      if (output === 'softmax') x[r * m + Math.floor(drawn(0) * m)] = 1
      else for (let j = 0; j < m; j++) x[r * m + j] = drawn(j)
    }
    const mask = algebra.numbers(rows).map((_, r) => (t < steps - r ? 1 : 0)) as Numbers
    return { x: { rows, cols: m, data: x }, mask: { rows, cols: 1, data: mask } }
  })

export interface Network {
  readonly config: RivalConfig
  readonly weights: Tensors
  /** of an open sequence: nothing in it is 0 */
  readonly state: Tensors
  readonly inputs: readonly Input[]
}

/** n = 3 units, m = 4 inputs, B = 2 rows of unlike length, biases and carried values not 0. */
export const someNetwork = (cell: Cell, given: Partial<RivalConfig> = {}, steps = 6, rows = 2): Network => {
  const config = rivalConfig(given)
  const noise = (tensors: Tensors, seed: number): Tensors =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor], i) => [name, someMatrix(binary64, seed + i, tensor)]))
  return {
    config,
    weights: noise(initialWeights(binary64, cell, config, keyOf(1)), 10),
    state: noise(initialState(binary64, cell, config, rows), 20),
    inputs: someInputs(config, rows, steps),
  }
}

/** The cross-entropy, or half the squared error, of the steps from `first` on, over B, in binary64. */
export const lossOf = (
  output: RivalConfig['output'],
  predictions: readonly Matrix[],
  inputs: readonly Input[],
  first: number,
): number => {
  let loss = 0
  inputs.forEach(({ x, mask }, t) => {
    const p = predictions[t]!
    if (t >= first) {
      for (let i = 0; i < p.data.length; i++) {
        const [m, target, chance] = [mask.data[Math.floor(i / p.cols)]!, x.data[i]!, p.data[i]!]
        if (output === 'identity') loss += (m * (target - chance) ** 2) / (2 * p.rows)
        else if (target !== 0) loss -= (m * target * Math.log(chance)) / p.rows
        if (output === 'sigmoid') loss -= (m * (1 - target) * Math.log(1 - chance)) / p.rows
      }
    }
  })
  return loss
}

/** With element i of one of them moved. */
const moved = (tensors: Tensors, name: string, i: number, by: number): Tensors => {
  const { rows, cols, data } = tensors[name]!
  const changed = Float64Array.from(data)
  changed[i] = changed[i]! + by
  return { ...tensors, [name]: { rows, cols, data: changed } }
}

/** Derivatives of a function of tensors by every element: central differences of fourth order. */
export const differences = (f: (tensors: Tensors) => number, tensors: Tensors, step = 2e-3): Tensors =>
  mapTensors((tensor, name) => {
    const at = (i: number, by: number): number => f(moved(tensors, name, i, by))
    const data = Float64Array.from(
      tensor.data,
      (_, i) => (8 * (at(i, step) - at(i, -step)) - (at(i, 2 * step) - at(i, -2 * step))) / (12 * step),
    )
    return { ...tensor, data }
  }, tensors)

/** The largest difference of two sets of tensors over the largest element of the second. */
export const distance = (got: Tensors, wanted: Tensors): number => {
  let [gap, size] = [0, 0]
  for (const [name, { data }] of Object.entries(wanted)) {
    for (let i = 0; i < data.length; i++) {
      const difference = Math.abs(got[name]!.data[i]! - data[i]!)
      // NaN is never small
      gap = difference <= gap ? gap : difference
      size = Math.max(size, Math.abs(data[i]!))
    }
  }
  return gap / size
}

/** The largest error of an element over that element, where it is not right to the bit. */
export const worstElement = (got: Tensors, wanted: Tensors): number => {
  let worst = 0
  for (const [name, { data }] of Object.entries(wanted)) {
    for (let i = 0; i < data.length; i++) {
      const error = Math.abs(got[name]!.data[i]! - data[i]!)
      if (!(error === 0)) worst = error / Math.abs(data[i]!) <= worst ? worst : error / Math.abs(data[i]!)
    }
  }
  return worst
}

export const sumOf = (all: readonly Tensors[]): Tensors =>
  all.reduce((sum, next) => mapTensors((tensor, name) => each(binary64, (a, b) => a + b, tensor, next[name]), sum))

export const nothingOf = (tensors: Tensors): Tensors => mapTensors(({ rows, cols }) => zeros(binary64, rows, cols), tensors)

/** The gradient of each step from `first` on by a trace, with weights that stay, and what is carried at the end. */
export const stepGradients = (
  trace: TraceOf,
  { config, weights, state, inputs }: Network,
  first: number,
  { algebra = binary64, pathway }: { readonly algebra?: Algebra; readonly pathway?: Pathway } = {},
): { readonly gradients: readonly Tensors[]; readonly state: Tensors } => {
  const gradients: Tensors[] = []
  const keep: Update = (same, gradient) => {
    gradients.push(gradient)
    return same
  }
  const after = online(algebra, config.output, trace, { weights, state }, inputs, first, keep, pathway)
  return { gradients, state: after.state }
}

/**
 * P of a trace that looks at nothing but the unit itself, number by number: P <- keep P + gain xhat, both of a step and of
 * unit i of all rows. A row for each of the batch, in the order of [W; U; b].
 */
export const localTraceOf = (
  { config, inputs, state }: Network,
  steps: { readonly before: Matrix; readonly x: Matrix },
  of: (t: number, i: number) => { readonly keep: number; readonly gain: number },
): Matrix => {
  const [rows, n, m] = [state.h!.rows, config.units, config.inputs]
  const P = Array.from({ length: rows }, () => Array.from({ length: (n + m + 1) * n }, () => 0))
  inputs.forEach((_, t) =>
    P.forEach((own, row) => {
      const at = ({ cols, data }: Matrix): number[] => Array.from({ length: cols }, (_, l) => data[(t * rows + row) * cols + l]!)
      const xhat = [...at(steps.before), ...at(steps.x), 1]
      xhat.forEach((x, l) => {
        for (let j = 0; j < n; j++) {
          const { keep, gain } = of(t, row * n + j)
          own[l * n + j] = keep * own[l * n + j]! + gain * x
        }
      })
    }),
  )
  return { rows, cols: P[0]!.length, data: Float64Array.from(P.flat()) }
}
