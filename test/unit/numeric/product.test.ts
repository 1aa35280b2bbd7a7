import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { at, fromRows, transpose, zeros, type Matrix } from '../../../src/numeric/matrix.js'
import { product, productLeftTransposed, productRightTransposed } from '../../../src/numeric/product.js'
import {
  add,
  assertRefused,
  assertSame,
  bits,
  build,
  fromBits,
  fround,
  matrixOf,
  moderate,
  number,
  size,
  times,
} from '../support.js'

/** The definition: +0, then one rounded product after another. */
const byDefinition = (a: Matrix, b: Matrix): Matrix =>
  build(a.rows, b.cols, (i, j) => {
    let sum = 0
    for (let k = 0; k < a.cols; k++) sum = add(sum, times(at(a, i, k), at(b, k, j)))
    return sum
  })

/** A and B with A B defined. */
const factors = (value: fc.Arbitrary<number>): fc.Arbitrary<readonly [Matrix, Matrix]> =>
  fc.tuple(size, size, size).chain(([rows, inner, cols]) => fc.tuple(matrixOf(rows, inner, value), matrixOf(inner, cols, value)))

for (const [domain, value] of [
  ['any numbers but NaN', number],
  ['numbers whose sums round', moderate],
] as const) {
  test(`[ar-product] each element adds fl(a b) in ascending order, from +0: ${domain}`, () => {
    fc.assert(fc.property(factors(value), ([a, b]) => assertSame(product(a, b), byDefinition(a, b))))
  })

  test(`[ar-product] A' B is the product of the transposed A, and A B' of the transposed B: ${domain}`, () => {
    fc.assert(
      fc.property(factors(value), ([a, b]) => {
        assertSame(productLeftTransposed(transpose(a), b), product(a, b))
        assertSame(productRightTransposed(a, transpose(b)), product(a, b))
      }),
    )
  })
}

test('[ar-product] the order of the sum shows in the bits', () => {
  const [a, b] = [fromRows([[1, 1, 1]]), fromRows([[2 ** 24], [1], [1]])]
  assert.deepEqual(bits(product(a, b).data), ['4b800000'])
  const backwards = fromRows([[1], [1], [2 ** 24]])
  assert.deepEqual(bits(product(a, backwards).data), ['4b800001'])
})

test('[ar-product] a product is rounded before it is added', () => {
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24: rounded to 1 + 2^-11 first, then it cancels
  const x = fromBits('3f800800')
  const [a, b] = [fromRows([[-1, x]]), fromRows([[fround(x * x)], [x]])]
  for (const result of [product(a, b), productLeftTransposed(transpose(a), b), productRightTransposed(a, transpose(b))]) {
    assert.deepEqual(bits(result.data), ['00000000'])
  }
})

test('[ar-product] a sum starts at +0, so that no product of zeros is -0', () => {
  const [minus, one] = [fromRows([[-0]]), fromRows([[1]])]
  for (const multiply of [product, productLeftTransposed, productRightTransposed]) {
    assert.deepEqual(bits(multiply(minus, one).data), ['00000000'])
  }
})

test('[ar-product] an infinity times zero is NaN, not passed over', () => {
  const [zero, infinite] = [zeros(1, 1), { rows: 1, cols: 1, data: Float32Array.of(Infinity) }]
  for (const multiply of [product, productLeftTransposed, productRightTransposed]) {
    assert.deepEqual(bits(multiply(zero, infinite).data), ['NaN'])
  }
})

test('[ar-product] an empty sum is +0', () => {
  assertSame(product(zeros(2, 0), zeros(0, 3)), zeros(2, 3))
  assertSame(productLeftTransposed(zeros(0, 2), zeros(0, 3)), zeros(2, 3))
  assertSame(productRightTransposed(zeros(2, 0), zeros(3, 0)), zeros(2, 3))
})

test('[ar-product] sizes that do not meet are refused', () => {
  const refused = { name: 'ShapeError', expected: /3 on both sides/, got: '4' } as const
  assertRefused(() => product(zeros(2, 3), zeros(4, 2)), { ...refused, what: 'inner size of A B' })
  assertRefused(() => productLeftTransposed(zeros(3, 2), zeros(4, 2)), { ...refused, what: "inner size of A' B" })
  assertRefused(() => productRightTransposed(zeros(2, 3), zeros(2, 4)), { ...refused, what: "inner size of A B'" })
})
