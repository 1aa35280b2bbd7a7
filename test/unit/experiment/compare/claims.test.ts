import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { CellResult } from '../../../../src/experiment/compare/cell.js'
import {
  claimsOf,
  labelOf,
  LEAST_SEEDS,
  MARGIN,
  scoreAfter,
  secondsOfAll,
  together,
  type Entry,
  type Run,
} from '../../../../src/experiment/compare/claims.js'
import { claimTable } from '../../../../src/experiment/compare/tables.js'

const costOf = (seconds: readonly number[]): NonNullable<Run['cost']> => ({
  seconds: seconds.at(-1)!,
  steps: 100,
  peak: 0,
  curve: seconds.map((at, i) => ({ sequences: 10 * i, seconds: at })),
})

const run = (seed: number, test: number, more: Partial<CellResult> = {}, cost?: Run['cost']): Run => ({
  result: {
    seed,
    test,
    unit: 'nats a frame',
    task: { task: 'bouncing-mnist' },
    curve: [],
    diverged: false,
    ...more,
  } as CellResult,
  ...(cost && { cost }),
})

const entry = (method: string, tests: readonly number[], more: Partial<Entry> = {}): Entry => ({
  task: 'frames',
  method,
  variant: 'tanh',
  size: 'units',
  runs: tests.map((score, i) => run(i + 1, score)),
  ...more,
})

const SEEDS = [1, 2, 3, 4, 5]

const claim = (entries: readonly Entry[], title: RegExp) => claimsOf(entries).find((one) => title.test(one.title))!

test('a rival that is worse by about the same on every seed is beaten, however much the seeds differ', () => {
  const { verdict, rows } = claim(
    [entry('ptncn', [10, 20, 30, 40, 50]), entry('uoro', [11, 21.1, 31, 41, 51]), entry('bptt', [0, 0, 0, 0, 0])],
    /beats UORO on bouncing images, equal numbers of units/,
  )
  assert.equal(verdict, 'shown')
  assert.deepEqual(
    rows.map(({ against }) => against),
    ['uoro'],
  )
  assert.ok(Math.abs(rows[0]!.difference.mean - 5.1 / 5) < 1e-12)
})

test('a claim names the rivals that ran, in the order of all, and none that did not', () => {
  const titles = (...methods: readonly string[]): readonly string[] =>
    claimsOf(['ptncn', ...methods].map((method) => entry(method, [1, 2, 3, 4, 5])))
      .filter(({ rows }) => rows.length > 0)
      .map(({ title }) => title)
  const units = 'equal numbers of units'
  assert.deepEqual(titles('esn', 'uoro', 'rtrl')[0], `P-TNCN beats RTRL, UORO and ESN on bouncing images, ${units}`)
  assert.deepEqual(titles('uoro', 'bptt', 'lstm'), [
    `P-TNCN beats UORO on bouncing images, ${units}`,
    `P-TNCN beats BPTT and LSTM, ${units}`,
    `P-TNCN is competitive with BPTT and LSTM, ${units}`,
  ])
  assert.ok(titles('esn', 'bptt', 'tbptt', 'sab', 'lstm').includes(`P-TNCN beats BPTT, truncated BPTT, LSTM and SAB, ${units}`))
  assert.doesNotMatch(
    claimsOf([entry('ptncn', [1])])
      .map(({ title }) => title)
      .join(),
    /beats (?: |,|on)/,
  )
})

test('of fewer than five seeds nothing is decided, and it says how many are wanted', () => {
  const entries = (count: number): readonly Entry[] => [
    entry('ptncn', Array(5).fill(1)),
    entry('uoro', Array(5).fill(2)),
    entry('esn', Array(count).fill(3)),
  ]
  const [four, five] = [4, 5].map((count) => claim(entries(count), /beats UORO and ESN.*units/))
  assert.deepEqual(
    [four!.verdict, four!.wanted, four!.rows.map(({ judged }) => judged.verdict)],
    ['undecided', LEAST_SEEDS, ['shown', 'undecided']],
  )
  assert.deepEqual([five!.verdict, five!.wanted], ['shown', undefined])
  const table = claimTable(four!)
  assert.match(table.title, /: undecided, five seeds wanted$/)
  assert.deepEqual(
    table.rows.map((row) => row.at(-1)),
    ['shown', 'undecided, five seeds wanted'],
  )
  assert.doesNotMatch(JSON.stringify(claimTable(five!)), /wanted/)
})

