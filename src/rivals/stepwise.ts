/** Rivals that learn at every step and carry all that they need from one to the next: a step is all that tells them apart. */

import type { Key } from '../numeric/random.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Input } from '../ptncn/state.js'
import { adam } from './adam.js'
import type { Algebra } from './algebra.js'
import type { Rival, RivalConfig, Tensors } from './rival.js'
import { rivalOf } from './run.js'

/** What a step leaves. */
export interface Stepped {
  /** p, made before the input was seen */
  readonly prediction: Matrix
  readonly state: Tensors
  /** by each weight, where the step learns */
  readonly gradient?: Tensors
}

/** What tells one of them from another. */
export interface StepMethod {
  readonly name: string
  readonly weights: (key: Key) => Tensors
  /** the state in which a sequence of so many rows begins */
  readonly start: (rows: number) => Tensors
  /** one step from a state; what only learning needs is neither made nor carried where it does not learn */
  readonly step: (weights: Tensors, state: Tensors, input: Input, learning: boolean) => Stepped
}

/** One update of Adam after each step that is scored. */
export const stepwiseRival = (algebra: Algebra, config: RivalConfig, { name, weights, start, step }: StepMethod): Rival =>
  rivalOf(algebra, config, {
    name,
    weights,
    start: (_model, rows) => start(rows),
    pass: (from, before, inputs, learning, first) => {
      let [model, state] = [from, before]
      const predictions = inputs.map((input, t) => {
        const { prediction, state: after, gradient } = step(model.weights, state, input, learning)
        if (gradient && t >= first) model = adam(algebra, config, model.weights, model.optimizer, gradient)
        state = after
        return prediction
      })
      return { model, state, predictions }
    },
  })
