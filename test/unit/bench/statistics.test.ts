import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { fittedExponent, median, quantile } from '../../bench/statistics.js'
import '../support.js'

test('median: at least half of the values are no larger, and at least half no smaller, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 }), (values) => {
      const middle = median(values)
      assert.ok(2 * values.filter((value) => value <= middle).length >= values.length)
      assert.ok(2 * values.filter((value) => value >= middle).length >= values.length)
      assert.equal(median([...values].reverse()), middle)
    }),
  )
  assert.equal(median([4, 1, 3, 2]), 2.5)
  assert.throws(() => median([]), { name: 'ShapeError' })
})

test('quantile: the part of the values that are no larger is at least that, and of no smaller value it is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (values, part) => {
        const found = quantile(part, values)
        const within = (bound: number): number => values.filter((value) => value <= bound).length / values.length
        assert.ok(within(found) >= part && values.every((value) => value >= found || within(value) < part))
      },
    ),
  )
  assert.equal(
    quantile(
      0.99,
      Array.from({ length: 200 }, (_, i) => 200 - i),
    ),
    198,
  )
  assert.throws(() => quantile(0.99, []), { name: 'ShapeError' })
})

test('fittedExponent: finds k of y = c x^k', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 2, maxLength: 8 }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      (xs, k, c) =>
        assert.ok(
          Math.abs(
            fittedExponent(
              xs,
              xs.map((x) => c * x ** k),
            ) - k,
          ) < 1e-6,
        ),
    ),
  )
})

test('fittedExponent: one x alone has no exponent', () => {
  assert.throws(() => fittedExponent([2, 2], [1, 3]), { name: 'ShapeError' })
})
