/** Vectors of O1 to O4. */

import type { Entry } from './build.js'

const OPTIMIZERS = ['sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'] as const
const ORDERS = ['clip-mean', 'mean-clip'] as const
const MEANS = ['all', 'active'] as const

/** One unit a level, d = 0 but in W: dW_1 = z_1' e_0 with z_1 = 1 and e_0 = the numbers of a row. */
const updateOf = (e: readonly number[], config: object) =>
  ({
    rows: 1,
    config: { units: [e.length, 1], output: 'identity', activation: 'step', optimizer: 'sgd', beta: 0, ...config },
    tensors: {
      W_1: [e.map(() => 0)],
      x: [e.map((value) => -value)],
      M_1: e.map(() => [1]),
      'x[t-1]': [e.map(() => 1)],
      V_1: [[0]],
    },
  }) as NonNullable<Entry['plan']>

const clip: readonly Entry[] = [
  ...ORDERS.flatMap((clipOrder) =>
    MEANS.map((mean): Entry => ({
      id: `clip-${clipOrder}-${mean}`,
      equations: 'O1 O2',
      flags: 'mask clip-edge',
      plan: { masks: [[1, 0, 1]], config: { clip: 0.1, clipOrder, mean } },
      why: 'the order of clip and mean, and the rows that are counted',
    })),
  ),
  {
    id: 'clip-on-the-edge',
    equations: 'O1',
    flags: 'clip-edge',
    plan: updateOf([3, 4], { clip: 5 }),
    why: 'a norm of exactly r is not above r',
  },
  {
    id: 'clip-above-the-edge',
    equations: 'O1',
    flags: 'clip-edge',
    plan: updateOf([3, 4.0000005], { clip: 5 }),
    why: 'a norm one step above r is clipped',
  },
  {
    id: 'clip-below-the-edge',
    equations: 'O1',
    flags: 'clip-edge',
    plan: updateOf([3, 3.9999998], { clip: 5 }),
    why: 'a norm one step below r is left alone',
  },
  { id: 'clip-off-zero', equations: 'O1', plan: updateOf([30, 40], { clip: 0 }), why: 'r = 0 is off, not a clip to nothing' },
  { id: 'clip-off-negative', equations: 'O1', plan: updateOf([30, 40], { clip: -1 }), why: 'a negative r is off' },
  {
    id: 'clip-no-norm',
    equations: 'O1',
    flags: 'minus-zero',
    plan: updateOf([0, -0], { clip: 1 }),
    why: 'a norm of 0 divides nothing',
  },
  {
    id: 'clip-overflow',
    equations: 'O1',
    flags: 'saturation',
    plan: updateOf([3e30, 4e30], { clip: 1, rate: 0.5 }),
    why: 'the square overflows: the norm is infinite, and the update becomes 0',
  },
  {
    id: 'clip-underflow',
    equations: 'O1',
    flags: 'subnormal',
    plan: updateOf([1e-30, 2e-30], { clip: 1e-32 }),
    why: 'the squares underflow: the norm is 0, which is not above r',
  },
  {
    id: 'clip-lanes',
    equations: 'O1',
    flags: 'order',
    plan: updateOf([0.1, 0.7, -0.3, 0.9, 1.1, -0.8, 0.2, 0.3, 0.05], { clip: 0.5 }),
    why: 'the squares are summed in four lanes',
  },
  {
    id: 'clip-rows',
    equations: 'O1',
    flags: 'order',
    plan: { config: { units: [5, 4, 3], clip: 0.2 }, rows: 3 },
    why: 'the lane sums of the rows are added in ascending order',
  },
  {
    id: 'clip-twice',
    equations: 'L2 O1',
    flags: 'clip-edge weak',
    plan: { config: { clip: 0.05, gamma: 1 }, rows: 3 },
    why: 'dE is clipped in L2, and by O1 once more',
  },
  {
    id: 'mean-thirds',
    equations: 'O2',
    plan: { rows: 3, config: { clip: 0 } },
    why: 'a product with fl(1 / 3), not a division by 3',
  },
  {
    id: 'mean-none-active',
    equations: 'O2',
    flags: 'mask',
    plan: { masks: [[0, 0, 0]], config: { mean: 'active' } },
    why: 'N is at least 1',
  },
]

