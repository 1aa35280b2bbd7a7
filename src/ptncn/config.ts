/** The configuration: every switch of the specification, its default, and one validation for all of them. [cf-fields] */

import { mismatch } from '../errors.js'
import { field, flag, oneOf, requireField, requireOnly, whole, type Field } from '../fields.js'
import { ACTIVATIONS, type Activation } from '../numeric/activation.js'

/** The version of SPEC.md that this code keeps, which is the package's. */
export const SPEC_VERSION = '0.2.0'

/** The versions whose files and requests this code reads, the newest last. */
export const SPEC_VERSIONS = ['0.1.0', SPEC_VERSION] as const
export type SpecVersion = (typeof SPEC_VERSIONS)[number]

/** f by name: a function of [ar-units], or stochastic units. */
export type ActivationName = keyof typeof ACTIVATIONS | 'stochastic'

/** What a network computes: each switch and number of the specification. `config` makes one; defaults are those of `released`. [cf-fields] */
export interface Config {
  /** n_0 .. n_L: the width of the input, then the units of each hidden layer */
  readonly units: readonly number[]
  /** f, by name or as a function of the caller's; default tanh */
  readonly activation: ActivationName | Activation
  /** g_0 of P1; default softmax */
  readonly output: 'softmax' | 'sigmoid' | 'identity'
  /** g_l of P1 for hidden layers; default identity */
  readonly hiddenPrediction: 'identity' | 'activation'
  /** the signal of L1 for l >= 2: d_(l-1) or e_(l-1); default correction */
  readonly topDownSignal: 'correction' | 'error'
  /** L2; default transposed */
  readonly errorRule: 'transposed' | 'temporal'
  /** the factor of L2; default 1 */
  readonly gamma: number
  /** L3 to L5 read y[t-1] (corrected) or z[t-1] (uncorrected); default corrected */
  readonly presynaptic: 'corrected' | 'uncorrected'
  /** the size of a correction, C3; default 0.1 */
  readonly beta: number
  /** the weight of a layer's own error, C2; default 0.001 */
  readonly alpha: number
  /** the weight of the sparsity term, C2; default 0 */
  readonly lambda: number
  /** K, the passes of the settling; default 1 */
  readonly passes: number
  /** b_l and c_(l-1) of A1 and P1; default false */
  readonly biases: boolean
  /** r of O1; 0 or less is off; default 1 */
  readonly clip: number
  /** whether O1 comes before O2 or after it; default clip-mean */
  readonly clipOrder: 'clip-mean' | 'mean-clip'
  /** N of O2: all rows, or the active ones; default all */
  readonly mean: 'all' | 'active'
  /** O3; default nesterov */
  readonly optimizer: 'sgd' | 'momentum' | 'nesterov' | 'adam' | 'rmsprop'
  /** the size of a step of the optimiser, O3; default 0.075 */
  readonly rate: number
  /** mu of momentum and Nesterov; default 0.95 */
  readonly momentum: number
  /** the decay of Adam's first moment; default 0.9 */
  readonly beta1: number
  /** the decay of Adam's second moment; default 0.999 */
  readonly beta2: number
  /** the decay of RMSprop; default 0.9 */
  readonly decay: number
  /** the small number of Adam and RMSprop; default 1e-8 */
  readonly epsilon: number
  /** whether O3 acts after each step, or once a sequence on the sum of its updates; default step */
  readonly update: 'step' | 'sequence'
  /** O4; 0 is off; default 0 */
  readonly maxNorm: number
  /** the standard deviation of the initial weights; default 0.05 */
  readonly weightScale: number
  /** the first step of a sequence that learns and is scored; default 1 */
  readonly learnFrom: number
  /** d of C4: what the settling has changed of the state, or of its drive; default state */
  readonly correctionSignal: 'state' | 'drive'
  /** the drives that count for C4, where it is of the drive: those nearer to 0 than this; 0 or less is all; default 0 */
  readonly window: number
  /** E at the beginning: numbers of its own, or W'; default independent */
  readonly errorStart: 'independent' | 'transposed'
  /** the part of a matrix that it loses at each update, O5; default 0 */
  readonly weightDecay: number
  /** the rows up to which a matrix has the whole rate, op-rate; 0 is off; default 0 */
  readonly rateFanIn: number
}

