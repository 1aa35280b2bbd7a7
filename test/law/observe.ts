/** One step with every signal seen, and with some of them held at a given value. */

import type { Matrix } from '../../src/numeric/matrix.js'
import type { Config } from '../../src/ptncn/config.js'
import type { Input, State } from '../../src/ptncn/state.js'
import type { Step, StepOptions } from '../../src/ptncn/step.js'
import { namesOf, type Weights } from '../../src/ptncn/weights.js'
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
  /** by the ids of ./rules.ts: what each rule computed, before anything was put in its place */
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
  const result = subject.step(config, weights, state, input, {
    ...options,
    tap: (equation, l, pass, value) => {
      computed.set(`${equation} ${l} ${pass}`, value)
      return held.get(`${equation} ${l} ${pass}`) ?? value
    },
  })
  result.signals.logits.forEach((value, l) => computed.set(`logits ${l} 1`, value))
  result.signals.y.forEach((value, i) => computed.set(`z ${i + 1} ${config.passes}`, value))
  result.updates.forEach((layer, i) => {
    for (const name of namesOf(layer)) computed.set(`d${name} ${i + 1}`, layer[name]!)
  })
  return { computed, result }
}

/** What is handed to a step, by the ids of ./rules.ts. */
export const givenOf = ({ weights, state, input }: Situation): ReadonlyMap<string, Matrix> =>
  new Map<string, Matrix>([
    ['x-', state.x],
    ...(['y', 'z', 'd'] as const).flatMap((letter) =>
      state[letter].map((value, i): [string, Matrix] => [`${letter}- ${i + 1}`, value]),
    ),
    ['x', input.x],
    ['mask', input.mask],
    ...weights.flatMap((layer, i) => namesOf(layer).map((name): [string, Matrix] => [`${name} ${i + 1}`, layer[name]!])),
  ])

/** The same situation with another value for one thing that is handed in. */
export const replaced = (situation: Situation, id: string, value: Matrix): Situation => {
  const { weights, state, input } = situation
  const [letter, place] = id.split(' ')
  const at = Number(place) - 1
  if (id === 'x-') return { ...situation, state: { ...state, x: value } }
  if (id === 'x' || id === 'mask') return { ...situation, input: { ...input, [id]: value } }
  if (letter === 'y-' || letter === 'z-' || letter === 'd-') {
    const field = letter[0] as 'y' | 'z' | 'd'
    return { ...situation, state: { ...state, [field]: state[field].map((old, i) => (i === at ? value : old)) } }
  }
  return { ...situation, weights: weights.map((layer, i) => (i === at ? { ...layer, [letter!]: value } : layer)) }
}
