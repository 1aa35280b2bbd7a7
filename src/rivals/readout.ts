/** The prediction, which is read from h, and what is wrong with it. */

import type { Matrix } from '../numeric/matrix.js'
import type { Input } from '../ptncn/state.js'
import { addRow, type Algebra } from './algebra.js'
import type { RivalConfig, Tensors } from './rival.js'

/** p = softmax or sigmoid of h V + c, or that itself. */
export const predict = (algebra: Algebra, output: RivalConfig['output'], { V, c }: Tensors, h: Matrix): Matrix => {
  const sum = addRow(algebra, algebra.product(h, V!), c!)
  return output === 'identity' ? sum : algebra[output](sum)
}

/** The mean loss of the rows of a batch, cross-entropy or half the squared error, by h V + c: mask (p - x) / B. */
export const errorOf = ({ numbers }: Algebra, p: Matrix, { x, mask }: Input): Matrix => {
  const data = numbers(p.data.length)
  for (let row = 0, at = 0; row < p.rows; row++) {
    const active = mask.data[row]!
    // a mask of 0 or 1 rounds nothing
    for (let j = 0; j < p.cols; j++, at++) data[at] = active * ((p.data[at]! - x.data[at]!) / p.rows)
  }
  return { rows: p.rows, cols: p.cols, data }
}
