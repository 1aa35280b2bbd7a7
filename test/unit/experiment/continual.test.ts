import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { permutation, permutedTask } from '../../../src/data/permuted.js'
import type { Task } from '../../../src/data/task.js'
import {
  continual,
  continualSummary,
  measuresOf,
  readContinual,
  requireComparable,
  type ScoreMatrix,
} from '../../../src/experiment/continual.js'
import { openTask, taskDefaults } from '../../../src/experiment/tasks.js'
import { keyOf } from '../../../src/numeric/random.js'
import { holds } from '../../support/property.js'
import { assertRefused, configured } from '../support.js'
import { network, standInEngine, standInTask } from './stand-in.js'

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
const engine = standInEngine(configured(), (name, value) => 10 * name.length + value)

test('each task is learned from the network that the one before left, and all are scored after each', async () => {
  const asked: string[] = []
  const scores = await continual(TASKS, engine, network(''), async (index, from) => {
    asked.push(`${index}:${String(from.weights)}`)
    return network(`${String(from.weights)}${index}`)
  })
  assert.deepEqual(asked, ['0:', '1:0', '2:01'])
  assert.deepEqual(scores, [
    [1, 2, 3],
    [11, 12, 13],
    [21, 22, 23],
    [31, 32, 33],
  ])
})

test('where a training is stopped there are no scores, and nothing more is learned', async () => {
  const asked: number[] = []
  const scores = await continual(TASKS, engine, network(''), async (index, from) => {
    asked.push(index)
    return index === 1 ? undefined : from
  })
  assert.equal(scores, undefined)
  assert.deepEqual(asked, [0, 1])
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

test('scores come back from their file, and those of another number of tasks do not', () => {
  const read = readContinual(3)
  assert.deepEqual(read('seed-1.json', { scores: MADE_UP }), MADE_UP)
  for (const scores of [undefined, MADE_UP.slice(1), MADE_UP.map((row) => row.slice(1)), MADE_UP.map((row) => row.map(String))]) {
    assert.throws(() => read('seed-1.json', { scores }), {
      name: 'FileError',
      message: /^"scores of seed-1\.json" expected 4 rows of 3 numbers, got /,
    })
  }
})

test('a permutation has each number once, and each place has any number as often as any other', () => {
  holds(fc.tuple(fc.maxSafeNat(), fc.integer({ min: 1, max: 50 })), 100, ([seed, n]) =>
    assert.deepEqual(
      [...permutation(keyOf(seed), n)].sort((a, b) => a - b),
      Array.from({ length: n }, (_, i) => i),
    ),
  )
  const counts = new Map<string, number>()
  for (let seed = 0; seed < 2400; seed++) {
    const order = permutation(keyOf(seed), 4).join()
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  // 100 of each of the 24 are expected; five standard deviations are 49
  assert.equal(counts.size, 24)
  for (const [order, count] of counts) assert.ok(Math.abs(count - 100) < 49, `${order}: ${count}`)
})

test('permuted digits are the digits in one order of pixels, in training and in what is scored', () => {
  const options = { ...taskDefaults('bouncing-mnist'), side: 8, frames: 3, batch: 2 }
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
