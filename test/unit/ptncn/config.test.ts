import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { PtncnError, show } from '../../../src/errors.js'
import { ACTIVATIONS } from '../../../src/numeric/activation.js'
import {
  config,
  CONFIG_FIELDS,
  FIRST_FIELDS,
  LATER_FIELDS,
  online,
  layerCount,
  paper,
  profiles,
  released,
  specOf,
  tuned,
  writtenFields,
  type Config,
} from '../../../src/ptncn/config.js'
import { assertRefused, bitsOf, finite, fround } from '../support.js'

const UNITS = [3, 2]

test('[cf-released] the profile of the released code', () => {
  assert.deepEqual(released, {
    activation: 'tanh',
    output: 'softmax',
    hiddenPrediction: 'identity',
    topDownSignal: 'correction',
    errorRule: 'transposed',
    gamma: 1,
    presynaptic: 'corrected',
    beta: 0.1,
    alpha: 0.001,
    lambda: 0,
    passes: 1,
    biases: false,
    clip: 1,
    clipOrder: 'clip-mean',
    mean: 'all',
    optimizer: 'nesterov',
    rate: 0.075,
    momentum: 0.95,
    beta1: 0.9,
    beta2: 0.999,
    decay: 0.9,
    epsilon: 1e-8,
    update: 'step',
    maxNorm: 0,
    weightScale: 0.05,
    learnFrom: 1,
    correctionSignal: 'state',
    window: 0,
    errorStart: 'independent',
    weightDecay: 0,
    rateFanIn: 0,
  })
  assert.equal(profiles.released, released)
})

test('[cf-paper] the profile of the paper differs from the released one in five fields', () => {
  assert.deepEqual(paper, {
    ...released,
    hiddenPrediction: 'activation',
    topDownSignal: 'error',
    errorRule: 'temporal',
    presynaptic: 'uncorrected',
    maxNorm: 30,
  })
  assert.equal(profiles.paper, paper)
})

test('[cf-tuned] the tuned profile differs from the released one in five fields', () => {
  assert.deepEqual(tuned, { ...released, topDownSignal: 'error', biases: true, clip: 0, optimizer: 'adam', rate: 0.0003 })
  assert.equal(profiles.tuned, tuned)
})

test('[cf-later] the online profile is the tuned one with one rate for all widths, by fan-in, and E that begins as W transposed', () => {
  assert.deepEqual(online, { ...tuned, rate: 0.003, errorStart: 'transposed', rateFanIn: 32 })
  assert.equal(profiles.online, online)
})

test("[cf-fields] a configuration has every field: the profile's, and the given ones over it", () => {
  const made = config({ units: UNITS, optimizer: 'adam', beta: 0.5 }, 'paper')
  assert.deepEqual(Object.keys(made).sort(), [...CONFIG_FIELDS].sort())
  assert.deepEqual([made.optimizer, made.beta, made.errorRule, made.maxNorm], ['adam', 0.5, 'temporal', 30])
  assert.equal(config({ units: UNITS }).errorRule, 'transposed')
})

test('[cf-fields] every number is rounded to binary32 and -0 read as +0, but learnFrom counts', () => {
  const numbers = ['gamma', 'beta', 'alpha', 'lambda', 'clip', 'rate', 'momentum'] as const
  fc.assert(
    fc.property(fc.constantFrom(...numbers), fc.double({ min: -1e30, max: 1e30, noNaN: true }), (field, value) => {
      assert.equal(bitsOf(config({ units: UNITS, [field]: value })[field]), bitsOf(fround(value) + 0))
      assert.equal(config({ units: UNITS, [field]: value })[field], fround(value) + 0)
    }),
  )
  const made = config({ units: UNITS, learnFrom: 2 ** 24 + 1 })
  assert.deepEqual([made.learnFrom, made.beta2, made.epsilon], [2 ** 24 + 1, fround(0.999), fround(1e-8)])
})

test('[cf-fields] a configuration cannot be changed, and shares nothing with what was given', () => {
  const units = [3, 2]
  const made = config({ units })
  units[0] = 9
  assert.deepEqual(made.units, [3, 2])
  assert.ok(Object.isFrozen(made) && Object.isFrozen(made.units))
})

test('[cf-fields] a configuration is a configuration again', () => {
  fc.assert(
    fc.property(finite, fc.constantFrom('released', 'paper', 'tuned', 'online'), (gamma, profile) => {
      const made = config({ units: UNITS, gamma, epsilon: 1e-60 }, profile)
      assert.deepEqual(config(made), made)
    }),
  )
})

