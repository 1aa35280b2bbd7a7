/** Mistakes at the ends of numbers: what overflows, what lies exactly on an edge, and what was not asked for. */

import { serveLine } from '../../../src/conform/reference.js'
import { map } from '../../../src/numeric/matrix.js'
import { exp, sigmoid } from '../../../src/numeric/elementary.js'
import { philox } from '../../../src/numeric/random.js'
import { clip as clipped } from '../../../src/ptncn/optimizers.js'
import type { Moment } from '../mistakes.js'
import {
  between,
  bits,
  both,
  get,
  inputsOf,
  isKind,
  isOf,
  isRun,
  mapBits,
  planted,
  right,
  ruled,
  stepsOf,
  type WrongPort,
} from './port.js'

const { fround } = Math
type Body = Record<string, any>

const DIVERGING = 'diverging'
/** Names another place, or does not stop: it gives what came in back. */
const goesOn = (equation: string): WrongPort =>
  between(`goes-on-after-${equation}`, DIVERGING, `${equation} ar-finite`, {
    answer: (said, request) =>
      said['kind'] === 'diverged' && said['equation'] === equation
        ? {
            ok: true,
            ...(request['op'] === 'run'
              ? { steps: [] }
              : {
                  out: inputsOf(request)[0]!['x'],
                  state: request['state'],
                  weights: request['weights'],
                  optimizer: request['optimizer'],
                  trace: {},
                }),
          }
        : said,
  })
const names = (id: string, of: string, change: (said: Body) => Body): WrongPort =>
  between(id, DIVERGING, `${of} ar-finite`, {
    answer: (said) => (said['kind'] === 'diverged' && said['equation'] === of ? change(said) : said),
  })
/** A result that is infinite, which the reference lets pass, stops this one. */
const stopsAt = (id: string, result: RegExp): WrongPort =>
  between(`stops-at-${id}`, DIVERGING, 'ar-finite A1 P1 C2 C3', {
    answer: (said, request) => {
      if (!said['ok'] || !isRun(request)) return said
      const found = stepsOf(said, request).some((step) =>
        Object.entries(step['trace'] ?? {}).some(
          ([name, value]) => result.test(name) && /^(.{8})*[7f]f[89a-f]/.test((value as Body)['x']),
        ),
      )
      return found ? { ok: false, kind: 'diverged', what: '', equation: id.split('-')[0], layer: 1 } : said
    },
  })
