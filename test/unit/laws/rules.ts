/** Rules for the laws: two written for the purpose, one mistake for each law, and exact gradients by the rivals' own code. */

import type { Algebra } from '../../../src/rivals/algebra.js'
import { add, binary64, columnSums, each, zeros } from '../../../src/rivals/algebra.js'
import { gradientOf, run } from '../../../src/rivals/bptt.js'
import { initialState, initialWeights } from '../../../src/rivals/cell.js'
import { elman } from '../../../src/rivals/elman.js'
import { online } from '../../../src/rivals/online.js'
import { exactTrace } from '../../../src/rivals/rtrl.js'
import type { LearningRule, Moment, Response, Tensors } from '../../../src/laws.js'
import { inputOf } from '../../../src/ptncn/state.js'
import { split } from '../../../src/numeric/random.js'
import { normals } from '../../../src/numeric/random.js'
import type { Matrix } from '../../../src/index.js'

type Learned = Moment & { readonly signals: Tensors }

const A = binary64
const { product, productLeftTransposed: outer } = A

/** One recurrent layer whose last units are asked to predict; `learn` is what differs. */
const layered = (update: LearningRule['update'], more: Partial<LearningRule> = {}): LearningRule => ({
  begin: ({ units, rows, key }) => {
    const [n, m] = [units[0]!, units[1]!]
    return {
      weights: {
        M: normals(split(key, 1), n, m, 0.7),
        V: normals(split(key, 2), m, m, 0.7),
        W: normals(split(key, 3), m, n, 0.7),
      },
      state: { x_before: zeros(A, rows, n), z_before: zeros(A, rows, m) },
    }
  },
  places: () => ({ weights: { M: [0, 1], V: [1, 1], W: [1, 0] }, units: { x_before: 0, z_before: 1, z: 1, e: 0, d: 1 } }),
  respond: ({ weights, state, input, f }) => {
    const z = each(A, f, add(A, product(state['x_before']!, weights['M']!), product(state['z_before']!, weights['V']!)))
    const e = each(A, (p, x) => p - x, product(z, weights['W']!), input)
    // what the errors ask of the units, by fixed weights that are nobody's
    const d = each(A, (s) => s, product(e, fixed(e.cols, z.cols)))
    return { signals: { z, e, d }, state: { x_before: input, z_before: z } }
  },
  update,
  ...more,
})

const fixed = (rows: number, cols: number): Matrix => normals([3, 4], rows, cols, 0.7)

/** Each weight by the signals at its two ends: errors come back by fixed random weights. */
const LOCAL: Readonly<Record<string, (m: Learned) => Matrix>> = {
  M: ({ state, signals }) => outer(state['x_before']!, signals['d']!),
  V: ({ state, signals }) => outer(state['z_before']!, signals['d']!),
  W: ({ signals }) => outer(signals['z']!, signals['e']!),
}
const localUpdate = (weight: string, moment: Learned): Matrix => LOCAL[weight]!(moment)

/** First rule for the purpose: errors by fixed random weights, no derivative. It keeps every law. */
export const randomFeedback = (): LearningRule => layered(localUpdate)

/** Second rule for the purpose: Hebb's, with a decay by the unit's own activity (Oja). It keeps every law. */
export const oja = (): LearningRule =>
  layered((weight, moment) => {
    const { weights, state, signals } = moment
    if (weight === 'W') return localUpdate(weight, moment)
    const [pre, z] = [state[weight === 'M' ? 'x_before' : 'z_before']!, signals['z']!]
    const squares = columnSums(
      A,
      each(A, (one) => one * one, z),
    )
    return each(A, (grown, w) => w - grown, outer(pre, z), { ...weights[weight]!, data: scaled(weights[weight]!, squares) })
  })

const scaled = ({ data, cols }: Matrix, by: Matrix): Float64Array =>
  Float64Array.from(data as Float64Array, (w, i) => w * by.data[i % cols]!)

