/** Mistakes about what is asked: invalid requests that are answered, valid ones that are refused, and `equation` requests. */

import { rulesOf } from '../../../src/conform/equations/graph.js'
import { decodeConfig } from '../../../src/conform/port/wire.js'
import type { Json } from '../../../src/io/json.js'
import { between, inputsOf, isRun, mapBits, type WrongPort } from './port.js'

type Body = Record<string, any>
const REQUESTS = 'requests'

/** A request is mended before it is read, so that what is wrong in it is never seen. */
const forgiving = (id: string, named: string, mend: (request: Body) => void): WrongPort =>
  between(`accepts-${id}`, REQUESTS, named, {
    ask: (request) => {
      try {
        if (isRun(request)) mend(request)
      } catch {
        // nothing to mend
      }
      return request
    },
  })

const finite = (hex: string): string => (/^[7f][f][89a-f]/.test(hex) ? '00000000' : hex)
const group =
  (name: 'weights' | 'state' | 'optimizer') =>
  (request: Body): void => {
    for (const [key, value] of Object.entries(request[name] as Body)) if (value?.x) request[name][key] = mapBits(value, finite)
  }
const KNOWN =
  'units activation output hiddenPrediction topDownSignal errorRule gamma presynaptic beta alpha lambda passes biases clip clipOrder mean optimizer rate momentum beta1 beta2 decay epsilon update maxNorm weightScale learnFrom correctionSignal window errorStart weightDecay rateFanIn'.split(
    ' ',
  )
const fields =
  (change: (config: Body) => void) =>
  (request: Body): void =>
    change(request['config'])
const field = (name: string, allowed: (x: any) => boolean, instead: unknown) =>
  fields((config) => {
    if (!allowed(config[name])) config[name] = instead
  })
const positive = (hex: string): boolean => !/^[89a-f]/.test(hex)
const below1 = (hex: string): boolean => hex < '3f800000'
const tensors = (request: Body, f: (tensor: { s: number[]; x: string }) => { s: number[]; x: string }): void => {
  for (const name of ['weights', 'state', 'optimizer'] as const)
    for (const [key, value] of Object.entries(request[name] as Body)) if (value?.s) request[name][key] = f(value)
  for (const input of inputsOf(request)) for (const name of ['x', 'mask']) input[name] = f(input[name])
}
const ruleNames = (request: Body): readonly string[] =>
  rulesOf(decodeConfig(request['config'] as Json), { learns: true, scored: true, summed: true, ends: true }).map(({ id }) => id)

const DEFAULTS: Body = {
  gamma: '3f800000',
  beta: '3dcccccd',
  lambda: '00000000',
  decay: '3f666666',
  learnFrom: 1,
  weightScale: '3d4ccccd',
  update: 'step',
}

