/**
 * The graph of the equations: the name of each result in a trace, and the names of what it reads. SPEC.md's table
 * [pr-reads] says the same, and a test compares the two.
 *
 * What is given has the names of SPEC.md: `x`, `m`, `x[t-1]`, `y_1[t-1]`, `W_1`, `first.W_1`, `sum.W_1`, `power1`.
 */

import { layerCount, type Config } from '../../ptncn/config.js'
import { momentsOf } from '../../ptncn/optimizers.js'
import { SCORE_OF } from '../../ptncn/scores.js'
import { updateName } from '../../ptncn/trace.js'
import { isBias, WEIGHT_NAMES, weightLabel, weightShapes, type WeightName } from '../../ptncn/weights.js'

/** The equations with results of their own, in the order of SPEC.md. */
export const EQUATIONS: readonly string[] = 'A1 A2 P1 C1 C2 C3 C4 L1 L2 L3 L4 L5 L6 S1 S2 S3 S4 O1 O2 O3 O5 O4'.split(' ')

export type Kind =
  | 'advance'
  | 'activate'
  | 'logits'
  | 'predict'
  | 'predictionError'
  | 'feedback'
  | 'correct'
  | 'correction'
  | 'outer'
  | 'transposed'
  | 'temporal'
  | 'columns'
  | 'loss'
  | 'hits'
  | 'clip'
  | 'mean'
  | 'add'
  | 'power'
  | 'first'
  | 'second'
  | 'move'
  | 'fade'
  | 'project'

/** One equation at one place. */
export interface Rule {
  /** the name of its result in a trace */
  readonly id: string
  /** the clause of SPEC.md */
  readonly equation: string
  readonly kind: Kind
  /** layer, or level where SPEC.md counts levels */
  readonly level: number
  /** 0 outside the settling */
  readonly pass: number
  /** what it reads, by the part that it plays there */
  readonly reads: Readonly<Record<string, string>>
}

/** What a step does besides the forward part. */
export interface Course {
  /** L1 to L6, O1, O2 */
  readonly learns: boolean
  /** S1 to S4 */
  readonly scored: boolean
  /** a sum of updates came in */
  readonly summed: boolean
  /** the sequence ends after the step */
  readonly ends: boolean
  /** O3 and O4 act, or do not, whatever [sq-update] says: of a port that did otherwise */
  readonly applied?: boolean
}

const rule = (id: string, kind: Kind, level: number, reads: Rule['reads'], pass = 0): Rule => ({
  id,
  equation: id.slice(0, id.indexOf('.')),
  kind,
  level,
  pass,
  reads,
})

const range = (first: number, last: number): readonly number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const layersOf = (config: Config): readonly number[] => range(1, layerCount(config))
const previous = (symbol: string, l: number): string => (l === 0 ? 'x[t-1]' : `${symbol}_${l}[t-1]`)
const aBefore = (l: number, pass: number): string => (pass === 1 ? `A1.a_${l}` : `C3.a_${l}^${pass - 1}`)
const zBefore = (l: number, pass: number): string => (l === 0 ? 'x' : pass === 1 ? `A2.z_${l}` : `C3.z_${l}^${pass - 1}`)

/** y_l, which C4 and the new state read. */
export const finalState = (config: Config, l: number): string => `C3.z_${l}^${config.passes}`

const advanceRule = (config: Config, l: number): Rule =>
  rule(`A1.a_${l}`, 'advance', l, {
    below: previous('y', l - 1),
    M: `M_${l}`,
    ...(l < layerCount(config) && { above: previous('y', l + 1), U: `U_${l}` }),
    own: previous('y', l),
    V: `V_${l}`,
    ...(config.biases && { b: `b_${l}` }),
  })

/** What C4 takes the difference of. */
const corrected = (config: Config, l: number): Rule['reads'] =>
  config.correctionSignal === 'drive'
    ? { left: `A1.a_${l}`, right: `C3.a_${l}^${config.passes}` }
    : { left: `A2.z_${l}`, right: finalState(config, l) }

const forwardRules = (config: Config): readonly Rule[] => {
  const layers = layersOf(config)
  return [
    ...layers.map((l) => advanceRule(config, l)),
    ...layers.map((l) => rule(`A2.z_${l}`, 'activate', l, { a: `A1.a_${l}` })),
    ...range(1, config.passes).flatMap((pass) => passRules(config, pass)),
    ...layers.map((l) => rule(`C4.d_${l}`, 'correction', l, { ...corrected(config, l), mask: 'm' })),
  ]
}

