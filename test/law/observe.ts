/** One step with every signal seen, and with some of them held at a given value. */

import type { Matrix } from '../../src/numeric/matrix.js'
import type { Config } from '../../src/ptncn/config.js'
import type { Input, State } from '../../src/ptncn/state.js'
import type { Step, StepOptions } from '../../src/ptncn/step.js'
import { namesOf, weightLabel, type Weights } from '../../src/ptncn/weights.js'
import type { Network } from '../support/arbitraries.js'
import type { Subject } from './subject.js'

/** The arguments of one step. */
export interface Situation {
  readonly config: Config
  readonly weights: Weights
  readonly state: State
  readonly input: Input
}

export const situationOf = ({ config, weights, state, inputs }: Network): Situation => ({
  config,
  weights,
  state,
  input: inputs[0]!,
})

export interface Observation {
  /** by their names [pr-trace]: what each equation computed, before anything was put in its place */
  readonly computed: ReadonlyMap<string, Matrix>
  readonly result: Step
}

/** Runs one step; `held` signals get their value whatever was computed. */
export const observe = (
  subject: Pick<Subject, 'step'>,
  { config, weights, state, input }: Situation,
  held: ReadonlyMap<string, Matrix> = new Map(),
  options: StepOptions = {},
): Observation => {
  const computed = new Map<string, Matrix>()
  const see = (name: string, value: Matrix): Matrix => {
    computed.set(name, value)
    return held.get(name) ?? value
  }
  return { computed, result: subject.step(config, weights, state, input, { ...options, see }) }
}

/** What is handed to a step, by the names of SPEC.md. [pr-reads] */
export const givenOf = ({ weights, state, input }: Situation): ReadonlyMap<string, Matrix> =>
  new Map<string, Matrix>([
    ['x[t-1]', state.x],
    ...(['y', 'z', 'd'] as const).flatMap((letter) =>
      state[letter].map((value, i): [string, Matrix] => [`${letter}_${i + 1}[t-1]`, value]),
    ),
    ['x', input.x],
    ['m', input.mask],
    ...weights.flatMap((layer, i) => namesOf(layer).map((name): [string, Matrix] => [weightLabel(name, i + 1), layer[name]!])),
  ])

/** The same situation with another value for one thing that is handed in. */
export const replaced = (situation: Situation, id: string, value: Matrix): Situation => {
  const { weights, state, input } = situation
  if (id === 'x[t-1]') return { ...situation, state: { ...state, x: value } }
  if (id === 'x') return { ...situation, input: { ...input, x: value } }
  if (id === 'm') return { ...situation, input: { ...input, mask: value } }
  const [, letter, number, carried] = /^(\w)_(\d+)(\[t-1\])?$/.exec(id)!
  if (carried) {
    const field = letter as 'y' | 'z' | 'd'
    return { ...situation, state: { ...state, [field]: state[field].map((old, i) => (i === Number(number) - 1 ? value : old)) } }
  }
  const l = letter === 'c' ? Number(number) + 1 : Number(number)
  return { ...situation, weights: weights.map((layer, i) => (i === l - 1 ? { ...layer, [letter!]: value } : layer)) }
}
