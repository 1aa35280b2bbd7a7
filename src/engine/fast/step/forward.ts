/** A1 to C4 and the scores: what a worker does of a step, on its share. */

import { layerCount, type Config } from '../../../ptncn/config.js'
import { predictionStage } from '../../../ptncn/layer.js'
import type { WeightName } from '../../../ptncn/weights.js'
import { Loss, Unit } from '../kernels/numbers.js'
import { panelsOf, ROW } from '../memory/layout.js'
import type { Context, Frame } from './context.js'
import type { Run } from '../memory/shares.js'
import { activate, activateByKernel } from './units.js'

const FLOAT = 4

/** Bytes from the beginning of a signal to the first row and panel of a worker's share, and how many rows that has. */
const placeOf = ({ signals, share }: Context, from: number): { readonly offset: number; readonly rows: number } => {
  const [first, last] = share.rows
  return { offset: (from * signals.rows + first) * ROW, rows: last - first }
}

/** c (+)= the signal `a` of level `l` times the columns of a weight that a run stands for, in the rows of the share. */
const multiply = (context: Context, a: number, weight: WeightName, l: number, c: number, run: Run, adds: boolean): void => {
  const { kernels, model, signals } = context
  const { weight: w, high } = model.layers[l - 1]![weight]!
  const { offset, rows } = placeOf(context, run.from)
  const first = placeOf(context, 0).offset
  kernels.product(a + first, w + run.from * high * ROW, c + offset, rows, signals.rows, high / 8, run.to - run.from, adds)
}

/** A1, A2. [A1] [A2] */
export const advancePhase = (context: Context, frame: Frame): void => {
  const { signals, share } = context
  const y = signals.y[1 - frame.turn]!
  const L = layerCount(context.config)
  for (const run of share.advance) {
    const { level: l, from, to } = run
    const c = signals.a[l]!
    if (l === 1) multiplyInput(context, frame, c, run)
    else multiply(context, y[l - 1]!, 'M', l, c, run, false)
    if (l < L) multiply(context, y[l + 1]!, 'U', l, c, run, true)
    multiply(context, y[l]!, 'V', l, c, run, true)
    addBias(context, 'b', l, c, run)
    const place = { key: frame.key, t: frame.t, level: l, stage: 0 }
    activate(context, { a: c, z: signals.z[frame.turn]![l]!, from, to, cols: context.config.units[l]! }, place)
  }
}

/** x[t-1] M_1: gathered where the input is mostly 0. */
const multiplyInput = (context: Context, frame: Frame, c: number, run: Run): void => {
  const { kernels, model, signals, share, words } = context
  const { x, index } = signals.slots[frame.slot - 1]!
  if (words[index / 4] !== 1) return multiply(context, x, 'M', 1, c, run, false)
  const { weight: w, high } = model.layers[0]!.M!
  const [panels, at] = [run.to - run.from, c + run.from * signals.rows * ROW]
  kernels.gather(x, index, w + run.from * high * ROW, at, signals.rows, high / 8, panels, ...share.rows)
}

const addBias = (context: Context, name: 'b' | 'c', l: number, at: number, { from, to }: Run): void => {
  const bias = context.model.layers[l - 1]![name]
  const { offset, rows } = placeOf(context, from)
  if (bias) context.kernels.addBias(at + offset, bias.weight + from * ROW, rows, context.signals.rows, to - from)
}

/** What pass `pass` of the settling reads and writes. */
const passOf = ({ signals }: Context, { slot, turn }: Frame, pass: number) => {
  const { x, mask, p } = signals.slots[slot]!
  const z = pass === 1 ? signals.z[turn]! : signals.y[turn]!
  const lowest = pass === 1 ? p : signals.laterP
  const e = signals.e[pass === 1 ? 0 : 1]!
  return { z, mask, e, zOf: (l: number) => (l === 0 ? x : z[l]!), pOf: (l: number) => (l === 0 ? lowest : signals.p[l]!) }
}

