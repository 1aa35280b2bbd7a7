import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { lengthOf, sequenceCount } from '../../../src/data/corpus.js'
import { inPieces, recordingInputs, recordingsBetween, wholeRecording, type Recordings } from '../../../src/data/recordings.js'
import { readSeries, type Series } from '../../../src/data/series.js'
import { seriesTask } from '../../../src/data/series-task.js'
import { requireTask, type Task } from '../../../src/data/task.js'
import type { Sequence } from '../../../src/engine/engine.js'
import { keyOf } from '../../../src/numeric/random.js'
import { holds } from '../../support/property.js'

const read = (rows: readonly (readonly number[])[], length = 10, header = ''): Series =>
  readSeries(new TextEncoder().encode(`${header}${rows.map((row) => row.join(',')).join('\n')}`), 'x', length)

const numbers = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Math.round(1000 * value) / 1000 + 0)
const tables = fc
  .integer({ min: 1, max: 3 })
  .chain((width) => fc.array(fc.array(numbers, { minLength: width, maxLength: width }), { minLength: 40, maxLength: 130 }))

const near = (got: number, wanted: number, by = 1e-5): void =>
  assert.ok(Math.abs(got - wanted) <= by * Math.max(1, Math.abs(wanted)), `${got}, not ${wanted}`)

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const column = (rows: readonly (readonly number[])[], j: number): number[] => rows.map((row) => row[j]!)

test('mean and deviation are those of the training part, and the parts are the series, one after another', () => {
  holds(tables, 100, (rows) => {
    const { width, scaling, training, validation, test: last } = read(rows)
    const held = Math.floor(rows.length / 20)
    assert.deepEqual(
      [validation, last].map(({ values }) => values.length),
      [held * width, held * width],
    )
    const kept = rows.slice(0, rows.length - 2 * held)
    const values = [training, validation, last].flatMap((part) => [...part.values])
    assert.equal(values.length, rows.length * width)
    for (let j = 0; j < width; j++) {
      const own = column(kept, j)
      const deviation = Math.sqrt(mean(own.map((value) => (value - mean(own)) ** 2))) || 1
      near(scaling.mean[j]!, mean(own))
      near(scaling.deviation[j]!, deviation)
      rows.forEach((row, i) => near(values[i * width + j]!, (row[j]! - mean(own)) / deviation, 1e-4))
    }
  })
})

test('a column that is the same throughout is shifted to 0, exactly, and not divided', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [0.1, i])
  const { scaling, training, test: last } = read(rows.map((row, i) => (i === 39 ? [0.35, i] : row)))
  assert.deepEqual([scaling.mean[0], scaling.deviation[0]], [0.1, 1])
  assert.ok([...training.values].every((value, i) => i % 2 === 1 || value === 0))
  near(last.values.at(-2)!, 0.25)
})

test('a series that a trained network meets is standardised as the one that it was trained on', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i, 2 * i])
  const scaling = { mean: [10, 20], deviation: [2, 4] }
  const given = readSeries(new TextEncoder().encode(rows.map((row) => row.join(',')).join('\n')), 'x', 10, scaling)
  assert.deepEqual(given.scaling, scaling)
  assert.deepEqual(
    [...given.training.values],
    rows.slice(0, 36).flatMap(([a, b]) => [(a! - 10) / 2, (b! - 20) / 4]),
  )
  const { title } = seriesTask({ series: given, length: 10, rows: 3, batching: 'random' })
  assert.match(title, /^A series of 2 columns, standardised by that of the training \(mean 10\.00, deviation 2\.000; mean 20/)
  assert.throws(() => readSeries(new TextEncoder().encode('1\n'.repeat(40)), 'x', 10, scaling), {
    name: 'FileError',
    message: /^"x" expected 2 columns, as its scaling has, got 1$/,
  })
})

test('some of the held pieces are scored, evenly out of all, and the title says so', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => [i])
  const task = seriesTask({ series: read(rows), length: 10, rows: 3, batching: 'random', scored: 2 })
  const { mean: centre, deviation } = task.scaling!
  const [{ inputs }, ...more] = [...task.held('test')] as [Sequence, ...Sequence[]]
  const firsts = Array.from(inputs[0]!.x.data, (value) => Math.round(value * deviation[0]! + centre[0]!))
  assert.deepEqual([firsts, more.length], [[960, 980], 0])
  assert.match(task.title, /, random batches, 2 pieces of each held part scored$/)
})

test('a series that is too short, or leaves its training part too far behind, is refused', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i % 2])
  assert.equal(read(rows).training.values.length, 36)
  assert.throws(() => read(rows.slice(1)), { name: 'FileError', message: /^"x" expected at least 40 lines of numbers, got 39$/ })
  assert.throws(() => read([...rows.slice(1), [1e12]]), {
    name: 'FileError',
    message: /^"x, step 40, column 1" expected a number within 1000000000 deviations of the mean, 0\.5, got 1000000000000$/,
  })
  assert.throws(() => read(rows, 1), { name: 'ConfigError', message: /^"length" expected a whole number from 2/ })
})

