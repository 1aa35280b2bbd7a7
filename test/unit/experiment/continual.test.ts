import assert from 'node:assert/strict'
import { test } from 'node:test'

import { permutedTask } from '../../../src/data/permuted.js'
import type { Task } from '../../../src/data/task.js'
import type { Sequence, Snapshot } from '../../../src/engine/engine.js'
import {
  continual,
  continualSummary,
  isScores,
  measuresOf,
  requireComparable,
  type ScoreMatrix,
} from '../../../src/experiment/continual.js'
import { settingsOf } from '../../../src/experiment/settings.js'
import type { Conduct, Saved } from '../../../src/experiment/study/conduct.js'
import { openTask } from '../../../src/experiment/tasks.js'
import { keyOf } from '../../../src/numeric/random.js'
import { assertRefused, configured } from '../support.js'
import { conductOf, lastOf, network, standInEngine, standInTask } from './stand-in.js'

/** Three tasks; the second is at its best before it is trained on, and the first is forgotten in two steps. */
const MADE_UP: ScoreMatrix = [
  [100, 200, 300],
  [10, 20, 290],
  [14, 25, 310],
  [19, 31, 30],
]

test('average is of the last row; forgetting is the last score less the best of earlier rows, untrained not among them', () => {
  const { average, forgetting } = measuresOf(MADE_UP)
  assert.equal(average, (19 + 31 + 30) / 3)
  assert.equal(forgetting, (19 - 10 + (31 - 20)) / 2)
  const untrainedIsBest: ScoreMatrix = [
    [1, 1],
    [10, 9],
    [12, 8],
  ]
  assert.equal(measuresOf(untrainedIsBest).forgetting, 2)
})

test('forward transfer is the untrained score less that just before the task; positive: what came before helped', () => {
  assert.equal(measuresOf(MADE_UP).forwardTransfer, (200 - 20 + (300 - 310)) / 2)
})

test('a network that gets better on every task has forgotten less than nothing', () => {
  assert.equal(
    measuresOf([
      [9, 9],
      [5, 7],
      [4, 6],
    ]).forgetting,
    -1,
  )
})

test('a summary has the intervals of every score and measure, seed by seed', () => {
  const other = MADE_UP.map((row) => row.map((score) => score + 2))
  const { scores, average, forgetting, forwardTransfer } = continualSummary([MADE_UP, other])
  assert.deepEqual(
    scores.map((row) => row.map(({ mean }) => mean)),
    MADE_UP.map((row) => row.map((score) => score + 1)),
  )
  assert.deepEqual([average.mean, forgetting.mean, forwardTransfer.mean], [80 / 3 + 1, 10, 85])
  assert.deepEqual([forgetting.half, average.count], [0, 2])
})

const TASKS = [1, 2, 3].map((value) => standInTask(`task ${value}`, value))
/** A network's name says what it was trained on; the loss is ten times as long as the name, and the input more. */
const loss = (name: string, value: number): number => 10 * name.length + value
const engine = {
  ...standInEngine(configured(), loss),
  train: async (from: Snapshot, sequences: readonly Sequence[]) => ({
    snapshot: network(sequences.reduce((name, { inputs }) => name + inputs[0]!.x.data[0]!, String(from.weights))),
    measurements: sequences.map(() => ({ loss: 0, count: 1 })),
  }),
}
const STAGES = TASKS.map((task) => ({ task, training: { seed: 1, batch: 1, sequences: 2 } }))
const SCORES = [
  [1, 2, 3],
  [21, 22, 23],
  [41, 42, 43],
  [61, 62, 63],
]

test('each task is learned from the network that the one before left, and all are scored after each', async () => {
  const saved: Saved[] = []
  const scores = await continual(
    STAGES,
    engine,
    network(''),
    conductOf({ save: async (one) => void saved.push(structuredClone(one)) }),
  )
  assert.deepEqual(scores?.scores, SCORES)
  assert.equal(String(scores?.model.weights), '112233')
  assert.deepEqual(
    saved.map(({ standing, about }) => [(standing.snapshot as Snapshot).weights, about['rows']]),
    ['11', '1122', '112233'].map((name, i) => [name, SCORES.slice(0, i + 1)]),
  )
})

test('a second learner scores what the first has learned, after each task, and goes on where it stood', async () => {
  const saved: Saved[] = []
  const conduct = conductOf({ save: async (one) => void saved.push(structuredClone(one)) })
  const uncorrected = standInEngine(configured(), (name, value) => 1000 + loss(name, value))
  const taught = await continual(STAGES, engine, network(''), conduct, { uncorrected })
  const off = SCORES.map((row) => row.map((score) => 1000 + score))
  assert.deepEqual([taught?.scores, taught?.uncorrected], [SCORES, off])
  for (const before of saved) {
    const again = await continual(STAGES, engine, network(''), conductOf({ before: lastOf([before]) }), { uncorrected })
    assert.deepEqual([again?.scores, again?.uncorrected], [SCORES, off])
  }
})

