/** Runs that stop at each equation in turn: some made, some found by search and kept. */

import type { Entry, Plan } from './build.js'
import { kept } from './kept.js'

/** One unit whose a_1 is a number, before an identity. */
const unit = (a: number, tensors: Plan['tensors'], config: Plan['config'] = {}): Plan => ({
  rows: 1,
  config: { units: [1, 1], activation: 'identity', output: 'identity', optimizer: 'sgd', clip: 0, ...config },
  tensors: { 'x[t-1]': [[1]], 'y_1[t-1]': [[0]], M_1: [[a]], V_1: [[0]], W_1: [[0]], E_1: [[0]], x: [[0]], ...tensors },
})

const made: readonly Entry[] = [
  {
    id: 'overflow-c1',
    equations: 'ar-finite C1',
    plan: unit(1, { W_1: [[3e38]], x: [[-3e38]] }),
    why: 'p and x are finite, their difference is not',
  },
  {
    id: 'overflow-c4',
    equations: 'ar-finite C4',
    plan: unit(3e38, { x: [[-1]], E_1: [[3e38]] }, { beta: 1, passes: 2 }),
    why: 'z and y are finite, their difference is not',
  },
  {
    id: 'overflow-s1',
    equations: 'ar-finite S1',
    plan: {
      ...unit(-1, {}),
      config: { units: [3, 1], activation: 'step' },
      tensors: {
        'x[t-1]': [[1, 0, 0]],
        M_1: [[-1], [0], [0]],
        V_1: [[0]],
        W_1: [[0, 0, 0]],
        E_1: [[0], [0], [0]],
        x: [[3e38, 3e38, 3e38]],
      },
    },
    why: 'the loss of a row overflows, which has no layer',
  },
  {
    id: 'overflow-l5',
    equations: 'ar-finite L5',
    plan: {
      ...unit(0, {}, { units: [1, 1, 1] }),
      tensors: {
        ...{ 'x[t-1]': [[1]], 'y_1[t-1]': [[0]], 'y_2[t-1]': [[3e38]], x: [[-100]] },
        ...{ M_1: [[0]], V_1: [[0]], U_1: [[0]], W_1: [[0]], E_1: [[1]], M_2: [[0]], V_2: [[0]], W_2: [[0]], E_2: [[0]] },
      },
    },
    why: 'the update of U overflows: its two signals are finite',
  },
  {
    id: 'overflow-l3',
    equations: 'ar-finite L3',
    plan: unit(0, { 'x[t-1]': [[3e38]], x: [[-100]], E_1: [[1]] }),
    why: 'the update of M overflows: its two signals are finite',
  },
  {
    id: 'overflow-o4',
    equations: 'ar-finite O4',
    plan: unit(0, { W_1: [[3e38]] }, { maxNorm: 30, rate: 0 }),
    why: 'w maxNorm overflows in O4, for which O3 is named',
  },
  {
    id: 'overflow-first',
    equations: 'ar-finite O3',
    plan: unit(0, { 'first.V_1': [[3e38]] }, { optimizer: 'momentum', momentum: 1.5, rate: 0 }),
    why: 'a moment overflows; the weight, with a rate of 0, is not finite either',
  },
  {
    id: 'overflow-second',
    equations: 'ar-finite O3',
    plan: unit(1e20, { x: [[-1]] }, { optimizer: 'rmsprop' }),
    why: 'the square of an update overflows a moment, and the weight does not move',
  },
  {
    id: 'overflow-sum',
    equations: 'ar-finite sq-update',
    plan: { ...unit(3e38, { x: [[-1]], 'sum.W_1': [[3e38]] }, { update: 'sequence' }), summed: true },
    why: 'the sum of a sequence overflows while it is open: O3 is named',
  },
]

const found = kept('overflow').filter(({ id }) => /-\d$/.test(id))

export const overflows = {
  overflow: {
    about: 'Runs that stop at each equation',
    entries: [...found, ...made.map((one) => ({ ...one, flags: 'diverges' }))],
  },
}
