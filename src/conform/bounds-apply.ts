/** O1, O3 and O4 in binary64, with what a correct binary32 result may be away from them; see ./bounds.ts. */

import type { Matrix } from '../numeric/matrix.js'
import type { Config } from '../ptncn/config.js'
import { el, gamma, given, judged, size, SMALLEST_NORMAL, term, together, type Element, type Judged } from './bound.js'
import type { Get, Setting } from './exact.js'
import type { Rule } from './rules.js'

const UNIT = 2 ** -24

/**
 * d, or d limit / norm where the norm is above the limit. Near the limit either branch is right. The squares of a norm
 * below 2^-50 underflow; so far down only the size is judged.
 */
export const rescaled = (d: Matrix, limit: number): Judged => {
  const values = Array.from(d.data)
  const norm = Math.sqrt(values.reduce((total, x) => total + x * x, 0))
  const roundings = 4 + (1 + values.length) / 2
  const alone = !(limit > 0) || norm <= limit * (1 - gamma(roundings) * UNIT)
  return judged(d.rows, d.cols, roundings, (i, j) => {
    const x = el(d, i, j)
    if (alone && !(limit < 2 ** -50 && limit > 0)) return [x, 0]
    const value = norm <= limit ? x : (x * limit) / norm
    return [value, x === 0 ? 0 : Math.max(Math.abs(value), SMALLEST_NORMAL * Math.max(1, 1 / norm))]
  })
}

type Formula = (get: Get, rule: Rule, setting: Setting) => Judged

export const power: Formula = (get, rule, { config }) => {
  const first = rule.reads['power1'] !== undefined
  return judged(1, 1, 1, () => term(el(get(first ? 'power1' : 'power2'), 0, 0) * (first ? config.beta1 : config.beta2)))
}

/** kept old + factor fresh */
const blend = (kept: number, old: number, factor: number, fresh: number): Element =>
  together(term(kept * old), term(factor * fresh))

const keptOf = ({ optimizer, momentum, beta1, beta2, decay }: Config, name: 'first' | 'second'): number =>
  name === 'first' ? (optimizer === 'adam' ? beta1 : momentum) : optimizer === 'adam' ? beta2 : decay

/** v of momentum and Nesterov is mu v + d; the other moments are averages. */
export const moment =
  (name: 'first' | 'second'): Formula =>
  (get, _rule, { config }) => {
    const [old, d] = [get('old'), get('d')]
    const kept = keptOf(config, name)
    const averages = name === 'second' || config.optimizer === 'adam'
    return judged(d.rows, d.cols, averages ? 4 : 2, (i, j) => {
      const x = el(d, i, j)
      if (!averages) return together(term(kept * el(old, i, j)), given(x))
      return blend(kept, el(old, i, j), 1 - kept, name === 'first' ? x : size(x) === 0 ? 0 : x * x)
    })
  }

type Change = (i: number, j: number) => readonly Element[]

/** What a step x / (root + epsilon) may lose to underflow in front of a small denominator. */
const floored = (step: number, rate: number, denominator: number): Element => [
  -step,
  step === 0 ? 0 : Math.max(size(step), (SMALLEST_NORMAL * (1 + Math.abs(rate))) / denominator),
]

const changeOf = (get: Get, rule: Rule, config: Config): readonly [roundings: number, change: Change] => {
  const { rate, momentum: mu, epsilon } = config
  const of =
    (part: string) =>
    (i: number, j: number): number =>
      el(get(part), i, j)
  const [d, first, second] = [of('d'), of('first'), of('second')]
  switch (config.optimizer) {
    case 'sgd':
      return [2, (i, j) => [term(-rate * d(i, j))]]
    case 'momentum':
      return [2, (i, j) => [term(-rate * first(i, j))]]
    case 'nesterov':
      return [4, (i, j) => [term(-rate * d(i, j)), term(-rate * mu * first(i, j))]]
    case 'rmsprop':
      return [
        6,
        (i, j) => {
          const denominator = Math.sqrt(second(i, j)) + epsilon
          return [floored((rate * d(i, j)) / denominator, rate, denominator)]
        },
      ]
    case 'adam':
      return [
        12,
        (i, j) => {
          const [c1, c2] = ['power1', 'power2'].map((name) => 1 / (1 - (rule.reads[name] ? el(get(name), 0, 0) : 0))) as [
            number,
            number,
          ]
          const denominator = Math.sqrt(second(i, j) * c2) + epsilon
          return [floored((rate * first(i, j) * c1) / denominator, rate * c1, denominator)]
        },
      ]
  }
}

/** The new weight, from the new moments. */
export const move: Formula = (get, rule, { config }) => {
  const w = get('w')
  const [roundings, change] = changeOf(get, rule, config)
  return judged(w.rows, w.cols, roundings, (i, j) => together(given(el(w, i, j)), ...change(i, j)))
}
