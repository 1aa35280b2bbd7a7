/** A snapshot as one safetensors file, in memory: bytes out, bytes in. [ck-format] */

import { mismatch, PtncnError } from '../errors.js'
import { field, oneOf, record, requireField } from '../fields.js'
import { requireRun } from '../engine/check.js'
import type { Snapshot } from '../engine/engine.js'
import { digits, digitsOf, numbersOf } from '../numeric/bits.js'
import type { Matrix } from '../numeric/matrix.js'
import { requireModel } from '../ptncn/apply.js'
import {
  config as complete,
  FIRST_FIELDS,
  LATER_FIELDS,
  layerCount,
  SPEC_VERSIONS,
  specOf,
  writtenFields,
  type Config,
} from '../ptncn/config.js'
import { requireState, type State } from '../ptncn/state.js'
import { buildWeights, labelled, weightLabel, weightShapes, type Weights } from '../ptncn/weights.js'
import { jsonOf, readJson, requireRecord } from './json.js'
import { decodeTensors, encodeTensors, type Tensors } from './safetensors.js'

const BYTES = field<Uint8Array>('bytes', (value) => value instanceof Uint8Array)

/** What a checkpoint holds. [ck-format] */
export interface Checkpoint {
  /** of the network */
  readonly config: Config
  /** weights and optimiser; of an open sequence the state too */
  readonly snapshot: Snapshot
  /** of the run that wrote it, whatever JSON can hold: settings, seed, position in the data */
  readonly run?: unknown
}

const GROUPS = ['first', 'second', 'sum'] as const
const SIGNALS = ['y', 'z', 'd'] as const

/**
 * The bytes of a checkpoint.
 * @throws ConfigError where the activation is a function, which no file can hold; ShapeError or NonFiniteError where the
 * snapshot does not fit, or `run` is nothing that JSON can hold [ck-format]
 */
export const encodeCheckpoint = (checkpoint: Checkpoint): Uint8Array => {
  const { config, snapshot, run } = requireField('ShapeError', 'checkpoint', checkpoint, record)
  requireModel(config, snapshot)
  requireSequence(snapshot)
  if (snapshot.state) requireState(config, snapshot.state)
  if (typeof config.activation === 'function') {
    throw mismatch('ConfigError', 'activation', 'a name, as a file cannot hold a function', config.activation)
  }
  return encodeTensors(tensorsOf(snapshot), metadataOf(config, snapshot, run))
}

/** A sum is that of a sequence, which has to be open. */
const requireSequence = ({ optimizer, state }: Snapshot): void => {
  if (optimizer.sum && !state) throw mismatch('ShapeError', 'optimizer.sum', 'the state of an open sequence beside it', 'none')
}

const tensorsOf = ({ weights, optimizer, state }: Snapshot): Tensors => {
  const tensors: Tensors = new Map()
  const addAll = (group: string, from: Weights): void => {
    for (const [label, weight] of labelled(from)) tensors.set(`${group}.${label}`, weight)
  }
  addAll('weights', weights)
  for (const group of GROUPS) if (optimizer[group]) addAll(`optimizer.${group}`, optimizer[group])
  if (state) {
    tensors.set('state.x', state.x)
    for (const name of SIGNALS) state[name].forEach((signal, i) => tensors.set(`state.${name}_${i + 1}`, signal))
  }
  return tensors
}

const metadataOf = (config: Config, { optimizer, state }: Snapshot, run: unknown): Record<string, string> => {
  const written: readonly string[] = writtenFields(config)
  return {
    format: 'ptncn',
    spec: specOf(config),
    config: JSON.stringify(Object.fromEntries(Object.entries(config).filter(([field]) => written.includes(field)))),
    optimizer: JSON.stringify({ power1: digitsOf([optimizer.power1]), power2: digitsOf([optimizer.power2]) }),
    ...(state && { state: JSON.stringify({ t: state.t, key: state.key }) }),
    ...(run !== undefined && { run: jsonOf('run', run) }),
  }
}

/**
 * The checkpoint that the bytes hold.
 * @throws FileError, ConfigError, ShapeError or NonFiniteError naming what does not fit
 */
export const decodeCheckpoint = (bytes: Uint8Array): Checkpoint => {
  requireField('FileError', 'checkpoint', bytes, BYTES)
  const { tensors, metadata } = decodeTensors(bytes)
  if (metadata['format'] !== 'ptncn') throw mismatch('FileError', 'format', 'ptncn', metadata['format'])
  const spec = requireField('FileError', 'spec', metadata['spec'], oneOf(...SPEC_VERSIONS))
  const fields = requireRecord('config', readJson('config', metadata['config'])) as unknown as Config
  const config = complete(fields)
  const absent = FIRST_FIELDS.find((field) => !Object.hasOwn(fields, field))
  if (absent) throw mismatch('FileError', 'config', `every field, ${absent} too`, 'none')
  const later = LATER_FIELDS.find((field) => Object.hasOwn(fields, field))
  if (later && spec === '0.1.0') throw mismatch('FileError', 'config', `no field that ${spec} does not have`, later)
  const snapshot = snapshotOf(config, metadata, tensors)
  const [unknown] = tensors.keys()
  if (unknown !== undefined) throw mismatch('FileError', 'tensor', 'a name of this configuration', unknown)
  requireRun(config, snapshot, [])
  requireSequence(snapshot)
  return { config, snapshot, ...(metadata['run'] !== undefined && { run: readJson('run', metadata['run']) }) }
}

const snapshotOf = (config: Config, metadata: Record<string, unknown>, tensors: Tensors): Snapshot => {
  const take = (name: string): Matrix => {
    const tensor = tensors.get(name)
    if (!tensor) throw new PtncnError('FileError', `"${name}" expected among the tensors, got none; the file is not whole`, name)
    tensors.delete(name)
    return tensor
  }
  const takeAll = (group: string): Weights => buildWeights(config, (l, name) => take(`${group}.${weightLabel(name, l)}`))
  const weights = takeAll('weights')
  const powers = requireRecord('optimizer', readJson('optimizer', metadata['optimizer']))
  const power = (name: 'power1' | 'power2'): number =>
    numbersOf(requireField('FileError', `optimizer.${name}`, powers[name], digits))[0]!
  const [[first]] = [weightShapes(config, 1)]
  const present = GROUPS.filter((group) => tensors.has(`optimizer.${group}.${weightLabel(first![0], 1)}`))
  const optimizer = {
    power1: power('power1'),
    power2: power('power2'),
    ...Object.fromEntries(present.map((group) => [group, takeAll(`optimizer.${group}`)])),
  }
  if (metadata['state'] === undefined) return { weights, optimizer }
  return { weights, optimizer, state: stateOf(config, readJson('state', metadata['state']), take) }
}

const stateOf = (config: Config, carried: unknown, take: (name: string) => Matrix): State => {
  const { t, key } = (carried ?? {}) as Pick<State, 't' | 'key'>
  const layers = Array.from({ length: layerCount(config) }, (_, i) => i + 1)
  const [y, z, d] = SIGNALS.map((name) => layers.map((l) => take(`state.${name}_${l}`)))
  return { t, key, x: take('state.x'), y: y!, z: z!, d: d! }
}
