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

export const invalid = { invalid: { about: 'Requests that have to be refused', entries: [...entries, ...missing] } }