const optimizers: readonly Entry[] = [
  ...OPTIMIZERS.flatMap((optimizer): Entry[] => [
    {
      id: `optimizer-${optimizer}-first`,
      equations: 'O3',
      plan: { fresh: true, config: { optimizer, rate: 0.1 } },
      why: 'moments begin at +0, the powers at 1, and the powers are multiplied before they are used',
    },
    {
      id: `optimizer-${optimizer}-later`,
      equations: 'O3',
      plan: { config: { optimizer, rate: 0.1 }, tensors: { power1: [[0.5]], power2: [[0.96]] } },
      why: 'new moments from the old ones, and the weight from the new ones',
    },
    {
      id: `optimizer-${optimizer}-biases`,
      equations: 'O3 L6',
      plan: { config: { optimizer, biases: true }, rows: 3 },
      why: 'biases move as weights do',
    },
    {
      id: `optimizer-${optimizer}-small`,
      equations: 'O3',
      flags: 'subnormal',
      plan: { numbers: 'special', size: 1e-19, config: { optimizer, epsilon: 0.001, output: 'identity' } },
      why: 'squares that underflow, and moments below 2^-126',
    },
  ]),
  {
    id: 'optimizer-adam-epsilon',
    equations: 'O3',
    plan: { fresh: true, config: { optimizer: 'adam', epsilon: 0.5 } },
    why: 'epsilon stands outside the root',
  },
  {
    id: 'optimizer-rmsprop-epsilon',
    equations: 'O3',
    plan: { fresh: true, config: { optimizer: 'rmsprop', epsilon: 0.5 } },
    why: 'epsilon stands outside the root',
  },
  {
    id: 'optimizer-adam-no-decay',
    equations: 'O3',
    plan: { config: { optimizer: 'adam', beta1: 0, beta2: 0 } },
    why: 'a decay of 0 forgets the old moments, and the powers become 0',
  },
  {
    id: 'optimizer-momentum-none',
    equations: 'O3',
    plan: { config: { optimizer: 'momentum', momentum: 0 } },
    why: 'mu = 0 is sgd with a memory of one step',
  },
]

/** A weight W_1 with one row whose norm is known. */
const rowsOf = (W: readonly (readonly number[])[], config: object) =>
  ({
    rows: 1,
    config: { units: [2, W.length], optimizer: 'sgd', rate: 0, biases: true, ...config },
    tensors: { W_1: W },
  }) as NonNullable<Entry['plan']>

const project: readonly Entry[] = [
  {
    id: 'project-rows',
    equations: 'O4',
    plan: { config: { maxNorm: 0.5, biases: true } },
    why: 'rows of W, E, M, V and U, each by itself; biases not',
  },
  {
    id: 'project-edge',
    equations: 'O4',
    flags: 'clip-edge weak',
    plan: rowsOf(
      [
        [3, 4],
        [3, 4.0000005],
        [0, 0],
      ],
      { maxNorm: 5 },
    ),
    why: 'a row of exactly maxNorm stays; one above it is projected',
  },
  {
    id: 'project-rows-not-columns',
    equations: 'O4',
    plan: rowsOf(
      [
        [3, 0.1],
        [3, 0.1],
      ],
      { maxNorm: 3.5 },
    ),
    why: 'the columns are longer than maxNorm, the rows are not',
  },
  {
    id: 'project-not-the-whole',
    equations: 'O4',
    plan: rowsOf(
      [
        [0.6, 0.6],
        [0.6, 0.6],
      ],
      { maxNorm: 1 },
    ),
    why: 'the matrix is longer than maxNorm, its rows are not',
  },
  {
    id: 'project-off',
    equations: 'O4',
    plan: rowsOf(
      [
        [30, 40],
        [1, 2],
      ],
      { maxNorm: 0 },
    ),
    why: '0 is off',
  },
  {
    id: 'project-wide',
    equations: 'O4',
    flags: 'order',
    plan: { rows: 2, config: { units: [9, 7], maxNorm: 0.75 } },
    why: 'the squares of a row are summed in four lanes',
  },
  {
    id: 'project-after-the-move',
    equations: 'O4',
    plan: { config: { maxNorm: 0.5, optimizer: 'sgd', rate: 1 } },
    why: 'the projection comes after the move',
  },
]

export const applying = {
  clip: { about: 'O1 and O2', entries: clip },
  optimizers: { about: 'O3', entries: optimizers },
  project: { about: 'O4', entries: project },
}
