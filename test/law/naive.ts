/**
 * Each equation written out element by element, one rounding an operation: slow, plain, and independent of
 * the matrices of src/numeric. Of src it uses exp, tanh, sigmoid and Philox, which have tests of their own.
 */

import { ACTIVATIONS } from '../../src/numeric/activation.js'
import { exp, sigmoid } from '../../src/numeric/elementary.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import { philox } from '../../src/numeric/random.js'
import type { Config } from '../../src/ptncn/config.js'
import type { State } from '../../src/ptncn/state.js'
import type { Rule, RuleName } from './rules.js'

const { fround, sqrt } = Math

export const build = (rows: number, cols: number, of: (i: number, j: number) => number): Matrix => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, at) => of(Math.floor(at / cols), at % cols)),
})

export const el = (a: Matrix, i: number, j: number): number => a.data[i * a.cols + j]!

/** From +0, fl(fl(term) added), in ascending order. */
const sum = (n: number, term: (k: number) => number): number => {
  let total = 0
  for (let k = 0; k < n; k++) total = fround(total + fround(term(k)))
  return total
}

const times =
  (a: Matrix, b: Matrix) =>
  (i: number, j: number): number =>
    sum(a.cols, (k) => el(a, i, k) * el(b, k, j))

/** Four lanes by the column's remainder, then pairwise. */
export const lanes = (n: number, term: (j: number) => number): number => {
  const lane = (first: number): number => sum(Math.ceil(Math.max(0, n - first) / 4), (k) => term(first + 4 * k))
  return fround(fround(lane(0) + lane(1)) + fround(lane(2) + lane(3)))
}

export const norm = (a: Matrix): number =>
  fround(sqrt(sum(a.rows, (i) => lanes(a.cols, (j) => fround(el(a, i, j) * el(a, i, j))))))

/** O1 */
export const clipped = (r: number, d: Matrix): Matrix => {
  const length = norm(d)
  return r > 0 && length > r ? build(d.rows, d.cols, (i, j) => fround(fround(el(d, i, j) * r) / length)) : d
}

interface Place {
  readonly level: number
  readonly stage: number
}

/** f of each element. */
const respond = (config: Config, { t, key }: State, a: Matrix, { level, stage }: Place): Matrix => {
  const { activation } = config
  if (activation === 'stochastic') {
    const draw = (i: number, j: number): number =>
      philox([j >> 2, i, 65536 * stage + level, t], key)[(j & 3) as 0 | 1 | 2 | 3] >>> 8
    return build(a.rows, a.cols, (i, j) => (draw(i, j) / 2 ** 24 < sigmoid(el(a, i, j)) ? 1 : 0))
  }
  const f = typeof activation === 'function' ? activation : ACTIVATIONS[activation]
  return build(a.rows, a.cols, (i, j) => f(el(a, i, j)))
}

const softmax = (s: Matrix): Matrix => {
  const power = build(s.rows, s.cols, (i, j) => {
    const row = Array.from({ length: s.cols }, (_, k) => el(s, i, k))
    return exp(fround(el(s, i, j) - Math.max(...row)))
  })
  return build(s.rows, s.cols, (i, j) => fround(el(power, i, j) / lanes(s.cols, (k) => el(power, i, k))))
}

const plus = (x: number, y: number): number => fround(x + y)
const minus = (x: number, y: number): number => fround(x - y)
const sign = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : 0)

type Operands = (part: string) => Matrix
type Formula = (get: Operands, rule: Rule, config: Config, state: State) => Matrix

const has = (rule: Rule, part: string): boolean => rule.operands[part] !== undefined

const advance: Formula = (get, rule) => {
  const [below, own] = [times(get('below'), get('M')), times(get('own'), get('V'))]
  const above = has(rule, 'U') ? times(get('above'), get('U')) : undefined
  return build(get('own').rows, get('V').cols, (i, j) => {
    const driven = above ? plus(below(i, j), above(i, j)) : below(i, j)
    const a = plus(driven, own(i, j))
    return has(rule, 'b') ? plus(a, el(get('b'), 0, j)) : a
  })
}

