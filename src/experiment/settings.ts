/** What a run is made of: the task, how long it trains, and the network; from options of a command line or a file. */

import { mismatch, PtncnError, show } from '../errors.js'
import { oneOf, record, requireField, requireFields, whole, wholeFrom, type Field, type Fields } from '../fields.js'
import { meant } from '../nearest.js'
import { requireTask, type Task } from '../data/task.js'
import { config as complete, CONFIG_FIELDS, profiles, requireConfig, type Config, type ProfileName } from '../ptncn/config.js'
import { isCorpusTask, TASK_KINDS, type TaskName, type TaskOptions } from './tasks.js'
import type { TrainSettings } from './train.js'

/** Options that say how a run trains; the names are those of the command line. */
export const RUN_FIELDS = [
  'task',
  'data',
  'side',
  'frames',
  'batch',
  'batching',
  'length',
  'sequences',
  'epochs',
  'seed',
  'profile',
] as const

/** All that decides what a run computes, and nothing else. JSON can hold it. */
export type RunSettings = TaskOptions & { readonly sequences?: number; readonly epochs?: number; readonly seed: number } & {
  /** over the profile, by name; `units` without n_0, which is the task's */
  readonly profile: ProfileName
  readonly fields: Readonly<Partial<Record<keyof Config, unknown>>>
}

/** How long a run trains: so many sequences, so many passes, or whole passes until it has seen at least so many. */
type Length = { readonly sequences: number } | { readonly epochs: number } | { readonly least: number }

/** What a task sets where nobody says otherwise. */
interface TaskDefaults {
  readonly units: readonly number[]
  readonly batch: number
  readonly length: Length
  /** in place of those of the profile */
  readonly fields?: Readonly<Partial<Config>>
}

const FRAMES: TaskDefaults = { units: [256, 256], batch: 50, length: { sequences: 20_000 } }
const SYMBOLS: TaskDefaults = { units: [256, 256], batch: 50, length: { epochs: 1 } }
/**
 * By fan-in E_1, which has a row for each word, would stand still while W_1 learns. Most words are rare: what an update
 * remembers of them has to last, and a rate that a tenth of a pass likes is too large for a whole one.
 */
const WORDS: TaskDefaults = {
  ...SYMBOLS,
  units: [64],
  batch: 20,
  fields: { rateFanIn: 0, beta: 0.3, beta2: 0.9999, rate: 0.001 },
}
/** A text of 35 kB has some 300 pieces: one pass over it is nothing. */
const TEXT: TaskDefaults = { units: [128, 128], batch: 10, length: { least: 6000 } }

export const DEFAULTS: Readonly<Record<TaskName, TaskDefaults>> = {
  'bouncing-mnist': FRAMES,
  'bouncing-notmnist': FRAMES,
  'bouncing-mnist-permuted': FRAMES,
  'ptb-char': SYMBOLS,
  'ptb-word': WORDS,
  reber: { ...SYMBOLS, units: [32, 32], length: { sequences: 20_000 } },
  text: TEXT,
  // sums of squares are steeper than those of logarithms
  series: { units: [64, 64], batch: 10, length: { sequences: 5000 }, fields: { rate: 0.0005 } },
  frames: { ...FRAMES, batch: 20 },
}

const NARROW = 32
const LARGEST_SCALE = 0.15

/** What suits the widest layer, n units: the gain of the recurrent weights grows as their deviation times the root of n. */
const fitted = (units: unknown): Readonly<Partial<Config>> => {
  const n = Math.max(NARROW, ...[units].flat().filter((unit): unit is number => typeof unit === 'number'))
  return { weightScale: Number((LARGEST_SCALE * Math.sqrt(NARROW / n)).toPrecision(2)) }
}

/** The profile of a run for which none is named, fitted to its units. */
const USUAL_PROFILE: ProfileName = 'online'

const take = <Value>(options: Fields, name: string, usual: Value, field: Field<Value>): Value =>
  requireField('UsageError', `--${name}`, options[name] ?? usual, field)

const lengthOf = (options: Fields, usual: Length): Length => {
  const { sequences, epochs } = options
  if (sequences !== undefined && epochs !== undefined)
    throw mismatch('UsageError', '--epochs', 'no --sequences beside it', epochs)
  if (sequences !== undefined) return { sequences: take(options, 'sequences', 0, whole(1, 1e9)) }
  if (epochs === undefined) return usual
  if (typeof epochs === 'number' && epochs > 0 && epochs <= 1e6) return { epochs }
  throw mismatch('UsageError', '--epochs', 'a number above 0, up to 1000000', epochs)
}

/**
 * Options, by name, as complete settings; `task`, where it is not said, is bouncing-mnist. Values are what JSON can hold.
 * @throws UsageError, ConfigError where a name or a value is none
 */
