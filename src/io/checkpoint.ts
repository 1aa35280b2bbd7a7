/** A snapshot as one safetensors file, in memory: bytes out, bytes in. [ck-format] */

import { mismatch, PtncnError } from '../errors.js'
import { requireRun } from '../engine/check.js'
import type { Snapshot } from '../engine/engine.js'
import type { Matrix } from '../numeric/matrix.js'
import { config as complete, layerCount, CONFIG_FIELDS, SPEC_VERSION, type Config } from '../ptncn/config.js'
import type { State } from '../ptncn/state.js'
import { buildWeights, mapWeights, weightShapes, type WeightName, type Weights } from '../ptncn/weights.js'
import { parseJson, requireRecord } from './json.js'

export interface Checkpoint {
  readonly config: Config
  readonly snapshot: Snapshot
  /** of the run that wrote it, whatever JSON can hold: settings, seed, position in the data */
  readonly run?: unknown
}

type Tensors = Map<string, Matrix>
type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>

/** c has the number of the level that it is added to. */
const tensorName = (group: string, name: WeightName, l: number): string => `${group}.${name}_${name === 'c' ? l - 1 : l}`

const GROUPS = ['first', 'second', 'sum'] as const
const SIGNALS = ['y', 'z', 'd'] as const

const bitsOf = (value: number): string => {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return view.getUint32(0).toString(16).padStart(8, '0')
}

const numberOf = (bits: unknown): number => {
  if (typeof bits !== 'string' || !/^[0-9a-f]{8}$/.test(bits)) {
    throw mismatch('FileError', 'optimizer', 'eight hexadecimal digits a number', bits)
  }
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, Number.parseInt(bits, 16))
  return view.getFloat32(0)
}

/** The bytes of a checkpoint. @throws ConfigError where the activation is a function, which no file can hold */
export const encodeCheckpoint = ({ config, snapshot, run }: Checkpoint): Uint8Array => {
  if (typeof config.activation === 'function') {
    throw mismatch('ConfigError', 'activation', 'a name, as a file cannot hold a function', config.activation)
  }
  const tensors = tensorsOf(snapshot)
  const header = new TextEncoder().encode(headerOf(tensors, metadataOf(config, snapshot, run)))
  const size = [...tensors.values()].reduce((sum, { data }) => sum + 4 * data.length, 0)
  const bytes = new Uint8Array(8 + header.length + size)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(header.length), true)
  bytes.set(header, 8)
  let at = 8 + header.length
  for (const { data } of tensors.values()) {
    for (let i = 0; i < data.length; i++, at += 4) view.setFloat32(at, data[i]!, true)
  }
  return bytes
}

const tensorsOf = ({ weights, optimizer, state }: Snapshot): Tensors => {
  const tensors: Tensors = new Map()
  const addAll = (group: string, from: Weights): void => {
    mapWeights((weight, name, l) => (tensors.set(tensorName(group, name, l), weight), weight), from)
  }
  addAll('weights', weights)
  for (const group of GROUPS) if (optimizer[group]) addAll(`optimizer.${group}`, optimizer[group])
  if (state) {
    tensors.set('state.x', state.x)
    for (const name of SIGNALS) state[name].forEach((signal, i) => tensors.set(`state.${name}_${i + 1}`, signal))
  }
  return tensors
}

const metadataOf = (config: Config, { optimizer, state }: Snapshot, run: unknown): Record<string, string> => ({
  format: 'ptncn',
  spec: SPEC_VERSION,
  config: JSON.stringify(config),
  optimizer: JSON.stringify({ power1: bitsOf(optimizer.power1), power2: bitsOf(optimizer.power2) }),
  ...(state && { state: JSON.stringify({ t: state.t, key: state.key }) }),
  ...(run !== undefined && { run: JSON.stringify(run) }),
})

const headerOf = (tensors: Tensors, metadata: Record<string, string>): string => {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let at = 0
  for (const [name, { rows, cols, data }] of tensors) {
    header[name] = { dtype: 'F32', shape: [rows, cols], data_offsets: [at, at + 4 * data.length] }
    at += 4 * data.length
  }
  const text = JSON.stringify(header)
  return text + ' '.repeat((8 - (new TextEncoder().encode(text).length % 8)) % 8)
}

/**
 * The checkpoint that the bytes hold.
 * @throws FileError, ConfigError, ShapeError or NonFiniteError naming what does not fit
 */
