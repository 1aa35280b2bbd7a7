/**
 * Mistakes that a port may make: each changes the result of one equation. `level` is the one at which it shows: what is
 * a matter of rounding shows at `bit` alone.
 */

import { add, map, scale, subtract, transpose, type Floats, type Matrix } from '../../src/numeric/matrix.js'
import { exactly, type Setting } from '../../src/conform/equations/exact.js'
import { finalState, type Rule } from '../../src/conform/equations/graph.js'
import type { Level } from '../../src/conform/equations/rounding.js'
import { laneSum } from '../../src/numeric/sum.js'
import { clip } from '../../src/ptncn/optimizers.js'
import type { Config } from '../../src/ptncn/config.js'

const { fround, sqrt } = Math

/** All that is known when a rule is evaluated. */
export interface Moment {
  readonly rule: Rule
  readonly setting: Setting
  readonly known: ReadonlyMap<string, Matrix>
}

/** The wrong value, or undefined where this mistake changes nothing. */
type Wrong = (moment: Moment) => Matrix | undefined

export interface Mistake {
  readonly id: string
  /** what the kit has to name */
  readonly equation: string
  readonly level: Level
  readonly wrong: Wrong
}

const get = ({ rule, known }: Moment, part: string): Matrix => known.get(rule.reads[part]!)!
const right = ({ rule, setting, known }: Moment): Matrix => exactly(rule, (part) => known.get(rule.reads[part]!)!, setting)
const withSetting = (moment: Moment, config: Partial<Config>): Moment => ({
  ...moment,
  setting: { ...moment.setting, config: { ...moment.setting.config, ...config } },
})

/** The same rule with another tensor in one part; undefined where that tensor is not there, or of another shape. */
const instead =
  (part: string, name: (moment: Moment) => string | undefined): Wrong =>
  (moment) => {
    const other = name(moment)
    if (moment.rule.reads[part] === undefined || other === undefined) return undefined
    const [old, value] = [get(moment, part), moment.known.get(other)]
    if (!value || value.rows !== old.rows || value.cols !== old.cols) return undefined
    return right({ ...moment, rule: { ...moment.rule, reads: { ...moment.rule.reads, [part]: other } } })
  }

const changed =
  (part: string, f: (a: Matrix) => Matrix): Wrong =>
  (moment) => {
    if (moment.rule.reads[part] === undefined) return undefined
    return right({ ...moment, known: new Map([...moment.known, [moment.rule.reads[part]!, f(get(moment, part))]]) })
  }

/** Read column by column in place of row by row. */
const byColumns = (a: Matrix): Matrix => ({ ...a, data: transpose({ ...a, rows: a.cols, cols: a.rows }).data })
const without =
  (part: string): Wrong =>
  (moment) => {
    if (moment.rule.reads[part] === undefined) return undefined
    const { [part]: _, ...reads } = moment.rule.reads
    return right({ ...moment, rule: { ...moment.rule, reads } })
  }
const config =
  (change: (config: Config) => Partial<Config>): Wrong =>
  (moment) =>
    right(withSetting(moment, change(moment.setting.config)))
const result =
  (f: (a: Matrix, moment: Moment) => Matrix | undefined): Wrong =>
  (moment) =>
    f(right(moment), moment)
const negated = result((a) => scale(-1, a))
const ones = (a: Matrix): Matrix => map(() => 1, a)
const meanOverRows = result((a, { known }) => scale(fround(1 / known.get('m')!.rows), a))
const rename =
  (from: RegExp, to: string) =>
  (part: string): Wrong =>
    instead(part, ({ rule }) => (from.test(rule.reads[part] ?? '') ? rule.reads[part]!.replace(from, to) : undefined))

/** fl(a b + c): one rounding for both; binary64 holds the product of two binary32 numbers exactly. */
const fused = (a: Matrix, b: Matrix, descending = false, rounding = false): Matrix => ({
  rows: a.rows,
  cols: b.cols,
  data: Float32Array.from({ length: a.rows * b.cols }, (_, at) => {
    const [i, j] = [Math.floor(at / b.cols), at % b.cols]
    let sum = 0
    for (let step = 0; step < a.cols; step++) {
      const k = descending ? a.cols - 1 - step : step
      const term = a.data[i * a.cols + k]! * b.data[k * b.cols + j]!
      sum = fround(sum + (rounding ? fround(term) : term))
    }
    return sum
  }),
})