export const settingsOf = (options: Fields): RunSettings => {
  requireField('UsageError', 'options', options, record)
  const known = [...RUN_FIELDS, ...CONFIG_FIELDS] as readonly string[]
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const remedy = meant(unknown, known) || `the options are ${known.join(', ')}`
    throw new PtncnError('UsageError', `${show(unknown)} is no option of a run; ${remedy}`, unknown)
  }
  const task = take(options, 'task', 'bouncing-mnist', TASK_KINDS.task)
  const usual = DEFAULTS[task]
  const data = take(options, 'data', undefined, TASK_KINDS.data)
  const length = lengthOf(options, usual.length)
  // images and strings that are made have no end, so no passes
  if ('epochs' in length && !isCorpusTask(task))
    throw mismatch('UsageError', '--epochs', `--sequences, as ${task} has no end`, length.epochs)
  const fields = Object.fromEntries(
    CONFIG_FIELDS.filter((field) => options[field] !== undefined).map((field) => [field, options[field]]),
  )
  if (fields['output'] !== undefined) throw mismatch('UsageError', '--output', 'none, as the task decides it', fields['output'])
  // SPEC.md lets it be negative; a run that climbs its loss is a slip of the pen
  if (typeof fields['rate'] === 'number' && fields['rate'] < 0)
    throw mismatch('UsageError', '--rate', 'a number from 0 up', fields['rate'])
  return {
    task,
    ...(data !== undefined && { data }),
    side: take(options, 'side', 32, TASK_KINDS.side),
    frames: take(options, 'frames', 20, TASK_KINDS.frames),
    batch: take(options, 'batch', usual.batch, TASK_KINDS.batch),
    batching: take(options, 'batching', 'random', TASK_KINDS.batching),
    length: take(options, 'length', 100, TASK_KINDS.length),
    ...('least' in length ? {} : length),
    seed: take(options, 'seed', 1, whole(0, Number.MAX_SAFE_INTEGER)),
    profile: take(options, 'profile', USUAL_PROFILE, oneOf(...(Object.keys(profiles) as ProfileName[]))),
    fields: inOrder({
      ...(options['profile'] === undefined && { ...fitted(fields['units'] ?? usual.units), ...usual.fields }),
      units: usual.units,
      ...fields,
    }),
  }
}

/** As in CONFIG_FIELDS, so that the same settings are the same text, wherever they come from. */
const inOrder = (fields: RunSettings['fields']): RunSettings['fields'] =>
  Object.fromEntries(CONFIG_FIELDS.filter((field) => fields[field] !== undefined).map((field) => [field, fields[field]]))

/** The options that make these settings again. */
const optionsOf = ({ fields, ...rest }: RunSettings): Fields => ({ ...rest, ...fields })

/** The same run on another task, of which nothing but the name is its own. @throws UsageError */
export const otherTask = (settings: RunSettings, task: string): RunSettings => settingsOf({ ...optionsOf(settings), task })

const SETTINGS = { fields: record, task: TASK_KINDS.task, batch: TASK_KINDS.batch }
const requireSettings = (settings: RunSettings): void =>
  requireFields('UsageError', 'settings', settings, SETTINGS, 'settingsOf makes settings of options')

/** The network of a run. @throws ConfigError, or UsageError where `settings` are none of settingsOf */
export const networkOf = (settings: RunSettings, task: Pick<Task, 'inputs' | 'output'>): Config => {
  requireSettings(settings)
  const { fields, profile } = settings
  const { inputs, output } = requireField('UsageError', 'task', task, record) as unknown as Task
  const hidden = Array.isArray(fields.units) ? fields.units : [fields.units]
  return complete({ ...(fields as Partial<Config>), units: [inputs, ...(hidden as number[])], output }, profile)
}

/** The correction phase off: a state stays what A2 made it, y = f(a - 0 d) = z. @throws ConfigError */
export const withoutCorrection = (config: Config): Config => {
  requireConfig(config)
  return { ...config, beta: 0 }
}

/** How long a run with these settings trains. @throws UsageError where that is epochs of a task without end */
export const trainingOf = (settings: RunSettings, task: Task): TrainSettings => {
  requireSettings(settings)
  requireTask(task)
  const { sequences, batch, seed } = settings
  const batches = (): number => {
    const pass = requireField('UsageError', 'task.epoch', task.epoch, wholeFrom(1))
    const { length } = DEFAULTS[settings.task]
    const passes = settings.epochs ?? ('least' in length ? Math.ceil(length.least / (pass * batch)) : 1)
    return Math.max(1, Math.round(passes * pass))
  }
  return { seed, batch, sequences: sequences ?? batches() * batch }
}
