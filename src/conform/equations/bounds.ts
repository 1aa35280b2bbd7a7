/**
 * Each equation from given inputs in binary64, with what a correct binary32 result may be away from it: the level `tol`.
 *
 * The allowances come from fan-in and roundings alone. They hold for sums in any order, fused or not, and while nothing
 * overflows. The equations are written here a second time, on purpose, and share no arithmetic with those that they judge but random numbers and what is exact;
 * the evaluator of test/evaluator, a third writing, checks the published vectors.
 */

import { at, type Matrix } from '../../numeric/matrix.js'
import { philox, unitInterval } from '../../numeric/random.js'
import type { Config } from '../../ptncn/config.js'
import { predictionStage } from '../../ptncn/layer.js'
import { exactly, type Get, type Setting } from './exact.js'
import type { Kind, Rule } from './graph.js'
import {
  exact,
  gamma,
  given,
  bounded,
  size,
  SMALLEST_NORMAL,
  sum,
  term,
  together,
  UNIT,
  type Element,
  type Bounded,
} from './rounding.js'

/** Units for one exp, log, tanh or sigmoid: 4 ulp, which the usual vectorised libraries keep. */
const ELEMENTARY = 8

type Formula = (get: Get, rule: Rule, setting: Setting) => Bounded

const like = (a: Matrix, roundings: number, of: (i: number, j: number) => Element): Bounded =>
  bounded(a.rows, a.cols, roundings, of)

/** A tensor that the rule may lack. */
const maybe = (get: Get, rule: Rule, part: string): Matrix | undefined => (rule.reads[part] === undefined ? undefined : get(part))

const times = (a: Matrix, b: Matrix, i: number, j: number): Element => sum(a.cols, (k) => at(a, i, k) * at(b, k, j))
const outer = (before: Matrix, after: (r: number) => number, i: number): Element =>
  sum(before.rows, (r) => at(before, r, i) * after(r))
const bias = (b: Matrix | undefined, j: number): readonly Element[] => (b ? [given(at(b, 0, j))] : [])
const sigmoid = (a: number): number => {
  const tail = Math.exp(-Math.abs(a))
  return a < 0 ? tail / (1 + tail) : 1 / (1 + tail)
}
const sign = (a: number): number => (a > 0 ? 1 : a < 0 ? -1 : a === 0 ? 0 : NaN)

const advance: Formula = (get, rule) => {
  const [below, own, M, V] = [get('below'), get('own'), get('M'), get('V')]
  const [above, U, b] = ['above', 'U', 'b'].map((part) => maybe(get, rule, part))
  return bounded(own.rows, V.cols, M.rows + V.rows + (U?.rows ?? 0) + 3, (i, j) =>
    together(times(below, M, i, j), ...(above && U ? [times(above, U, i, j)] : []), times(own, V, i, j), ...bias(b, j)),
  )
}

/** Each function with its roundings; what chooses, and does not round, has none. */
const FUNCTIONS: Readonly<Record<string, readonly [f: (a: number) => number, roundings: number]>> = {
  tanh: [Math.tanh, ELEMENTARY],
  sigmoid: [sigmoid, ELEMENTARY],
  // 2/3 and its product, 1.7159 and its product; tanh enlarges no relative error
  ltanh: [(a) => 1.7159 * Math.tanh((2 / 3) * a), ELEMENTARY + 4],
  relu: [(a) => Math.max(a, 0), 0],
  relu6: [(a) => Math.min(Math.max(a, 0), 6), 0],
  sign: [sign, 0],
  step: [(a) => (a >= 0 ? 1 : a < 0 ? 0 : NaN), 0],
  identity: [(a) => a, 0],
}

/** Where a draw is nearer to sigmoid(a) than its rounding errors, either side is right. */
const drawn = (a: Matrix, rule: Rule, { key, t }: Setting, stage: number): Bounded =>
  like(a, 1, (i, j) => {
    const words = philox([Math.floor(j / 4), i, stage * 0x10000 + rule.level, t % 2 ** 32], key)
    const [u, p] = [unitInterval(words[(j % 4) as 0 | 1 | 2 | 3]), sigmoid(at(a, i, j))]
    return [u < p ? 1 : 0, Math.abs(u - p) <= ELEMENTARY * UNIT * p ? 2 ** 24 : 0]
  })

