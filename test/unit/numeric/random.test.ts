import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import {
  below,
  highWord,
  keyOf,
  normalOf,
  normals,
  philox,
  split,
  uniform,
  unitInterval,
  type Key,
  type Words,
} from '../../../src/numeric/random.js'
import { assertRefused, bits, bitsOf, fround, size } from '../support.js'

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const key: fc.Arbitrary<Key> = fc.tuple(word, word)
const seed = fc.maxSafeNat()
const index = fc.nat(2 ** 20)

const MULTIPLIERS = [0xd2511f53n, 0xcd9e8d57n] as const
const WEYL = [0x9e3779b9n, 0xbb67ae85n] as const
const MASK = 0xffffffffn

/** Philox4x32-10 as its authors define it, in whole numbers without bounds. */
const philoxByDefinition = (counter: Words, [k0, k1]: Key): number[] => {
  let c = counter.map(BigInt)
  for (let round = 0n; round < 10n; round++) {
    const [low, high] = [MULTIPLIERS[0] * c[0]!, MULTIPLIERS[1] * c[2]!]
    const [first, second] = [(BigInt(k0) + round * WEYL[0]) & MASK, (BigInt(k1) + round * WEYL[1]) & MASK]
    c = [(high >> 32n) ^ c[1]! ^ first, high & MASK, (low >> 32n) ^ c[3]! ^ second, low & MASK]
  }
  return c.map(Number)
}

test('[ar-philox] the known answers of the authors', () => {
  const ones = 0xffffffff
  assert.deepEqual(philox([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  assert.deepEqual(philox([ones, ones, ones, ones], [ones, ones]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
  assert.deepEqual(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  )
})

test('[ar-philox] ten rounds of the definition, for any counter and key', () => {
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), key, (counter, k) => {
      assert.deepEqual([...philox(counter, k)], philoxByDefinition(counter, k))
    }),
  )
})

test('[ar-philox] highWord is the upper half of the exact product', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(highWord(a, b), Number((BigInt(a) * BigInt(b)) >> 32n))
    }),
    {
      numRuns: 1000,
      examples: [
        [0xffffffff, 0xffffffff],
        [0xffff, 0xffff0000],
        [0x80000000, 2],
        [0, 0xffffffff],
      ],
    },
  )
})

test('[ar-key] the key of a seed is its lower and its upper 32 bits', () => {
  fc.assert(
    fc.property(seed, (s) => {
      assert.deepEqual([...keyOf(s)], [Number(BigInt(s) & MASK), Number(BigInt(s) >> 32n)])
    }),
  )
})

test('[ar-key] a child is the first two words of the block (lower index, upper index, 0, ffffffff)', () => {
  fc.assert(
    fc.property(key, seed, (parent, i) => {
      const block = philox([i % 2 ** 32, Math.floor(i / 2 ** 32), 0, 0xffffffff], parent)
      assert.deepEqual([...split(parent, i)], block.slice(0, 2))
    }),
  )
})

test('[ar-key] seeds and indices that are not whole numbers from 0 to 2^53 - 1 are refused', () => {
  for (const wrong of [-1, 0.5, NaN, Infinity, 2 ** 53, '7', null, undefined, 7n] as number[]) {
    const got = typeof wrong === 'string' ? `"${wrong}"` : String(wrong)
    const refusal = { name: 'ConfigError', expected: /a whole number from 0 to 2\^53 - 1/, got } as const
    assertRefused(() => keyOf(wrong), { ...refusal, what: 'seed' })
    assertRefused(() => split([0, 0], wrong), { ...refusal, what: 'index of a key' })
  }
})

test('[ar-uniform] a word is its upper 24 bits over 2^24, exactly', () => {
  fc.assert(
    fc.property(word, (w) => {
      const u = unitInterval(w)
      assert.equal(u, Number(BigInt(w) >> 8n) / 2 ** 24)
      assert.equal(u, fround(u))
    }),
  )
  assert.equal(bitsOf(unitInterval(0xffffffff)), '3f7fffff')
})

test('[ar-uniform] number i comes from word i mod 4 of block floor(i / 4), whose counter has two words', () => {
  fc.assert(
    fc.property(
      key,
      index,
      word.map((n) => Math.max(1, n)),
      (k, i, n) => {
        const block = BigInt(i) / 4n
        const drawn = philox([Number(block % 2n ** 32n), Number(block / 2n ** 32n), 0, 0], k)[(i % 4) as 0 | 1 | 2 | 3]
        assert.equal(uniform(k, i), (drawn >>> 8) / 2 ** 24)
        assert.equal(below(n, k, i), Number((BigInt(drawn) * BigInt(n)) >> 32n))
      },
    ),
  )
})

test('[ar-uniform] an index or a range that is none is refused', () => {
  for (const index of [-1, 0.5, NaN, 2 ** 53])
    assert.throws(() => uniform([1, 2], index), { name: 'ConfigError', message: /"index of a draw"/ })
  for (const n of [0, -1, 1.5, 2 ** 32, NaN])
    assert.throws(() => below(n, [1, 2], 0), { name: 'ConfigError', message: /"n" expected/ })
})

