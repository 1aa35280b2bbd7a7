/** Vectors that catch what older ones only said they did, and numbers that are not round. */

import type { Entry, Plan } from './build.js'
import { edgeKey, equalDraws, halfway, narrowDraws } from './edges.js'

const two = [
  [1, 1],
  [1, 1],
]

/** One layer whose a_1 are the numbers of a row; see rowOf of forward.ts. */
const rowOf = (values: readonly number[], config: Plan['config'] = {}): Plan => ({
  rows: 1,
  config: { units: [1, values.length], output: 'identity', beta: 0, ...config },
  tensors: { 'x[t-1]': [[1]], M_1: [values], V_1: values.map(() => values.map(() => 0)), 'y_1[t-1]': [values.map(() => 0)] },
})

const sharper: readonly Entry[] = [
  ...[1.75, -2.5].map((gamma): Entry => ({
    id: `clip-twice-gamma-${gamma}`,
    equations: 'L2 O1',
    flags: 'clip-edge',
    plan: { rows: 3, config: { clip: 0.05, gamma } },
    why: 'dE is clipped in L2 as q, and by O1 once more: with |gamma| above 1 the two differ',
  })),
  ...(['correction', 'error'] as const).flatMap((topDownSignal) =>
    (['transposed', 'temporal'] as const).map((errorRule): Entry => ({
      id: `passes-learn-${topDownSignal}-${errorRule}`,
      equations: 'L1 L2 L6',
      plan: {
        rows: 3,
        config: { units: [3, 2, 2], passes: 3, beta: 0.5, topDownSignal, errorRule, biases: true, optimizer: 'sgd' },
      },
      why: 'with more passes than one the learning rules read the e of pass 1, not that of the last',
    })),
  ),
  {
    id: 'mask-000-goes-on',
    equations: 'C2 C3',
    flags: 'mask',
    plan: { masks: [[0, 0, 0]], numbers: 'coarse', train: false, config: { lambda: 0.25, alpha: 0.5, passes: 2 } },
    why: 'where all rows are padding C2 and C3 go on: the term with lambda moves a there',
  },
  ...[0.125, -0.3].map((lambda): Entry => ({
    id: `lambda-sign-of-drive-${lambda}`,
    equations: 'C2',
    plan: { rows: 2, train: false, config: { lambda, activation: 'sigmoid', alpha: 0.37, passes: 2, units: [3, 4, 2] } },
    why: 'the sign is that of a, which a sigmoid makes positive; and the term with lambda is added last',
  })),
  {
    id: 'score-sigmoid-terms-rounded',
    equations: 'S2',
    plan: { seed: 8, rows: 2, train: false, config: { units: [9, 2], output: 'sigmoid' } },
    why: 'the sum of the two terms of an element is rounded before it goes into its lane',
  },
  {
    id: 'score-ties-of-input',
    equations: 'S4',
    plan: {
      rows: 2,
      train: false,
      config: { units: [4, 1], activation: 'step' },
      tensors: {
        W_1: [[2, 1, 2, 1]],
        ...{
          'x[t-1]': [
            [1, 1, 1, 1],
            [1, 1, 1, 1],
          ],
          M_1: [[1], [1], [1], [1]],
          V_1: [[0]],
        },
        x: [
          [0, 0, 1, 0],
          [1, 0, 1, 0],
        ],
      },
    },
    why: 'of equal largest elements the first counts, in p and in x: the last would make the first row correct',
  },
  ...[3, 0.25].map((scale): Entry => ({
    id: `project-edge-${scale}`,
    equations: 'O4',
    flags: 'clip-edge',
    plan: {
      rows: 1,
      config: { units: [2, 4], optimizer: 'sgd', rate: 0, maxNorm: 5 * scale },
      tensors: {
        W_1: [
          [3 * scale, 4 * scale],
          [3 * scale, 4.0000005 * scale],
          [3 * scale, 3.9999998 * scale],
          [5 * scale, 0],
        ],
      },
    },
    why: 'a row of exactly maxNorm stays, the one a step above it is projected, the one below it stays',
  })),
  {
    id: 'begin-from-anything',
    equations: 'sq-start st-start A1 L2',
    flags: 'start',
    plan: {
      begin: [1],
      masks: [...two, [1, 1]],
      config: { errorRule: 'temporal', presynaptic: 'uncorrected', learnFrom: 0, optimizer: 'sgd' },
    },
    why: 'a beginning in the middle of a run forgets x, y, z, d and t: all of them show in its first step',
  },
  {
    id: 'begin-key-zero',
    equations: 'sq-start ar-stochastic',
    flags: 'start',
    plan: {
      begin: [1],
      masks: two,
      key: [5, 6],
      zeroKeys: true,
      config: { activation: 'stochastic', output: 'sigmoid', units: [2, 9] },
    },
    why: 'the key [0,0] is a key as any other: the sequence begins with it',
  },
  {
    id: 'key-zero',
    equations: 'ar-stochastic A2',
    plan: { key: [0, 0], train: false, config: { activation: 'stochastic', units: [2, 9] } },
    why: 'the key [0,0] is drawn from',
  },
  {
    id: 'begin-other-rows',
    equations: 'sq-start',
    flags: 'start mask',
    plan: { begin: [0, 2], masks: [[1, 0, 1], [1, 1, 1], [1], [1]], rows: 2, config: { mean: 'active' } },
    why: 'a sequence may have other rows than the one before it, and than the state that came in',
  },
  {
    id: 'mask-minus-zero-counted',
    equations: 'O2 S1 S4 C4',
    flags: 'mask minus-zero',
    plan: { masks: [[1, -0, 1, -0]], config: { mean: 'active', optimizer: 'sgd' } },
    why: 'a mask of -0 is padding: it is not counted, and not scored',
  },
  {
    id: 'moments-powers-later',
    equations: 'op-state O3',
    plan: { config: { optimizer: 'adam', beta1: 0.8125, beta2: 0.96875 }, tensors: { power1: [[0.3]], power2: [[0.7]] } },
    why: 'the powers that came in are multiplied, not begun anew',
  },
  {
    id: 'sum-came-in',
    equations: 'sq-update',
    plan: { summed: true, masks: [[1, 1]], config: { update: 'sequence', optimizer: 'sgd' } },
    why: 'a sum that came in is added to, at the first step of the request already',
  },
  {
    id: 'sum-ends-without-learning',
    equations: 'sq-update O3',
    flags: 'end',
    plan: { summed: true, end: [0], t: 3, masks: [[1, 1]], config: { update: 'sequence', optimizer: 'momentum', learnFrom: 9 } },
    why: 'where a sequence ends with a step that does not learn, O3 acts with the sum that came in',
  },
  {
    id: 'learn-subnormal-biases',
    equations: 'L6',
    flags: 'subnormal',
    plan: {
      rows: 2,
      config: { units: [2, 2], output: 'identity', biases: true, optimizer: 'sgd' },
      tensors: {
        W_1: [
          [0, 0],
          [0, 0],
        ],
        c_0: [[0, 0]],
        x: [
          [1e-40, -3e-41],
          [2e-41, -4e-41],
        ],
      },
    },
    why: 'the sum of e_0 over the rows is subnormal, and c_0 learns from it',
  },
  {
    id: 'saturate-p1-logits',
    equations: 'ar-finite P1',
    flags: 'saturation',
    plan: {
      rows: 1,
      config: { units: [1, 1], activation: 'identity', output: 'sigmoid', optimizer: 'sgd' },
      tensors: { 'x[t-1]': [[10]], 'y_1[t-1]': [[0]], M_1: [[1]], V_1: [[0]], W_1: [[3e38]], E_1: [[0]], x: [[1]] },
    },
    why: 'an infinite logit stops nothing where the sigmoid makes it 1',
  },
  {
    id: 'saturate-c2',
    equations: 'ar-finite C2 C3',
    flags: 'saturation',
    plan: {
      rows: 1,
      config: { units: [1, 1], activation: 'tanh', output: 'identity', optimizer: 'sgd', beta: 1, clip: 0 },
      tensors: { 'x[t-1]': [[0.5]], 'y_1[t-1]': [[0]], M_1: [[1]], V_1: [[0]], W_1: [[0]], E_1: [[3e38]], x: [[-100]] },
    },
    why: 'an infinite h stops nothing where tanh makes it -1',
  },
]

