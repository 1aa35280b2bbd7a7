/** The NPY format of NumPy, versions 1 to 3: arrays of bytes or of little-endian floating-point numbers, in C order. */

import { mismatch, type PtncnError } from '../errors.js'

export interface NumberArray {
  readonly shape: readonly number[]
  /** uint8 as they are, float32 and float64 as binary32 */
  readonly values: Uint8Array | Float32Array
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** Bytes before the length of the header. */
const START = 8
const LONGEST_HEADER = 2 ** 16
const MOST_DIMENSIONS = 8
const TYPES = { '|u1': 1, '<f4': 4, '<f8': 8 } as const
type Type = keyof typeof TYPES

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte)

const wrong = (file: string, expected: string, got: unknown, remedy = ''): PtncnError =>
  mismatch('FileError', file, expected, got, remedy)

/** @throws FileError where the file is no such array, or does not have the bytes that its header announces */
export const readNpy = (bytes: Uint8Array, file: string): NumberArray => {
  if (!isNpy(bytes)) throw wrong(file, 'the first bytes of an NPY file', [...bytes.subarray(0, MAGIC.length)])
  const { text, end } = headerOf(bytes, file)
  const { type, shape } = described(text, file)
  const size = end + shape.reduce((product, one) => product * one, TYPES[type])
  if (bytes.length !== size) throw wrong(file, `${size} bytes for ${shape.join(' x ')} ${type}`, bytes.length, 'fetch it again')
  return { shape, values: valuesOf(bytes.subarray(end), type) }
}

const headerOf = (bytes: Uint8Array, file: string): { readonly text: string; readonly end: number } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = bytes[MAGIC.length]
  if (version === undefined || version < 1 || version > 3) throw wrong(file, 'version 1, 2 or 3 of the format', version)
  const wide = version > 1
  const from = START + (wide ? 4 : 2)
  const length = bytes.length < from ? Infinity : wide ? view.getUint32(START, true) : view.getUint16(START, true)
  if (length > LONGEST_HEADER || from + length > bytes.length) throw wrong(file, 'a whole header', 'its end before')
  return { text: String.fromCharCode(...bytes.subarray(from, from + length)), end: from + length }
}

const REMEDY = 'save it as numpy.ascontiguousarray(a, dtype="uint8"), or "<f4"'

/** The header is a dictionary as Python writes it, with three keys in any order. */
const described = (header: string, file: string): { readonly type: Type; readonly shape: readonly number[] } => {
  const of = (key: string, value: string): string | undefined => new RegExp(`'${key}': ${value}`).exec(header)?.[1]
  const type = of('descr', "'([^']{1,20})'")
  const order = of('fortran_order', '(True|False)')
  const shape = of('shape', '\\(([0-9, ]{0,200})\\)')
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map(Number)
  if (type === undefined || order === undefined || shape === undefined)
    throw wrong(file, 'a header with descr, fortran_order and shape', header.trim())
  if (!Object.hasOwn(TYPES, type)) throw wrong(file, 'uint8, or little-endian float32 or float64 (|u1, <f4, <f8)', type, REMEDY)
  if (order !== 'False') throw wrong(file, 'C order', 'Fortran order', REMEDY)
  if (shape.length > MOST_DIMENSIONS || !shape.every(Number.isSafeInteger))
    throw wrong(file, `at most ${MOST_DIMENSIONS} dimensions`, shape)
  return { type: type as Type, shape }
}

const valuesOf = (bytes: Uint8Array, type: Type): Uint8Array | Float32Array => {
  if (type === '|u1') return bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = (i: number): number => (type === '<f4' ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true))
  return Float32Array.from({ length: bytes.length / TYPES[type] }, (_, i) => at(i))
}