const activate = (activation: Config['activation'], a: Matrix, rule: Rule, setting: Setting, stage: number): Bounded => {
  if (activation === 'stochastic') return drawn(a, rule, setting, stage)
  const [f, roundings] = typeof activation === 'function' ? ([activation, 1] as const) : FUNCTIONS[activation]!
  return like(a, roundings, (i, j) => (roundings > 0 ? term : exact)(f(at(a, i, j))))
}

/** Rounding s_i - max moves p_j by |s_j - max| + sum p_i |s_i - max| units of p_j; so does a softmax without the max. */
const softmax = (logits: Matrix): Bounded => {
  const rows = Array.from({ length: logits.rows }, (_, i) => {
    const s = Array.from({ length: logits.cols }, (_, j) => at(logits, i, j))
    const top = Math.max(...s)
    const powers = s.map((x) => Math.exp(x - top))
    const total = powers.reduce((all, x) => all + x, 0)
    const [p, drop] = [powers.map((x) => x / total), s.map((x) => Math.abs(x - top))]
    return { p, drop, average: p.reduce((all, x, j) => all + x * drop[j]!, 0) }
  })
  return like(logits, 2 * ELEMENTARY + logits.cols + 2, (i, j) => {
    const { p, drop, average } = rows[i]!
    return [p[j]!, size(p[j]!) * (1 + drop[j]! + average)]
  })
}

const predict: Formula = (get, rule, setting) => {
  const { output, hiddenPrediction, activation } = setting.config
  const logits = get('logits')
  if (rule.level === 0) return output === 'softmax' ? softmax(logits) : activate(output, logits, rule, setting, 0)
  const g = hiddenPrediction === 'activation' ? activation : 'identity'
  return activate(g, logits, rule, setting, predictionStage(rule.pass))
}

/** C1, and C4 of the state. */
const difference: Formula = (get) => {
  const [left, right, mask] = [get('left'), get('right'), get('mask')]
  return like(left, 1, (i, j) => (mask.data[i] === 1 ? together(given(at(left, i, j)), given(-at(right, i, j))) : exact(0)))
}

/** C4, also of the drive, where what is outside the window has to be 0. */
const correction: Formula = (get, rule, setting) => {
  const { correctionSignal, window } = setting.config
  const [state, left] = [difference(get, rule, setting), get('left')]
  if (correctionSignal === 'state' || window <= 0) return state
  return like(left, 1, (i, j) => (Math.abs(at(left, i, j)) < window ? [at(state.value, i, j), at(state.scale, i, j)] : exact(0)))
}

const feedback: Formula = (get, rule, { config: { alpha, lambda } }) => {
  const [below, E, a, e] = [get('below'), get('E'), get('a'), maybe(get, rule, 'e')]
  return like(a, E.rows + 2, (i, j) =>
    together(times(below, E, i, j), ...(e ? [term(-alpha * at(e, i, j))] : []), given(lambda * sign(at(a, i, j)))),
  )
}

/**
 * d, or d limit / norm where the norm is above the limit. Near the limit either branch is right. The squares of a norm
 * below 2^-50 underflow; so far down only the size is judged.
 */
const rescaled = (d: Matrix, limit: number): Bounded => {
  const values = Array.from(d.data)
  const norm = Math.sqrt(values.reduce((total, x) => total + x * x, 0))
  const roundings = 4 + (1 + values.length) / 2
  const alone = !(limit > 0) || norm <= limit * (1 - gamma(roundings) * UNIT)
  return like(d, roundings, (i, j) => {
    const x = at(d, i, j)
    if (alone && !(limit < 2 ** -50 && limit > 0)) return exact(x)
    const value = norm <= limit ? x : (x * limit) / norm
    return [value, x === 0 ? 0 : Math.max(Math.abs(value), SMALLEST_NORMAL * Math.max(1, 1 / norm))]
  })
}

