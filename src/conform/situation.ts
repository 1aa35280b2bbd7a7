/** What a step starts from, as a flat list of named tensors, which is how it goes over the wire and into a replay. */

import { mismatch } from '../errors.js'
import { zeros, type Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'
import type { Model, OptimizerState } from '../ptncn/apply.js'
import { momentsOf } from '../ptncn/optimizers.js'
import { layerCount, type Config } from '../ptncn/config.js'
import { initialState, type Input, type State } from '../ptncn/state.js'
import { weightLabel } from '../ptncn/trace.js'
import { buildWeights, mapWeights, type Weights } from '../ptncn/weights.js'
import type { Course } from './rules.js'
import { scalar } from './tensor.js'

/** Everything that is carried from step to step; the names are those of ./rules.ts. */
export interface Situation {
  readonly t: number
  readonly key: Key
  readonly tensors: ReadonlyMap<string, Matrix>
}

/** One input, and whether a sequence begins with it or ends after it. [pr-requests] */
export interface Moment extends Input {
  readonly begin?: Key
  readonly end?: boolean
}

/** A run of a network from a situation: what a request asks for. */
export interface Scenario {
  readonly config: Config
  readonly from: Situation
  readonly inputs: readonly Moment[]
  /** whether the run learns */
  readonly train: boolean
}

const flatWeights = (prefix: string, weights: Weights | undefined): [string, Matrix][] => {
  const found: [string, Matrix][] = []
  mapWeights((value, name, l) => {
    found.push([prefix + weightLabel(name, l), value])
    return value
  }, weights ?? [])
  return found
}

export const flatten = (state: State, { weights, optimizer }: Model): Situation => ({
  t: state.t,
  key: state.key,
  tensors: new Map([
    ['x[t-1]', state.x],
    ...(['y', 'z', 'd'] as const).flatMap((name) =>
      state[name].map((value, i): [string, Matrix] => [`${name}_${i + 1}[t-1]`, value]),
    ),
    ...flatWeights('', weights),
    ...(['first', 'second', 'sum'] as const).flatMap((name) => flatWeights(`${name}.`, optimizer[name])),
    ['power1', scalar(optimizer.power1)],
    ['power2', scalar(optimizer.power2)],
  ]),
})

/** The opposite. @throws ShapeError where a tensor is missing or not of the configuration */
export const nest = (config: Config, { t, key, tensors }: Situation): { readonly state: State; readonly model: Model } => {
  const used = new Set<string>()
  const find = (name: string): Matrix => {
    const found = tensors.get(name)
    if (!found) throw mismatch('ShapeError', name, 'a tensor', undefined)
    used.add(name)
    return found
  }
  const weights = (prefix: string): Weights => buildWeights(config, (l, name) => find(prefix + weightLabel(name, l)))
  const layers = (name: string): readonly Matrix[] =>
    Array.from({ length: layerCount(config) }, (_, i) => find(`${name}_${i + 1}[t-1]`))
  const moments = Object.fromEntries(momentsOf(config).map((name) => [name, weights(`${name}.`)]))
  const summed = config.update === 'sequence' && hasSum(tensors)
  const optimizer: OptimizerState = {
    ...moments,
    power1: find('power1').data[0]!,
    power2: find('power2').data[0]!,
    ...(summed && { sum: weights('sum.') }),
  }
  const state: State = { t, key, x: find('x[t-1]'), y: layers('y'), z: layers('z'), d: layers('d') }
  const model = { weights: weights(''), optimizer }
  const unknown = [...tensors.keys()].find((name) => !used.has(name))
  if (unknown !== undefined)
    throw mismatch('ShapeError', unknown, 'no tensor of this name in this configuration', tensors.get(unknown))
  return { state, model }
}

const hasSum = (tensors: ReadonlyMap<string, Matrix>): boolean => [...tensors.keys()].some((name) => name.startsWith('sum.'))

/** A sequence begins: the state is that of [st-start], and the sum of one that was left open is forgotten. [sq-start] */
export const begun = (config: Config, { tensors }: Situation, rows: number, key: Key): Situation => {
  const kept = [...tensors].filter(([name]) => !name.endsWith('[t-1]') && !name.startsWith('sum.'))
  const state = initialState(config, rows, key)
  const layers = (['y', 'z', 'd'] as const).flatMap((name) =>
    state[name].map((value, i): [string, Matrix] => [`${name}_${i + 1}[t-1]`, value]),
  )
  return { t: 0, key, tensors: new Map([['x[t-1]', zeros(rows, config.units[0]!)], ...layers, ...kept]) }
}

/** What the step of a situation does. [sq-learn] [sq-update] */
export const courseOf = (config: Config, { t, tensors }: Situation, moment: Moment, train: boolean): Course => {
  const active = t >= config.learnFrom
  return { learns: train && active, scored: active, summed: hasSum(tensors), ends: train && moment.end === true }
}

/** The parts of an answer by the names of a situation: `state.y_1` is the next step's `y_1[t-1]`. */
export const nameOfPart = (part: string): string | undefined => {
  if (part.startsWith('state.')) return `${part.slice(6)}[t-1]`
  return part.startsWith('weights.') ? part.slice(8) : part.startsWith('optimizer.') ? part.slice(10) : undefined
}

export const partOfName = (name: string): string => {
  if (name.endsWith('[t-1]')) return `state.${name.slice(0, -5)}`
  return /^(?:first|second|sum)\.|^power/.test(name) ? `optimizer.${name}` : `weights.${name}`
}