const COUNT = 100_000
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test('[ar-uniform] below falls evenly on 0 to n - 1', () => {
  const [n, k] = [10, keyOf(3)]
  const counts = Array<number>(n).fill(0)
  for (const i of range(COUNT)) counts[below(n, k, i)]!++
  const chiSquare = counts.reduce((sum, count) => sum + (count - COUNT / n) ** 2 / (COUNT / n), 0)
  assert.ok(chiSquare < 27.9, `chi-square with 9 degrees of freedom, 0.1 %: ${chiSquare}`)
})

/** Of two lists, in standard deviations of what independent ones give. */
const correlation = (a: readonly number[], b: readonly number[]): number => {
  const [ma, mb] = [mean(a), mean(b)]
  const covariance = mean(a.map((value, i) => (value - ma) * (b[i]! - mb)))
  const deviation = (values: readonly number[], m: number): number => Math.sqrt(mean(values.map((value) => (value - m) ** 2)))
  return (covariance / (deviation(a, ma) * deviation(b, mb))) * Math.sqrt(a.length)
}

test('[ar-key] children of different indices, and a child and its parent, are uncorrelated', () => {
  const parent = keyOf(11)
  const stream = (k: Key): number[] => range(10_000).map((i) => uniform(k, i))
  const streams = [parent, split(parent, 0), split(parent, 1), split(parent, 2 ** 32), split(split(parent, 0), 1)].map(stream)
  streams.forEach((a, i) =>
    streams.slice(i + 1).forEach((b) => {
      assert.ok(Math.abs(correlation(a, b)) < 4, `${correlation(a, b)} standard deviations`)
    }),
  )
})

test('[ar-key] the children of a key are all different', () => {
  const children = range(10_000).map((i) => split(keyOf(5), i).join())
  assert.equal(new Set(children).size, children.length)
})

/** erf by its series sum of 2^n x^(2n+1) / (2n+1)!!, times 2 / sqrt(pi) e^(-x^2): no cancellation. */
const erf = (x: number): number => {
  let [term, sum] = [x, x]
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** erfc for x >= 1 by its continued fraction, from far below upwards. */
const erfc = (x: number): number => {
  let fraction = x
  for (let n = 200; n >= 1; n--) fraction = x + n / 2 / fraction
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction
}

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)

/** How far the normal number z is from the one whose distribution function is u, relative to z; u - 1/2 is exact. */
const relativeError = (z: number, u: number): number => {
  const x = Math.abs(z) / Math.SQRT2
  const excess = x < 1.5 ? erf(x) / 2 - Math.abs(u - 0.5) : Math.min(u, 1 - u) - erfc(x) / 2
  return Math.abs(excess / density(z) / z)
}

test('[ar-normal] the check itself: the 97.5 % point is 1.959963984540054, the 3 sigma point 0.99865010196837', () => {
  assert.ok(relativeError(1.959963984540054, 0.975) < 1e-14)
  assert.ok(relativeError(3, 0.9986501019683699) < 1e-12)
  assert.ok(relativeError(0.2533471031357997, 0.6) < 1e-14)
  assert.ok(relativeError(2, 0.975) > 0.02)
})

test('[ar-normal] normalOf is the inverse distribution function at (upper 23 bits + 1/2) / 2^23, to 5e-7', () => {
  const check = (upper: number): void => {
    const z = normalOf(upper * 2 ** 9)
    const u = (upper + 0.5) / 2 ** 23
    assert.equal(Math.sign(z), Math.sign(u - 0.5))
    const error = relativeError(z, u)
    assert.ok(error < 5e-7, `${error} at ${upper}`)
    assert.equal(normalOf(upper * 2 ** 9 + 511), z)
  }
  for (const upper of [0, 1, 2, 2 ** 22 - 1, 2 ** 22, 2 ** 23 - 2, 2 ** 23 - 1]) check(upper)
  for (let upper = 0; upper < 2 ** 23; upper += 997) check(upper)
})

test('[ar-normal] normal numbers are symmetric: the complement of a word has the opposite number', () => {
  fc.assert(fc.property(word, (w) => assert.equal(normalOf(w), -normalOf(~w >>> 0))))
})

test('[ar-normal] a matrix has fl(deviation z) of word i of the key as element i', () => {
  const positive = fc.float({ noNaN: true, min: 0, max: 8 })
  fc.assert(
    fc.property(key, size, size, positive, (k, rows, cols, deviation) => {
      const a = normals(k, rows, cols, deviation)
      assert.deepEqual([a.rows, a.cols], [rows, cols])
      const wordOf = (i: number): number => philox([Math.floor(i / 4), 0, 0, 0], k)[(i % 4) as 0 | 1 | 2 | 3]
      const wanted = range(rows * cols).map((i) => fround(deviation * normalOf(wordOf(i))))
      assert.deepEqual(bits(a.data), bits(wanted))
    }),
  )
  assert.equal(normals([0, 0], 0, 3, 1).data.length, 0)
})

test('[ar-normal] a hundred thousand have mean 0, variance 1, no skew, and kurtosis 3, within 4 standard errors', () => {
  const values = Array.from(normals(keyOf(13), COUNT, 1, 1).data)
  const moment = (power: number): number => mean(values.map((value) => value ** power))
  const within = (power: number, wanted: number, variance: number): void => {
    const distance = Math.abs(moment(power) - wanted) / Math.sqrt(variance / COUNT)
    assert.ok(distance < 4, `moment ${power}: ${moment(power)}, ${distance} standard errors`)
  }
  within(1, 0, 1)
  within(2, 1, 2)
  within(3, 0, 15)
  within(4, 3, 96)
})
