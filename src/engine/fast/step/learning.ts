/** L1 to L6 and O1 to O4: what a worker does of them, on whole weights and on blocks of rows. */

import type { Config } from '../../../ptncn/config.js'
import { withRate } from '../../../ptncn/optimizers.js'
import { isBias } from '../../../ptncn/weights.js'
import { Move } from '../kernels/numbers.js'
import { panelsOf, PANEL, ROW, type WeightPlace } from '../memory/layout.js'
import type { Context, Frame } from './context.js'

const FLOAT = 4
const MOVES: Readonly<Record<Config['optimizer'], Move>> = {
  sgd: Move.sgd,
  momentum: Move.momentum,
  nesterov: Move.nesterov,
  adam: Move.adam,
  rmsprop: Move.rmsprop,
}

/** A block of rows of a weight; a bias has one row. */
interface Rows {
  readonly place: WeightPlace
  /** in panels of rows */
  readonly from: number
  readonly rowCount: number
  /** bytes from the beginning of a panel to the block, and of the block in a panel */
  readonly offset: number
  readonly bytes: number
}

const rowsOf = (place: WeightPlace, from = 0, to = Math.ceil(place.high / PANEL)): Rows => {
  const rowCount = Math.min(place.high, to * PANEL) - from * PANEL
  return { place, from, rowCount, offset: from * PANEL * ROW, bytes: rowCount * ROW }
}

/** 1 / N of O2, and where it stands: before the clip or after it. [O2] */
const meanOf = ({ config, floats, signals }: Context, { slot, batch }: Frame): { pre: number; post: number } => {
  const mask = floats.subarray(signals.slots[slot]!.mask / FLOAT, signals.slots[slot]!.mask / FLOAT + signals.rows)
  const count =
    config.mean === 'all'
      ? batch
      : Math.max(
          1,
          mask.reduce((sum, m) => sum + m, 0),
        )
  const perRow = Math.fround(1 / count)
  return config.clipOrder === 'clip-mean' ? { pre: 1, post: perRow } : { pre: perRow, post: 1 }
}

/** The two factors of a rule, and the number that their product is multiplied by. [L1] [L2] [L3] [L4] [L5] */
const factorsOf = (
  { config, signals }: Context,
  frame: Frame,
  { l, name }: WeightPlace,
): { left: number; right: number; factor: number } => {
  const { slot, turn } = frame
  const before = (config.presynaptic === 'corrected' ? signals.y : signals.z)[1 - turn]!
  const [d, e] = [signals.d[turn]!, signals.e[0]!]
  if (name === 'W') {
    const right = l > 1 && config.topDownSignal === 'correction' ? d[l - 1]! : e[l - 1]!
    return { left: signals.z[turn]![l]!, right, factor: 1 }
  }
  if (name === 'E') return { left: e[l - 1]!, right: signals.turned[l]!, factor: -config.gamma }
  const source = name === 'M' ? l - 1 : name === 'V' ? l : l + 1
  return { left: source === 0 ? signals.slots[slot - 1]!.x : before[source]!, right: d[l]!, factor: 1 }
}

/** Whether the update is gathered from the symbols of one-hot inputs. */
const isScattered = ({ signals, words }: Context, { slot }: Frame, { l, name }: WeightPlace): boolean =>
  l === 1 && name === 'M' && words[signals.slots[slot - 1]!.index / FLOAT] === 1

/** Whether the update is that of a single row, and nothing else reads it: it is made where it is used. */
const isRankOne = (context: Context, frame: Frame, place: WeightPlace): boolean =>
  context.signals.rows === 1 &&
  !isBias(place.name) &&
  !(place.name === 'W' && context.config.errorRule === 'transposed') &&
  !isScattered(context, frame, place)

/** The update of a block of rows into `out`, where it has to be there, and the squares of its rows into the worker's lanes. */
const computeUpdate = (context: Context, frame: Frame, { place, from, rowCount }: Rows, out: number, pre: number): void => {
  const {
    config,
    kernels,
    signals: { rows, slots, d, e, workers },
  } = context
  const { l, name, panels, high } = place
  const lanes = config.clip > 0 ? workers[context.worker]!.lanes : 0
  if (isBias(name)) {
    kernels.columnSums(name === 'b' ? d[frame.turn]![l]! : e[0]![l - 1]!, out, lanes, rows, panels, pre)
    return
  }
  const { left, right, factor } = factorsOf(context, frame, place)
  const [at, rowPanels] = [left + from * rows * ROW, rowCount / PANEL]
  if (isRankOne(context, frame, place)) {
    if (lanes) kernels.sumSquaresOne(at, right, lanes, rowPanels, panels, factor, pre)
  } else if (isScattered(context, frame, place)) {
    const { index } = slots[frame.slot - 1]!
    kernels.scatter(left, index, right, out, lanes, rows, high / PANEL, from, rowPanels, panels, pre)
  } else {
    kernels.outer(at, right, out, lanes, rows, rowPanels, panels, factor, pre)
  }
}

/** O3 and O4 of a block of rows with its update at `d`; or the update is added to the sum of a sequence. */
const moveRows = (context: Context, frame: Frame, block: Rows, d: number): void => {
  const { kernels, config } = context
  const { place, from, rowCount, offset, bytes } = block
  const addsUp = config.update === 'sequence'
  const rule = ruleOf(config, frame)
  const w = (addsUp ? place.sum : place.weight) + offset
  const [first, second] = [place.first + offset, place.second + offset]
  const stride = place.high * ROW
  kernels.setRate(rateOf(config, place))
  if (isRankOne(context, frame, place)) {
    const { left, right, factor } = factorsOf(context, frame, place)
    const { room } = context.signals.workers[context.worker]!
    const a = left + from * ROW
    kernels.applyOne(rule, w, first, second, a, right, room, rowCount / PANEL, place.panels, stride, factor)
  } else {
    kernels.apply(rule, w, first, second, d, place.panels, stride, bytes)
  }
  if (!addsUp) finishRows(context, block)
}