const accepted: readonly WrongPort[] = [
  forgiving(
    'unknown-fields',
    'cf-fields',
    fields((config) => Object.keys(config).forEach((name) => KNOWN.includes(name) || delete config[name])),
  ),
  forgiving(
    'missing-fields',
    'cf-fields',
    fields((config) => Object.assign(config, { ...DEFAULTS, ...config })),
  ),
  forgiving(
    'units-as-numbers-of-text',
    'cf-fields',
    fields((config) => (config['units'] = config['units'].map(Number))),
  ),
  forgiving('passes-of-half', 'cf-fields', field('passes', Number.isInteger, 1)),
  forgiving(
    'passes-beyond',
    'cf-fields',
    field('passes', (x) => x < 32768, 1),
  ),
  forgiving(
    'learn-from-beyond',
    'cf-fields',
    field('learnFrom', (x) => x <= 2 ** 32 - 2, 1),
  ),
  forgiving('learn-from-half', 'cf-fields', field('learnFrom', Number.isInteger, 1)),
  forgiving('decay-of-1', 'cf-fields', field('decay', below1, '3f000000')),
  forgiving('beta2-of-1', 'cf-fields', field('beta2', below1, '3f000000')),
  forgiving('beta1-negative', 'cf-fields', field('beta1', positive, '3f000000')),
  forgiving('max-norm-negative', 'cf-fields', field('maxNorm', positive, '00000000')),
  forgiving('weight-scale-negative', 'cf-fields', field('weightScale', positive, '00000000')),
  forgiving(
    'weight-decay-of-1',
    'cf-fields',
    field('weightDecay', (x) => x === undefined || below1(x), '3f000000'),
  ),
  forgiving(
    'fan-in-negative',
    'cf-fields',
    field('rateFanIn', (x) => x === undefined || positive(x), '3f000000'),
  ),
  forgiving(
    'numbers-in-decimal',
    'cf-fields pr-tensor',
    fields((config) => {
      for (const name of ['rate', 'beta', 'alpha', 'clip']) if (typeof config[name] === 'number') config[name] = '3f800000'
    }),
  ),
  forgiving(
    'infinite-alpha',
    'cf-fields',
    field('alpha', (x) => finite(x) === x, '3f800000'),
  ),
  forgiving(
    'infinite-gamma',
    'cf-fields',
    field('gamma', (x) => finite(x) === x, '3f800000'),
  ),
  forgiving(
    'update-unknown',
    'cf-fields',
    field('update', (x) => x === 'step' || x === 'sequence', 'step'),
  ),
  forgiving(
    'mean-unknown',
    'cf-fields',
    field('mean', (x) => x === 'all' || x === 'active', 'all'),
  ),
  forgiving('weights-not-finite', 'ar-finite', group('weights')),
  forgiving('state-not-finite', 'ar-finite', group('state')),
  forgiving('moments-not-finite', 'ar-finite', group('optimizer')),
  forgiving('input-not-finite', 'ar-finite', (request) =>
    inputsOf(request).forEach((input) => (input['x'] = mapBits(input['x'], finite))),
  ),
  forgiving('mask-of-any-number', 'wt-shapes C1 pr-answers', (request) =>
    inputsOf(request).forEach(
      (input) =>
        (input['mask'] = mapBits(input['mask'], (hex) => (hex === '3f800000' || /^[08]0{7}$/.test(hex) ? hex : '3f800000'))),
    ),
  ),
  forgiving('mask-of-later-inputs', 'wt-shapes C1 pr-answers', (request) =>
    inputsOf(request)
      .slice(1)
      .forEach(
        (input) =>
          (input['mask'] = mapBits(input['mask'], (hex) => (hex === '3f800000' || /^[08]0{7}$/.test(hex) ? hex : '3f800000'))),
      ),
  ),
  forgiving('unknown-weights', 'wt-shapes pr-lines', ({ weights }) =>
    Object.keys(weights).forEach((name) => /^[WEMVUbc]_\d+$/.test(name) || delete weights[name]),
  ),
  forgiving('unknown-state', 'st-carried pr-lines', ({ state }) =>
    Object.keys(state).forEach((name) => /^(t|key|x|[yzd]_\d+)$/.test(name) || delete state[name]),
  ),
  forgiving('unknown-moments', 'op-state pr-lines', ({ optimizer }) =>
    Object.keys(optimizer).forEach(
      (name) => /^(power[12]|(first|second|sum)\.[WEMVUbc]_\d+)$/.test(name) || delete optimizer[name],
    ),
  ),
  forgiving('moments-of-another-optimizer', 'op-state', ({ optimizer, config }) => {
    const kept: Record<string, string> = {
      sgd: '',
      momentum: 'first',
      nesterov: 'first',
      adam: 'first second',
      rmsprop: 'second',
    }
    Object.keys(optimizer).forEach(
      (name) =>
        /^(first|second)\./.test(name) && !kept[config.optimizer]!.includes(name.split('.')[0]!) && delete optimizer[name],
    )
  }),
  forgiving('a-sum-with-update-step', 'sq-update op-state', ({ optimizer, config }) => {
    if (config.update === 'step') Object.keys(optimizer).forEach((name) => name.startsWith('sum.') && delete optimizer[name])
  }),
  forgiving('moments-missing', 'op-state', (request) => {
    for (const name of Object.keys(request['weights']))
      for (const moment of { sgd: [], momentum: ['first'], nesterov: ['first'], adam: ['first', 'second'], rmsprop: ['second'] }[
        request['config'].optimizer as string
      ] ?? [])
        request['optimizer'][`${moment}.${name}`] ??= mapBits(request['weights'][name], () => '00000000')
  }),
  forgiving('powers-missing', 'op-state', ({ optimizer }) =>
    Object.assign(optimizer, { power1: '3f800000', power2: '3f800000', ...optimizer }),
  ),
  forgiving('powers-above-1', 'op-state pr-requests', ({ optimizer }) => {
    for (const power of ['power1', 'power2'])
      if (optimizer[power] > '3f800000' && /^[0-9a-f]{8}$/.test(optimizer[power])) optimizer[power] = '3f800000'
  }),
  forgiving('capital-digits', 'pr-tensor', (request) => tensors(request, ({ s, x }) => ({ s, x: x.toLowerCase() }))),
  forgiving('digits-too-many', 'pr-tensor', (request) =>
    tensors(request, ({ s, x }) => ({ s, x: x.slice(0, 8 * s[0]! * s[1]!) })),
  ),
  forgiving('digits-too-few', 'pr-tensor', (request) =>
    tensors(request, ({ s, x }) => ({ s, x: x.padEnd(8 * s[0]! * s[1]!, '0') })),
  ),
  forgiving('shapes-as-texts', 'pr-tensor', (request) => tensors(request, ({ s, x }) => ({ s: s.map(Number), x }))),
  forgiving('another-shape-of-as-many', 'wt-shapes', ({ weights, config: { units } }) => {
    for (const [name, value] of Object.entries(weights as Record<string, { s: number[] }>)) {
      const l = Number(name.slice(2))
      const shape = {
        W: [units[l], units[l - 1]],
        E: [units[l - 1], units[l]],
        M: [units[l - 1], units[l]],
        U: [units[l + 1], units[l]],
      }[name[0]!]
      if (shape && shape[0] * shape[1] === value.s[0]! * value.s[1]!) value.s = shape
    }
  }),
  forgiving('state-of-other-rows', 'st-carried', (request) => {
    const rows = inputsOf(request)[0]!['x'].s[0]
    for (const value of Object.values(request['state'] as Body))
      if (value?.s && value.s[0] > rows) {
        value.x = value.x.slice(0, 8 * rows * value.s[1])
        value.s[0] = rows
      }
  }),
  forgiving('t-negative', 'st-carried pr-tensor', ({ state }) => (state.t = Math.max(0, state.t))),
  forgiving('t-of-half', 'st-carried pr-tensor', ({ state }) => (state.t = Math.floor(state.t))),
  forgiving('t-as-text', 'st-carried pr-tensor', ({ state }) => (state.t = Number(state.t))),
  forgiving('t-beyond', 'st-carried', ({ state }) => (state.t = Math.min(state.t, 2 ** 53 - 2))),
  forgiving('t-beyond-in-a-run', 'st-carried', (request) => {
    if (request['op'] === 'run' && request['state'].t <= 2 ** 53 - 2)
      request['state'].t = Math.min(request['state'].t, 2 ** 53 - 2 - request['inputs'].length)
  }),
  forgiving(
    'key-beyond',
    'ar-key pr-tensor',
    ({ state }) => (state.key = state.key.map((k: number) => ((k % 2 ** 32) + 2 ** 32) % 2 ** 32)),
  ),
  forgiving('key-too-long', 'ar-key pr-tensor', ({ state }) => (state.key = state.key.slice(0, 2))),
  forgiving('key-of-half', 'ar-key pr-tensor', ({ state }) => (state.key = state.key.map(Math.floor))),
  forgiving('begin-beyond', 'ar-key pr-tensor pr-requests', (request) => {
    for (const input of inputsOf(request))
      if (input['begin'])
        input['begin'] = input['begin'].slice(0, 2).map((k: number) => ((Math.floor(k) % 2 ** 32) + 2 ** 32) % 2 ** 32)
  }),
  forgiving('end-of-any-kind', 'pr-requests', (request) =>
    inputsOf(request).forEach((input) => input['end'] !== undefined && (input['end'] = Boolean(input['end']))),
  ),
  forgiving('train-missing', 'pr-requests', (request) => (request['train'] ??= true)),
  forgiving(
    'train-of-any-kind',
    'pr-requests',
    (request) => request['train'] !== undefined && (request['train'] = Boolean(request['train'])),
  ),
  forgiving('state-missing', 'st-carried', (request) => {
    request['state'].x ??= { s: inputsOf(request)[0]!['x'].s, x: '0'.repeat(inputsOf(request)[0]!['x'].x.length) }
  }),
  between('answers-a-run-of-no-inputs', REQUESTS, 'pr-requests', {
    answer: (said, request) => (request['op'] === 'run' && request['inputs']?.length === 0 ? { ok: true, steps: [] } : said),
  }),
  between('answers-half-of-a-run', REQUESTS, 'pr-answers', {
    ask: (request) => {
      if (request['op'] !== 'run') return request
      const mend = request['inputs'].findIndex((input: Body) => !/^(3f800000|[08]0{7})+$/.test(input['mask']?.x ?? ''))
      return mend > 0 ? { ...request, inputs: request['inputs'].slice(0, mend) } : request
    },
  }),
]

