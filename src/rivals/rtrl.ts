/**
 * Real-time recurrent learning (R. Williams, D. Zipser, "A learning algorithm for continually running fully recurrent
 * neural networks", 1989): the exact gradient of each step, carried forward. With weights that stay it is that of
 * backpropagation through time; it differs in that they move at each step.
 */

import type { Algebra } from './algebra.js'
import { onlineRival, type TraceOf } from './online.js'
import type { Rival, RivalConfig } from './rival.js'

/** A P for each row of the batch. */
export const exactTrace =
  (algebra: Algebra): TraceOf =>
  ({ h, x, P: before }) => {
    const P = algebra.sensitivities(h!.rows, h!.cols, h!.cols + x!.cols + 1, before)
    return {
      step: (W, s, xhat, q) => {
        P.advance(W, s, xhat)
        return q && P.gradient(q)
      },
      value: () => ({ P: P.value() }),
    }
  }

/** Real-time recurrent learning: the exact gradient of each step, carried forward. @throws ConfigError */
export const rtrl = (algebra: Algebra, config: RivalConfig): Rival =>
  onlineRival(algebra, config, { name: 'rtrl', trace: exactTrace(algebra) })
