import assert from 'node:assert/strict'
import { test } from 'node:test'

import { reberDistance } from '../../../../src/data/grammar.js'
import type { Learner } from '../../../../src/engine/engine.js'
import { runCell } from '../../../../src/experiment/compare/cell.js'
import { cellsOf, gridOf, withoutCorpora } from '../../../../src/experiment/compare/grid.js'
import { GRIDS } from '../../../../src/experiment/compare/grids.js'
import { accuracyOf, longDependencies } from '../../../../src/experiment/compare/long.js'
import { METHODS, weightsOf } from '../../../../src/experiment/compare/methods.js'
import { settingsOf } from '../../../../src/experiment/settings.js'
import { openTask } from '../../../../src/experiment/tasks.js'
import { keyOf } from '../../../../src/numeric/random.js'
import type { Task } from '../../../../src/data/task.js'
import type { Saved } from '../../../../src/experiment/study/conduct.js'
import type { Open } from '../../../../src/experiment/study/data.js'
import type { RivalModel } from '../../../../src/rivals/rival.js'
import { conductOf } from '../stand-in.js'

const reber = openTask(settingsOf({ task: 'reber', batch: 10 }))
const open = async () => reber

/** Predicts `predict(truth, t)` for the truth that is to come. */
const seer = (predict: (x: Float32Array, t: number) => Float32Array): Learner<undefined> => ({
  name: 'seer',
  dispose: async () => {},
  train: () => Promise.reject(new Error('weights are frozen')),
  evaluate: async (snapshot, sequences) => ({
    snapshot,
    measurements: sequences.map(({ inputs }) => ({
      loss: 0,
      count: 1,
      predictions: inputs.map(({ x }, t) => ({ ...x, data: predict(x.data as Float32Array, t) })),
    })),
  }),
})

/** The truth, but for an E (the last of seven symbols) always a B (the first). */
const withoutE = (x: Float32Array): Float32Array =>
  x.map((value, i) => (i % 7 === 0 ? Math.max(value, x[i + 6]!) : i % 7 === 6 ? 0 : value))

test('who sees the future is right about every repeated symbol, at every distance there is; who says nothing, about none', async () => {
  // the symbol that ends a string is not asked for
  const all = await longDependencies(reber, seer(withoutE), undefined)
  assert.equal(accuracyOf(all), 1)
  assert.equal(
    all.reduce((sum, { count }) => sum + count, 0),
    1000,
  )
  // the shortest strings have nine symbols, such as B T B P V V E T E
  assert.equal(all[0]!.distance, reberDistance(9))
  // symbol 0 is B, which is never repeated
  assert.equal(
    accuracyOf(
      await longDependencies(
        reber,
        seer((x) => new Float32Array(x.length)),
        undefined,
      ),
    ),
    0,
  )
})

test('each method has the weights that are asked for, keeps numbers that are counted, and refuses settings that are none', async () => {
  for (const [name, { make, kept, settings }] of Object.entries(METHODS)) {
    const { untrained, learner } = await make({ inputs: 7, output: 'softmax' }, 24, 'tanh', {})
    // a diagonal recurrence has one number a unit
    const recurrent = name === 'rtu' ? 24 : 24 * 24
    assert.ok(weightsOf(untrained(keyOf(1))) >= recurrent + 7 * 24, name)
    assert.ok(kept({ inputs: 7, units: 24, steps: 20 }, {}) > 0, name)
    assert.ok(settings.includes('rate') && settings.includes('clip'), name)
    await learner.dispose()
    await assert.rejects(make({ inputs: 7, output: 'softmax' }, 24, 'tanh', { rate: 'fast' }), { name: /UsageError|ConfigError/ })
  }
})

test('what a method that learns online is said to keep is what it carries from step to step', async () => {
  const ends = { inputs: 7, output: 'softmax' } as const
  for (const units of [24, 5]) {
    for (const name of ['snap1', 'rflo', 'rtu', 'tpc']) {
      const { make, kept } = METHODS[name]!
      const { untrained, learner } = await make(ends, units, 'tanh', {})
      const { inputs } = reber.training(keyOf(1), 0)
      const { snapshot } = await learner.train(untrained(keyOf(1)), [{ inputs, open: true }])
      const state = Object.values((snapshot as RivalModel).state!)
      const carried = state.reduce((sum, { data }) => sum + data.length, 0) / inputs[0]!.x.rows
      assert.equal(kept({ inputs: 7, units, steps: 20 }, {}), carried, name)
    }
  }
})

