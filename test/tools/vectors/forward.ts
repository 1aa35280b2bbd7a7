/** Vectors of A1 to C4. */

import { ACTIVATIONS } from '../../../src/numeric/activation.js'
import type { Entry, Plan } from './build.js'

const tiny = 2 ** -149
const each = <Value>(values: readonly Value[], make: (value: Value, i: number) => Entry): readonly Entry[] => values.map(make)

/** One layer whose a_1 are the numbers of a row: x[t-1] is 1, and M_1 holds them. V and E are nothing. */
const rowOf = (values: readonly number[], config: Plan['config'] = {}): Plan => ({
  rows: 1,
  config: { units: [1, values.length], output: 'identity', beta: 0, ...config },
  tensors: { 'x[t-1]': [[1]], M_1: [values], V_1: values.map(() => values.map(() => 0)), 'y_1[t-1]': [values.map(() => 0)] },
})

const advance: readonly Entry[] = [
  ...each(
    [
      [3, 2],
      [3, 2, 4],
      [2, 3, 4, 2],
      [2, 3, 2, 4, 3],
    ],
    (units) => ({
      id: `advance-${units.length - 1}-layers`,
      equations: 'A1',
      plan: { config: { units } },
      why: 'M, U and V are not square: a transposed factor, or a neighbour on the wrong side, does not fit or gives other numbers',
    }),
  ),
  {
    id: 'advance-square',
    equations: 'A1',
    plan: { config: { units: [3, 3, 3] } },
    why: 'where all is square, a transposed factor has the right shape and the wrong numbers',
  },
  { id: 'advance-biases', equations: 'A1 P1', plan: { config: { biases: true } }, why: 'b is added last, and to each row' },
  {
    id: 'advance-order',
    equations: 'A1',
    flags: 'order',
    plan: { numbers: 'coarse', size: 1e7, config: { units: [5, 4, 3], output: 'identity', activation: 'sign' } },
    why: 'large halves cancel: parts that are not completed before they are added give other numbers',
  },
  {
    id: 'advance-wide',
    equations: 'A1',
    flags: 'order',
    plan: { rows: 1, config: { units: [9, 8], biases: true } },
    why: 'nine terms in ascending order, rounded one by one: blocks, trees and fused operations show',
  },
  {
    id: 'advance-subnormal',
    equations: 'A1',
    flags: 'subnormal',
    plan: { numbers: 'special', size: 1e-19 },
    why: 'products below 2^-126 must be kept, not flushed',
  },
  {
    id: 'advance-minus-zero',
    equations: 'A1',
    flags: 'minus-zero',
    plan: {
      rows: 1,
      config: { units: [1, 2], activation: 'identity', output: 'identity' },
      tensors: {
        'x[t-1]': [[-0]],
        M_1: [[1, -1]],
        'y_1[t-1]': [[-0, 0]],
        V_1: [
          [1, 1],
          [1, 1],
        ],
      },
    },
    why: 'a sum starts at +0, so +0 + -0 is +0, and a is never -0',
  },
  {
    id: 'advance-from-zero',
    equations: 'A1 st-start',
    flags: 'start weak',
    plan: { begin: [0] },
    why: 'a sequence begins with states of +0, whatever the request carries',
  },
  {
    id: 'advance-padding',
    equations: 'A1',
    flags: 'mask',
    plan: { masks: [[0, 1]] },
    why: 'A1 has no mask: padding rows advance as well',
  },
]

const EDGES = [
  0,
  -0,
  tiny,
  -tiny,
  2 ** -127,
  0.624999,
  0.625,
  -0.625,
  1,
  -1,
  6,
  6.0000005,
  8.5,
  -8.5,
  20,
  -20,
  87,
  -88,
  104,
  -110,
]

