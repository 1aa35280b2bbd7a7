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

/** The same with units that leak: h = (1 - a) h[t-1] + a tanh(h[t-1] W + x[t-1] U + b), a above 0, at most 1. */
export const leaky = (leak: number): Cell => ({
  name: 'leaky',
  biases: [0],
  carried: ['h'],
  forward: (algebra, a, before) => {
    const f = algebra.tanh(a)
    return { after: { h: each(algebra, (h, f) => (1 - leak) * h + leak * f, before.h!, f) }, kept: { f } }
  },
  backward: (algebra, { f }, after) => ({
    d: each(algebra, (dh, f) => dh * leak * (1 - f * f), after.h!, f),
    before: { h: each(algebra, (dh) => (1 - leak) * dh, after.h!) },
  }),
})
