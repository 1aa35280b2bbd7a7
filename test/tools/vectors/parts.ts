/** Functions by themselves, initial weights and checkpoints, and requests for them that have to be refused. [pr-parts] */

import { PART_MISUSES } from '../../../src/conform/parts/misuse.js'
import { hexOf } from '../../../src/conform/parts/answer.js'
import { FUNCTIONS } from '../../../src/conform/parts/functions.js'
import { diceOf } from '../../../src/conform/dice.js'
import { encodeConfig, type Fields, type Part } from '../../../src/conform/port/wire.js'
import { nest } from '../../../src/conform/scenario.js'
import { encodeCheckpoint } from '../../../src/io/checkpoint.js'
import { digitsOf, numbersOf } from '../../../src/numeric/bits.js'
import { keyOf } from '../../../src/numeric/random.js'
import { config, type Config } from '../../../src/ptncn/config.js'
import { scenarioOf, type Entry, type Plan } from './build.js'

type Json = Fields[string]

const tensor = (...rows: readonly (readonly number[])[]): Json => ({
  s: [rows.length, rows[0]!.length],
  x: digitsOf(rows.flat()),
})
const bits = (...digits: readonly string[]): readonly number[] => digits.map((one) => numbersOf(one)[0]!)

const ofNumbers = (id: string, name: string, why: string, ...rows: readonly (readonly number[])[]): Entry => ({
  ...{ id: `function-${id}`, equations: FUNCTIONS[name]!.clause, why },
  part: { op: 'function', name, x: tensor(...rows) },
})
const ofWords = (id: string, name: string, why: string, ...words: readonly number[]): Entry => ({
  ...{ id: `function-${id}`, equations: FUNCTIONS[name]!.clause, why },
  part: { op: 'function', name, words },
})

const { NaN: none, POSITIVE_INFINITY: endless } = Number
const NUMBERS = [
  -endless,
  -200,
  -20,
  -3.5,
  -1,
  -0.3,
  -(2 ** -149),
  -0,
  0,
  2 ** -149,
  2 ** -127,
  0.3,
  1,
  3.5,
  20,
  200,
  endless,
  none,
]
const LAST = 2 ** 32 - 1

const functions: readonly Entry[] = [
  ofNumbers('exp', 'exp', 'a library exp has other last bits; NaN and both ends', NUMBERS),
  ofNumbers('exp-ends', 'exp', 'overflow, subnormal results, and the clamp at -104 and 89 one number too early', [
    ...bits('42b17217', '42b17218', '42b20000', 'c2aeac4f', 'c2aeac50', 'c2cff1b4', 'c2cff1b5', 'c2d00000'),
  ]),
  ofNumbers('log', 'log', 'zeros, negative numbers, subnormals not multiplied by 2^23 first', NUMBERS),
  ofNumbers('log-sqrt-half', 'log', 'the exponent is split at another place than sqrt(1/2)', [
    ...bits(
      '3f3504f2',
      '3f3504f3',
      '3f3504f4',
      '3fb504f3',
      '3fb504f4',
      '3f7fffff',
      '3f800001',
      '00800000',
      '007fffff',
      '7f7fffff',
    ),
  ]),
  ofNumbers('tanh', 'tanh', 'the sign of -0, and both ends', NUMBERS),
  ofNumbers('tanh-0.625', 'tanh', 'the two formulas meet at another place than 0.625', [
    ...bits('3f1fffff', '3f200000', 'bf1fffff', 'bf200000', '3f200001'),
  ]),
  ofNumbers(
    'sigmoid',
    'sigmoid',
    '1 / (1 + exp(-x)) is used where x < 0, or exp overflows',
    NUMBERS,
    NUMBERS.map((x) => x / 2),
  ),
  ofNumbers(
    'softmax-lanes',
    'softmax',
    'the sum is not of four lanes, or the largest is not subtracted',
    [1, -2, 3, 5.5, 5, 0.1, 7, -0.5, 4.5],
    [90, 91, 92, 93, 80, 91.5, 92.5, 93.5, 93.4],
  ),
  ofNumbers(
    'softmax-ends',
    'softmax',
    'a NaN is not the largest, or minus infinity is none',
    [-endless, 0, 1],
    [none, 0, 1],
    [-endless, -endless, -endless],
    [endless, 0, 1],
  ),
  ...(['relu', 'relu6', 'sign', 'step'] as const).map((name) =>
    ofNumbers(name, name, 'NaN, -0 and the edges are treated as other numbers are', [...NUMBERS, 6, bits('40c00001')[0]!]),
  ),
  ofNumbers('ltanh', 'ltanh', 'the constants are not rounded to binary32, or the products are fused', NUMBERS),
  ofWords('philox-zeros', 'philox', 'another generator, another number of rounds', 0, 0, 0, 0, 0, 0),
  ofWords('philox-ones', 'philox', 'words that are signed, or products of less than 64 bits', LAST, LAST, LAST, LAST, LAST, LAST),
  ofWords('philox-order', 'philox', 'counter or key in another order', 1, 2, 3, 4, 5, 6),
  ...[0, 2 ** 32 + 7, 2 ** 53 - 1].map((seed) =>
    ofWords(`key-${seed}`, 'key', 'the words of a seed change places, or its upper half is lost', seed),
  ),
  ofWords('split', 'split', 'the last counter word of a split is 0, as of a draw', 1, 7, 2),
  ofWords('split-beyond', 'split', 'the upper half of the index is lost', 1, 7, 3 * 2 ** 32 + 2),
  ...[0, 3, 4, 2 ** 34 + 6, 2 ** 53 - 1].map((i) =>
    ofWords(`word-${i}`, 'word', 'words of a block change places, or the block is counted wrongly', 11, 12, i),
  ),
  ...[1, 10, LAST].map((n) => ofWords(`below-${n}`, 'below', 'a remainder is taken in place of the high word', n, 3, 4, 9)),
  ofWords('unit', 'unit', 'more than 24 bits, which round to 1', 0, 255, 256, 511, 2 ** 31, LAST - 255, LAST),
  ofWords(
    'normal',
    'normal',
    'another branch, half a step, or the sign of the tails',
    0,
    511,
    512,
    2 ** 31,
    2 ** 31 - 1,
    0x13333000,
    0x13333600,
    0xecccca00,
    0xeccccc00,
    LAST,
  ),
]