test('[cf-fields] L is one less than the units', () => {
  assert.equal(layerCount(config({ units: [5, 4, 3, 2] })), 3)
})

const FINITE = /a finite number/
const NOT_NEGATIVE = /a number >= 0/
const FRACTION = /a number from 0 to below 1/
const PASSES = /a whole number from 1 to 32767/
const LEARN_FROM = /a whole number from 0 to 4294967294/
const LIST = /a list of at least 2 whole numbers from 1 to 2\^24/

/** What no field of this kind may hold, beyond values of other types. */
const NOT_FINITE = [NaN, Infinity, -Infinity, 1e39, -3.5e38]
const NEGATIVE = [...NOT_FINITE, -1, -(2 ** -149)]
const NO_FRACTION = [...NEGATIVE, 1, 1 - 2 ** -26, 2]
const NOT_WHOLE = [...NEGATIVE, 0.5]

const OF_ANOTHER_TYPE = [undefined, null, '', '1', '0.5', [], [1], {}, true, 1n, Symbol('s'), () => 1, new Date(0)]
const NO_NAME = [
  undefined,
  null,
  '',
  'Tanh',
  'tanh ',
  'toString',
  '__proto__',
  'constructor',
  ['tanh'],
  {},
  0,
  true,
  'x'.repeat(1e5),
  'a\nb',
]
const choice = (...values: string[]) => [new RegExp(`one of ${values.join(', ')}`), NO_NAME, values] as const

/** For every field: what its error says is expected, what it refuses, and what it takes. */
const KINDS: Readonly<Record<keyof Config, readonly [RegExp, readonly unknown[], readonly unknown[]]>> = {
  units: [
    LIST,
    [
      undefined,
      null,
      3,
      '3,2',
      {},
      new Float32Array([3, 2]),
      [],
      [3],
      [3, 0],
      [3, -1],
      [3, 1.5],
      [3, NaN],
      [3, '2'],
      [3, null],
      [3, undefined],
      [3, 2 ** 24 + 1],
      [3, [2]],
      [3, 1n],
      Array(0x10001).fill(1),
    ],
    [[1, 1], [3, 2, 5], [2 ** 24, 1], Array(0x10000).fill(1)],
  ],
  activation: [
    /one of tanh, sigmoid, relu, relu6, ltanh, sign, step, identity, stochastic, or a function of a number/,
    NO_NAME,
    [...Object.keys(ACTIVATIONS), 'stochastic', (a: number) => a / 2],
  ],
  output: choice('softmax', 'sigmoid', 'identity'),
  hiddenPrediction: choice('identity', 'activation'),
  topDownSignal: choice('correction', 'error'),
  errorRule: choice('transposed', 'temporal'),
  gamma: [FINITE, NOT_FINITE, [0, -1, 3e38]],
  presynaptic: choice('corrected', 'uncorrected'),
  beta: [FINITE, NOT_FINITE, [0, -1, 2]],
  alpha: [FINITE, NOT_FINITE, [0, -1, 2]],
  lambda: [FINITE, NOT_FINITE, [0, -1, 2]],
  passes: [PASSES, [...NOT_WHOLE, 0, 0x8000], [1, 2, 0x7fff]],
  biases: [/true or false/, [undefined, null, 0, 1, 'true', '', [], {}], [true, false]],
  clip: [FINITE, NOT_FINITE, [0, -1, 2]],
  clipOrder: choice('clip-mean', 'mean-clip'),
  mean: choice('all', 'active'),
  optimizer: choice('sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'),
  rate: [FINITE, NOT_FINITE, [0, -1, 2]],
  momentum: [FINITE, NOT_FINITE, [0, -1, 2]],
  beta1: [FRACTION, NO_FRACTION, [0, -0, 0.5, 1 - 2 ** -24]],
  beta2: [FRACTION, NO_FRACTION, [0, 0.5, 1 - 2 ** -24]],
  decay: [FRACTION, NO_FRACTION, [0, 0.5, 1 - 2 ** -24]],
  epsilon: [NOT_NEGATIVE, NEGATIVE, [0, 1e-60, 1]],
  update: choice('step', 'sequence'),
  maxNorm: [NOT_NEGATIVE, NEGATIVE, [0, 30]],
  weightScale: [NOT_NEGATIVE, NEGATIVE, [0, 1]],
  learnFrom: [LEARN_FROM, [...NOT_WHOLE, 2 ** 32 - 1], [0, 1, 2 ** 32 - 2]],
  correctionSignal: choice('state', 'drive'),
  window: [FINITE, NOT_FINITE, [0, -1, 2]],
  errorStart: choice('independent', 'transposed'),
  weightDecay: [FRACTION, NO_FRACTION, [0, 0.5, 1 - 2 ** -24]],
  rateFanIn: [NOT_NEGATIVE, NEGATIVE, [0, 0.5, 32]],
}

