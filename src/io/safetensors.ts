/** A safetensors file in memory: binary32 matrices by name, and text about them. [ck-format] */

import { mismatch } from '../errors.js'
import { count, field, requireField } from '../fields.js'
import type { Matrix } from '../numeric/matrix.js'
import { readJson, requireRecord } from './json.js'
import { decodeUtf8 } from '../data/utf8.js'

/** The format's own limit. */
const LONGEST_HEADER = 100_000_000
const TEXT = field<string>('a string', (value) => typeof value === 'string')

export type Tensors = Map<string, Matrix>
type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>

/** A list has one size, a matrix two. */
export type ShapeOf = (name: string, matrix: Matrix) => readonly number[]
const asMatrix: ShapeOf = (_name, { rows, cols }) => [rows, cols]

/** The bytes of tensors, in the order of the map; their shapes are those of matrices, or what `shapeOf` says. */
export const encodeTensors = (tensors: Tensors, metadata: Readonly<Record<string, string>>, shapeOf = asMatrix): Uint8Array => {
  const header = new TextEncoder().encode(headerOf(tensors, metadata, shapeOf))
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

const headerOf = (tensors: Tensors, metadata: Readonly<Record<string, string>>, shapeOf: ShapeOf): string => {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let at = 0
  for (const [name, matrix] of tensors) {
    const end = at + 4 * matrix.data.length
    header[name] = { dtype: 'F32', shape: shapeOf(name, matrix), data_offsets: [at, end] }
    at = end
  }
  const text = JSON.stringify(header)
  return text + ' '.repeat((8 - (new TextEncoder().encode(text).length % 8)) % 8)
}

/** Whose files are read: ours, whose metadata and shapes are strict; or anybody's, where a list is a row. */
export type Dialect = 'ours' | 'any'

/** What such bytes hold. @throws FileError naming what does not fit */
export const decodeTensors = (
  bytes: Uint8Array,
  dialect: Dialect = 'ours',
): { readonly tensors: Tensors; readonly metadata: Readonly<Record<string, unknown>> } => {
  const { header, metadata, data } = split(bytes, dialect)
  return { tensors: tensorsOf(header, data, dialect), metadata }
}

const split = (bytes: Uint8Array, dialect: Dialect): { header: Header; metadata: Record<string, unknown>; data: Uint8Array } => {
  if (bytes.length < 8) throw mismatch('FileError', 'checkpoint', 'at least 8 bytes', bytes.length)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  const most = Math.min(bytes.length - 8, LONGEST_HEADER)
  if (length > BigInt(most)) throw mismatch('FileError', 'header length', `at most ${most}`, length)
  const text = decodeUtf8(bytes.subarray(8, 8 + Number(length)), 'header', 'kept')
  const whole = requireRecord('header', readJson('header', text, 'whole'))
  const metadata = requireRecord('__metadata__', dialect === 'ours' ? whole['__metadata__'] : (whole['__metadata__'] ?? {}))
  for (const [name, value] of Object.entries(metadata)) requireField('FileError', `__metadata__.${name}`, value, TEXT)
  const { __metadata__: _, ...header } = whole as Header
  return { header, metadata, data: bytes.subarray(8 + Number(length)) }
}

/** Every tensor of the header; they have to fill the data exactly, one after another. */
const tensorsOf = (header: Header, data: Uint8Array, dialect: Dialect): Tensors => {
  const entries = Object.entries(header).map(([name, entry]) => ({ name, ...requireEntry(name, entry, data.length, dialect) }))
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

const requireEntry = (name: string, entry: Header[string] | null, size: number, dialect: Dialect) => {
  if (entry?.dtype !== 'F32') throw mismatch('FileError', `${name}.dtype`, 'F32', entry?.dtype)
  const shape = Array.isArray(entry.shape) ? entry.shape : []
  const [rows, cols, ...more] = dialect === 'any' && shape.length === 1 ? [1, ...shape] : shape
  if (!count.holds(rows) || !count.holds(cols) || more.length > 0) {
    throw mismatch('FileError', `${name}.shape`, 'rows and columns', entry.shape)
  }
  const [from, to] = Array.isArray(entry.data_offsets) ? entry.data_offsets : []
  if (!count.holds(from) || !count.holds(to) || to > size || to - from !== 4 * rows * cols) {
    throw mismatch('FileError', `${name}.data_offsets`, `${4 * rows * cols} bytes within ${size}`, entry.data_offsets)
  }
  return { from, to, rows, cols }
}
