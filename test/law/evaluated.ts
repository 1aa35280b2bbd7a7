/** What the binary64 evaluator says each rule's result is, and how the rule is called in a report. */

import type { Config } from '../../src/ptncn/config.js'
import type { Judged, Rows } from '../evaluator/bound.js'
import * as equation from '../evaluator/equations.js'
import { A2, P1 } from '../evaluator/functions.js'
import { aOf, before, zOf } from './naive.js'
import type { Rule } from './rules.js'

/** Finds what the rule reads, by SPEC.md's name. */
type Get = (name: string) => Rows
export type Evaluate = (get: Get, find: (name: string) => Rows | undefined, rule: Rule, config: Config) => Judged

const column = (mask: Rows): readonly number[] => mask.map(([m]) => m!)

const recurrent =
  (rule: (source: Rows, d: Rows) => Judged, from: -1 | 0 | 1): Evaluate =>
  (get, _find, { level: l }, { presynaptic }) =>
    rule(get(before(presynaptic === 'corrected' ? 'y' : 'z', l + from)), get(`C4.d_${l}`))

export const EVALUATED: Readonly<Record<string, Evaluate>> = {
  'A1.a': (get, find, { level: l }) =>
    equation.A1({
      below: get(before('y', l - 1)),
      M: get(`M_${l}`),
      above: find(before('y', l + 1)),
      U: find(`U_${l}`),
      own: get(before('y', l)),
      V: get(`V_${l}`),
      b: find(`b_${l}`),
    }),
  'A2.z': (get, _find, { level }, { activation }) => A2(activation, get(`A1.a_${level}`)),
  'P1.logits': (get, find, { level, pass }) =>
    equation.P1_logits(get(zOf(level + 1, pass - 1)), get(`W_${level + 1}`), find(`c_${level}`)),
  'P1.p': (get, _find, { level, pass }, { output, hiddenPrediction, activation }) =>
    P1(level === 0 ? output : hiddenPrediction === 'activation' ? activation : 'identity', get(`P1.logits_${level}^${pass}`)),
  'C1.e': (get, _find, { level, pass }) => equation.C1(get(`P1.p_${level}^${pass}`), get(zOf(level, pass - 1)), column(get('m'))),
  'C2.h': (get, find, { level: l, pass: k }, { alpha, lambda }) =>
    equation.C2({
      below: get(`C1.e_${l - 1}^${k}`),
      E: get(`E_${l}`),
      e: find(`C1.e_${l}^${k}`),
      a: get(aOf(l, k - 1)),
      alpha,
      lambda,
    }),
  'C3.a': (get, _find, { level: l, pass: k }, { beta }) => equation.C3(get(aOf(l, k - 1)), get(`C2.h_${l}^${k}`), beta),
  'C3.z': (get, _find, { level, pass }, { activation }) => A2(activation, get(`C3.a_${level}^${pass}`)),
  'C4.d': (get, find, { level }, { passes, window }) => {
    const a = find(`A1.a_${level}`)
    return a
      ? equation.C4_drive(a, get(aOf(level, passes)), column(get('m')), window)
      : equation.C4(get(`A2.z_${level}`), get(zOf(level, passes)), column(get('m')))
  },
  'L1.dW': (get, find, { level: l }) => equation.L1(get(`A2.z_${l}`), find(`C4.d_${l - 1}`) ?? get(`C1.e_${l - 1}^1`)),
  'L2.dE': (get, find, { level: l }, { gamma }) => {
    const dW = find(`L1.dW_${l}`)
    if (dW) return equation.L2_transposed(dW, gamma)
    return equation.L2_temporal(get(`C1.e_${l - 1}^1`), get(`C4.d_${l}`), get(`d_${l}[t-1]`), gamma)
  },
  'L3.dM': recurrent(equation.L3, -1),
  'L4.dV': recurrent(equation.L4, 0),
  'L5.dU': recurrent(equation.L5, 1),
  'L6.db': (get, _find, { level }) => equation.L6(get(`C4.d_${level}`)),
  'L6.dc': (get, _find, { level }) => equation.L6(get(`C1.e_${level}^1`)),
}

export const titleOf = ({ result, level, reads }: Rule, { activation, output, hiddenPrediction }: Config): string => {
  const f = typeof activation === 'function' ? 'a function' : activation
  const equation = result.slice(0, 2)
  if (equation === 'L2') return reads.has(`L1.dW_${level}`) ? 'L2, transposed' : 'L2, temporal'
  if (result === 'A2.z') return `A2, ${f}`
  if (result === 'C3.z') return `C3, f, ${f}`
  if (result === 'P1.logits') return 'P1, logits'
  if (result === 'P1.p') return `P1, ${level === 0 ? output : hiddenPrediction === 'activation' ? f : 'identity'}`
  return equation
}
