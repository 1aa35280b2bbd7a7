import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { differenceOf, holm, judge, pairedDifference } from '../../../../src/experiment/compare/statistics.js'
import { holds } from '../../../support/property.js'

const near = (got: number | undefined, wanted: number, error = 1e-12): void =>
  assert.ok(Math.abs(got! - wanted) <= error * Math.max(1, Math.abs(wanted)), `${got}, not ${wanted}`)

test('a paired difference is the other minus the own of each seed, with t and p as worked out by hand', () => {
  // differences 1, 2, 3: mean 2, deviation 1, t = 2 sqrt 3, p = 1 - t / sqrt(2 + t^2) for two degrees of freedom
  const { mean, half, count, p } = pairedDifference([10, 20, 30], [11, 22, 33])
  near(mean, 2)
  near(half, (0.95 * Math.sqrt(2 / (1 - 0.95 ** 2))) / Math.sqrt(3))
  assert.equal(count, 3)
  near(p, 1 - Math.sqrt(12 / 14))
  // the same values unpaired would say nothing: what is between seeds is not between methods
  near(pairedDifference([11, 22, 33], [10, 20, 30]).mean, -2)
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
  const judged = judge([difference(1, 0.001), difference(-1, 0.002), difference(1, 0.03), difference(1)])
  assert.deepEqual(
    judged.map(({ verdict }) => verdict),
    ['shown', 'refuted', 'shown', 'undecided'],
  )
  assert.deepEqual(
    judge([difference(1, 0.03), difference(1, 0.04)]).map(({ verdict }) => verdict),
    ['undecided', 'undecided'],
  )
  assert.deepEqual(
    judge([difference(1, 0.05)]).map(({ verdict }) => verdict),
    ['undecided'],
  )
})
