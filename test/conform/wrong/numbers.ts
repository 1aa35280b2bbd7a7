/** Mistakes about numbers that a tame case never has: of the configuration, powers, sums, keys and masks. */

import { log } from '../../../src/numeric/elementary.js'
import { map, type Matrix } from '../../../src/numeric/matrix.js'
import type { Config } from '../../../src/ptncn/config.js'
import { scalar } from '../../../src/ptncn/trace.js'
import {
  between,
  bits,
  both,
  float,
  get,
  inputsOf,
  isKind,
  isOf,
  isRun,
  mapBits,
  otherwise,
  planted,
  right,
  ruled,
  type WrongPort,
} from './port.js'

const { fround } = Math
const KIND = 'numbers'

/** [S2] with the sum of the two terms of an element as binary64 has it, before it goes into its lane. */
const looseS2 = (moment: Parameters<typeof right>[0]): Matrix => {
  const [p, x, mask] = [get(moment, 'p'), get(moment, 'x'), get(moment, 'mask')]
  const surprise = (q: number, by: number): number => fround(by * log(q <= 0 ? fround(1e-8) : q))
  let loss = 0
  for (let row = 0; row < p.rows; row++) {
    if (mask.data[row] !== 1) continue
    const lanes = [0, 0, 0, 0]
    for (let j = 0; j < p.cols; j++) {
      const [q, one] = [p.data[row * p.cols + j]!, x.data[row * p.cols + j]!]
      lanes[j % 4] = fround(lanes[j % 4]! + (surprise(q, one) + surprise(fround(1 - q), fround(1 - one))))
    }
    loss = fround(loss - fround(fround(lanes[0]! + lanes[1]!) + fround(lanes[2]! + lanes[3]!)))
  }
  return scalar(loss)
}

type Field =
  | 'gamma'
  | 'beta'
  | 'alpha'
  | 'lambda'
  | 'clip'
  | 'rate'
  | 'momentum'
  | 'beta1'
  | 'beta2'
  | 'decay'
  | 'epsilon'
  | 'maxNorm'
  | 'window'
  | 'weightDecay'
  | 'rateFanIn'

/** Where a field is read, and as what it is taken there. */
const taken = (id: string, named: string, field: Field, as: (x: number, config: Config) => number): WrongPort =>
  ruled(
    id,
    KIND,
    named,
    (moment) => named.split(' ').some((one) => isOf(one)(moment)),
    (moment) => {
      const { config } = moment.setting
      const other = fround(as(config[field], config))
      return Object.is(other, config[field]) ? undefined : otherwise(() => ({ [field]: other }))(moment)
    },
  )

/** 8 bits of mantissa, as a half does that lost its tail. */
const short = (x: number): number => {
  const words = new Int32Array(Float32Array.of(x).buffer)
  words[0]! &= ~0xffff
  return new Float32Array(words.buffer)[0]!
}
const decimal = (x: number): number => Number(x.toPrecision(4))

