/**
 * Requests that are not as the kit usually sends them: some have to be refused, some have to be answered as ever. Each is a
 * valid request with one thing changed.
 */

import type { Dice } from './dice.js'
import type { ErrorKind } from './port/wire.js'

type Tensor = { s: unknown[]; x: unknown }
/** A request as JSON. */
export interface Body {
  op: unknown
  config: Record<string, unknown>
  weights: Record<string, Tensor>
  state: Record<string, unknown>
  optimizer: Record<string, unknown>
  input: Record<string, unknown>
  train?: unknown
  want?: unknown
  [more: string]: unknown
}

export interface Misuse {
  readonly id: string
  /** the clause that says so */
  readonly clause: string
  /** how it has to be refused */
  readonly kind: ErrorKind
  /** false where this request cannot be spoilt so */
  readonly spoil: (body: Body, dice: Dice) => boolean | void
}

const invalid = (id: string, clause: string, spoil: Misuse['spoil']): Misuse => ({ id, clause, kind: 'invalid', spoil })

const tensorsOf = (group: Record<string, unknown>): readonly string[] =>
  Object.entries(group)
    .filter(([, value]) => typeof value === 'object' && value !== null && !Array.isArray(value))
    .map(([name]) => name)

/** Other digits in place of one element. */
const poke = (tensor: Tensor, bits: string, dice: Dice): void => {
  const x = tensor.x as string
  const at = 8 * dice.whole(0, x.length / 8 - 1)
  tensor.x = x.slice(0, at) + bits + x.slice(at + 8)
}
const NOT_FINITE = ['7f800000', 'ff800000', '7fc00000', 'ffc00001', '7f800001'] as const

/** What of a state is not read where a sequence begins is not said to be wrong. */
const begins = ({ input }: Body): boolean => input['begin'] !== undefined

const notFinite = (group: 'weights' | 'state' | 'optimizer', clause: string): Misuse =>
  invalid(`${group}-not-finite`, clause, (body, dice) => {
    const names = begins(body) && group !== 'weights' ? [] : tensorsOf(body[group])
    if (names.length === 0) return false
    poke(body[group][dice.pick(names)] as Tensor, dice.pick(NOT_FINITE), dice)
  })

/** The same tensor with a column more, a row more, or its sides exchanged. */
const misshapen = (tensor: Tensor, dice: Dice): boolean => {
  const [rows, cols] = tensor.s as [number, number]
  const x = tensor.x as string
  const how = dice.pick(['row', 'column', 'turned'] as const)
  if (how === 'turned') {
    if (rows === cols) return false
    tensor.s = [cols, rows]
    return true
  }
  tensor.s = how === 'row' ? [rows + 1, cols] : [rows, cols + 1]
  tensor.x = x.padEnd(8 * (tensor.s[0] as number) * (tensor.s[1] as number), '0')
  return true
}

const anyTensor = (body: Body, dice: Dice): Tensor => {
  const groups = begins(body) ? (['weights', 'input'] as const) : (['weights', 'state', 'optimizer', 'input'] as const)
  const all = groups.flatMap((group) => tensorsOf(body[group]).map((name) => body[group][name] as Tensor))
  return dice.pick(all)
}

const field = (id: string, name: string, values: readonly unknown[]): Misuse =>
  invalid(`config-${id}`, 'cf-fields', ({ config }, dice) => {
    config[name] = dice.pick(values)
  })
const LATER = ['correctionSignal', 'window', 'errorStart', 'weightDecay', 'rateFanIn']

const ONE = '3f800000'
const [NEGATIVE, TOO_FAR] = [
  ['bf800000', '80000001', 'bdcccccd'],
  ['7f800000', 'ff800000', '7fc00000'],
]
const NO_WORD = [-1, 2 ** 32, 0.5, '0', null]