const diverging: readonly WrongPort[] = [
  ...['A1', 'P1', 'C1', 'C2', 'C3', 'C4', 'L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'S1', 'S2', 'S3', 'O3'].map(goesOn),
  names('layer-of-P1', 'P1', (said) => ({ ...said, layer: said['layer'] + 1 })),
  names('layer-of-C1', 'C1', (said) => ({ ...said, layer: said['layer'] + 1 })),
  names('layer-of-L6', 'L6', (said) => ({ ...said, layer: said['layer'] - 1 })),
  names('layer-of-O3', 'O3', (said) => ({ ...said, layer: 1 + (said['layer'] % 2) })),
  names('O4-of-O3', 'O3', (said) => ({ ...said, equation: 'O4' })),
  names('P1-named-C1', 'P1', (said) => ({ ...said, equation: 'C1' })),
  names('C1-named-C2', 'C1', (said) => ({ ...said, equation: 'C2', layer: said['layer'] + 1 })),
  names('C4-named-L1', 'C4', (said) => ({ ...said, equation: 'L1' })),
  names('S3-without-layer', 'S3', ({ layer: _, ...said }) => said),
  names('L3-named-O3', 'L3', (said) => ({ ...said, equation: 'O3' })),
  stopsAt('A1-drive', /^A1/),
  stopsAt('P1-logits', /^P1\.logits/),
  stopsAt('C2-feedback', /^C2/),
  stopsAt('C3-drive', /^C3\.a/),
  between(
    'diverged-in-a-run-answers-what-went-before',
    DIVERGING,
    'pr-answers ar-finite A1 P1 C1 C2 C3 C4 L1 L2 L3 L4 L5 L6 S1 S2 S3 O3',
    { answer: (said, request) => (said['kind'] === 'diverged' && request['op'] === 'run' ? { ok: true, steps: [] } : said) },
  ),
]

const EDGES = 'edges'
const uniformOf = ({ rule, setting: { key, t } }: Moment, i: number, cols: number): number => {
  const [row, unit] = [Math.floor(i / cols), i % cols]
  const stage = rule.kind === 'predict' ? 0x8000 + rule.pass : rule.pass
  const words = philox([Math.floor(unit / 4), row, stage * 0x10000 + rule.level, t % 2 ** 32], key)
  return words[(unit % 4) as 0 | 1 | 2 | 3]
}
const drawing = (id: string, fires: (word: number, p: number) => boolean): WrongPort =>
  ruled(
    id,
    EDGES,
    'A2 C3 P1',
    (moment) =>
      moment.setting.config.activation === 'stochastic' &&
      (isKind('activate')(moment) ||
        (isKind('predict')(moment) && moment.rule.level > 0 && moment.setting.config.hiddenPrediction === 'activation')),
    (moment) => {
      const a = get(moment, moment.rule.kind === 'predict' ? 'logits' : 'a')
      return { ...a, data: Float32Array.from(a.data, (x, i) => Number(fires(uniformOf(moment, i, a.cols), sigmoid(x)))) }
    },
  )
/** e^x with other halves: where x / ln 2 lies between two whole numbers. */
const expAway = (x: number): number => {
  const b = Math.min(Math.max(x, -104), 89)
  const scaled = fround(b * fround(1.44269504))
  const away = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5)
  const even = fround(fround(scaled + 12582912) - 12582912)
  return away === even ? exp(x) : fround(exp(x) * (1 + 2 ** -23))
}
const sigmoidAway = (x: number): number => {
  const e = expAway(-Math.abs(x))
  const q = fround((x < 0 ? e : 1) / fround(1 + e))
  return x < 0 ? fround(e - fround(e * q)) : q
}
const unit = (name: string, f: (x: number) => number): WrongPort =>
  ruled(
    `unit-${name}`,
    EDGES,
    'A2 C3 P1',
    (moment) => moment.setting.config.activation === name.split('-')[0] && isKind('activate')(moment),
    (moment) => map(f, get(moment, 'a')),
  )