const transposed: Formula = (get, _rule, { config }) => {
  const dW = get('dW')
  const q = config.clipOrder === 'clip-mean' ? rescaled(dW, config.clip) : undefined
  return bounded(dW.cols, dW.rows, 1 + (q?.allowed ?? 0), (i, j) => {
    const value = config.gamma * at(q?.value ?? dW, j, i)
    return q && at(q.scale, j, i) > 0 ? [value, size(value) + SMALLEST_NORMAL] : term(value)
  })
}

const temporal: Formula = (get, _rule, { config }) => {
  const [e, d, dBefore] = [get('e'), get('d'), get('dBefore')]
  return bounded(e.cols, d.cols, e.rows + 2, (i, j) => {
    const [value] = outer(e, (r) => at(d, r, j) - at(dBefore, r, j), i)
    const [, scale] = sum(e.rows, (r) => Math.abs(at(e, r, i)) * (Math.abs(at(d, r, j)) + Math.abs(at(dBefore, r, j))))
    return [-config.gamma * value, scale === 0 ? 0 : Math.max(size(config.gamma * scale), SMALLEST_NORMAL)]
  })
}

/** The smallest probability that is scored; from the released code. */
const FLOOR = Math.fround(1e-8)
const surprise = (p: number, x: number): Element => term(-x * Math.log(p <= 0 ? FLOOR : p))

/** A term of a score, and its roundings. */
const SCORE: Readonly<Record<Config['output'], readonly [of: (p: number, x: number) => Element, roundings: number]>> = {
  softmax: [surprise, ELEMENTARY + 1],
  // rounding 1 - p moves its logarithm by a unit of 1, however small the logarithm is
  sigmoid: [(p, x) => together(surprise(p, x), surprise(1 - p, 1 - x), [0, Math.abs(1 - x)]), ELEMENTARY + 3],
  identity: [(p, x) => [(p - x) ** 2 / 2, size((p - x) ** 2) + SMALLEST_NORMAL], 4],
}

const loss: Formula = (get, _rule, { config }) => {
  const [p, x, mask] = [get('p'), get('x'), get('mask')]
  const [of, roundings] = SCORE[config.output]
  return bounded(1, 1, roundings + p.cols * p.rows, () =>
    together(...Array.from(p.data, (value, i) => (mask.data[Math.floor(i / p.cols)] === 1 ? of(value, x.data[i]!) : exact(0)))),
  )
}

const power: Formula = (get, rule, { config }) =>
  bounded(1, 1, 1, () =>
    term(rule.reads['power1'] ? at(get('power1'), 0, 0) * config.beta1 : at(get('power2'), 0, 0) * config.beta2),
  )

/** kept old + (1 - kept) fresh */
const average = (get: Get, kept: number, fresh: (d: number) => number): Bounded => {
  const [old, d] = [get('old'), get('d')]
  return like(d, 4, (i, j) => together(term(kept * at(old, i, j)), term((1 - kept) * fresh(at(d, i, j)))))
}

const first: Formula = (get, _rule, { config: { optimizer, momentum, beta1 } }) => {
  if (optimizer === 'adam') return average(get, beta1, (x) => x)
  const [old, d] = [get('old'), get('d')]
  return like(d, 2, (i, j) => together(term(momentum * at(old, i, j)), given(at(d, i, j))))
}

const second: Formula = (get, _rule, { config: { optimizer, beta2, decay } }) =>
  average(get, optimizer === 'adam' ? beta2 : decay, (x) => x * x)

/** Minus x / denominator, and what it may lose to underflow in front of a small denominator. */
const quotient = (x: number, factor: number, denominator: number): Element => {
  const step = x / denominator
  return [-step, step === 0 ? 0 : Math.max(size(step), (SMALLEST_NORMAL * (1 + Math.abs(factor))) / denominator)]
}

type Change = (config: Config, of: (part: string) => number) => readonly Element[]

/** How each optimiser moves a weight, and its roundings. */
const MOVES: Readonly<Record<Config['optimizer'], readonly [change: Change, roundings: number]>> = {
  sgd: [({ rate }, of) => [term(-rate * of('d'))], 2],
  momentum: [({ rate }, of) => [term(-rate * of('first'))], 2],
  nesterov: [({ rate, momentum: mu }, of) => [term(-rate * of('d')), term(-rate * mu * of('first'))], 4],
  rmsprop: [({ rate, epsilon }, of) => [quotient(rate * of('d'), rate, Math.sqrt(of('second')) + epsilon)], 6],
  adam: [
    ({ rate, epsilon }, of) => {
      const [c1, c2] = [1 / (1 - of('power1')), 1 / (1 - of('power2'))]
      return [quotient(rate * of('first') * c1, rate * c1, Math.sqrt(of('second') * c2) + epsilon)]
    },
    12,
  ],
}

