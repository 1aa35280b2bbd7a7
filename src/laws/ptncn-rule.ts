/** P-TNCN as a rule that the laws can be asked about, on the reference's own step. */

import type { Matrix } from '../numeric/matrix.js'
import { split } from '../numeric/random.js'
import { config, type Config, type ProfileName } from '../ptncn/config.js'
import { initialState, inputOf, type State } from '../ptncn/state.js'
import { step } from '../ptncn/step.js'
import { initialWeights, labelled, weightLabel, weightShapes, buildWeights, type Weights } from '../ptncn/weights.js'
import type { LearningRule, Moment, Places, Tensors } from './rule.js'

const flatten = (weights: Weights): Tensors => Object.fromEntries(labelled(weights))

const stateTensors = ({ x, y, z, d }: State): Tensors =>
  Object.fromEntries([
    ['x_before', x],
    ...Object.entries({ y, z, d }).flatMap(([name, list]) => list.map((value, i) => [`${name}_${i + 1}_before`, value] as const)),
  ])

/** The level in the name of a signal or a weight. */
const levelOf = (name: string): number => Number(/_(\d+)/.exec(name)?.[1] ?? 0)

/** The place of a weight: rows are the units that it comes from, columns those that it goes to. */
const ends = (name: string): readonly [number, number] => {
  const l = levelOf(name)
  const [letter] = name
  if (letter === 'W') return [l, l - 1]
  if (letter === 'E' || letter === 'M') return [l - 1, l]
  if (letter === 'U') return [l + 1, l]
  return [l, l]
}

/**
 * P-TNCN with a profile and what differs from it, as a rule: its signals are the results of A1 to C4, its updates those of
 * L1 to L6. No update is clipped where `clip` is not given, as the norm of a whole matrix is in no synapse's reach. @throws ConfigError
 */
export const ptncnRule = (
  given: Omit<Partial<Config>, 'units' | 'activation'> = {},
  profile: ProfileName = 'released',
): LearningRule => {
  const settings = (units: readonly number[], f: Config['activation'] = 'tanh'): Config =>
    config({ weightScale: 0.5, output: 'identity', clip: 0, ...given, units, activation: f }, profile)
  /** A step whose results are those of `signals` where they are given. */
  const stepped = (units: readonly number[], { weights, state, input, f }: Moment, signals?: Tensors) => {
    const own = settings(units, (a) => Math.fround(f(a)))
    const seen: Record<string, Matrix> = {}
    const before = stateOf(own, state)
    const see = (name: string, value: Matrix): Matrix => (seen[name] = signals?.[name] ?? value)
    const nested = buildWeights(own, (l, name) => weights[weightLabel(name, l)]!)
    return { seen, ...step(own, nested, before, inputOf(input), { see }) }
  }
  const stateOf = (own: Config, state: Tensors): State => {
    const layers = own.units.slice(1).map((_, i) => i + 1)
    const of = (name: string): readonly Matrix[] => layers.map((l) => state[`${name}_${l}_before`]!)
    return { t: 1, key: [0, 0], x: state['x_before']!, y: of('y'), z: of('z'), d: of('d') }
  }
  const unitsOf = ({ weights, input }: Moment): readonly number[] => {
    const units = [input.cols]
    for (let l = 1; weights[`W_${l}`]; l++) units.push(weights[`W_${l}`]!.rows)
    return units
  }
  return {
    begin: ({ units, rows, key }) => ({
      weights: flatten(initialWeights(settings(units), split(key, 1))),
      state: stateTensors(initialState(settings(units), rows)),
    }),
    places: (units): Places => {
      const own = settings(units)
      const layers = units.slice(1).map((_, i) => i + 1)
      const names = layers.flatMap((l) => weightShapes(own, l).map(([name]) => weightLabel(name, l)))
      const signals = layers.flatMap((l) => [
        `A1.a_${l}`,
        `A2.z_${l}`,
        `C4.d_${l}`,
        `y_${l}_before`,
        `z_${l}_before`,
        `d_${l}_before`,
      ])
      const passes = layers.flatMap((l) =>
        Array.from({ length: own.passes }, (_, k) => [`C2.h_${l}^${k + 1}`, `C3.a_${l}^${k + 1}`, `C3.z_${l}^${k + 1}`]).flat(),
      )
      const errors = units.flatMap((_, l) =>
        Array.from({ length: own.passes }, (_, k) => [
          `C1.e_${l}^${k + 1}`,
          `P1.p_${l}^${k + 1}`,
          `P1.logits_${l}^${k + 1}`,
        ]).flat(),
      )
      return {
        weights: Object.fromEntries(names.map((name) => [name, ends(name)])),
        units: Object.fromEntries(['x_before', ...signals, ...passes, ...errors].map((name) => [name, levelOf(name)])),
      }
    },
    respond: (moment) => {
      const { seen, state } = stepped(unitsOf(moment), moment)
      const signals = Object.fromEntries(Object.entries(seen).filter(([name]) => !name.startsWith('L')))
      return { signals, state: stateTensors(state) }
    },
    update: (weight, moment) => {
      const { updates } = stepped(unitsOf(moment), moment, moment.signals)
      return flatten(updates)[weight]!
    },
  }
}
