/**
 * One step of the network, to be read beside "The step" of SPEC.md. Lists of signals are indexed as there: element l
 * belongs to level l, and level 0 is the input. What belongs to layers alone, weights and the lists of a state, begins with
 * layer 1. Within an equation no layer reads another's result of the same equation, so that
 * the layers may be done in any order, or at once.
 */

import { field, record, requireField } from '../fields.js'
import type { Matrix } from '../numeric/matrix.js'
import { productLeftTransposed } from '../numeric/product.js'
import { columnSums } from '../numeric/sum.js'
import { layerCount, requireConfig, type Config } from './config.js'
import * as layer from './layer.js'
import { requireInput, requireState, type Input, type State } from './state.js'
import { requireSee, unseen, type See } from './trace.js'
import { requireWeights, type Weights } from './weights.js'

/** How a step is done, and who looks on; by default in ascending order, and nobody. */
export interface StepOptions {
  /** the order in which an equation does the layers, a permutation of 1 .. L; any gives the same bits */
  readonly order?: readonly number[]
  /** sees the result of every equation, A1 to L6, and may put another in its place [pr-trace] */
  readonly see?: See
}

/** What a step gives that does not learn. */
export interface Inference {
  /** after the step, for the next one */
  readonly state: State
  /** p_0 of pass 1, B x n_0: it has not seen this step's input */
  readonly prediction: Matrix
}

/** What a step gives that learns. */
export interface Step extends Inference {
  /** L1 to L6, before O1: sums over the rows */
  readonly updates: Weights
}

/**
 * A1 to C4 and L1 to L6: a pure function of its arguments. Worked through with bits in [ex-step]. In a loop of one's own
 * the steps before `config.learnFrom` neither learn nor are scored [sq-learn]:
 *
 *     for (const input of inputs) {
 *       if (state.t < config.learnFrom) state = infer(config, model.weights, state, input).state
 *       else {
 *         const { updates, prediction, ...next } = step(config, model.weights, state, input)
 *         scores.push(score(config.output, prediction, input))
 *         model = applyUpdates(config, model, updates, input.mask)
 *         state = next.state
 *       }
 *     }
 *     model = endSequence(config, model)
 *
 * @throws ConfigError, or ShapeError or NonFiniteError where weights, state or input do not fit the configuration
 */
export const step = (config: Config, weights: Weights, state: State, input: Input, options: StepOptions = {}): Step => {
  const frame = open(config, weights, state, input, options)
  const { e, ...inference } = forward(frame)
  return { ...inference, updates: learn(frame, inference.state, e) }
}

/** A1 to C4 alone: the state adapts, no weight changes. @throws as `step` [sq-infer] */
export const infer = (config: Config, weights: Weights, state: State, input: Input, options: StepOptions = {}): Inference => {
  const { e: _, ...inference } = forward(open(config, weights, state, input, options))
  return inference
}

/** Element l belongs to level l. The input has no a, h and d: there element 0 is NONE. */
type Levels = readonly (Matrix | undefined)[]
const NONE = undefined

/** What every equation may read. */
interface Frame {
  readonly config: Config
  readonly weights: Weights
  readonly state: State
  readonly input: Input
  readonly see: See
  /** f(1), ..., f(L), done in the order of the options */
  readonly eachLayer: <Result>(f: (l: number) => Result) => readonly Result[]
}

const open = (config: Config, weights: Weights, state: State, input: Input, options: StepOptions): Frame => {
  requireConfig(config)
  requireWeights(config, weights)
  requireState(config, state)
  requireInput(config.units[0]!, state.x.rows, input)
  const { order = weights.map((_, i) => i + 1), see = unseen } = requireField(
    'ShapeError',
    'options',
    options,
    record,
  ) as StepOptions
  requireField('ShapeError', 'order', order, orderOf(weights))
  const eachLayer = <Result>(f: (l: number) => Result): readonly Result[] => {
    const results = new Array<Result>(order.length)
    for (const l of order) results[l - 1] = f(l)
    return results
  }
  return { config, weights, state, input, see: requireSee(see), eachLayer }
}

const orderOf = ({ length }: Weights) =>
  field<readonly number[]>(`each of 1 to ${length} once`, (value) => {
    const layers = Array.from({ length }, (_, i) => i + 1)
    return Array.isArray(value) && value.length === length && layers.every((l) => value.includes(l))
  })

const placeOf = ({ key, t }: State, level: number, stage: number): layer.Place => ({ key, t, level, stage })

