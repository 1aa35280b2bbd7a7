/** How long the cells of a grid will take: a few batches of each kind of network, timed. */

import type { Sequence } from '../../engine/engine.js'
import { keyOf } from '../../numeric/random.js'
import type { Open } from '../study/data.js'
import { batchesOf } from '../train.js'
import { entrantOf } from './cell.js'
import type { Cell, Grid } from './grid.js'
import { isDivergence, trainingOf, untrainedOf } from './learn.js'

/** Of a batch so many steps are timed, as those of a network are alike, after as many that compile code and touch memory. */
const STEPS = 3
/** Scores on the way and at the end take about so much of the time of training. */
const SCORING = 0.4

const first = (sequence: Sequence): Sequence => ({ ...sequence, inputs: sequence.inputs.slice(0, STEPS) })

/** Seconds that a batch of a cell trains. */
const secondsABatch = async (grid: Grid, cell: Cell, open: Open, now: () => number): Promise<number> => {
  const task = await open(cell.task.label, cell.task.options)
  const { entrant, dispose } = await entrantOf(grid, cell, task, cell.contender.trials[0]!)
  try {
    const [warm, timed] = [0, 1].map((index) => task.training(keyOf(0), index)) as [Sequence, Sequence]
    const { snapshot } = await entrant.learner.train(untrainedOf(entrant, 0), [first(warm)])
    const begin = now()
    await entrant.learner.train(snapshot, [first(timed)])
    return ((now() - begin) * timed.inputs.length) / first(timed).inputs.length
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