const CONFIG: readonly Misuse[] = [
  invalid(
    'config-unknown-field',
    'cf-fields',
    ({ config }, dice) => void (config[dice.pick(['gama', 'Beta', 'seed', 'id'])] = ONE),
  ),
  invalid('config-missing-field', 'cf-fields', ({ config }, dice) => {
    const first = Object.keys(config).filter((name) => !LATER.includes(name))
    delete config[dice.pick(first)]
  }),
  field('passes', 'passes', [0, -1, 1.5, 32768, '1', ONE, null]),
  field('first-step', 'learnFrom', [-1, 0.5, 2 ** 32 - 1, '1', null]),
  field('units', 'units', [[3], [], [3, 0], [3, 1.5], [3, -2], [3, '2'], 3, [3, 2 ** 24 + 1]]),
  field('biases', 'biases', [0, 1, 'true', null]),
  field('beta1', 'beta1', [ONE, ...NEGATIVE, ...TOO_FAR]),
  field('beta2', 'beta2', [ONE, ...NEGATIVE, ...TOO_FAR]),
  field('decay', 'decay', [ONE, ...NEGATIVE, ...TOO_FAR]),
  field('epsilon', 'epsilon', [...NEGATIVE, ...TOO_FAR]),
  field('max-norm', 'maxNorm', [...NEGATIVE, ...TOO_FAR]),
  field('weight-scale', 'weightScale', [...NEGATIVE, ...TOO_FAR]),
  field('weight-decay', 'weightDecay', [ONE, ...NEGATIVE, ...TOO_FAR]),
  field('fan-in', 'rateFanIn', [...NEGATIVE, ...TOO_FAR]),
  ...['gamma', 'beta', 'alpha', 'lambda', 'clip', 'rate', 'momentum'].map((name) => field(name, name, TOO_FAR)),
  field('number', 'rate', [0.075, '0.075', '3D99999A', '3d9999', null]),
  field('activation', 'activation', ['gelu', 'Tanh', 1, null]),
  ...['output', 'hiddenPrediction', 'topDownSignal', 'errorRule', 'presynaptic', 'clipOrder', 'mean', 'optimizer', 'update'].map(
    (name) => field(name, name, ['other', '', 1, null]),
  ),
]