/** A1, C2, logits or an outer product with another product of matrices. */
const otherProduct =
  (times: (a: Matrix, b: Matrix) => Matrix): Wrong =>
  (moment) => {
    const {
      rule,
      setting: {
        config: { alpha, lambda },
      },
    } = moment
    const of = (part: string): Matrix => get(moment, part)
    switch (rule.kind) {
      case 'advance': {
        const below = times(of('below'), of('M'))
        const driven = rule.reads['above'] ? add(below, times(of('above'), of('U'))) : below
        const a = add(driven, times(of('own'), of('V')))
        return rule.reads['b'] ? undefined : a
      }
      case 'logits':
        return rule.reads['c'] ? undefined : times(of('z'), of('W'))
      case 'feedback': {
        const carried = times(of('below'), of('E'))
        const held = rule.reads['e'] ? subtract(carried, scale(alpha, of('e'))) : carried
        return add(
          held,
          scale(
            lambda,
            map((x) => (x > 0 ? 1 : x < 0 ? -1 : 0), of('a')),
          ),
        )
      }
      case 'outer':
        return times(transpose(of('before')), of('after'))
      default:
        return undefined
    }
  }
const fusing = otherProduct((a, b) => fused(a, b))
const descending = otherProduct((a, b) => fused(a, b, true, true))

const of = (equation: string, level: Level, id: string, wrong: Wrong, only: (rule: Rule) => boolean = () => true): Mistake => ({
  id: `${equation}-${id}`,
  equation,
  level,
  wrong: (moment) => (moment.rule.equation === equation && only(moment.rule) ? wrong(moment) : undefined),
})

const isKind =
  (kind: Rule['kind']) =>
  (rule: Rule): boolean =>
    rule.kind === kind
const norm = (values: Floats, start: number, n: number): number =>
  fround(
    sqrt(
      laneSum(
        Float32Array.from(values as ArrayLike<number>, (x) => fround(x * x)),
        start,
        n,
      ),
    ),
  )
const serialSoftmax = ({ rows, cols, data }: Matrix): Matrix => {
  const out = new Float32Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    const exps = Array.from({ length: cols }, (_, j) => fround(Math.exp(data[i * cols + j]!)))
    const sum = exps.reduce((total, x) => fround(total + x), 0)
    exps.forEach((x, j) => (out[i * cols + j] = fround(x / sum)))
  }
  return { rows, cols, data: out }
}
const forgetLastRow = (a: Matrix): Matrix => ({
  ...a,
  data: Float32Array.from(a.data, (x, i) => (a.rows > 1 && i >= (a.rows - 1) * a.cols ? 0 : x)),
})
const masked = (name: string) =>
  result((a, { known }) => ({
    ...a,
    data: Float32Array.from(a.data, (x, i) => (known.get(name)!.data[Math.floor(i / a.cols)] === 1 ? x : 0)),
  }))