const odd = 0.123456789
const numbers: readonly Entry[] = [
  ...(['sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'] as const).flatMap((optimizer): Entry[] => [
    {
      id: `numbers-${optimizer}-negative-rate`,
      equations: 'O3',
      plan: { config: { optimizer, rate: -0.0731234, momentum: -0.8765432 } },
      why: 'rate and momentum may be negative',
    },
    {
      id: `numbers-${optimizer}-large`,
      equations: 'O3',
      plan: {
        config: { optimizer, rate: 1.3456789, momentum: 1.2345678, decay: 0.7654321, beta1: 0.6543217, beta2: 0.98765432 },
      },
      why: 'rate and momentum may be above 1, and all bits of a field count',
    },
  ]),
  ...(['adam', 'rmsprop'] as const).map((optimizer): Entry => ({
    id: `numbers-${optimizer}-epsilon-0`,
    equations: 'O3',
    plan: { rows: 3, config: { optimizer, epsilon: 0, units: [3, 2] }, tensors: { power1: [[0.5]], power2: [[0.25]] } },
    why: 'epsilon may be 0, and is then no default',
  })),
  ...[1.2345678, -1.7654321, odd].flatMap((gamma) =>
    (['transposed', 'temporal'] as const).map((errorRule): Entry => ({
      id: `numbers-gamma-${gamma}-${errorRule}`,
      equations: 'L2',
      plan: { config: { gamma, errorRule, clip: 0, optimizer: 'sgd' } },
      why: 'gamma is any number: of any size and sign, with all of its bits',
    })),
  ),
  ...[-odd, 1.8765432].map((value): Entry => ({
    id: `numbers-settling-${value}`,
    equations: 'C2 C3',
    plan: { train: false, config: { units: [3, 2, 2], alpha: value, beta: value, lambda: value, passes: 2 } },
    why: 'alpha, beta and lambda are any numbers: of any size and sign, with all of their bits',
  })),
  {
    id: 'numbers-small-limits',
    equations: 'O1 O4 L2',
    flags: 'clip-edge',
    plan: { config: { clip: 0.0041234567, maxNorm: 0.071234567, optimizer: 'sgd' } },
    why: 'a limit that is small is a limit',
  },
]