/** P1 and C1; with a softmax, of level 0 the logits only. [P1] [C1] */
export const predictPhase = (context: Context, frame: Frame, pass: number): void => {
  const { config, kernels, signals, share } = context
  const { z, mask, zOf, pOf, e } = passOf(context, frame, pass)
  for (const run of share.predict) {
    const { level: l, from, to } = run
    const [{ offset, rows }, p, panels] = [placeOf(context, from), pOf(l), to - from]
    multiply(context, z[l + 1]!, 'W', l + 1, p, run, false)
    addBias(context, 'c', l + 1, p, run)
    if (l === 0 && config.output === 'softmax') continue
    const stretch = { a: p, z: p, from, to, cols: config.units[l]! }
    if (l === 0 && config.output === 'sigmoid') activateByKernel(context, Unit.sigmoid, stretch)
    if (l > 0 && config.hiddenPrediction === 'activation') {
      activate(context, stretch, { key: frame.key, t: frame.t, level: l, stage: predictionStage(pass) })
    }
    if (l === 0 && pass === 1) kernels.check(p + offset, rows, signals.rows, panels)
    const masks = mask + share.rows[0] * FLOAT
    kernels.difference(masks, p + offset, zOf(l) + offset, e[l]! + offset, rows, signals.rows, panels)
  }
}

const LOSSES: Readonly<Record<Config['output'], Loss>> = { softmax: Loss.softmax, sigmoid: Loss.sigmoid, identity: Loss.identity }

/** The softmax and its error, and of pass 1 the score: along whole rows. [P1] [C1] [S1] */
export const scorePhase = (context: Context, frame: Frame, pass: number): void => {
  const {
    config: { output, units },
    kernels,
    signals: { rows, slots },
    share: {
      scored: [from, to],
    },
  } = context
  const { mask, zOf, pOf, e } = passOf(context, frame, pass)
  const n0 = units[0]!
  if (output === 'softmax') {
    kernels.softmax(pOf(0), rows, n0, from, to)
    kernels.differenceRows(mask, pOf(0), zOf(0), e[0]!, rows, panelsOf(n0), from, to)
  }
  if (pass > 1 || !frame.scores) return
  const { losses, correct } = slots[frame.slot]!
  kernels.scores(LOSSES[output], pOf(0), zOf(0), mask, losses, correct, rows, n0, from, to)
}

/** C2, C3 and, in the last pass, C4. [C2] [C3] [C4] */
export const correctPhase = (context: Context, frame: Frame, pass: number): void => {
  const { config, kernels, signals, share } = context
  const { alpha, lambda, beta, units, passes } = config
  const { e } = passOf(context, frame, pass)
  const [L, y] = [layerCount(config), signals.y[frame.turn]!]
  for (const run of share.correct) {
    const { level: l, from, to } = run
    const [{ offset, rows }, h, a] = [placeOf(context, from), signals.h[l]!, signals.a[l]!]
    multiply(context, e[l - 1]!, 'E', l, h, run, false)
    const own = l < L ? e[l]! + offset : 0
    if (pass === 1 && config.correctionSignal === 'drive')
      kernels.keep(a + offset, signals.d[frame.turn]![l]! + offset, rows, signals.rows, to - from)
    kernels.correct(h + offset, own, a + offset, alpha, lambda, beta, rows, signals.rows, to - from)
    activate(context, { a, z: y[l]!, from, to, cols: units[l]! }, { key: frame.key, t: frame.t, level: l, stage: pass })
    if (pass === passes) finish(context, frame, run)
  }
}

/** C4, and what the temporal rule reads of it. Of the state, a number of z or y that is not finite shows in d. [C4] [L2] */
const finish = (context: Context, { slot, turn }: Frame, { level: l, from, to }: Run): void => {
  const { config, kernels, signals, share } = context
  const { offset, rows } = placeOf(context, from)
  const [d, z, y] = [signals.d[turn]![l]! + offset, signals.z[turn]![l]! + offset, signals.y[turn]![l]! + offset]
  const mask = signals.slots[slot]!.mask + share.rows[0] * FLOAT
  if (config.correctionSignal === 'drive') {
    kernels.drive(mask, signals.a[l]! + offset, d, config.window, rows, signals.rows, to - from)
    for (const signal of [z, y]) kernels.check(signal, rows, signals.rows, to - from)
  } else {
    kernels.difference(mask, z, y, d, rows, signals.rows, to - from)
  }
  kernels.check(d, rows, signals.rows, to - from)
  if (config.errorRule !== 'temporal') return
  kernels.subtract(d, signals.d[1 - turn]![l]! + offset, signals.turned[l]! + offset, rows, signals.rows, to - from)
}
