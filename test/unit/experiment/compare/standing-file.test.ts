import assert from 'node:assert/strict'
import { test } from 'node:test'

import { plain } from '../../support.js'
import { decodeStanding, encodeStanding, matricesOf } from '../../../../src/experiment/compare/standing-file.js'

const matrix = (rows: number, cols: number, from: number) => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, i) => from + i / 3),
})
const model = (from: number) => ({
  weights: [{ W: matrix(2, 3, from), b: matrix(1, 3, -from) }, { W: matrix(3, 2, from) }],
  optimizer: { power1: 0.9 ** from, power2: 1e-310, first: { W: matrix(1, 1, from) } },
})
const standing = {
  snapshot: model(7),
  batches: 3,
  curve: [{ sequences: 0, validation: 1.5 }],
  recent: { loss: 0.1 + 0.2, count: 4 },
}

test('where any learner stands comes back bit for bit, whatever the form of its model', () => {
  const { standing: back, about } = decodeStanding(encodeStanding(standing, { of: 'cell' }), model(0))
  assert.deepEqual(plain(back), standing)
  assert.deepEqual(plain(about), { of: 'cell' })
})

test('the matrices of a tree have its paths as names', () => {
  assert.deepEqual(
    [...matricesOf(model(1)).keys()],
    ['model.weights.0.W', 'model.weights.0.b', 'model.weights.1.W', 'model.optimizer.first.W'],
  )
})

test('the model of another learner, or a part of one, is refused', () => {
  const bytes = encodeStanding(standing, {})
  for (const like of [{ ...model(0), state: matrix(1, 1, 0) }, { weights: model(0).weights }, { ...model(0), weights: [] }]) {
    assert.throws(() => decodeStanding(bytes, like), { name: 'FileError', message: /^"model" expected the form of this learner/ })
  }
  assert.throws(() => decodeStanding(bytes.subarray(0, bytes.length - 4), model(0)), { name: 'FileError' })
})