const sloped = (slope: (moment: Learned) => Matrix): LearningRule =>
  layered((weight, moment) => {
    const d = each(A, (d, s) => d * s, moment.signals['d']!, slope(moment))
    return localUpdate(weight, { ...moment, signals: { ...moment.signals, d } })
  })

const drive = ({ weights, state }: Moment): Matrix =>
  add(A, product(state['x_before']!, weights['M']!), product(state['z_before']!, weights['V']!))

const PROBE = 1e-3

const joined = (a: Matrix, b: Matrix): Float64Array => Float64Array.from([...Array.from(a.data), ...Array.from(b.data)])

/** A counter that no state holds. */
const counting = (): LearningRule => {
  let calls = 0
  return layered((weight, moment) => each(A, (x) => x * (1 + 0.01 * (weight === 'W' ? ++calls : 0)), localUpdate(weight, moment)))
}

/** A window of inputs, filled with nothing at first. */
const window = (length: number | undefined): LearningRule => {
  const base = layered(localUpdate)
  return {
    ...base,
    begin: (setup) => {
      const begun = base.begin(setup)
      return { ...begun, state: { ...begun.state, kept: zeros(A, setup.rows * (length ?? 1), setup.units[0]!) } }
    },
    respond: (moment) => {
      const { kept } = moment.state
      const { signals, state } = base.respond(moment)
      const data = joined(moment.input, kept!)
      const rows = length === undefined ? kept!.rows + moment.input.rows : kept!.rows
      return { signals, state: { ...state, kept: { rows, cols: kept!.cols, data: data.subarray(0, rows * kept!.cols) } } }
    },
  }
}

/** One mistake for each law, which that law names. */
export const MISTAKES: Readonly<Record<string, () => LearningRule>> = {
  derivative: () => sloped((moment) => each(A, moment.f.derivative, drive(moment))),
  slope: () => sloped((moment) => each(A, (a) => (moment.f(a + PROBE) - moment.f(a - PROBE)) / (2 * PROBE), drive(moment))),
  finite: () => sloped(({ signals }) => each(A, (z) => 1 / (1 - z * z), signals['z']!)),
  size: () => window(undefined),
  past: () => window(4),
  resume: counting,
  pure: counting,
  local: () =>
    layered((weight, m) =>
      weight === 'W'
        ? localUpdate(weight, m)
        : outer(
            weight === 'M' ? m.state['x_before']! : m.state['z_before']!,
            product(m.signals['e']!, transpose(m.weights['W']!)),
          ),
    ),
  order: () => {
    let first: string | undefined
    return layered((weight, moment) => {
      first ??= weight
      const update = localUpdate(weight, moment)
      return first === weight ? update : each(A, (x) => 2 * x, update)
    })
  },
  rows: () =>
    layered((weight, { state, signals, ...rest }) =>
      localUpdate(weight, { ...rest, state, signals: { ...signals, e: firstRow(signals['e']!) } }),
    ),
  flat: () => sloped(({ signals }) => each(A, (z) => 4 * z * (1 - z * z), signals['z']!)),
}

const transpose = ({ rows, cols, data }: Matrix): Matrix => ({
  rows: cols,
  cols: rows,
  data: Float64Array.from({ length: rows * cols }, (_, i) => data[(i % rows) * cols + Math.floor(i / rows)]!),
})
const firstRow = (a: Matrix): Matrix =>
  each(A, (x) => x, { ...a, data: Float64Array.from(a.data as Float64Array, (x, i) => (i < a.cols ? x : 0)) })

/** The rivals' arithmetic with another response in place of tanh: their slopes stay those of tanh. */
const answering = (f: Response): Algebra => ({ ...binary64, tanh: (a) => each(binary64, f, a) })

