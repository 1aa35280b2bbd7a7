/** The first rows of a batch, where fewer are wanted than it has. */

import type { Sequence } from '../engine/engine.js'
import type { Matrix } from '../numeric/matrix.js'

const top = ({ cols, data }: Matrix, rows: number): Matrix => ({
  rows,
  cols,
  data: Array.from({ length: rows * cols }, (_, i) => data[i]!),
})

/** The sequence without its rows from `rows` on; steps in which no row has data any more are left as they are. */
export const firstRows = (sequence: Sequence, rows: number): Sequence =>
  sequence.inputs[0]!.x.rows <= rows
    ? sequence
    : { ...sequence, inputs: sequence.inputs.map(({ x, mask }) => ({ x: top(x, rows), mask: top(mask, rows) })) }
