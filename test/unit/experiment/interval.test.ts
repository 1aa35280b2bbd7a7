import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { intervalOf, studentQuantile, studentWithin } from '../../../src/experiment/interval.js'
import { holds } from '../../support/property.js'
import { assertRefused } from '../support.js'

const near = (got: number, wanted: number, error = 1e-12): void =>
  assert.ok(Math.abs(got - wanted) <= error * Math.max(1, Math.abs(wanted)), `${got}, not ${wanted}`)

/** NIST/SEMATECH e-Handbook of statistical methods, 1.3.6.7.2, two-sided: three decimals. */
const TABLE: readonly (readonly [degrees: number, at95: number, at99: number])[] = [
  [1, 12.706, 63.657],
  [2, 4.303, 9.925],
  [3, 3.182, 5.841],
  [4, 2.776, 4.604],
  [5, 2.571, 4.032],
  [9, 2.262, 3.25],
  [10, 2.228, 3.169],
  [29, 2.045, 2.756],
  [30, 2.042, 2.75],
  [99, 1.984, 2.626],
  [100, 1.984, 2.626],
]

test("quantiles of Student's t are those of the table", () => {
  for (const [degrees, at95, at99] of TABLE) {
    assert.deepEqual(
      [0.95, 0.99].map((level) => studentQuantile(level, degrees).toFixed(3)),
      [at95, at99].map((t) => t.toFixed(3)),
      `${degrees}`,
    )
  }
})

test('one and two degrees of freedom have closed forms; a thousand and one are almost the normal distribution', () => {
  holds(fc.double({ min: 0.01, max: 0.999, noNaN: true }), 200, (level) => {
    near(studentQuantile(level, 1), Math.tan((Math.PI * level) / 2))
    near(studentQuantile(level, 2), level * Math.sqrt(2 / (1 - level * level)))
  })
  near(studentQuantile(0.95, 100_001), 1.959964, 2e-5)
})

test("what lies within t is the integral of Student's density from -t to t", () => {
  /** Gamma((n + 1) / 2) / Gamma(n / 2), by its recursion. */
  const gammas = (n: number): number =>
    n === 1 ? 1 / Math.sqrt(Math.PI) : n === 2 ? Math.sqrt(Math.PI) / 2 : gammas(n - 2) * ((n - 1) / (n - 2))
  const STEPS = 2000
  holds(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 8, noNaN: true })), 100, ([n, t]) => {
    const density = (x: number): number => (gammas(n) / Math.sqrt(n * Math.PI)) * (1 + (x * x) / n) ** (-(n + 1) / 2)
    const weight = (i: number): number => (i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2)
    const sum = Array.from({ length: STEPS + 1 }, (_, i) => weight(i) * density((t * i) / STEPS)).reduce((a, b) => a + b, 0)
    near(studentWithin(t, n), (2 * t * sum) / STEPS / 3, 1e-9)
  })
})

test('an interval: 1 to 5 have the mean 3 and the half 2.776445 sqrt(2.5 / 5)', () => {
  const { mean, half, count } = intervalOf([4, 1, 5, 3, 2])
  assert.deepEqual([mean, count], [3, 5])
  near(half!, 2.7764451051978 * Math.sqrt(0.5))
  assert.deepEqual(intervalOf([7, 7, 7]), { mean: 7, half: 0, count: 3 })
})

test('one value has a mean and no interval, none has nothing', () => {
  assert.deepEqual(intervalOf([7.5]), { mean: 7.5, count: 1 })
  assertRefused(() => intervalOf([]), { name: 'ShapeError', what: 'values', expected: /one at least/, got: '0' })
  for (const degrees of [0, 1.5, NaN]) {
    assertRefused(() => studentQuantile(0.95, degrees), {
      name: 'ShapeError',
      what: 'degrees of freedom',
      expected: /a whole number/,
      got: String(degrees),
    })
  }
})
