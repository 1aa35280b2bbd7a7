/** A1 to C4 as a graph; to be read beside ptncn/step.ts and ptncn/layer.ts, whose lists and names it has. */

import type { Config } from '../../ptncn/config.js'
import type { Layer } from '../../ptncn/weights.js'
import { activate, sigmoid, sign } from './activate.js'
import { abs, add, choose, less, multiply, number, product, scale, softmax, subtract } from './algebra.js'
import type { Build, Value } from './build.js'

/** Weights as inputs of the graph. */
export type Weights = readonly Layer<Value>[]

/** The state of the step before, element l - 1 of layer l. */
export interface State {
  readonly x: Value
  readonly y: readonly Value[]
  readonly z: readonly Value[]
  readonly d: readonly Value[]
}

/** What the equations read. */
export interface Frame {
  readonly g: Build
  readonly config: Config
  readonly weights: Weights
  readonly state: State
  readonly x: Value
  readonly mask: Value
}

/** Element l belongs to level l; the input has no a, h and d. */
type Levels = readonly (Value | undefined)[]
const NONE = undefined

/** f(1), ..., f(L). */
export const eachLayer = <Result>({ weights }: Pick<Frame, 'weights'>, f: (l: number) => Result): readonly Result[] =>
  weights.map((_, i) => f(i + 1))

/** What the step gives that learning and scores read. */
export interface Forward {
  readonly next: State
  readonly prediction: Value
  /** of pass 1 */
  readonly e: Levels
}

/** Advance and settle. [A1] [A2] [C4] */
export const forward = (frame: Frame): Forward => {
  const { g, config, x, mask } = frame
  const a = [NONE, ...eachLayer(frame, (l) => g.see(`A1.a_${l}`, advance(frame, l)))]
  const z = [x, ...eachLayer(frame, (l) => g.see(`A2.z_${l}`, activate(g, config, a[l]!)))]
  const first = settle(frame, 1, a, z)
  let last = first
  for (let k = 2; k <= config.passes; k++) last = settle(frame, k, last.a, last.z)
  const [before, after] = config.correctionSignal === 'drive' ? [a, last.a] : [z, last.z]
  const corrected = (l: number): Value => multiply(g, mask, taken(frame, before[l]!, after[l]!))
  const d = eachLayer(frame, (l) => g.see(`C4.d_${l}`, corrected(l)))
  const next = { x, y: last.z.slice(1), z: z.slice(1), d }
  return { next, prediction: first.p[0]!, e: first.e }
}

/** Each product completed, then added from left to right. [A1] */
const advance = ({ g, weights, state }: Frame, l: number): Value => {
  const before = [state.x, ...state.y]
  const { M, U, V, b } = weights[l - 1]!
  const bottomUp = product(g, before[l - 1]!, M)
  const driven = U ? add(g, bottomUp, product(g, before[l + 1]!, U)) : bottomUp
  const a = add(g, driven, product(g, before[l]!, V))
  return b ? add(g, a, b) : a
}

interface Pass {
  readonly p: Levels
  readonly e: Levels
  readonly a: Levels
  readonly z: readonly Value[]
}

/** Pass k of the settling. Layer l predicts level l - 1. [P1] [C1] [C2] [C3] */
const settle = (frame: Frame, k: number, a: Levels, z: Levels): Pass => {
  const { g, config, x, mask } = frame
  const error = (p: Value, level: number): Value => multiply(g, mask, subtract(g, p, z[level]!))
  const logits = eachLayer(frame, (l) => g.see(`P1.logits_${l - 1}^${k}`, logitsOf(frame, l, z[l]!)))
  const p = eachLayer(frame, (l) => g.see(`P1.p_${l - 1}^${k}`, predict(frame, l - 1, logits[l - 1]!)))
  const e = eachLayer(frame, (l) => g.see(`C1.e_${l - 1}^${k}`, error(p[l - 1]!, l - 1)))
  const h = [NONE, ...eachLayer(frame, (l) => g.see(`C2.h_${l}^${k}`, feedback(frame, l, e, a[l]!)))]
  const correct = (l: number): Value => subtract(g, a[l]!, scale(g, config.beta, h[l]!))
  const aNext = [NONE, ...eachLayer(frame, (l) => g.see(`C3.a_${l}^${k}`, correct(l)))]
  const zNext = eachLayer(frame, (l) => g.see(`C3.z_${l}^${k}`, activate(g, config, aNext[l]!)))
  return { p, e, a: aNext, z: [x, ...zNext] }
}

const logitsOf = ({ g, weights }: Frame, l: number, z: Value): Value => {
  const { W, c } = weights[l - 1]!
  const sum = product(g, z, W)
  return c ? add(g, sum, c) : sum
}

const predict = ({ g, config }: Frame, level: number, logits: Value): Value => {
  if (level > 0) return config.hiddenPrediction === 'activation' ? activate(g, config, logits) : logits
  if (config.output === 'softmax') return softmax(g, logits)
  return config.output === 'sigmoid' ? sigmoid(g, logits) : logits
}

/** The top has no error of its own; where lambda is 0 its term changes nothing. [C2] */
const feedback = ({ g, config, weights }: Frame, l: number, e: Levels, a: Value): Value => {
  const carried = product(g, e[l - 1]!, weights[l - 1]!.E)
  const own = e[l]
  const held = own ? subtract(g, carried, scale(g, config.alpha, own)) : carried
  return config.lambda === 0 ? held : add(g, held, scale(g, config.lambda, sign(g, a)))
}

/** Where it is of the drive, and there is a window, +0 outside it and at NaN. [C4] */
const taken = ({ g, config }: Frame, before: Value, after: Value): Value => {
  const difference = subtract(g, before, after)
  if (config.correctionSignal === 'state' || config.window <= 0) return difference
  return choose(g, less(g, abs(g, before), number(g, config.window)), difference, number(g, 0))
}
