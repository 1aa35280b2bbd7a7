/** binary32 numbers and tensors as hexadecimal bits, as SPEC.md writes them. */

import type { Floats, Matrix } from '../../src/numeric/matrix.js'

/** Eight lowercase hexadecimal digits. */
export const toBits = (value: number): string => wordToHex(new Uint32Array(new Float32Array([value]).buffer)[0]!)

export const fromBits = (hex: string): number => new Float32Array(new Uint32Array([hexToWord(hex)]).buffer)[0]!

export const wordToHex = (word: number): string => word.toString(16).padStart(8, '0')

export const hexToWord = (hex: string): number => {
  if (!/^[0-9a-f]{8}$/.test(hex)) throw new Error(`expected eight hexadecimal digits, got ${JSON.stringify(hex)}`)
  return Number.parseInt(hex, 16)
}

/** A tensor as SPEC.md writes it: its shape, and the bits of its elements, row by row. */
export interface HexTensor {
  readonly s: readonly [number, number]
  readonly x: string
}

export const toHex = ({ rows, cols, data }: Matrix): HexTensor => ({ s: [rows, cols], x: Array.from(data, toBits).join('') })

export const fromHex = ({ s: [rows, cols], x }: HexTensor): Matrix => {
  const data = Float32Array.from(x.match(/.{8}/g) ?? [], fromBits)
  if (data.length !== rows * cols) throw new Error(`expected ${rows * cols} elements, got ${data.length}`)
  return { rows, cols, data }
}

/** Whether two lists of numbers are the same bits; any NaN equals any NaN. */
export const sameBits = (a: Floats, b: Floats): boolean =>
  a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]))
