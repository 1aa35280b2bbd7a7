/** Requests that have to be refused, each a valid one with one thing changed. */

import { FIRST_FIELDS } from '../../../src/ptncn/config.js'
import { encodeScenario } from '../../../src/conform/port/wire.js'
import { scenarioOf, type Entry } from './build.js'

type Body = {
  config: Record<string, unknown>
  weights: Record<string, { s: number[]; x: string }>
  state: Record<string, unknown>
  optimizer: Record<string, unknown>
  input: Record<string, { s: number[]; x: string }>
}

/** A valid request, changed. */
const spoilt = (id: string, change: (body: Body) => void): object => {
  const body = JSON.parse(JSON.stringify({ ...encodeScenario(scenarioOf(id, {})), want: 'none' })) as Body
  change(body)
  return body
}

const refused = (id: string, equations: string, why: string, change: (body: Body) => void): Entry => ({
  id: `invalid-${id}`,
  equations,
  flags: 'invalid',
  why,
  request: spoilt(id, change),
})

const FIELDS: readonly (readonly [string, string, unknown])[] = [
  ['unknown-field', 'gama', '3f800000'],
  ['activation', 'activation', 'gelu'],
  ['output', 'output', 'tanh'],
  ['passes-zero', 'passes', 0],
  ['passes-half', 'passes', 1.5],
  ['passes-many', 'passes', 32768],
  ['beta1-one', 'beta1', '3f800000'],
  ['decay-negative', 'decay', 'bf000000'],
  ['epsilon-negative', 'epsilon', 'b3800000'],
  ['max-norm-negative', 'maxNorm', 'bf800000'],
  ['rate-infinite', 'rate', '7f800000'],
  ['rate-nan', 'rate', '7fc00000'],
  ['biases-number', 'biases', 1],
  ['no-layer', 'units', [3]],
  ['no-unit', 'units', [3, 0, 2]],
  ['learn-from-negative', 'learnFrom', -1],
  ['optimizer', 'optimizer', 'adagrad'],
]

const setBits = (tensor: { x: string }, bits: string): void => {
  tensor.x = bits + tensor.x.slice(8)
}

const entries: readonly Entry[] = [
  ...FIELDS.map(([id, field, value]) =>
    refused(id, 'cf-fields', `"${field}" must not be ${JSON.stringify(value)}`, (body) => {
      body.config[field] = value
    }),
  ),
  refused('weight-nan', 'ar-finite', 'weights must be finite', ({ weights }) => setBits(weights['V_1']!, '7fc00000')),
  refused('weight-infinite', 'ar-finite', 'weights must be finite', ({ weights }) => setBits(weights['E_2']!, 'ff800000')),
  refused('state-nan', 'ar-finite', 'states must be finite', ({ state }) => setBits(state['d_1'] as { x: string }, '7fc00000')),
  refused('moment-nan', 'ar-finite', 'moments must be finite', ({ optimizer }) =>
    setBits(optimizer['first.W_1'] as { x: string }, '7fc00000'),
  ),
  refused('input-infinite', 'ar-finite', 'inputs must be finite', ({ input }) => setBits(input['x']!, '7f800000')),
  refused('mask-half', 'wt-shapes', 'a mask holds 0 and 1 alone', ({ input }) => setBits(input['mask']!, '3f000000')),
  refused('weight-shape', 'wt-shapes', 'E_1 is not of the shape of W_1', ({ weights }) => {
    weights['E_1'] = weights['W_1']!
  }),
  refused('weight-missing', 'wt-shapes', 'U_1 belongs to two layers', ({ weights }) => {
    delete weights['U_1']
  }),
  refused('weight-too-many', 'wt-shapes', 'the top has no U', ({ weights }) => {
    weights['U_2'] = weights['V_2']!
  }),
  refused('bias-without-biases', 'wt-shapes', 'biases exist only where biases is true', ({ weights }) => {
    weights['b_1'] = { s: [1, 2], x: '0000000000000000' }
  }),
  refused('time-beyond', 'st-carried', 't + 1 would not be exact', ({ state }) => {
    state['t'] = 2 ** 53 - 1
  }),
  refused('rows', 'st-carried', 'the input has as many rows as the state', ({ input }) => {
    input['x'] = { s: [1, 3], x: input['x']!.x.slice(0, 24) }
    input['mask'] = { s: [1, 1], x: '3f800000' }
  }),
]

