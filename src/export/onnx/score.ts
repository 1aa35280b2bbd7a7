/** S1 to S4 as a graph: of a padding row nothing is seen, not even an infinity. [S1] [S2] [S3] [S4] [S5] */

import { FLOOR, SCORE_OF } from '../../ptncn/scores.js'
import {
  add,
  asFloat,
  choose,
  equal,
  greater,
  largest,
  lessOrEqual,
  log,
  multiply,
  negate,
  number,
  rowSums,
  scale,
  subtract,
  total,
} from './algebra.js'
import type { Build, Value } from './build.js'
import type { Frame } from './forward.js'

/** Each 1 x 1. */
export interface Scores {
  readonly loss: Value
  readonly count: Value
  readonly correct?: Value
}

export const score = ({ g, config, x, mask }: Frame, p: Value): Scores => {
  const { output } = config
  const active = greater(g, mask, number(g, 0))
  const loss = total(g, choose(g, active, rowLosses(g, output, p, x), number(g, 0)))
  const scored = { loss: g.see(`${SCORE_OF[output]}.loss`, loss), count: total(g, mask) }
  if (output !== 'softmax') return scored
  const hits = asFloat(g, equal(g, largest(g, p), largest(g, x)))
  return { ...scored, correct: g.see('S4.correct', total(g, multiply(g, mask, hits))) }
}

const rowLosses = (g: Build, output: string, p: Value, x: Value): Value => {
  if (output === 'identity') {
    const u = subtract(g, p, x)
    return scale(g, 0.5, rowSums(g, multiply(g, u, u)))
  }
  const one = number(g, 1)
  const right = surprise(g, p, x)
  const both = output === 'softmax' ? right : add(g, right, surprise(g, subtract(g, one, p), subtract(g, one, x)))
  return negate(g, rowSums(g, both))
}

/** x log q, q not below what the released code has for none. */
const surprise = (g: Build, p: Value, x: Value): Value =>
  multiply(g, x, log(g, choose(g, lessOrEqual(g, p, number(g, 0)), number(g, FLOOR), p)))