const passRules = (config: Config, k: number): readonly Rule[] => {
  const each = (name: string, kind: Kind, below: 0 | 1, reads: (l: number) => Rule['reads']): readonly Rule[] =>
    layersOf(config).map((l) => rule(`${name}_${l - below}^${k}`, kind, l - below, reads(l), k))
  return [
    ...each('P1.logits', 'logits', 1, (l) => ({ z: zBefore(l, k), W: `W_${l}`, ...(config.biases && { c: `c_${l - 1}` }) })),
    ...each('P1.p', 'predict', 1, (l) => ({ logits: `P1.logits_${l - 1}^${k}` })),
    ...each('C1.e', 'predictionError', 1, (l) => ({ left: `P1.p_${l - 1}^${k}`, right: zBefore(l - 1, k), mask: 'm' })),
    ...each('C2.h', 'feedback', 0, (l) => ({
      below: `C1.e_${l - 1}^${k}`,
      E: `E_${l}`,
      ...(l < layerCount(config) && { e: `C1.e_${l}^${k}` }),
      a: aBefore(l, k),
    })),
    ...each('C3.a', 'correct', 0, (l) => ({ a: aBefore(l, k), h: `C2.h_${l}^${k}` })),
    ...each('C3.z', 'activate', 0, (l) => ({ a: `C3.a_${l}^${k}` })),
  ]
}

interface Weight {
  readonly name: WeightName
  readonly l: number
  /** `W_1` */
  readonly label: string
}

/** Each weight of a configuration, equation by equation. */
const weightsOf = (config: Config): readonly Weight[] =>
  WEIGHT_NAMES.flatMap((name) =>
    layersOf(config)
      .filter((l) => weightShapes(config, l).some(([known]) => known === name))
      .map((l) => ({ name, l, label: weightLabel(name, l) })),
  )

const learningRule = (config: Config, { name, l }: Weight): Rule => {
  const presynaptic = config.presynaptic === 'corrected' ? 'y' : 'z'
  const [d, e] = [`C4.d_${l}`, `C1.e_${l - 1}^1`]
  const made = (kind: Kind, reads: Rule['reads']): Rule => rule(updateName(name, l), kind, l, reads)
  const outer = (level: number): Rule => made('outer', { before: previous(presynaptic, level), after: d })
  switch (name) {
    case 'W':
      return made('outer', { before: `A2.z_${l}`, after: l > 1 && config.topDownSignal === 'correction' ? `C4.d_${l - 1}` : e })
    case 'E':
      return config.errorRule === 'transposed'
        ? made('transposed', { dW: `L1.dW_${l}` })
        : made('temporal', { e, d, dBefore: `d_${l}[t-1]` })
    case 'M':
      return outer(l - 1)
    case 'V':
      return outer(l)
    case 'U':
      return outer(l + 1)
    case 'b':
      return made('columns', { signal: d })
    case 'c':
      return made('columns', { signal: e })
  }
}

const scoreRules = ({ output }: Config): readonly Rule[] => {
  const reads = { p: 'P1.p_0^1', x: 'x', mask: 'm' }
  const hits = output === 'softmax' ? [rule('S4.correct', 'hits', 0, reads)] : []
  return [rule(`${SCORE_OF[output]}.loss`, 'loss', 0, reads), ...hits]
}

const reducingRules = (config: Config): readonly Rule[] => {
  const clipFirst = config.clipOrder === 'clip-mean'
  const weights = weightsOf(config)
  const clips = weights.map(({ name, l, label }) =>
    rule(`O1.d${label}`, 'clip', l, { d: clipFirst ? updateName(name, l) : `O2.d${label}` }),
  )
  const means = weights.map(({ name, l, label }) =>
    rule(`O2.d${label}`, 'mean', l, { d: clipFirst ? `O1.d${label}` : updateName(name, l), mask: 'm' }),
  )
  return clipFirst ? [...clips, ...means] : [...means, ...clips]
}

/** The reduced update of a weight, as O3 or the sum of a sequence reads it. */
const reduced = (config: Config, label: string): string => `${config.clipOrder === 'clip-mean' ? 'O2' : 'O1'}.d${label}`

