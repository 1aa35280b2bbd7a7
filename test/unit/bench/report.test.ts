import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BEGIN, details, END, summary, withSection } from '../../bench/readme.js'
import { peerTable, report, streamTable } from '../../bench/report.js'
import type { Results } from '../../bench/results.js'
import { digits, table } from '../../bench/table.js'

const RESULTS: Results = {
  spec: '0.1.0',
  quick: false,
  machine: { cpu: 'Processor X', cores: 2, memoryGiB: 8, system: 'linux x64', node: 'v20.0.0' },
  peers: ['NumPy 9 (blas), 2 threads'],
  ours: 'auto',
  probe: { gigaflops: { one: 40, two: 80 }, gigabytes: { one: 20, two: 30 } },
  cases: [
    {
      name: 'one',
      text: 'n = 1',
      operations: 4e7,
      bytes: 1e6,
      gigabytes: { one: 50, two: 100 },
      timings: [
        { name: 'auto', kind: 'engine', threads: 2, steps: 2, rounds: [1, 9, 2] },
        { name: 'NumPy', kind: 'peer', threads: 2, steps: 2, rounds: [3, 5, 4], agreement: { weights: 1e-7, change: 1e-6 } },
      ],
    },
  ],
  kernels: [{ name: 'product', operations: 2e7, milliseconds: [1, 1, 1] }],
  phases: [{ text: 'n = 1', workers: 2, phase: 'learn', busy: [4, 5], waiting: [1.25, 0.25] }],
  workers: [{ n: 512, layers: 2, one: [3], two: [2] }],
  scaling: [{ variable: 'n', text: 'L = 2', values: [1, 2], milliseconds: [1, 4], exponent: 2 }],
  memory: [
    { steps: 1000, bytes: 5e6 },
    { steps: 1e6, bytes: 5e6 },
  ],
  stream: [{ text: 'n = 1, learning', microseconds: [...Array.from({ length: 98 }, (_, i) => i + 1), 500, 900] }],
}

test('table: columns are aligned, the first to the left', () => {
  assert.equal(table(['a', 'bcde'], [['long', '1']]), '| a    | bcde |\n|------|-----:|\n| long |    1 |')
})

test('digits: three of them, never an exponent', () => {
  const shown = [1234.5, 99.95, 12.34, 1.234, 0.1234, 0.00012, 0, NaN].map(digits)
  assert.deepEqual(shown, ['1235', '100.0', '12.3', '1.23', '0.123', '0.0001', '0', '-'])
})

test('peerTable: the ratio is of medians', () => {
  assert.match(peerTable(RESULTS), /\| n = 1 +\| +2\.00 \| +4\.00 \| 2\.00 x \|/)
})

test('report: shares of peak and roofline are of as many threads as the engine may use', () => {
  // 4e7 operations in 2 ms are 20 GFLOP/s, a quarter of 80; the roofline is 0.5 ms
  assert.match(report(RESULTS), /\| n = 1: auto \| +500 \| +20\.0 \| +25 % \| +25 % \|/)
})

test('streamTable: the median of all lines, and what one in a hundred takes at least', () => {
  assert.match(streamTable(RESULTS), /\| n = 1, learning +\| +50\.5 \| +500 \|/)
  assert.match(report(RESULTS), /microseconds a line/)
  const { stream: _, ...before } = RESULTS
  assert.doesNotMatch(report(before) + details(before), /microseconds/)
})

test('section: names the machine and the peers, has every table, and refuses a quick run', () => {
  const text = details(RESULTS)
  assert.ok(text.includes(summary(RESULTS).split('\n\n').slice(1).join('\n\n')))
  assert.doesNotMatch(summary(RESULTS), /learn, 2 workers/)
  for (const part of [
    /Processor X, 2 cores/,
    /NumPy 9/,
    /product/,
    /n = 1: learn, 2 workers +\| 4\.00, 5\.00 \| 1\.25, 0\.250/,
    /1\.50 x/,
    /n = 1, 2 .*2\.00 \|/,
    /1000000/,
    /n = 1, learning +\| +50\.5 \| +500 \|/,
  ])
    assert.match(text, part)
  assert.throws(() => summary({ ...RESULTS, quick: true }), { name: 'UsageError', message: /quick run/ })
  assert.throws(() => summary({ ...RESULTS, cases: [] }), { name: 'UsageError', message: /no case/ })
})

test('withSection: replaces what stands between the markers, and nothing else', () => {
  const document = `before\n${BEGIN}\nold\n${END}\nafter\n`
  const once = withSection(document, 'new')
  assert.equal(once, `before\n${BEGIN}\n\nnew\n\n${END}\nafter\n`)
  assert.equal(withSection(once, 'new'), once)
  for (const wrong of ['none', `${END} ${BEGIN}`, `${document}${document}`, BEGIN]) {
    assert.throws(() => withSection(wrong, 'new'), { name: 'FileError' })
  }
})
