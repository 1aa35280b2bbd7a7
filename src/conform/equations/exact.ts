/** Each equation from given inputs, to the bit: the functions of the reference, put together as each equation says. */

import { add, type Matrix } from '../../numeric/matrix.js'
import { productLeftTransposed } from '../../numeric/product.js'
import type { Key } from '../../numeric/random.js'
import { columnSums } from '../../numeric/sum.js'
import type { Config } from '../../ptncn/config.js'
import * as layer from '../../ptncn/layer.js'
import { clip, decayed, mean, OPTIMIZERS, project, withRate, type MomentName } from '../../ptncn/optimizers.js'
import { score } from '../../ptncn/scores.js'
import { scalar } from '../../ptncn/trace.js'
import type { LayerWeights, WeightName } from '../../ptncn/weights.js'
import type { Kind, Rule } from './graph.js'

/** What equations read besides tensors. */
export interface Setting {
  readonly config: Config
  readonly t: number
  readonly key: Key
}

/** Finds a tensor by the part that it plays in the rule. */
export type Get = (part: string) => Matrix

type Formula = (get: Get, rule: Rule, setting: Setting) => Matrix

const has = (rule: Rule, part: string): boolean => rule.reads[part] !== undefined

/** The parts that a rule has, by name. */
const parts = (get: Get, rule: Rule, names: readonly string[]): Readonly<Record<string, Matrix>> =>
  Object.fromEntries(names.filter((name) => has(rule, name)).map((name) => [name, get(name)]))

const placeOf = (rule: Rule, { key, t }: Setting, stage: number): layer.Place => ({ key, t, level: rule.level, stage })

/** The letter of the weight that a rule makes: `V` of O3.V_1. */
const nameOf = ({ id }: Rule): WeightName => /\.(\w)_/.exec(id)![1] as WeightName

const only = (get: Get, part: string): number => get(part).data[0]!

const powersOf = (get: Get, rule: Rule) => ({
  power1: has(rule, 'power1') ? only(get, 'power1') : 0,
  power2: has(rule, 'power2') ? only(get, 'power2') : 0,
})

const moment =
  (name: MomentName): Formula =>
  (get, _rule, { config }) =>
    OPTIMIZERS[config.optimizer][name]!(config, get('old'), get('d'))

const power: Formula = (get, rule, { config }) => {
  const first = has(rule, 'power1')
  return scalar(Math.fround(only(get, first ? 'power1' : 'power2') * (first ? config.beta1 : config.beta2)))
}

const scored = (get: Get, { config }: Setting) => score(config.output, get('p'), { x: get('x'), mask: get('mask') })

const FORMULAS: Readonly<Record<Kind, Formula>> = {
  advance: (get, rule) =>
    layer.advance(
      parts(get, rule, ['M', 'U', 'V', 'b']) as unknown as LayerWeights,
      get('below'),
      get('own'),
      has(rule, 'above') ? get('above') : undefined,
    ),
  activate: (get, rule, setting) => layer.activate(setting.config, get('a'), placeOf(rule, setting, rule.pass)),
  logits: (get, rule) => layer.logits(parts(get, rule, ['W', 'c']) as unknown as LayerWeights, get('z')),
  predict: (get, rule, setting) =>
    layer.predict(setting.config, get('logits'), placeOf(rule, setting, layer.predictionStage(rule.pass))),
  predictionError: (get) => layer.predictionError(get('mask'), get('left'), get('right')),
  feedback: (get, rule, { config }) =>
    layer.feedback(
      config,
      parts(get, rule, ['E']) as unknown as LayerWeights,
      get('below'),
      has(rule, 'e') ? get('e') : undefined,
      get('a'),
    ),
  correct: (get, _rule, { config }) => layer.correct(config, get('a'), get('h')),
  correction: (get, _rule, { config }) => layer.correction(config, get('mask'), get('left'), get('right')),
  outer: (get) => productLeftTransposed(get('before'), get('after')),
  transposed: (get, _rule, { config }) => layer.transposedRule(config, get('dW')),
  temporal: (get, _rule, { config }) => layer.temporalRule(config, get('e'), get('d'), get('dBefore')),
  columns: (get) => columnSums(get('signal')),
  loss: (get, _rule, setting) => scalar(scored(get, setting).loss),
  hits: (get, _rule, setting) => scalar(scored(get, setting).correct!),
  clip: (get, _rule, { config }) => clip(config.clip, get('d')),
  mean: (get, _rule, { config }) => mean(config, get('mask'), get('d')),
  add: (get, rule) => (has(rule, 'sum') ? add(get('sum'), get('d')) : get('d')),
  power,
  first: moment('first'),
  second: moment('second'),
  move: (get, rule, { config }) => {
    const w = get('w')
    const rated = withRate(config, nameOf(rule), rule.level, w.rows)
    return OPTIMIZERS[config.optimizer].move(rated, w, get('d'), parts(get, rule, ['first', 'second']), powersOf(get, rule))
  },
  fade: (get, _rule, { config }) => decayed(config.weightDecay, get('w')),
  project: (get, _rule, { config }) => project(config.maxNorm, get('w')),
}

/** The result of an equation, to the bit, from what it reads. */
export const exactly = (rule: Rule, get: Get, setting: Setting): Matrix => FORMULAS[rule.kind](get, rule, setting)
