/** How long the cells of a grid will take: a few batches of each kind of network, timed. */

import { keyOf } from '../../numeric/random.js'
import type { Open } from '../study/data.js'
import { batchesOf } from '../train.js'
import { entrantOf } from './cell.js'
import type { Cell, Grid } from './grid.js'
import { isDivergence, trainingOf, untrainedOf } from './learn.js'

/** The second batch is timed, as the first compiles code and touches memory; where that takes so many seconds, the first. */
const LONG_SECONDS = 0.5
/** Scores on the way and at the end take about so much of the time of training. */
const SCORING = 0.4

/** Seconds that a batch of a cell trains. */
const secondsABatch = async (grid: Grid, cell: Cell, open: Open, now: () => number): Promise<number> => {
  const task = await open(cell.task.label, cell.task.options)
  const { entrant, dispose } = await entrantOf(grid, cell, task, cell.contender.trials[0]!)
  try {
    const begun = now()
    const { snapshot } = await entrant.learner.train(untrainedOf(entrant, 0), [task.training(keyOf(0), 0)])
    const first = now() - begun
    if (first > LONG_SECONDS) return first
    const begin = now()
    await entrant.learner.train(snapshot, [task.training(keyOf(0), 1)])
    return now() - begin
  } finally {
    await dispose()
  }
}

/** What takes about the same time: other units change little. */
const kindOf = ({ task, contender, size }: Cell): string => `${task.label}/${contender.method}/${size}`

/**
 * Seconds that the cells take, one after another on one core. Each kind of network is timed once; where its numbers cease
 * to be finite in its first batches that counts as no time, as it soon ends a cell.
 * @param onKind told before each, of how many
 */
export const estimate = async (
  grid: Grid,
  cells: readonly Cell[],
  open: Open,
  now: () => number,
  onKind: (index: number, count: number, name: string) => void,
): Promise<number> => {
  const kinds = [...new Map(cells.map((cell) => [kindOf(cell), cell])).entries()]
  const known = new Map<string, number>()
  for (const [index, [name, cell]] of kinds.entries()) {
    onKind(index, kinds.length, name)
    known.set(
      name,
      await secondsABatch(grid, cell, open, now).catch((error: unknown) => {
        if (isDivergence(error)) return 0
        throw error
      }),
    )
  }
  const lessons = ({ stage, task }: Cell): number => (stage === 'final' ? 1 + task.then.length : 1)
  return cells
    .map((cell) => known.get(kindOf(cell))! * batchesOf(trainingOf(cell)) * lessons(cell) * (1 + SCORING))
    .reduce((sum, one) => sum + one, 0)
}
