/** With the data sets themselves, where PTNCN_DATA names the folder that has them. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { sequenceCount, type Corpus } from '../../../src/data/corpus.js'
import { mnistIn, notMnistIn, treebankCharactersIn, treebankWordsIn, type Parts } from '../../../src/experiment/datasets.js'
import { settingsOf } from '../../../src/experiment/settings.js'
import { openTask } from '../../../src/experiment/tasks.js'

const data = process.env['PTNCN_DATA'] ?? ''
const skip = data === '' && 'PTNCN_DATA names no folder with the data sets'

const partsOf = <Data>({ training, held }: Parts<Data>): Data[] => [training, held.validation, held.test]
const LINES = [42_068, 3_370, 3_761]

test('the Penn Treebank by characters has the known lines and characters', { skip }, () => {
  const parts = partsOf<Corpus>(treebankCharactersIn(data))
  assert.deepEqual(parts.map(sequenceCount), LINES)
  assert.deepEqual(
    parts.map(({ symbols }) => symbols.length),
    [4_975_414, 389_672, 438_662],
  )
  for (const { symbols } of parts) assert.ok(symbols.every((symbol) => symbol < 49))
  assert.equal(new Set(parts[0]!.symbols).size, 49)
})

test('the Penn Treebank by words has the known tokens, the end of lines included, and 10,000 words', { skip }, () => {
  const words = treebankWordsIn(data)
  assert.equal(words.symbols.length, 10_000)
  assert.deepEqual(words.symbols.slice(0, 4), ['the', '<unk>', '<eos>', 'N'])
  assert.deepEqual(partsOf<Corpus>(words).map(sequenceCount), LINES)
  // all but the first of each line
  const scored = (corpus: Corpus): number => corpus.symbols.length - sequenceCount(corpus)
  assert.deepEqual(partsOf<Corpus>(words).map(scored), [929_589, 73_760, 82_430])
})

test('MNIST and notMNIST have the known images, and no test image is trained on', { skip }, () => {
  const counts = (parts: Parts<{ readonly count: number }>): number[] => partsOf(parts).map(({ count }) => count)
  assert.deepEqual(counts(mnistIn(data)), [50_000, 10_000, 10_000])
  assert.deepEqual(counts(notMnistIn(data)), [6_667, 1_333, 2_000])
})

test('by length almost nothing is padding, at random more than half', { skip }, () => {
  const padding = (['random', 'length'] as const).map(
    (batching) => openTask({ ...settingsOf({ task: 'ptb-char', data, batching }) }).padding!,
  )
  assert.deepEqual(
    padding.map((part) => part.toFixed(3)),
    ['0.572', '0.002'],
  )
})

test('the data sets are known by what is in their files, wherever they are', { skip }, () => {
  const titleOf = (task: string, folder = data): string => openTask(settingsOf({ task, data: folder })).title
  assert.match(titleOf('ptb-char'), /^Penn Treebank by characters/)
  assert.match(titleOf('bouncing-mnist'), /^Bouncing MNIST,/)
  assert.match(titleOf('bouncing-notmnist'), /^Bouncing notMNIST,/)
  assert.throws(() => titleOf('bouncing-notmnist', join(data, 'mnist')), {
    name: 'FileError',
    message: /expected notMNIST, or images that are no known data set, got "MNIST"; give --task bouncing-mnist/,
  })
})
