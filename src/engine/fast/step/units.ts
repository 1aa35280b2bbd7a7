/** f on a run of panels: by a kernel where there is one, else in JavaScript, with the same bits. [ar-units] [ar-stochastic] */

import { threshold, type Activation } from '../../../numeric/activation.js'
import { philox, unitInterval } from '../../../numeric/random.js'
import { Unit } from '../kernels/numbers.js'
import type { Place } from '../../../ptncn/layer.js'
import { PANEL, ROW } from '../memory/layout.js'
import type { Context } from './context.js'

const UNITS = {
  tanh: Unit.tanh,
  sigmoid: Unit.sigmoid,
  relu: Unit.relu,
  relu6: Unit.relu6,
  ltanh: Unit.ltanh,
  sign: Unit.sign,
  step: Unit.step,
  identity: Unit.identity,
}

/** Panels `from` to before `to`, both signals whole at `a` and `z`, of a level of `cols` columns. */
export interface Stretch {
  readonly a: number
  readonly z: number
  readonly from: number
  readonly to: number
  readonly cols: number
}

/** z = f(a). [A2] [C3] [P1] */
export const activate = (context: Context, stretch: Stretch, place: Place): void => {
  const { activation } = context.config
  if (typeof activation === 'function') byFunction(context, stretch, (a) => activation(a))
  else if (activation === 'stochastic') byDraw(context, stretch, place)
  else activateByKernel(context, UNITS[activation], stretch)
}

/** The same with the kernel of a number. */
export const activateByKernel = ({ kernels, signals, share }: Context, unit: Unit, { a, z, from, to, cols }: Stretch): void => {
  const [first, last] = share.rows
  const at = (panel: number): number => (panel * signals.rows + first) * ROW
  kernels.activate(unit, a + at(from), z + at(from), last - first, signals.rows, to - from)
  const padded = Math.floor(cols / PANEL)
  if (cols % PANEL !== 0 && from <= padded && padded < to) kernels.clearPads(z + at(padded), last - first, cols % PANEL)
}

const byFunction = (
  { floats, signals: { rows }, share }: Context,
  { a, z, from, to, cols }: Stretch,
  f: (value: number, row: number, col: number) => ReturnType<Activation>,
): void => {
  for (let row = share.rows[0]; row < share.rows[1]; row++) {
    for (let col = from * PANEL; col < Math.min(cols, to * PANEL); col++) {
      const at = (Math.floor(col / PANEL) * rows + row) * PANEL + (col % PANEL)
      floats[z / 4 + at] = f(floats[a / 4 + at]!, row, col)
    }
  }
}

/** [ar-stochastic] */
const byDraw = (context: Context, stretch: Stretch, { key, t, level, stage }: Place): void =>
  byFunction(context, stretch, (a, row, unit) => {
    const words = philox([Math.floor(unit / 4), row, stage * 0x10000 + level, t], key)
    return threshold(a, unitInterval(words[(unit % 4) as 0 | 1 | 2 | 3]))
  })
