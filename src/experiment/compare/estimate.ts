/** How long the cells of a grid will take: a few batches of each kind of network, timed. */

import type { Sequence } from '../../engine/engine.js'
import { keyOf } from '../../numeric/random.js'
import type { Open } from '../study/data.js'
import { batchesOf } from '../train.js'
import { entrantOf } from './cell.js'
import type { Cell, Grid } from './grid.js'
import { isDivergence, trainingOf, untrainedOf } from './learn.js'

/** Steps of a batch that are timed: few, and so many more that what a batch takes once is told from what each step takes. */
const FEW = 3
const MORE = 12
/** Where few steps take longer, more are not waited for. */
const PATIENCE_SECONDS = 1
/** Scores on the way and at the end take about so much of the time of training. */
const SCORING = 0.4

const first = (sequence: Sequence, steps: number): Sequence => ({ ...sequence, inputs: sequence.inputs.slice(0, steps) })

/**
 * Seconds of so many steps, from those of fewer. What is timed first counts for nothing, as it compiles code and touches memory.
 * @param time the seconds that so many steps take
 */
export const secondsOf = async (length: number, time: (steps: number) => Promise<number>): Promise<number> => {
  const [few, more] = [Math.min(FEW, length), Math.min(MORE, length)]
  if ((await time(few)) > PATIENCE_SECONDS) return ((await time(few)) * length) / few
  await time(more)
  const [short, long] = [await time(few), await time(more)]
  return more < length ? long + (Math.max(0, long - short) * (length - more)) / (more - few) : long
}

/** Seconds that a batch of a cell trains. */
const secondsABatch = async (grid: Grid, cell: Cell, open: Open, now: () => number): Promise<number> => {
  const task = await open(cell.task.label, cell.task.options)
  const { entrant, dispose } = await entrantOf(grid, cell, task, cell.contender.trials[0]!)
  try {
    const sequence = task.training(keyOf(0), 0)
    let model = untrainedOf(entrant, 0)
    return await secondsOf(sequence.inputs.length, async (steps) => {
      const begin = now()
      model = (await entrant.learner.train(model, [first(sequence, steps)])).snapshot
      return now() - begin
    })
  } finally {
    await dispose()
  }
}

/** What takes about the same time: other units change little, and as many weights as P-TNCN has take about as long as its own. */
const kindOf = ({ task, contender }: Cell): string => `${task.label}/${contender.method}`

/** Seconds that a batch of each kind of network trains. */
export type Pace = Readonly<Record<string, number>>

/**
 * The pace of the kinds of network among the cells that is not known yet. Where the numbers of one cease to be finite in its
 * first steps that counts as no time, as it soon ends a cell.
 * @param onKind told before each, of how many
 */
export const paceOf = async (
  grid: Grid,
  cells: readonly Cell[],
  known: Pace,
  open: Open,
  now: () => number,
  onKind: (index: number, count: number, name: string) => void,
): Promise<Pace> => {
  // the first of a kind has the units of the grid: how many make equal weights takes long to find
  const all = new Map([...cells].reverse().map((cell) => [kindOf(cell), cell]))
  const kinds = [...all].reverse().filter(([name]) => !Object.hasOwn(known, name))
  const found: Record<string, number> = {}
  for (const [index, [name, cell]] of kinds.entries()) {
    onKind(index, kinds.length, name)
    found[name] = await secondsABatch(grid, cell, open, now).catch((error: unknown) => {
      if (isDivergence(error)) return 0
      throw error
    })
  }
  return { ...known, ...found }
}

/** Seconds that the cells take, one after another on one core. */
export const estimate = (cells: readonly Cell[], pace: Pace): number => {
  const lessons = ({ stage, task }: Cell): number => (stage === 'final' ? 1 + task.then.length : 1)
  return cells
    .map((cell) => pace[kindOf(cell)]! * batchesOf(trainingOf(cell)) * lessons(cell) * (1 + SCORING))
    .reduce((sum, one) => sum + one, 0)
}