const logits: Formula = (get, rule) => {
  const drive = times(get('z'), get('W'))
  return build(get('z').rows, get('W').cols, (i, j) => (has(rule, 'c') ? plus(drive(i, j), el(get('c'), 0, j)) : drive(i, j)))
}

const predict: Formula = (get, { level, pass }, config, state) => {
  const s = get('logits')
  if (level > 0) {
    return config.hiddenPrediction === 'activation' ? respond(config, state, s, { level, stage: 32768 + pass }) : s
  }
  if (config.output === 'softmax') return softmax(s)
  return config.output === 'sigmoid' ? build(s.rows, s.cols, (i, j) => sigmoid(el(s, i, j))) : s
}

const maskedDifference = (mask: Matrix, left: Matrix, right: Matrix): Matrix =>
  build(left.rows, left.cols, (i, j) => fround(el(mask, i, 0) * minus(el(left, i, j), el(right, i, j))))

const correction: Formula = (get, rule, { alpha, lambda }) => {
  const [drive, a] = [times(get('below'), get('E')), get('a')]
  return build(a.rows, a.cols, (i, j) => {
    const held = has(rule, 'e') ? minus(drive(i, j), fround(alpha * el(get('e'), i, j))) : drive(i, j)
    return plus(held, fround(lambda * sign(el(a, i, j))))
  })
}

const synapse = (before: Matrix, after: Matrix): Matrix =>
  build(before.cols, after.cols, (i, j) => sum(before.rows, (r) => el(before, r, i) * el(after, r, j)))

const errorUpdate: Formula = (get, rule, { clip, clipOrder, gamma }) => {
  if (has(rule, 'dW')) {
    const q = clipOrder === 'clip-mean' ? clipped(clip, get('dW')) : get('dW')
    return build(q.cols, q.rows, (i, j) => fround(gamma * el(q, j, i)))
  }
  const [d, dBefore] = [get('d'), get('dBefore')]
  const raw = synapse(
    get('e'),
    build(d.rows, d.cols, (i, j) => minus(el(d, i, j), el(dBefore, i, j))),
  )
  return build(raw.rows, raw.cols, (i, j) => fround(-gamma * el(raw, i, j)))
}

const rowSum: Formula = (get) => build(1, get('signal').cols, (_, j) => sum(get('signal').rows, (r) => el(get('signal'), r, j)))
const product: Formula = (get) => synapse(get('before'), get('after'))

const FORMULAS: Readonly<Record<RuleName, Formula>> = {
  A1: advance,
  A2: (get, { level }, config, state) => respond(config, state, get('a'), { level, stage: 0 }),
  logits,
  P1: predict,
  C1: (get) => maskedDifference(get('mask'), get('p'), get('z')),
  C2: correction,
  C3: (get, _rule, { beta }) =>
    build(get('a').rows, get('a').cols, (i, j) => minus(el(get('a'), i, j), fround(beta * el(get('h'), i, j)))),
  z: (get, { level, pass }, config, state) => respond(config, state, get('a'), { level, stage: pass }),
  C4: (get) => maskedDifference(get('mask'), get('z'), get('y')),
  dW: product,
  dE: errorUpdate,
  dM: product,
  dV: product,
  dU: product,
  db: rowSum,
  dc: rowSum,
}

/**
 * The result of a rule from its operands, found by their ids; it cannot read anything that the rule does not
 * name.
 */
export const naively = (rule: Rule, find: (id: string) => Matrix, config: Config, state: State): Matrix =>
  FORMULAS[rule.name](
    (part) => {
      const id = rule.operands[part]
      if (id === undefined) throw new Error(`${rule.id} names no ${part}`)
      return find(id)
    },
    rule,
    config,
    state,
  )
