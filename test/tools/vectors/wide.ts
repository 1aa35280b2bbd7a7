/** Vectors of sizes beyond those of the other files: where blocked, lane-wise and fused loops show their seams. */

import type { Entry, Plan } from './build.js'

const ones = (rows: number): readonly number[] => Array.from({ length: rows }, (_, i) => Number(i % 5 !== 3))

/** Numbers that are not one-hot, so that every term counts. */
const grey = { output: 'identity', optimizer: 'sgd' } as const

const terms: readonly Entry[] = [33, 65, 257].flatMap((n): Entry[] => [
  {
    id: `wide-input-${n}`,
    equations: 'A1 C2',
    flags: 'order',
    plan: { rows: 2, size: 0.4, train: false, config: { units: [n, 3, 2], ...grey, lambda: 0.01 } },
    why: `sums of ${n} terms in A1 and C2, in ascending order, each rounded: no blocks, no lanes, no fused products`,
  },
  {
    id: `wide-rows-${n}`,
    equations: 'L1 L2 L3 L4 L5 L6 O2',
    flags: 'order mask',
    plan: {
      masks: [ones(n)],
      size: 0.5,
      config: { units: [2, 2, 1], ...grey, biases: true, errorRule: 'temporal', mean: 'active', clip: 0, gamma: 0.7 },
    },
    why: `sums of ${n} rows in L1 to L6, in ascending order; the mean counts the active ones of them`,
  },
])

const hidden = (n: number, plan: Plan): Plan => ({
  rows: 1,
  size: 0.35,
  ...plan,
  config: { units: [2, n], ...grey, ...plan.config },
})

const wide: readonly Entry[] = [
  ...terms,
  ...[33, 65, 131, 259].map((n): Entry => ({
    id: `wide-hidden-${n}`,
    equations: 'A1 P1',
    flags: 'order',
    plan: hidden(n, { train: false }),
    why: `sums of ${n} hidden units in A1 and P1; columns that are no multiple of 4, 8 or 16`,
  })),
  {
    id: 'wide-learning-29',
    equations: 'O1 O3 O4 L1 L3 L4',
    flags: 'order',
    plan: { rows: 3, size: 0.4, config: { units: [29, 9], output: 'identity', optimizer: 'adam', clip: 0.3, maxNorm: 0.9 } },
    why: 'norms of rows of 29 elements in four lanes, and the one that is left',
  },
  ...(['softmax', 'sigmoid', 'identity'] as const).map((output): Entry => ({
    id: `wide-lanes-${output}`,
    equations: output === 'softmax' ? 'P1 S1 S4' : output === 'sigmoid' ? 'P1 S2' : 'P1 S3',
    flags: 'order mask',
    plan: { masks: [[1, 0, 1, 1, 1, 0, 1]], size: 1.5, train: false, config: { units: [37, 2], output } },
    why: 'four lanes over 37 columns, not eight or sixteen, and the one that is left',
  })),
  {
    id: 'wide-stochastic',
    equations: 'A2 C3 P1',
    plan: {
      rows: 19,
      size: 0.6,
      train: false,
      config: { units: [2, 37, 3], activation: 'stochastic', hiddenPrediction: 'activation' },
    },
    why: 'rows beyond 16 and units beyond 32 have counters of their own',
  },
  {
    id: 'wide-layers-10',
    equations: 'A1 A2 P1 C1 C2 C3 C4 L1 L2 L3 L4 L5 O3',
    plan: { rows: 1, config: { units: [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2], alpha: 0.2, optimizer: 'sgd' } },
    why: 'ten layers, each with its own neighbours',
  },
  {
    id: 'wide-passes-9',
    equations: 'P1 C1 C2 C3 L1',
    plan: { rows: 1, config: { units: [3, 2, 2], passes: 9, beta: 0.4, alpha: 0.3, optimizer: 'sgd' } },
    why: 'nine passes, of which the learning rules read the errors of the first and the state of the last',
  },
  {
    id: 'wide-steps-12',
    equations: 'st-carried sq-update',
    plan: { masks: Array.from({ length: 12 }, () => [1]), config: { units: [2, 2], update: 'sequence' }, end: [11] },
    why: 'twelve steps of one run, each from the state of the one before, and one update for all',
  },
  ...[2 ** 20 + 1, 2 ** 24 + 1, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 40 + 1].map((t): Entry => ({
    id: `wide-time-${t}`,
    equations: 'A2 C3 st-carried',
    plan: {
      t,
      masks: [
        [1, 1],
        [1, 1],
      ],
      train: false,
      config: { units: [2, 6], activation: 'stochastic' },
    },
    why: 't is counted exactly, whatever it is, and the counter has it modulo 2^32',
  })),
  ...[2 ** 31, 2 ** 32 - 2, 100_000].flatMap((learnFrom): Entry[] =>
    [0, -1].map((before) => ({
      id: `wide-learn-from-${learnFrom}${before ? '-before' : ''}`,
      equations: 'sq-learn',
      plan: { t: learnFrom + before, rows: 1, config: { units: [2, 2], learnFrom, optimizer: 'sgd' } },
      why: 'learnFrom is compared as the number that it is: the step at it learns, the step before it does not',
    })),
  ),
]

export const wider = { wide: { about: 'Sizes beyond those of the other files', entries: wide } }
