import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { batchesOf, heldBatches, permutation, requireFits, rowLengths, type Batching } from '../../../src/data/batches.js'
import { corpusBuilder, type Corpus } from '../../../src/data/corpus.js'
import type { Sequence } from '../../../src/engine/engine.js'
import { keyOf, type Key } from '../../../src/numeric/random.js'
import { holds } from '../../support/property.js'
import { assertRefused } from '../support.js'

const SYMBOLS = 5
const key: fc.Arbitrary<Key> = fc.maxSafeNat().map(keyOf)
const sequences = fc.array(fc.array(fc.nat(SYMBOLS - 1), { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 20 })
const rows = fc.integer({ min: 1, max: 7 })
const batching: fc.Arbitrary<Batching> = fc.constantFrom('random', 'length')

const corpusOf = (all: readonly (readonly number[])[]): Corpus => {
  const { add, end, done } = corpusBuilder(all.flat().length, 'x')
  for (const one of all) {
    one.forEach(add)
    end()
  }
  return done()
}

/** The sequences of a batch, read off its inputs; all that is padding is 0. */
const readBack = ({ inputs }: Sequence): number[][] => {
  const found: number[][] = Array.from({ length: inputs[0]!.mask.rows }, () => [])
  inputs.forEach(({ x, mask }, t) =>
    found.forEach((row, i) => {
      const values = Array.from({ length: x.cols }, (_, j) => x.data[i * x.cols + j]!)
      assert.equal(values.filter((value) => value !== 0).length, mask.data[i])
      if (mask.data[i] !== 1) return
      assert.equal(row.length, t, 'no data after padding')
      assert.equal(values[values.indexOf(1)], 1)
      row.push(values.indexOf(1))
    }),
  )
  return found
}

const sorted = (all: readonly (readonly number[])[]): string[] => all.map((one) => one.join(' ')).sort()
const passOf = (all: readonly (readonly number[])[], n: number, how: Batching, from: Key, pass = 0): Sequence[] => {
  const { epoch, batch } = batchesOf(corpusOf(all), { inputs: SYMBOLS, rows: n, batching: how })
  return Array.from({ length: epoch }, (_, i) => batch(from, pass * epoch + i))
}

test('a pass has each sequence once, all batches but one full, each as long as its longest row', () => {
  holds(fc.tuple(sequences, rows, batching, key, fc.nat(3)), 200, ([all, n, how, from, pass]) => {
    const batches = passOf(all, n, how, from, pass)
    assert.deepEqual(sorted(batches.flatMap(readBack)), sorted(all))
    const heights = batches.map((batch) => batch.inputs[0]!.mask.rows)
    assert.deepEqual(
      heights.filter((height) => height !== n),
      all.length % n === 0 ? [] : [all.length % n],
    )
    for (const batch of batches) assert.equal(batch.inputs.length, Math.max(...rowLengths(batch)))
  })
})

test('a batch is the same at any time and in any order, and another for another key', () => {
  holds(fc.tuple(sequences, rows, batching, key, fc.array(fc.nat(30), { maxLength: 5 })), 50, ([all, n, how, from, asked]) => {
    const options = { inputs: SYMBOLS, rows: n, batching: how }
    const one = batchesOf(corpusOf(all), options)
    const found = asked.map((index) => one.batch(from, index))
    asked.forEach((index, i) => assert.deepEqual(batchesOf(corpusOf(all), options).batch(from, index), found[i]))
  })
  const many = Array.from({ length: 20 }, (_, i) => [i % 5, 1])
  assert.notDeepEqual(passOf(many, 3, 'random', keyOf(1)).map(readBack), passOf(many, 3, 'random', keyOf(2)).map(readBack))
})

test('each pass has an order of its own, and each batch a key of its own', () => {
  const many = Array.from({ length: 20 }, (_, i) => [i % 5, Math.floor(i / 5)])
  for (const how of ['random', 'length'] as const) {
    const [first, second] = [0, 1].map((pass) => passOf(many, 3, how, keyOf(1), pass))
    assert.notDeepEqual(first!.map(readBack), second!.map(readBack))
    assert.equal(new Set([...first!, ...second!].map((batch) => String(batch.key))).size, 14)
  }
})

test('by length: any two batches have no lengths between each other, and padding is what it says', () => {
  holds(fc.tuple(sequences, rows, key), 200, ([all, n, from]) => {
    const batches = passOf(all, n, 'length', from)
    const ranges = batches
      .map(rowLengths)
      .map((lengths) => [Math.min(...lengths), Math.max(...lengths)] as const)
      .sort((a, b) => a[1] - b[1] || a[0] - b[0])
    ranges.forEach(([least], i) => assert.ok(i === 0 || least >= ranges[i - 1]![1]))
    const cells = batches.reduce((sum, { inputs }) => sum + inputs.length * inputs[0]!.mask.rows, 0)
    const { padding } = batchesOf(corpusOf(all), { inputs: SYMBOLS, rows: n, batching: 'length' })
    assert.ok(Math.abs(padding - (1 - all.flat().length / cells)) < 1e-12)
  })
})

test('sequences of one length have no padding at all, however they are batched', () => {
  holds(
    fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9 })),
    100,
    (of) => {
      const [count, rows, length] = of
      const all = Array.from({ length: count }, () => Array<number>(length).fill(1))
      for (const batching of ['random', 'length'] as const)
        assert.equal(batchesOf(corpusOf(all), { inputs: SYMBOLS, rows, batching }).padding, 0)
    },
  )
})

