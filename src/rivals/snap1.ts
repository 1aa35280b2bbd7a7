/**
 * SnAp-1 (J. Menick, E. Elsen, U. Evci, S. Osindero, K. Simonyan, A. Graves, "A practical sparse approximation for real time
 * recurrent learning", 2020): of all that RTRL carries only how each unit depends on its own weights, where it depends on
 * them through no other unit:
 *
 *   P[j,l] <- s_j (W_jj P[j,l] + xhat_l),   gradient by the weight of unit j for xhat_l: q_j P[j,l]
 *
 * RTRL itself where W is diagonal; in time and memory of the size of the weights, for each row.
 */

import type { Algebra } from './algebra.js'
import { localTrace } from './local.js'
import { onlineRival, type TraceOf } from './online.js'
import type { Rival, RivalConfig } from './rival.js'

/** P of each row of the batch. */
export const diagonalTrace = (algebra: Algebra): TraceOf =>
  localTrace(algebra, (W, s) => {
    const data = algebra.numbers(s.data.length)
    for (let i = 0; i < data.length; i++) data[i] = s.data[i]! * W.data[(i % s.cols) * (s.cols + 1)]!
    return { rows: s.rows, cols: s.cols, data }
  })

/** SnAp-1: RTRL with each unit's dependence on its own weights alone (Menick et al., 2020). @throws ConfigError */
export const snap1 = (algebra: Algebra, config: RivalConfig): Rival =>
  onlineRival(algebra, config, { name: 'snap1', trace: diagonalTrace(algebra) })
