import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { at, fromRows, zeros } from '../../../src/numeric/matrix.js'
import { columnSums, frobeniusNorm, laneSum, rowSums, total } from '../../../src/numeric/sum.js'
import { add, anyMatrix, assertSame, bits, bitsOf, build, moderate, number, lanes, normByDefinition } from '../support.js'

test('[ar-sum] laneSum adds element j to lane j mod 4, then (s0 + s1) + (s2 + s3)', () => {
  for (const value of [number, moderate]) {
    const values = fc.array(value, { maxLength: 23 })
    fc.assert(
      fc.property(values, fc.nat(3), fc.array(value, { maxLength: 3 }), (summed, start, after) => {
        const all = [...Array<number>(start).fill(9), ...summed, ...after]
        assert.equal(bitsOf(laneSum(all, start, summed.length)), bitsOf(lanes(all, start, summed.length)))
      }),
    )
  }
})

test('[ar-sum] the lanes show in the bits', () => {
  // in ascending order: ((2^24 + 1) + 1) + 1 = 2^24; in lanes: (2^24 + 1) + (1 + 1) = 2^24 + 2
  assert.equal(bitsOf(laneSum([2 ** 24, 1, 1, 1], 0, 4)), '4b800001')
  assert.equal(bitsOf(laneSum([2 ** 24, 1, 1, 1, 1, 1], 0, 6)), '4b800002')
  assert.equal(bitsOf(laneSum([], 0, 0)), '00000000')
  assert.equal(bitsOf(laneSum([-0, -0], 0, 2)), '00000000')
})

test('[ar-sum] rowSums is the lane sum of each row, total their sum in ascending order from +0', () => {
  for (const value of [number, moderate]) {
    fc.assert(
      fc.property(anyMatrix(value), (a) => {
        const sums = build(a.rows, 1, (i) => lanes(a.data, i * a.cols, a.cols))
        assertSame(rowSums(a), sums)
        assert.equal(bitsOf(total(a)), bitsOf(Array.from(sums.data).reduce(add, 0)))
      }),
    )
  }
  assert.equal(bitsOf(total(fromRows([[1], [2 ** 24], [1]]))), '4b800000')
  assert.equal(bitsOf(total(fromRows([[-0]]))), '00000000')
  assert.equal(bitsOf(total(zeros(0, 3))), '00000000')
})

test('[ar-sum] columnSums adds the rows in ascending order, from +0', () => {
  for (const value of [number, moderate]) {
    fc.assert(
      fc.property(anyMatrix(value), (a) => {
        const sum = (j: number): number => Array.from({ length: a.rows }, (_, i) => at(a, i, j)).reduce(add, 0)
        assertSame(
          columnSums(a),
          build(1, a.cols, (_, j) => sum(j)),
        )
      }),
    )
  }
  assert.deepEqual(
    bits(
      columnSums(
        fromRows([
          [-0, 1],
          [-0, 2 ** 24],
          [-0, 1],
        ]),
      ).data,
    ),
    ['00000000', '4b800000'],
  )
})

test('[ar-sum] the Frobenius norm is the root of the total of the squares', () => {
  for (const value of [number, moderate]) {
    fc.assert(fc.property(anyMatrix(value), (a) => assert.equal(bitsOf(frobeniusNorm(a)), bitsOf(normByDefinition(a)))))
  }
  assert.equal(
    frobeniusNorm(
      fromRows([
        [3, 0],
        [0, -4],
      ]),
    ),
    5,
  )
})