test('at random: the padding is that over all orders, of which some are enough', () => {
  const all = Array.from({ length: 23 }, (_, i) => Array<number>(1 + ((i * i) % 17)).fill(1))
  const cellsOf = (i: number): number =>
    passOf(all, 5, 'random', keyOf(i)).reduce((sum, { inputs }) => sum + inputs.length * inputs[0]!.mask.rows, 0)
  const mean = Array.from({ length: 400 }, (_, i) => cellsOf(i)).reduce((a, b) => a + b) / 400
  const { padding } = batchesOf(corpusOf(all), { inputs: SYMBOLS, rows: 5, batching: 'random' })
  assert.ok(Math.abs(padding - (1 - all.flat().length / mean)) < 0.01, `${padding}`)
})

test('a permutation has each number once, and each place gets each number', () => {
  holds(fc.tuple(fc.integer({ min: 1, max: 50 }), key), 100, ([n, from]) =>
    assert.deepEqual(
      [...permutation(n, from)].sort((a, b) => a - b),
      Array.from({ length: n }, (_, i) => i),
    ),
  )
  const counts = Array<number>(9).fill(0)
  for (let i = 0; i < 3000; i++) permutation(3, keyOf(i)).forEach((number, place) => counts[3 * place + number]!++)
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 4 * Math.sqrt(3000 * (2 / 9)), `${counts}`)
})

test('held batches have every sequence, the longest first, and score all symbols but the first of each', () => {
  holds(fc.tuple(sequences, rows), 100, ([all, n]) => {
    const held = [...heldBatches(corpusOf(all), { inputs: SYMBOLS, rows: n })]
    assert.deepEqual(sorted(held.flatMap(readBack)), sorted(all))
    const lengths = held.flatMap(rowLengths)
    assert.deepEqual(
      lengths,
      [...lengths].sort((a, b) => b - a),
    )
    const scored = held.reduce(
      (sum, { inputs }) =>
        sum + inputs.slice(1).reduce((s, { mask }) => s + Array.from(mask.data).filter((m) => m === 1).length, 0),
      0,
    )
    assert.equal(scored, all.flat().length - all.length)
  })
})

test('a batch that would take more than 1 GB is refused, and the most rows are named', () => {
  const all = corpusOf(Array.from({ length: 10 }, (_, i) => Array<number>(i === 3 ? 8192 : 1).fill(1)))
  const inputs = 2 ** 13
  requireFits(all, { rows: 4, inputs })
  assertRefused(() => requireFits(all, { rows: 5, inputs }), {
    name: 'ConfigError',
    what: 'batch',
    expected: /at most 4 rows, as a sequence has up to 8192 symbols of 8192/,
    got: '5',
  })
  requireFits(corpusOf([Array<number>(8192).fill(1)]), { rows: 1000, inputs })
})
