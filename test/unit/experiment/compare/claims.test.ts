import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { CellResult } from '../../../../src/experiment/compare/result.js'
import {
  labelOf,
  LEAST_SEEDS,
  MARGIN,
  scoreAfter,
  secondsOfAll,
  together,
  type Entry,
  type Run,
} from '../../../../src/experiment/compare/claims.js'
import { claimsOf } from '../../../../src/experiment/compare/claimed.js'
import { drawings } from '../../../../src/experiment/compare/pictures.js'
import { claimTable, scoreTable } from '../../../../src/experiment/compare/tables.js'

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
  const units = 'equal numbers of units a layer'
  assert.deepEqual(titles('esn', 'uoro', 'rtrl')[0], `P-TNCN beats RTRL, UORO and ESN on bouncing images, ${units}`)
  assert.deepEqual(titles('uoro', 'bptt', 'lstm'), [
    `P-TNCN beats UORO on bouncing images, ${units}`,
    `In some instances P-TNCN beats BPTT, ${units}`,
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

test('of all rivals a claim names those that ran, or the few that did not', () => {
  const runs = SEEDS.map((seed) => run(seed, 0, { repeated: [{ distance: 5, count: 8, correct: 4 }] }))
  const title = (...methods: readonly string[]): string =>
    claim(
      ['ptncn', ...methods].map((method) => entry(method, [], { runs })),
      /remembers Reber/,
    ).title.split('better than ')[1]!
  const all = ['rtrl', 'uoro', 'esn', 'bptt', 'tbptt', 'lstm', 'sab', 'snap1', 'rflo', 'rtu', 'tpc']
  assert.equal(title(...all), 'all rivals')
  assert.equal(title(...all.slice(1)), 'all rivals but RTRL')
  assert.equal(title(...all.slice(3)), 'all rivals but RTRL, UORO and ESN')
  assert.equal(title('uoro', 'bptt'), 'UORO and BPTT')
})

test('what is said of some instances is said of each rival alone: one that is beaten shows nothing of another', () => {
  const entries = [entry('ptncn', [1, 1, 1, 1, 1]), entry('bptt', [0, 0, 0, 0, 0]), entry('sab', [2, 2, 2, 2, 2])]
  assert.equal(claim(entries, /^In some instances P-TNCN beats BPTT,/).verdict, 'refuted')
  assert.equal(claim(entries, /^In some instances P-TNCN beats SAB,/).verdict, 'shown')
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
    ...about('ptb-char', 'bits a symbol'),
    ...about('bouncing-mnist', 'nats a frame'),
  ]
  const tasksOf = (title: RegExp): readonly string[] => claim(entries, title).rows.map(({ task }) => task)
  assert.deepEqual(tasksOf(/beats ESN on bouncing images, equal numbers of units/), ['bouncing-mnist'])
  assert.deepEqual(tasksOf(/beats ESN on the Reber grammar, equal numbers of units/), ['reber'])
  assert.deepEqual(tasksOf(/beats ESN on the Penn Treebank, equal numbers of units/), ['ptb-char'])
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
  // of what is said of some
  assert.equal(together(['refuted', 'shown'], 'some'), 'shown')
  assert.equal(together(['refuted', 'undecided'], 'some'), 'undecided')
  assert.equal(together(['refuted', 'refuted'], 'some'), 'refuted')
  assert.equal(together([], 'some'), 'no data')
})

test('competitive and kept mean at most the margin worse, to either side', () => {
  const BEST = [10, 10.1, 10.2, 10, 10.1]
  const near = entry('ptncn', [10.2, 10.31, 10.4, 10.2, 10.3])
  const best = entry('bptt', BEST)
  assert.equal(claim([near, best], /^P-TNCN beats BPTT.*units/).verdict, 'refuted')
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

test('with frozen weights: the gain of the correction on letters, that less the gain on digits, and letters against rivals', () => {
  const scored = (test: number, off: number): NonNullable<CellResult['glyphs']> => ({ test, uncorrected: off, marks: [] })
  const runs = SEEDS.map((seed) => run(seed, 10, { uncorrected: 12, glyphs: scored(20, 25) }))
  const rival = SEEDS.map((seed) => run(seed, 1, { glyphs: { test: 24, marks: [] } }))
  const entries = [entry('ptncn', [], { runs }), entry('esn', [], { runs: rival })]
  const titles: readonly [RegExp, string][] = [
    [/lowers the score on letters/, 'paper'],
    [/gains more on letters/, 'us'],
    [/predicts letters better than ESN$/, 'us'],
  ]
  const means = titles.map(([title, who]) => {
    const { rows, verdict, by } = claim(entries, title)
    assert.deepEqual([verdict, by, rows.length], ['shown', who, 1])
    return rows[0]!.difference.mean
  })
  assert.deepEqual(means, [5, 3, 4])
  // a correction that helps both alike adapts to nothing
  const alike = SEEDS.map((seed) => run(seed, 10, { uncorrected: 15, glyphs: scored(20, 25) }))
  assert.equal(claim([entry('ptncn', [], { runs: alike })], /gains more on letters/).verdict, 'undecided')
})

test('task after task: what is forgotten and what the average is, against rivals; no claim about one task counts them', () => {
  const taught = (method: string, worse: number): Entry =>
    entry(method, [], {
      task: 'continual',
      // the first of two is at 10 after its own training
      runs: SEEDS.map((seed) =>
        run(seed, 12 + worse, {
          retained: [
            [50, 50],
            [10, 40],
            [11 + 2 * worse, 13],
          ],
        }),
      ),
    })
  const entries = [taught('ptncn', 0), taught('esn', 1)]
  const [forgets, average] = [claim(entries, /forgets less/), claim(entries, /on their average/)]
  assert.deepEqual([forgets.verdict, forgets.by, forgets.rows[0]!.difference.mean], ['shown', 'us', 2])
  assert.equal(average.by, 'us')
  assert.deepEqual([average.verdict, average.rows[0]!.difference.mean], ['shown', 1])
  const others = claimsOf(entries).filter(({ rows, title }) => rows.length > 0 && !/sequence of tasks/.test(title))
  assert.deepEqual(others, [])
})

test('what the correction retains: how much less is forgotten with it than without, whatever it does to the scores', () => {
  const entries = (lost: number): readonly Entry[] => {
    const scores = (worse: number, end: number) => [
      [50, 50],
      [10 + worse, 40],
      [end, 13],
    ]
    const figures = { retained: scores(0, 11), retainedUncorrected: scores(20, 30 + lost), marks: [], settings: {} }
    return [entry('ptncn', [], { task: 'continual', runs: SEEDS.map((seed) => run(seed, 12, { ...figures, uncorrected: 40 })) })]
  }
  const told = (lost: number) => {
    const { by, verdict, rows } = claim(entries(lost), /^The correction of states helps to retain/)
    return [by, verdict, rows[0]!.against, rows[0]!.difference.mean]
  }
  assert.deepEqual(told(4), ['paper', 'shown', 'its correction off', 3])
  // it makes every score better by far, and more is forgotten of them
  assert.deepEqual(told(0), ['paper', 'refuted', 'its correction off', -1])
  const rivals = [
    entry('esn', [], {
      task: 'continual',
      runs: [
        run(1, 12, {
          retained: [
            [1, 2],
            [1, 2],
            [1, 2],
          ],
        }),
      ],
    }),
  ]
  assert.deepEqual(claim(rivals, /helps to retain/).rows, [])
  const { head, rows, note } = scoreTable('continual', entries(4))
  const cell = (name: string): string | undefined => rows[0]![head.indexOf(name)]
  assert.deepEqual(['off', 'forgetting', 'forgetting, off'].map(cell), [
    '40.00 \u00b1 0.00',
    '1.00 \u00b1 0.00',
    '4.00 \u00b1 0.00',
  ])
  assert.match(note, /of each; .*Test: the mean of all tasks at the end\. Forgetting: /)
})

test('times are compared where all runs had the like machine, and else not', () => {
  const timed = (method: string, seconds: number, processor: string): Entry =>
    entry(method, [], { runs: SEEDS.map((seed) => run(seed, 1, {}, { ...costOf([0, seconds]), machine: { processor } })) })
  const rowsOn = (processor: string) => claim([timed('ptncn', 1, 'one'), timed('esn', 2, processor)], /A step of P-TNCN/).rows
  assert.deepEqual(
    rowsOn('one').map(({ difference }) => difference.mean),
    [10],
  )
  assert.deepEqual(rowsOn('other'), [])
})

test('a table has times only where all runs had the like machine', () => {
  const timed = (method: string, processor: string): Entry =>
    entry(method, [], {
      runs: SEEDS.map((seed) => run(seed, 1, { marks: [], settings: {} }, { ...costOf([0, 1]), machine: { processor } })),
    })
  const heads = (...entries: readonly Entry[]): readonly string[] => scoreTable('frames', entries).head
  const untimed = entry('sab', [], { runs: [run(1, 1, { marks: [], settings: {} })] })
  assert.ok(heads(timed('ptncn', 'one'), timed('esn', 'one'), untimed).includes('ms a step'))
  assert.ok(!heads(timed('ptncn', 'one'), timed('esn', 'other')).includes('ms a step'))
  const moved = { ...timed('ptncn', 'one'), runs: [...timed('ptncn', 'one').runs, ...timed('ptncn', 'other').runs] }
  for (const entries of [[moved], [moved, timed('esn', 'one')], [untimed]]) assert.ok(!heads(...entries).includes('ms a step'))
})

test('a run whose time was not taken is left out of the times, and its method of the chart by seconds', () => {
  const curve = [9, 8].map((validation, i) => ({ sequences: 10 * i, validation }))
  const runOf = (seed: number, cost?: Run['cost']): Run => run(seed, 1, { curve }, cost)
  const partly = (method: string, seconds: number): Entry =>
    entry(method, [], { runs: [...SEEDS.map((seed) => runOf(seed, costOf([0, seconds]))), runOf(6)] })
  const entries = [partly('ptncn', 1), partly('esn', 2)]
  const steps = claim(entries, /A step of P-TNCN/).rows
  assert.deepEqual(
    steps.map(({ difference: { mean, count } }) => [mean, count]),
    [[10, SEEDS.length]],
  )
  assert.equal(claim(entries, /equal seconds/).rows[0]!.difference.count, SEEDS.length)
  const names = (of: readonly Entry[]): string[] => drawings('frames', of).map(({ name }) => name)
  const timed = entry('bptt', [], { runs: SEEDS.map((seed) => runOf(seed, costOf([0, 1]))) })
  assert.deepEqual(names(entries), ['curves'])
  assert.deepEqual(names([...entries, timed]), ['curves', 'seconds'])
  assert.deepEqual(
    drawings('frames', [...entries, timed])[1]!.series.map(({ label }) => label),
    ['bptt'],
  )
})

test('what the paper says is told apart from what we also asked', () => {
  const by = (title: RegExp) => claim([entry('ptncn', [1]), entry('uoro', [2]), entry('bptt', [2])], title).by
  assert.equal(by(/beats UORO on bouncing/), 'paper')
  assert.equal(by(/^In some instances P-TNCN beats BPTT/), 'paper')
  assert.equal(by(/^P-TNCN beats BPTT/), 'us')
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
