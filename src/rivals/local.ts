/** What each weight has done to the unit that it leads into, and to no other: one number a weight and row. */

import type { Matrix } from '../numeric/matrix.js'
import type { Algebra, Numbers } from './algebra.js'
import type { TraceOf } from './online.js'
import { requireCarried } from './rival.js'

/**
 * P[j,l] <- keep_j P[j,l] + s_j xhat_l for each row of the batch, and q_j P[j,l] for the gradient. `keepOf` is, B x n, how h_j
 * depends on h_j of the step before; time and memory are those of the weights, for each row.
 */
export const localTrace =
  (algebra: Algebra, keepOf: (W: Matrix, s: Matrix) => Matrix): TraceOf =>
  (state) => {
    const [rows, units] = [state.h!.rows, state.h!.cols]
    const width = units + state.x!.cols + 1
    // row b holds k x n numbers, in the order of [W; U; b]
    const P = algebra.numbers(rows * width * units)
    if (state.P) P.set(requireCarried('P', state.P, rows, width * units).data as Numbers)

    const advance = ({ data: keep }: Matrix, { data: s }: Matrix, { data: xhat }: Matrix): void => {
      for (let row = 0, at = 0; row < rows; row++) {
        for (let l = 0; l < width; l++) {
          const x = xhat[row * width + l]!
          for (let j = row * units; j < (row + 1) * units; j++, at++) P[at] = keep[j]! * P[at]! + s[j]! * x
        }
      }
    }

    /** k x n, summed over the rows. */
    const gradientOf = ({ data: q }: Matrix): Matrix => {
      const data = algebra.numbers(width * units)
      for (let row = 0, at = 0; row < rows; row++) {
        for (let to = 0; to < data.length;) {
          for (let j = row * units; j < (row + 1) * units; j++, at++, to++) data[to] = data[to]! + q[j]! * P[at]!
        }
      }
      return { rows: width, cols: units, data }
    }

    return {
      step: (W, s, xhat, q) => {
        advance(keepOf(W, s), s, xhat)
        return q && gradientOf(q)
      },
      value: () => ({ P: { rows, cols: width * units, data: P } }),
    }
  }
