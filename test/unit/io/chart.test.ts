import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { lengthOf, shortened, shown, spread, ticksOf, wrapped } from '../../../src/io/chart.js'
import { holds } from '../../support/property.js'

const marks = (values: readonly number[], ends: 'whole' | 'tight'): string[] => {
  const ticks = ticksOf(values, ends)
  return ticks.values.map(ticks.show)
}

test('axes have round marks, with the decimals that their steps need', () => {
  assert.deepEqual(marks([16.5, 177.4], 'whole'), ['0', '50', '100', '150', '200'])
  assert.deepEqual(marks([0, 6000], 'tight'), ['0', '1000', '2000', '3000', '4000', '5000', '6000'])
  assert.deepEqual(marks([0.31, 0.349], 'whole'), ['0.31', '0.32', '0.33', '0.34', '0.35'])
  assert.deepEqual(marks([-1, 1], 'whole'), ['-1.0', '-0.5', '0', '0.5', '1.0'])
  assert.deepEqual(marks([3, 17], 'tight'), ['5', '10', '15'])
})

test('axes without values, of one value, and of very large or small values have marks', () => {
  assert.deepEqual(marks([], 'whole'), ['0', '0.2', '0.4', '0.6', '0.8', '1.0'])
  assert.deepEqual(marks([0], 'whole'), ['-1.0', '-0.5', '0', '0.5', '1.0'])
  assert.deepEqual(marks([5, 5], 'tight'), ['4.6', '4.8', '5.0', '5.2', '5.4'])
  assert.deepEqual(marks([0, 3e12], 'whole'), ['0', '5e11', '1e12', '1.5e12', '2e12', '2.5e12', '3e12'])
  assert.deepEqual(marks([0, 3e-9], 'whole'), ['0', '5e-10', '1e-9', '1.5e-9', '2e-9', '2.5e-9', '3e-9'])
})

test('an axis begins at 0 where the values fill at least half of it then', () => {
  assert.equal(ticksOf([50, 101], 'whole').least, 0)
  assert.equal(ticksOf([51, 100], 'whole').least, 50)
})

const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
const values = fc.array(value, { minLength: 1, maxLength: 6 })

test('all values lie on the axis, and so do 2 to 9 marks, in order', () => {
  holds(fc.tuple(values, fc.constantFrom('whole' as const, 'tight' as const)), 300, ([some, ends]) => {
    const ticks = ticksOf(some, ends)
    const slack = (ticks.most - ticks.least) * 1e-9
    for (const value of [...some, ...ticks.values]) {
      assert.ok(value >= ticks.least - slack && value <= ticks.most + slack, `${value}`)
    }
    assert.ok(ticks.values.length >= 2 && ticks.values.length <= 9, `${ticks.values}`)
    assert.deepEqual(
      [...ticks.values].sort((a, b) => a - b),
      ticks.values,
    )
  })
})

test('figures have one decimal, or three digits where that would say less', () => {
  const figures = [41.1798, 6000, 1.2345, 0.012345, -0.5, 1e21]
  assert.deepEqual(figures.map(shown), ['41.2', '6000', '1.23', '0.0123', '-0.5', '1e21'])
})

test('labels are moved apart as little as their order, distance and ends allow', () => {
  assert.deepEqual(spread([10, 50, 12], 16, 0, 100), [10, 50, 26])
  assert.deepEqual(spread([99, 98], 16, 0, 100), [100, 84])
  assert.deepEqual(spread([], 16, 0, 100), [])
})

test('where there is room for all labels, they are apart, inside and in order', () => {
  holds(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 10 }), 200, (wanted) => {
    const places = spread(wanted, 16, 0, 200)
    const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!)
    order.forEach((i, k) => {
      assert.ok(places[i]! >= 0 && places[i]! <= 200, `${places}`)
      if (k > 0) assert.ok(places[i]! - places[order[k - 1]!]! >= 16, `${places}`)
    })
  })
})

test('lines have at most as many letters as fit, and only the last may be cut', () => {
  holds(fc.tuple(fc.string({ unit: 'grapheme' }), fc.integer({ min: 4, max: 20 })), 200, ([words, letters]) => {
    const lines = wrapped(words, letters)
    assert.ok(lines.length <= 3, `${lines.length} lines`)
    assert.deepEqual(
      lines.filter((line) => [...line].length > letters),
      [],
    )
    const all = words.replace(/\s+/g, ' ').trim()
    if (!lines.at(-1)?.endsWith('\u2026')) assert.equal(lines.join(' '), all)
  })
  assert.deepEqual(wrapped('one two three four', 8), ['one two', 'three', 'four'])
  assert.deepEqual(wrapped('one two three four five six', 8), ['one two', 'three', 'four fi\u2026'])
  assert.equal(shortened('a label that is long', 10), 'a label t\u2026')
  assert.equal(lengthOf('twelve') > lengthOf('six'), true)
})

test('values so small that their steps would be none share an axis that has room', () => {
  const tiny = fc.integer({ min: 0, max: 1000 }).map((n) => n * Number.MIN_VALUE)
  holds(
    fc.tuple(fc.array(tiny, { minLength: 1, maxLength: 4 }), fc.constantFrom('whole' as const, 'tight' as const)),
    100,
    ([values, ends]) => {
      const { least, most, values: marked } = ticksOf(values, ends)
      assert.ok(Number.isFinite(least) && Number.isFinite(most) && most - least >= 1e-300 && marked.every(Number.isFinite))
    },
  )
})