const forward: readonly Mistake[] = [
  of('A1', 'tol', 'sign', negated),
  of('A1', 'tol', 'M-by-columns', changed('M', byColumns)),
  of('A1', 'tol', 'U-by-columns', changed('U', byColumns)),
  of('A1', 'tol', 'V-by-columns', changed('V', byColumns)),
  of('A1', 'tol', 'z-for-y', rename(/^y/, 'z')('own')),
  of('A1', 'tol', 'this-input', rename(/^x\[t-1\]$/, 'x')('below')),
  of('A1', 'tol', 'no-bias', without('b')),
  of('A1', 'tol', 'masked', masked('m')),
  of('A1', 'bit', 'fused', fusing),
  of('A1', 'bit', 'descending', descending),
  of('A2', 'tol', 'sign', negated),
  of('A2', 'tol', 'identity', (moment) => get(moment, 'a')),
  of('A2', 'tol', 'masked', masked('m')),
  of('A2', 'tol', 'draws-of-the-next-step', (moment) =>
    right({ ...moment, setting: { ...moment.setting, t: moment.setting.t + 1 } }),
  ),
  of('P1', 'tol', 'W-by-columns', changed('W', byColumns)),
  of('P1', 'tol', 'no-bias', without('c')),
  of(
    'P1',
    'tol',
    'output-in-hidden-levels',
    (moment) => right({ ...moment, rule: { ...moment.rule, level: 0 } }),
    (rule) => rule.kind === 'predict' && rule.level > 0,
  ),
  of(
    'P1',
    'tol',
    'hidden-prediction-other',
    config(({ hiddenPrediction }) => ({ hiddenPrediction: hiddenPrediction === 'identity' ? 'activation' : 'identity' })),
  ),
  of('P1', 'tol', 'state-of-the-step-before', rename(/^A2\.(z_\d+)$/, '$1[t-1]')('z')),
  of(
    'P1',
    'bit',
    'softmax-without-maximum',
    (moment) =>
      moment.setting.config.output === 'softmax' && moment.rule.level === 0 ? serialSoftmax(get(moment, 'logits')) : undefined,
    isKind('predict'),
  ),
  of('P1', 'bit', 'fused', fusing),
  of('C1', 'tol', 'sign', negated),
  of('C1', 'tol', 'no-mask', changed('mask', ones)),
  of('C1', 'tol', 'previous-input', rename(/^x$/, 'x[t-1]')('right')),
  of('C1', 'tol', 'previous-state', rename(/^A2\.(z_\d+)$/, '$1[t-1]')('right')),
  of('C2', 'tol', 'sign', negated),
  of('C2', 'tol', 'E-by-columns', changed('E', byColumns)),
  of(
    'C2',
    'tol',
    'alpha-sign',
    config(({ alpha }) => ({ alpha: -alpha })),
  ),
  of('C2', 'tol', 'no-alpha', without('e')),
  of(
    'C2',
    'tol',
    'lambda-sign',
    config(({ lambda }) => ({ lambda: -lambda })),
  ),
  of(
    'C2',
    'tol',
    'sign-of-nothing',
    config(() => ({ lambda: 0.25 })),
  ),
  of(
    'C4',
    'tol',
    'window-left-out',
    config(() => ({ window: 0 })),
  ),
  of('C4', 'tol', 'drive-of-state', (moment) => {
    const { rule, setting } = moment
    if (!rule.reads['left']!.startsWith('A1.')) return undefined
    const reads = { ...rule.reads, left: `A2.z_${rule.level}`, right: finalState(setting.config, rule.level) }
    return right({ ...moment, rule: { ...rule, reads } })
  }),
  of('C2', 'bit', 'fused', fusing),
  of('C2', 'bit', 'descending', descending),
  of(
    'C3',
    'tol',
    'beta-sign',
    config(({ beta }) => ({ beta: -beta })),
  ),
  of(
    'C3',
    'tol',
    'no-beta',
    config(() => ({ beta: 1 })),
  ),
  of(
    'C3',
    'tol',
    'old-z',
    instead('a', ({ rule }) => (rule.pass === 1 ? `A1.a_${rule.level}` : `C3.a_${rule.level}^${rule.pass - 1}`)),
    isKind('activate'),
  ),
  of(
    'C3',
    'bit',
    'fused',
    (moment) => ({
      ...get(moment, 'a'),
      data: Float32Array.from(get(moment, 'a').data, (x, i) => x - moment.setting.config.beta * get(moment, 'h').data[i]!),
    }),
    isKind('correct'),
  ),
  of('C4', 'tol', 'sign', negated),
  of('C4', 'tol', 'no-mask', changed('mask', ones)),
  of('C4', 'tol', 'state-before', rename(/^A2\.(z_\d+)$/, '$1[t-1]')('left')),
]