type Settings = Omit<Config, 'units'>

/** Read from the authors' released code, exact. [cf-released] */
export const released: Settings = {
  activation: 'tanh',
  output: 'softmax',
  hiddenPrediction: 'identity',
  topDownSignal: 'correction',
  errorRule: 'transposed',
  gamma: 1,
  presynaptic: 'corrected',
  beta: 0.1,
  alpha: 0.001,
  lambda: 0,
  passes: 1,
  biases: false,
  clip: 1,
  clipOrder: 'clip-mean',
  mean: 'all',
  optimizer: 'nesterov',
  rate: 0.075,
  momentum: 0.95,
  beta1: 0.9,
  beta2: 0.999,
  decay: 0.9,
  epsilon: 1e-8,
  update: 'step',
  maxNorm: 0,
  weightScale: 0.05,
  learnFrom: 1,
  correctionSignal: 'state',
  window: 0,
  errorStart: 'independent',
  weightDecay: 0,
  rateFanIn: 0,
}

/** From an independent reader's notes on the paper; what they do not say is taken from the released code. [cf-paper] */
export const paper: Settings = {
  ...released,
  hiddenPrediction: 'activation',
  topDownSignal: 'error',
  errorRule: 'temporal',
  presynaptic: 'uncorrected',
  maxNorm: 30,
}

/** What trained best with the fields of 0.1.0; how large the rate may be depends on the units. [cf-tuned] */
export const tuned: Settings = { ...released, topDownSignal: 'error', biases: true, clip: 0, optimizer: 'adam', rate: 0.0003 }

/** The tuned one with one rate for all widths, by fan-in; tried at 32 and 128 units. Of 0.2.0. [cf-later] */
export const online: Settings = { ...tuned, rate: 0.003, errorStart: 'transposed', rateFanIn: 32 }

/** The profiles by name: all fields but the units. [cf-released] [cf-paper] */
export const profiles = { released, paper, tuned, online } as const
/** The name of a profile. */
export type ProfileName = keyof typeof profiles

/** A number is judged as it will be used: rounded to binary32. */
const number = (expected: string, holds: (value: number) => boolean): Field<number> =>
  field(expected, (v) => typeof v === 'number' && Number.isFinite(Math.fround(v)) && holds(Math.fround(v)))

const anyNumber = number('a finite number', () => true)
const notNegative = number('a number >= 0', (v) => v >= 0)
const fraction = number('a number from 0 to below 1', (v) => v >= 0 && v < 1)
const names = oneOf(...Object.keys(ACTIVATIONS), 'stochastic')

/** What each field may hold. [cf-fields] */
const FIELDS: Readonly<Record<keyof Config, Field<unknown>>> = {
  units: field(
    'a list of at least 2 whole numbers from 1 to 2^24, n_0 to n_L',
    (v) => Array.isArray(v) && v.length >= 2 && v.length <= 0x10000 && Array.from(v).every(whole(1, 2 ** 24).holds),
  ),
  activation: field(`${names.expected}, or a function of a number`, (v) => typeof v === 'function' || names.holds(v)),
  output: oneOf('softmax', 'sigmoid', 'identity'),
  hiddenPrediction: oneOf('identity', 'activation'),
  topDownSignal: oneOf('correction', 'error'),
  errorRule: oneOf('transposed', 'temporal'),
  gamma: anyNumber,
  presynaptic: oneOf('corrected', 'uncorrected'),
  beta: anyNumber,
  alpha: anyNumber,
  lambda: anyNumber,
  passes: whole(1, 0x7fff),
  biases: flag,
  clip: anyNumber,
  clipOrder: oneOf('clip-mean', 'mean-clip'),
  mean: oneOf('all', 'active'),
  optimizer: oneOf('sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'),
  rate: anyNumber,
  momentum: anyNumber,
  beta1: fraction,
  beta2: fraction,
  decay: fraction,
  epsilon: notNegative,
  update: oneOf('step', 'sequence'),
  maxNorm: notNegative,
  weightScale: notNegative,
  learnFrom: whole(0, 2 ** 32 - 2),
  correctionSignal: oneOf('state', 'drive'),
  window: anyNumber,
  errorStart: oneOf('independent', 'transposed'),
  weightDecay: fraction,
  rateFanIn: notNegative,
}

