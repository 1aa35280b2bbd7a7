/**
 * The folder of a grid: one result for each cell that is done, and beside it what it cost on the machine at hand. Cells
 * may run in any number of processes, on any machines, as long as no two run the same one.
 */

import { existsSync, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { cpus } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { mismatch, PtncnError } from '../../errors.js'
import { readRegular } from '../../io/archive.js'
import { fileError, writeFileSafely } from '../../io/files.js'
import { requireRecord } from '../../io/json.js'
import { SPEC_VERSION } from '../../ptncn/config.js'
import { readConfig, writeJson } from '../run/folder.js'
import type { Standing } from '../train.js'
import { CELL_FORMAT, type CellCost, type CellResult } from './cell.js'
import { cellsOf, groupName, groupsOf, searchCells, type Cell, type Grid, type Group } from './grid.js'
import type { Settings } from './methods.js'
import { decodeStanding, encodeStanding } from '../study/standing-file.js'

const GRID = 'grid.json'
const GRID_FORMAT = 'ptncn-grid'

/**
 * The folder of this grid, new or begun before, by this process or another.
 * @throws FileError where it is that of another grid
 */
export const openGrid = async (folder: string, description: Readonly<Record<string, unknown>>): Promise<void> => {
  const given = JSON.parse(JSON.stringify({ format: GRID_FORMAT, spec: SPEC_VERSION, ...description })) as Record<string, unknown>
  const path = join(folder, GRID)
  if (!existsSync(path)) {
    makeFolder(folder)
    return writeJson(folder, GRID, given)
  }
  const before = await readConfig(path)
  const differs = Object.keys({ ...before, ...given }).find(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(given[name]),
  )
  if (differs !== undefined)
    throw mismatch('FileError', folder, `the ${differs} that was begun there`, 'another', 'give another --out')
}

/** The description of a grid in a file of the user's, or in the one that the folder of a grid holds. @throws FileError */
export const readGrid = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
  const file = await readConfig(path)
  return file['format'] === GRID_FORMAT ? requireRecord('grid', file['grid']) : file
}

const makeFolder = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    throw fileError('write', path, cause)
  }
}

const pathOf = (folder: string, { name }: Cell, ending: string): string => join(folder, 'cells', `${name}${ending}`)

export const isDone = (folder: string, cell: Cell): boolean => existsSync(pathOf(folder, cell, '.json'))

/** @throws FileError where the file is not what the cell leaves */
export const readCell = async (folder: string, cell: Cell): Promise<CellResult> => {
  const path = pathOf(folder, cell, '.json')
  const { format, name, validation, test, curve, ...rest } = await readConfig(path)
  const isScore = (value: unknown): boolean => typeof value === 'number'
  if (format !== CELL_FORMAT || name !== cell.name || !isScore(validation) || !isScore(test) || !Array.isArray(curve)) {
    throw mismatch('FileError', path, `the result of ${cell.name}`, name, 'remove it, and it is made again')
  }
  return { format, name, validation, test, curve, ...rest } as unknown as CellResult
}

/** What a cell cost, where that is known. */
export interface Cost extends CellCost {
  /** of the process, in bytes; where it ran other cells too, of these as well */
  readonly peak: number
}

export const readCost = async (folder: string, cell: Cell): Promise<Cost | undefined> => {
  const path = pathOf(folder, cell, '.time.json')
  return existsSync(path) ? ((await readConfig(path)) as unknown as Cost) : undefined
}

/** The result is written last: where it is, all is. */
export const writeCell = async (folder: string, cell: Cell, result: CellResult, cost: CellCost): Promise<void> => {
  const path = pathOf(folder, cell, '.json')
  const own = dirname(path)
  makeFolder(own)
  await writeJson(own, basename(pathOf(folder, cell, '.time.json')), {
    format: 'ptncn-cost',
    name: cell.name,
    ...cost,
    millisecondsAStep: (1000 * cost.seconds) / Math.max(1, cost.steps),
    peak: 1024 * process.resourceUsage().maxRSS,
    machine: { node: process.version, processor: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length },
  })
  await writeJson(own, basename(path), result)
  await rm(standingPath(folder, cell), { force: true })
}

const standingPath = (folder: string, cell: Cell): string => pathOf(folder, cell, '.safetensors')

/** What a standing belongs to: of anything else it is of no use. */
const keyOf = (cell: Cell, settings: Settings): string => JSON.stringify([SPEC_VERSION, cell.name, cell.task, settings])

export const writeStanding = async (
  folder: string,
  cell: Cell,
  settings: Settings,
  standing: Standing<unknown>,
  cost: CellCost,
): Promise<void> => {
  const path = standingPath(folder, cell)
  makeFolder(dirname(path))
  await writeFileSafely(path, encodeStanding(standing, { of: keyOf(cell, settings), cost }))
}

/** Where the cell was when it was last saved. A file that cannot be used costs the time that it would have saved, and nothing else. */
export const readStanding = (
  folder: string,
  cell: Cell,
  settings: Settings,
  like: unknown,
): { readonly standing: Standing<unknown>; readonly cost: CellCost } | undefined => {
  const path = standingPath(folder, cell)
  if (!existsSync(path)) return undefined
  try {
    const { standing, about } = decodeStanding(readRegular(path, Infinity), like)
    return about['of'] === keyOf(cell, settings) ? { standing, cost: about['cost'] as CellCost } : undefined
  } catch (error) {
    if (error instanceof PtncnError) return undefined
    throw error
  }
}

/** Of the settings tried, those with the best validation score, a mean over the seeds; of equal ones the first. */
export const chosen = async (
  folder: string,
  grid: Grid,
  group: Group,
): Promise<{ readonly trial: number; readonly settings: Settings } | undefined> => {
  const cells = searchCells(grid, group)
  const { trials } = group.contender
  if (cells.length === 0) return { trial: 0, settings: trials[0]! }
  if (!cells.every((cell) => isDone(folder, cell))) return undefined
  const sums = trials.map(() => 0)
  for (const cell of cells) sums[cell.trial!]! += (await readCell(folder, cell)).validation
  const trial = sums.indexOf(Math.min(...sums))
  return { trial, settings: trials[trial]! }
}

/** The settings of a cell; of a final one, once its search is done. */
export const settingsOfCell = async (folder: string, grid: Grid, cell: Cell): Promise<Settings | undefined> =>
  cell.stage === 'search' ? cell.contender.trials[cell.trial!] : (await chosen(folder, grid, cell))?.settings

/** What is left to do, and whether it can be done now. */
export const remaining = async (
  folder: string,
  grid: Grid,
): Promise<readonly { readonly cell: Cell; readonly settings: Settings | undefined }[]> => {
  const left = cellsOf(grid).filter((cell) => !isDone(folder, cell))
  const choices = new Map<string, Settings | undefined>()
  for (const group of groupsOf(grid)) choices.set(groupName(group), (await chosen(folder, grid, group))?.settings)
  return left.map((cell) => ({
    cell,
    settings: cell.stage === 'search' ? cell.contender.trials[cell.trial!] : choices.get(groupName(cell)),
  }))
}