const activations: readonly Entry[] = [
  ...each([...Object.keys(ACTIVATIONS), 'stochastic'] as (keyof typeof ACTIVATIONS)[], (activation) => ({
    id: `activation-${activation}`,
    equations: 'A2 C3',
    plan: { config: { activation, beta: 0.5 } },
    why: 'f is applied to a in A2, and again to the corrected a in C3',
  })),
  ...each([...Object.keys(ACTIVATIONS), 'stochastic'] as (keyof typeof ACTIVATIONS)[], (activation) => ({
    id: `activation-${activation}-edges`,
    equations: 'A2 C3',
    flags: 'minus-zero subnormal saturation',
    plan: rowOf(EDGES, { activation, lambda: 0.5 }),
    why: 'zeros of both signs, subnormals, both sides of 0.625 and of 6, and the far ends of exp',
  })),
  {
    id: 'activation-stochastic-wide',
    equations: 'A2 C3',
    plan: { rows: 3, config: { units: [2, 9, 5], activation: 'stochastic', passes: 2, hiddenPrediction: 'activation' }, t: 3 },
    why: 'unit, row, level, pass and t are in the counter; four units share one',
  },
  {
    id: 'activation-stochastic-late',
    equations: 'A2 C3',
    plan: { config: { activation: 'stochastic' }, t: 2 ** 32 + 5 },
    why: 'the counter has t modulo 2^32',
  },
  {
    id: 'activation-stochastic-key',
    equations: 'A2 C3',
    plan: { config: { activation: 'stochastic', units: [2, 6] }, key: [0xffffffff, 0x80000000] },
    why: 'keys are unsigned words',
  },
]

const LOGITS = [3, -2, 0.5, 3, -104, 88, 0]

/** One hidden unit that is 1, and W_1 holds the logits. */
const logitsOf = (values: readonly number[], output: 'softmax' | 'sigmoid' | 'identity', more: Plan['config'] = {}): Plan => ({
  rows: 1,
  config: { units: [values.length, 1], output, activation: 'step', beta: 0, ...more },
  tensors: { W_1: [values] },
})

const OUTPUTS = ['softmax', 'sigmoid', 'identity'] as const

const predict: readonly Entry[] = [
  ...each(OUTPUTS, (output) => ({
    id: `predict-${output}`,
    equations: 'P1',
    plan: { config: { output } },
    why: 'the output function stands at level 0 alone',
  })),
  ...each(OUTPUTS, (output) => ({
    id: `predict-${output}-edges`,
    equations: 'P1',
    flags: 'saturation',
    plan: logitsOf(LOGITS, output),
    why: 'softmax takes away the largest element first, and sums in four lanes',
  })),
  ...each(OUTPUTS, (output) => ({
    id: `predict-${output}-biases`,
    equations: 'P1',
    plan: { config: { output, biases: true } },
    why: 'c is added to each row before the function',
  })),
  { id: 'predict-softmax-one', equations: 'P1', plan: { config: { units: [1, 2] } }, why: 'the softmax of one element is 1' },
  {
    id: 'predict-softmax-ties',
    equations: 'P1 S4',
    plan: logitsOf([2, 2, 2, 2, 2], 'softmax'),
    why: 'equal elements: five times the same quotient; the first counts as the largest',
  },
  {
    id: 'predict-softmax-lanes',
    equations: 'P1',
    flags: 'order',
    plan: logitsOf([0.1, 0.7, -0.3, 0.9, 1.1, -0.8, 0.2, 0.3, 0.05], 'softmax'),
    why: 'the sum has four lanes, combined in pairs',
  },
  {
    id: 'predict-softmax-far',
    equations: 'P1 S1',
    flags: 'saturation',
    plan: logitsOf([0, 200, -300], 'softmax'),
    why: 'exp of a difference below -104 is +0, and the loss then reads 1e-8',
  },
  {
    id: 'predict-sigmoid-far',
    equations: 'P1 S2',
    flags: 'saturation',
    plan: logitsOf([200, -200, 30, -30], 'sigmoid'),
    why: 'p is 1 or 0: both logarithms of the loss read 1e-8',
  },
  ...each(['tanh', 'relu', 'sign', 'stochastic'] as const, (activation) => ({
    id: `predict-hidden-${activation}`,
    equations: 'P1 C1',
    plan: { config: { units: [2, 3, 2, 2], activation, hiddenPrediction: 'activation' as const } },
    why: 'f stands at the hidden levels, and the output function at level 0',
  })),
  {
    id: 'predict-not-seen',
    equations: 'P1',
    plan: { config: { passes: 3, beta: 0.5 } },
    why: 'the prediction is that of pass 1, not that of the last pass',
  },
]