test('pieces have `length` steps, and no step stands alone or is left out', () => {
  const recordings = fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 5 })
  holds(fc.tuple(recordings, fc.integer({ min: 2, max: 12 })), 300, ([lengths, length]) => {
    const starts = Uint32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b))])
    const all: Recordings = { width: 1, values: Float32Array.from({ length: starts.at(-1)! }, (_, i) => i), full: 1, starts }
    const cut = inPieces(all, length)
    const sizes = Array.from({ length: sequenceCount(cut) }, (_, i) => lengthOf(cut, i))
    assert.equal(
      sizes.reduce((a, b) => a + b),
      all.values.length,
    )
    assert.ok([...starts].every((start) => cut.starts.includes(start)))
    assert.ok(sizes.every((size) => size >= 2 && size <= length + 1))
    const whole = sizes.filter((size) => size === length).length
    assert.equal(
      whole,
      lengths.reduce((sum, size) => sum + Math.floor(size / length) - (size % length === 1 && size > length ? 1 : 0), 0),
    )
  })
})

test('the inputs of some recordings are their steps, in rows, and padding where one has ended', () => {
  const values = Uint8Array.from([0, 51, 102, 153, 204, 255])
  const all: Recordings = { width: 1, values, full: 255, starts: Uint32Array.from([0, 2, 3, 6]) }
  const inputs = recordingInputs(all)(Uint32Array.from([2, 0]))
  const shown = inputs.map(({ x, mask }) => [Array.from(x.data, (value) => Math.round(value * 100) / 100), Array.from(mask.data)])
  assert.deepEqual(shown, [
    [
      [0.6, 0],
      [1, 1],
    ],
    [
      [0.8, 0.2],
      [1, 1],
    ],
    [
      [1, 0],
      [1, 0],
    ],
  ])
  const last = recordingsBetween(all, 1, 3)
  assert.deepEqual(
    [[...last.values], [...last.starts]],
    [
      [102, 153, 204, 255],
      [0, 1, 4],
    ],
  )
  assert.deepEqual([...wholeRecording(2, Float32Array.of(1, 2, 3, 4)).starts], [0, 2])
})

const opened = (rows: readonly (readonly number[])[], header = ''): Task =>
  seriesTask({ series: read(rows, 10, header), length: 10, rows: 3, batching: 'random' })

test('a series as a task: identity outputs, its scaling, the held parts in their order', () => {
  const rows = Array.from({ length: 400 }, (_, i) => [Math.sin(i), i % 7])
  const task = opened(rows, 'wave,\u2028day\n')
  requireTask(task)
  const { inputs, output, unit, scaling, epoch } = task
  assert.deepEqual([inputs, output, unit, epoch], [2, 'identity', 'half squared error a step', 12])
  assert.deepEqual(scaling!.columns, ['wave', 'day'])
  assert.match(
    task.title,
    /^A series of 2 columns, standardised by the training part \(wave: mean .*; day: mean 2\.9\d+, deviation/,
  )
  const steps = [...task.held('test')].flatMap(({ inputs: all }) =>
    Array.from({ length: all[0]!.x.rows }, (_, row) =>
      all
        .filter(({ mask }) => mask.data[row] === 1)
        .map(({ x }) => x.data[row * 2 + 1]! * scaling!.deviation[1]! + scaling!.mean[1]!),
    ).flat(),
  )
  assert.deepEqual(
    steps.map((step) => Math.round(step) + 0),
    column(rows.slice(380), 1),
  )
  assert.equal(task.training(keyOf(1), 0).inputs[0]!.x.rows, 3)
})

test('copy last and mean are the errors of these predictions on the scored steps, half squared, summed over the columns', () => {
  const rows = Array.from({ length: 400 }, (_, i) => [Math.sin(i / 3), (i * i) % 11])
  const task = opened(rows)
  const { mean: centre, deviation } = task.scaling!
  const x = rows.map((row) => row.map((value, j) => (value - centre[j]!) / deviation[j]!))
  const isScored = (i: number): boolean => i % 10 !== 0
  const half = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, j) => sum + (value - b[j]!) ** 2, 0) / 2
  const trained = x.slice(0, 360).filter((_, i) => isScored(i))
  const average = [0, 1].map((j) => mean(column(trained, j)))
  const scored = [380, 390].flatMap((from) => Array.from({ length: 9 }, (_, i) => from + 1 + i))
  const [copyLast, ofMean, ...more] = task.marks('test')
  assert.deepEqual([copyLast!.label, ofMean!.label, more.length], ['copy last', 'mean', 0])
  near(copyLast!.value, mean(scored.map((i) => half(x[i]!, x[i - 1]!))))
  near(ofMean!.value, mean(scored.map((i) => half(x[i]!, average))))
})

test('what of many columns is no room for in a title is left out of it, and names of strangers are shortened', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i, i, i, i])
  assert.match(opened(rows).title, /^A series of 4 columns, standardised by the training part \(by mean and deviation of each\)/)
  assert.match(
    opened(
      rows.map(([a]) => [a!]),
      `${'n'.repeat(500)}\n`,
    ).title,
    /\(n{20}: mean /,
  )
})
