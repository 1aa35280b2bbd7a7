/** Protocol 1: what the lines of a request and of an answer mean. [pr-requests] [pr-answers] */

import { mismatch, PtncnError } from '../errors.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'
import { config as complete, CONFIG_FIELDS, type Config } from '../ptncn/config.js'
import { requireTime } from '../ptncn/state.js'
import { asRecord, type Json } from './json.js'
import { nameOfPart, partOfName, type Moment, type Scenario, type Situation } from './situation.js'
import { readScalar, readTensor, scalar, toBits, toHex } from './tensor.js'

export const PROTOCOL = 1

/** Fields of the configuration that are whole by their kind, and so stay decimal. */
const WHOLE: readonly string[] = ['units', 'passes', 'learnFrom']

type Fields = Readonly<Record<string, unknown>>

/** Every field, numbers that are not whole as bits. [cf-fields] */
export const encodeConfig = (config: Config): Fields =>
  Object.fromEntries(
    CONFIG_FIELDS.map((field) => {
      const value = config[field]
      return [field, typeof value === 'number' && !WHOLE.includes(field) ? toBits(value) : value]
    }),
  )

/** @throws ConfigError for a field that is missing, unknown or not allowed */
export const decodeConfig = (value: Json | undefined): Config => {
  const fields = asRecord(value)
  if (!fields) throw mismatch('ConfigError', 'config', 'a record of fields', value)
  const missing = CONFIG_FIELDS.find((field) => !(field in fields))
  if (missing) throw mismatch('ConfigError', missing, 'a value', undefined)
  const read = ([field, given]: readonly [string, Json]): [string, unknown] => {
    if (NUMBERS.has(field)) return [field, readNumber(field, given)]
    return [field, given]
  }
  return complete(Object.fromEntries(Object.entries(fields).map(read)) as unknown as Config)
}

const NUMBERS = new Set([
  'gamma',
  'beta',
  'alpha',
  'lambda',
  'clip',
  'rate',
  'momentum',
  'beta1',
  'beta2',
  'decay',
  'epsilon',
  'maxNorm',
  'weightScale',
])

const readNumber = (field: string, given: Json): number => {
  if (typeof given === 'string' && /^[0-9a-f]{8}$/.test(given)) return readScalar(field, given)
  throw mismatch('ConfigError', field, 'the eight hexadecimal digits of a number', given)
}

const POWERS: readonly string[] = ['power1', 'power2']

/** Tensors with names `state.x` and so on, sorted into their records. */
export const encodeParts = (
  tensors: Iterable<readonly [string, Matrix]>,
): Record<'state' | 'weights' | 'optimizer', Record<string, unknown>> => {
  const made = {
    state: {} as Record<string, unknown>,
    weights: {} as Record<string, unknown>,
    optimizer: {} as Record<string, unknown>,
  }
  for (const [part, value] of tensors) {
    const dot = part.indexOf('.')
    const name = part.slice(dot + 1)
    made[part.slice(0, dot) as 'state'][name] = POWERS.includes(name) ? toBits(value.data[0]!) : toHex(value)
  }
  return made
}

const encodeSituation = ({ t, key, tensors }: Situation): Fields => {
  const { state, weights, optimizer } = encodeParts([...tensors].map(([name, value]) => [partOfName(name), value] as const))
  return { weights, state: { t, key, ...state }, optimizer }
}

const encodeMoment = ({ x, mask, begin, end }: Moment): Fields => ({
  x: toHex(x),
  mask: toHex(mask),
  ...(begin && { begin }),
  ...(end && { end }),
})

/** The body of a request for one step or, where there are more inputs, for a run. */
export const encodeScenario = ({ config, from, inputs, train }: Scenario): Fields => {
  const common = { config: encodeConfig(config), ...encodeSituation(from) }
  return inputs.length === 1
    ? { op: 'step', ...common, input: encodeMoment(inputs[0]!), train }
    : { op: 'run', ...common, inputs: inputs.map(encodeMoment), train }
}

const isWord = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32

export const readKey = (what: string, value: Json | undefined): Key => {
  if (Array.isArray(value) && value.length === 2 && value.every(isWord)) return value as unknown as Key
  throw mismatch('ShapeError', what, 'two whole numbers from 0 to 2^32 - 1', value)
}

const record = (what: string, value: Json | undefined): Readonly<Record<string, Json>> => {
  const found = asRecord(value)
  if (!found) throw mismatch('ShapeError', what, 'a record', value)
  return found
}

