/**
 * SPEC.md's equations as a table: the name of each result in a trace, and the names of what it reads.
 *
 * What is given has the names of SPEC.md: `x`, `m`, `x[t-1]`, `y_1[t-1]`, `W_1`, `first.W_1`, `sum.W_1`, `power1`.
 */

import { momentsOf } from '../ptncn/optimizers.js'
import { layerCount, type Config } from '../ptncn/config.js'
import { updateName, weightLabel } from '../ptncn/trace.js'
import { isBias, weightShapes, type WeightName } from '../ptncn/weights.js'

export type Kind =
  | 'advance'
  | 'respond'
  | 'logits'
  | 'predict'
  | 'difference'
  | 'correction'
  | 'correct'
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
}

const rule = (
  equation: string,
  symbol: string,
  kind: Kind,
  level: number,
  pass: number,
  reads: Readonly<Record<string, string>>,
): Rule => ({ id: `${equation}.${symbol}_${level}${pass > 0 ? `^${pass}` : ''}`, equation, kind, level, pass, reads })

const range = (first: number, last: number): readonly number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const previous = (symbol: string, l: number): string => (l === 0 ? 'x[t-1]' : `${symbol}_${l}[t-1]`)
const aBefore = (l: number, pass: number): string => (pass === 1 ? `A1.a_${l}` : `C3.a_${l}^${pass - 1}`)
const zBefore = (l: number, pass: number): string => (l === 0 ? 'x' : pass === 1 ? `A2.z_${l}` : `C3.z_${l}^${pass - 1}`)

/** y_l, which C4 and the new state read. */
export const finalState = (config: Config, l: number): string => `C3.z_${l}^${config.passes}`

const forwardRules = (config: Config): readonly Rule[] => {
  const top = layerCount(config)
  const layers = range(1, top)
  return [
    ...layers.map((l) =>
      rule('A1', 'a', 'advance', l, 0, {
        below: previous('y', l - 1),
        M: `M_${l}`,
        ...(l < top && { above: previous('y', l + 1), U: `U_${l}` }),
        own: previous('y', l),
        V: `V_${l}`,
        ...(config.biases && { b: `b_${l}` }),
      }),
    ),
    ...layers.map((l) => rule('A2', 'z', 'respond', l, 0, { a: `A1.a_${l}` })),
    ...range(1, config.passes).flatMap((pass) => passRules(config, pass)),
    ...layers.map((l) => rule('C4', 'd', 'difference', l, 0, { left: `A2.z_${l}`, right: finalState(config, l), mask: 'm' })),
  ]
}

const passRules = (config: Config, pass: number): readonly Rule[] => {
  const top = layerCount(config)
  const layers = range(1, top)
  return [
    ...layers.map((l) =>
      rule('P1', 'logits', 'logits', l - 1, pass, {
        z: zBefore(l, pass),
        W: `W_${l}`,
        ...(config.biases && { c: `c_${l - 1}` }),
      }),
    ),
    ...layers.map((l) => rule('P1', 'p', 'predict', l - 1, pass, { logits: `P1.logits_${l - 1}^${pass}` })),
    ...layers.map((l) =>
      rule('C1', 'e', 'difference', l - 1, pass, { left: `P1.p_${l - 1}^${pass}`, right: zBefore(l - 1, pass), mask: 'm' }),
    ),
    ...layers.map((l) =>
      rule('C2', 'h', 'correction', l, pass, {
        below: `C1.e_${l - 1}^${pass}`,
        E: `E_${l}`,
        ...(l < top && { e: `C1.e_${l}^${pass}` }),
        a: aBefore(l, pass),
      }),
    ),
    ...layers.map((l) => rule('C3', 'a', 'correct', l, pass, { a: aBefore(l, pass), h: `C2.h_${l}^${pass}` })),
    ...layers.map((l) => rule('C3', 'z', 'respond', l, pass, { a: `C3.a_${l}^${pass}` })),
  ]
}

/** Each weight of a configuration with its layer, equation by equation. */
const weightsOf = (config: Config): readonly (readonly [WeightName, number])[] =>
  (['W', 'E', 'M', 'V', 'U', 'b', 'c'] as const).flatMap((name) =>
    range(1, layerCount(config))
      .filter((l) => weightShapes(config, l).some(([known]) => known === name))
      .map((l) => [name, l] as const),
  )

