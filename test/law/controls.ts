/**
 * Negative controls: subjects and engines that are wrong in one way each, made by spoiling one thing of the
 * right ones. A law that does not fail on its controls says nothing.
 */

import { ACTIVATIONS } from '../../src/numeric/activation.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import type { Config } from '../../src/ptncn/config.js'
import type { Input, State } from '../../src/ptncn/state.js'
import type { StepOptions } from '../../src/ptncn/step.js'
import { mapWeights, type WeightName, type Weights } from '../../src/ptncn/weights.js'
import { build, el } from './naive.js'
import { partsOf } from './rules.js'
import { reference, type Subject } from './subject.js'

interface Context {
  readonly config: Config
  readonly weights: Weights
  readonly state: State
  readonly input: Input
  /** the signals so far, by their names [pr-trace] */
  readonly seen: ReadonlyMap<string, Matrix>
}

/** What is to stand in place of the result of an equation. */
type Spoil = (context: Context, value: Matrix, l: number, pass: number) => Matrix

type Run<Result> = (config: Config, weights: Weights, state: State, input: Input, options?: StepOptions) => Result

/** A result without level and pass, such as 'C2.h'. */
type Result = string

const seeing =
  <Outcome>(run: Run<Outcome>, change: (context: Context, name: string, value: Matrix) => Matrix): Run<Outcome> =>
  (config, weights, state, input, options = {}) => {
    const seen = new Map<string, Matrix>()
    return run(config, weights, state, input, {
      ...options,
      see: (name, value) => {
        const changed = change({ config, weights, state, input, seen }, name, value)
        const kept = options.see?.(name, changed) ?? changed
        seen.set(name, kept)
        return kept
      },
    })
  }

/** The subject with one result spoilt. */
export const spoilt = (result: Result, spoil: Spoil): Subject => {
  const change = (context: Context, name: string, value: Matrix): Matrix => {
    const parts = partsOf(name)
    return parts?.result === result ? spoil(context, value, parts.level, parts.pass) : value
  }
  return { ...reference, step: seeing(reference.step, change), infer: seeing(reference.infer, change) }
}

/** The subject with other arguments for its steps. */
export const given = (change: (context: Omit<Context, 'seen'>) => Omit<Context, 'seen'>): Subject => {
  const changed =
    <Result>(run: Run<Result>): Run<Result> =>
    (config, weights, state, input, options) => {
      const other = change({ config, weights, state, input })
      return run(other.config, other.weights, other.state, other.input, options)
    }
  return { ...reference, step: changed(reference.step), infer: changed(reference.infer) }
}

/** The subject with its updates changed as they are made. */
export const updating = (change: (context: Context, d: Matrix, name: WeightName, l: number) => Matrix): Subject => ({
  ...reference,
  step: seeing(reference.step, (context, id, d) => {
    const [, name, level] = /^L\d\.d(\w)_(\d+)$/.exec(id) ?? []
    return name === undefined ? d : change(context, d, name as WeightName, Number(level) + (name === 'c' ? 1 : 0))
  }),
})

/** Element by element, rounded. */
const each = (a: Matrix, f: (value: number, i: number, j: number) => number): Matrix =>
  build(a.rows, a.cols, (i, j) => f(el(a, i, j), i, j))

const responseOf = ({ activation }: Config): ((a: number) => number) =>
  typeof activation === 'function' ? activation : ACTIVATIONS[activation === 'stochastic' ? 'sigmoid' : activation]

/** Multiplies each correction by the derivative that tanh would have. */
export const hiddenDerivative = spoilt('C2.h', ({ seen }, h, l) =>
  each(h, (value, i, j) => value * (1 - el(seen.get(`A2.z_${l}`)!, i, j) ** 2)),
)

const NEARBY = 2 ** -10

/** Multiplies each correction by a slope measured with two more calls of f. */
export const measuredSlope = spoilt('C2.h', ({ config, seen }, h, l) => {
  const f = responseOf(config)
  return each(h, (value, i, j) => {
    const a = el(seen.get(`A1.a_${l}`)!, i, j)
    return value * ((f(a + NEARBY) - f(a)) / NEARBY)
  })
})

/** Divides by the measured slope, as a Newton step would. */
export const dividedBySlope = spoilt('C2.h', ({ config, seen }, h, l) => {
  const f = responseOf(config)
  return each(h, (value, i, j) => {
    const a = el(seen.get(`A1.a_${l}`)!, i, j)
    return value / ((f(a + NEARBY) - f(a)) / NEARBY)
  })
})

/** Calls f once more than needed, and throws the result away. */
export const oneMoreCall = spoilt('C4.d', ({ config }, d) => {
  responseOf(config)(0.123)
  return d
})

/**
 * Keeps a window of the inputs of the last steps outside the state, and reads it, as truncated unrolling
 * does.
 */
export const windowKeeper = (result: 'A1.a' | 'P1.p'): Subject => {
  let window: readonly Matrix[] = []
  return spoilt(result, ({ input }, value, l) => {
    if (l > 1) return value
    window = [...window.slice(-2), input.x]
    const oldest = window[0]!
    return each(value, (element) => element + el(oldest, 0, 0) / 8)
  })
}

/** Puts each input into the state, for later. */
export const growingState: Subject = {
  ...reference,
  step: (config, weights, state, input, options) => {
    const { history = [] } = state as State & { history?: readonly Matrix[] }
    const result = reference.step(config, weights, state, input, options)
    return { ...result, state: { ...result.state, history: [...history, input.x] } as State }
  },
}