const learning: readonly Mistake[] = [
  of('L1', 'tol', 'sign', negated),
  of('L1', 'tol', 'mean', meanOverRows),
  of(
    'L1',
    'tol',
    'y-for-z',
    instead('before', ({ rule, setting }) => finalState(setting.config, rule.level)),
  ),
  of('L1', 'tol', 'z-of-the-step-before', rename(/^A2\.(z_\d+)$/, '$1[t-1]')('before')),
  of('L1', 'tol', 'e-for-d', rename(/^C4\.d_(\d+)$/, 'C1.e_$1^1')('after')),
  of('L1', 'bit', 'descending', descending),
  of('L2', 'tol', 'sign', negated),
  of('L2', 'tol', 'not-transposed', result(byColumns)),
  of(
    'L2',
    'tol',
    'clip-order',
    config(({ clipOrder }) => ({ clipOrder: clipOrder === 'clip-mean' ? 'mean-clip' : 'clip-mean' })),
  ),
  of(
    'L2',
    'tol',
    'no-gamma',
    config(({ gamma }) => ({ gamma: gamma < 0 ? -1 : 1 })),
  ),
  of(
    'L2',
    'tol',
    'no-previous-correction',
    changed('dBefore', (a) => map(() => 0, a)),
  ),
  of('L3', 'tol', 'sign', negated),
  of('L3', 'tol', 'this-input', rename(/^x\[t-1\]$/, 'x')('before')),
  of(
    'L3',
    'tol',
    'other-presynaptic',
    instead('before', ({ rule }) => rule.reads['before']!.replace(/^[yz]/, (s) => (s === 'y' ? 'z' : 'y'))),
  ),
  of('L3', 'tol', 'mean', meanOverRows),
  of('L3', 'bit', 'fused', fusing),
  of('L4', 'tol', 'sign', negated),
  of(
    'L4',
    'tol',
    'this-state',
    instead('before', ({ rule, setting }) => finalState(setting.config, rule.level)),
  ),
  of('L4', 'tol', 'transposed', result(byColumns)),
  of('L4', 'bit', 'descending', descending),
  of('L5', 'tol', 'sign', negated),
  of(
    'L5',
    'tol',
    'this-state',
    instead('before', ({ rule, setting }) => finalState(setting.config, rule.level + 1)),
  ),
  of('L5', 'tol', 'last-row-forgotten', changed('before', forgetLastRow)),
  of('L6', 'tol', 'sign', negated),
  of('L6', 'tol', 'mean', meanOverRows),
  of('L6', 'tol', 'last-row-forgotten', changed('signal', forgetLastRow)),
  of('S1', 'tol', 'sign', negated),
  of('S1', 'tol', 'padding-scored', changed('mask', ones)),
  of('S2', 'tol', 'padding-scored', changed('mask', ones)),
  of(
    'S3',
    'tol',
    'twice',
    result((a) => scale(2, a)),
  ),
  of('S4', 'tol', 'padding-counted', changed('mask', ones)),
]

const columnProjection = (maxNorm: number, w: Matrix): Matrix => transpose(exactProjection(maxNorm, transpose(w)))
const exactProjection = (maxNorm: number, w: Matrix): Matrix => ({
  ...w,
  data: Float32Array.from(w.data, (x, i) => {
    const length = norm(w.data, Math.floor(i / w.cols) * w.cols, w.cols)
    return maxNorm > 0 && length > maxNorm ? (x * maxNorm) / length : x
  }),
})

