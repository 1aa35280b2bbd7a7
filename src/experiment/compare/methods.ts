/** What is compared: P-TNCN and its rivals, each made from a task, a number of units and settings that JSON can hold. */

import { field, number, oneOf, requireField, whole, type Field, type Fields } from '../../fields.js'
import type { Task } from '../../data/task.js'
import type { Engine, Learner, Snapshot } from '../../engine/engine.js'
import { wasmEngine } from '../../engine/fast/wasm.js'
import { ACTIVATIONS } from '../../numeric/activation.js'
import type { Key } from '../../numeric/random.js'
import { initialModel } from '../../ptncn/apply.js'
import { config as complete, CONFIG_FIELDS, profiles, type Config, type ProfileName } from '../../ptncn/config.js'
import type { Algebra } from '../../rivals/algebra.js'
import { bptt, lstm, tbptt } from '../../rivals/bptt.js'
import { esn, ESN_DEFAULTS, type EsnSettings } from '../../rivals/esn.js'
import { fastAlgebra } from '../../rivals/fast-algebra.js'
import { RIVAL_DEFAULTS, type Rival, type RivalConfig } from '../../rivals/rival.js'
import { FEEDBACK, rflo, RFLO_DEFAULTS } from '../../rivals/rflo.js'
import { rtrl } from '../../rivals/rtrl.js'
import { rtu } from '../../rivals/rtu.js'
import { sab, SAB_DEFAULTS } from '../../rivals/sab.js'
import { snap1 } from '../../rivals/snap1.js'
import { tpc, TPC_DEFAULTS } from '../../rivals/tpc.js'
import { uoro } from '../../rivals/uoro.js'
import { withoutCorrection } from '../settings.js'
import { matricesOf } from '../study/standing-file.js'

export type Setting = number | string | boolean | readonly number[]
export type Settings = Readonly<Record<string, Setting>>

/** A learner, and the models that it begins with. Which models these are is its own; nobody else looks into them. */
export interface Entrant<Model = unknown> {
  readonly learner: Learner<Model>
  readonly untrained: (key: Key) => Model
  /** the same network with the correction of its states switched off, where it has one */
  readonly uncorrected?: Learner<Model>
}

/** What a task says of the network. */
export type Ends = Pick<Task, 'inputs' | 'output'>

/** An engine of P-TNCN. */
export type EngineOf = (config: Config) => Engine

export interface Method {
  /** what it may be told; values are checked when it is made */
  readonly settings: readonly string[]
  /** the activations that it may have, the usual one first */
  readonly variants: readonly string[]
  /** numbers that learning keeps of each row of a batch beside weights and moments, for sequences of so many steps */
  readonly kept: (size: NetworkSize, settings: Settings) => number
  /** @throws UsageError, ConfigError where a setting is none */
  readonly make: (ends: Ends, units: number, variant: string, settings: Settings, engineOf?: EngineOf) => Promise<Entrant>
}

export interface NetworkSize {
  readonly inputs: number
  readonly units: number
  readonly steps: number
}

const LAYERS = 2
const DISCRETE = ['sign', 'step', 'stochastic'] as const

/** The units of each layer of P-TNCN, where they are not LAYERS times those of the grid. */
export const layersOf = ({ units }: Settings): readonly number[] | undefined =>
  units === undefined ? undefined : ([units].flat() as number[])

const networkOf = ({ inputs, output }: Ends, usual: number, activation: string, settings: Settings): Config => {
  const { profile = 'released', units: _, ...fields } = settings
  const units = [inputs, ...(layersOf(settings) ?? Array.from({ length: LAYERS }, () => usual))]
  return complete(
    { ...(fields as Partial<Config>), activation: activation as Config['activation'] & string, units, output },
    profile as ProfileName,
  )
}

const ptncn: Method = {
  settings: ['profile', ...CONFIG_FIELDS.filter((field) => !['activation', 'output'].includes(field))],
  variants: ['tanh', ...Object.keys(ACTIVATIONS).filter((name) => name !== 'tanh'), 'stochastic'],
  // x of a step, and y, z and d of each layer, whatever the length
  kept: ({ inputs, units }, settings) => inputs + 3 * (layersOf(settings)?.reduce((sum, n) => sum + n, 0) ?? LAYERS * units),
  make: async (ends, units, variant, settings, engineOf = wasmEngine) => {
    const config = networkOf(ends, units, variant, settings)
    const entrant: Entrant<Snapshot> = {
      learner: engineOf(config),
      uncorrected: engineOf(withoutCorrection(config)),
      untrained: (key) => initialModel(config, key),
    }
    return entrant as Entrant
  },
}

const MOST = 1e6
const fromLeast = (least: number): Field<number> => number(least, MOST)
const wholeFromOne = whole(1, MOST)

/** What each setting is where nobody says otherwise, and what it may be. */
type Own = Readonly<Record<string, readonly [usual: Setting, field: Field<Setting>]>>

/** Of every rival. */
const RIVAL_SETTINGS = {
  rate: [RIVAL_DEFAULTS.rate, fromLeast(0)],
  clip: [RIVAL_DEFAULTS.clip, fromLeast(0)],
  weightScale: [RIVAL_DEFAULTS.weightScale, fromLeast(0)],
  outputBias: [RIVAL_DEFAULTS.outputBias, fromLeast(-100)],
} as const

type Values<Names extends Own> = { readonly [Name in keyof Names]: Names[Name][1] extends Field<infer Value> ? Value : never }

