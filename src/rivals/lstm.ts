/**
 * Long short-term memory with forget gates (F. Gers, J. Schmidhuber, F. Cummins, 2000), without peepholes:
 * c = f c[t-1] + i g, h = o tanh c, with i, f, o sigmoids and g tanh of their quarter of the drive.
 */

import type { Matrix } from '../numeric/matrix.js'
import { beside, columns, each } from './algebra.js'
import type { Cell } from './cell.js'

export const lstmCell: Cell = {
  name: 'lstm',
  // gates begin half open, but what is remembered is kept: R. Jozefowicz et al. (2015)
  biases: [0, 1, 0, 0],
  carried: ['h', 'c'],
  forward: (algebra, a, before) => {
    const n = a.cols / 4
    const open = algebra.sigmoid(columns(algebra, a, 0, 3 * n))
    const [i, f, o] = [0, 1, 2].map((gate) => columns(algebra, open, gate * n, (gate + 1) * n)) as [Matrix, Matrix, Matrix]
    const g = algebra.tanh(columns(algebra, a, 3 * n, 4 * n))
    const c = each(
      algebra,
      (kept, added) => kept + added,
      each(algebra, (f, c) => f * c, f, before.c),
      each(algebra, (i, g) => i * g, i, g),
    )
    const squashed = algebra.tanh(c)
    const h = each(algebra, (o, squashed) => o * squashed, o, squashed)
    return { after: { h, c }, kept: { i, f, o, g, squashed, c: before.c! } }
  },
  backward: (algebra, { i, f, o, g, squashed, c }, after) => {
    const throughH = each(algebra, (dh, o, squashed) => dh * o * (1 - squashed * squashed), after.h!, o, squashed)
    const dc = each(algebra, (dc, added) => dc + added, after.c!, throughH)
    const gate = (d: Matrix, factor: Matrix, open: Matrix): Matrix =>
      each(algebra, (d, factor, open) => d * factor * open * (1 - open), d, factor, open)
    return {
      d: beside(algebra, [
        gate(dc, g!, i!),
        gate(dc, c!, f!),
        gate(after.h!, squashed!, o!),
        each(algebra, (dc, i, g) => dc * i * (1 - g * g), dc, i, g),
      ]),
      before: { c: each(algebra, (dc, f) => dc * f, dc, f) },
    }
  },
}