const applying: readonly Mistake[] = [
  of(
    'O1',
    'tol',
    'off',
    config(() => ({ clip: 0 })),
  ),
  of('O1', 'tol', 'each-element', (moment) => {
    const { clip: r } = moment.setting.config
    return r > 0 ? map((x) => Math.max(-r, Math.min(r, x)), get(moment, 'd')) : undefined
  }),
  of('O1', 'tol', 'zero-clips-all', (moment) => (moment.setting.config.clip <= 0 ? map(() => 0, get(moment, 'd')) : undefined)),
  of('O1', 'bit', 'reciprocal', (moment) => {
    const { clip: r } = moment.setting.config
    const d = get(moment, 'd')
    const length = norm({ ...d.data, length: d.data.length }, 0, d.data.length)
    return clip(r, d) === d ? undefined : scale(fround(r / length), d)
  }),
  of('O2', 'tol', 'sum', (moment) => get(moment, 'd')),
  of(
    'O2',
    'tol',
    'other-rows',
    config(({ mean }) => ({ mean: mean === 'all' ? 'active' : 'all' })),
  ),
  of('O2', 'bit', 'division', (moment) =>
    moment.setting.config.mean === 'all' ? map((x) => x / get(moment, 'mask').rows, get(moment, 'd')) : undefined,
  ),
  of(
    'O3',
    'tol',
    'sign',
    result((a, moment) => subtract(scale(2, get(moment, 'w')), a)),
    isKind('move'),
  ),
  of(
    'O3',
    'tol',
    'no-rate',
    config(() => ({ rate: 1 })),
    isKind('move'),
  ),
  of(
    'O3',
    'tol',
    'old-moments',
    (moment) => {
      const label = moment.rule.id.slice(3)
      if (!moment.rule.reads['first']) return undefined
      return right({ ...moment, rule: { ...moment.rule, reads: { ...moment.rule.reads, first: `first.${label}` } } })
    },
    isKind('move'),
  ),
  of(
    'O3',
    'tol',
    'epsilon-in-the-root',
    config(({ epsilon }) => ({ epsilon: fround(sqrt(epsilon)) })),
    isKind('move'),
  ),
  of(
    'O3',
    'tol',
    'power-before',
    (moment) => {
      if (!moment.rule.reads['power1']) return undefined
      const reads = { ...moment.rule.reads, power1: 'power1', power2: 'power2' }
      return moment.known.get('power1')!.data[0] === 1 ? undefined : right({ ...moment, rule: { ...moment.rule, reads } })
    },
    isKind('move'),
  ),
  of(
    'O3',
    'tol',
    'first-forgets',
    config(() => ({ momentum: 0, beta1: 0.5 })),
    isKind('first'),
  ),
  of('O3', 'tol', 'second-not-squared', (moment) =>
    moment.rule.kind === 'second' ? map(Math.abs, get(moment, 'd')) : undefined,
  ),
  of(
    'O3',
    'tol',
    'whole-rate',
    config(() => ({ rateFanIn: 0 })),
    isKind('move'),
  ),
  of('O5', 'tol', 'off', (moment) => get(moment, 'w')),
  of(
    'O5',
    'tol',
    'grows',
    result((a, moment) => subtract(scale(2, get(moment, 'w')), a)),
  ),
  of('O4', 'tol', 'off', (moment) => get(moment, 'w')),
  of('O4', 'tol', 'columns', (moment) => columnProjection(moment.setting.config.maxNorm, get(moment, 'w'))),
  of('O4', 'tol', 'whole', (moment) => clip(moment.setting.config.maxNorm, get(moment, 'w'))),
  of('sq-update', 'tol', 'last-only', without('sum')),
  of('sq-update', 'tol', 'mean-of-two', (moment) => (moment.rule.reads['sum'] ? scale(0.5, right(moment)) : undefined)),
  of('op-state', 'tol', 'not-multiplied', (moment) => get(moment, moment.rule.reads['power1'] ? 'power1' : 'power2')),
  of(
    'op-state',
    'tol',
    'twice',
    result((a) => map((x) => x * 0.9, a)),
  ),
]

/** Mistakes in what is handed on: a part of the answer, and the part or value that is there in its place. */
export interface WrongCarry {
  readonly id: string
  readonly equation: string
  readonly part: RegExp
  readonly from: (part: string, known: ReadonlyMap<string, Matrix>) => Matrix | undefined
}

export const WRONG_CARRIES: readonly WrongCarry[] = [
  { id: 'carry-old-x', equation: 'st-carried', part: /^state\.x$/, from: (_part, known) => known.get('x[t-1]') },
  {
    id: 'carry-masked-x',
    equation: 'st-carried',
    part: /^state\.x$/,
    from: (_part, known) => {
      const [x, m] = [known.get('x')!, known.get('m')!]
      return { ...x, data: Float32Array.from(x.data, (value, i) => value * m.data[Math.floor(i / x.cols)]!) }
    },
  },
  { id: 'carry-z-as-y', equation: 'st-carried', part: /^state\.y_/, from: (part, known) => known.get(`A2.z_${part.slice(8)}`) },
  { id: 'carry-y-as-z', equation: 'st-carried', part: /^state\.z_/, from: (part, known) => known.get(`y_${part.slice(8)}[t-1]`) },
  { id: 'carry-old-d', equation: 'st-carried', part: /^state\.d_/, from: (part, known) => known.get(`d_${part.slice(8)}[t-1]`) },
  { id: 'carry-out-logits', equation: 'P1', part: /^out$/, from: (_part, known) => known.get('P1.logits_0^1') },
  { id: 'carry-weights-before-projection', equation: 'O4', part: /^weights\.W_1$/, from: (_part, known) => known.get('O3.W_1') },
  {
    id: 'carry-old-moment',
    equation: 'op-state',
    part: /^optimizer\.first\.W_1$/,
    from: (_part, known) => (known.has('O3.first.W_1') ? known.get('first.W_1') : undefined),
  },
]

export const MISTAKES: readonly Mistake[] = [...forward, ...learning, ...applying]
