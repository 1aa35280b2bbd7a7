/** Long dependencies: the last but one symbol of the embedded Reber grammar repeats the second, however far away that is. */

import type { Task } from '../../data/task.js'
import { rowLengths } from '../../data/batches.js'
import { reberDistance } from '../../data/grammar.js'
import type { Learner, Sequence } from '../../engine/engine.js'
import type { Matrix } from '../../numeric/matrix.js'

/** Of the strings whose symbol is repeated after so many steps, how many had it predicted as the most probable one. */
export interface AtDistance {
  readonly distance: number
  readonly count: number
  readonly correct: number
}

const largest = ({ cols, data }: Matrix, row: number): number => {
  let best = 0
  for (let j = 1; j < cols; j++) if (data[row * cols + j]! > data[row * cols + best]!) best = j
  return best
}

/** Distance and success of each row. */
const rowsOf = (sequence: Sequence, predictions: readonly Matrix[]): readonly (readonly [distance: number, right: boolean])[] =>
  rowLengths(sequence).map((length, row) => {
    const t = length - 2
    return [reberDistance(length), largest(predictions[t]!, row) === largest(sequence.inputs[t]!.x, row)]
  })

/** On the test data, the nearest first. */
export const longDependencies = async <Model>(
  task: Task,
  learner: Learner<Model>,
  from: Model,
): Promise<readonly AtDistance[]> => {
  const counts = new Map<number, AtDistance>()
  for (const sequence of task.held('test')) {
    const { measurements } = await learner.evaluate(from, [sequence], { predictions: true })
    for (const [distance, right] of rowsOf(sequence, measurements[0]!.predictions!)) {
      const { count, correct } = counts.get(distance) ?? { count: 0, correct: 0 }
      counts.set(distance, { distance, count: count + 1, correct: correct + (right ? 1 : 0) })
    }
  }
  return [...counts.values()].sort((a, b) => a.distance - b.distance)
}

/** The part that was right, of these distances together. */
export const accuracyOf = (all: readonly AtDistance[]): number =>
  all.reduce((sum, { correct }) => sum + correct, 0) / all.reduce((sum, { count }) => sum + count, 0)
