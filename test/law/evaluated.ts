/** What the binary64 evaluator says each rule's result is, and how the rule is called in a report. */

import type { Config } from '../../src/ptncn/config.js'
import type { Judged, Rows } from '../evaluator/bound.js'
import * as equation from '../evaluator/equations.js'
import { A2, P1 } from '../evaluator/functions.js'
import type { Rule, RuleName } from './rules.js'

export type Evaluate = (get: (part: string) => Rows, rule: Rule, config: Config) => Judged

const maybe = (get: (part: string) => Rows, { operands }: Rule, part: string): Rows | undefined =>
  operands[part] === undefined ? undefined : get(part)

const column = (mask: Rows): readonly number[] => mask.map(([m]) => m!)

const respond: Evaluate = (get, _rule, { activation }) => A2(activation, get('a'))

export const EVALUATED: Readonly<Record<RuleName, Evaluate>> = {
  A1: (get, rule) =>
    equation.A1({
      below: get('below'),
      M: get('M'),
      above: maybe(get, rule, 'above'),
      U: maybe(get, rule, 'U'),
      own: get('own'),
      V: get('V'),
      b: maybe(get, rule, 'b'),
    }),
  A2: respond,
  z: respond,
  logits: (get, rule) => equation.P1_logits(get('z'), get('W'), maybe(get, rule, 'c')),
  P1: (get, { level }, { output, hiddenPrediction, activation }) =>
    P1(level === 0 ? output : hiddenPrediction === 'activation' ? activation : 'identity', get('logits')),
  C1: (get) => equation.C1(get('p'), get('z'), column(get('mask'))),
  C2: (get, rule, { alpha, lambda }) =>
    equation.C2({ below: get('below'), E: get('E'), e: maybe(get, rule, 'e'), a: get('a'), alpha, lambda }),
  C3: (get, _rule, { beta }) => equation.C3(get('a'), get('h'), beta),
  C4: (get) => equation.C4(get('z'), get('y'), column(get('mask'))),
  dW: (get) => equation.L1(get('before'), get('after')),
  dE: (get, rule, { gamma }) =>
    rule.operands.dW === undefined
      ? equation.L2_temporal(get('e'), get('d'), get('dBefore'), gamma)
      : equation.L2_transposed(get('dW'), gamma),
  dM: (get) => equation.L3(get('before'), get('after')),
  dV: (get) => equation.L4(get('before'), get('after')),
  dU: (get) => equation.L5(get('before'), get('after')),
  db: (get) => equation.L6(get('signal')),
  dc: (get) => equation.L6(get('signal')),
}

const TITLES: Readonly<Partial<Record<RuleName, string>>> = {
  z: 'C3, f',
  logits: 'P1, logits',
  dW: 'L1',
  dM: 'L3',
  dV: 'L4',
  dU: 'L5',
  db: 'L6',
  dc: 'L6',
}

export const titleOf = ({ name, level, operands }: Rule, { activation, output, hiddenPrediction }: Config): string => {
  const f = typeof activation === 'function' ? 'a function' : activation
  if (name === 'dE') return operands.dW === undefined ? 'L2, temporal' : 'L2, transposed'
  if (name === 'A2' || name === 'z') return `${TITLES[name] ?? name}, ${f}`
  if (name === 'P1') return `P1, ${level === 0 ? output : hiddenPrediction === 'activation' ? f : 'identity'}`
  return TITLES[name] ?? name
}