const correct: readonly Entry[] = [
  ...each(
    [
      [1, 1, 1],
      [1, 0, 1],
      [0, 0, 0],
    ],
    (mask) => ({
      id: `correct-mask-${mask.join('')}`,
      equations: 'C1 C4',
      flags: mask.includes(1) ? 'mask' : 'mask weak',
      plan: { masks: [mask] },
      why: 'e and d are 0 in padding rows, with the sign of the difference; C2 and C3 go on there',
    }),
  ),
  ...each([0, 0.25, -0.5, 1], (alpha) => ({
    id: `correct-alpha-${alpha}`,
    equations: 'C2',
    plan: { config: { units: [3, 2, 2, 2], alpha } },
    why: 'alpha e_l is taken away at every layer but the top',
  })),
  ...each([0, 0.125, -0.3], (lambda) => ({
    id: `correct-lambda-${lambda}`,
    equations: 'C2',
    ...(lambda !== 0 && { flags: 'weak' }),
    plan: { config: { lambda }, numbers: 'coarse' as const },
    why: 'lambda times the sign of a, not of z, is added last',
  })),
  ...each([0, 0.5, -0.1, 2], (beta) => ({
    id: `correct-beta-${beta}`,
    equations: 'C3',
    plan: { config: { beta } },
    why: 'beta h is taken away from a, not from z',
  })),
  ...each([2, 3], (passes) => ({
    id: `correct-passes-${passes}`,
    equations: 'P1 C1 C2 C3',
    flags: 'weak',
    plan: { config: { passes, beta: 0.5, lambda: 0.1 } },
    why: 'each pass starts from the a and z of the one before; p and e of the learning rules are those of pass 1',
  })),
  {
    id: 'correct-lambda-zero',
    equations: 'C2',
    flags: 'minus-zero',
    plan: {
      rows: 1,
      config: { units: [1, 2], activation: 'identity', output: 'identity' },
      tensors: {
        E_1: [[-0, 0]],
        M_1: [[0, 0]],
        V_1: [
          [0, 0],
          [0, 0],
        ],
      },
    },
    why: 'the term with lambda is there also where lambda is 0: -0 + 0 is +0',
  },
  {
    id: 'correct-subnormal',
    equations: 'C1 C2 C3 C4',
    flags: 'subnormal',
    plan: { numbers: 'special', size: 1e-38, config: { output: 'identity', activation: 'identity' } },
    why: 'differences below 2^-126 must be kept',
  },
  {
    id: 'correct-minus-zero-padding',
    equations: 'C1 C4',
    flags: 'mask minus-zero',
    plan: { masks: [[0, 0]], config: { output: 'identity' } },
    why: 'a negative difference times a mask of 0 is -0',
  },
  {
    id: 'correct-four-layers',
    equations: 'C1 C2 C3 C4',
    plan: { config: { units: [2, 3, 2, 3, 2], alpha: 0.5 } },
    why: 'the error of level l - 1 goes up, that of level l holds back',
  },
  {
    id: 'correct-sign-of-zero',
    equations: 'C2',
    flags: 'minus-zero',
    plan: rowOf([0, -0, tiny, -tiny, 1, -1], { lambda: 0.5, activation: 'identity' }),
    why: 'the sign of a zero is +0, that of the smallest number is 1',
  },
]

/** Nothing here is about learning, so nothing learns. */
const inferring = (entries: readonly Entry[]): readonly Entry[] =>
  entries.map((entry) => ({ ...entry, plan: { train: false, ...entry.plan } }))

export const forward = {
  advance: { about: 'A1: what drives each layer', entries: inferring(advance) },
  activations: { about: 'A2, and f in C3', entries: inferring(activations) },
  predict: { about: 'P1: logits, output functions, hidden predictions', entries: inferring(predict) },
  correct: { about: 'C1 to C4: errors, corrections, passes, masks', entries: inferring(correct) },
}