export const decodeCheckpoint = (bytes: Uint8Array): Checkpoint => {
  const { header, metadata, data } = split(bytes)
  if (metadata['format'] !== 'ptncn') throw mismatch('FileError', 'format', 'ptncn', metadata['format'])
  if (metadata['spec'] !== SPEC_VERSION) throw mismatch('FileError', 'spec', SPEC_VERSION, metadata['spec'])
  const fields = requireRecord('config', parseJson('config', metadata['config'])) as unknown as Config
  const config = complete(fields)
  const absent = CONFIG_FIELDS.find((field) => !Object.hasOwn(fields, field))
  if (absent) throw mismatch('FileError', 'config', `every field, ${absent} too`, 'none')
  const tensors = readTensors(header, data)
  const snapshot = snapshotOf(config, metadata, tensors)
  const [unknown] = tensors.keys()
  if (unknown !== undefined) throw mismatch('FileError', 'tensor', 'a name of this configuration', unknown)
  requireRun(config, snapshot, [])
  return { config, snapshot, ...(metadata['run'] !== undefined && { run: parseJson('run', metadata['run']) }) }
}

const split = (bytes: Uint8Array): { header: Header; metadata: Record<string, unknown>; data: Uint8Array } => {
  if (bytes.length < 8) throw mismatch('FileError', 'checkpoint', 'at least 8 bytes', bytes.length)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > BigInt(bytes.length - 8)) throw mismatch('FileError', 'header length', `at most ${bytes.length - 8}`, length)
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + Number(length)))
  const whole = requireRecord('header', parseJson('header', text))
  const metadata = requireRecord('__metadata__', whole['__metadata__'])
  const { __metadata__: _, ...header } = whole as Header
  return { header, metadata, data: bytes.subarray(8 + Number(length)) }
}

/** Every tensor of the header; they have to fill the data exactly, one after another. */
const readTensors = (header: Header, data: Uint8Array): Tensors => {
  const entries = Object.entries(header).map(([name, entry]) => ({ name, ...requireEntry(name, entry, data.length) }))
  entries.sort((a, b) => a.from - b.from || a.to - b.to)
  let end = 0
  for (const { name, from, to } of entries) {
    if (from !== end) throw mismatch('FileError', `${name}.data_offsets`, `to begin at ${end}`, from)
    end = to
  }
  if (end !== data.length) throw mismatch('FileError', 'data', `${end} bytes`, data.length)
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  return new Map(
    entries.map(({ name, from, rows, cols }) => {
      const values = new Float32Array(rows * cols)
      for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(from + 4 * i, true)
      return [name, { rows, cols, data: values }]
    }),
  )
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const requireEntry = (name: string, entry: Header[string] | null, size: number) => {
  if (entry?.dtype !== 'F32') throw mismatch('FileError', `${name}.dtype`, 'F32', entry?.dtype)
  const [rows, cols, ...more] = Array.isArray(entry.shape) ? entry.shape : []
  if (!isCount(rows) || !isCount(cols) || more.length > 0) {
    throw mismatch('FileError', `${name}.shape`, 'rows and columns', entry.shape)
  }
  const [from, to] = Array.isArray(entry.data_offsets) ? entry.data_offsets : []
  if (!isCount(from) || !isCount(to) || to > size || to - from !== 4 * rows * cols) {
    throw mismatch('FileError', `${name}.data_offsets`, `${4 * rows * cols} bytes within ${size}`, entry.data_offsets)
  }
  return { from, to, rows, cols }
}

const snapshotOf = (config: Config, metadata: Record<string, unknown>, tensors: Tensors): Snapshot => {
  const take = (name: string): Matrix => {
    const tensor = tensors.get(name)
    if (!tensor) throw new PtncnError('FileError', `"${name}" expected among the tensors, got none; the file is not whole`, name)
    tensors.delete(name)
    return tensor
  }
  const takeAll = (group: string): Weights => buildWeights(config, (l, name) => take(tensorName(group, name, l)))
  const weights = takeAll('weights')
  const powers = parseJson('optimizer', metadata['optimizer']) as { power1?: unknown; power2?: unknown } | null
  const [[first]] = [weightShapes(config, 1)]
  const present = GROUPS.filter((group) => tensors.has(tensorName(`optimizer.${group}`, first![0], 1)))
  const optimizer = {
    power1: numberOf(powers?.power1),
    power2: numberOf(powers?.power2),
    ...Object.fromEntries(present.map((group) => [group, takeAll(`optimizer.${group}`)])),
  }
  if (metadata['state'] === undefined) return { weights, optimizer }
  return { weights, optimizer, state: stateOf(config, parseJson('state', metadata['state']), take) }
}

const stateOf = (config: Config, carried: unknown, take: (name: string) => Matrix): State => {
  const { t, key } = (carried ?? {}) as Pick<State, 't' | 'key'>
  const layers = Array.from({ length: layerCount(config) }, (_, i) => i + 1)
  const [y, z, d] = SIGNALS.map((name) => layers.map((l) => take(`state.${name}_${l}`)))
  return { t, key, x: take('state.x'), y: y!, z: z!, d: d! }
}
