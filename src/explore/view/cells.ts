/** How the elements of a tensor are laid out as cells, and how large these are. */

import type { Matrix } from '../../numeric/matrix.js'
import type { Source } from '../sources.js'

type Grid = readonly [rows: number, cols: number]

/** A tensor of signals, of the input, or of weights. */
export type Sort = 'signal' | 'input' | 'weight'

/** What is laid out. */
export interface Cells {
  readonly grid: Grid
  readonly size: number
  readonly labels: readonly string[] | undefined
}

const LARGEST_CELL = 31
const SYMBOL_CELL = 16
const WEIGHT_CELL = 20
/** Pixels that a frame, or the units of a layer, may take. */
const [WIDEST_FRAME, WIDEST_LAYER] = [112, 64] as const
/** Columns of cells that hold symbols. */
const SYMBOLS_WIDE = 8

/** Rows and columns of the cells of a tensor: a row a batch row, or of one row as square as it goes. */
const gridOf = ({ rows, cols }: Pick<Matrix, 'rows' | 'cols'>, frame: Grid | undefined): Grid => {
  if (rows > 1) return [rows, cols]
  if (frame && frame[0] * frame[1] !== cols) return gridOf({ rows, cols }, undefined)
  if (frame && frame[0] > 1) return frame
  if (frame && frame[0] === 1) return [Math.ceil(cols / SYMBOLS_WIDE), Math.min(cols, SYMBOLS_WIDE)]
  const wide = cols <= 3 ? cols : Math.ceil(Math.sqrt(cols))
  return [Math.ceil(cols / wide), wide]
}

const cellSize = ([rows, cols]: Grid, most: number, wide: number): number =>
  Math.max(1, Math.min(most, Math.floor(wide / Math.max(rows, cols))))

/** The cells of a tensor; of symbols each has its name. */
export const cellsOf = (matrix: Matrix | undefined, sort: Sort, source: Source | undefined): Cells => {
  if (!matrix) return { grid: [1, 1], size: LARGEST_CELL, labels: undefined }
  if (sort === 'weight') {
    const grid: Grid = [matrix.rows, matrix.cols]
    return { grid, size: cellSize(grid, WEIGHT_CELL, WIDEST_FRAME), labels: undefined }
  }
  const labels = sort === 'input' ? source?.symbols : undefined
  const grid = gridOf(matrix, sort === 'input' ? source?.frame : undefined)
  if (labels) return { grid, size: SYMBOL_CELL, labels }
  return { grid, size: cellSize(grid, LARGEST_CELL, sort === 'input' ? WIDEST_FRAME : WIDEST_LAYER), labels }
}