test('where it stood it goes on, to the same scores: nothing that is done is done again', async () => {
  const saved: Saved[] = []
  const keep = { save: async (one: Saved) => void saved.push(structuredClone(one)) }
  await continual(STAGES, engine, network(''), conductOf(keep))
  for (const before of saved) {
    const trained: string[] = []
    const watched: typeof engine = {
      ...engine,
      train: (from, sequences) => (trained.push(String(from.weights)), engine.train(from, sequences)),
    }
    const again = await continual(STAGES, watched, network(''), conductOf({ before: lastOf([before]) }))
    assert.deepEqual(again?.scores, SCORES)
    assert.equal(String(again?.model.weights), '112233')
    const done = String((before.standing.snapshot as Snapshot).weights)
    assert.ok(
      trained.every((name) => name.startsWith(done)),
      `${trained} after ${done}`,
    )
    assert.equal(trained.length > 0, done !== '112233')
  }
})

test('where a training is stopped there are no scores, nothing more is learned, and where it stood is saved', async () => {
  const saved: Saved[] = []
  let calls = 0
  const conduct = conductOf({ save: async (one) => void saved.push(structuredClone(one)) })
  const watch: Conduct['watch'] = (training) => ({
    ...conduct.watch(training),
    callSeconds: 0,
    stop: async () => training.stage!.number === 2 && ++calls > 1,
  })
  assert.equal(await continual(STAGES, engine, network(''), { ...conduct, watch }), undefined)
  assert.equal((saved.at(-1)!.standing.snapshot as Snapshot).weights, '112')
  assert.deepEqual((await continual(STAGES, engine, network(''), conductOf({ before: lastOf(saved) })))?.scores, SCORES)
})

test('tasks that one network cannot learn, or that are there twice, are refused', () => {
  const refused = (tasks: readonly Task[], expected: RegExp, got: string): void =>
    assertRefused(() => requireComparable(tasks), { name: 'UsageError', what: '--tasks', expected, got })
  refused([TASKS[0]!], /two tasks at least/, '"task 1"')
  refused([TASKS[0]!, TASKS[1]!, TASKS[0]!], /each task once/, '"task 1"')
  refused(
    [TASKS[0]!, standInTask('wide', 1, { inputs: 2 })],
    /1 inputs, sigmoid outputs and nats a frame/,
    'wide of 2 inputs, sigmoid outputs and nats a frame',
  )
  refused(
    [TASKS[0]!, standInTask('soft', 1, { output: 'softmax' })],
    /sigmoid/,
    'soft of 1 inputs, softmax outputs and nats a frame',
  )
  refused(
    [TASKS[0]!, standInTask('bits', 1, { unit: 'bits a symbol' })],
    /nats/,
    'bits of 1 inputs, sigmoid outputs and bits a symbol',
  )
  requireComparable(TASKS)
})

test('scores are those of as many tasks, each of the rows, and nothing else is', () => {
  assert.ok(isScores(MADE_UP, 3))
  for (const scores of [undefined, MADE_UP.slice(1), MADE_UP.map((row) => row.slice(1)), MADE_UP.map((row) => row.map(String))])
    assert.ok(!isScores(scores, 3))
})

test('permuted digits are the digits in one order of pixels, in training and in what is scored', () => {
  const options = settingsOf({ side: 8, frames: 3, batch: 2 })
  const [digits, permuted] = [openTask(options), openTask({ ...options, task: 'bouncing-mnist-permuted' })]
  const count = digits.inputs
  const blank = {
    inputs: [
      {
        x: { rows: 1, cols: count, data: Float32Array.from({ length: count }, (_, i) => i) },
        mask: { rows: 1, cols: 1, data: [1] },
      },
    ],
  }
  // a frame whose pixels are their own numbers shows the order
  const order = permutedTask({ ...digits, training: () => blank }, digits).training(keyOf(1), 0).inputs[0]!.x.data
  assert.notDeepEqual(
    Array.from(order),
    Array.from(order).sort((a, b) => a - b),
  )
  const sequences = (task: Task) => [task.training(keyOf(3), 2), ...task.held('validation'), ...task.held('test')]
  sequences(digits).forEach(({ inputs, key }, s) => {
    const other = sequences(permuted)[s]!
    assert.deepEqual(other.key, key)
    inputs.forEach(({ x, mask }, t) => {
      const wanted = Float32Array.from(x.data, (_, at) => x.data[Math.floor(at / count) * count + order[at % count]!]!)
      assert.deepEqual(other.inputs[t], { x: { ...x, data: wanted }, mask })
    })
  })
  assert.deepEqual(permuted.marks('test'), digits.marks('test'))
})