/** dM reads a weight of the layer above (of the lowest, at the top). */
export const neighboursWeights = updating(({ weights }, d, name, l) =>
  name === 'M' ? each(d, (value) => value + el(weights[l % weights.length]!.V, 0, 0)) : d,
)

/**
 * The correction of a layer reads what the layer below corrected to in the same phase: Gauss and Seidel
 * instead of Jacobi.
 */
export const gaussSeidel = spoilt('C3.a', ({ seen }, a, l, pass) => {
  const below = seen.get(`C3.a_${l - 1}^${pass}`)
  return below ? each(a, (value, i) => value + el(below, i, 0) / 4) : a
})

/** Reads no U. */
export const withoutU = given(({ weights, ...rest }) => ({
  ...rest,
  weights: mapWeights((w, name) => (name === 'U' ? each(w, () => 0) : w), weights),
}))

/** The prediction sees the input that it is to predict. */
export const seesInput = spoilt('P1.p', ({ input }, p, level) =>
  level === 0 ? each(p, (value, i, j) => value + el(input.x, i, j) / 64) : p,
)

/** Leaves its mark in the input. */
export const writesIntoInput = given((context) => {
  const x = context.input.x.data as Float32Array
  x[0] = x[0]! + 1
  return context
})

/** Every step learns a little more than the one before it, in this process. */
export const countsItsCalls = (): Subject => {
  let calls = 0
  return updating((_context, d) => {
    calls++
    return each(d, (value) => value + calls / 1024)
  })
}

const allActive = (mask: Matrix): Matrix => each(mask, () => 1)

/** Errors and corrections of masked rows are not cleared. */
export const forgetsMask = given(({ input, ...rest }) => ({ ...rest, input: { ...input, mask: allActive(input.mask) } }))

/** Scores masked rows. */
export const scoresAll: Subject = {
  ...reference,
  score: (output, p, input) => reference.score(output, p, { ...input, mask: allActive(input.mask) }),
}

/** The first row reaches all. */
export const couplesRows = spoilt('A1.a', (_context, a) => each(a, (value, _i, j) => value + el(a, 0, j) / 4))

/** What a row does depends on where it stands. */
export const numbersRows = spoilt('A1.a', (_context, a) => each(a, (value, i) => value + i / 16))

/** Moves M at rest. */
export const restlessM = updating((_context, d, name) => (name === 'M' ? each(d, (value) => value + 2 ** -12) : d))

/** Corrects without beta. */
export const correctsAnyway = given(({ config, ...rest }) => ({ ...rest, config: { ...config, beta: config.beta + 2 ** -6 } }))

/** Learns from every drive, however far off. */
export const forgetsWindow = given(({ config, ...rest }) => ({ ...rest, config: { ...config, window: 0 } }))

const reducing = (change: Subject['reduce']): Subject => ({
  ...reference,
  reduce: change,
  applyUpdates: (config, model, updates, mask) => {
    // the right optimiser, told to take what has been reduced as it is
    const one: Matrix = { rows: 1, cols: 1, data: Float32Array.of(1) }
    return reference.applyUpdates({ ...config, clip: 0, mean: 'all' }, model, change(config, updates, mask), one)
  },
})

/** Does not clip. */
export const unclipped = reducing((config, updates, mask) => reference.reduce({ ...config, clip: 0 }, updates, mask))

/** Clips each element, not the norm. */
export const clipsElements = reducing((config, updates, mask) =>
  reference.reduce(
    { ...config, clip: 0 },
    mapWeights((d) => (config.clip > 0 ? each(d, (value) => Math.max(-config.clip, Math.min(config.clip, value))) : d), updates),
    mask,
  ),
)

/** E is not clipped like W. */
export const unclippedE = reducing((config, updates, mask) => {
  const raw = reference.reduce(
    { ...config, clip: 0 },
    mapWeights((d) => each(d, (value) => 1.5 * value), updates),
    mask,
  )
  return mapWeights((d, name, l) => (name === 'E' ? raw[l - 1]!.E : d), reference.reduce(config, updates, mask))
})

/** dV is transposed. */
export const transposedV = updating((_context, d, name) => (name === 'V' ? each(d, (_value, i, j) => el(d, j, i)) : d))

/** The own error of a layer is added, not taken away. */
export const wrongSignOfAlpha = given(({ config, ...rest }) => ({ ...rest, config: { ...config, alpha: -config.alpha } }))

/** tanh by the first terms of its series, in every activation that is near it. */
export const seriesForTanh = spoilt('A2.z', ({ config, seen }, z, l) =>
  config.activation === 'tanh' ? each(seen.get(`A1.a_${l}`)!, (a) => a - a ** 3 / 3 + (2 * a ** 5) / 15) : z,
)

/** The mean over one row too many. */
export const wrongMean = reducing((config, updates, mask) => {
  const n = mask.rows
  return mapWeights((d) => each(d, (value) => (value * n) / (n + 1)), reference.reduce(config, updates, mask))
})

/** Momentum without looking ahead. */
export const noLookahead: Subject = {
  ...reference,
  applyUpdates: (config, model, updates, mask) =>
    reference.applyUpdates(
      { ...config, optimizer: config.optimizer === 'nesterov' ? 'momentum' : config.optimizer },
      model,
      updates,
      mask,
    ),
}

/** A score in bits, not nats. */
export const scoresInBits: Subject = {
  ...reference,
  score: (output, p, input) => {
    const right = reference.score(output, p, input)
    return { ...right, loss: Math.fround(right.loss / Math.LN2) }
  },
}
