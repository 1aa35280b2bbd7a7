/** L1 to L6 as a graph: an update for each weight, a sum over the rows. [L1] [L2] [L3] [L4] [L5] [L6] */

import type { Layer } from '../../ptncn/weights.js'
import { columnSums, productLeftTransposed, scale, subtract, transpose } from './algebra.js'
import { clip } from './apply.js'
import type { Value } from './build.js'
import { eachLayer, type Forward, type Frame, type Weights } from './forward.js'

export const learn = (frame: Frame, forward: Forward): Weights => {
  const { g, config, weights, state } = frame
  const { e, next } = forward
  const before = [state.x, ...(config.presynaptic === 'corrected' ? state.y : state.z)]
  const d = (l: number): Value => next.d[l - 1]!
  const topDown = (l: number): Value => (l > 1 && config.topDownSignal === 'correction' ? d(l - 1) : e[l - 1]!)
  const from = (signal: Value, l: number): Value => productLeftTransposed(g, signal, d(l))
  const ruleOfW = (l: number): Value => productLeftTransposed(g, next.z[l - 1]!, topDown(l))

  const W = eachLayer(frame, (l) => g.see(`L1.dW_${l}`, ruleOfW(l)))
  const E = eachLayer(frame, (l) => g.see(`L2.dE_${l}`, errorRule(frame, forward, l, W[l - 1]!)))
  const M = eachLayer(frame, (l) => g.see(`L3.dM_${l}`, from(before[l - 1]!, l)))
  const V = eachLayer(frame, (l) => g.see(`L4.dV_${l}`, from(before[l]!, l)))
  const U = eachLayer(frame, (l) => (weights[l - 1]!.U ? g.see(`L5.dU_${l}`, from(before[l + 1]!, l)) : undefined))
  const b = eachLayer(frame, (l) => (config.biases ? g.see(`L6.db_${l}`, columnSums(g, d(l))) : undefined))
  const c = eachLayer(frame, (l) => (config.biases ? g.see(`L6.dc_${l - 1}`, columnSums(g, e[l - 1]!)) : undefined))
  return W.map((dW, i): Layer<Value> => {
    const [u, ofB, ofC] = [U[i], b[i], c[i]]
    return { W: dW, E: E[i]!, M: M[i]!, V: V[i]!, ...(u && { U: u }), ...(ofB && ofC && { b: ofB, c: ofC }) }
  })
}

/** E after W, clipped where the clip comes first; or from the error and how the correction has changed. [L2] */
const errorRule = ({ g, config, state }: Frame, { e, next }: Forward, l: number, dW: Value): Value => {
  if (config.errorRule === 'transposed') {
    return scale(g, config.gamma, transpose(g, config.clipOrder === 'clip-mean' ? clip(g, config.clip, dW) : dW))
  }
  const changed = subtract(g, next.d[l - 1]!, state.d[l - 1]!)
  return scale(g, -config.gamma, productLeftTransposed(g, e[l - 1]!, changed))
}