const sumRules = (config: Config, { summed }: Course): readonly Rule[] =>
  weightsOf(config).map(({ l, label }) =>
    rule(`sq-update.sum.${label}`, 'add', l, { ...(summed && { sum: `sum.${label}` }), d: reduced(config, label) }),
  )

const applyingRules = (config: Config, d: (label: string) => string): readonly Rule[] => {
  const [weights, moments] = [weightsOf(config), momentsOf(config)]
  const [matrices, fades] = [weights.filter(({ name }) => !isBias(name)), config.weightDecay > 0]
  const powers = config.optimizer === 'adam' ? { power1: 'op-state.power1', power2: 'op-state.power2' } : {}
  const made = (label: string): Rule['reads'] => Object.fromEntries(moments.map((moment) => [moment, `O3.${moment}.${label}`]))
  return [
    ...['power1', 'power2'].map((power) => rule(`op-state.${power}`, 'power', 0, { [power]: power })),
    ...moments.flatMap((moment) =>
      weights.map(({ l, label }) => rule(`O3.${moment}.${label}`, moment, l, { old: `${moment}.${label}`, d: d(label) })),
    ),
    ...weights.map(({ l, label }) => rule(`O3.${label}`, 'move', l, { w: label, d: d(label), ...made(label), ...powers })),
    ...(fades ? matrices.map(({ l, label }) => rule(`O5.${label}`, 'fade', l, { w: `O3.${label}` })) : []),
    ...matrices.map(({ l, label }) => rule(`O4.${label}`, 'project', l, { w: `${fades ? 'O5' : 'O3'}.${label}` })),
  ]
}

/** Whether O3 and O4 act in a step. [sq-update] */
export const applies = (config: Config, { learns, summed, ends, applied }: Course): boolean =>
  applied ?? (config.update === 'step' ? learns : ends && (learns || summed))

/** The sum of updates that a step leaves. */
const sumAfter = ({ learns }: Course, label: string): string => (learns ? `sq-update.sum.${label}` : `sum.${label}`)

/** Every equation of a step of this course, in the order of SPEC.md. */
export const rulesOf = (config: Config, course: Course): readonly Rule[] => {
  const inSequence = config.update === 'sequence'
  const d = (label: string): string => (inSequence ? sumAfter(course, label) : reduced(config, label))
  return [
    ...forwardRules(config),
    ...(course.learns ? weightsOf(config).map((weight) => learningRule(config, weight)) : []),
    ...(course.scored ? scoreRules(config) : []),
    ...(course.learns ? reducingRules(config) : []),
    ...(course.learns && inSequence ? sumRules(config, course) : []),
    ...(applies(config, course) ? applyingRules(config, d) : []),
  ]
}

type Carry = readonly [part: string, from: string, clause: string]

/** Parts of an answer that are a value of the trace, or what came in: each part with where it is from, and its clause. */
export const carriesOf = (config: Config, course: Course): readonly Carry[] => {
  const weights = weightsOf(config)
  const moved = applies(config, course)
  const keeps = config.update === 'sequence' && !course.ends && (course.learns || course.summed)
  const moving = (part: string, from: string, old: string, clause: string): Carry =>
    moved ? [part, from, clause] : [part, old, 'sq-learn']
  return [
    ['out', 'P1.p_0^1', 'P1'],
    ['state.x', 'x', 'st-carried'],
    ...layersOf(config).flatMap((l): readonly Carry[] => [
      [`state.y_${l}`, finalState(config, l), 'st-carried'],
      [`state.z_${l}`, `A2.z_${l}`, 'st-carried'],
      [`state.d_${l}`, `C4.d_${l}`, 'st-carried'],
    ]),
    ...weights.map(({ name, label }) => moving(`weights.${label}`, `${isBias(name) ? 'O3' : 'O4'}.${label}`, label, 'O4')),
    ...momentsOf(config)
      .flatMap((moment) => weights.map(({ label }) => `${moment}.${label}`))
      .map((name) => moving(`optimizer.${name}`, `O3.${name}`, name, 'op-state')),
    ...['power1', 'power2'].map((name) => moving(`optimizer.${name}`, `op-state.${name}`, name, 'op-state')),
    ...(keeps ? weights.map(({ label }): Carry => [`optimizer.sum.${label}`, sumAfter(course, label), 'sq-update']) : []),
  ]
}
