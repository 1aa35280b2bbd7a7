/**
 * Sparse attentive backtracking: N. R. Ke et al., "Sparse Attentive Backtracking: Temporal Credit Assignment Through
 * Reminding" (2018). An LSTM that is reminded of its own past:
 *
 *   h~, c = LSTM(x[t-1], h[t-1], c[t-1]), where h[t-1] and c[t-1] are constants at every `trunc`-th step
 *   score_i = tanh(h~ Q + m_i K) w for each memory m_i: every `every`-th h so far, to which the gradient goes uncut
 *   weight_i = relu(score_i - threshold) / (their sum + 1e-7)
 *   s = sum of weight_i m_i,   h = h~ + s,   p[t] = g([h s] V + c)
 *
 * So a loss goes back within a window of `trunc` steps, and from there to the windows in which a memory was made that
 * was attended to, or whose score the threshold comes from. One update of Adam a sequence, its gradient summed over the steps, as BPTT has it; a piece of a
 * sequence is updated on its own, with what is carried into it a constant.
 *
 * This is the variant "hidden scores, k survivors". The paper scores h~ and m_i by a perceptron and keeps the k largest
 * scores, so the threshold is the next one + 1e-7 where there are more than k memories. Where there are not, all are
 * used: the threshold lies 1 below the smallest score, so that weights are positive, and equal where scores are.
 * The authors' released code differs. Its score is tanh([h~ m_i]) w: the tanh comes before the sum, so h~ adds the same
 * to all scores and, as weights tell differences of scores alone, does not matter beyond k memories. Its threshold is
 * the k-th score + 1e-7, so k - 1 survive; with k memories or fewer the scores themselves, not normalised, are weights.
 * Its first memory is the state of 0 in which a sequence begins.
 */

import { field } from '../fields.js'
import type { Matrix } from '../numeric/matrix.js'
import { normals, split, type Key } from '../numeric/random.js'
import type { Input } from '../ptncn/state.js'
import { adam } from './adam.js'
import {
  add,
  addRow,
  beside,
  columns,
  columnSums,
  each,
  stacked,
  transposed,
  unstacked,
  zeros,
  type Algebra,
  type Numbers,
} from './algebra.js'
import * as cells from './cell.js'
import { lstmCell } from './lstm.js'
import { attend, attendBack, type Reminded } from './reminding.js'
import { errorOf, predict } from './readout.js'
import { requireSettings, type Rival, type RivalConfig, type Tensors } from './rival.js'
import { rivalOf } from './run.js'

/** What sparse attentive backtracking has beside what all rivals have. */
export interface SabSettings {
  /** k_att: every so many-th h is remembered */
  readonly every: number
  /** k: so many memories are attended to */
  readonly top: number
  /** steps that a gradient goes back but for memories */
  readonly trunc: number
}

/** Those of the paper's experiments. */
export const SAB_DEFAULTS: SabSettings = { every: 2, top: 10, trunc: 10 }

const steps = field<number>(
  'a whole number >= 1, or Infinity',
  (value) => value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 1),
)
const KINDS = { every: steps, top: steps, trunc: steps }

/** Q, K (n x n) and w (n x 1) of the scores beside the weights of the LSTM; the readout has 2 n rows. */
export const initialWeights = (algebra: Algebra, config: RivalConfig, key: Key): Tensors => {
  const { inputs, units, weightScale } = config
  const drawn = (index: number, rows: number, cols: number): Matrix =>
    each(algebra, (w) => w, normals(split(key, index), rows, cols, weightScale || 1 / Math.sqrt(rows)))
  return {
    ...cells.initialWeights(algebra, lstmCell, config, key),
    V: drawn(2, 2 * units, inputs),
    Q: drawn(3, units, units),
    K: drawn(4, units, units),
    w: drawn(5, units, 1),
  }
}

export const initialState = (algebra: Algebra, config: RivalConfig, rows: number): Tensors => ({
  ...cells.initialState(algebra, lstmCell, config, rows),
  /** steps since the sequence began */
  t: zeros(algebra, 1, 1),
  /** memories, stacked, the oldest first */
  m: zeros(algebra, 0, config.units),
})

interface Step {
  readonly kept: Tensors
  /** h~ */
  readonly provisional: Matrix
  readonly reminded: Reminded | undefined
}

/** What a run over some inputs leaves. */
export interface Run {
  readonly state: Tensors
  readonly predictions: readonly Matrix[]
  /** of all steps, stacked: what was taken in, h before, and [h s] after */
  readonly x: Matrix
  readonly before: Matrix
  readonly read: Matrix
  readonly steps: readonly Step[]
  /** the number of the first step since the sequence began */
  readonly begin: number
}

/** Whether h after step t is remembered. */
const isRemembered = ({ every }: SabSettings, t: number): boolean => (t + 1) % every === 0

