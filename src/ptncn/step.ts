/**
 * One step of the network: the layers' equations, phase by phase. Within a phase no layer reads another's result of
 * the same phase, so the layers may be done in any order, or at once.
 */

import type { Matrix } from '../numeric/matrix.js'
import { layerCount, type Config } from './config.js'
import * as layer from './layer.js'
import { requireInput, requireState, type Input, type State } from './state.js'
import { traceName, traceUpdates, type Trace } from './trace.js'
import { requireWeights, type Weights } from './weights.js'

export type Equation = 'A1' | 'A2' | 'P1' | 'C1' | 'C2' | 'C3' | 'C4'

/** What a step computed on the way. Element l - 1 belongs to layer l; of logits, p and e, element l to level l. */
export interface Signals {
  readonly a: readonly Matrix[]
  readonly z: readonly Matrix[]
  /** of pass 1, like p and e */
  readonly logits: readonly Matrix[]
  readonly p: readonly Matrix[]
  readonly e: readonly Matrix[]
  readonly y: readonly Matrix[]
  readonly d: readonly Matrix[]
}

/**
 * Sees the result of an equation for a level, and may put another in its place. Called with A1, A2, C2, C3 (the new
 * a), C4 for l = 1 .. L and P1, C1 for l = 0 .. L-1; `pass` is 0 outside the settling.
 */
export type Tap = (equation: Equation, l: number, pass: number, value: Matrix) => Matrix

export interface StepOptions {
  /** the order in which a phase does the layers, a permutation of 1 .. L; any gives the same bits */
  readonly order?: readonly number[]
  readonly tap?: Tap
  /** sees the value of every equation, A1 to L6 [pr-trace] */
  readonly trace?: Trace
}

export interface Inference {
  readonly state: State
  /** p_0 of pass 1, B x n_0: it has not seen this step's input */
  readonly prediction: Matrix
  readonly signals: Signals
}

export interface Step extends Inference {
  /** L1 to L6, before O1: sums over the rows */
  readonly updates: Weights
}

/** What every phase may read. */
interface Frame {
  readonly config: Config
  readonly weights: Weights
  readonly state: State
  readonly input: Input
  readonly tap: Tap
  readonly trace: Trace | undefined
  /** f of every layer, done in the order of the options; element l - 1 of the result is f(l) */
  readonly eachLayer: <Result>(f: (l: number) => Result) => Result[]
}

/**
 * A1 to C4 and L1 to L6: a pure function of its arguments. Worked through with bits in [ex-step].
 * @throws ShapeError or NonFiniteError where weights, state or input do not fit the configuration
 */
export const step = (config: Config, weights: Weights, state: State, input: Input, options: StepOptions = {}): Step => {
  const frame = open(config, weights, state, input, options)
  const inference = run(frame)
  const updates = learn(frame, inference.signals)
  traceUpdates(frame.trace, updates)
  return { ...inference, updates }
}

/** A1 to C4 alone: the state adapts, no weight changes. @throws as `step` [sq-infer] */
export const infer = (config: Config, weights: Weights, state: State, input: Input, options: StepOptions = {}): Inference =>
  run(open(config, weights, state, input, options))

const untouched: Tap = (_equation, _l, _pass, value) => value

/** The symbol of each tapped equation's result. */
const SYMBOLS: Readonly<Record<Equation, string>> = { A1: 'a', A2: 'z', P1: 'p', C1: 'e', C2: 'h', C3: 'a', C4: 'd' }

/** The tap, and then the trace of what it left. */
const traced =
  (tap: Tap, trace: Trace): Tap =>
  (equation, l, pass, value) => {
    const left = tap(equation, l, pass, value)
    trace(traceName(equation, SYMBOLS[equation], l, pass), left)
    return left
  }

const open = (config: Config, weights: Weights, state: State, input: Input, options: StepOptions): Frame => {
  requireWeights(config, weights)
  requireState(config, state)
  requireInput(config, state.x.rows, input)
  const order = options.order ?? Array.from({ length: layerCount(config) }, (_, i) => i + 1)
  const eachLayer = <Result>(f: (l: number) => Result): Result[] => {
    const results = new Array<Result>(order.length)
    for (const l of order) results[l - 1] = f(l)
    return results
  }
  const { tap = untouched, trace } = options
  return { config, weights, state, input, tap: trace ? traced(tap, trace) : tap, trace, eachLayer }
}