const PARTS: readonly Misuse[] = [
  notFinite('weights', 'ar-finite'),
  notFinite('state', 'ar-finite'),
  notFinite('optimizer', 'ar-finite'),
  invalid('input-not-finite', 'ar-finite', ({ input }, dice) => poke(input['x'] as Tensor, dice.pick(NOT_FINITE), dice)),
  invalid('mask-other', 'pr-answers', ({ input }, dice) =>
    poke(input['mask'] as Tensor, dice.pick(['3f000000', 'bf800000', '40000000', '00000001', '7fc00000', '3f800001']), dice),
  ),
  invalid('weight-unknown', 'wt-shapes', ({ weights, config }, dice) => {
    const top = (config['units'] as number[]).length - 1
    weights[dice.pick([`U_${top}`, `W_${top + 1}`, 'W_0', 'X_1', `c_${top}`])] = weights['W_1']!
  }),
  invalid('weight-missing', 'wt-shapes', ({ weights }, dice) => {
    delete weights[dice.pick(Object.keys(weights))]
  }),
  invalid('state-unknown', 'st-carried', (body, dice) => {
    if (begins(body)) return false
    body.state[dice.pick(['y_0', 'z_99', 'h_1', 'mask'])] = body.state['x']
  }),
  invalid('state-missing', 'st-carried', (body, dice) => {
    const { state } = body
    if (begins(body)) return false
    delete state[dice.pick(Object.keys(state))]
  }),
  invalid('moment-unknown', 'op-state', ({ optimizer, weights }, dice) => {
    const name = dice.pick(['first.X_1', 'third.W_1', 'W_1', 'first.W_99'])
    optimizer[name] = weights['W_1']
  }),
  invalid('moment-of-another', 'op-state', ({ optimizer, weights }) => {
    const kept = ['first', 'second'].filter((name) => !(`${name}.W_1` in optimizer))
    if (kept.length === 0) return false
    for (const name of Object.keys(weights)) optimizer[`${kept[0]}.${name}`] = weights[name]
  }),
  invalid('moment-missing', 'op-state', (body, dice) => {
    const { optimizer } = body
    // the sums of a sequence that is left are forgotten, whether they come or not
    const names = Object.keys(optimizer).filter((name) => name.includes('.') && !(begins(body) && name.startsWith('sum.')))
    if (names.length === 0) return false
    delete optimizer[dice.pick(names)]
  }),
  invalid('power-missing', 'op-state', ({ optimizer }, dice) => {
    delete optimizer[dice.pick(['power1', 'power2'])]
  }),
  invalid('power-beyond', 'pr-requests', ({ optimizer }, dice) => {
    optimizer[dice.pick(['power1', 'power2'])] = dice.pick(['3f800001', 'bf000000', '7fc00000', '7f800000', 1, '3F000000'])
  }),
  invalid('sum-without-sequence', 'sq-update', (body) => {
    const { optimizer, weights, config } = body
    if (config['update'] !== 'step' || begins(body)) return false
    for (const [name, value] of Object.entries(weights)) optimizer[`sum.${name}`] = value
  }),
  invalid('tensor-misshapen', 'wt-shapes', (body, dice) => misshapen(anyTensor(body, dice), dice)),
  invalid('tensor-digits', 'pr-tensor', (body, dice) => {
    const tensor = anyTensor(body, dice)
    const x = tensor.x as string
    tensor.x = dice.pick([x.slice(1), `${x}00000000`, x.slice(8), `${x.slice(0, -1)}g`, `${x.slice(0, -1)}A`, 0, null])
  }),
  invalid('tensor-shape', 'pr-tensor', (body, dice) => {
    const tensor = anyTensor(body, dice)
    const [rows, cols] = tensor.s as [number, number]
    tensor.s = dice.pick([[rows], [rows, cols, 1], [String(rows), cols], [rows + 0.5, cols], [-rows, -cols], []])
  }),
  invalid('tensor-nothing', 'pr-tensor', ({ weights }, dice) => {
    weights[dice.pick(Object.keys(weights))] = dice.pick([null, 1, [], {}]) as Tensor
  }),
  invalid('time', 'pr-tensor', ({ state }, dice) => void (state['t'] = dice.pick([-1, 0.5, 2 ** 53 - 1, '1', null]))),
  invalid('key', 'pr-tensor', ({ state }, dice) => {
    const word = dice.pick(NO_WORD)
    state['key'] = dice.pick([[word, 0], [0, word], [0], [0, 0, 0], null, 0])
  }),
  invalid('begin', 'pr-requests', ({ input }, dice) => {
    const word = dice.pick(NO_WORD)
    input['begin'] = dice.pick([[word, 0], [0, word], [0], [0, 0, 0], 0, true])
  }),
  invalid('end', 'pr-requests', ({ input }, dice) => void (input['end'] = dice.pick([1, 'true', 0, null]))),
  invalid('train', 'pr-requests', (body, dice) => {
    const other = dice.pick([undefined, 1, 'true', null])
    if (other === undefined) delete body['train']
    else body['train'] = other
  }),
  invalid('rows', 'st-carried', ({ input, state }) => {
    if (input['begin'] !== undefined) return false
    const { s, x } = state['x'] as { s: [number, number]; x: string }
    input['x'] = { s: [s[0] + 1, s[1]], x: x + x.slice(0, 8 * s[1]) }
    input['mask'] = { s: [s[0] + 1, 1], x: ONE.repeat(s[0] + 1) }
  }),
]

/** A request of several steps that is refused as a whole. */
const RUNS: readonly Misuse[] = [
  invalid('run-of-nothing', 'pr-requests', (body) => {
    body['op'] = 'run'
    body['inputs'] = []
  }),
  invalid('run-later-mask', 'pr-answers', (body) => {
    const { input } = body
    const mask = input['mask'] as { s: number[]; x: string }
    body['op'] = 'run'
    body['inputs'] = [
      { x: input['x'], mask: input['mask'] },
      { x: input['x'], mask: { ...mask, x: `3f000000${mask.x.slice(8)}` } },
    ]
  }),
  invalid('run-later-input', 'pr-answers', (body) => {
    const { input } = body
    body['op'] = 'run'
    body['inputs'] = [{ x: input['x'], mask: input['mask'] }, { x: input['x'] }]
  }),
]

const OTHER: readonly Misuse[] = [
  invalid('want-other', 'pr-requests', (body, dice) => void (body['want'] = dice.pick(['all', '', null, true]))),
  {
    id: 'unknown-operation',
    clause: 'pr-answers',
    kind: 'unsupported',
    spoil: (body, dice) => void (body['op'] = dice.pick(['learn', 'Step', ''])),
  },
]

/** Every misuse of a request for a step. */
export const MISUSES: readonly Misuse[] = [...CONFIG, ...PARTS, ...RUNS, ...OTHER]
