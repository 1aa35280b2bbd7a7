/** Which rows are left out, from when on, and when they are not. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { allowsLeavingOut, endsOf, nextEnd, rowsFrom, rowsOf, stateOf } from '../../../../../src/engine/fast/memory/ended.js'
import { keyOf } from '../../../../../src/numeric/random.js'
import { config } from '../../../../../src/ptncn/config.js'
import type { Input } from '../../../../../src/ptncn/state.js'
import { initialWeights } from '../../../../../src/ptncn/weights.js'

/** A line of masks a row; inputs of one number each. */
const inputsOf = (rows: readonly string[], x: (row: number, t: number) => number = () => 0): readonly Input[] =>
  Array.from(rows[0]!, (_, t) => ({
    x: { rows: rows.length, cols: 1, data: Float32Array.from(rows, (_, row) => x(row, t)) },
    mask: { rows: rows.length, cols: 1, data: Float32Array.from(rows, (row) => Number(row[t])) },
  }))

test('a row has ended where its mask stays 0: not where it returns, and at once where it is never 1', () => {
  assert.deepEqual(endsOf(inputsOf(['11111', '11000', '10010', '00000'])), [5, 2, 4, 0])
})

test('a row with a large input where it would be left out has not, as what it makes of it may not be finite', () => {
  for (const [at, end] of [
    [0, 2],
    [1, 5],
    [4, 5],
  ] as const)
    assert.deepEqual(endsOf(inputsOf(['11000'], (_, t) => (t === at ? 2 ** 33 : 0))), [end])
})

test('rows are left out in their order, in blocks, where they are a quarter; one is kept though none is active', () => {
  const ends = [9, 1, 9, 2, 9, 3, 9, 4]
  const all = ends.map((_, row) => row)
  assert.equal(rowsFrom(ends, 3, all), all)
  assert.equal(nextEnd(ends, 0, all), 4)
  assert.deepEqual(rowsFrom(ends, 4, all), [0, 2, 4, 6])
  assert.deepEqual(rowsFrom(ends, 9, all), [0, 1, 2, 3])
  assert.deepEqual(rowsFrom([0, 0], 1, [0, 1]), [0, 1])
  assert.equal(nextEnd(ends, 4, [0, 2, 4, 6]), Infinity)
})

test('only units whose values are bounded, and small weights, allow that', () => {
  const of = (activation: 'tanh' | 'relu' | 'identity' | 'stochastic') => config({ units: [2, 3], activation })
  const weights = initialWeights(of('tanh'), keyOf(1))
  assert.equal(allowsLeavingOut(of('tanh'), weights), true)
  for (const activation of ['relu', 'identity', 'stochastic'] as const)
    assert.equal(allowsLeavingOut(of(activation), weights), false)
  const [first] = weights
  const huge = { ...first!.V, data: Float32Array.from(first!.V.data, () => 2 ** 64) }
  assert.equal(allowsLeavingOut(of('tanh'), [{ ...first!, V: huge }]), false)
})

test('some rows of a matrix and of a state; all of them are the matrix itself', () => {
  const a = { rows: 3, cols: 2, data: Float32Array.of(1, 2, 3, 4, 5, 6) }
  assert.equal(rowsOf(a, [0, 1, 2]), a)
  assert.deepEqual(rowsOf(a, [0, 2]), { rows: 2, cols: 2, data: Float32Array.of(1, 2, 5, 6) })
  const state = { t: 4, key: keyOf(1), x: a, y: [a], z: [a], d: [a] }
  const one = rowsOf(a, [1])
  assert.deepEqual(stateOf(state, [1]), { t: 4, key: keyOf(1), x: one, y: [one], z: [one], d: [one] })
})