/** The names of all fields, in the order of the specification. [cf-fields] */
export const CONFIG_FIELDS = Object.keys(FIELDS) as readonly (keyof Config)[]

/** The fields that came with 0.2.0; each has a default with which nothing is as if it were not there. [cf-later] */
export const LATER_FIELDS: readonly (keyof Config)[] = ['correctionSignal', 'window', 'errorStart', 'weightDecay', 'rateFanIn']

/** The fields that have to stand wherever a configuration is read. [cf-later] */
export const FIRST_FIELDS: readonly (keyof Config)[] = CONFIG_FIELDS.filter((field) => !LATER_FIELDS.includes(field))

const laterOf = (given: Config): readonly (keyof Config)[] =>
  LATER_FIELDS.filter((field) => given[field] !== released[field as 'rate'])

/** The fields that are written of a configuration: of the later ones those that are not at their default. [cf-later] */
export const writtenFields = (given: Config): readonly (keyof Config)[] => [...FIRST_FIELDS, ...laterOf(given)]

/** The first version of the specification that has all that a configuration asks for. [cf-later] */
export const specOf = (given: Config): SpecVersion => (laterOf(given).length === 0 ? '0.1.0' : '0.2.0')

/**
 * A complete configuration: a profile (default `released`), the given fields over it, every number rounded to binary32.
 * @throws ConfigError that names the field, what it may hold and what it got
 */
export const config = (given: Partial<Config> & Pick<Config, 'units'>, profile: ProfileName = 'released'): Config => {
  requireField('ConfigError', 'profile', profile, oneOf(...Object.keys(profiles)))
  if (typeof given !== 'object' || given === null) throw mismatch('ConfigError', 'config', 'a record of fields', given)
  requireOnly('ConfigError', 'the configuration', given, CONFIG_FIELDS)
  const complete = { ...profiles[profile], ...given }
  for (const name of CONFIG_FIELDS) requireField('ConfigError', name, complete[name], FIELDS[name])
  return Object.freeze(roundScalars(complete))
}

/** @throws ConfigError unless `given` is complete and rounded, as `config` makes it */
export const requireConfig = (given: Config): void => {
  const remedy = 'config({ units: [...] }) makes one'
  if (typeof given !== 'object' || given === null) throw mismatch('ConfigError', 'config', 'a configuration', given, remedy)
  for (const field of CONFIG_FIELDS) {
    const value: unknown = given[field]
    const rounded = typeof value !== 'number' || field === 'learnFrom' || Math.fround(value) === value
    if (!FIELDS[field].holds(value)) throw mismatch('ConfigError', field, FIELDS[field].expected, value, remedy)
    if (!rounded) throw mismatch('ConfigError', field, 'a number rounded to binary32', value, remedy)
  }
}

/** Rounded to binary32; -0 becomes +0, as a file would make it. */
const roundScalars = (complete: Config): Config => {
  const rounded = Object.entries(complete).map(([field, v]) => [field, typeof v === 'number' ? Math.fround(v) + 0 : v])
  return { ...(Object.fromEntries(rounded) as Config), units: Object.freeze([...complete.units]), learnFrom: complete.learnFrom }
}

/** L, the number of hidden layers. */
export const layerCount = (config: Config): number => config.units.length - 1