const edges: readonly WrongPort[] = [
  drawing('u-equal-fires', (word, p) => (word >>> 8) / 2 ** 24 <= p),
  drawing('u-of-32-bits', (word, p) => word / 2 ** 32 < p),
  drawing('u-of-23-bits', (word, p) => (word >>> 9) / 2 ** 23 < p),
  drawing('u-rounded-from-32-bits', (word, p) => fround(word / 2 ** 32) < p),
  unit('sigmoid-halves-away', sigmoidAway),
  unit('relu-keeps-minus-0', (x) => Math.max(x, -0)),
  unit('step-above-0', (x) => (x > 0 ? 1 : 0)),
  unit('tanh-flushes', (x) => (Math.abs(x) < 2 ** -126 ? 0 : Number.NaN)),
  ruled('O1-at-the-limit', EDGES, 'O1', isOf('O1'), (moment) => {
    const [d, r] = [get(moment, 'd'), moment.setting.config.clip]
    const norm = fround(Math.sqrt(Array.from(d.data).reduce((sum, x) => fround(sum + fround(x * x)), 0)))
    return r > 0 && norm === r ? map((x) => fround(x * fround(r / norm)) * (1 - 2 ** -23), d) : undefined
  }),
  ruled('O4-at-the-limit', EDGES, 'O4', isOf('O4'), (moment) => {
    const [w, r] = [get(moment, 'w'), moment.setting.config.maxNorm]
    if (!(r > 0)) return undefined
    const norm = (i: number): number =>
      fround(
        Math.sqrt(
          Array.from(w.data)
            .slice(i * w.cols, (i + 1) * w.cols)
            .reduce((sum, x) => fround(sum + fround(x * x)), 0),
        ),
      )
    const right4 = right(moment)
    return {
      ...w,
      data: Float32Array.from(right4.data, (x, i) => (norm(Math.floor(i / w.cols)) === r ? fround(x * (1 - 2 ** -23)) : x)),
    }
  }),
  ruled('O4-just-above-left', EDGES, 'O4', isOf('O4'), (moment) => {
    const [w, r] = [get(moment, 'w'), moment.setting.config.maxNorm]
    if (!(r > 0)) return undefined
    const value = right(moment)
    const norm = (i: number): number => Math.hypot(...Array.from(w.data).slice(i * w.cols, (i + 1) * w.cols))
    return {
      ...w,
      data: Float32Array.from(value.data, (x, i) => (norm(Math.floor(i / w.cols)) < r * (1 + 1e-6) ? w.data[i]! : x)),
    }
  }),
  ruled('C4-window-includes-its-edge', EDGES, 'C4', isOf('C4'), (moment) => {
    const { window, correctionSignal } = moment.setting.config
    if (correctionSignal !== 'drive' || window <= 0) return undefined
    const [left, after, m] = [get(moment, 'left'), get(moment, 'right'), get(moment, 'mask')]
    return {
      ...left,
      data: Float32Array.from(
        left.data,
        (x, i) => (Math.abs(x) <= window ? fround(x - after.data[i]!) : 0) * m.data[Math.floor(i / left.cols)]!,
      ),
    }
  }),
  ruled('S4-last-of-equals', EDGES, 'S4', isOf('S4'), (moment) => {
    const [p, x, m] = [get(moment, 'p'), get(moment, 'x'), get(moment, 'mask')]
    const last = (a: typeof p, i: number): number => {
      let best = 0
      for (let j = 0; j < a.cols; j++) if (a.data[i * a.cols + j]! >= a.data[i * a.cols + best]!) best = j
      return best
    }
    return {
      rows: 1,
      cols: 1,
      data: Float32Array.of(Array.from(m.data).filter((one, i) => one === 1 && last(p, i) === last(x, i)).length),
    }
  }),
  ruled('L2-clipped-twice', EDGES, 'L2', isOf('L2'), (moment) =>
    moment.setting.config.errorRule === 'transposed' && Math.abs(moment.setting.config.gamma) > 1
      ? clipped(moment.setting.config.clip, right(moment))
      : undefined,
  ),
  ruled('L1-e-of-the-last-pass', EDGES, 'L1', isOf('L1'), (moment) => {
    const other = moment.rule.reads['after']!.replace('^1', `^${moment.setting.config.passes}`)
    return right({ ...moment, rule: { ...moment.rule, reads: { ...moment.rule.reads, after: other } } })
  }),
  ruled('L6-e-of-the-last-pass', EDGES, 'L6', isOf('L6'), (moment) => {
    const other = moment.rule.reads['signal']!.replace('^1', `^${moment.setting.config.passes}`)
    return right({ ...moment, rule: { ...moment.rule, reads: { ...moment.rule.reads, signal: other } } })
  }),
  ruled('L2-e-of-the-last-pass', EDGES, 'L2', isOf('L2'), (moment) => {
    const other = moment.rule.reads['e']?.replace('^1', `^${moment.setting.config.passes}`)
    return other ? right({ ...moment, rule: { ...moment.rule, reads: { ...moment.rule.reads, e: other } } }) : undefined
  }),
  ruled('C2-lambda-of-z', EDGES, 'C2', isOf('C2'), (moment) => {
    const other = moment.rule.reads['a']!.replace('A1.a', 'A2.z').replace('C3.a', 'C3.z')
    return right({ ...moment, rule: { ...moment.rule, reads: { ...moment.rule.reads, a: other } } })
  }),
  ruled('C2-lambda-before-alpha', EDGES, 'C2', isOf('C2'), (moment) => {
    const { alpha, lambda } = moment.setting.config
    if (!moment.rule.reads['e'] || lambda === 0) return undefined
    const { e: _, ...reads } = moment.rule.reads
    const first = right({ ...moment, rule: { ...moment.rule, reads } })
    const e = get(moment, 'e')
    return { ...first, data: Float32Array.from(first.data, (x, i) => x - fround(alpha * e.data[i]!)) }
  }),
  ruled('C2-all-padding-skipped', EDGES, 'C2', isOf('C2'), (moment) =>
    moment.known.get('m')!.data.length > 0 && Array.from(moment.known.get('m')!.data).every((m) => m === 0)
      ? map(() => 0, right(moment))
      : undefined,
  ),
  ruled('O3-fan-in-at-the-rows', EDGES, 'O3', both(isKind('move')), (moment) => {
    const { rateFanIn, rate } = moment.setting.config
    const w = get(moment, 'w')
    return rateFanIn === w.rows && !/\.([bc]_|M_1$)/.test(moment.rule.id)
      ? right({
          ...moment,
          setting: { ...moment.setting, config: { ...moment.setting.config, rateFanIn: 0, rate: fround(rate * 0.5) } },
        })
      : undefined
  }),
]

