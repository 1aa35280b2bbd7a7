/** What a step starts from, as a flat list of named tensors, which is how it goes over the wire and into a replay. */

import { mismatch } from '../errors.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'
import type { Model, OptimizerState } from '../ptncn/apply.js'
import { layerCount, type Config } from '../ptncn/config.js'
import { momentsOf } from '../ptncn/optimizers.js'
import { initialState, type Input, type State } from '../ptncn/state.js'
import { scalar } from '../ptncn/trace.js'
import { buildWeights, labelled, weightLabel, type Weights } from '../ptncn/weights.js'
import type { Setting } from './equations/exact.js'
import type { Course } from './equations/graph.js'

/** Everything that is carried from step to step; the names are those of equations/graph.ts. */
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

const flatWeights = (prefix: string, weights: Weights = []): readonly (readonly [string, Matrix])[] =>
  labelled(weights).map(([label, value]) => [prefix + label, value])

const flatState = (state: State): readonly (readonly [string, Matrix])[] => [
  ['x[t-1]', state.x],
  ...(['y', 'z', 'd'] as const).flatMap((name) => state[name].map((value, i) => [`${name}_${i + 1}[t-1]`, value] as const)),
]

export const flatten = (state: State, { weights, optimizer }: Model): Situation => ({
  t: state.t,
  key: state.key,
  tensors: new Map([
    ...flatState(state),
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
const begun = (config: Config, { tensors }: Situation, rows: number, key: Key): Situation => {
  const kept = [...tensors].filter(([name]) => !name.endsWith('[t-1]') && !name.startsWith('sum.'))
  return { t: 0, key, tensors: new Map([...flatState(initialState(config, rows, key)), ...kept]) }
}

/** A step before it is done. */
export interface Start {
  /** what it starts from; where a sequence begins with it, anew */
  readonly from: Situation
  readonly setting: Setting
  readonly course: Course
  /** what its equations are given */
  readonly given: ReadonlyMap<string, Matrix>
}

/** The start of a step of a scenario. [sq-learn] [sq-update] */
export const startOf = ({ config, train }: Scenario, before: Situation, { x, mask, begin, end }: Moment): Start => {
  const from = begin ? begun(config, before, x.rows, begin) : before
  const scored = from.t >= config.learnFrom
  return {
    from,
    setting: { config, t: from.t, key: from.key },
    course: { learns: train && scored, scored, summed: hasSum(from.tensors), ends: train && end === true },
    given: new Map([...from.tensors, ['x', x], ['m', mask]]),
  }
}

/** The start of each step that has been answered: each begins with what the answer to the one before it left. */
export const startsOf = (scenario: Scenario, answers: readonly { readonly situation: Situation }[]): readonly Start[] =>
  answers.map((_, i) => startOf(scenario, answers[i - 1]?.situation ?? scenario.from, scenario.inputs[i]!))

/** A part of an answer by its name in a situation: `state.y_1` is the next step's `y_1[t-1]`. */
export const nameOfPart = (part: string): string =>
  part.startsWith('state.') ? `${part.slice(6)}[t-1]` : part.slice(part.indexOf('.') + 1)

export const partOfName = (name: string): string => {
  if (name.endsWith('[t-1]')) return `state.${name.slice(0, -5)}`
  return /^(?:first|second|sum)\.|^power/.test(name) ? `optimizer.${name}` : `weights.${name}`
}
