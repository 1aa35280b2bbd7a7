import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { at, fromRows, zeros, type Floats, type Matrix } from '../../../src/numeric/matrix.js'
import { clip, columnSums, frobeniusNorm, laneSum, projectRows, rowSums, total } from '../../../src/numeric/sum.js'
import {
  add,
  anyMatrix,
  assertSame,
  bits,
  bitsOf,
  build,
  constant,
  finite,
  fround,
  moderate,
  number,
  row,
  times,
} from '../support.js'

const { sqrt } = Math

/** The definition: four lanes, each from +0; written out. */
const lanes = (values: Floats, start: number, cols: number): number => {
  const lane = (first: number): number => {
    let sum = 0
    for (let j = first; j < cols; j += 4) sum = add(sum, values[start + j]!)
    return sum
  }
  return add(add(lane(0), lane(1)), add(lane(2), lane(3)))
}

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

const squaresOf = (a: Matrix): Matrix => build(a.rows, a.cols, (i, j) => times(at(a, i, j), at(a, i, j)))
const normByDefinition = (a: Matrix): number => fround(sqrt(total(squaresOf(a))))

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

test('[O1] above the radius d becomes fl(fl(d r) / norm), else d itself', () => {
  fc.assert(
    fc.property(anyMatrix(moderate), fc.float({ noNaN: true, min: 2 ** -10, max: 64 }), (d, r) => {
      const norm = normByDefinition(d)
      const wanted = norm > r ? build(d.rows, d.cols, (i, j) => fround(times(at(d, i, j), r) / norm)) : d
      assertSame(clip(r, d), wanted)
      if (norm <= r) assert.equal(clip(r, d), d)
    }),
  )
})

test('[O1] a norm of exactly r is not above it', () => {
  const d = fromRows([[3, 4]])
  assert.equal(clip(5, d), d)
  const least = fround(5 - 2 ** -22)
  assert.deepEqual(bits(clip(least, d).data), bits([fround(times(3, least) / 5), fround(times(4, least) / 5)]))
})

test('[O1] r <= 0 is off, zeros and a norm that underflows stay as they are', () => {
  fc.assert(fc.property(anyMatrix(), fc.constantFrom(0, -0, -1, -(2 ** -149)), (d, r) => assert.equal(clip(r, d), d)))
  const tiny = fromRows([[2 ** -140, -(2 ** -149)]])
  assert.equal(clip(2 ** -149, tiny), tiny)
  assert.equal(clip(1, zeros(2, 2)).data.length, 4)
})

test('[O1] a norm that overflows leaves signed zeros, and NaN passes through', () => {
  assert.deepEqual(bits(clip(1, row([3e38, -3e38])).data), ['00000000', '80000000'])
  assert.deepEqual(bits(clip(1, row([NaN, 5])).data), ['NaN', '40a00000'])
})

test('[O4] each row above maxNorm becomes fl(fl(w maxNorm) / norm), each other row stays', () => {
  fc.assert(
    fc.property(anyMatrix(moderate), fc.float({ noNaN: true, min: 2 ** -10, max: 64 }), (w, maxNorm) => {
      const norm = (i: number): number => fround(sqrt(lanes(squaresOf(w).data, i * w.cols, w.cols)))
      const element = (i: number, j: number): number =>
        norm(i) > maxNorm ? fround(times(at(w, i, j), maxNorm) / norm(i)) : at(w, i, j)
      assertSame(projectRows(maxNorm, w), build(w.rows, w.cols, element))
    }),
  )
})

test('[O4] a norm of exactly maxNorm stays, and maxNorm 0 is off', () => {
  const w = fromRows([
    [3, 4],
    [6, 8],
  ])
  assert.deepEqual(Array.from(projectRows(5, w).data), [3, 4, 3, 4])
  fc.assert(fc.property(anyMatrix(finite), (a) => assert.equal(projectRows(0, a), a)))
  assertSame(projectRows(1, constant(2, 2, 0)), zeros(2, 2))
})
