/**
 * Each equation from given inputs in binary64, with what a correct binary32 result may be away from it: the level `tol`.
 *
 * The allowances come from fan-in and roundings alone. They hold for sums in any order, fused or not, and while nothing
 * overflows.
 */

import type { Matrix } from '../numeric/matrix.js'
import { philox, unitInterval } from '../numeric/random.js'
import type { Config } from '../ptncn/config.js'
import { predictionStage } from '../ptncn/layer.js'
import { el, given, judged, size, SMALLEST_NORMAL, sum, term, together, type Element, type Judged } from './bound.js'
import { exactly, type Get, type Setting } from './exact.js'
import { move, power, rescaled, moment } from './bounds-apply.js'
import type { Kind, Rule } from './rules.js'

/** Units for one exp, log, tanh or sigmoid: 4 ulp, which the usual vectorised libraries keep. */
export const ELEMENTARY = 8

type Formula = (get: Get, rule: Rule, setting: Setting) => Judged

const has = (rule: Rule, part: string): boolean => rule.reads[part] !== undefined
const like = (a: Matrix, roundings: number, of: (i: number, j: number) => Element): Judged =>
  judged(a.rows, a.cols, roundings, of)

const times = (a: Matrix, b: Matrix, i: number, j: number): Element => sum(a.cols, (k) => el(a, i, k) * el(b, k, j))
const exact = (x: number): Element => [x, 0]
const sigmoid = (a: number): number => {
  const tail = Math.exp(-Math.abs(a))
  return a < 0 ? tail / (1 + tail) : 1 / (1 + tail)
}
const sign = (a: number): number => (a > 0 ? 1 : a < 0 ? -1 : a === 0 ? 0 : NaN)

const advance: Formula = (get, rule) => {
  const [below, own, M, V] = [get('below'), get('own'), get('M'), get('V')]
  const [above, U, b] = [has(rule, 'above') && get('above'), has(rule, 'U') && get('U'), has(rule, 'b') && get('b')]
  const roundings = M.rows + V.rows + (U ? U.rows : 0) + 3
  return judged(own.rows, V.cols, roundings, (i, j) =>
    together(
      times(below, M, i, j),
      ...(above && U ? [times(above, U, i, j)] : []),
      times(own, V, i, j),
      ...(b ? [given(el(b, 0, j))] : []),
    ),
  )
}

const SMOOTH: Readonly<Record<string, readonly [f: (a: number) => number, roundings: number]>> = {
  tanh: [Math.tanh, ELEMENTARY],
  sigmoid: [sigmoid, ELEMENTARY],
  // 2/3 and its product, 1.7159 and its product; tanh enlarges no relative error
  ltanh: [(a) => 1.7159 * Math.tanh((2 / 3) * a), ELEMENTARY + 4],
}
const SELECTED: Readonly<Record<string, (a: number) => number>> = {
  relu: (a) => Math.max(a, 0),
  relu6: (a) => Math.min(Math.max(a, 0), 6),
  sign,
  step: (a) => (a >= 0 ? 1 : a < 0 ? 0 : NaN),
  identity: (a) => a,
}

/** Where a draw is nearer to sigmoid(a) than its rounding errors, either side is right. */
const drawn = (a: Matrix, rule: Rule, { key, t }: Setting, stage: number): Judged =>
  like(a, 1, (i, j) => {
    const words = philox([Math.floor(j / 4), i, stage * 0x10000 + rule.level, t % 2 ** 32], key)
    const [u, p] = [unitInterval(words[(j % 4) as 0 | 1 | 2 | 3]), sigmoid(el(a, i, j))]
    return [u < p ? 1 : 0, Math.abs(u - p) <= ELEMENTARY * 2 ** -24 * p ? 2 ** 24 : 0]
  })