/** No field has a default in a request. */
const missing: readonly Entry[] = FIRST_FIELDS.map((field) =>
  refused(
    `missing-${field.toLowerCase()}`,
    'cf-fields',
    `"${field}" must be there, also where it has its default`,
    ({ config }) => {
      delete config[field]
    },
  ),
)

const W = (change: (tensor: { s: unknown; x: string }) => void) => (body: Body) =>
  change(body.weights['W_1']! as { s: unknown; x: string })
const exact: readonly Entry[] = [
  refused(
    'digits-capital',
    'pr-tensor',
    'digits are lowercase',
    W((w) => (w.x = `BF800000${w.x.slice(8)}`)),
  ),
  refused(
    'digits-few',
    'pr-tensor',
    'eight digits for each element',
    W((w) => (w.x = w.x.slice(0, -8))),
  ),
  refused(
    'digits-many',
    'pr-tensor',
    'eight digits for each element, and no more',
    W((w) => (w.x += '00000000')),
  ),
  refused(
    'digits-odd',
    'pr-tensor',
    'eight digits, not seven',
    W((w) => (w.x = w.x.slice(0, -1))),
  ),
  refused(
    'digits-other',
    'pr-tensor',
    'g is no digit',
    W((w) => (w.x = `${w.x.slice(0, -1)}g`)),
  ),
  refused(
    'shape-text',
    'pr-tensor',
    'a shape is of numbers',
    W((w) => (w.s = (w.s as number[]).map(String))),
  ),
  refused(
    'shape-one',
    'pr-tensor',
    'a shape has two numbers',
    W((w) => (w.s = [6])),
  ),
  refused(
    'shape-turned',
    'wt-shapes',
    'W_1 has as many elements, and other sides',
    W((w) => (w.s = [3, 2])),
  ),
  refused(
    'tensor-null',
    'pr-tensor',
    'null is no tensor',
    ({ weights }) => void ((weights as Record<string, unknown>)['W_1'] = null),
  ),
  ...[
    ['text', '1'],
    ['half', 0.5],
    ['negative', -1],
    ['null', null],
  ].map(([id, t]) => refused(`time-${id}`, 'pr-tensor', `${JSON.stringify(t)} is no t`, ({ state }) => void (state['t'] = t))),
  ...[
    ['short', [1]],
    ['long', [1, 2, 3]],
    ['half', [0.5, 1]],
    ['negative', [-1, 0]],
    ['beyond', [0, 2 ** 32]],
    ['text', ['1', 2]],
  ].map(([id, key]) =>
    refused(`key-${id as string}`, 'pr-tensor', `${JSON.stringify(key)} is no key`, ({ state }) => void (state['key'] = key)),
  ),
  ...['x', 'y_1', 'z_2', 'd_1', 't', 'key'].map((name) =>
    refused(
      `state-without-${name.replace('_', '')}`,
      'st-carried',
      `a state has ${name}`,
      ({ state }) => void delete state[name],
    ),
  ),
  refused('state-unknown', 'st-carried', 'a state has no h_1', ({ state }) => void (state['h_1'] = state['y_1'])),
  ...['power1', 'power2'].map((name) =>
    refused(
      `${name}-missing`,
      'op-state',
      `${name} is there whatever the optimiser is`,
      ({ optimizer }) => void delete optimizer[name],
    ),
  ),
  ...[
    ['above-1', '3f800001'],
    ['negative', 'bf000000'],
    ['nan', '7fc00000'],
  ].map(([id, bits]) =>
    refused(`power-${id}`, 'pr-requests', 'a power is from 0 to 1', ({ optimizer }) => void (optimizer['power1'] = bits)),
  ),
  refused(
    'moment-missing',
    'op-state',
    'nesterov keeps first of every weight',
    ({ optimizer }) => void delete optimizer['first.V_2'],
  ),
  refused('moment-second', 'op-state', 'nesterov keeps no second', ({ optimizer, weights }) => {
    for (const [name, value] of Object.entries(weights)) optimizer[`second.${name}`] = value
  }),
  refused(
    'moment-alone',
    'op-state',
    'a weight is no tensor of the optimiser',
    ({ optimizer, weights }) => void (optimizer['W_1'] = weights['W_1']),
  ),
  refused('sum-of-steps', 'sq-update', 'no sum comes in where update is step', ({ optimizer, weights }) => {
    for (const [name, value] of Object.entries(weights)) optimizer[`sum.${name}`] = value
  }),
  refused('units-text', 'cf-fields', 'units are numbers', ({ config }) => void (config['units'] = ['3', 2, 2])),
  refused('rate-decimal', 'pr-tensor', 'numbers go as bits', ({ config }) => void (config['rate'] = 0.075)),
  refused('alpha-infinite', 'cf-fields', 'alpha is finite', ({ config }) => void (config['alpha'] = '7f800000')),
  refused('gamma-infinite', 'cf-fields', 'gamma is finite', ({ config }) => void (config['gamma'] = 'ff800000')),
  refused('weight-decay-one', 'cf-fields', 'weightDecay is below 1', ({ config }) => void (config['weightDecay'] = '3f800000')),
  refused('fan-in-negative', 'cf-fields', 'rateFanIn is not negative', ({ config }) => void (config['rateFanIn'] = 'bf800000')),
  refused('learn-from-half', 'cf-fields', 'learnFrom is whole', ({ config }) => void (config['learnFrom'] = 0.5)),
  refused(
    'learn-from-beyond',
    'cf-fields',
    'learnFrom is at most 2^32 - 2',
    ({ config }) => void (config['learnFrom'] = 2 ** 32 - 1),
  ),
  refused(
    'end-number',
    'pr-requests',
    'end is true or false',
    ({ input }) => void ((input as Record<string, unknown>)['end'] = 1),
  ),
  refused(
    'begin-short',
    'pr-requests',
    'begin is a key',
    ({ input }) => void ((input as Record<string, unknown>)['begin'] = [1]),
  ),
  refused(
    'begin-beyond',
    'pr-requests',
    'begin is a key',
    ({ input }) => void ((input as Record<string, unknown>)['begin'] = [0, 2 ** 32]),
  ),
  refused('mask-nan', 'pr-answers', 'a mask holds 0 and 1 alone', ({ input }) => setBits(input['mask']!, '7fc00000')),
  refused('mask-negative', 'pr-answers', 'a mask holds 0 and 1 alone', ({ input }) => setBits(input['mask']!, 'bf800000')),
  refused(
    'run-of-nothing',
    'pr-requests',
    'a run has one input or more',
    (body) => void Object.assign(body, { op: 'run', inputs: [] }),
  ),
  refused('run-later-mask', 'pr-answers', 'a run that is refused at one step is refused as a whole', (body) => {
    const { x, mask } = body.input
    Object.assign(body, {
      op: 'run',
      inputs: [
        { x, mask },
        { x, mask: { ...mask!, x: `3f000000${mask!.x.slice(8)}` } },
      ],
    })
  }),
  refused('run-beyond-time', 'st-carried', 'no step of a run begins beyond 2^53 - 2', (body) => {
    body.state['t'] = 2 ** 53 - 2
    Object.assign(body, { op: 'run', inputs: [body.input, body.input] })
  }),
  refused(
    'weights-unknown',
    'wt-shapes',
    'a weight is one of W, E, M, V, U, b and c',
    ({ weights }) => void (weights['X_1'] = weights['W_1']!),
  ),
]

export const invalid = {
  invalid: { about: 'Requests that have to be refused', entries: [...entries, ...missing] },
  malformed: { about: 'Requests that are not well formed, and one thing out of range at a time', spec: '0.2.0', entries: exact },
} as const
