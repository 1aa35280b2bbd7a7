/** Vectors of several steps: sequences, their beginnings and ends, profiles. */

import type { Entry } from './build.js'

const two = [
  [1, 1],
  [1, 1],
]
const three = [
  [1, 1],
  [1, 0],
  [1, 1],
]

const sequences: readonly Entry[] = [
  {
    id: 'sequence-carry',
    equations: 'st-carried',
    plan: { masks: three },
    why: 'x, y, z, d and t of one step are what the next one reads, x of padding rows too',
  },
  {
    id: 'sequence-carry-uncorrected',
    equations: 'st-carried',
    plan: { masks: three, config: { presynaptic: 'uncorrected', errorRule: 'temporal' } },
    why: 'z and d are carried, not only y',
  },
  ...[0, 1, 2].map((learnFrom): Entry => ({
    id: `sequence-learn-from-${learnFrom}`,
    equations: 'sq-learn',
    flags: 'start',
    plan: { begin: [0], masks: three, config: { learnFrom } },
    why: 'steps before learnFrom move no weight and are not scored',
  })),
  {
    id: 'sequence-begin-later',
    equations: 'sq-start st-start',
    flags: 'start weak',
    plan: { begin: [1], masks: three },
    why: 'a sequence that begins resets t and the state, not the weights and moments',
  },
  {
    id: 'sequence-infer',
    equations: 'sq-infer',
    plan: { masks: three, train: false },
    why: 'without learning the states still adapt, and no weight moves',
  },
  {
    id: 'sequence-infer-no-adaptation',
    equations: 'sq-infer',
    plan: { masks: two, train: false, config: { beta: 0 } },
    why: 'with beta = 0 y is z, bit for bit',
  },
  {
    id: 'sequence-update-end',
    equations: 'sq-update',
    flags: 'end',
    plan: { begin: [0], end: [2], masks: three, config: { update: 'sequence' } },
    why: 'the updates are added up and applied once, at the end',
  },
  {
    id: 'sequence-update-open',
    equations: 'sq-update',
    plan: { masks: two, config: { update: 'sequence' } },
    why: 'a sequence that is left open carries its sum',
  },
  {
    id: 'sequence-update-continued',
    equations: 'sq-update',
    flags: 'end',
    plan: { summed: true, end: [1], masks: two, config: { update: 'sequence', optimizer: 'adam' } },
    why: 'the sum of the piece before comes first; it is not divided by the number of steps',
  },
  {
    id: 'sequence-update-forgotten',
    equations: 'sq-start sq-update',
    flags: 'start end',
    plan: { summed: true, begin: [0], end: [1], masks: two, config: { update: 'sequence', learnFrom: 0 } },
    why: 'a sequence that begins forgets the sum of one that was left open',
  },
  {
    id: 'sequence-update-nothing',
    equations: 'sq-update',
    flags: 'start end',
    plan: { begin: [0], end: [0], masks: [[1, 1]], config: { update: 'sequence' } },
    why: 'a sequence without a learning step changes nothing, not even the powers',
  },
  {
    id: 'sequence-update-two',
    equations: 'sq-update',
    flags: 'start end',
    plan: { begin: [0, 2], end: [1, 3], masks: [...two, ...two], config: { update: 'sequence', learnFrom: 0, maxNorm: 0.5 } },
    why: 'each sequence has its own sum, and the projection acts once for each',
  },
  {
    id: 'sequence-padding-learns',
    equations: 'sq-learn',
    flags: 'mask',
    plan: {
      masks: [
        [0, 0],
        [1, 1],
      ],
      config: { optimizer: 'momentum' },
    },
    why: 'a step without active rows is a learning step: the moments decay',
  },
  {
    id: 'sequence-stochastic',
    equations: 'ar-stochastic',
    flags: 'start',
    plan: { begin: [0, 2], masks: [...two, ...two], config: { activation: 'stochastic', output: 'sigmoid' } },
    why: 'each step draws anew, from the key of its own sequence',
  },
  {
    id: 'sequence-update-minus-zero',
    equations: 'sq-update',
    flags: 'minus-zero start',
    plan: { begin: [0], masks: two, config: { units: [2, 2], update: 'sequence', errorRule: 'temporal', learnFrom: 0, beta: 0 } },
    why: 'the sum begins as the first update, and -0 + -0 is -0: it does not begin at +0',
  },
  {
    id: 'sequence-end-untrained',
    equations: 'sq-update',
    plan: { summed: true, end: [0], masks: [[1, 1]], train: false, config: { update: 'sequence' } },
    why: 'without learning `end` changes nothing, and the sum is returned',
  },
  {
    id: 'mask-minus-zero',
    equations: 'C1 C4',
    flags: 'mask minus-zero',
    plan: { rows: 3, masks: [[1, -0, 0]] },
    why: '-0 marks a padding row, and e and d are multiplied by it as it is',
  },
  {
    id: 'time-last',
    equations: 'st-carried',
    plan: { t: 2 ** 53 - 2, config: { activation: 'stochastic' } },
    why: 'the last t at which a step may begin; the counter has it modulo 2^32',
  },
]