/** Matrices of many rows have a part of the rate; biases and M_1 the whole. */
const ratePart = ({ id }: Rule, { rateFanIn }: Config, rows: number): number =>
  rateFanIn <= 0 || rows <= rateFanIn || /\.[bc]_|\.M_1$/.test(id) ? 1 : rateFanIn / rows

/** The new weight, from the new moments. */
const move: Formula = (get, rule, { config: settings }) => {
  const w = get('w')
  const part = ratePart(rule, settings, w.rows)
  const config = { ...settings, rate: settings.rate * part }
  const [change, roundings] = MOVES[config.optimizer]
  // a part of the rate is rounded, and its product
  return like(w, roundings + (part === 1 ? 0 : 2), (i, j) => {
    const of = (part: string): number => (part.startsWith('power') ? at(get(part), 0, 0) : at(get(part), i, j))
    return together(given(at(w, i, j)), ...change(config, of))
  })
}

const project: Formula = (get, _rule, { config }) => {
  const w = get('w')
  const rows = Array.from({ length: w.rows }, (_, i) =>
    rescaled({ rows: 1, cols: w.cols, data: Array.from({ length: w.cols }, (_, j) => at(w, i, j)) }, config.maxNorm),
  )
  const { allowed } = rows[0]!
  return { ...like(w, 0, (i, j) => [rows[i]!.value.data[j]!, rows[i]!.scale.data[j]!]), allowed }
}

const FORMULAS: Readonly<Record<Kind, Formula>> = {
  advance,
  activate: (get, rule, setting) => activate(setting.config.activation, get('a'), rule, setting, rule.pass),
  logits: (get, rule) => {
    const [z, W, c] = [get('z'), get('W'), maybe(get, rule, 'c')]
    return bounded(z.rows, W.cols, W.rows + 1, (i, j) => together(times(z, W, i, j), ...bias(c, j)))
  },
  predict,
  predictionError: difference,
  feedback,
  correct: (get, _rule, { config }) =>
    like(get('a'), 2, (i, j) => together(given(at(get('a'), i, j)), term(-config.beta * at(get('h'), i, j)))),
  correction,
  outer: (get) => {
    const [before, after] = [get('before'), get('after')]
    return bounded(before.cols, after.cols, before.rows, (i, j) => outer(before, (r) => at(after, r, j), i))
  },
  transposed,
  temporal,
  columns: (get) => {
    const signal = get('signal')
    return bounded(1, signal.cols, signal.rows, (_, j) => sum(signal.rows, (r) => at(signal, r, j)))
  },
  loss,
  // what is counted, and not rounded, has to be exact
  hits: (get, rule, setting) => {
    const value = exactly(rule, get, setting)
    return like(value, 0, (i, j) => exact(at(value, i, j)))
  },
  clip: (get, _rule, { config }) => rescaled(get('d'), config.clip),
  mean: (get, _rule, { config }) => {
    const mask = Array.from(get('mask').data)
    const rows = config.mean === 'all' ? mask.length : Math.max(1, mask.filter((m) => m === 1).length)
    return like(get('d'), 2, (i, j) => term(at(get('d'), i, j) / rows))
  },
  add: (get, rule) => {
    const [before, d] = [maybe(get, rule, 'sum'), get('d')]
    return like(d, 1, (i, j) => together(...(before ? [given(at(before, i, j))] : []), given(at(d, i, j))))
  },
  power,
  first,
  second,
  move,
  fade: (get, _rule, { config }) =>
    like(get('w'), 2, (i, j) => together(given(at(get('w'), i, j)), term(-config.weightDecay * at(get('w'), i, j)))),
  project,
}

/** The result of an equation from what it reads, with what is allowed. */
export const boundsOf = (rule: Rule, get: Get, setting: Setting): Bounded => FORMULAS[rule.kind](get, rule, setting)
