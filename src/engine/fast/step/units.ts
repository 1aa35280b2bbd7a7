/** f on a run of panels: by a kernel where there is one, else in JavaScript, with the same bits. [ar-units] [ar-stochastic] */

import type { Activation } from '../../../numeric/activation.js'
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
export const activateByKernel = (context: Context, unit: Unit, stretch: Stretch): void => {
  const { kernels, signals, share } = context
  const { a, z, from, to } = stretch
  const [first, last] = share.rows
  const at = (panel: number): number => (panel * signals.rows + first) * ROW
  kernels.activate(unit, a + at(from), z + at(from), last - first, signals.rows, to - from)
  clearPads(context, stretch)
}

/** What f makes of the columns beyond the last is not looked at. */
const clearPads = ({ kernels, signals, share }: Context, { z, from, to, cols }: Stretch): void => {
  const [first, last] = share.rows
  const padded = Math.floor(cols / PANEL)
  if (cols % PANEL === 0 || padded < from || padded >= to) return
  kernels.clearPads(z + (padded * signals.rows + first) * ROW, last - first, cols % PANEL)
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
const byDraw = (context: Context, stretch: Stretch, { key, t, level, stage }: Place): void => {
  activateByKernel(context, Unit.sigmoid, stretch)
  const { kernels, signals, share } = context
  const [first, last] = share.rows
  const { z, from, to } = stretch
  const at = z + (from * signals.rows + first) * ROW
  kernels.draw(at, first, last - first, signals.rows, from, to - from, stage * 0x10000 + level, t, key[0], key[1])
  clearPads(context, stretch)
}