/** Forward over inputs, the weights fixed. */
export const run = (
  algebra: Algebra,
  output: RivalConfig['output'],
  settings: SabSettings,
  weights: Tensors,
  state: Tensors,
  inputs: readonly Input[],
): Run => {
  const { W, U, b, K } = weights
  const [rows, begin] = [state.x!.rows, state.t!.data[0]!]
  const x = stacked(algebra, [state.x!, ...inputs.slice(0, -1).map((input) => input.x)])
  let [carried, memories, keys] = [state, state.m!, algebra.product(state.m!, K!)]
  const [before, read]: [Matrix[], Matrix[]] = [[], []]
  const steps = unstacked(addRow(algebra, algebra.product(x, U!), b!), rows).map((drive, i): Step => {
    before.push(carried.h!)
    const { after, kept } = lstmCell.forward(algebra, add(algebra, algebra.product(carried.h!, W!), drive), carried)
    const provisional = after.h!
    const { reminded, s } =
      memories.rows > 0
        ? attend(algebra, settings.top, weights, provisional, memories, keys)
        : { reminded: undefined, s: zeros(algebra, rows, provisional.cols) }
    carried = { ...after, h: add(algebra, provisional, s) }
    read.push(beside(algebra, [carried.h!, s]))
    if (isRemembered(settings, begin + i)) {
      memories = stacked(algebra, [memories, carried.h!])
      keys = stacked(algebra, [keys, algebra.product(carried.h!, K!)])
    }
    return { kept, provisional, reminded }
  })
  const all = stacked(algebra, read)
  const t = each(algebra, () => begin + inputs.length, state.t!)
  return {
    state: { ...carried, x: inputs.at(-1)!.x, t, m: memories },
    x,
    before: stacked(algebra, before),
    read: all,
    steps,
    begin,
    predictions: unstacked(predict(algebra, output, weights, all), rows),
  }
}

/** `part` added to the first rows of `all`, in place. */
const addTo = (all: Matrix, part: Matrix): void => {
  const data = all.data as Numbers
  for (let i = 0; i < part.data.length; i++) data[i] = data[i]! + part.data[i]!
}

/** By each weight, the loss of the steps from `first` on, summed; of a run of these weights. */
export const gradientOf = (
  algebra: Algebra,
  settings: SabSettings,
  weights: Tensors,
  { state, predictions, x, before, read, steps, begin }: Run,
  inputs: readonly Input[],
  first: number,
): Tensors => {
  const [rows, n, memories] = [predictions[0]!.rows, before.cols, state.m!]
  const errors = stacked(
    algebra,
    predictions.map((p, t) => (t < first ? zeros(algebra, p.rows, p.cols) : errorOf(algebra, p, inputs[t]!))),
  )
  const q = unstacked(algebra.productRightTransposed(errors, weights.V!), rows)
  const [backW, backQ, backK, rowW] = [weights.W!, weights.Q!, weights.K!, weights.w!].map((weight) =>
    transposed(algebra, weight),
  ) as [Matrix, Matrix, Matrix, Matrix]
  const [drives, queries]: [Matrix[], Matrix[]] = [[], []]
  const nothing = zeros(algebra, rows, n)
  const [dMemories, dKeys] = [zeros(algebra, memories.rows, n), zeros(algebra, memories.rows, n)]
  let [after, dw, youngest]: [Tensors, Matrix, number] = [{ h: nothing, c: nothing }, zeros(algebra, n, 1), memories.rows]
  for (let i = steps.length - 1; i >= 0; i--) {
    const { kept, reminded } = steps[i]!
    let dh = add(algebra, after.h!, columns(algebra, q[i]!, 0, n))
    if (isRemembered(settings, begin + i)) {
      youngest -= rows
      const at = youngest / rows
      dh = each(
        algebra,
        (a, b, c) => a + b + c,
        dh,
        unstacked(dMemories, rows)[at]!,
        algebra.product(unstacked(dKeys, rows)[at]!, backK),
      )
    }
    const ds = add(algebra, dh, columns(algebra, q[i]!, n, 2 * n))
    queries[i] = nothing
    if (reminded) {
      const back = attendBack(algebra, reminded, memories, rowW, ds)
      addTo(dMemories, back.memories)
      addTo(dKeys, back.keys)
      dw = add(algebra, dw, back.w)
      queries[i] = back.query
      dh = add(algebra, dh, algebra.product(queries[i]!, backQ))
    }
    const step = lstmCell.backward(algebra, kept, { h: dh, c: after.c! })
    drives[i] = step.d
    const isCut = (begin + i) % settings.trunc === 0
    after = isCut ? { h: nothing, c: nothing } : { ...step.before, h: algebra.product(step.d, backW) }
  }
  const d = stacked(algebra, drives)
  return {
    W: algebra.productLeftTransposed(before, d),
    U: algebra.productLeftTransposed(x, d),
    b: columnSums(algebra, d),
    V: algebra.productLeftTransposed(read, errors),
    c: columnSums(algebra, errors),
    Q: algebra.productLeftTransposed(
      stacked(
        algebra,
        steps.map(({ provisional }) => provisional),
      ),
      stacked(algebra, queries),
    ),
    K: algebra.productLeftTransposed(memories, dKeys),
    w: dw,
  }
}

/** Sparse attentive backtracking. @throws ConfigError naming the first setting that it cannot have */
export const sab = (algebra: Algebra, config: RivalConfig, settings: SabSettings): Rival => {
  requireSettings(settings, KINDS)
  return rivalOf(algebra, config, {
    name: 'sab',
    weights: (key) => initialWeights(algebra, config, key),
    start: (_model, rows) => initialState(algebra, config, rows),
    pass: (model, from, inputs, learning, first) => {
      const forward = run(algebra, config.output, settings, model.weights, from, inputs)
      const { state, predictions } = forward
      if (!learning || inputs.length <= first) return { model, state, predictions }
      const gradient = gradientOf(algebra, settings, model.weights, forward, inputs, first)
      return { model: adam(algebra, config, model.weights, model.optimizer, gradient), state, predictions }
    },
  })
}
