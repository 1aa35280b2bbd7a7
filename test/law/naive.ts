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
import type { Rule } from './rules.js'

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

/** Finds what the rule reads, by SPEC.md's name; undefined where the rule does not read it. */
type Find = (name: string) => Matrix | undefined
type Get = (name: string) => Matrix
type Formula = (get: Get, find: Find, rule: Rule, config: Config, state: State) => Matrix

/** y[t-1] or z[t-1] of a level. */
export const before = (letter: string, level: number): string => (level === 0 ? 'x[t-1]' : `${letter}_${level}[t-1]`)
export const aOf = (l: number, k: number): string => (k === 0 ? `A1.a_${l}` : `C3.a_${l}^${k}`)
export const zOf = (l: number, k: number): string => (l === 0 ? 'x' : k === 0 ? `A2.z_${l}` : `C3.z_${l}^${k}`)

const advance: Formula = (get, find, { level: l }) => {
  const [below, own] = [times(get(before('y', l - 1)), get(`M_${l}`)), times(get(before('y', l)), get(`V_${l}`))]
  const [U, b] = [find(`U_${l}`), find(`b_${l}`)]
  const above = U && times(get(before('y', l + 1)), U)
  return build(get(before('y', l)).rows, get(`V_${l}`).cols, (i, j) => {
    const driven = above ? plus(below(i, j), above(i, j)) : below(i, j)
    const a = plus(driven, own(i, j))
    return b ? plus(a, el(b, 0, j)) : a
  })
}

const logits: Formula = (get, find, { level, pass }) => {
  const [z, W, c] = [get(zOf(level + 1, pass - 1)), get(`W_${level + 1}`), find(`c_${level}`)]
  const drive = times(z, W)
  return build(z.rows, W.cols, (i, j) => (c ? plus(drive(i, j), el(c, 0, j)) : drive(i, j)))
}

const predict: Formula = (get, _find, { level, pass }, config, state) => {
  const s = get(`P1.logits_${level}^${pass}`)
  if (level > 0) {
    return config.hiddenPrediction === 'activation' ? respond(config, state, s, { level, stage: 32768 + pass }) : s
  }
  if (config.output === 'softmax') return softmax(s)
  return config.output === 'sigmoid' ? build(s.rows, s.cols, (i, j) => sigmoid(el(s, i, j))) : s
}

const maskedDifference = (mask: Matrix, left: Matrix, right: Matrix): Matrix =>
  build(left.rows, left.cols, (i, j) => fround(el(mask, i, 0) * minus(el(left, i, j), el(right, i, j))))

const correction: Formula = (get, find, { level }, { passes, window }) => {
  const a = find(`A1.a_${level}`)
  if (!a) return maskedDifference(get('m'), get(`A2.z_${level}`), get(zOf(level, passes)))
  const d = maskedDifference(get('m'), a, get(aOf(level, passes)))
  const nothing = (i: number): number => fround(el(get('m'), i, 0) * 0)
  return build(a.rows, a.cols, (i, j) => (window <= 0 || Math.abs(el(a, i, j)) < window ? el(d, i, j) : nothing(i)))
}

const feedback: Formula = (get, find, { level: l, pass: k }, { alpha, lambda }) => {
  const [drive, a] = [times(get(`C1.e_${l - 1}^${k}`), get(`E_${l}`)), get(aOf(l, k - 1))]
  const e = find(`C1.e_${l}^${k}`)
  return build(a.rows, a.cols, (i, j) => {
    const held = e ? minus(drive(i, j), fround(alpha * el(e, i, j))) : drive(i, j)
    return plus(held, fround(lambda * sign(el(a, i, j))))
  })
}

const correct: Formula = (get, _find, { level: l, pass: k }, { beta }) => {
  const [a, h] = [get(aOf(l, k - 1)), get(`C2.h_${l}^${k}`)]
  return build(a.rows, a.cols, (i, j) => minus(el(a, i, j), fround(beta * el(h, i, j))))
}

const synapse = (source: Matrix, after: Matrix): Matrix =>
  build(source.cols, after.cols, (i, j) => sum(source.rows, (r) => el(source, r, i) * el(after, r, j)))

const errorUpdate: Formula = (get, find, { level: l }, { clip, clipOrder, gamma }) => {
  const dW = find(`L1.dW_${l}`)
  if (dW) {
    const q = clipOrder === 'clip-mean' ? clipped(clip, dW) : dW
    return build(q.cols, q.rows, (i, j) => fround(gamma * el(q, j, i)))
  }
  const [d, dBefore] = [get(`C4.d_${l}`), get(`d_${l}[t-1]`)]
  const change = build(d.rows, d.cols, (i, j) => minus(el(d, i, j), el(dBefore, i, j)))
  const raw = synapse(get(`C1.e_${l - 1}^1`), change)
  return build(raw.rows, raw.cols, (i, j) => fround(-gamma * el(raw, i, j)))
}

const rowSum = (a: Matrix): Matrix => build(1, a.cols, (_, j) => sum(a.rows, (r) => el(a, r, j)))

/** L3 to L5: what came from a level before, and the correction of layer l. */
const recurrent =
  (from: -1 | 0 | 1): Formula =>
  (get, _find, { level: l }, { presynaptic }) =>
    synapse(get(before(presynaptic === 'corrected' ? 'y' : 'z', l + from)), get(`C4.d_${l}`))

const FORMULAS: Readonly<Record<string, Formula>> = {
  'A1.a': advance,
  'A2.z': (get, _find, { level }, config, state) => respond(config, state, get(`A1.a_${level}`), { level, stage: 0 }),
  'P1.logits': logits,
  'P1.p': predict,
  'C1.e': (get, _find, { level, pass }) => maskedDifference(get('m'), get(`P1.p_${level}^${pass}`), get(zOf(level, pass - 1))),
  'C2.h': feedback,
  'C3.a': correct,
  'C3.z': (get, _find, { level, pass }, config, state) =>
    respond(config, state, get(`C3.a_${level}^${pass}`), { level, stage: pass }),
  'C4.d': correction,
  'L1.dW': (get, find, { level: l }) => synapse(get(`A2.z_${l}`), find(`C4.d_${l - 1}`) ?? get(`C1.e_${l - 1}^1`)),
  'L2.dE': errorUpdate,
  'L3.dM': recurrent(-1),
  'L4.dV': recurrent(0),
  'L5.dU': recurrent(1),
  'L6.db': (get, _find, { level }) => rowSum(get(`C4.d_${level}`)),
  'L6.dc': (get, _find, { level }) => rowSum(get(`C1.e_${level}^1`)),
}

/** The result of a rule from what it reads; it cannot read anything that the rule does not name. */
export const naively = (rule: Rule, of: Get, config: Config, state: State): Matrix => {
  const find: Find = (name) => (rule.reads.has(name) ? of(name) : undefined)
  const get: Get = (name) => {
    if (!rule.reads.has(name)) throw new Error(`${rule.id} reads no ${name}`)
    return of(name)
  }
  return FORMULAS[rule.result]!(get, find, rule, config, state)
}
