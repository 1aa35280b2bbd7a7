/** A network that goes on with a series by itself. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readSeries } from '../../../src/data/series.js'
import { seriesTask } from '../../../src/data/series-task.js'
import { referenceEngine } from '../../../src/engine/reference.js'
import { continueSeries } from '../../../src/experiment/generate.js'
import { reberTask } from '../../../src/data/grammar-task.js'
import { keyOf } from '../../../src/numeric/random.js'
import { initialModel } from '../../../src/ptncn/apply.js'
import { config } from '../../../src/ptncn/config.js'
import { inputOf } from '../../../src/ptncn/state.js'
import { row } from '../support.js'

const LINES = Array.from({ length: 400 }, (_, t) => [1000 + 50 * Math.sin(t / 3), t % 7])
const series = readSeries(new TextEncoder().encode(LINES.map((line) => line.join(';')).join('\n')), 'x', 7)
const task = seriesTask({ series, length: 7, rows: 2, batching: 'random' })
const { mean, deviation } = task.scaling!
const settings = config({ units: [2, 6, 5], output: 'identity', biases: true })
const engine = referenceEngine(settings)
const model = initialModel(settings, keyOf(3))

const standardised = (line: readonly number[]) => row(line.map((value, j) => (value - mean[j]!) / deviation[j]!))

/** What the network expects after these lines, by the engine's own evaluation of all of them. */
const after = async (lines: readonly (readonly number[])[]): Promise<number[]> => {
  const inputs = [...lines, [0, 0]].map((line) => inputOf(standardised(line)))
  const { measurements } = await engine.evaluate(model, [{ inputs, key: keyOf(1) }], { predictions: true })
  const { data } = measurements[0]!.predictions!.at(-1)!
  return mean.map((centre, j) => centre + deviation[j]! * data[j]!)
}

const near = (got: readonly number[], wanted: readonly number[]): void =>
  got.forEach((value, j) => assert.ok(Math.abs(value - wanted[j]!) <= 1e-4 * deviation[j]!, `${got}, not ${wanted}`))

test('after so many lines of the test part, over its pieces, each line is what is expected after those before', async () => {
  for (const given of [0, 1, 9, 20]) {
    const seen = LINES.slice(380, 380 + given)
    const written = await continueSeries(task, engine, model, { given, count: 3, seed: 1 })
    assert.equal(written.length, 3)
    for (const [i, line] of written.entries()) near(line, await after([...seen, ...written.slice(0, i)]))
  }
})

test('more lines than the test part has, and a task without numbers, are refused', async () => {
  await assert.rejects(continueSeries(task, engine, model, { given: 21, count: 1, seed: 1 }), {
    name: 'UsageError',
    message: /^"--given" expected at most 20, the lines of the test part, got 21$/,
  })
  await assert.rejects(continueSeries(reberTask(2), engine, model, { given: 1, count: 1, seed: 1 }), {
    name: 'UsageError',
    message: /^"task.scaling" expected the scaling of a series, an element for each input, got "a task without"$/,
  })
  const short = { ...task, scaling: { mean: [1], deviation: [1] } }
  await assert.rejects(continueSeries(short, engine, model, { given: 1, count: 1, seed: 1 }), {
    name: 'UsageError',
    message: /^"task.scaling" expected .*an element for each input, got \[1\]$/,
  })
})
