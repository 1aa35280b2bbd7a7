/** Protocol 1: what the lines of a request and of an answer mean. [pr-tensor] [pr-requests] [pr-answers] */

import { mismatch, PtncnError } from '../../errors.js'
import { requireField } from '../../fields.js'
import { asRecord, parseJson, type Json } from '../../io/json.js'
import { digits, digitsOf, numbersOf } from '../../numeric/bits.js'
import type { Matrix } from '../../numeric/matrix.js'
import type { Key } from '../../numeric/random.js'
import { config as complete, FIRST_FIELDS, released, writtenFields, type Config, type SpecVersion } from '../../ptncn/config.js'
import { requireTime } from '../../ptncn/state.js'
import { scalar } from '../../ptncn/trace.js'
import type { Level } from '../equations/rounding.js'
import { nameOfPart, partOfName, type Moment, type Scenario, type Situation } from '../scenario.js'

export const PROTOCOL = 1

/** The operations beside those of a step. [pr-parts] */
export const PARTS = ['init', 'function', 'checkpoint'] as const
export type Part = (typeof PARTS)[number]

export const isPart = (op: unknown): op is Part => PARTS.some((one) => one === op)

/** Deeper than any line of the protocol. */
const DEEPEST = 16

export type Fields = Readonly<Record<string, Json>>

/** The record that a line is, or undefined where it is another value. @throws FileError where it is not JSON */
export const readLine = (line: string): Fields | undefined => asRecord(parseJson(line, DEEPEST))

export const toBits = (value: number): string => digitsOf([value])

/** A tensor, row by row: `{"s":[2,3],"x":"3f800000..."}`. */
export interface HexTensor {
  readonly s: readonly [number, number]
  readonly x: string
}

export const toHex = ({ rows, cols, data }: Matrix): HexTensor => ({ s: [rows, cols], x: digitsOf(data) })

const readScalar = (what: string, value: unknown): number => numbersOf(requireField('ShapeError', what, value, digits))[0]!

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** @throws ShapeError unless `value` is a tensor whose digits fit its shape */
export const readTensor = (what: string, value: unknown): Matrix => {
  const { s, x } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (!Array.isArray(s) || s.length !== 2 || !isSize(s[0]) || !isSize(s[1])) {
    throw mismatch('ShapeError', what, 'a tensor {"s":[rows,columns],"x":"..."}', value === undefined ? undefined : (s ?? value))
  }
  const [rows, cols] = s as [number, number]
  const expected = `${rows} x ${cols} elements of eight lowercase hexadecimal digits`
  if (typeof x !== 'string') throw mismatch('ShapeError', what, expected, x)
  if (x.length !== rows * cols * 8 || !/^[0-9a-f]*$/.test(x)) {
    throw new PtncnError('ShapeError', `"${what}" expected ${expected}, got ${x.length} characters`, x.length)
  }
  return { rows, cols, data: numbersOf(x) }
}

/** Whether a field of the configuration goes as bits; what is whole by its kind stays decimal. [cf-fields] */
const goesAsBits = (field: string): boolean =>
  typeof released[field as 'rate'] === 'number' && field !== 'passes' && field !== 'learnFrom'

/** Every field, of the later ones those that are not at their default. [cf-fields] [cf-later] */
export const encodeConfig = (config: Config): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    writtenFields(config).map((field) => [field, goesAsBits(field) ? toBits(config[field as 'rate']) : config[field]]),
  )

/** @throws ConfigError for a field that is missing, unknown or not allowed */
export const decodeConfig = (value: Json | undefined): Config => {
  const fields = asRecord(value)
  if (!fields) throw mismatch('ConfigError', 'config', 'a record of fields', value)
  const missing = FIRST_FIELDS.find((field) => !(field in fields))
  if (missing) throw mismatch('ConfigError', missing, 'a value', undefined)
  const read = ([field, given]: readonly [string, Json]): [string, unknown] => {
    if (!goesAsBits(field)) return [field, given]
    return [field, numbersOf(requireField('ConfigError', field, given, digits))[0]!]
  }
  return complete(Object.fromEntries(Object.entries(fields).map(read)) as unknown as Config)
}