const respond = (activation: Config['activation'], a: Matrix, rule: Rule, setting: Setting, stage: number): Judged => {
  if (activation === 'stochastic') return drawn(a, rule, setting, stage)
  if (typeof activation === 'function') return like(a, 1, (i, j) => term(activation(el(a, i, j))))
  const smooth = SMOOTH[activation]
  if (smooth) return like(a, smooth[1], (i, j) => term(smooth[0](el(a, i, j))))
  return like(a, 0, (i, j) => exact(SELECTED[activation]!(el(a, i, j))))
}

/** Rounding s_i - max moves p_j by |s_j - max| + sum p_i |s_i - max| units of p_j; so does a softmax without the max. */
const softmax = (logits: Matrix): Judged => {
  const row = (i: number): { p: number[]; drop: number[]; average: number } => {
    const s = Array.from({ length: logits.cols }, (_, j) => el(logits, i, j))
    const top = Math.max(...s)
    const powers = s.map((x) => Math.exp(x - top))
    const total = powers.reduce((all, x) => all + x, 0)
    const [p, drop] = [powers.map((x) => x / total), s.map((x) => Math.abs(x - top))]
    return { p, drop, average: p.reduce((all, x, j) => all + x * drop[j]!, 0) }
  }
  const rows = Array.from({ length: logits.rows }, (_, i) => row(i))
  return like(logits, 2 * ELEMENTARY + logits.cols + 2, (i, j) => {
    const { p, drop, average } = rows[i]!
    return [p[j]!, size(p[j]!) * (1 + drop[j]! + average)]
  })
}

const predict: Formula = (get, rule, setting) => {
  const { config } = setting
  const logits = get('logits')
  if (rule.level === 0) return config.output === 'softmax' ? softmax(logits) : respond(config.output, logits, rule, setting, 0)
  return respond(
    config.hiddenPrediction === 'activation' ? config.activation : 'identity',
    logits,
    rule,
    setting,
    predictionStage(rule.pass),
  )
}

const correction: Formula = (get, rule, { config: { alpha, lambda } }) => {
  const [below, E, a, e] = [get('below'), get('E'), get('a'), has(rule, 'e') && get('e')]
  return like(a, E.rows + 2, (i, j) =>
    together(times(below, E, i, j), ...(e ? [term(-alpha * el(e, i, j))] : []), given(lambda * sign(el(a, i, j)))),
  )
}

const outer = (before: Matrix, after: (r: number, j: number) => number, i: number, j: number): Element =>
  sum(before.rows, (r) => el(before, r, i) * after(r, j))

const temporal: Formula = (get, _rule, { config }) => {
  const [e, d, dBefore] = [get('e'), get('d'), get('dBefore')]
  return judged(e.cols, d.cols, e.rows + 2, (i, j) => {
    const [value] = outer(e, (r, k) => el(d, r, k) - el(dBefore, r, k), i, j)
    const scale = sum(e.rows, (r) => Math.abs(el(e, r, i)) * (Math.abs(el(d, r, j)) + Math.abs(el(dBefore, r, j))))[1]
    return [-config.gamma * value, scale === 0 ? 0 : Math.max(size(config.gamma * scale), SMALLEST_NORMAL)]
  })
}

const transposed: Formula = (get, _rule, { config }) => {
  const dW = get('dW')
  const q = config.clipOrder === 'clip-mean' ? rescaled(dW, config.clip) : undefined
  return judged(dW.cols, dW.rows, 1 + (q?.allowed ?? 0), (i, j) => {
    const value = config.gamma * (q ? q.value : dW).data[j * dW.cols + i]!
    return q && q.scale.data[j * dW.cols + i]! > 0 ? [value, size(value) + SMALLEST_NORMAL] : term(value)
  })
}