const TRACE = 'trace'
const addsTo = (id: string, named: string, name: string, when: (step: Body, request: Body) => boolean): WrongPort =>
  between(id, TRACE, named, {
    answer: (said, request) => {
      if (!said['ok'] || !isRun(request)) return said
      for (const step of stepsOf(said, request))
        if (step['trace'] && when(step, request)) step['trace'][name] = { s: [1, 1], x: bits(0.5) }
      return said
    },
  })
const traces: readonly WrongPort[] = [
  addsTo(
    'scores-before-learn-from',
    'sq-learn S1 S2 S3',
    'S1.loss',
    ({ trace }, { config }) => config.output === 'softmax' && !('S1.loss' in trace),
  ),
  addsTo('O5-without-decay', 'O5', 'O5.W_1', ({ trace }) => 'O4.W_1' in trace && !('O5.W_1' in trace)),
  addsTo('a-moment-too-many', 'O3 op-state', 'O3.second.W_1', ({ trace }) => 'O4.W_1' in trace && !('O3.second.W_1' in trace)),
  addsTo('a-sum-with-step', 'sq-update', 'sq-update.sum.W_1', (_step, { config, train }) => config.update === 'step' && train),
  addsTo('a-projection-of-biases', 'O4', 'O4.b_1', ({ trace }) => 'O3.b_1' in trace),
  addsTo('S4-without-softmax', 'S4', 'S4.correct', (_step, { config }) => config.output !== 'softmax'),
  addsTo('a-pass-too-many', 'C3', 'C3.a_1^9', () => true),
  addsTo('U-of-the-top', 'L5', 'L5.dU_9', ({ trace }) => 'L1.dW_1' in trace),
]

const missing = (id: string, named: string, gone: RegExp): WrongPort =>
  between(id, TRACE, named, {
    answer: (said, request) => {
      if (!said['ok'] || !isRun(request)) return said
      for (const step of stepsOf(said, request))
        for (const name of Object.keys(step['trace'] ?? {})) if (gone.test(name)) delete step['trace'][name]
      return said
    },
  })
const lacking: readonly WrongPort[] = [
  missing('O1-left-out', 'O1', /^O1\./),
  missing('later-passes-left-out', 'P1', /\^[2-9]/),
  missing('S4-left-out', 'S4', /^S4/),
]