const isPower = (part: string): boolean => part === 'optimizer.power1' || part === 'optimizer.power2'

/** What a step starts from or leaves, each tensor in the record that it belongs to. */
export const encodeSituation = ({ t, key, tensors }: Situation): Record<'weights' | 'state' | 'optimizer', object> => {
  const made = { weights: {}, state: { t, key }, optimizer: {} }
  for (const [name, value] of tensors) {
    const part = partOfName(name)
    const [group, rest] = [part.slice(0, part.indexOf('.')), part.slice(part.indexOf('.') + 1)]
    const encoded = { [rest]: isPower(part) ? toBits(value.data[0]!) : toHex(value) }
    Object.assign(made[group as 'weights'], encoded)
  }
  return made
}

const encodeMoment = ({ x, mask, begin, end }: Moment): object => ({
  x: toHex(x),
  mask: toHex(mask),
  ...(begin && { begin }),
  ...(end && { end }),
})

/** The body of a request for one step or, where there are more inputs, for a run. */
export const encodeScenario = ({ config, from, inputs, train }: Scenario): object => {
  const common = { config: encodeConfig(config), ...encodeSituation(from) }
  return inputs.length === 1
    ? { op: 'step', ...common, input: encodeMoment(inputs[0]!), train }
    : { op: 'run', ...common, inputs: inputs.map(encodeMoment), train }
}

const isWord = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32

/** @throws ShapeError */
export const readKey = (what: string, value: Json | undefined): Key => {
  if (Array.isArray(value) && value.length === 2 && value.every(isWord)) return value as unknown as Key
  throw mismatch('ShapeError', what, 'two whole numbers from 0 to 2^32 - 1', value)
}

const record = (what: string, value: Json | undefined): Fields => {
  const found = asRecord(value)
  if (!found) throw mismatch('ShapeError', what, 'a record', value)
  return found
}

/** Tensors of an answer or a request, by the names of its parts. */
const readParts = (fields: Fields): Map<string, Matrix> => {
  const parts = new Map<string, Matrix>()
  for (const group of ['state', 'weights', 'optimizer']) {
    for (const [name, value] of Object.entries(record(group, fields[group]))) {
      const what = `${group}.${name}`
      if (what === 'state.t' || what === 'state.key') continue
      parts.set(what, isPower(what) ? scalar(readScalar(what, value)) : readTensor(what, value))
    }
  }
  return parts
}

/** A part under its name in a situation. @throws ShapeError where it stands in another group than its own */
const named = ([part, value]: readonly [string, Matrix]): readonly [string, Matrix] => {
  const name = nameOfPart(part)
  if (partOfName(name) !== part) throw mismatch('ShapeError', part, 'no tensor of this name', value)
  return [name, value]
}

/** The situation that an answer leaves, or a request begins with. */
const readSituation = (fields: Fields): Situation => {
  const { t, key } = record('state', fields['state'])
  if (!isSize(t)) throw mismatch('ShapeError', 'state.t', 'a whole number from 0 to 2^53 - 1', t)
  const read = readKey('state.key', key)
  return { t, key: read, tensors: new Map([...readParts(fields)].map(named)) }
}

const readMoment = (value: Json | undefined): Moment => {
  const { x, mask, begin, end } = record('input', value)
  if (end !== undefined && typeof end !== 'boolean') throw mismatch('ShapeError', 'input.end', 'true or false', end)
  return {
    x: readTensor('input.x', x),
    mask: readTensor('input.mask', mask),
    ...(begin !== undefined && { begin: readKey('input.begin', begin) }),
    ...(end === true && { end }),
  }
}

/** What a request asks for. @throws PtncnError where it is not valid */
export const decodeScenario = (request: Fields): Scenario => {
  const { op, input, inputs, train, want } = request
  if (typeof train !== 'boolean') throw mismatch('ShapeError', 'train', 'true or false', train)
  if (want !== 'trace' && want !== 'none') throw mismatch('ShapeError', 'want', '"trace" or "none"', want)
  if (op === 'run' && (!Array.isArray(inputs) || inputs.length === 0))
    throw mismatch('ShapeError', 'inputs', 'a list of inputs', inputs)
  const list = op === 'run' ? (inputs as readonly Json[]) : [input]
  const from = readSituation(request)
  requireTime('state.t', from.t)
  return { config: decodeConfig(request['config']), from, inputs: list.map(readMoment), train }
}

