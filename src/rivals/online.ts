/**
 * Recurrent networks of one gate that learn at every step, from that step's loss alone: what is the same however its
 * gradient is found.
 */

import type { Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'
import type { Input } from '../ptncn/state.js'
import { adam } from './adam.js'
import { beside, columnSums, each, zeros, type Algebra } from './algebra.js'
import { initialState, initialWeights, type Cell } from './cell.js'
import { elman } from './elman.js'
import { run } from './bptt.js'
import { errorOf } from './readout.js'
import type { Rival, RivalConfig, Tensors } from './rival.js'
import { rivalOf, type Passed } from './run.js'

/** What is remembered of how h came about, in place of the steps themselves. */
export interface Trace {
  /**
   * Takes in a step of weights W, slopes s of h by the drive (1 - h^2 of a tanh) and xhat = [h[t-1] x 1]; where its loss is
   * known by h (q), what it is by [W; U; b], k x n.
   */
  readonly step: (W: Matrix, s: Matrix, xhat: Matrix, q: Matrix | undefined) => Matrix | undefined
  /** what the next piece of the sequence goes on from; nothing is taken in after it */
  readonly value: () => Tensors
}

/** From what a sequence carries: nothing of it at its start, or after steps that did not learn. */
export type TraceOf = (state: Tensors) => Trace

/** The network that learns, and the weights (n x m) by which the errors of the prediction come back to its units. */
export interface Pathway {
  readonly cell: Cell
  readonly feedback: string
}

const ELMAN: Pathway = { cell: elman, feedback: 'V' }

/** The weights after a step's gradient. */
export type Update = (weights: Tensors, gradient: Tensors) => Tensors

/** A k x n gradient by weight. */
const parted = ({ cols, data }: Matrix, units: number): Tensors => {
  const rows = (from: number, to: number): Matrix => ({
    rows: to - from,
    cols,
    data: (data as Float64Array).subarray(from * cols, to * cols),
  })
  const k = data.length / cols
  return { W: rows(0, units), U: rows(units, k - 1), b: rows(k - 1, k) }
}

/** A sequence, or a piece of one; its weights move at each step from `first` on. */
export const online = (
  algebra: Algebra,
  output: RivalConfig['output'],
  traceOf: TraceOf,
  from: { readonly weights: Tensors; readonly state: Tensors },
  inputs: readonly Input[],
  first: number,
  update: Update,
  { cell, feedback }: Pathway = ELMAN,
): { readonly weights: Tensors; readonly state: Tensors; readonly predictions: readonly Matrix[] } => {
  const trace = traceOf(from.state)
  const ones = each(algebra, () => 1, zeros(algebra, from.state.x!.rows, 1))
  let { weights, state } = from
  const predictions = inputs.map((input, t) => {
    const {
      h,
      before,
      x,
      kept: [kept],
      predictions: [p],
      state: after,
    } = run(algebra, cell, output, weights, state, [input])
    const { d: slopes } = cell.backward(algebra, kept!, { h: each(algebra, () => 1, h) })
    const errors = t < first ? undefined : errorOf(algebra, p!, input)
    const gradient = trace.step(
      weights.W!,
      slopes,
      beside(algebra, [before, x, ones]),
      errors && algebra.productRightTransposed(errors, weights[feedback]!),
    )
    if (errors && gradient) {
      const readout = { V: algebra.productLeftTransposed(h, errors), c: columnSums(algebra, errors) }
      weights = update(weights, { ...parted(gradient, h.cols), ...readout })
    }
    state = after
    return p!
  })
  // not before it is asked for: a trace can be large, and ends with its sequence
  return {
    weights,
    predictions,
    get state() {
      return { ...state, ...trace.value() }
    },
  }
}

/** Steps that do not learn leave no trace: what they led to is a constant to those after them. */
const unlearned: TraceOf = ({ key }) => ({ step: () => undefined, value: () => ({ ...(key && { key }) }) })

/** What tells one of them from another. */
export interface OnlineMethod {
  readonly name: string
  readonly trace: TraceOf
  /** an Elman network whose errors come back by V, where it says nothing */
  readonly pathway?: Pathway
  /** weights beside those of the network, which do not learn */
  readonly fixed?: (key: Key) => Tensors
  /** what the trace needs from the start of a sequence */
  readonly start?: (key: Key | undefined) => Tensors
}

const LEARNED = ['W', 'U', 'b', 'V', 'c']

/** A network that learns by such traces. */
export const onlineRival = (
  algebra: Algebra,
  config: RivalConfig,
  { name, trace, pathway = ELMAN, fixed, start }: OnlineMethod,
): Rival =>
  rivalOf(algebra, config, {
    name,
    weights: (key) => ({ ...initialWeights(algebra, pathway.cell, config, key), ...fixed?.(key) }),
    learned: LEARNED,
    start: (_model, rows, key) => ({ ...initialState(algebra, pathway.cell, config, rows), ...start?.(key) }),
    pass: ({ weights, optimizer }, state, inputs, learning, first): Passed => {
      let moments = optimizer
      const update: Update = (before, gradient) => {
        const moved = adam(algebra, config, before, moments, gradient)
        moments = moved.optimizer
        return moved.weights
      }
      const [traceOf, from] = learning ? [trace, first] : [unlearned, Infinity]
      const after = online(algebra, config.output, traceOf, { weights, state }, inputs, from, update, pathway)
      return {
        model: { weights: after.weights, optimizer: moments },
        predictions: after.predictions,
        get state() {
          return after.state
        },
      }
    },
  })
