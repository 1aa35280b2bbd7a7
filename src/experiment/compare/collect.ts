/** Tables, curves and film strips of the cells that are there. */

import { isDone } from './folder.js'
import { cellsOf, type Grid } from './grid.js'

export interface Collected {
  readonly files: readonly string[]
  readonly done: number
  readonly cells: number
  /** for a person, one a line */
  readonly verdicts: readonly string[]
}

export const collect = async (folder: string, grid: Grid): Promise<Collected> => {
  const cells = cellsOf(grid)
  return { files: [], done: cells.filter((cell) => isDone(folder, cell)).length, cells: cells.length, verdicts: [] }
}