const profiles = (['released', 'paper'] as const).flatMap((profile) => [
  ...[
    [3, 2],
    [3, 2, 4],
    [2, 3, 2, 3],
    [2, 2, 3, 2, 2],
  ].map((units): Entry => ({
    id: `profile-${profile}-${units.length - 1}-layers`,
    equations: 'A1 P1 C1 C2 C3 C4 L1 L2 L3 L4 O1 O2 O3 O4',
    flags: 'mask',
    plan: { profile, masks: three, config: { units } },
    why: 'all equations together, over three steps',
  })),
  ...(['sigmoid', 'identity'] as const).map((output): Entry => ({
    id: `profile-${profile}-${output}`,
    equations: 'P1 S2 S3',
    plan: { profile, masks: two, config: { output } },
    why: 'the other outputs',
  })),
  ...(['relu', 'step', 'stochastic'] as const).map((activation): Entry => ({
    id: `profile-${profile}-${activation}`,
    equations: 'A2 P1 C3',
    plan: { profile, masks: two, config: { activation } },
    why: 'units without a derivative worth the name',
  })),
])

/** What leaves the finite numbers. */
const diverging: readonly Entry[] = [
  {
    id: 'diverge-a1',
    equations: 'ar-finite',
    flags: 'diverges',
    plan: {
      rows: 1,
      config: { units: [2, 2], activation: 'identity', output: 'identity' },
      tensors: {
        'x[t-1]': [[3e38, 3e38]],
        M_1: [
          [1, 1],
          [1, 1],
        ],
      },
    },
    why: 'a_1 overflows',
  },
  {
    id: 'diverge-c2',
    equations: 'ar-finite',
    flags: 'diverges',
    plan: {
      rows: 1,
      config: { units: [1, 1], activation: 'identity', output: 'identity' },
      tensors: { 'x[t-1]': [[1]], 'y_1[t-1]': [[1]], M_1: [[1e20]], V_1: [[0]], W_1: [[1e18]], E_1: [[1e10]], x: [[0]] },
    },
    why: 'p and e are finite, and the correction is not',
  },
  {
    id: 'diverge-l1',
    equations: 'ar-finite',
    flags: 'diverges',
    plan: {
      rows: 1,
      config: { units: [1, 1], activation: 'identity', output: 'identity' },
      tensors: { 'x[t-1]': [[1]], 'y_1[t-1]': [[0]], M_1: [[1e20]], V_1: [[0]], W_1: [[0.5]], E_1: [[0]], x: [[1e20]] },
    },
    why: 'the update of W overflows',
  },
  {
    id: 'diverge-s3',
    equations: 'ar-finite',
    flags: 'diverges',
    plan: { rows: 1, config: { units: [1, 1], activation: 'step', output: 'identity' }, tensors: { x: [[3e19]] } },
    why: 'the loss overflows before a weight does',
  },
  {
    id: 'diverge-o3',
    equations: 'ar-finite',
    flags: 'diverges',
    plan: {
      rows: 1,
      config: { units: [1, 1], activation: 'step', output: 'identity', clip: 0, rate: 3e38, optimizer: 'sgd' },
      tensors: { x: [[100]], M_1: [[1]], 'x[t-1]': [[1]] },
    },
    why: 'a weight overflows: O1 to O4 are named O3',
  },
  {
    id: 'saturate-a1-finite',
    equations: 'ar-finite',
    flags: 'saturation',
    plan: {
      rows: 1,
      config: { units: [2, 2], output: 'identity' },
      tensors: {
        'x[t-1]': [[3e38, 3e38]],
        M_1: [
          [1, 1],
          [1, 1],
        ],
      },
    },
    why: 'an infinite a_1 stops nothing where tanh makes it 1',
  },
  {
    id: 'diverge-l6-c',
    equations: 'ar-finite L6',
    flags: 'diverges',
    plan: {
      rows: 2,
      fresh: true,
      config: { units: [2, 1, 1], biases: true, alpha: 0 },
      tensors: {
        'x[t-1]': [
          [0, 0],
          [0, 0],
        ],
        'y_1[t-1]': [[0], [0]],
        'y_2[t-1]': [[0], [0]],
        b_1: [[0]],
        b_2: [[0]],
        c_1: [[3e38]],
        E_2: [[0]],
      },
    },
    why: 'the update of c_1 overflows, which layer 2 has: L6 of 2, not of the level',
  },
  {
    id: 'diverge-saturated-adam',
    equations: 'ar-finite O3',
    flags: 'diverges saturation',
    plan: { size: 4, config: { optimizer: 'adam', beta: 3e38, rate: 3e38, clip: 0 }, tensors: { power2: [[0.1]] } },
    why: 'beta makes a infinite, which stops nothing as tanh makes it 1; the weights of adam overflow, which does',
  },
]

export const runs = {
  sequences: { about: 'State, learning steps, ends of sequences', entries: sequences },
  profiles: { about: 'Both profiles, one to four layers', entries: profiles },
  diverging: { about: 'Runs that stop being finite, or do not', entries: diverging },
}