test('by what errors come back in RFLO is a setting with a name, and no other', async () => {
  const made = (feedback: string) => METHODS['rflo']!.make({ inputs: 7, output: 'softmax' }, 24, 'tanh', { feedback })
  const weights = async (feedback: string) => weightsOf((await made(feedback)).untrained(keyOf(1)))
  assert.equal((await weights('random')) - (await weights('symmetric')), 24 * 7)
  await assert.rejects(made('none'), { name: 'UsageError', message: /^"feedback" expected one of random, symmetric, got "none"/ })
})

test('P-TNCN may be told the units of each layer, and is then not told those of the grid; what are none are refused', async () => {
  const ends = { inputs: 7, output: 'softmax' } as const
  const weightsWith = async (units: number | string | readonly number[]): Promise<number> => {
    const { untrained, learner, uncorrected } = await METHODS['ptncn']!.make(ends, 24, 'tanh', { units })
    await Promise.all([learner.dispose(), uncorrected!.dispose()])
    return weightsOf(untrained(keyOf(1)))
  }
  assert.equal(await weightsWith([5]), await weightsWith(5))
  assert.ok((await weightsWith([5, 4, 3])) > (await weightsWith([5, 4])))
  assert.ok((await weightsWith([24, 24])) > (await weightsWith([23, 24])))
  await assert.rejects(weightsWith('many'), { name: 'ConfigError', message: /^"units" expected a list/ })
})

test('equal weights: no number of units brings a network nearer to the weights of P-TNCN', async () => {
  const grid = gridOf({
    units: 6,
    tasks: { reber: { task: 'reber', batch: 10, sequences: 20 } },
    searchSeeds: [9],
    finalSeeds: [1],
    contenders: [
      { method: 'ptncn', settings: { biases: true }, search: [{}] },
      { method: 'bptt', search: [{}], sizes: ['weights'] },
    ],
  })
  const [own, other] = await Promise.all(
    cellsOf(grid).map(async (cell) => (await runCell(grid, cell, cell.contender.trials[0]!, open, conductOf()))!.result),
  )
  const bptt = (n: number): number => n * (n + 7 + 1) + 7 * (n + 1)
  const units = other!.units as number
  assert.equal(other!.weights, bptt(units))
  for (const n of [units - 1, units + 1]) assert.ok(Math.abs(bptt(n) - own!.weights) >= Math.abs(other!.weights - own!.weights))
  assert.equal(own!.units, 6)
})

test('how long the calls are changes nothing but the time', async () => {
  const grid = gridOf({
    units: 12,
    tasks: { reber: { task: 'reber', batch: 10, sequences: 200 } },
    searchSeeds: [9],
    finalSeeds: [1],
    contenders: Object.keys(METHODS).map((method) => ({ method, search: [{ rate: 0.01 }] })),
  })
  for (const cell of cellsOf(grid)) {
    let time = 0
    const run = (callSeconds: number) => runCell(grid, cell, { rate: 0.01 }, open, conductOf({ callSeconds, now: () => time++ }))
    const [long, short] = [await run(1e9), await run(1e-9)]
    assert.deepEqual(long!.result, short!.result)
    assert.notEqual(long!.cost.seconds, short!.cost.seconds)
  }
})

const LESSONS = {
  units: 6,
  tasks: { all: { task: 'bouncing-mnist', then: ['bouncing-notmnist'], side: 8, frames: 3, batch: 2, sequences: 8 } },
  searchSeeds: [9],
  finalSeeds: [1],
  contenders: ['ptncn', 'bptt'].map((method) => ({ method, search: [{ rate: 0.01 }, { rate: 0.02 }] })),
}
const opened = new Map<string, Task>()
const openKept: Open = async (name, options) => {
  if (!opened.has(name)) opened.set(name, openTask(options))
  return opened.get(name)!
}