test('[cf-fields] the fields are those of the configuration, and that is all', () => {
  assert.deepEqual([...CONFIG_FIELDS].sort(), [...Object.keys(released), 'units'].sort())
  assert.deepEqual(Object.keys(KINDS).sort(), [...CONFIG_FIELDS].sort())
})

for (const [field, [expected, refused, taken]] of Object.entries(KINDS)) {
  test(`[cf-fields] ${field}: what it refuses, and what it takes`, () => {
    const isNumber = typeof taken[0] === 'number'
    for (const value of [...refused, ...(isNumber ? OF_ANOTHER_TYPE : [])]) {
      const given = { units: UNITS, [field]: value } as unknown as Config
      assertRefused(() => config(given), { name: 'ConfigError', what: field, expected, got: show(value) })
    }
    for (const value of taken) config({ units: UNITS, [field]: value } as unknown as Config)
  })
}

test('[cf-later] of the later fields those at their default are not written, and the version is the first that has the others', () => {
  const plain = config({ units: UNITS }, 'paper')
  assert.deepEqual([...writtenFields(plain), ...LATER_FIELDS], CONFIG_FIELDS)
  assert.equal(specOf(plain), '0.1.0')
  for (const [field, value] of [
    ['correctionSignal', 'drive'],
    ['window', 0.5],
    ['errorStart', 'transposed'],
    ['weightDecay', 0.1],
    ['rateFanIn', 32],
  ] as const) {
    const other = config({ units: UNITS, [field]: value })
    assert.deepEqual(writtenFields(other), [...FIRST_FIELDS, field])
    assert.equal(specOf(other), '0.2.0')
  }
})

test('[cf-fields] a list of units with a gap is refused', () => {
  for (const units of [Array<number>(3), [4, , 3] as number[]]) {
    assertRefused(() => config({ units }), { name: 'ConfigError', what: 'units', expected: LIST, got: show(units) })
  }
})

const UNKNOWN = [
  ['Beta', '"Beta"'],
  ['', '""'],
  ['toString', '"toString"'],
  ['constructor', '"constructor"'],
  ['a\nb', '"a?b"'],
  ['x'.repeat(1e5), `"${'x'.repeat(59)}...`],
] as const

test('[cf-fields] a field that there is not is refused by name, with the list of those there are', () => {
  const assertUnknown = (given: unknown, shown: string): void =>
    assert.throws(
      () => config(given as Config),
      (error) => {
        assert.ok(error instanceof PtncnError)
        assert.equal(error.name, 'ConfigError')
        assert.equal(error.message, `${shown} is no field of the configuration; the fields are ${CONFIG_FIELDS.join(', ')}`)
        return true
      },
    )
  for (const [field, shown] of UNKNOWN) assertUnknown({ units: UNITS, [field]: 1 }, shown)
  assertUnknown(JSON.parse('{"units": [3, 2], "__proto__": {"beta": 9}}'), '"__proto__"')
})

test('[cf-fields] what is no record, and a profile that there is not, are refused', () => {
  for (const wrong of [undefined, null, 3, 'text', true, () => 1]) {
    const refusal = { name: 'ConfigError', what: 'config', expected: /a record of fields/, got: show(wrong) } as const
    assertRefused(() => config(wrong as unknown as Config), refusal)
  }
  for (const wrong of ['Paper', '', 'toString', '__proto__', null, 3]) {
    const refusal = {
      name: 'ConfigError',
      what: 'profile',
      expected: /one of released, paper, tuned, online/,
      got: show(wrong),
    } as const
    assertRefused(() => config({ units: UNITS }, wrong as 'paper'), refusal)
  }
  assertRefused(() => config([] as unknown as Config), { name: 'ConfigError', what: 'units', expected: LIST, got: 'undefined' })
})

test('[cf-fields] a prototype gives no fields', () => {
  const given = Object.assign(Object.create({ beta: 9, unknown: 1 }) as object, { units: UNITS })
  assert.equal(config(given as { units: number[] }).beta, fround(0.1))
})
