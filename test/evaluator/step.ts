/**
 * A1 to L6 as a whole step, in binary64, composed of the equations one by one; to compare with, not for
 * speed.
 */

import { A1, C1, C2, C3, C4, L1, L2_temporal, L2_transposed, L3, L4, L5, L6, P1_logits } from './equations.js'
import type { Rows } from './bound.js'
import { A2, P1 } from './functions.js'
import { item, layers } from './model.js'
import type { Config, State, Weights } from './model.js'
import { O1 } from './optimizers.js'

type Signals = Record<string, number[][]>

export interface Step {
  /** By name: x, a_1, z_1, logits_0, p_0, e_0, h_1, y_1, d_1, dW_1 ...; for passes see `settle`. */
  readonly signals: Signals
  /** The raw updates dW, dE ... (L1 to L6), before O1. */
  readonly updates: Weights
  readonly state: State
  /** Whether the updates of this step are to be applied: t >= learnFrom. */
  readonly learns: boolean
}

interface Layers {
  readonly a: number[][][]
  readonly z: number[][][]
}

/** A1 and A2 for every layer, from step t-1 alone. */
function advance(config: Config, weights: Weights, state: State): Layers {
  const L = config.units.length - 1
  const y = (l: number) => (l === 0 ? state.x : item(state.y, l - 1))
  const a = layers(
    L,
    (l) =>
      A1({
        below: y(l - 1),
        M: item(weights.M, l - 1),
        above: l < L ? y(l + 1) : undefined,
        U: l < L ? item(weights.U, l - 1) : undefined,
        own: y(l),
        V: item(weights.V, l - 1),
        b: config.biases ? item(weights.b, l - 1) : undefined,
      }).value,
  )
  return { a, z: a.map((drive) => A2(config.activation, drive).value) }
}

/** One pass of P1, C1, C2, C3 from a and z of the pass before. */
function pass(config: Config, weights: Weights, x: Rows, mask: readonly number[], { a, z }: Layers) {
  const L = a.length
  const hidden = config.hiddenPrediction === 'activation' ? config.activation : 'identity'
  const logits = layers(L, (l) => {
    const bias = config.biases ? item(weights.c, l - 1) : undefined
    return P1_logits(item(z, l - 1), item(weights.W, l - 1), bias).value
  })
  const p = logits.map((s, level) => P1(level === 0 ? config.output : hidden, s).value)
  const e = p.map((guess, level) => C1(guess, level === 0 ? x : item(z, level - 1), mask).value)
  const h = layers(
    L,
    (l) =>
      C2({
        below: item(e, l - 1),
        E: item(weights.E, l - 1),
        e: l < L ? item(e, l) : undefined,
        a: item(a, l - 1),
        alpha: config.alpha,
        lambda: config.lambda,
      }).value,
  )
  const corrected = a.map((drive, i) => C3(drive, item(h, i), config.beta).value)
  return { logits, p, e, h, a: corrected, z: corrected.map((drive) => A2(config.activation, drive).value) }
}

/** logits, p and e begin at layer 0; of the updates only dc does. */
const FROM_ZERO: readonly string[] = ['logits', 'p', 'e', 'dc']

function named(lists: Readonly<Record<string, readonly number[][][]>>, suffix = ''): Signals {
  return Object.fromEntries(
    Object.entries(lists).flatMap(([name, list]) =>
      list.map((matrix, i) => [`${name}_${i + (FROM_ZERO.includes(name) ? 0 : 1)}${suffix}`, matrix] as const),
    ),
  )
}

/**
 * K passes. Names without a caret are a and z of A1 and A2, and all else of pass 1. `a_1^k` and `z_1^k` are
 * those after pass k, k >= 1; `logits_0^k`, `p_0^k`, `e_0^k`, `h_1^k` those of pass k, k >= 2.
 */
function settle(config: Config, weights: Weights, x: Rows, mask: readonly number[], start: Layers) {
  const first = pass(config, weights, x, mask, start)
  const tell = ({ logits, p, e, h, a, z }: typeof first, k: number): Signals => ({
    ...named({ logits, p, e, h }, k === 1 ? '' : `^${k}`),
    ...named({ a, z }, `^${k}`),
  })
  let last = first
  let signals = tell(first, 1)
  for (let k = 2; k <= config.passes; k++) {
    last = pass(config, weights, x, mask, last)
    signals = { ...signals, ...tell(last, k) }
  }
  return { e: first.e, y: last.z, signals }
}

/** L1 to L6 from the signals of pass 1 and those carried from step t-1. */
function learn(config: Config, state: State, z: number[][][], e: number[][][], d: number[][][]): Weights {
  const L = z.length
  const presynaptic = config.presynaptic === 'corrected' ? state.y : state.z
  const before = (l: number) => (l === 0 ? state.x : item(presynaptic, l - 1))
  const own = (l: number) => item(d, l - 1)
  const W = layers(L, (l) => {
    const signal = l === 1 || config.topDownSignal === 'error' ? item(e, l - 1) : own(l - 1)
    return L1(item(z, l - 1), signal).value
  })
  const E = layers(L, (l) => {
    if (config.errorRule === 'temporal') {
      return L2_temporal(item(e, l - 1), own(l), item(state.d, l - 1), config.gamma).value
    }
    const dW = item(W, l - 1)
    const Q = config.clipOrder === 'clip-mean' ? O1(dW, config.clip).value : dW
    return L2_transposed(Q, config.gamma).value
  })
  const M = layers(L, (l) => L3(before(l - 1), own(l)).value)
  const V = layers(L, (l) => L4(before(l), own(l)).value)
  const U = layers(L - 1, (l) => L5(before(l + 1), own(l)).value)
  if (!config.biases) return { W, E, M, V, U }
  return { W, E, M, V, U, b: d.map((signal) => L6(signal).value), c: e.map((signal) => L6(signal).value) }
}

/** One step: A1-A2, K times P1-C3, C4, L1-L6. Nothing given is changed. */
export function evaluateStep(
  config: Config,
  weights: Weights,
  state: State,
  input: { readonly x: Rows; readonly mask: readonly number[] },
): Step {
  if (config.activation === 'stochastic') throw new RangeError('the evaluator has no stochastic units')
  if (!(config.passes >= 1)) throw new RangeError(`"passes" expected at least 1, got ${config.passes}`)
  const { x, mask } = input
  const start = advance(config, weights, state)
  const { e, y, signals } = settle(config, weights, x, mask, start)
  const { a, z } = start
  const d = z.map((prior, i) => C4(prior, item(y, i), mask).value)
  const updates = learn(config, state, z, e, d)
  const changes = Object.fromEntries(Object.entries(updates).map(([name, list]) => [`d${name}`, list]))
  return {
    signals: { ...signals, ...named({ a, z, y, d, ...changes }) },
    updates,
    state: { x: x.map((row) => [...row]), y, z, d, t: state.t + 1 },
    learns: state.t >= config.learnFrom,
  }
}
