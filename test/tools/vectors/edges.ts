/** Inputs that lie exactly on an edge, found by search; the vectors keep them. */

import { sigmoid } from '../../../src/numeric/elementary.js'
import { philox, type Key } from '../../../src/numeric/random.js'

const { fround } = Math

export const edgeKey: Key = [0x12345678, 0x9abcdef0]

/** The word that unit j of layer 1 draws at step t, in A2. */
const wordOf = (t: number, j: number): number => philox([Math.floor(j / 4), 0, 1, t], edgeKey)[(j % 4) as 0 | 1 | 2 | 3]

const words = new Int32Array(1)
const floats = new Float32Array(words.buffer)
/** The number that is so many steps away. */
const stepped = (x: number, steps: number): number => {
  floats[0] = x
  words[0]! += x < 0 ? -steps : steps
  return floats[0]!
}

/** A number near the logit of p for whose sigmoid `holds`. */
const searched = (p: number, holds: (s: number) => boolean): number | undefined => {
  const near = fround(Math.log(p / (1 - p)))
  for (let distance = 0; distance < 4000; distance++)
    for (const steps of [distance, -distance]) {
      const x = stepped(near, steps)
      if (holds(sigmoid(x))) return x
    }
  return undefined
}

const unitOf = (word: number): number => (word >>> 8) / 2 ** 24

/** Of each unit the drive at which sigmoid(a) is exactly its u; where there is none, 0. */
export const equalDraws: readonly number[] = Array.from({ length: 24 }, (_, j) => {
  const u = unitOf(wordOf(7, j))
  return searched(u, (s) => s === u) ?? 0
})

/** Of each unit a drive whose sigmoid lies between the u of 24 bits and one of more. */
export const narrowDraws: readonly number[] = Array.from({ length: 24 }, (_, j) => {
  const word = wordOf(8, j)
  const [u, long] = [unitOf(word), word / 2 ** 32]
  const next = fround(long)
  return searched(u, (s) => s > u && (s <= long || (next > u && s === next))) ?? 0
})

/** Drives for which exp has to round a half: of sigmoid exp reads -|a|, of tanh 2 |a|. */
export const halfway = (activation: 'sigmoid' | 'tanh'): readonly number[] => {
  const found: number[] = []
  for (let k = 0; found.length < 12 && k < 40; k++) {
    const half = k + 0.5
    const near = fround(half / 1.44269504)
    for (let distance = 0; distance < 40; distance++) {
      const x = stepped(near, distance % 2 ? (distance + 1) / 2 : -distance / 2)
      if (fround(x * fround(1.44269504)) !== half) continue
      found.push(activation === 'sigmoid' ? (k % 2 ? x : -x) : x / 2)
      break
    }
  }
  return found
}