test("films and series of one's own are no bouncing images and no symbols, and have a claim of their own", () => {
  const about = (name: string, unit: CellResult['unit']) =>
    ['ptncn', 'esn'].map((method, worse) => ({
      ...entry(method, []),
      task: name,
      runs: [1, 2, 3].map((seed) => run(seed, 10 + worse + seed / 10, { unit, task: { task: name } })),
    }))
  const entries = [
    ...about('frames', 'nats a frame'),
    ...about('series', 'half squared error a step'),
    ...about('reber', 'bits a symbol'),
    ...about('bouncing-mnist', 'nats a frame'),
  ]
  const tasksOf = (title: RegExp): readonly string[] => claim(entries, title).rows.map(({ task }) => task)
  assert.deepEqual(tasksOf(/beats ESN on bouncing images, equal numbers of units/), ['bouncing-mnist'])
  assert.deepEqual(tasksOf(/beats ESN on symbols, equal numbers of units/), ['reber'])
  assert.deepEqual(tasksOf(/beats ESN on films and series of one's own, equal numbers of units/), ['frames', 'series'])
})

test('seeds are paired by their numbers, not by their places, and those that one of the two lacks are left out', () => {
  const late: Entry = { ...entry('uoro', []), runs: [run(3, 31), run(1, 11), run(9, 1000)] }
  const { rows } = claim([entry('ptncn', [10, 20, 30]), late], /beats UORO on bouncing images, equal numbers of units/)
  assert.deepEqual([rows[0]!.difference.mean, rows[0]!.difference.count], [1, 2])
})

test('of several rows a claim is shown where each is, and refuted where one is', () => {
  assert.equal(together(['shown', 'shown']), 'shown')
  assert.equal(together(['shown', 'undecided']), 'undecided')
  assert.equal(together(['shown', 'undecided', 'refuted']), 'refuted')
  assert.equal(together([]), 'no data')
})

test('competitive and kept mean at most the margin worse, to either side', () => {
  const BEST = [10, 10.1, 10.2, 10, 10.1]
  const near = entry('ptncn', [10.2, 10.31, 10.4, 10.2, 10.3])
  const best = entry('bptt', BEST)
  assert.equal(claim([near, best], /beats BPTT.*units/).verdict, 'refuted')
  assert.equal(claim([near, best], /competitive.*units/).verdict, 'shown')
  const far = BEST.map((score) => (1 + MARGIN) * score + 1)
  assert.equal(claim([entry('ptncn', far), best], /competitive.*units/).verdict, 'refuted')
  const sign = (tests: readonly number[]): Entry => entry('ptncn', tests, { variant: 'sign' })
  assert.equal(claim([entry('ptncn', BEST), sign([10.2, 10.31, 10.4, 10.2, 10.3])], /without derivatives/).verdict, 'shown')
  assert.equal(claim([entry('ptncn', BEST), sign(far)], /without derivatives/).verdict, 'refuted')
})

test('equal weights are compared with P-TNCN of the other table, and apart from equal units', () => {
  const entries = [
    entry('ptncn', Array(5).fill(1)),
    entry('uoro', Array(5).fill(2), { size: 'weights' }),
    entry('esn', Array(5).fill(0)),
  ]
  assert.equal(claim(entries, /beats UORO on bouncing images, equal numbers of weights/).verdict, 'shown')
  assert.equal(claim(entries, /beats ESN on bouncing images, equal numbers of units/).verdict, 'refuted')
  assert.equal(labelOf(entries[1]!), 'uoro, equal weights')
})

test('after so many seconds a score is on the straight line between two points, and beyond the last one there is none', () => {
  const curve = [8, 4, 1].map((validation, i) => ({ sequences: 10 * i, validation }))
  const cost = costOf([0, 2, 6])
  assert.deepEqual(
    [0, 1, 2, 3, 6].map((seconds) => scoreAfter(curve, cost, seconds)),
    [8, 6, 4, 3.25, 1],
  )
  assert.equal(scoreAfter(curve, cost, 6.1), undefined)
})

test('equal seconds are those of the fastest run; the slower method is read on its way', () => {
  const curve = (scores: readonly number[]) => scores.map((validation, i) => ({ sequences: 10 * i, validation }))
  const timed = (method: string, scores: readonly number[], seconds: readonly number[]): Entry =>
    entry(method, [], { runs: [1, 2, 3].map((seed) => run(seed, 0, { curve: curve(scores) }, costOf(seconds))) })
  const entries = [timed('ptncn', [8, 5], [0, 1]), timed('bptt', [8, 4], [0, 4])]
  assert.equal(secondsOfAll(entries), 1)
  // bptt ends better, but after one second it is at 7
  assert.equal(claim(entries, /equal seconds/).rows[0]!.difference.mean, 2)
  assert.equal(claim([entries[0]!, entry('bptt', [1, 2, 3])], /equal seconds/).rows.length, 0)
})

test('the adaptation is the gain of the correction on letters less that on digits', () => {
  const runs = SEEDS.map((seed) => run(seed, 10, { uncorrected: 12, glyphs: { test: 20, uncorrected: 25, marks: [] } }))
  const { rows, verdict } = claim([entry('ptncn', [], { runs })], /adapts to letters/)
  assert.equal(rows[0]!.difference.mean, 3)
  assert.equal(verdict, 'shown')
})

test("a rival that remembers less of Reber's symbol is beaten, as higher is better there", () => {
  const remembering = (method: string, correct: number): Entry =>
    entry(method, [], {
      runs: SEEDS.map((seed) =>
        run(seed, 0, {
          repeated: [
            { distance: 5, count: 8, correct },
            { distance: 9, count: 2, correct: 0 },
          ],
        }),
      ),
    })
  const { rows, verdict } = claim([remembering('ptncn', 7), remembering('bptt', 4)], /remembers Reber/)
  assert.ok(Math.abs(rows[0]!.difference.mean - 0.3) < 1e-12)
  assert.equal(verdict, 'shown')
})
