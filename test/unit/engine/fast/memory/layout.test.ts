/** Memory and shares: nothing overlaps, nothing is left out, nothing is done twice. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { modelLayout, panelsOf, signalLayout } from '../../../../../src/engine/fast/memory/layout.js'
import { cutPanels, planShares, type Block, type Run } from '../../../../../src/engine/fast/memory/shares.js'
import { fastestWorkers, stepSeconds } from '../../../../../src/engine/fast/threads/cost.js'
import { config, layerCount } from '../../../../../src/ptncn/config.js'
import { networks } from '../../../../support/arbitraries.js'
import { holds } from '../../../../support/property.js'

const planned = fc.tuple(networks({ widths: [1, 90] }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 }))

const addressesOf = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : value !== null && typeof value === 'object'
      ? Object.values(value).flatMap(addressesOf)
      : []

test('no two addresses of a layout are the same, and all lie on a line of 64 bytes behind the model', () =>
  holds(planned, 200, ([network, workers, rows]) => {
    const model = modelLayout(network.config)
    const { scratch } = planShares(network.config, rows, workers, 'layers', model)
    const { rows: given, end, ...places } = signalLayout(network.config, model, rows, workers, scratch)
    assert.equal(given, rows)
    const addresses = addressesOf(places).filter((at) => at !== 0)
    assert.equal(new Set(addresses).size, addresses.length)
    for (const at of addresses) assert.ok(at % 64 === 0 && at >= model.end && at < end, String(at))
  }))

test('weights and their moments follow one another without overlap', () =>
  holds(planned, 200, ([network]) => {
    const { all, end } = modelLayout(network.config)
    const runs = all.flatMap(({ weight, first, second, sum, bytes }) =>
      [weight, first, second, sum].filter((at) => at > 0).map((at) => [at, at + bytes] as const),
    )
    runs
      .sort(([a], [b]) => a - b)
      .forEach(([from, to], i) => {
        assert.ok(from % 64 === 0 && to <= (runs[i + 1]?.[0] ?? end))
      })
    for (const { rows, cols, high, panels, bytes } of all)
      assert.ok(high >= rows && panels * 8 >= cols && bytes === panels * high * 32)
  }))

const assertCovers = (what: string, runs: readonly Run[], panels: (level: number) => number, from: number, to: number): void => {
  for (let level = from; level <= to; level++) {
    const own = runs.filter((run) => run.level === level).sort((a, b) => a.from - b.from)
    assert.deepEqual(
      own.flatMap(({ from: first, to: last }) => Array.from({ length: last - first }, (_, i) => first + i)),
      Array.from({ length: panels(level) }, (_, i) => i),
      `${what} of level ${level}`,
    )
  }
}

test('the shares of all workers together are each phase, once', () =>
  holds(planned, 200, ([network, workers, rows]) => {
    const { units, errorRule } = network.config
    const L = layerCount(network.config)
    const { all } = modelLayout(network.config)
    const { shares, cuts, scratch } = planShares(network.config, rows, workers)
    const panels = (l: number): number => panelsOf(units[l]!)
    assertCovers(
      'advance',
      shares.flatMap(({ advance }) => advance),
      panels,
      1,
      L,
    )
    assertCovers(
      'predict',
      shares.flatMap(({ predict }) => predict),
      panels,
      0,
      L - 1,
    )
    assertCovers(
      'correct',
      shares.flatMap(({ correct }) => correct),
      panels,
      1,
      L,
    )
    assert.ok(shares.every((share) => share.rows[0] === 0 && share.rows[1] === rows))
    const numbersIn = (parts: readonly (readonly [number, number])[]): number[] =>
      parts.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
    const allRows = Array.from({ length: rows }, (_, i) => i)
    assert.deepEqual(numbersIn(shares.map(({ scored }) => scored)), allRows)
    const byRows = planShares(network.config, rows, workers, 'rows')
    assert.deepEqual(numbersIn(byRows.shares.map((share) => share.rows)), allRows)
    for (const share of byRows.shares) {
      assert.deepEqual(share.scored, share.rows)
      assertCovers('advance by rows', share.advance, panels, 1, L)
      assertCovers('predict by rows', share.predict, panels, 0, L - 1)
      assertCovers('correct by rows', share.correct, panels, 1, L)
    }
    const blocksOf = (index: number, blocks: readonly Block[]): number[] =>
      blocks
        .filter((block) => block.index === index)
        .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))
        .sort((a, b) => a - b)
    all.forEach(({ name, high }, index) => {
      const whole = shares.filter(({ whole }) => whole.includes(index)).length
      const cut = blocksOf(
        index,
        shares.flatMap(({ cut }) => cut),
      )
      const rowPanels = Array.from({ length: Math.ceil(high / 8) }, (_, i) => i)
      if (name === 'E' && errorRule === 'transposed') assert.ok(whole === 0 && cut.length === 0)
      else if (whole === 1) assert.deepEqual(cut, [])
      else assert.deepEqual(cut, rowPanels)
      assert.deepEqual(
        blocksOf(
          index,
          shares.flatMap(({ closing }) => closing),
        ),
        rowPanels,
      )
    })
    assert.equal(
      cuts,
      shares.some(({ cut }) => cut.length > 0),
    )
    assert.ok(scratch >= Math.max(...all.map(({ bytes }) => bytes)))
  }))

test('panels are cut where the cost is even, and a layer too large for its share with them', () => {
  const even = cutPanels(
    [
      { level: 1, panels: 10, cost: 1 },
      { level: 2, panels: 10, cost: 1 },
    ],
    2,
  )
  assert.deepEqual(even, [[{ level: 1, from: 0, to: 10 }], [{ level: 2, from: 0, to: 10 }]])
  const large = cutPanels(
    [
      { level: 1, panels: 4, cost: 1 },
      { level: 2, panels: 12, cost: 3 },
    ],
    2,
  )
  assert.deepEqual(large, [
    [
      { level: 1, from: 0, to: 4 },
      { level: 2, from: 0, to: 5 },
    ],
    [{ level: 2, from: 5, to: 12 }],
  ])
})

test('two workers hold no more than the largest weight each, and differ by a twentieth, at n = 512 with 2, 4 and 8 layers', () => {
  for (const layers of [2, 4, 8]) {
    const of = config({ units: [49, ...new Array<number>(layers).fill(512)] })
    const { all, largest } = modelLayout(of)
    const { shares, scratch } = planShares(of, 50, 2)
    assert.equal(scratch, largest)
    const sizes = shares.map(
      ({ whole, cut }) =>
        whole.reduce(
          (sum, i) => sum + all[i]!.bytes * (all[i]!.name === 'W' ? 98 : all[i]!.l === 1 && all[i]!.name === 'M' ? 24 : 74),
          0,
        ) + cut.reduce((sum, { index, from, to }) => sum + 74 * all[index]!.bytes * ((to - from) / (all[index]!.high / 8)), 0),
    )
    assert.ok(Math.max(...sizes) < 1.05 * Math.min(...sizes), `${layers} layers: ${sizes}`)
  }
})

test('auto takes one worker for a small network and all for a large one', () => {
  assert.equal(fastestWorkers(config({ units: [49, 32, 32] }), 1, 8), 1)
  assert.equal(fastestWorkers(config({ units: [49, 1000, 1000] }), 50, 2), 2)
  assert.equal(fastestWorkers(config({ units: [49, 1000, 1000] }), 50, 1), 1)
  assert.ok(stepSeconds(config({ units: [49, 1000, 1000] }), 50, 2) < stepSeconds(config({ units: [49, 1000, 1000] }), 50, 1))
})
