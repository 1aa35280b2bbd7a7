/** The cells of a grid in its folder: their results, the settings that came out best, and what is left to do. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { requireRecord } from '../../io/json.js'
import { record, type Fields } from '../../fields.js'
import { SPEC_VERSION } from '../../ptncn/config.js'
import { machine, readConfig, writeJson } from '../run/folder.js'
import { GRID_FORMAT, isDone, readCost, readDone, writeDone } from '../study/folder.js'
import type { CellCost, CellResult } from './result.js'
import type { Pace } from './estimate.js'
import { cellsOf, groupName, groupsOf, searchCells, type Cell, type Grid, type Group } from './grid.js'
import type { Settings } from './methods.js'
import { requireCell, requireCost } from './told.js'

/** The description of a grid in a file of the user's, or in the one that the folder of a grid holds. @throws FileError */
export const readGrid = async (path: string): Promise<Fields> => {
  const file = await readConfig(path)
  return file['format'] === GRID_FORMAT ? requireRecord('grid', file['grid']) : file
}

/** @throws FileError where the file is not what the cell leaves */
export const readCell = async (folder: string, { name }: Cell): Promise<CellResult> => {
  const result = await readDone(folder, name, () => true)
  return requireCell(name, result)
}

/** What a cell cost, in a file beside its result. */
export interface Cost extends CellCost {
  /** of the process, in bytes; where it ran other cells too, of these as well */
  readonly peak: number
  /** that it ran on */
  readonly machine?: unknown
}

/** @throws FileError where the file is not what the cell leaves */
export const costOf = async (folder: string, { name }: Cell): Promise<Cost | undefined> => {
  const cost = await readCost(folder, name)
  return cost && (requireCost(`${name}.time`, cost) as Cost)
}

export const writeCell = (folder: string, { name }: Cell, result: CellResult, cost: CellCost): Promise<void> =>
  writeDone(
    folder,
    name,
    { ...result },
    {
      ...cost,
      millisecondsAStep: (1000 * cost.seconds) / Math.max(1, cost.steps),
      peak: 1024 * process.resourceUsage().maxRSS,
      machine: machine(),
    },
  )

/** How long a batch of each kind of network takes, on the machine that was asked last; so nobody asks twice. */
const PACE = 'pace.json'
const PACE_FORMAT = 'ptncn-pace'

/** Nothing where it is not known, or is that of another machine. @throws FileError */
export const readPace = async (folder: string): Promise<Pace> => {
  if (!existsSync(join(folder, PACE))) return {}
  const { format, machine: on, pace } = await readConfig(join(folder, PACE))
  const isOurs = format === PACE_FORMAT && JSON.stringify(on) === JSON.stringify(machine())
  const isPace = record.holds(pace) && Object.values(pace).every((one) => typeof one === 'number')
  return isOurs && isPace ? (pace as Pace) : {}
}

export const writePace = (folder: string, pace: Pace): Promise<void> =>
  writeJson(folder, PACE, { format: PACE_FORMAT, machine: machine(), pace })

/** What a standing of a cell belongs to. */
export const keyOf = ({ name, task }: Cell, settings: Settings): string => JSON.stringify([SPEC_VERSION, name, task, settings])

/** Of the settings tried, those with the best validation score, a mean over the seeds; of equal ones the first. */
export const chosen = async (
  folder: string,
  grid: Grid,
  group: Group,
): Promise<{ readonly trial: number; readonly settings: Settings } | undefined> => {
  const cells = searchCells(grid, group)
  const { trials } = group.contender
  if (cells.length === 0) return { trial: 0, settings: trials[0]! }
  if (!cells.every(({ name }) => isDone(folder, name))) return undefined
  const sums = trials.map(() => 0)
  for (const cell of cells) sums[cell.trial!]! += (await readCell(folder, cell)).validation
  const trial = sums.indexOf(Math.min(...sums))
  return { trial, settings: trials[trial]! }
}

/** The settings of a cell; of a final one, once its search is done. */
export const settingsOfCell = async (folder: string, grid: Grid, cell: Cell): Promise<Settings | undefined> =>
  cell.stage === 'search' ? cell.contender.trials[cell.trial!] : (await chosen(folder, grid, cell))?.settings

/** What is left to do and can be done now. */
export const ready = async (folder: string, grid: Grid): Promise<readonly Cell[]> => {
  const searched = new Set<string>()
  for (const group of groupsOf(grid)) if (await chosen(folder, grid, group)) searched.add(groupName(group))
  return cellsOf(grid).filter((cell) => !isDone(folder, cell.name) && (cell.stage === 'search' || searched.has(groupName(cell))))
}
