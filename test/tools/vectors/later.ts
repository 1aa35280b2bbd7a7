/** Vectors of what came with 0.2.0: C4 of the drive, O5, and rates by fan-in. [cf-later] */

import type { Entry } from './build.js'

const OPTIMIZERS = ['sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'] as const

const DRIVE = { correctionSignal: 'drive' } as const

const drive: readonly Entry[] = [
  {
    id: 'window-before-mask',
    equations: 'C4',
    flags: 'mask minus-zero',
    plan: { masks: [[1, -0, 1]], train: false, config: { units: [3, 2], correctionSignal: 'drive', window: 0.25, beta: 0.5 } },
    why: 'the window comes before the mask: with a mask of -0 the order shows in the sign of a zero',
  },
  { id: 'drive-everywhere', equations: 'C4 L3 L4', plan: { config: DRIVE }, why: 'd is the change of a, not of z' },
  {
    id: 'drive-window',
    equations: 'C4 L3 L4',
    plan: { rows: 4, config: { ...DRIVE, window: 0.5, units: [3, 5, 4] } },
    why: 'an element whose |a| is not below the window is 0, the others are whole',
  },
  {
    id: 'drive-window-edge',
    equations: 'C4',
    flags: 'clip-edge',
    plan: {
      rows: 1,
      config: { ...DRIVE, window: 0.5, units: [3, 3], output: 'identity', beta: 0.7 },
      tensors: {
        M_1: [
          [0.5, 0, 0],
          [0, -0.49999997, 0],
          [0, 0, 0.50000006],
        ],
        'x[t-1]': [[1, 1, 1]],
        V_1: [
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ],
      },
    },
    why: 'a drive of exactly the window is not below it',
  },
  {
    id: 'drive-window-negative',
    equations: 'C4',
    plan: { config: { ...DRIVE, window: -1 } },
    why: 'a window of 0 or less leaves everything',
  },
  {
    id: 'drive-window-of-state',
    equations: 'C4',
    plan: { config: { window: 0.1 } },
    why: 'the window is of the drive alone: d of the state is whole',
  },
  {
    id: 'drive-passes',
    equations: 'C4 L3 L4',
    plan: { config: { ...DRIVE, passes: 3, window: 1 } },
    why: 'from a of A1 to a after the last pass, within the window by a of A1',
  },
  ...(['sign', 'step', 'stochastic', 'relu'] as const).map((activation): Entry => ({
    id: `drive-${activation}`,
    equations: 'C4 L3 L4 L5 L6',
    plan: { rows: 3, config: { ...DRIVE, activation, window: 1, units: [3, 4, 3], biases: true } },
    why: 'units whose values do not change have a correction all the same',
  })),
  {
    id: 'drive-padding',
    equations: 'C4 L3',
    flags: 'mask',
    plan: { masks: [[1, 0, 1]], config: { ...DRIVE, window: 0.7, errorRule: 'temporal', topDownSignal: 'correction' } },
    why: 'rows that are padding have no correction',
  },
  {
    id: 'drive-subnormal',
    equations: 'C4',
    flags: 'subnormal',
    plan: { numbers: 'special', size: 1e-20, config: { ...DRIVE, window: 1, output: 'identity', activation: 'identity' } },
    why: 'differences below 2^-126 must be kept',
  },
]

const MATRICES = { units: [5, 4, 3] }

const rates: readonly Entry[] = [
  ...OPTIMIZERS.map((optimizer): Entry => ({
    id: `rates-${optimizer}`,
    equations: 'O3',
    plan: { config: { ...MATRICES, optimizer, rateFanIn: 3, biases: true } },
    why: 'matrices of more than 3 rows have 3 parts in as many of the rate; M_1 and biases the whole',
  })),
  {
    id: 'rates-edge',
    equations: 'O3',
    flags: 'clip-edge',
    plan: { config: { ...MATRICES, optimizer: 'sgd', rateFanIn: 4 } },
    why: 'as many rows as the fan-in have the whole rate',
  },
  {
    id: 'rates-fraction',
    equations: 'O3',
    plan: { config: { ...MATRICES, optimizer: 'sgd', rateFanIn: 0.7, rate: 0.3, biases: true } },
    why: 'the part is rounded before it multiplies the rate, and the rate before it multiplies the update',
  },
  {
    id: 'rates-sequence',
    equations: 'O3 sq-update',
    flags: 'end',
    plan: { config: { ...MATRICES, rateFanIn: 2, update: 'sequence' }, end: [0], summed: true },
    why: 'the sum of a sequence moves its weight by the same rate',
  },
]

const decay: readonly Entry[] = [
  ...(['sgd', 'adam'] as const).map((optimizer): Entry => ({
    id: `decay-${optimizer}`,
    equations: 'O5',
    plan: { config: { optimizer, weightDecay: 0.01, biases: true } },
    why: 'each matrix loses a part of what O3 made; biases lose nothing',
  })),
  {
    id: 'decay-before-projection',
    equations: 'O5 O4',
    flags: 'clip-edge',
    plan: { config: { weightDecay: 0.25, maxNorm: 0.5 } },
    why: 'the decay comes before the projection, which sees the smaller rows',
  },
  {
    id: 'decay-sequence',
    equations: 'O5 sq-update',
    flags: 'end',
    plan: {
      masks: [
        [1, 1],
        [1, 1],
      ],
      config: { weightDecay: 0.1, update: 'sequence' },
      end: [1],
    },
    why: 'once a sequence, where O3 acts',
  },
  {
    id: 'decay-subnormal',
    equations: 'O5',
    flags: 'subnormal',
    plan: { numbers: 'special', size: 1e-20, config: { weightDecay: 0.5, rate: 0 } },
    why: 'the part is rounded, and then the difference',
  },
]

export const later = {
  drive: { about: 'C4 of the drive: learning from what the settling has changed of a', spec: '0.2.0', entries: drive },
  rates: { about: 'Rates by fan-in', spec: '0.2.0', entries: rates },
  decay: { about: 'O5, the decay of weights', spec: '0.2.0', entries: decay },
} as const