const laterNumbers: readonly Entry[] = [
  {
    id: 'numbers-window',
    equations: 'C4',
    plan: rowOf([0.3712, -0.3712, 0.37126, 0.2], { correctionSignal: 'drive', window: 0.3712345, beta: 0.5 }),
    why: 'drives next to the window: all of its bits count',
  },
  {
    id: 'numbers-window-decay',
    equations: 'C4 O5',
    plan: {
      config: { correctionSignal: 'drive', window: 0.3712345, weightDecay: 0.8123457, units: [3, 4, 2], optimizer: 'sgd' },
    },
    why: 'window and weightDecay have all of their bits, and the decay may be above a half',
  },
  ...[2, 2.7182818].map((rateFanIn): Entry => ({
    id: `numbers-fan-in-${rateFanIn}`,
    equations: 'O3',
    plan: { config: { rateFanIn, units: [3, 4, 2], optimizer: 'momentum', clip: 0 } },
    why: 'rateFanIn is any number, and matrices with as many rows have the whole rate',
  })),
]

const edges: readonly Entry[] = [
  {
    id: 'stochastic-u-equal',
    equations: 'A2',
    plan: { ...rowOf(equalDraws, { activation: 'stochastic', units: [1, equalDraws.length] }), key: edgeKey, t: 7, train: false },
    why: 'where u is exactly sigmoid(a) the unit is 0: u < sigmoid(a) does not hold; u has 24 bits, not 23',
  },
  {
    id: 'stochastic-u-24-bits',
    equations: 'A2',
    plan: {
      ...rowOf(narrowDraws, { activation: 'stochastic', units: [1, narrowDraws.length] }),
      key: edgeKey,
      t: 8,
      train: false,
    },
    why: 'u is the 24 upper bits of a word: with all 32, rounded or not, it would lie beyond sigmoid(a)',
  },
  ...(['sigmoid', 'tanh'] as const).map((activation): Entry => ({
    id: `exp-halfway-${activation}`,
    equations: 'A2',
    plan: { ...rowOf(halfway(activation), { activation }), train: false },
    why: 'where x / ln 2 lies halfway between two whole numbers, n is the even one',
  })),
  {
    id: 'units-at-their-edges',
    equations: 'A2',
    plan: { ...rowOf([6, 5.9999995, 6.0000005, 0, -0, 2 ** -149, -(2 ** -149)], { activation: 'relu6' }), train: false },
    why: 'relu6 at 6, and next to it',
  },
]

export const sharp = {
  sharper: { about: 'What older cases said they caught, and did not', entries: sharper },
  numbers: { about: 'Fields with negative, large, small and long numbers', entries: numbers },
  fields: { about: 'The same of the fields of 0.2.0', spec: '0.2.0', entries: laterNumbers },
  edges: { about: 'Exact edges of the functions', entries: edges },
} as const