const learningRule = (config: Config, name: WeightName, l: number): Rule => {
  const presynaptic = config.presynaptic === 'corrected' ? 'y' : 'z'
  const id = updateName(name, l)
  const [d, e] = [`C4.d_${l}`, `C1.e_${l - 1}^1`]
  const made = (kind: Kind, reads: Rule['reads']): Rule => ({ id, equation: id.slice(0, 2), kind, level: l, pass: 0, reads })
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

const SCORES = { softmax: 'S1', sigmoid: 'S2', identity: 'S3' } as const

const scoreRules = ({ output }: Config): readonly Rule[] => {
  const reads = { p: 'P1.p_0^1', x: 'x', mask: 'm' }
  const made = (equation: string, symbol: string, kind: Kind): Rule => ({
    id: `${equation}.${symbol}`,
    equation,
    kind,
    level: 0,
    pass: 0,
    reads,
  })
  return [made(SCORES[output], 'loss', 'loss'), ...(output === 'softmax' ? [made('S4', 'correct', 'hits')] : [])]
}

const perWeight = (
  config: Config,
  equation: string,
  prefix: string,
  kind: Kind,
  reads: (label: string, name: WeightName, l: number) => Rule['reads'],
  only: (name: WeightName) => boolean = () => true,
): readonly Rule[] =>
  weightsOf(config)
    .filter(([name]) => only(name))
    .map(([name, l]) => {
      const label = weightLabel(name, l)
      return { id: `${equation}.${prefix}${label}`, equation, kind, level: l, pass: 0, reads: reads(label, name, l) }
    })

const reducingRules = (config: Config): readonly Rule[] => {
  const clipped = (d: (label: string, name: WeightName, l: number) => string): readonly Rule[] =>
    perWeight(config, 'O1', 'd', 'clip', (...of) => ({ d: d(...of) }))
  const averaged = (d: (label: string, name: WeightName, l: number) => string): readonly Rule[] =>
    perWeight(config, 'O2', 'd', 'mean', (...of) => ({ d: d(...of), mask: 'm' }))
  const raw = (_label: string, name: WeightName, l: number): string => updateName(name, l)
  return config.clipOrder === 'clip-mean'
    ? [...clipped(raw), ...averaged((label) => `O1.d${label}`)]
    : [...averaged(raw), ...clipped((label) => `O2.d${label}`)]
}

/** The reduced update of a weight, as O3 or the sum of a sequence reads it. */
const reduced = (config: Config, label: string): string => `${config.clipOrder === 'clip-mean' ? 'O2' : 'O1'}.d${label}`

const sumRules = (config: Config, { summed }: Course): readonly Rule[] =>
  perWeight(config, 'sq-update', 'sum.', 'add', (label) => ({
    ...(summed && { sum: `sum.${label}` }),
    d: reduced(config, label),
  }))

const applyingRules = (config: Config, d: (label: string) => string): readonly Rule[] => {
  const moments = momentsOf(config)
  const power = (name: string): Rule => ({
    id: `op-state.${name}`,
    equation: 'op-state',
    kind: 'power',
    level: 0,
    pass: 0,
    reads: { [name]: name },
  })
  const powers = config.optimizer === 'adam' ? { power1: 'op-state.power1', power2: 'op-state.power2' } : {}
  const made = (label: string): Rule['reads'] => Object.fromEntries(moments.map((moment) => [moment, `O3.${moment}.${label}`]))
  return [
    power('power1'),
    power('power2'),
    ...moments.flatMap((moment) =>
      perWeight(config, 'O3', `${moment}.`, moment, (label) => ({ old: `${moment}.${label}`, d: d(label) })),
    ),
    ...perWeight(config, 'O3', '', 'move', (label) => ({ w: label, d: d(label), ...made(label), ...powers })),
    ...perWeight(
      config,
      'O4',
      '',
      'project',
      (label) => ({ w: `O3.${label}` }),
      (name) => !isBias(name),
    ),
  ]
}

/** Whether O3 and O4 act in a step. [sq-update] */
export const applies = (config: Config, { learns, summed, ends }: Course): boolean =>
  config.update === 'step' ? learns : ends && (learns || summed)

/** Every equation of a step of this course, in the order of SPEC.md. */
export const rulesOf = (config: Config, course: Course): readonly Rule[] => {
  const inSequence = config.update === 'sequence'
  const sum = (label: string): string => (course.learns ? `sq-update.sum.${label}` : `sum.${label}`)
  return [
    ...forwardRules(config),
    ...(course.learns ? weightsOf(config).map(([name, l]) => learningRule(config, name, l)) : []),
    ...(course.scored ? scoreRules(config) : []),
    ...(course.learns ? reducingRules(config) : []),
    ...(course.learns && inSequence ? sumRules(config, course) : []),
    ...(applies(config, course) ? applyingRules(config, inSequence ? sum : (label) => reduced(config, label)) : []),
  ]
}

/** Parts of an answer that are a value of the trace, or what came in: each part with where it is from, and its clause. */
export const carriesOf = (config: Config, course: Course): readonly (readonly [part: string, from: string, clause: string])[] => {
  const layers = range(1, layerCount(config))
  const moved = applies(config, course)
  const keeps = config.update === 'sequence' && !course.ends && (course.learns || course.summed)
  const labels = weightsOf(config).map(([name, l]) => [weightLabel(name, l), name] as const)
  const weight = (label: string, name: WeightName): string => (moved ? `${isBias(name) ? 'O3' : 'O4'}.${label}` : label)
  return [
    ['out', 'P1.p_0^1', 'P1'],
    ['state.x', 'x', 'st-carried'],
    ...layers.flatMap((l) => [
      [`state.y_${l}`, finalState(config, l), 'st-carried'] as const,
      [`state.z_${l}`, `A2.z_${l}`, 'st-carried'] as const,
      [`state.d_${l}`, `C4.d_${l}`, 'st-carried'] as const,
    ]),
    ...labels.map(([label, name]) => [`weights.${label}`, weight(label, name), moved ? 'O4' : 'sq-learn'] as const),
    ...momentsOf(config).flatMap((moment) =>
      labels.map(
        ([label]) =>
          [
            `optimizer.${moment}.${label}`,
            moved ? `O3.${moment}.${label}` : `${moment}.${label}`,
            moved ? 'op-state' : 'sq-learn',
          ] as const,
      ),
    ),
    ...['power1', 'power2'].map(
      (name) => [`optimizer.${name}`, moved ? `op-state.${name}` : name, moved ? 'op-state' : 'sq-learn'] as const,
    ),
    ...(keeps
      ? labels.map(
          ([label]) =>
            [`optimizer.sum.${label}`, course.learns ? `sq-update.sum.${label}` : `sum.${label}`, 'sq-update'] as const,
        )
      : []),
  ]
}