/** O3, or what becomes of the sum of a sequence. */
const ruleOf = ({ update, optimizer }: Config, { begins }: Frame): Move =>
  update === 'step' ? MOVES[optimizer] : begins ? Move.beginSum : Move.addToSum

const rateOf = (config: Config, { name, l, rows }: WeightPlace): number => withRate(config, name, l, rows).rate

/** [O5] [O4] */
const finishRows = (context: Context, { place, offset, rowCount, bytes }: Rows): void => {
  const { config, kernels, signals, worker } = context
  const { maxNorm, weightDecay } = config
  if (isBias(place.name)) return
  if (weightDecay > 0) kernels.fade(place.weight + offset, place.panels, place.high * ROW, bytes, weightDecay)
  if (maxNorm <= 0) return
  kernels.project(place.weight + offset, signals.workers[worker]!.lanes, place.panels, place.high * ROW, rowCount, maxNorm)
}

/** L1 to O4 of this worker's whole weights, then of its blocks of those that are cut: only the updates where they are clipped. */
export const learnPhase = (context: Context, frame: Frame): void => {
  const { kernels, model, share, signals } = context
  const { scratch, lanes } = signals.workers[context.worker]!
  kernels.setPowers(frame.power1, frame.power2)
  const { pre, post } = meanOf(context, frame)
  for (const index of share.whole) learnWhole(context, frame, model.all[index]!)
  let out = scratch
  for (const { index, from, to } of share.cut) {
    const block = rowsOf(model.all[index]!, from, to)
    computeUpdate(context, frame, block, out, pre)
    if (context.cuts) {
      kernels.combineRows(lanes, signals.cutSums[index]! + from * PANEL * FLOAT, block.rowCount)
    } else {
      kernels.setReduction(pre, post, 0, 0)
      moveRows(context, frame, block, out)
    }
    out += block.bytes * block.place.panels
  }
}

const learnWhole = (context: Context, frame: Frame, place: WeightPlace): void => {
  const { kernels, signals, config } = context
  const { scratch, lanes, sums } = signals.workers[context.worker]!
  const { pre, post } = meanOf(context, frame)
  const block = rowsOf(place)
  computeUpdate(context, frame, block, scratch, pre)
  if (config.clip > 0) kernels.combineRows(lanes, sums, block.rowCount)
  const norm = config.clip > 0 ? kernels.normOf(sums, block.rowCount) : 0
  kernels.setReduction(pre, post, config.clip, norm)
  moveRows(context, frame, block, scratch)
  if (place.name === 'W' && config.errorRule === 'transposed') learnFollowing(context, frame, place, norm)
}

/** L2 `transposed`, from the update of W in the scratch: no product of its own. [L2] */
const learnFollowing = (context: Context, frame: Frame, { l, high, panels }: WeightPlace, norm: number): void => {
  const { kernels, signals, model, config } = context
  const { scratch, sums, room } = signals.workers[context.worker]!
  const { pre, post } = meanOf(context, frame)
  const E = model.layers[l - 1]!.E!
  const clip = config.clipOrder === 'clip-mean' ? config.clip : 0
  kernels.follow(scratch, sums, high, panels, clip, norm, config.gamma, pre)
  kernels.setReduction(pre, post, config.clip, config.clip > 0 ? kernels.normOf(sums, E.high) : 0)
  const addsUp = config.update === 'sequence'
  const rule = ruleOf(config, frame)
  kernels.setRate(rateOf(config, E))
  kernels.applyTransposed(rule, addsUp ? E.sum : E.weight, E.first, E.second, scratch, panelsOf(E.cols), panels, room)
  if (!addsUp) finishRows(context, rowsOf(E))
}

/** O1 to O4 of this worker's blocks, now that the sums of all rows are known. */
export const applyPhase = (context: Context, frame: Frame): void => {
  const { kernels, model, share, signals, config } = context
  const { pre, post } = meanOf(context, frame)
  let d = signals.workers[context.worker]!.scratch
  for (const { index, from, to } of share.cut) {
    const block = rowsOf(model.all[index]!, from, to)
    const norm = config.clip > 0 ? kernels.normOf(signals.cutSums[index]!, block.place.high) : 0
    kernels.setReduction(pre, post, config.clip, norm)
    moveRows(context, frame, block, d)
    d += block.bytes * block.place.panels
  }
}

/** The end of a sequence: O3 and O4 with the sum of its updates. [sq-update] */
export const closePhase = (context: Context, frame: Frame): void => {
  const { kernels, model, share, config } = context
  kernels.setPowers(frame.power1, frame.power2)
  kernels.setReduction(1, 1, 0, 0)
  const rule = MOVES[config.optimizer]
  for (const { index, from, to } of share.closing) closeBlock(context, rowsOf(model.all[index]!, from, to), rule)
}

/** The sum lies like the weight, so a block of it is not one run: panel after panel. */
const closeBlock = (context: Context, block: Rows, rule: Move): void => {
  const {
    place: { weight, first, second, sum, high, panels },
    offset,
    bytes,
  } = block
  context.kernels.setRate(rateOf(context.config, block.place))
  for (let p = 0; p < panels; p++) {
    const at = p * high * ROW + offset
    context.kernels.apply(rule, weight + at, first + at, second + at, sum + at, 1, 0, bytes)
  }
  finishRows(context, block)
}