const fields: readonly WrongPort[] = [
  taken('rate-never-negative', 'O3', 'rate', Math.abs),
  taken('rate-at-least-0', 'O3', 'rate', (x) => Math.max(0, x)),
  taken('rate-0-is-the-default', 'O3', 'rate', (x) => x || 0.075),
  taken('rate-above-1', 'O3', 'rate', (x) => Math.min(1, x)),
  taken('momentum-never-negative', 'O3', 'momentum', Math.abs),
  taken('momentum-at-most-1', 'O3', 'momentum', (x) => Math.min(1, x)),
  taken('momentum-0-is-the-default', 'O3', 'momentum', (x) => x || 0.95),
  taken('beta1-0-is-the-default', 'O3 op-state', 'beta1', (x) => x || 0.9),
  taken('beta2-0-is-the-default', 'O3 op-state', 'beta2', (x) => x || 0.999),
  taken('decay-0-is-the-default', 'O3', 'decay', (x) => x || 0.9),
  taken('epsilon-0-is-the-default', 'O3', 'epsilon', (x) => x || 1e-8),
  taken('epsilon-at-least-1e-6', 'O3', 'epsilon', (x) => Math.max(x, 1e-6)),
  taken('gamma-at-most-1', 'L2', 'gamma', (x) => Math.max(-1, Math.min(1, x))),
  taken('gamma-0-is-the-default', 'L2', 'gamma', (x) => x || 1),
  taken('gamma-short', 'L2', 'gamma', short),
  taken('beta-short', 'C3', 'beta', short),
  taken('alpha-short', 'C2', 'alpha', short),
  taken('lambda-short', 'C2', 'lambda', short),
  taken('rate-short', 'O3', 'rate', short),
  taken('clip-short', 'O1 L2', 'clip', short),
  taken('max-norm-short', 'O4', 'maxNorm', short),
  taken('decay-short', 'O3', 'decay', short),
  taken('momentum-short', 'O3', 'momentum', short),
  taken('weight-decay-short', 'O5', 'weightDecay', short),
  taken('window-short', 'C4', 'window', short),
  taken('fan-in-whole', 'O3', 'rateFanIn', Math.floor),
  taken('beta1-decimal', 'O3 op-state', 'beta1', decimal),
  taken('beta2-decimal', 'O3 op-state', 'beta2', decimal),
  taken('alpha-never-negative', 'C2', 'alpha', Math.abs),
  taken('alpha-at-most-1', 'C2', 'alpha', (x) => Math.min(1, x)),
  taken('lambda-never-negative', 'C2', 'lambda', Math.abs),
  taken('beta-never-negative', 'C3', 'beta', Math.abs),
  taken('beta-at-most-1', 'C3', 'beta', (x) => Math.min(1, x)),
  taken('clip-small-is-off', 'O1 L2', 'clip', (x) => (x < 0.01 ? 0 : x)),
  taken('clip-negative-clips', 'O1 L2', 'clip', Math.abs),
  taken('window-negative-is-its-size', 'C4', 'window', Math.abs),
  taken('max-norm-small-is-off', 'O4', 'maxNorm', (x) => (x < 0.1 ? 0 : x)),
  taken('weight-decay-at-most-half', 'O5', 'weightDecay', (x) => Math.min(0.5, x)),
  taken('one-minus-beta2-in-binary64', 'O3', 'beta2', (x) => x),
]

const moments: readonly WrongPort[] = [
  ruled('first-sqrt-of-negative', KIND, 'O3', both(isKind('second')), (moment) => map((x) => Math.max(x, 1e-12), right(moment))),
  ruled('power-begins-at-1-again', KIND, 'op-state', isKind('power'), (moment) => {
    const { beta1, beta2 } = moment.setting.config
    return scalar(fround(moment.rule.reads['power1'] ? beta1 : beta2))
  }),
  ruled('power-at-least-tiny', KIND, 'op-state', isKind('power'), (moment) => map((x) => (x < 1e-3 ? 1e-3 : x), right(moment))),
  ruled('sum-that-came-in-lost', KIND, 'sq-update', isKind('add'), (moment) =>
    moment.known.get('x') && moment.rule.reads['sum'] && moment.setting.t % 2 === 0 ? get(moment, 'd') : undefined,
  ),
  ruled('sum-from-the-left', KIND, 'sq-update', isKind('add'), (moment) =>
    moment.rule.reads['sum'] ? undefined : map((x) => 0 + x, get(moment, 'd')),
  ),
]

const learnFroms: readonly WrongPort[] = [
  ['learn-from-int32', (x: number) => (x >= 2 ** 31 ? 0 : x)],
  ['learn-from-at-most-65535', (x: number) => Math.min(x, 65535)],
  ['learn-from-binary32', (x: number) => fround(x)],
].map(([id, as]) =>
  between(id as string, KIND, 'sq-learn', {
    ask: (request) =>
      isRun(request)
        ? { ...request, config: { ...request['config'], learnFrom: (as as (x: number) => number)(request['config'].learnFrom) } }
        : request,
  }),
)

