/**
 * Random numbers as a function of a key and a counter: no state, so no order of drawing.
 *
 * Philox4x32-10 of J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */

import { mismatch } from '../errors.js'
import { log } from './elementary.js'
import type { Matrix } from './matrix.js'

const { fround, imul, sqrt } = Math

/** Two 32-bit words, each a whole number from 0 to 2^32 - 1. A key is either drawn from or split. */
export type Key = readonly [number, number]
/** Four 32-bit words. */
export type Words = readonly [number, number, number, number]

/** The high word of the 64-bit product of two 32-bit words. */
export const highWord = (a: number, b: number): number => {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff]
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle % 0x10000)
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0
}

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const
/** The golden ratio and sqrt(3) - 1, as 32-bit fractions. */
const WEYL = [0x9e3779b9, 0xbb67ae85] as const
const ROUNDS = 10

/** Philox4x32-10: four random words for a counter and a key. [ar-philox] */
export const philox = (counter: Words, key: Key): Words => {
  let [c0, c1, c2, c3]: Words = counter
  let [k0, k1]: Key = key
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = [highWord(MULTIPLIERS[0], c0), imul(MULTIPLIERS[0], c0) >>> 0]
    const [high1, low1] = [highWord(MULTIPLIERS[1], c2), imul(MULTIPLIERS[1], c2) >>> 0]
    ;[c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0]
    ;[k0, k1] = [(k0 + WEYL[0]) >>> 0, (k1 + WEYL[1]) >>> 0]
  }
  return [c0, c1, c2, c3]
}

const WORD = 2 ** 32
/** The last counter word of a split: no draw uses it. */
const SPLIT = 0xffffffff

const requireWhole = (what: string, value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) throw mismatch('ConfigError', what, 'a whole number from 0 to 2^53 - 1', value)
}

/** @throws ShapeError unless `key` is two 32-bit words */
export const requireKey = (what: string, key: Key): void => {
  const isWord = (word: unknown): boolean => Number.isInteger(word) && (word as number) >= 0 && (word as number) < WORD
  if (Array.isArray(key) && key.length === 2 && Array.from(key).every(isWord)) return
  throw mismatch('ShapeError', what, 'two whole numbers from 0 to 2^32 - 1', key, 'keyOf(seed) makes a key')
}

/** The key of a seed. @throws ConfigError unless the seed is a whole number from 0 to 2^53 - 1 [ar-key] */
export const keyOf = (seed: number): Key => {
  requireWhole('seed', seed)
  return [seed % WORD, Math.floor(seed / WORD)]
}

/** The child of a key with this index; children of different indices are independent streams. [ar-key] */
export const split = (key: Key, index: number): Key => {
  requireWhole('index of a key', index)
  const [first, second] = philox([index % WORD, Math.floor(index / WORD), 0, SPLIT], key)
  return [first, second]
}

/** Words 4 i to 4 i + 3 of a key. [ar-uniform] */
const block = (key: Key, i: number): Words => philox([i % WORD, Math.floor(i / WORD), 0, 0], key)

/** Word `index` of a key. [ar-uniform] */
export const wordAt = (key: Key, index: number): number => {
  requireWhole('index of a draw', index)
  return block(key, Math.floor(index / 4))[(index % 4) as 0 | 1 | 2 | 3]
}

/** A word as a uniform number from [0, 1): its upper 24 bits over 2^24, exactly. [ar-uniform] */
export const unitInterval = (word: number): number => (word >>> 8) / 2 ** 24

/** The uniform number `index` of a key, from [0, 1). [ar-uniform] */
export const uniform = (key: Key, index: number): number => unitInterval(wordAt(key, index))

/** The whole number `index` of a key, from 0 to n - 1 (n < 2^32): the high word of its word times n. [ar-uniform] */
export const below = (n: number, key: Key, index: number): number => {
  if (!(Number.isInteger(n) && n >= 1 && n < WORD)) throw mismatch('ConfigError', 'n', 'a whole number from 1 to 2^32 - 1', n)
  return highWord(wordAt(key, index), n)
}

/*
 * The inverse of the normal distribution function: M. J. Wichura, "The percentage points of the normal distribution",
 * Applied Statistics 37 (1988), algorithm AS 241, the version PPND7 for single precision, whose coefficients these are.
 * Its third branch is never reached from 23 bits.
 */
const CENTRE = [5.910937472e1, 1.5929113202e2, 5.0434271938e1, 3.3871327179].map(fround)
const CENTRE_BELOW = [6.71875636e1, 7.8757757664e1, 1.7895169469e1, 1].map(fround)
const TAIL = [1.7023821103e-1, 1.3067284816, 2.75681539, 1.4234372777].map(fround)
const TAIL_BELOW = [1.2021132975e-1, 7.370016425e-1, 1].map(fround)
const SPLIT_POINT = fround(0.425)
const SPLIT_SQUARE = fround(0.180625)
const TAIL_SHIFT = fround(1.6)

const ratio = (above: readonly number[], below: readonly number[], r: number): number => {
  const horner = (sum: number, coefficient: number): number => fround(fround(sum * r) + coefficient)
  return fround(above.reduce(horner) / below.reduce(horner))
}

/** The standard normal number of a word: the inverse distribution function at (its upper 23 bits + 1/2) / 2^23. [ar-normal] */
export const normalOf = (word: number): number => {
  const u = ((word >>> 9) + 0.5) / 2 ** 23
  const q = fround(u - 0.5)
  if (Math.abs(q) <= SPLIT_POINT) return fround(q * ratio(CENTRE, CENTRE_BELOW, fround(SPLIT_SQUARE - fround(q * q))))
  const tail = fround(sqrt(-log(q < 0 ? u : 1 - u)))
  const size = ratio(TAIL, TAIL_BELOW, fround(tail - TAIL_SHIFT))
  return q < 0 ? -size : size
}

/** A rows x cols matrix of normal numbers of mean 0 and standard deviation `deviation`, element by element. [ar-normal] */
export const normals = (key: Key, rows: number, cols: number, deviation: number): Matrix => {
  const data = new Float32Array(rows * cols)
  let words = block(key, 0)
  for (let i = 0; i < data.length; i++) {
    if (i % 4 === 0) words = block(key, i / 4)
    data[i] = fround(deviation * normalOf(words[(i % 4) as 0 | 1 | 2 | 3]))
  }
  return { rows, cols, data }
}
