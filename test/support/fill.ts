/**
 * Numbers, matrices and functions made from a seed, so that a whole network shrinks as a few small numbers.
 */

import type { Activation } from '../../src/numeric/activation.js'
import type { Matrix } from '../../src/numeric/matrix.js'

const { fround, imul } = Math

/** A 32-bit word mixed from two: the finaliser of MurmurHash3 (A. Appleby, public domain). */
const mixed = (seed: number, index: number): number => {
  let word = imul(seed ^ imul(index + 1, 0x9e3779b9), 0x85ebca6b)
  word = imul(word ^ (word >>> 16), 0x85ebca6b)
  word = imul(word ^ (word >>> 13), 0xc2b2ae35)
  return (word ^ (word >>> 16)) >>> 0
}

/** Number `index` of a seed, from -1 to below 1, exact in binary32. */
export const signedUnit = (seed: number, index: number): number => (mixed(seed, index) >>> 8) / 2 ** 23 - 1

/** A seed for part `index` of what a seed makes. */
export const seedOf = (seed: number, index: number): number => mixed(seed ^ 0x5bd1e995, index)

/**
 * plain: anywhere within the size. coarse: few different numbers, 0 and -0 among them, so that sums cancel
 * and tie. special: every third a zero of either sign, a subnormal, or the smallest normal.
 */
export type Kind = 'plain' | 'coarse' | 'special'

const SPECIAL = [0, -0, 2 ** -149, -(2 ** -149), 2 ** -127, -(2 ** -130), 2 ** -126, -(2 ** -126)]

const numberOf = (kind: Kind, size: number, seed: number, index: number): number => {
  const unit = signedUnit(seed, index)
  if (kind === 'coarse') return (Math.trunc(unit * 3.5) / 2) * size
  const other = mixed(seed, ~index)
  return kind === 'special' && other % 3 === 0 ? SPECIAL[(other >>> 8) % SPECIAL.length]! : fround(unit * size)
}

/** rows x cols numbers of a kind, none larger than 1.5 `size`. */
export const filled = (kind: Kind, size: number, seed: number, rows: number, cols: number): Matrix => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, i) => numberOf(kind, size, seed, i)),
})

/** Another matrix of the same shape, every element different. */
export const otherThan = (a: Matrix, seed: number): Matrix => ({
  ...a,
  data: Float32Array.from({ length: a.data.length }, (_, i) => {
    const value = signedUnit(seed, i)
    return fround(value) === a.data[i] ? value + 1 : value
  }),
})

/** Another matrix of the same shape, every element of another sign. */
export const opposed = (a: Matrix, seed: number): Matrix => ({
  ...a,
  data: Float32Array.from({ length: a.data.length }, (_, i) => {
    const size = 0.1 + Math.abs(signedUnit(seed, i))
    return a.data[i]! > 0 ? -size : size
  }),
})

const named = (name: string, f: Activation): Activation => Object.defineProperty(f, 'name', { value: name })

const bitsOf = (a: number): number => new Int32Array(new Float32Array([a]).buffer)[0]!

/** A random table over all binary32 numbers: without order, without a slope, -0 apart from +0. */
export const table = (seed: number): Activation => named(`table(${seed})`, (a) => signedUnit(seed, bitsOf(a)))

export const constant = (value: number): Activation => named(`constant(${value})`, () => value)

/** Its results are binary64 and have to be rounded. */
export const wave: Activation = named('wave', (a) => Math.sin(3 * a) + a / 4)