const refusing = (id: string, named: string, kind: string, when: (request: Body, said: Body) => boolean): WrongPort =>
  between(id, REQUESTS, named, { answer: (said, request) => (when(request, said) ? { ok: false, kind, what: 'no' } : said) })

const refused: readonly WrongPort[] = [
  refusing(
    'refuses-unknown-names-of-an-input',
    'pr-lines',
    'invalid',
    (request) =>
      isRun(request) &&
      inputsOf(request).some((input) => Object.keys(input).some((name) => !['x', 'mask', 'begin', 'end'].includes(name))),
  ),
  refusing(
    'refuses-unknown-names-of-a-request',
    'pr-lines',
    'invalid',
    (request) =>
      isRun(request) &&
      Object.keys(request).some(
        (name) => !['id', 'op', 'config', 'weights', 'state', 'optimizer', 'input', 'inputs', 'train', 'want'].includes(name),
      ),
  ),
  refusing(
    'refuses-other-orders-of-fields',
    'pr-lines',
    'invalid',
    (request) => isRun(request) && Object.keys(request['config']).slice(0, 2).join() !== 'units,activation',
  ),
  refusing(
    'refuses-a-request-that-begins-with-the-operation',
    'pr-lines',
    'invalid',
    (request) => isRun(request) && Object.keys(request)[0] !== 'id',
  ),
  refusing('refuses-want-none', 'pr-requests', 'invalid', (request) => isRun(request) && request['want'] === 'none'),
  refusing(
    'refuses-a-state-that-is-not-read',
    'pr-requests sq-start',
    'invalid',
    (request, said) => isRun(request) && said['ok'] && inputsOf(request)[0]!['begin'] !== undefined && request['state'].t > 0,
  ),
  refusing('calls-invalid-unsupported', 'pr-answers', 'unsupported', (_request, said) => said['kind'] === 'invalid'),
  refusing(
    'calls-unknown-operations-invalid',
    'pr-answers',
    'invalid',
    (request) => !['hello', 'bye', 'step', 'run', 'equation'].includes(request['op']),
  ),
  refusing(
    'calls-unknown-operations-internal',
    'pr-answers',
    'internal',
    (request) => !['hello', 'bye', 'step', 'run', 'equation'].includes(request['op']),
  ),
  refusing('refuses-long-lines', 'pr-lines', 'internal', (request) => JSON.stringify(request).length > 2 ** 16),
  refusing(
    'refuses-run-of-one',
    'pr-requests',
    'invalid',
    (request) => request['op'] === 'run' && request['inputs'].length === 1,
  ),
  between('traces-where-none-is-wanted', REQUESTS, 'pr-requests pr-answers', {
    ask: (request) => (isRun(request) ? { ...request, want: 'trace' } : request),
  }),
  between('want-none-forgets-the-optimizer', REQUESTS, 'pr-requests pr-answers op-state', {
    answer: (said, request) =>
      isRun(request) && request['want'] === 'none' && said['ok'] && said['optimizer']
        ? { ...said, optimizer: request['optimizer'] }
        : said,
  }),
  between('reads-escapes-wrongly', REQUESTS, 'pr-lines', {}),
].map((port) =>
  port.id !== 'reads-escapes-wrongly'
    ? port
    : {
        ...port,
        serve: (line) =>
          line.includes('\\u')
            ? JSON.stringify({ id: (JSON.parse(line) as Body)['id'], ok: false, kind: 'invalid', what: 'escape' })
            : port.serve(line),
      },
)