export const ERROR_KINDS = ['unsupported', 'invalid', 'diverged', 'internal'] as const
export type ErrorKind = (typeof ERROR_KINDS)[number]

/** What a port says instead of a result. */
export interface Refusal {
  readonly kind: ErrorKind
  readonly what: string
  /** of `diverged`: the first equation whose result was not finite, and its layer */
  readonly equation?: string
  readonly layer?: number
}

/** @throws ShapeError where the kind is none that there is */
export const readRefusal = ({ kind, what, equation, layer }: Fields): Refusal => {
  const known = ERROR_KINDS.find((one) => one === kind)
  if (!known) throw new PtncnError('ShapeError', `"kind" expected one of ${ERROR_KINDS.join(', ')}`, kind)
  return {
    kind: known,
    what: typeof what === 'string' ? what : '',
    ...(typeof equation === 'string' && { equation }),
    ...(typeof layer === 'number' && { layer }),
  }
}

/** A refusal as an answer, without its id. */
export const refuse = (kind: ErrorKind, what: string, more: object = {}): object => ({ ok: false, kind, what, ...more })

/** One step of an answer. */
export interface StepAnswer {
  readonly parts: ReadonlyMap<string, Matrix>
  readonly trace: ReadonlyMap<string, Matrix>
  readonly situation: Situation
}

/** @throws ShapeError naming what is missing or no tensor */
export const readStep = (fields: Fields): StepAnswer => {
  const trace = Object.entries(fields['trace'] === undefined ? {} : record('trace', fields['trace']))
  const results = trace.filter(([name]) => RESULT.test(name))
  return {
    parts: readParts(fields).set('out', readTensor('out', fields['out'])),
    trace: new Map(results.map(([name, value]) => [name, readTensor(`trace.${name}`, value)])),
    situation: readSituation(fields),
  }
}

/** How a result's name begins; whatever else a port traces is its own. [pr-lines] [pr-trace] */
const RESULT = /^(?:[A-Z]\d|sq-update|op-state)\./

/** What a port can do, as it says itself. [pr-hello] */
export interface Caps {
  /** the versions of the specification that it keeps, of those that there are */
  readonly specs: readonly SpecVersion[]
  readonly layers: number
  readonly maxDims: number
  readonly activations: readonly string[]
  readonly outputs: readonly string[]
  readonly optimizers: readonly string[]
  readonly ops: readonly string[]
  readonly trace: 'full' | 'none' | readonly string[]
  readonly level: Level
}

export const texts = (value: Json | undefined): readonly string[] | undefined =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? (value as readonly string[]) : undefined

/** @throws ShapeError that says what is expected of hello */
export const readCaps = (value: Json | undefined, specs: readonly SpecVersion[]): Caps => {
  const caps = asRecord(value)
  const fail = (name: string, expected: string): never => {
    throw new PtncnError('ShapeError', `hello: "caps.${name}" expected ${expected}`, value)
  }
  if (!caps) return fail('', 'a record')
  const whole = (name: string): number =>
    Number.isSafeInteger(caps[name]) && (caps[name] as number) >= 1 ? (caps[name] as number) : fail(name, 'a whole number >= 1')
  const list = (name: string): readonly string[] => texts(caps[name]) ?? fail(name, 'a list of names')
  const some = (name: string): readonly string[] => (list(name).length > 0 ? list(name) : fail(name, 'at least one name'))
  const { trace, level } = caps
  if (level !== 'tol' && level !== 'bit') return fail('level', '"tol" or "bit"')
  const traced =
    trace === 'full' || trace === 'none' ? trace : (texts(trace) ?? fail('trace', '"full", "none" or a list of names'))
  const ops = list('ops')
  if (!ops.includes('step')) fail('ops', '"step" among them')
  return {
    specs,
    layers: whole('layers'),
    maxDims: whole('maxDims'),
    activations: some('activations'),
    outputs: some('outputs'),
    optimizers: some('optimizers'),
    ops,
    trace: traced,
    level,
  }
}
