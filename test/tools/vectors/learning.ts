/** Vectors of L1 to L6 and of the scores. */

import type { Entry } from './build.js'

const SIGNALS = ['correction', 'error'] as const
const RULES = ['transposed', 'temporal'] as const
const PRESYNAPTIC = ['corrected', 'uncorrected'] as const

const crossed = SIGNALS.flatMap((topDownSignal) =>
  RULES.flatMap((errorRule) =>
    PRESYNAPTIC.map((presynaptic): Entry => ({
      id: `learn-${topDownSignal}-${errorRule}-${presynaptic}`,
      equations: 'L1 L2 L3 L4 L5',
      plan: { rows: 3, config: { units: [3, 2, 4, 2], topDownSignal, errorRule, presynaptic } },
      why: 'the three switches of the learning rules are independent of one another',
    })),
  ),
)

const learn: readonly Entry[] = [
  ...crossed,
  ...[0.3, -0.7, 0].flatMap((gamma) =>
    RULES.map((errorRule): Entry => ({
      id: `learn-gamma-${gamma}-${errorRule}`,
      equations: 'L2',
      plan: { config: { gamma, errorRule } },
      why: 'gamma scales the finished product, and its sign is turned in the temporal rule alone',
    })),
  ),
  ...(['clip-mean', 'mean-clip'] as const).map((clipOrder): Entry => ({
    id: `learn-clipped-${clipOrder}`,
    equations: 'L2 O1',
    flags: 'clip-edge',
    plan: { config: { clip: 0.05, clipOrder } },
    why: 'the transposed rule reads the clipped dW with clip-mean, and dW itself with mean-clip',
  })),
  ...[1, 4].map((rows): Entry => ({
    id: `learn-rows-${rows}`,
    equations: 'L1 L2 L3 L4 L5',
    flags: 'order',
    plan: { rows, config: { biases: true } },
    why: 'sums over the rows, in ascending order, not means',
  })),
  {
    id: 'learn-biases',
    equations: 'L6',
    plan: { rows: 3, config: { biases: true, units: [3, 2, 4] } },
    why: 'db sums d of its layer, dc sums e of the level below',
  },
  {
    id: 'learn-padding',
    equations: 'L1 L3 L4 L5 L6',
    flags: 'mask',
    plan: { masks: [[1, 0, 1]], config: { biases: true } },
    why: 'padding rows add nothing, as e and d are 0 there; presynaptic signals are not masked',
  },
  { id: 'learn-top-alone', equations: 'L1 L3 L4', plan: { config: { units: [3, 4] } }, why: 'one layer has no U' },
  {
    id: 'learn-previous-input',
    equations: 'L3',
    plan: { config: { units: [4, 2] } },
    why: 'M of the first layer learns from the input of the step before, not from this one',
  },
  {
    id: 'learn-first-step',
    equations: 'L3 L4 L5',
    flags: 'start',
    plan: { begin: [0], config: { learnFrom: 0 } },
    why: 'at the first step everything of the step before is +0, and so are the updates',
  },
  {
    id: 'learn-square',
    equations: 'L1 L2 L3 L4 L5',
    plan: { config: { units: [3, 3, 3] } },
    why: 'a transposed update has the right shape here',
  },
  {
    id: 'learn-square-temporal',
    equations: 'L2',
    plan: { config: { units: [3, 3, 3], errorRule: 'temporal' } },
    why: 'the difference of the corrections is this step minus the one before',
  },
  {
    id: 'learn-subnormal',
    equations: 'L1 L2 L3 L4 L5',
    flags: 'subnormal',
    plan: { numbers: 'special', size: 1e-20, config: { output: 'identity', activation: 'identity' } },
    why: 'products below 2^-126 must be kept',
  },
  {
    id: 'learn-minus-zero',
    equations: 'L2',
    flags: 'minus-zero',
    plan: { config: { errorRule: 'temporal', gamma: 0 }, masks: [[0, 0]] },
    why: 'minus gamma times +0 is -0',
  },
  {
    id: 'learn-order',
    equations: 'L1 L3 L4 L5 L6',
    flags: 'order',
    plan: { rows: 5, numbers: 'coarse', size: 3, config: { biases: true, activation: 'identity', output: 'identity' } },
    why: 'five rows in ascending order',
  },
]

const wide = { units: [7, 2] }
const scores: readonly Entry[] = [
  ...(['softmax', 'sigmoid', 'identity'] as const).flatMap((output): Entry[] => [
    {
      id: `score-${output}`,
      equations: 'S1 S2 S3',
      plan: { rows: 3, config: { ...wide, output } },
      why: 'four lanes along the row, then the rows in ascending order',
    },
    {
      id: `score-${output}-padding`,
      equations: 'S1 S2 S3',
      flags: 'mask',
      plan: { masks: [[0, 1, 0]], config: { ...wide, output } },
      why: 'padding rows are not scored',
    },
    {
      id: `score-${output}-nothing`,
      equations: 'S1 S2 S3',
      flags: 'mask',
      plan: { masks: [[0, 0]], config: { output } },
      why: 'without active rows the loss is +0',
    },
  ]),
  {
    id: 'score-grey-softmax',
    equations: 'S1',
    plan: { rows: 1, config: { units: [4, 2] }, tensors: { x: [[0.5, 0, 0.25, 0.25]] } },
    why: 'x need not be one-hot',
  },
  {
    id: 'score-correct-ties',
    equations: 'S4',
    flags: 'weak',
    plan: { rows: 1, config: { units: [4, 1], activation: 'step' }, tensors: { W_1: [[1, 2, 2, 1]], x: [[0, 0, 1, 0]] } },
    why: 'of equal largest elements the first counts',
  },
]

/** The optimiser without a memory, where O3 is not the subject. */
const plainly = (entries: readonly Entry[]): readonly Entry[] =>
  entries.map((entry) => ({ ...entry, plan: { ...entry.plan, config: { optimizer: 'sgd', ...entry.plan?.config } } }))

export const learning = {
  learn: { about: 'L1 to L6: what each weight learns from', entries: plainly(learn) },
  scores: { about: 'S1 to S4', entries: scores.map((entry) => ({ ...entry, plan: { train: false, ...entry.plan } })) },
}
