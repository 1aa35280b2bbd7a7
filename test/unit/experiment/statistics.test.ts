import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { differenceOf, holm, intervalOf, verdictsOf, studentQuantile, studentWithin } from '../../../src/experiment/statistics.js'
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
  assertRefused(() => intervalOf([]), { name: 'ShapeError', what: 'values', expected: /at least one number/, got: '[]' })
  for (const degrees of [0, 1.5, NaN]) {
    assertRefused(() => studentQuantile(0.95, degrees), {
      name: 'ShapeError',
      what: 'degrees of freedom',
      expected: /a whole number/,
      got: String(degrees),
    })
  }
})

test('a difference over seeds, with t and p as worked out by hand', () => {
  // differences 1, 2, 3: mean 2, deviation 1, t = 2 sqrt 3, p = 1 - t / sqrt(2 + t^2) for two degrees of freedom
  const { mean, half, count, p } = differenceOf([1, 2, 3])
  near(mean, 2)
  near(half!, (0.95 * Math.sqrt(2 / (1 - 0.95 ** 2))) / Math.sqrt(3))
  assert.equal(count, 3)
  near(p!, 1 - Math.sqrt(12 / 14))
  near(differenceOf([-1, -2, -3]).mean, -2)
})

test('one seed has no p; equal differences leave no doubt', () => {
  assert.equal(differenceOf([1]).p, undefined)
  assert.equal(differenceOf([2, 2, 2]).p, 0)
  assert.equal(differenceOf([0, 0, 0]).p, 1)
})

test("Holm's example: the smallest times how many there are, the next times one less, never falling and never above 1", () => {
  assert.deepEqual(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
  assert.deepEqual(holm([0.5, 0.6]), [1, 1])
  assert.deepEqual(holm([]), [])
})

test('Holm: adjusted values keep the order, are at least the given ones, and at most those of Bonferroni', () => {
  holds(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), 200, (ps) => {
    const adjusted = holm(ps)
    ps.forEach((p, i) => {
      assert.ok(adjusted[i]! >= p && adjusted[i]! <= Math.min(1, ps.length * p))
      ps.forEach((other, j) => assert.ok(p > other || adjusted[i]! <= adjusted[j]!))
    })
  })
})

test('a verdict is shown or refuted only where the corrected p is below 0.05, by the sign of the difference', () => {
  const difference = (mean: number, p?: number) => ({ mean, count: 5, ...(p !== undefined && { p }) })
  const judged = verdictsOf([difference(1, 0.001), difference(-1, 0.002), difference(1, 0.03), difference(1)])
  assert.deepEqual(
    judged.map(({ verdict }) => verdict),
    ['shown', 'refuted', 'shown', 'undecided'],
  )
  assert.deepEqual(
    verdictsOf([difference(1, 0.03), difference(1, 0.04)]).map(({ verdict }) => verdict),
    ['undecided', 'undecided'],
  )
  assert.deepEqual(
    verdictsOf([difference(1, 0.05)]).map(({ verdict }) => verdict),
    ['undecided'],
  )
})
