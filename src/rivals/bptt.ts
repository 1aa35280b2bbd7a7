/**
 * Backpropagation through time: a whole sequence, or chunks of it that do not overlap, is run, then gone back over, and
 * the weights move once. What is carried into a chunk is a constant to it.
 */

import { requireField, wholeFrom } from '../fields.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Input } from '../ptncn/state.js'
import { adam, mapTensors } from './adam.js'
import { add, addRow, columnSums, stacked, transposed, unstacked, zeros, type Algebra } from './algebra.js'
import { initialState, initialWeights, type Cell } from './cell.js'
import { elman } from './elman.js'
import { lstmCell } from './lstm.js'
import { errorOf, predict } from './readout.js'
import type { Rival, RivalConfig, RivalModel, Tensors } from './rival.js'
import { rivalOf, type Passed } from './run.js'

type Output = RivalConfig['output']

/** What a run over some inputs leaves. Matrices of all steps are stacked, step after step. */
export interface Run {
  readonly state: Tensors
  readonly predictions: readonly Matrix[]
  /** what each step took in, and h before and after it */
  readonly x: Matrix
  readonly before: Matrix
  readonly h: Matrix
  readonly kept: readonly Tensors[]
}

/** Forward over inputs, the weights fixed. */
export const run = (
  algebra: Algebra,
  cell: Cell,
  output: Output,
  weights: Tensors,
  state: Tensors,
  inputs: readonly Input[],
): Run => {
  const { W, U, b } = weights
  const rows = state.x!.rows
  const x = stacked(algebra, [state.x!, ...inputs.slice(0, -1).map((input) => input.x)])
  let carried = state
  const [before, h]: [Matrix[], Matrix[]] = [[], []]
  const kept = unstacked(addRow(algebra, algebra.product(x, U!), b!), rows).map((drive) => {
    const { after, kept } = cell.forward(algebra, add(algebra, algebra.product(carried.h!, W!), drive), carried)
    before.push(carried.h!)
    h.push(after.h!)
    carried = after
    return kept
  })
  const all = stacked(algebra, h)
  return {
    state: { ...carried, x: inputs.at(-1)!.x },
    x,
    before: stacked(algebra, before),
    h: all,
    kept,
    predictions: unstacked(predict(algebra, output, weights, all), rows),
  }
}

/** By each weight, the loss of the steps from `first` on, summed; of a run of these weights. */
export const gradientOf = (
  algebra: Algebra,
  cell: Cell,
  weights: Tensors,
  { x, before, h, kept, predictions }: Run,
  inputs: readonly Input[],
  first: number,
): Tensors => {
  const rows = predictions[0]!.rows
  const errors = stacked(
    algebra,
    predictions.map((p, t) => (t < first ? zeros(algebra, p.rows, p.cols) : errorOf(algebra, p, inputs[t]!))),
  )
  const q = unstacked(algebra.productRightTransposed(errors, weights.V!), rows)
  const back = transposed(algebra, weights.W!)
  const drives: Matrix[] = []
  // of what is carried after the last step nothing is known: it is scored elsewhere, or never
  let after = mapTensors(() => zeros(algebra, rows, h.cols), Object.fromEntries(cell.carried.map((name) => [name, h])))
  for (let t = kept.length - 1; t >= 0; t--) {
    const step = cell.backward(algebra, kept[t]!, { ...after, h: add(algebra, after.h!, q[t]!) })
    drives[t] = step.d
    const throughDrive = algebra.product(step.d, back)
    after = { ...step.before, h: step.before.h ? add(algebra, throughDrive, step.before.h) : throughDrive }
  }
  const d = stacked(algebra, drives)
  return {
    W: algebra.productLeftTransposed(before, d),
    U: algebra.productLeftTransposed(x, d),
    b: columnSums(algebra, d),
    V: algebra.productLeftTransposed(h, errors),
    c: columnSums(algebra, errors),
  }
}

/** Chunks of `steps` inputs, Infinity for all at once, each followed by one update. */
const passOf =
  (algebra: Algebra, cell: Cell, config: RivalConfig, steps: number) =>
  (model: RivalModel, from: Tensors, inputs: readonly Input[], learning: boolean, first: number): Passed => {
    let [{ weights, optimizer }, state] = [model, from]
    const predictions: Matrix[] = []
    for (let t = 0; t < inputs.length; t += steps) {
      const chunk = inputs.slice(t, t + steps)
      const forward = run(algebra, cell, config.output, weights, state, chunk)
      if (learning && t + chunk.length > first) {
        const gradient = gradientOf(algebra, cell, weights, forward, chunk, first - t)
        ;({ weights, optimizer } = adam(algebra, config, weights, optimizer, gradient))
      }
      state = forward.state
      predictions.push(...forward.predictions)
    }
    return { model: { weights, optimizer }, state, predictions }
  }

/** A cell that learns by backpropagation through chunks of `steps`. */
export const backpropagated = (algebra: Algebra, config: RivalConfig, cell: Cell, steps: number, name: string): Rival =>
  rivalOf(algebra, config, {
    name,
    weights: (key) => initialWeights(algebra, cell, config, key),
    start: (_model, rows) => initialState(algebra, cell, config, rows),
    pass: passOf(algebra, cell, config, steps),
  })

/** Backpropagation through whole sequences. @throws ConfigError */
export const bptt = (algebra: Algebra, config: RivalConfig): Rival => backpropagated(algebra, config, elman, Infinity, 'bptt')

/** Backpropagation truncated to chunks of `steps` steps, a whole number >= 1. @throws ConfigError */
export const tbptt = (algebra: Algebra, config: RivalConfig, steps: number): Rival =>
  backpropagated(algebra, config, elman, requireField('ConfigError', 'steps', steps, wholeFrom(1)), `tbptt(${steps})`)

/** LSTM by backpropagation through whole sequences. @throws ConfigError */
export const lstm = (algebra: Algebra, config: RivalConfig): Rival => backpropagated(algebra, config, lstmCell, Infinity, 'lstm')
