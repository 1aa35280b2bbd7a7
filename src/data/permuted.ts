/**
 * A task with its inputs in another order, one fixed and random: as hard for a network without convolutions, and nothing
 * learned of the order before helps. After "permuted MNIST", I. Goodfellow et al., "An empirical investigation of
 * catastrophic forgetting in gradient-based neural networks" (ICLR 2014).
 */

import type { Sequence } from '../engine/engine.js'
import type { Matrix } from '../numeric/matrix.js'
import { keyOf } from '../numeric/random.js'
import { permutation } from './batches.js'
import type { Task } from './task.js'

/** The order is the same for every seed of a run. */
const ORDER_SEED = 20_200_103

const reordered = ({ rows, cols, data }: Matrix, order: Uint32Array): Matrix => {
  const out = new Float32Array(data.length)
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) out[row * cols + j] = data[row * cols + order[j]!]!
  }
  return { rows, cols, data: out }
}

/** Its marks are those of the task: sums over all inputs, in whatever order. */
export const permutedTask = (task: Task, { name, title }: Pick<Task, 'name' | 'title'>): Task => {
  const order = permutation(task.inputs, keyOf(ORDER_SEED))
  const change = (sequence: Sequence): Sequence => ({
    ...sequence,
    inputs: sequence.inputs.map(({ x, mask }) => ({ x: reordered(x, order), mask })),
  })
  return {
    ...task,
    name,
    title,
    training: (key, index) => change(task.training(key, index)),
    held: (part) => Array.from(task.held(part), change),
  }
}
