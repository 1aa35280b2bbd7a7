import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readIntegers } from '../../../src/data/treebank.js'
import { countsOf, symbolMarks } from '../../../src/data/symbol-marks.js'
import { symbolTask } from '../../../src/data/symbol-task.js'
import { score } from '../../../src/ptncn/scores.js'
import { keyOf } from '../../../src/numeric/random.js'

const corpus = (text: string) => readIntegers(new TextEncoder().encode(text), 'x')
const training = corpus('0 1 1\n2 1\n')
const part = corpus('1 0 1\n2\n')

const ofAll = (held: ReturnType<typeof corpus>) => ({
  name: 'x',
  title: 'X',
  unit: 'perplexity' as const,
  symbols: ['a', 'b', 'c'],
  training,
  held: { validation: held, test: held },
  rows: 2,
  batching: 'random' as const,
})

test('marks of a corpus counted by hand: first symbols are seen and not predicted, and each count is one more', () => {
  // predicted: 1 after 0, 1 after 1, 1 after 2
  const marks = symbolMarks(countsOf(training, 3), part, 'bits a symbol')
  const bits = (...probabilities: number[]): number =>
    -probabilities.reduce((sum, p) => sum + Math.log2(p), 0) / probabilities.length
  const wanted = { uniform: bits(1 / 3, 1 / 3), unigram: bits(1 / 6, 4 / 6), bigram: bits(1 / 4, 2 / 4) }
  assert.deepEqual(
    marks.map(({ label }) => label),
    Object.keys(wanted),
  )
  marks.forEach(({ label, value }) =>
    assert.ok(Math.abs(value - wanted[label as keyof typeof wanted]) < 1e-12, `${label} ${value}`),
  )
})

test('the uniform mark is what a uniform prediction scores on the held part, over the steps from 1 on', () => {
  const task = symbolTask({
    name: 'x',
    title: 'X',
    unit: 'perplexity',
    symbols: ['a', 'b', 'c'],
    training,
    held: { validation: part, test: part },
    rows: 2,
    batching: 'length',
  })
  assert.equal(task.title, 'X, batches by length')
  const scores = [...task.held('test')].flatMap(({ inputs }) =>
    inputs
      .slice(1)
      .map((input) =>
        score('softmax', { rows: input.x.rows, cols: 3, data: new Float32Array(input.x.rows * 3).fill(1 / 3) }, input),
      ),
  )
  const sum = (of: 'loss' | 'count'): number => scores.reduce((all, one) => all + one[of], 0)
  assert.equal(sum('count'), 2)
  assert.ok(Math.abs(Math.exp(sum('loss') / sum('count')) - task.marks('test')[0]!.value) < 1e-5)
  assert.deepEqual([task.inputs, task.epoch, task.training(keyOf(1), 0).inputs.length], [3, 1, 3])
})

test('where only some sequences are scored, the marks are those of the same ones, and the title says how many', () => {
  const held = corpus('1 0 1\n2 1\n2 2 2 2\n')
  const task = symbolTask({ ...ofAll(held), scored: 1 })
  assert.equal(task.title, 'X, random batches, 1 sequences of each held part scored')
  assert.deepEqual(
    [...task.held('test')].map(({ inputs }) => inputs.map(({ x }) => Array.from(x.data).indexOf(1))),
    [[2, 1]],
  )
  const middle = symbolTask({ ...ofAll(held), scored: 2 })
  assert.deepEqual(middle.marks('test'), symbolTask(ofAll(corpus('1 0 1\n2 2 2 2\n'))).marks('test'))
  assert.notDeepEqual(middle.marks('test'), symbolTask(ofAll(corpus('1 0 1\n'))).marks('test'))
})