/** Tensors of an answer or a request, by the names of its parts. @throws ShapeError for what is no tensor */
export const readParts = (fields: Readonly<Record<string, Json>>): Map<string, Matrix> => {
  const parts = new Map<string, Matrix>()
  for (const group of ['state', 'weights', 'optimizer']) {
    for (const [name, value] of Object.entries(record(group, fields[group]))) {
      if (group === 'state' && (name === 't' || name === 'key')) continue
      const what = `${group}.${name}`
      parts.set(what, POWERS.includes(name) && group === 'optimizer' ? scalar(readScalar(what, value)) : readTensor(what, value))
    }
  }
  return parts
}

const readTime = (state: Readonly<Record<string, Json>>): { t: number; key: Key } => {
  const t = state['t']
  if (!Number.isSafeInteger(t) || (t as number) < 0)
    throw mismatch('ShapeError', 'state.t', 'a whole number from 0 to 2^53 - 1', t)
  return { t: t as number, key: readKey('state.key', state['key']) }
}

/** The situation that an answer leaves, or a request begins with. */
export const readSituation = (fields: Readonly<Record<string, Json>>): Situation => {
  const { t, key } = readTime(record('state', fields['state']))
  const tensors = new Map([...readParts(fields)].map(([part, value]) => [nameOfPart(part)!, value]))
  return { t, key, tensors }
}

const readMoment = (value: Json | undefined): Moment => {
  const fields = record('input', value)
  const { begin, end } = fields
  if (end !== undefined && typeof end !== 'boolean') throw mismatch('ShapeError', 'input.end', 'true or false', end)
  return {
    x: readTensor('input.x', fields['x']),
    mask: readTensor('input.mask', fields['mask']),
    ...(begin !== undefined && { begin: readKey('input.begin', begin) }),
    ...(end === true && { end }),
  }
}

/** What a request asks for. @throws PtncnError where it is not valid */
export const decodeScenario = (request: Readonly<Record<string, Json>>): Scenario => {
  const { op, inputs, train } = request
  if (typeof train !== 'boolean') throw mismatch('ShapeError', 'train', 'true or false', train)
  if (op === 'run' && (!Array.isArray(inputs) || inputs.length === 0))
    throw mismatch('ShapeError', 'inputs', 'a list of inputs', inputs)
  const list = op === 'run' ? (inputs as readonly Json[]) : [request['input']]
  const from = readSituation(request)
  requireTime('state.t', from.t)
  return { config: decodeConfig(request['config']), from, inputs: list.map(readMoment), train }
}

export type ErrorKind = 'unsupported' | 'invalid' | 'diverged' | 'internal'
export const ERROR_KINDS: readonly string[] = ['unsupported', 'invalid', 'diverged', 'internal']

/** What a port says instead of a result. */
export interface Refusal {
  readonly kind: ErrorKind
  readonly what: string
  /** of `diverged`: the first equation whose result was not finite, and its layer */
  readonly equation?: string
  readonly layer?: number
}

/** One step of an answer. */
export interface StepAnswer {
  readonly parts: ReadonlyMap<string, Matrix>
  readonly trace: ReadonlyMap<string, Matrix>
  readonly situation: Situation
}

/** @throws ShapeError naming what is missing or no tensor */
export const readStep = (fields: Readonly<Record<string, Json>>): StepAnswer => {
  const trace = fields['trace'] === undefined ? {} : record('trace', fields['trace'])
  const parts = readParts(fields)
  return {
    parts: parts.set('out', readTensor('out', fields['out'])),
    trace: new Map(Object.entries(trace).map(([name, value]) => [name, readTensor(`trace.${name}`, value)])),
    situation: readSituation(fields),
  }
}

/** Ids of an answer and a request are the same number or text. */
export const readRefusal = (fields: Readonly<Record<string, Json>>): Refusal => {
  const { kind, what, equation, layer } = fields
  if (typeof kind !== 'string' || !ERROR_KINDS.includes(kind)) {
    throw new PtncnError('ShapeError', `"kind" expected one of ${ERROR_KINDS.join(', ')}`, kind)
  }
  return {
    kind: kind as ErrorKind,
    what: typeof what === 'string' ? what : '',
    ...(typeof equation === 'string' && { equation }),
    ...(typeof layer === 'number' && { layer }),
  }
}
