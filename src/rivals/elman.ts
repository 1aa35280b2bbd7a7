/** The network of J. Elman, "Finding structure in time" (1990), with tanh: h = tanh(h[t-1] W + x[t-1] U + b). */

import { each } from './algebra.js'
import type { Cell } from './cell.js'

export const elman: Cell = {
  name: 'elman',
  biases: [0],
  carried: ['h'],
  forward: (algebra, a) => {
    const h = algebra.tanh(a)
    return { after: { h }, kept: { h } }
  },
  backward: (algebra, { h }, after) => ({ d: each(algebra, (dh, h) => dh * (1 - h * h), after.h!, h), before: {} }),
}