const EQUATION = 'equation'
const wrongValue = (hex: string): string =>
  hex === '00000000' ? '3c000000' : `${hex[0]}${hex[1]}${((Number.parseInt(hex[2]!, 16) + 1) % 8).toString(16)}${hex.slice(3)}`
const equationOf = (clause: string): WrongPort =>
  between(`equation-${clause}-wrong`, EQUATION, clause, {
    answer: (said, request) =>
      request['op'] === 'equation' && said['ok'] && request['equation'].startsWith(`${clause}.`)
        ? { ...said, value: mapBits(said['value'], wrongValue) }
        : said,
  })
const inEquation = (
  id: string,
  named: string,
  change: (said: Body, request: Body) => Body,
  ask: (request: Body) => Body = (request) => request,
): WrongPort =>
  between(`equation-${id}`, EQUATION, named, {
    ask: (request) => (request['op'] === 'equation' ? ask(request) : request),
    answer: (said, request) => (request['op'] === 'equation' ? change(said, request) : said),
  })
const ALL = 'A1 A2 P1 C1 C2 C3 C4 L1 L2 L3 L4 L5 L6 S1 S2 S3 S4 O1 O2 O3 O4 O5 sq-update op-state'

const equations: readonly WrongPort[] = [
  ...ALL.split(' ').map(equationOf),
  inEquation('refuses-all', `pr-reads ${ALL}`, () => ({ ok: false, kind: 'unsupported', what: 'equation' })),
  inEquation('refuses-the-sum', 'sq-update pr-reads', (said, request) =>
    request['equation'].includes('.sum.') ? { ok: false, kind: 'unsupported', what: '' } : said,
  ),
  inEquation('fails-at-later-layers', `pr-reads ${ALL}`, (said, request) =>
    /_[3-9]/.test(request['equation']) ? { ok: false, kind: 'internal', what: '' } : said,
  ),
  inEquation('f-of-nan-is-0', 'A2 ar-units', (said, request) =>
    said['ok'] && request['equation'].startsWith('A2.')
      ? { ...said, value: mapBits(said['value'], (hex) => (/^[7f]f(?!800000$)[89a-f]/.test(hex) ? '00000000' : hex)) }
      : said,
  ),
  inEquation('sign-keeps-minus-0', 'A2 ar-units', (said, request) => {
    const [drive] = Object.values(request['inputs'] as Body)
    return said['ok'] &&
      request['equation'].startsWith('A2.') &&
      request['config']['activation'] === 'sign' &&
      drive.x.endsWith('80000000')
      ? { ...said, value: { ...said['value'], x: said['value'].x.replace(/0{8}$/, '80000000') } }
      : said
  }),
  inEquation('sum-at-the-end-refused', 'O3 pr-reads', (said, request) =>
    request['equation'].startsWith('O3.') && Object.keys(request['inputs']).some((name) => name.startsWith('sum.'))
      ? { ok: false, kind: 'invalid', what: '' }
      : said,
  ),
  inEquation('missing-tensors-are-nothing', 'pr-reads', (said, request) =>
    said['kind'] === 'invalid' && ruleNames(request).includes(request['equation'])
      ? { ok: true, value: { s: [1, 1], x: '00000000' } }
      : said,
  ),
  inEquation('unknown-is-invalid', 'pr-answers pr-reads', (said) =>
    said['kind'] === 'unsupported' ? { ...said, kind: 'invalid' } : said,
  ),
  inEquation('unknown-tensors-refused', 'pr-lines pr-reads', (said, request) => {
    const known = Object.keys(request['inputs']).every((name) => /^[\w^.[\]-]+$/.test(name) && !name.includes('own'))
    return known ? said : { ok: false, kind: 'invalid', what: '' }
  }),
  inEquation('nan-refused', 'pr-answers pr-reads', (said, request) =>
    Object.values(request['inputs'] as Record<string, { x: string }>).some((value) => /^(.{8})*[7f]f[89a-f]/.test(value?.x ?? ''))
      ? { ok: false, kind: 'invalid', what: 'nan' }
      : said,
  ),
  inEquation(
    'key-and-t-not-checked',
    'pr-reads pr-tensor pr-answers',
    (said) => said,
    (request) => ({
      ...request,
      t: typeof request['t'] === 'number' && request['t'] >= 0 ? request['t'] : 0,
      key: Array.isArray(request['key']) && request['key'].length === 2 ? request['key'] : [0, 0],
    }),
  ),
  inEquation(
    'of-other-t',
    'A2 C3 P1',
    (said) => said,
    (request) => ({ ...request, t: 0 }),
  ),
  inEquation(
    'of-key-0',
    'A2 C3 P1',
    (said) => said,
    (request) => ({ ...request, key: [0, 0] }),
  ),
  inEquation('shape-flat', `pr-reads pr-tensor ${ALL}`, (said) =>
    said['ok'] ? { ...said, value: { s: [1, said['value'].x.length / 8], x: said['value'].x } } : said,
  ),
  inEquation('only-square', 'pr-reads L2', (said, request) =>
    request['equation'].startsWith('L2.') && said['ok'] && said['value'].s[0] !== said['value'].s[1]
      ? { ok: false, kind: 'invalid', what: '' }
      : said,
  ),
]

export const requests: readonly WrongPort[] = [...accepted, ...refused, ...equations]