test('a task that others follow is scored on all of them after each; its settings are searched for on the first alone', async () => {
  const grid = gridOf(LESSONS)
  for (const cell of cellsOf(grid).filter(({ stage, trial }) => stage === 'final' || trial === 0)) {
    const { result } = (await runCell(grid, cell, { rate: 0.01 }, openKept, conductOf()))!
    const { retained } = result
    if (cell.stage === 'search') {
      assert.equal(retained, undefined)
      continue
    }
    assert.deepEqual(
      retained!.map((row) => row.length),
      [2, 2, 2],
    )
    assert.equal(new Set(retained!.flat()).size, 6)
    assert.equal(result.test, (retained![2]![0]! + retained![2]![1]!) / 2)
    const { uncorrected, retainedUncorrected: off } = result
    if (result.method === 'ptncn') {
      // other scores than with the correction, of the untrained network too
      assert.equal(new Set([...off!.flat(), ...retained!.flat()]).size, 12)
      assert.equal(uncorrected, (off![2]![0]! + off![2]![1]!) / 2)
    } else assert.deepEqual([uncorrected, off], [undefined, undefined])
    assert.deepEqual(result.task['then'], ['bouncing-notmnist'])
    // where it was stopped after the first task it goes on to the same
    const saved: Saved[] = []
    const keep = conductOf({ save: async (one) => void saved.push(structuredClone(one)) })
    await runCell(grid, cell, { rate: 0.01 }, openKept, keep)
    const before = saved.find(({ about }) => (about['rows'] as readonly unknown[]).length === 1)!
    const again = await runCell(grid, cell, { rate: 0.01 }, openKept, conductOf({ before: (() => before) as never }))
    assert.deepEqual(again!.result, result)
  }
})

test('numbers that are not finite on the way leave the scores of the untrained network, task after task', async () => {
  const grid = gridOf(LESSONS)
  const cell = cellsOf(grid).find(({ stage }) => stage === 'final')!
  const { result } = (await runCell(grid, cell, { rate: 1e30 }, openKept, conductOf()))!
  assert.equal(result.diverged, true)
  assert.deepEqual(result.retained!.slice(1), [result.retained![0], result.retained![0]])
})

test('tasks that follow each other are alike, and are ones', () => {
  const withThen = (then: unknown) => () => gridOf({ ...LESSONS, tasks: { all: { ...LESSONS.tasks.all, then } } })
  assert.throws(withThen(['chess']), { name: 'FileError', message: /tasks\.all\.then\[0\]" expected/ })
  assert.throws(withThen([]), { name: 'FileError', message: /tasks\.all\.then" expected a list with something in it/ })
})

test('the grids that come along are fair: all methods have as many trials, and search seeds are not final ones', () => {
  for (const [name, value] of Object.entries(GRIDS)) {
    const { contenders } = gridOf(value, '/data')
    assert.equal(new Set(contenders.map(({ trials }) => trials.length)).size, 1, name)
    assert.ok(contenders[0]!.trials.length >= 4)
  }
})

test('without data the Penn Treebank is left out, and nothing else; a grid that names it all the same is refused', () => {
  for (const [name, value] of Object.entries(GRIDS)) {
    const { description, left } = withoutCorpora(value)
    const words = name === 'small' ? [] : ['ptb-word']
    assert.deepEqual(left, ['ptb-char', ...words])
    const [all, own] = [gridOf(value, '/data'), gridOf(description)].map((grid) => grid.tasks.map(({ label }) => label))
    assert.deepEqual(
      own,
      all!.filter((label) => !left.includes(label)),
    )
    assert.throws(() => gridOf(value), { name: 'FileError', message: /tasks\.ptb-char.*--data/ }, name)
  }
})

test('what is scored of a corpus goes from the grid to the task; what is made as it is needed has no part of it', () => {
  const small = GRIDS['small'] as { readonly tasks: Readonly<Record<string, object>> }
  const scoredOf = (value: unknown) => gridOf(value, '/data').tasks.map(({ label, options }) => [label, options.scored])
  assert.deepEqual(
    scoredOf(small).filter(([, scored]) => scored !== undefined),
    [['ptb-char', 400]],
  )
  const wrong = { ...small, tasks: { ...small.tasks, reber: { ...small.tasks['reber'], scored: 3 } } }
  assert.throws(() => gridOf(wrong, '/data'), { name: 'FileError', message: /tasks\.reber\.scored/ })
})
