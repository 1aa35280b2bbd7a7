/** One cell of a grid, the same bits whenever and wherever it runs: a network is made, learns, and is scored. No files, no terminal. */

import type { Task } from '../../data/task.js'
import { PtncnError } from '../../errors.js'
import type { Conduct } from '../study/conduct.js'
import type { Open } from '../study/data.js'
import type { Cell, Grid } from './grid.js'
import type { CellCost, CellResult } from './result.js'
import { lessons, single, trainingOf, untrainedOf } from './learn.js'
import { layersOf, methodOf, weightsOf, type EngineOf, type Ends, type Entrant, type Settings } from './methods.js'

const MOST_UNITS = 2 ** 14

/** The number of units that makes a network's weights as many as those of P-TNCN of the grid, or nearest to it. */
const equalUnits = async (
  { units, contenders }: Grid,
  { contender, task }: Cell,
  ends: Ends,
  settings: Settings,
): Promise<number> => {
  const count = async (method: string, variant: string, n: number, own: Settings): Promise<number> => {
    const entrant = await methodOf(method).make(ends, n, variant, own)
    const weights = weightsOf(untrainedOf(entrant, 0))
    await disposeOf(entrant)
    return weights
  }
  const reference = contenders.find(({ method, tasks }) => method === 'ptncn' && tasks.includes(task.label))
  const wanted = await count('ptncn', 'tanh', units, reference?.trials[0] ?? {})
  // of so few units that a reservoir of them has no cycle there is no network
  const own = (n: number): Promise<number> =>
    count(contender.method, contender.variant, n, settings).catch((error: unknown) => {
      if (error instanceof PtncnError) return 0
      throw error
    })
  let [low, high] = [1, 2]
  while (high < MOST_UNITS && (await own(high)) < wanted) [low, high] = [high, 2 * high]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((await own(middle)) < wanted) low = middle
    else high = middle
  }
  return wanted - (await own(low)) <= (await own(high)) - wanted ? low : high
}

const disposeOf = async ({ learner, uncorrected }: Entrant): Promise<void> => {
  await learner.dispose()
  await uncorrected?.dispose()
}

const keptOf = (task: Task, method: string, units: number, settings: Settings): number => {
  const [sequence] = task.held('test')
  return methodOf(method).kept({ inputs: task.inputs, units, steps: sequence!.inputs.length }, settings)
}

/** The network of a cell, which its user disposes of. @throws UsageError, ConfigError where a setting is none */
export const entrantOf = async (grid: Grid, cell: Cell, task: Task, settings: Settings, engineOf?: EngineOf) => {
  const { contender, size } = cell
  const units = size === 'units' ? grid.units : await equalUnits(grid, cell, task, settings)
  const entrant = await methodOf(contender.method).make(task, units, contender.variant, settings, engineOf)
  return { entrant, units, dispose: () => disposeOf(entrant) }
}

/**
 * Trains and scores, or stops on the way with nothing; letters are scored where the user's data have some. A divergence is a result like any other. The engines of P-TNCN have
 * one thread each unless `engineOf` makes others.
 * @throws UsageError, ConfigError where a setting is none
 */
export const runCell = async (
  grid: Grid,
  cell: Cell,
  settings: Settings,
  open: Open,
  conduct: Conduct,
  engineOf?: EngineOf,
): Promise<{ readonly result: CellResult; readonly cost: CellCost } | undefined> => {
  const {
    contender: { method, variant },
    size,
    stage,
    seed,
    name,
  } = cell
  const task = await open(cell.task.label, cell.task.options)
  const { entrant, units, dispose } = await entrantOf(grid, cell, task, settings, engineOf)
  try {
    const untrained = untrainedOf(entrant, seed)
    const isLesson = stage === 'final' && cell.task.then.length > 0
    const learned = await (isLesson ? lessons : single)({ grid, cell, task, entrant, untrained, open }, conduct)
    if (!learned) return undefined
    const { cost, ...scores } = learned
    const { data: _, ...options } = cell.task.options
    const result: CellResult = {
      name,
      stage,
      method,
      variant,
      size,
      seed,
      task: { label: cell.task.label, ...options, ...(cell.task.then.length > 0 && { then: cell.task.then }) },
      title: task.title,
      unit: task.unit,
      sequences: trainingOf(cell).sequences,
      units: layersOf(settings) ?? units,
      settings,
      weights: weightsOf(untrained),
      kept: keptOf(task, method, units, settings),
      ...scores,
      marks: task.marks('test'),
    }
    return { result, cost }
  } finally {
    await dispose()
  }
}
