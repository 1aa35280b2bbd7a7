/** Tensors and numbers on the wire: eight lowercase hexadecimal digits an element, row by row. [pr-tensor] */

import { PtncnError, show } from '../errors.js'
import type { Floats, Matrix } from '../numeric/matrix.js'

/** `{"s":[2,3],"x":"3f800000..."}` */
export interface HexTensor {
  readonly s: readonly [number, number]
  readonly x: string
}

const words = new DataView(new ArrayBuffer(4))

export const toBits = (value: number): string => {
  words.setFloat32(0, value)
  return words.getUint32(0).toString(16).padStart(8, '0')
}

export const fromBits = (bits: string): number => {
  words.setUint32(0, Number.parseInt(bits, 16))
  return words.getFloat32(0)
}

export const toHex = ({ rows, cols, data }: Matrix): HexTensor => ({ s: [rows, cols], x: Array.from(data, toBits).join('') })

const complaint = (what: string, expected: string, got: unknown): PtncnError =>
  new PtncnError('ShapeError', `"${what}" expected ${expected}, got ${show(got)}`, got)

/** @throws ShapeError unless `value` is eight lowercase hexadecimal digits */
export const readScalar = (what: string, value: unknown): number => {
  if (typeof value === 'string' && /^[0-9a-f]{8}$/.test(value)) return fromBits(value)
  throw complaint(what, 'eight lowercase hexadecimal digits', value)
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** @throws ShapeError unless `value` is a tensor whose digits fit its shape */
export const readTensor = (what: string, value: unknown): Matrix => {
  const { s, x } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (!Array.isArray(s) || s.length !== 2 || !isSize(s[0]) || !isSize(s[1])) {
    throw complaint(what, 'a tensor {"s":[rows,columns],"x":"..."}', value === undefined ? undefined : (s ?? value))
  }
  const [rows, cols] = s as [number, number]
  if (typeof x !== 'string' || x.length !== rows * cols * 8 || !/^[0-9a-f]*$/.test(x)) {
    const expected = `${rows} x ${cols} elements of eight lowercase hexadecimal digits`
    if (typeof x !== 'string') throw complaint(what, expected, x)
    throw new PtncnError('ShapeError', `"${what}" expected ${expected}, got ${x.length} characters`, x.length)
  }
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, (_, i) => fromBits(x.slice(8 * i, 8 * i + 8))) }
}

export const scalar = (value: number): Matrix => ({ rows: 1, cols: 1, data: Float32Array.of(value) })

/** The first element whose bits differ, or -1; any NaN equals any NaN, and -0 differs from +0. */
export const firstDifference = (a: Floats, b: Floats): number => {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return i
  return -1
}

export const sameBits = (a: Matrix, b: Matrix): boolean =>
  a.rows === b.rows && a.cols === b.cols && firstDifference(a.data, b.data) < 0