interface RivalMethod<Names extends Own> {
  readonly own: Names
  readonly variants?: readonly string[]
  readonly kept: (size: NetworkSize, own: Values<Names>) => number
  readonly make: (algebra: Algebra, config: RivalConfig, own: Values<Names>, variant: string) => Rival
}

const ownOf = <const Names extends Own>(own: Names, settings: Settings): Values<Names> =>
  Object.fromEntries(
    Object.entries(own).map(([name, [usual, field]]) => [name, requireField('UsageError', name, settings[name] ?? usual, field)]),
  ) as Values<Names>

/** A rival, with the settings that only it has. */
const rivalMethod = <const Names extends Own>({ own, variants = ['tanh'], kept, make }: RivalMethod<Names>): Method => ({
  settings: [...Object.keys(RIVAL_SETTINGS), ...Object.keys(own)],
  variants,
  kept: (size, settings) => kept(size, ownOf(own, settings)),
  make: async ({ inputs, output }, units, variant, settings) => {
    const config = { inputs, output, units, ...ownOf(RIVAL_SETTINGS, settings) }
    const rival = make(await fastAlgebra(), config, ownOf(own, settings), variant)
    return { learner: rival, untrained: rival.initial } as Entrant
  },
})

/** What a step of an Elman network and of an LSTM leaves for the way back. */
const elmanStep = ({ inputs, units }: NetworkSize): number => inputs + units
const lstmStep = ({ inputs, units }: NetworkSize): number => inputs + 7 * units

/** One number for each weight into a unit, and what the step takes in. */
const localStep = (size: NetworkSize): number => elmanStep(size) + size.units * (elmanStep(size) + 1)

export const METHODS: Readonly<Record<string, Method>> = {
  ptncn,
  bptt: rivalMethod({ own: {}, kept: (size) => size.steps * elmanStep(size), make: bptt }),
  tbptt: rivalMethod({
    own: { chunk: [5, wholeFromOne] },
    kept: (size, { chunk }) => Math.min(chunk, size.steps) * elmanStep(size),
    make: (algebra, config, { chunk }) => tbptt(algebra, config, chunk),
  }),
  lstm: rivalMethod({ own: {}, kept: (size) => size.steps * lstmStep(size), make: lstm }),
  // each unit by each weight into any unit; as a product of two vectors
  rtrl: rivalMethod({ own: {}, kept: (size) => elmanStep(size) + size.units ** 2 * (elmanStep(size) + 1), make: rtrl }),
  uoro: rivalMethod({ own: {}, kept: (size) => elmanStep(size) + size.units * (elmanStep(size) + 2), make: uoro }),
  snap1: rivalMethod({ own: {}, kept: localStep, make: snap1 }),
  rflo: rivalMethod({
    own: { leak: [RFLO_DEFAULTS.leak, fromLeast(0)], feedback: [RFLO_DEFAULTS.feedback, FEEDBACK] },
    kept: localStep,
    make: rflo,
  }),
  // a complex trace for each input, the bias and lambda's two numbers, and the state, for each two units
  rtu: rivalMethod({ own: {}, kept: ({ inputs, units }) => inputs + 2 * Math.ceil(units / 2) * (inputs + 4), make: rtu }),
  tpc: rivalMethod({
    own: { passes: [TPC_DEFAULTS.passes, wholeFromOne], inferenceRate: [TPC_DEFAULTS.inferenceRate, fromLeast(0)] },
    kept: elmanStep,
    make: tpc,
  }),
  esn: rivalMethod({
    own: {
      leak: [ESN_DEFAULTS.leak, fromLeast(0)],
      radius: [ESN_DEFAULTS.radius, fromLeast(0)],
      inputScale: [ESN_DEFAULTS.inputScale, fromLeast(0)],
      density: [ESN_DEFAULTS.density, fromLeast(0)],
    },
    variants: ['tanh', ...DISCRETE],
    kept: elmanStep,
    make: (algebra, config, own, variant) => esn(algebra, config, { ...own, activation: variant as EsnSettings['activation'] }),
  }),
  sab: rivalMethod({
    own: {
      every: [SAB_DEFAULTS.every, wholeFromOne],
      top: [SAB_DEFAULTS.top, wholeFromOne],
      trunc: [SAB_DEFAULTS.trunc, wholeFromOne],
    },
    kept: (size, { every }) => size.steps * lstmStep(size) + Math.floor(size.steps / every) * size.units,
    make: sab,
  }),
}

/** @throws UsageError */
export const methodOf = (name: unknown): Method =>
  METHODS[requireField('UsageError', 'method', name, oneOf(...Object.keys(METHODS)))]!

/** Units are a list. */
const SETTING = field<Setting>(
  'a number, a text, true or false',
  (value) => ['number', 'string', 'boolean'].includes(typeof value) || (Array.isArray(value) && value.every(Number.isInteger)),
)

/** @throws UsageError where a name or a kind of value is none; what the values may be is seen when the method is made */
export const requireSettings = (method: Method, settings: Fields): Settings => {
  for (const [name, value] of Object.entries(settings)) {
    requireField('UsageError', 'setting', name, oneOf(...method.settings))
    requireField('UsageError', name, value, SETTING)
  }
  if (settings['profile'] !== undefined)
    requireField('UsageError', 'profile', settings['profile'], oneOf(...Object.keys(profiles)))
  return settings as Settings
}

/** All numbers that make a network, those that never move among them. */
export const weightsOf = (model: unknown): number =>
  [...matricesOf((model as { readonly weights: unknown }).weights).values()].reduce((sum, { data }) => sum + data.length, 0)