const zeroKey = (key: readonly number[]): boolean => key[0] === 0 && key[1] === 0
const keys: readonly WrongPort[] = [
  between('key-00-of-a-beginning-ignored', KIND, 'sq-start', {
    ask: (request) => {
      if (isRun(request))
        for (const input of inputsOf(request)) if (input['begin'] && zeroKey(input['begin'])) delete input['begin']
      return request
    },
  }),
  between('key-00-is-another', KIND, 'A2 C3 P1 st-carried sq-start', {
    ask: (request) => {
      if (isRun(request) && zeroKey(request['state'].key)) request['state'].key = [1, 0]
      return request
    },
    answer: (said, request) => {
      const one = said['steps']?.[0] ?? said
      if (said['ok'] && isRun(request) && zeroKey(request['state'].key) && one.state.key[0] === 1)
        for (const step of said['steps'] ?? [said]) step.state.key = step.state.key[0] === 1 ? [0, 0] : step.state.key
      return said
    },
  }),
  between('key-low-word-0-ignored', KIND, 'sq-start', {
    ask: (request) => {
      if (isRun(request)) for (const input of inputsOf(request)) if (input['begin']?.[0] === 0) delete input['begin']
      return request
    },
  }),
  between('key-signed', KIND, 'st-carried sq-start', {
    answer: (said) => {
      for (const step of said['steps'] ?? [said])
        if (step.state?.key) step.state.key = step.state.key.map((k: number) => Math.min(k, 2 ** 31 - 1))
      return said
    },
  }),
  between('rows-of-the-request-alone', KIND, 'sq-start pr-requests', {
    answer: (said, request) => {
      if (request['op'] !== 'run') return said
      const rows = inputsOf(request).map((input) => input['x'].s[0])
      return new Set(rows).size > 1 ? { ok: false, kind: 'invalid', what: 'rows' } : said
    },
  }),
  between('more-rows-than-before-refused', KIND, 'sq-start pr-requests', {
    answer: (said, request) =>
      isRun(request) && said['ok'] && inputsOf(request)[0]!['x'].s[0] !== request['state'].x.s[0]
        ? { ok: false, kind: 'invalid', what: 'rows' }
        : said,
  }),
]

const minus = '80000000'
const masks: readonly WrongPort[] = [
  between('mask-minus-0-refused', KIND, 'wt-shapes pr-answers C1 pr-requests', {
    answer: (said, request) =>
      isRun(request) && said['ok'] && inputsOf(request).some((input) => input['mask'].x.includes(minus))
        ? { ok: false, kind: 'invalid', what: 'mask' }
        : said,
  }),
  ruled('C1-mask-minus-0-is-0', KIND, 'C1', isOf('C1'), (moment) =>
    right({ ...moment, known: new Map([...moment.known, ['m', map((m) => m + 0, moment.known.get('m')!)]]) }),
  ),
  ruled('C4-mask-minus-0-is-0', KIND, 'C4', isOf('C4'), (moment) =>
    right({ ...moment, known: new Map([...moment.known, ['m', map((m) => m + 0, moment.known.get('m')!)]]) }),
  ),
  ruled('C4-mask-minus-0-active', KIND, 'C4', isOf('C4'), (moment) =>
    right({
      ...moment,
      known: new Map([...moment.known, ['m', map((m) => (Object.is(m, -0) ? 1 : m), moment.known.get('m')!)]]),
    }),
  ),
  ruled('O2-mask-minus-0-active', KIND, 'O2', isOf('O2'), (moment) =>
    right({
      ...moment,
      known: new Map([...moment.known, ['m', map((m) => (Object.is(m, -0) ? 1 : m), moment.known.get('m')!)]]),
    }),
  ),
  ruled('C4-window-after-mask', KIND, 'C4', isOf('C4'), (moment) => {
    const { window, correctionSignal } = moment.setting.config
    if (correctionSignal !== 'drive' || window <= 0) return undefined
    const [value, a] = [right(moment), get(moment, 'left')]
    return { ...value, data: Float32Array.from(value.data as Float32Array, (d, i) => (Math.abs(a.data[i]!) < window ? d : 0)) }
  }),
  ruled(
    'S2-terms-not-rounded',
    KIND,
    'S2',
    both(isKind('loss'), ({ rule }) => rule.equation === 'S2'),
    looseS2,
  ),
  ruled('S-mask-minus-0-active', KIND, 'S1 S2 S3 S4', isKind('loss', 'hits'), (moment) =>
    right({
      ...moment,
      known: new Map([...moment.known, ['m', map((m) => (Object.is(m, -0) ? 1 : m), moment.known.get('m')!)]]),
    }),
  ),
]