const ACCUSED = 'accused'
const inRun = (
  id: string,
  named: string,
  part: RegExp,
  from: (part: string, known: Moment['known']) => ReturnType<Moment['known']['get']>,
): WrongPort => planted(id, ACCUSED, named, { carry: { part, from } })
/** What the run carries inside is not what it says. */
const hidden = (id: string, named: string, spoil: (state: Body) => void): WrongPort =>
  between(id, ACCUSED, named, {
    answer: (said, request) => {
      if (request['op'] !== 'run' || !said['ok']) return said
      const { inputs, inputs: _, ...rest } = request as Body
      let { state, weights, optimizer } = request as Body
      const steps: Body[] = []
      for (const input of inputs as Body[]) {
        const asked = structuredClone({ ...rest, op: 'step', input, state, weights, optimizer })
        if (steps.length > 0 && !input['begin']) spoil(asked['state'])
        const one = serve(asked)
        if (!one['ok']) return said
        steps.push(one)
        ;({ state, weights, optimizer } = one)
      }
      return { ok: true, steps: steps.map(({ id: _id, ok: _ok, ...step }) => step) }
    },
  })
const scaled = (tensor: { s: number[]; x: string }): { s: number[]; x: string } => mapBits(tensor, () => '3e000000')

const serve = (request: Body): Body => JSON.parse(serveLine(JSON.stringify(request))!) as Body

const train = (id: string, learnFrom: (x: number) => number): WrongPort =>
  between(id, ACCUSED, 'sq-learn', {
    ask: (request) =>
      isRun(request)
        ? { ...request, config: { ...request['config'], learnFrom: learnFrom(request['config'].learnFrom) } }
        : request,
  })
const begins = (id: string, keep: (begun: Body, before: Body) => void): WrongPort =>
  between(id, ACCUSED, 'sq-start st-start', {
    ask: (request) => {
      if (request['op'] !== 'step' || !request['input'].begin) return request
      const { input, state, config, optimizer } = request as Body
      const rows = input.x.s[0]
      if (rows !== state.x.s[0]) return request
      const zero = Object.fromEntries(
        Object.entries(state as Body).map(([name, value]) => [name, value?.s ? mapBits(value, () => '00000000') : value]),
      )
      const begun: Body = {
        state: { ...zero, t: 0, key: input.begin },
        optimizer: Object.fromEntries(Object.entries(optimizer).filter(([name]) => !name.startsWith('sum.'))),
      }
      keep(begun, { state, optimizer, config })
      const { begin: _, ...rest } = input
      return { ...request, ...begun, input: rest }
    },
  })
/** The trace is changed, what is made from it is not. */
const tracedWrong = (name: RegExp, named: string): WrongPort =>
  between(`traced-wrong-${named}`, ACCUSED, named, {
    answer: (said, request) => {
      if (!said['ok'] || !isRun(request)) return said
      for (const step of stepsOf(said, request))
        for (const [one, value] of Object.entries((step['trace'] ?? {}) as Body))
          if (name.test(one))
            step['trace'][one] = mapBits(value, (hex) =>
              hex === '00000000' ? '3d000000' : `${hex.slice(0, 7)}${(Number.parseInt(hex[7]!, 16) ^ 1).toString(16)}`,
            )
      return said
    },
  })
