/**
 * Recurrent cells: what h becomes of a drive a = h W + x U + b, and the way back. The rest of a network is the same for
 * all of them: a row of a matrix is a row of the batch, and the prediction is read from h.
 */

import { normals, split, type Key } from '../numeric/random.js'
import type { Matrix } from '../numeric/matrix.js'
import { beside, each, zeros, type Algebra } from './algebra.js'
import type { RivalConfig, Tensors } from './rival.js'

export interface Cell {
  readonly name: string
  /** where the bias of each gate begins; W, U and b have so many columns for each unit, gate after gate */
  readonly biases: readonly number[]
  /** names of what is carried from step to step, each B x n; `h` is one of them */
  readonly carried: readonly string[]
  /** what is carried after a drive (B x n for each gate), and what the way back needs */
  readonly forward: (algebra: Algebra, a: Matrix, before: Tensors) => { readonly after: Tensors; readonly kept: Tensors }
  /** from the loss by what is carried after: by the drive, and by what was carried before as far as not through the drive: `h` only where it goes another way too */
  readonly backward: (algebra: Algebra, kept: Tensors, after: Tensors) => { readonly d: Matrix; readonly before: Tensors }
}

/**
 * In which a sequence begins: nothing, and an input of zeros, as in P-TNCN. A step takes in the last input `x`, then
 * predicts the next, so that what a step learns is all within it.
 */
export const initialState = (algebra: Algebra, cell: Cell, { inputs, units }: RivalConfig, rows: number): Tensors => ({
  ...Object.fromEntries(cell.carried.map((name) => [name, zeros(algebra, rows, units)])),
  x: zeros(algebra, rows, inputs),
})

/** W, U and b of a cell, V and c of the readout, each from a key of its own; biases begin at 0, or as they are told. */
export const initialWeights = (algebra: Algebra, cell: Cell, config: RivalConfig, key: Key): Tensors => {
  const { inputs, units, weightScale, outputBias } = config
  const cols = cell.biases.length * units
  const drawn = (index: number, rows: number, cols: number): Matrix =>
    each(algebra, (w) => w, normals(split(key, index), rows, cols, weightScale || 1 / Math.sqrt(rows)))
  const constant = (value: number, cols: number): Matrix => each(algebra, () => value, zeros(algebra, 1, cols))
  return {
    W: drawn(0, units, cols),
    U: drawn(1, inputs, cols),
    b: beside(
      algebra,
      cell.biases.map((bias) => constant(bias, units)),
    ),
    V: drawn(2, units, inputs),
    c: constant(outputBias, inputs),
  }
}