/** The configuration is read with -0 as it is: lambda -0 gives -0 where +0 is right. */
const minusZeros: readonly WrongPort[] = [
  ruled('gamma-minus-0-kept', KIND, 'L2', isOf('L2'), (moment) =>
    moment.setting.config.gamma === 0 ? map((x) => -x, right(moment)) : undefined,
  ),
  between('config-minus-0-refused', KIND, 'cf-fields', {
    answer: (said, request) =>
      isRun(request) && said['ok'] && Object.values(request['config']).includes(minus)
        ? { ok: false, kind: 'invalid', what: '-0' }
        : said,
  }),
]

/** Subnormal results flushed, where every number goes through one equation alone. */
const flush = (x: number): number => (Math.abs(x) < 2 ** -126 ? 0 * x : x)
const flushed: readonly WrongPort[] = [
  'A1',
  'A2',
  'P1',
  'C1',
  'C2',
  'C3',
  'C4',
  'L1',
  'L2',
  'L3',
  'L4',
  'L5',
  'L6',
  'O1',
  'O2',
  'O3',
  'O4',
  'sq-update',
].map((equation) => ruled(`${equation}-flushed`, KIND, equation, isOf(equation), (moment) => map(flush, right(moment))))
const flushedInputs: readonly WrongPort[] = [
  between('input-flushed', KIND, 'st-carried', {
    ask: (request) => {
      if (isRun(request))
        for (const input of inputsOf(request)) input['x'] = mapBits(input['x'], (hex) => bits(flush(float(hex))))
      return request
    },
  }),
]

const swapped: readonly WrongPort[] = [
  ruled('M-and-V-swapped', KIND, 'A1', isOf('A1'), (moment) => {
    const [M, V] = [get(moment, 'M'), get(moment, 'V')]
    if (M.rows !== V.rows) return undefined
    const { reads } = moment.rule
    return right({ ...moment, rule: { ...moment.rule, reads: { ...reads, M: reads['V']!, V: reads['M']! } } })
  }),
  ruled('U-before-M', KIND, 'A1', isOf('A1'), (moment) => {
    if (!moment.rule.reads['above']) return undefined
    const { above: _a, U: _u, b: _b, ...reads } = moment.rule.reads
    const own = right({
      ...moment,
      rule: { ...moment.rule, reads: { ...reads, below: moment.rule.reads['above']!, M: moment.rule.reads['U']! } },
    })
    const zero = map(() => 0, get(moment, 'own'))
    const below = right({ ...moment, known: new Map([...moment.known, [reads['own']!, zero]]), rule: { ...moment.rule, reads } })
    const sum = { ...own, data: Float32Array.from(own.data, (x, i) => x + below.data[i]!) }
    return moment.rule.reads['b']
      ? { ...sum, data: Float32Array.from(sum.data, (x, i) => x + get(moment, 'b').data[i % sum.cols]!) }
      : sum
  }),
  ruled('bias-first', KIND, 'A1', isOf('A1'), (moment) => {
    if (!moment.rule.reads['b']) return undefined
    const { b: _, ...reads } = moment.rule.reads
    const { V: __, ...rest } = reads
    const V = get(moment, 'V')
    const zero = { ...V, data: new Float32Array(V.data.length) }
    const part = right({
      ...moment,
      known: new Map([...moment.known, ['zero', zero]]),
      rule: { ...moment.rule, reads: { ...rest, V: 'zero' } },
    })
    const own = right({
      ...moment,
      known: new Map([...moment.known, ['zero', { ...get(moment, 'M'), data: new Float32Array(get(moment, 'M').data.length) }]]),
      rule: { ...moment.rule, reads: { below: reads['below']!, M: 'zero', own: reads['own']!, V: reads['V']! } },
    })
    return {
      ...part,
      data: Float32Array.from(part.data, (x, i) => fround(x + get(moment, 'b').data[i % part.cols]!) + own.data[i]!),
    }
  }),
  planted('counter-words-swapped', KIND, 'A2', {
    wrong: (moment) =>
      moment.rule.equation === 'A2' && moment.setting.config.activation === 'stochastic'
        ? right({ ...moment, setting: { ...moment.setting, key: [moment.setting.key[1], moment.setting.key[0]] } })
        : undefined,
  }),
]

export const numbers: readonly WrongPort[] = [
  ...fields.filter(({ id }) => id !== 'one-minus-beta2-in-binary64'),
  ...moments,
  ...learnFroms,
  ...keys,
  ...masks,
  ...minusZeros,
  ...flushed,
  ...flushedInputs,
  ...swapped,
]