const ordered = (config: Body): Body => ({
  ...config,
  clipOrder: config['clipOrder'] === 'clip-mean' ? 'mean-clip' : 'clip-mean',
})
const accused: readonly WrongPort[] = [
  train('never-learns', () => 2 ** 32 - 2),
  train('learns-one-step-late', (x) => x + 1),
  train('learns-one-step-early', (x) => Math.max(0, x - 1)),
  train('always-learns', () => 0),
  between('learns-in-inference', ACCUSED, 'sq-infer sq-learn', {
    ask: (request) => (isRun(request) ? { ...request, train: true } : request),
  }),
  between('learns-only-with-active-rows', ACCUSED, 'sq-learn', {
    ask: (request) => (request['op'] === 'step' && !/3f8/.test(request['input'].mask.x) ? { ...request, train: false } : request),
  }),
  between('end-acts-without-learning', ACCUSED, 'sq-update', {
    ask: (request) =>
      request['op'] === 'step' && request['input'].end && !request['train']
        ? { ...request, train: true, config: { ...request['config'], learnFrom: 2 ** 32 - 2 } }
        : request,
  }),
  between('end-is-not-seen', ACCUSED, 'sq-update', {
    ask: (request) => {
      if (isRun(request)) inputsOf(request).forEach((input) => delete input['end'])
      return request
    },
  }),
  between('a-sum-that-waits-is-forgotten-at-the-end', ACCUSED, 'sq-update', {
    ask: (request) => {
      if (request['op'] === 'step' && request['input'].end)
        for (const name of Object.keys(request['optimizer'])) if (name.startsWith('sum.')) delete request['optimizer'][name]
      return request
    },
  }),
  ...['y', 'z', 'd', 'x'].map((symbol) =>
    hidden(`run-carries-another-${symbol}`, 'st-carried', (state) =>
      Object.keys(state).forEach((name) => name.startsWith(symbol) && (state[name] = scaled(state[name]))),
    ),
  ),
  hidden('run-carries-another-t', 'st-carried', (state) => (state['t'] = 0)),
  hidden('run-carries-another-key', 'st-carried', (state) => (state['key'] = [9, 9])),
  ...['y', 'z', 'd', 'x'].map((symbol) =>
    begins(`begins-with-the-old-${symbol}`, ({ state }, before) =>
      Object.keys(state).forEach(
        (name) => (name === symbol || name.startsWith(`${symbol}_`)) && (state[name] = before['state'][name]),
      ),
    ),
  ),
  begins('begins-with-the-old-t', ({ state }, before) => (state.t = before['state'].t)),
  begins('begins-with-the-old-key', ({ state }, before) => (state.key = before['state'].key)),
  begins('begins-with-the-old-sum', (begun, { optimizer }) => (begun['optimizer'] = optimizer)),
  inRun('says-z-for-y', 'st-carried', /^state\.y_/, (part, known) => known.get(`A2.z_${part.slice(8)}`)),
  inRun('says-the-old-x', 'st-carried', /^state\.x$/, (_part, known) => known.get('x[t-1]')),
  ...[
    [/^A1\./, 'A1'],
    [/^P1\.logits/, 'P1'],
    [/^C1\./, 'C1'],
    [/^C2\./, 'C2'],
    [/^C4\./, 'C4'],
    [/^L1\./, 'L1'],
    [/^L3\./, 'L3'],
    [/^O1\./, 'O1'],
    [/^O2\./, 'O2'],
    [/^O3\.[WEMVU]/, 'O3'],
    [/^O3\.first/, 'O3'],
    [/^op-state/, 'op-state'],
    [/^sq-update/, 'sq-update'],
  ].map(([name, named]) => tracedWrong(name as RegExp, named as string)),
  between('O1-and-O2-in-the-other-order', ACCUSED, 'O1 O2', {
    ask: (request) =>
      isRun(request) && request['config'].errorRule === 'temporal' ? { ...request, config: ordered(request['config']) } : request,
  }),
  between('the-other-clip-order', ACCUSED, 'O1 O2 L2', {
    ask: (request) => (isRun(request) ? { ...request, config: ordered(request['config']) } : request),
  }),
  planted('weights-before-the-projection', ACCUSED, 'O4', {
    carry: { part: /^weights\./, from: (part, known) => known.get(`O3.${part.slice(8)}`) },
  }),
  planted('counts-two', ACCUSED, 'st-carried', { counts: 2 }),
  ruled('wrong-C3-that-grows', ACCUSED, 'C3', isKind('correct'), (moment) => map((x) => x * 1e6, right(moment))),
]

export const ends: readonly WrongPort[] = [
  ...diverging,
  ...edges.filter(({ id }) => id !== 'unit-tanh-flushes'),
  ...traces,
  ...lacking,
  ...accused,
]