const initial = (id: string, why: string, seed: number, fields: Partial<Config> & Pick<Config, 'units'>): Entry => ({
  ...{ id: `init-${id}`, equations: 'wt-init', why },
  part: { op: 'init', config: encodeConfig(config(fields)) as Json, seed },
})

const initials: readonly Entry[] = [
  initial('2-layers', 'keys of matrices are split in another order: M and V change places, or U', 1, { units: [3, 4, 2] }),
  initial('3-layers-biases', 'biases are drawn, or take a key that moves the others', 7, { units: [2, 3, 5, 2], biases: true }),
  initial('seed-zero', 'a seed of 0 is taken for none', 0, { units: [2, 2] }),
  initial('seed-beyond', 'the upper half of the seed is lost', 5 * 2 ** 32 + 1, { units: [2, 3] }),
  initial('seed-last', 'the seed passes through a signed or a shorter number', 2 ** 53 - 1, { units: [5, 1] }),
  initial('transposed', 'E is drawn for itself although it begins as the transpose of W', 1, {
    units: [3, 4, 2],
    errorStart: 'transposed',
  }),
  initial('deviation', 'the deviation is left out, or the product is not rounded once', 3, { units: [7, 5], weightScale: 0.3 }),
]

const file = (id: string, why: string, plan: Plan, open: boolean): Entry => {
  const { config: settings, from } = scenarioOf(`checkpoint-${id}`, plan)
  const { state, model } = nest(settings, from)
  const bytes = hexOf(encodeCheckpoint({ config: settings, snapshot: open ? { ...model, state } : model }))
  return { ...{ id: `checkpoint-${id}`, equations: 'ck-format', why }, part: { op: 'checkpoint', bytes } }
}

const checkpoints: readonly Entry[] = [
  file(
    'closed',
    'names or shapes of tensors change places: M and V, or rows and columns',
    { config: { units: [3, 2, 2] } },
    false,
  ),
  file('open', 'the state of an open sequence is left out, or its time and key', { t: 2 ** 33 + 5, key: [LAST, 4] }, true),
  file(
    'adam-biases',
    'one of the moments, or those of biases, are left out',
    { config: { optimizer: 'adam', biases: true }, tensors: { power1: [[0.25]], power2: [[0.75]] } },
    false,
  ),
  file('sum', 'the sum of an open sequence is left out', { config: { update: 'sequence' }, summed: true }, true),
  file(
    'fields',
    'decimal numbers of the configuration do not come back to the same bits',
    { config: { gamma: 0.1, rate: 1.2345678e-7, alpha: 2 ** -149, lambda: 3e38, maxNorm: 16777216 } },
    false,
  ),
  file(
    'later',
    'fields of 0.2.0 are dropped, or the version is not theirs',
    { config: { correctionSignal: 'drive', window: 0.5, weightDecay: 0.01 } },
    false,
  ),
  file('bits', 'tensors pass through decimal numbers: -0 and subnormals', { numbers: 'special' }, true),
]

const BASES: Readonly<Record<Part, Fields>> = {
  init: initials[0]!.part!,
  function: functions[0]!.part!,
  checkpoint: checkpoints[1]!.part!,
}
const WORDS = functions.find(({ id }) => id === 'function-split')!.part!

const refused = (Object.keys(BASES) as Part[]).flatMap((part) =>
  PART_MISUSES[part].map(({ id, clause, kind, spoil }): Entry => {
    const dice = diceOf(keyOf(1))
    const request = spoil(BASES[part], dice) ?? spoil(WORDS, dice)!
    const why = `a request for ${part === 'function' ? 'a function' : part} is answered although it has this wrong: ${id}`
    return { id: `${part}-${id}`, equations: clause, flags: 'invalid', why, request, kind }
  }),
)

export const parts = {
  functions: { about: 'Functions by themselves: elementary ones, units, random numbers', spec: '0.2.0', entries: functions },
  initial: { about: 'Initial weights of a configuration and a seed', spec: '0.2.0', entries: initials },
  checkpoints: { about: 'Checkpoints, read and written anew', spec: '0.2.0', entries: checkpoints },
  unparted: {
    about: 'Requests for functions, initial weights and checkpoints that have to be refused',
    spec: '0.2.0',
    entries: refused,
  },
} as const
