/** Each rule of the kit by the evaluator in binary64, which shares no code with src. */

import type { Matrix } from '../../src/index.js'
import type { Setting } from '../../src/conform/equations/exact.js'
import type { Rule } from '../../src/conform/equations/graph.js'
import type { Judged, Rows } from '../evaluator/bound.js'
import { worstUnits } from '../evaluator/bound.js'
import { A1, C1, C2, C3, C4, C4_drive, L1, L2_temporal, L2_transposed, L3, L6, P1_logits } from '../evaluator/equations.js'
import { A2, P1, S } from '../evaluator/functions.js'
import {
  O1,
  O2,
  O2_N,
  O3_accumulate,
  O3_firstMoment,
  O3_momentum,
  O3_nesterov,
  O3_rate,
  O3_rmsprop,
  O3_secondMoment,
  O3_sgd,
  O3_velocity,
  O4,
  O5,
} from '../evaluator/optimizers.js'

export const rowsOf = ({ rows, cols, data }: Matrix): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) => data[i * cols + j]!))

type Get = (part: string) => Rows
type Evaluate = (get: Get, rule: Rule, setting: Setting) => Judged

const maybe = (get: Get, rule: Rule, part: string): Rows | undefined => (rule.reads[part] ? get(part) : undefined)
const column = (rows: Rows): number[] => rows.map((row) => row[0]!)
const one = (value: number, scale: number, allowed: number): Judged => ({ value: [[value]], scale: [[scale]], allowed })

/** adam from its own powers, where the evaluator counts updates from the first on. */
const adam = (get: Get, { config }: Setting): Judged => {
  const [w, m, v] = [get('w'), get('first'), get('second')]
  const [c1, c2] = [1 / (1 - column(get('power1'))[0]!), 1 / (1 - column(get('power2'))[0]!)]
  const step = (i: number, j: number): number => (config.rate * m[i]![j]! * c1) / (Math.sqrt(v[i]![j]! * c2) + config.epsilon)
  const scale = w.map((row, i) =>
    row.map(
      (x, j) =>
        Math.abs(x) +
        Math.max(Math.abs(step(i, j)), (2 ** -126 * (1 + config.rate) * c1) / (Math.sqrt(v[i]![j]! * c2) + config.epsilon)),
    ),
  )
  return { value: w.map((row, i) => row.map((x, j) => x - step(i, j))), scale, allowed: 12 }
}

const move: Evaluate = (get, rule, setting) => {
  const whole = /\.(?:[bc]_\d+|M_1)$/.test(rule.id)
  const rate = whole ? setting.config.rate : O3_rate(setting.config.rate, setting.config.rateFanIn, get('w').length)
  const moved = moveAt(get, { ...setting, config: { ...setting.config, rate } })
  // the rate of its own is rounded twice
  return { ...moved, allowed: moved.allowed + (rate === setting.config.rate ? 0 : 2) }
}

const moveAt = (get: Get, setting: Setting): Judged => {
  const { optimizer, rate, momentum } = setting.config
  switch (optimizer) {
    case 'sgd':
      return O3_sgd(get('w'), get('d'), rate)
    case 'momentum':
      return O3_momentum(get('w'), get('first'), rate)
    case 'nesterov':
      return O3_nesterov(get('w'), get('d'), get('first'), momentum, rate)
    case 'rmsprop':
      return O3_rmsprop(get('w'), get('d'), get('second'), setting.config)
    case 'adam':
      return adam(get, setting)
  }
}

/** The evaluator's own word on each kind of rule; none on stochastic units, and on counts. */
const EVALUATE: Partial<Readonly<Record<Rule['kind'], Evaluate>>> = {
  advance: (get, rule) =>
    A1({
      below: get('below'),
      M: get('M'),
      above: maybe(get, rule, 'above'),
      U: maybe(get, rule, 'U'),
      own: get('own'),
      V: get('V'),
      b: maybe(get, rule, 'b'),
    }),
  activate: (get, _rule, { config }) => A2(config.activation, get('a')),
  logits: (get, rule) => P1_logits(get('z'), get('W'), maybe(get, rule, 'c')),
  predict: (get, { level }, { config }) =>
    P1(level === 0 ? config.output : config.hiddenPrediction === 'activation' ? config.activation : 'identity', get('logits')),
  predictionError: (get) => C1(get('left'), get('right'), column(get('mask'))),
  feedback: (get, rule, { config }) =>
    C2({ below: get('below'), E: get('E'), e: maybe(get, rule, 'e'), a: get('a'), alpha: config.alpha, lambda: config.lambda }),
  correct: (get, _rule, { config }) => C3(get('a'), get('h'), config.beta),
  correction: (get, _rule, { config }) =>
    config.correctionSignal === 'drive'
      ? C4_drive(get('left'), get('right'), column(get('mask')), config.window)
      : C4(get('left'), get('right'), column(get('mask'))),
  outer: (get, { equation }) => (equation === 'L1' ? L1 : L3)(get('before'), get('after')),
  transposed: (get, _rule, { config }) => {
    const dW = get('dW')
    if (config.clipOrder === 'mean-clip') return L2_transposed(dW, config.gamma)
    const clipped = O1(dW, config.clip)
    const made = L2_transposed(clipped.value, config.gamma)
    return { ...made, allowed: made.allowed + clipped.allowed }
  },
  temporal: (get, _rule, { config }) => L2_temporal(get('e'), get('d'), get('dBefore'), config.gamma),
  columns: (get) => L6(get('signal')),
  loss: (get, _rule, { config }) => S(config.output, get('p'), get('x'), column(get('mask'))),
  clip: (get, _rule, { config }) => O1(get('d'), config.clip),
  mean: (get, _rule, { config }) => O2(get('d'), O2_N(column(get('mask')), config.mean)),
  add: (get, rule) => O3_accumulate(maybe(get, rule, 'sum') ?? get('d').map((row) => row.map(() => 0)), get('d')),
  power: (get, rule, { config }) => {
    const value = rule.reads['power1'] ? column(get('power1'))[0]! * config.beta1 : column(get('power2'))[0]! * config.beta2
    return one(value, value, 1)
  },
  first: (get, _rule, { config }) =>
    config.optimizer === 'adam'
      ? O3_firstMoment(get('old'), get('d'), config.beta1)
      : O3_velocity(get('old'), get('d'), config.momentum),
  second: (get, _rule, { config }) =>
    O3_secondMoment(get('old'), get('d'), config.optimizer === 'adam' ? config.beta2 : config.decay),
  move,
  fade: (get, _rule, { config }) => O5(get('w'), config.weightDecay),
  project: (get, _rule, { config }) => O4(get('w'), config.maxNorm),
}

/** How far a published value is from the evaluator's, as a part of what is allowed; undefined where it has no word. */
export const badness = (rule: Rule, known: ReadonlyMap<string, Matrix>, value: Matrix, setting: Setting): number | undefined => {
  const evaluate = EVALUATE[rule.kind]
  const isUnit =
    rule.kind === 'activate' || (rule.kind === 'predict' && rule.level > 0 && setting.config.hiddenPrediction === 'activation')
  if (!evaluate || (isUnit && setting.config.activation === 'stochastic')) return undefined
  const judged = evaluate((part) => rowsOf(known.get(rule.reads[part]!)!), rule, setting)
  const worst = worstUnits(rowsOf(value), judged)
  return worst === 0 ? 0 : worst / judged.allowed
}
