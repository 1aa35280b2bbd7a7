/**
 * Which signals and weights each equation names: SPEC.md's A1 to L6 as a table, written out by hand.
 *
 * Signals are named by equation, level and pass ('C1 0 2' is e_0 of pass 2, 'C3 1 1' the a_1 that pass 1
 * left), those of the step before by a letter and a minus ('y- 1'), weights by their letter and layer ('W 1';
 * 'c 1' is c_0, owned by layer 1). 'z l k' is f of C3's a_l of pass k, 'logits l k' the argument of g_l, 'dW
 * l' and so on the updates.
 */

import { layerCount, type Config } from '../../src/ptncn/config.js'
import type { WeightName } from '../../src/ptncn/weights.js'

export type RuleName = 'A1' | 'A2' | 'logits' | 'P1' | 'C1' | 'C2' | 'C3' | 'z' | 'C4' | `d${WeightName}`

export interface Rule {
  readonly id: string
  readonly name: RuleName
  /** l of layer or level */
  readonly level: number
  /** 0 outside the settling */
  readonly pass: number
  /** what the equation names, by the part it plays there */
  readonly operands: Readonly<Record<string, string>>
}

/** Whatever is named by no rule but handed in: not signals of this step. */
const keyAndTime = { key: 'key', t: 't' }

type Make = (name: RuleName, level: number, pass: number, operands: Rule['operands']) => Rule

const make: Make = (name, level, pass, operands) => {
  const id = name.startsWith('d') ? `${name} ${level}` : `${name} ${level} ${pass}`
  return { id, name, level, pass, operands }
}

/** y[t-1] of a level; level 0 is x. */
const before = (letter: 'y' | 'z', level: number): string => (level === 0 ? 'x-' : `${letter}- ${level}`)
/** a and z as pass k - 1 left them. */
const aBefore = (l: number, pass: number): string => (pass === 1 ? `A1 ${l} 0` : `C3 ${l} ${pass - 1}`)
const zBefore = (l: number, pass: number): string => (l === 0 ? 'x' : pass === 1 ? `A2 ${l} 0` : `z ${l} ${pass - 1}`)

/** A2, and f wherever else it stands: a stochastic unit also names its place in time and its key. */
const activation = (config: Config, a: string): Rule['operands'] =>
  config.activation === 'stochastic' ? { a, ...keyAndTime } : { a }

const advanceRules = (config: Config, l: number, top: boolean): readonly Rule[] => [
  make('A1', l, 0, {
    below: before('y', l - 1),
    M: `M ${l}`,
    ...(!top && { above: before('y', l + 1), U: `U ${l}` }),
    own: before('y', l),
    V: `V ${l}`,
    ...(config.biases && { b: `b ${l}` }),
  }),
  make('A2', l, 0, activation(config, `A1 ${l} 0`)),
  make('C4', l, 0, { z: `A2 ${l} 0`, y: `z ${l} ${config.passes}`, mask: 'mask' }),
]

const passRules = (config: Config, l: number, top: boolean, k: number): readonly Rule[] => [
  make('logits', l - 1, k, { z: zBefore(l, k), W: `W ${l}`, ...(config.biases && { c: `c ${l}` }) }),
  make('P1', l - 1, k, {
    logits: `logits ${l - 1} ${k}`,
    ...(l > 1 && config.hiddenPrediction === 'activation' && config.activation === 'stochastic' && keyAndTime),
  }),
  make('C1', l - 1, k, { p: `P1 ${l - 1} ${k}`, z: zBefore(l - 1, k), mask: 'mask' }),
  make('C2', l, k, { below: `C1 ${l - 1} ${k}`, E: `E ${l}`, ...(!top && { e: `C1 ${l} ${k}` }), a: aBefore(l, k) }),
  make('C3', l, k, { a: aBefore(l, k), h: `C2 ${l} ${k}` }),
  make('z', l, k, activation(config, `C3 ${l} ${k}`)),
]

const learningRules = (config: Config, l: number, top: boolean): readonly Rule[] => {
  const presynaptic = config.presynaptic === 'corrected' ? 'y' : 'z'
  const [d, e] = [`C4 ${l} 0`, `C1 ${l - 1} 1`]
  return [
    make('dW', l, 0, { before: `A2 ${l} 0`, after: l > 1 && config.topDownSignal === 'correction' ? `C4 ${l - 1} 0` : e }),
    make('dE', l, 0, config.errorRule === 'transposed' ? { dW: `dW ${l}` } : { e, d, dBefore: `d- ${l}` }),
    make('dM', l, 0, { before: before(presynaptic, l - 1), after: d }),
    make('dV', l, 0, { before: before(presynaptic, l), after: d }),
    ...(top ? [] : [make('dU', l, 0, { before: before(presynaptic, l + 1), after: d })]),
    ...(config.biases ? [make('db', l, 0, { signal: d }), make('dc', l, 0, { signal: e })] : []),
  ]
}

/** Every rule of one step of a configuration. */
export const rulesOf = (config: Config): readonly Rule[] => {
  const top = layerCount(config)
  const layers = Array.from({ length: top }, (_, i) => i + 1)
  const passes = Array.from({ length: config.passes }, (_, i) => i + 1)
  return layers.flatMap((l) => [
    ...advanceRules(config, l, l === top),
    ...passes.flatMap((k) => passRules(config, l, l === top, k)),
    ...learningRules(config, l, l === top),
  ])
}

/** Rules whose result a tap may replace. The others are no more than a name for what stands in them. */
const TAPPED: readonly RuleName[] = ['A1', 'A2', 'P1', 'C1', 'C2', 'C3', 'C4']
export const isTapped = ({ name }: Rule): boolean => TAPPED.includes(name)

/** What a rule names, where the names of untapped rules are replaced by what those name. */
export const namesOf = (rules: readonly Rule[], rule: Rule): ReadonlySet<string> => {
  const names = Object.values(rule.operands).flatMap((operand) => {
    const inner = rules.find(({ id }) => id === operand)
    return inner && !isTapped(inner) ? [...namesOf(rules, inner)] : [operand]
  })
  return new Set(names)
}