/** The signal of level l: x for level 0, else the layer's; undefined above the top. */
const level = (x: Matrix, layers: readonly Matrix[], l: number): Matrix | undefined => (l === 0 ? x : layers[l - 1])

const run = (frame: Frame): Inference => {
  const {
    state,
    input: { x, mask },
    tap,
    eachLayer,
  } = frame
  const { a, z } = advance(frame)
  const passes = settle(frame, a, z)
  const first = passes[0]!
  const y = passes.at(-1)!.z
  const d = eachLayer((l) => tap('C4', l, 0, layer.difference(mask, z[l - 1]!, y[l - 1]!)))
  return {
    state: { t: state.t + 1, x, y, z, d, key: state.key },
    prediction: first.p[0]!,
    signals: { a, z, logits: first.logits, p: first.p, e: first.e, y, d },
  }
}

/** A1 and A2 of every layer; they read the step before only. */
const advance = ({ config, weights, state, tap, eachLayer }: Frame): { a: Matrix[]; z: Matrix[] } => {
  const before = (l: number): Matrix | undefined => level(state.x, state.y, l)
  const a = eachLayer((l) => tap('A1', l, 0, layer.advance(weights[l - 1]!, before(l - 1)!, before(l)!, before(l + 1))))
  const place = (l: number): layer.Place => ({ key: state.key, t: state.t, level: l, stage: 0 })
  return { a, z: eachLayer((l) => tap('A2', l, 0, layer.activate(config, a[l - 1]!, place(l)))) }
}

interface Pass {
  readonly logits: readonly Matrix[]
  readonly p: readonly Matrix[]
  readonly e: readonly Matrix[]
  readonly a: readonly Matrix[]
  readonly z: readonly Matrix[]
}

/** The K passes of the settling, each from the a and z of the one before. */
const settle = (frame: Frame, a: readonly Matrix[], z: readonly Matrix[]): readonly Pass[] => {
  const passes: Pass[] = []
  for (let pass = 1; pass <= frame.config.passes; pass++) {
    const last = passes.at(-1)
    passes.push(settleOnce(frame, pass, last?.a ?? a, last?.z ?? z))
  }
  return passes
}

/** P1, C1, C2, C3 of every layer. Layer l makes the prediction and the error of level l - 1. */
const settleOnce = (frame: Frame, pass: number, a: readonly Matrix[], z: readonly Matrix[]): Pass => {
  const {
    config,
    weights,
    state,
    input: { x, mask },
    tap,
    trace,
    eachLayer,
  } = frame
  const place = (l: number, stage: number): layer.Place => ({ key: state.key, t: state.t, level: l, stage })
  const logits = eachLayer((l) => layer.logits(weights[l - 1]!, z[l - 1]!))
  logits.forEach((value, level) => trace?.(traceName('P1', 'logits', level, pass), value))
  const p = eachLayer((l) =>
    tap('P1', l - 1, pass, layer.predict(config, logits[l - 1]!, place(l - 1, layer.predictionStage(pass)))),
  )
  const e = eachLayer((l) => tap('C1', l - 1, pass, layer.difference(mask, p[l - 1]!, level(x, z, l - 1)!)))
  const h = eachLayer((l) => tap('C2', l, pass, layer.correction(config, weights[l - 1]!, e[l - 1]!, e[l], a[l - 1]!)))
  const corrected = eachLayer((l) => tap('C3', l, pass, layer.correct(config, a[l - 1]!, h[l - 1]!)))
  const responses = eachLayer((l) => layer.activate(config, corrected[l - 1]!, place(l, pass)))
  responses.forEach((value, i) => trace?.(traceName('C3', 'z', i + 1, pass), value))
  return { logits, p, e, a: corrected, z: responses }
}

/** L1 to L6 of every layer. */
const learn = ({ config, state, eachLayer }: Frame, { z, e, d }: Signals): Weights => {
  const presynaptic = config.presynaptic === 'corrected' ? state.y : state.z
  const before = (l: number): Matrix | undefined => level(state.x, presynaptic, l)
  return eachLayer((l) =>
    layer.learn(config, {
      z: z[l - 1]!,
      errorBelow: e[l - 1]!,
      correctionBelow: d[l - 2],
      correction: d[l - 1]!,
      correctionBefore: state.d[l - 1]!,
      before: { below: before(l - 1)!, own: before(l)!, above: before(l + 1) },
    }),
  )
}
