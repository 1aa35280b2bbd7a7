/** Elman networks that learn at every step, from that step's loss alone: what is the same however its gradient is found. */

import type { Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'
import type { Input } from '../ptncn/state.js'
import { adam } from './adam.js'
import { beside, columnSums, each, zeros, type Algebra } from './algebra.js'
import { initialState, initialWeights } from './cell.js'
import { elman } from './elman.js'
import { run } from './bptt.js'
import { errorOf } from './readout.js'
import type { Rival, RivalConfig, Tensors } from './rival.js'
import { rivalOf, type Passed } from './run.js'

/** What is remembered of how h came about, in place of the steps themselves. */
export interface Trace {
  /**
   * Takes in a step of weights W, slopes s = 1 - h^2 and xhat = [h[t-1] x 1]; where its loss is known by h (q), what it is
   * by [W; U; b], k x n.
   */
  readonly step: (W: Matrix, s: Matrix, xhat: Matrix, q: Matrix | undefined) => Matrix | undefined
  /** what the next piece of the sequence goes on from; nothing is taken in after it */
  readonly value: () => Tensors
}

/** From what a sequence carries: nothing of it at its start, or after steps that did not learn. */
export type TraceOf = (state: Tensors) => Trace

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
): { readonly weights: Tensors; readonly state: Tensors; readonly predictions: readonly Matrix[] } => {
  const trace = traceOf(from.state)
  const ones = each(algebra, () => 1, zeros(algebra, from.state.x!.rows, 1))
  let { weights, state } = from
  const predictions = inputs.map((input, t) => {
    const {
      h,
      before,
      x,
      predictions: [p],
      state: after,
    } = run(algebra, elman, output, weights, state, [input])
    const slopes = each(algebra, (h) => 1 - h * h, h)
    const errors = t < first ? undefined : errorOf(algebra, p!, input)
    const gradient = trace.step(
      weights.W!,
      slopes,
      beside(algebra, [before, x, ones]),
      errors && algebra.productRightTransposed(errors, weights.V!),
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

/** An Elman network that learns by such traces; `start` is what they need from the start. */
export const onlineRival = (
  algebra: Algebra,
  config: RivalConfig,
  name: string,
  traceOf: TraceOf,
  start: (key: Key | undefined) => Tensors,
): Rival =>
  rivalOf(algebra, config, {
    name,
    weights: (key) => initialWeights(algebra, elman, config, key),
    start: (_model, rows, key) => ({ ...initialState(algebra, elman, config, rows), ...start(key) }),
    pass: ({ weights, optimizer }, state, inputs, learning, first): Passed => {
      let moments = optimizer
      const update: Update = (before, gradient) => {
        const moved = adam(algebra, config, before, moments, gradient)
        moments = moved.optimizer
        return moved.weights
      }
      const after = online(
        algebra,
        config.output,
        learning ? traceOf : unlearned,
        { weights, state },
        inputs,
        learning ? first : Infinity,
        update,
      )
      return {
        model: { weights: after.weights, optimizer: moments },
        predictions: after.predictions,
        get state() {
          return after.state
        },
      }
    },
  })