const CONFIG = { output: 'identity', weightScale: 0.7, outputBias: 0 } as const
const rivalConfig = (units: readonly number[]) => ({ ...CONFIG, inputs: units[0]!, units: units[1]!, rate: 0.01, clip: 0 })
const PLACES = { weights: { W: [1, 1], U: [0, 1], b: [1, 1], V: [1, 0], c: [0, 0] }, units: { h: 1, x: 0, e: 0 } } as const

/** What is common to the rivals: their network, a step at a time; what a rule remembers is `memory`. */
const rival = (
  memory: (rows: number, inputs: number, units: number) => Tensors,
  remember: (moment: Moment) => Tensors,
  gradient: (moment: Learned) => Tensors,
): LearningRule => ({
  begin: ({ units, rows, key }) => {
    const config = rivalConfig(units) as never
    return {
      weights: initialWeights(binary64, elman, config, key),
      state: { ...initialState(binary64, elman, config, rows), ...memory(rows, units[0]!, units[1]!) },
    }
  },
  places: () => PLACES as never,
  respond: (moment) => {
    const { h, predictions } = run(answering(moment.f), elman, 'identity', moment.weights, moment.state, [
      inputOf32(moment.input),
    ])
    const e = each(binary64, (p, x) => p - x, predictions[0]!, moment.input)
    return { signals: { h_now: h, e }, state: { h, x: moment.input, ...remember(moment) } }
  },
  update: (weight, moment) => gradient(moment)[weight]!,
})
const inputOf32 = (x: Matrix) => ({ x, mask: inputOf(x).mask })

/** The steps that are remembered, the oldest first: inputs and where they began. */
const pieces = (all: Matrix, rows: number): readonly Matrix[] =>
  Array.from({ length: all.rows / rows }, (_, i) => ({
    rows,
    cols: all.cols,
    data: (all.data as Float64Array).subarray(i * rows * all.cols, (i + 1) * rows * all.cols),
  }))

const below = (a: Matrix, b: Matrix): Matrix => ({ rows: a.rows + b.rows, cols: b.cols, data: joined(a, b) })

/** Backpropagation through the last `steps` steps, or through all. */
const backpropagated = (steps: number): LearningRule => {
  const history = ({ state, input }: Moment): Matrix => {
    const all = below(state['inputs']!, input)
    const kept = Math.min(all.rows, steps * input.rows)
    return { ...all, rows: kept, data: (all.data as Float64Array).subarray((all.rows - kept) * all.cols) }
  }
  return rival(
    (rows, inputs) => ({
      inputs: zeros(binary64, Number.isFinite(steps) ? steps * rows : 0, inputs),
      begun_h: zeros(binary64, rows, 0),
    }),
    (moment) => ({ inputs: history(moment), begun_h: moment.state['begun_h']! }),
    (moment) => {
      const inputs = pieces(history(moment), moment.input.rows).map(inputOf32)
      const config = rivalConfig([moment.input.cols, moment.state['h']!.cols]) as never
      const from = initialState(binary64, elman, config, moment.input.rows)
      const forward = run(answering(moment.f), elman, 'identity', moment.weights, from, inputs)
      return gradientOf(answering(moment.f), elman, moment.weights, forward, inputs, inputs.length - 1)
    },
  )
}
export const bptt = (): LearningRule => backpropagated(Infinity)
export const tbptt = (): LearningRule => backpropagated(3)

export const rtrl = (): LearningRule => {
  const stepped = ({ weights, state, input, f }: Moment) => {
    let gradient: Tensors = {}
    const take = (before: Tensors, found: Tensors): Tensors => ((gradient = found), before)
    const after = online(answering(f), 'identity', exactTrace(binary64), { weights, state }, [inputOf32(input)], 0, take)
    return { gradient, P: after.state['P']! }
  }
  return rival(
    (rows, inputs, units) => ({ P: zeros(binary64, rows, units * units * (units + inputs + 1)) }),
    (moment) => ({ P: stepped(moment).P }),
    (moment) => stepped(moment).gradient,
  )
}