/** Terms of a score: value, scale, and the roundings of one. */
const FLOOR = Math.fround(1e-8)
const floored = (p: number): number => (p <= 0 ? FLOOR : p)
const SCORE: Readonly<Record<Config['output'], readonly [of: (p: number, x: number) => Element, roundings: number]>> = {
  softmax: [(p, x) => term(-x * Math.log(floored(p))), ELEMENTARY + 1],
  sigmoid: [
    (p, x) => {
      const [on, off] = [term(-x * Math.log(floored(p))), term(-(1 - x) * Math.log(floored(1 - p)))]
      // rounding 1 - p moves its logarithm by a unit of 1, however small the logarithm is
      return together(on, off, [0, Math.abs(1 - x)])
    },
    ELEMENTARY + 3,
  ],
  identity: [(p, x) => [(p - x) ** 2 / 2, size((p - x) ** 2) + SMALLEST_NORMAL], 4],
}

const loss: Formula = (get, _rule, { config }) => {
  const [p, x, mask] = [get('p'), get('x'), get('mask')]
  const [of, roundings] = SCORE[config.output]
  return judged(1, 1, roundings + p.cols * p.rows, () => {
    const terms = Array.from(p.data, (value, i) => (mask.data[Math.floor(i / p.cols)] === 1 ? of(value, x.data[i]!) : exact(0)))
    return together(...terms)
  })
}

/** What is chosen or counted, and not rounded, has to be exact. */
const same: Formula = (get, rule, setting) => {
  const value = exactly(rule, get, setting)
  return like(value, 0, (i, j) => exact(el(value, i, j)))
}

const FORMULAS: Readonly<Record<Kind, Formula>> = {
  advance,
  respond: (get, rule, setting) => respond(setting.config.activation, get('a'), rule, setting, rule.pass),
  logits: (get, rule) => {
    const [z, W, c] = [get('z'), get('W'), has(rule, 'c') && get('c')]
    return judged(z.rows, W.cols, W.rows + 1, (i, j) => together(times(z, W, i, j), ...(c ? [given(el(c, 0, j))] : [])))
  },
  predict,
  difference: (get) => {
    const [left, right, mask] = [get('left'), get('right'), get('mask')]
    return like(left, 1, (i, j) => (mask.data[i] === 1 ? together(given(el(left, i, j)), given(-el(right, i, j))) : exact(0)))
  },
  correction,
  correct: (get, _rule, { config }) =>
    like(get('a'), 2, (i, j) => together(given(el(get('a'), i, j)), term(-config.beta * el(get('h'), i, j)))),
  outer: (get) => {
    const [before, after] = [get('before'), get('after')]
    return judged(before.cols, after.cols, before.rows, (i, j) => outer(before, (r, k) => el(after, r, k), i, j))
  },
  transposed,
  temporal,
  columns: (get) =>
    judged(1, get('signal').cols, get('signal').rows, (_, j) => sum(get('signal').rows, (r) => el(get('signal'), r, j))),
  loss,
  hits: same,
  clip: (get, _rule, { config }) => rescaled(get('d'), config.clip),
  mean: (get, _rule, { config }) => {
    const mask = Array.from(get('mask').data)
    const rows = config.mean === 'all' ? mask.length : Math.max(1, mask.filter((m) => m === 1).length)
    return like(get('d'), 2, (i, j) => term(el(get('d'), i, j) / rows))
  },
  add: (get, rule) =>
    like(get('d'), 1, (i, j) => together(...(has(rule, 'sum') ? [given(el(get('sum'), i, j))] : []), given(el(get('d'), i, j)))),
  power,
  first: moment('first'),
  second: moment('second'),
  move,
  project: (get, _rule, { config }) => {
    const w = get('w')
    const rows = Array.from({ length: w.rows }, (_, i) =>
      rescaled({ rows: 1, cols: w.cols, data: Array.from({ length: w.cols }, (_, j) => el(w, i, j)) }, config.maxNorm),
    )
    const { allowed } = rows[0]!
    return { ...like(w, 0, (i, j) => [rows[i]!.value.data[j]!, rows[i]!.scale.data[j]!]), allowed }
  },
}

/** The result of an equation from what it reads, with what is allowed. */
export const boundsOf = (rule: Rule, get: Get, setting: Setting): Judged => FORMULAS[rule.kind](get, rule, setting)