/** Advance and settle. [A1] [A2] [C4] */
const forward = (frame: Frame): Inference & { readonly e: Levels } => {
  const { config, weights, state, input, see, eachLayer } = frame
  const { x, mask } = input
  const yBefore = [state.x, ...state.y]
  const advance = (l: number): Matrix => layer.advance(weights[l - 1]!, yBefore[l - 1]!, yBefore[l]!, yBefore[l + 1])
  const a = [NONE, ...eachLayer((l) => see(`A1.a_${l}`, advance(l)))]
  const z = [x, ...eachLayer((l) => see(`A2.z_${l}`, layer.activate(config, a[l]!, placeOf(state, l, 0))))]

  const first = settle(frame, 1, a, z)
  let last = first
  for (let k = 2; k <= config.passes; k++) last = settle(frame, k, last.a, last.z)

  const y = last.z
  const [before, after] = config.correctionSignal === 'drive' ? [a, last.a] : [z, y]
  const d = eachLayer((l) => see(`C4.d_${l}`, layer.correction(config, mask, before[l]!, after[l]!)))
  const next = { t: state.t + 1, x, y: y.slice(1), z: z.slice(1), d, key: state.key }
  return { state: next, prediction: first.p[0]!, e: first.e }
}

interface Pass {
  readonly p: Levels
  readonly e: Levels
  readonly a: Levels
  readonly z: readonly Matrix[]
}

/** Pass k of the settling, from the a and z of the pass before. Layer l predicts level l - 1. [P1] [C1] [C2] [C3] */
const settle = ({ config, weights, state, input, see, eachLayer }: Frame, k: number, a: Levels, z: Levels): Pass => {
  const { x, mask } = input
  const place = (level: number): layer.Place => placeOf(state, level, layer.predictionStage(k))
  const logits = eachLayer((l) => see(`P1.logits_${l - 1}^${k}`, layer.logits(weights[l - 1]!, z[l]!)))
  const p = eachLayer((l) => see(`P1.p_${l - 1}^${k}`, layer.predict(config, logits[l - 1]!, place(l - 1))))
  const e = eachLayer((l) => see(`C1.e_${l - 1}^${k}`, layer.predictionError(mask, p[l - 1]!, z[l - 1]!)))
  const feedback = (l: number): Matrix => layer.feedback(config, weights[l - 1]!, e[l - 1]!, e[l], a[l]!)
  const h = [NONE, ...eachLayer((l) => see(`C2.h_${l}^${k}`, feedback(l)))]
  const aNext = [NONE, ...eachLayer((l) => see(`C3.a_${l}^${k}`, layer.correct(config, a[l]!, h[l]!)))]
  const zNext = eachLayer((l) => see(`C3.z_${l}^${k}`, layer.activate(config, aNext[l]!, placeOf(state, l, k))))
  return { p, e, a: aNext, z: [x, ...zNext] }
}

/** L1 to L6 of every layer, from the new state, the errors of pass 1 and the step before. */
const learn = ({ config, state, see, eachLayer }: Frame, next: State, e: Levels): Weights => {
  const [z, d, dBefore] = [next.z, next.d, state.d].map((signal): Levels => [NONE, ...signal]) as [Levels, Levels, Levels]
  const before = [state.x, ...(config.presynaptic === 'corrected' ? state.y : state.z)]
  const topDown = (l: number): Matrix => (l > 1 && config.topDownSignal === 'correction' ? d[l - 1]! : e[l - 1]!)
  const errorRule = (l: number, dW: Matrix): Matrix =>
    config.errorRule === 'transposed'
      ? layer.transposedRule(config, dW)
      : layer.temporalRule(config, e[l - 1]!, d[l]!, dBefore[l]!)

  const W = eachLayer((l) => see(`L1.dW_${l}`, productLeftTransposed(z[l]!, topDown(l))))
  const E = eachLayer((l) => see(`L2.dE_${l}`, errorRule(l, W[l - 1]!)))
  const M = eachLayer((l) => see(`L3.dM_${l}`, productLeftTransposed(before[l - 1]!, d[l]!)))
  const V = eachLayer((l) => see(`L4.dV_${l}`, productLeftTransposed(before[l]!, d[l]!)))
  const U = eachLayer((l) => (l < layerCount(config) ? see(`L5.dU_${l}`, productLeftTransposed(before[l + 1]!, d[l]!)) : NONE))
  const b = eachLayer((l) => (config.biases ? see(`L6.db_${l}`, columnSums(d[l]!)) : NONE))
  const c = eachLayer((l) => (config.biases ? see(`L6.dc_${l - 1}`, columnSums(e[l - 1]!)) : NONE))
  return W.map((dW, i) => ({
    W: dW,
    E: E[i]!,
    M: M[i]!,
    V: V[i]!,
    ...(U[i] && { U: U[i] }),
    ...(b[i] && c[i] && { b: b[i], c: c[i] }),
  }))
}
