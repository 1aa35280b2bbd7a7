import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

import { bouncingBatch } from '../../../src/data/bouncing.js'
import { embeddedDigits, type GreyImages } from '../../../src/data/digits.js'
import type { Task } from '../../../src/data/task.js'
import { trivialScores } from '../../../src/data/trivial.js'
import { PtncnError } from '../../../src/errors.js'
import { mnistIn, notMnistIn, textIn, treebankCharactersIn } from '../../../src/experiment/datasets.js'
import { settingsOf } from '../../../src/experiment/settings.js'
import { openTask, requireRead, TASK_NAMES, type TaskName, type TaskOptions } from '../../../src/experiment/tasks.js'
import { keyOf, split } from '../../../src/numeric/random.js'
import type { Sequence } from '../../../src/engine/engine.js'
import { foldersFor } from '../folders.js'

const { folderOf } = foldersFor('tasks')

const open = (task: TaskName, given: Partial<TaskOptions> = {}): Task => openTask({ ...settingsOf({ task }), batch: 4, ...given })

const refused = (run: () => unknown, name: string, message: RegExp): void =>
  assert.throws(run, (error) => {
    assert.ok(error instanceof PtncnError, String(error))
    assert.equal(error.name, name)
    assert.match(error.message, message)
    assert.doesNotMatch(error.message, /[\n\r\u2028\u2029]/)
    return true
  })

/** An IDX file; each image is plain, of a grey value of its own. */
const idx = (count: number, first = 0): Uint8Array => {
  const pixels = Array.from({ length: count * 4 }, (_, i) => first + Math.floor(i / 4))
  return Uint8Array.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2, ...pixels])
}
const values = ({ pixels, count }: GreyImages): number[] => {
  assert.equal(pixels.length, 4 * count)
  return Array.from({ length: count }, (_, i) => pixels[4 * i]!)
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

test('MNIST: the last sixth of the training images is for validation; in the folder or in mnist/, plain or packed', () => {
  const files = { 'train-images-idx3-ubyte': idx(12, 1), 't10k-images-idx3-ubyte.gz': gzipSync(idx(5, 100)) }
  const within = Object.fromEntries(Object.entries(files).map(([name, content]) => [`mnist/${name}`, content]))
  for (const data of [folderOf(files), folderOf(within)]) {
    const { training, held } = mnistIn(data)
    assert.deepEqual([training, held.validation, held.test].map(values), [range(1, 11), range(11, 13), range(100, 105)])
  }
})

test('notMNIST: of a lone file of images four fifths are for training, and the last sixth of those for validation', () => {
  const lone = notMnistIn(folderOf({ 'notmnist/t10k-images-idx3-ubyte': idx(30) }))
  assert.deepEqual([lone.training, lone.held.validation, lone.held.test].map(values), [
    range(0, 20),
    range(20, 24),
    range(24, 30),
  ])
  const both = notMnistIn(folderOf({ 'train-images-idx3-ubyte': idx(6), 't10k-images-idx3-ubyte': idx(2, 50) }))
  assert.deepEqual([both.training, both.held.validation, both.held.test].map(values), [range(0, 5), [5], [50, 51]])
})

test("the embedded digits: training and test sequences are those of the batches' keys, the validation shows training digits", () => {
  const { training, test: last } = embeddedDigits()
  const options = { side: 16, frames: 4, digits: 2 }
  const task = open('bouncing-mnist', options)
  assert.deepEqual(task.training(keyOf(7), 3), bouncingBatch(options, training, split(split(keyOf(7), 1), 3), 4))
  const sequences = (images: GreyImages, seed: number): Sequence[] =>
    range(0, 4).map((i) => bouncingBatch(options, images, split(keyOf(seed), i), 25))
  assert.deepEqual([...task.held('test')], sequences(last, 20_200_101))
  assert.deepEqual([...task.held('validation')], sequences(training, 20_200_102))
  const sample = range(0, 10).map((i) => task.training(keyOf(1), i))
  const { floor, copyLast, meanFrame } = trivialScores(sample, sequences(last, 20_200_101))
  assert.deepEqual(
    task.marks('test').map(({ value }) => value),
    [floor, copyLast, meanFrame],
  )
})

test('digits and letters take the same paths', () => {
  const files = (ink: number): string =>
    folderOf({
      'train-images-idx3-ubyte': idx(12).map((byte, i) => (i < 16 ? byte : ink)),
      't10k-images-idx3-ubyte': idx(12).map((byte, i) => (i < 16 ? byte : ink)),
    })
  const given = { side: 16, frames: 6 }
  const [digits, letters] = [
    open('bouncing-mnist', { ...given, data: files(1) }),
    open('bouncing-notmnist', { ...given, data: files(255) }),
  ]
  const inked = (sequences: Iterable<Sequence>): boolean[][] =>
    [...sequences].flatMap(({ inputs }) => inputs.map(({ x }) => Array.from(x.data, (value) => value > 0)))
  assert.deepEqual(inked(digits.held('test')), inked(letters.held('test')))
  assert.deepEqual(inked([digits.training(keyOf(1), 0)]), inked([letters.training(keyOf(1), 0)]))
})

const PTB = { 'ptb.train.txt': ' a b \n a c d \n', 'ptb.valid.txt': 'b a\n', 'ptb.test.txt': 'd a\n' }

test("the Penn Treebank: text, or the authors' files of integers, which give the same", () => {
  const text = treebankCharactersIn(folderOf(PTB))
  const integers = treebankCharactersIn(
    folderOf({
      'data/ptb_char/trainX.txt': '23,22,25\n23,22,24,22,27\n',
      'data/ptb_char/validX.txt': '25,22,23\n',
      'data/ptb_char/testX.txt': '27,22,23\n',
    }),
  )
  assert.deepEqual({ ...integers, files: text.files }, text)
})

test('a task of each kind: inputs, unit, symbols, and a batch that fits', () => {
  const data = folderOf(PTB)
  const text = join(folderOf({ 'some.txt': 'hello world '.repeat(50) }), 'some.txt')
  const series = join(folderOf({ 'some.csv.gz': gzipSync(range(0, 450).join('\n')) }), 'some.csv.gz')
  const opened = [
    open('bouncing-mnist', { side: 16 }),
    open('ptb-char', { data }),
    open('ptb-word', { data }),
    open('reber'),
    open('text', { data: text }),
    open('series', { data: series }),
  ]
  assert.deepEqual(
    opened.map(({ name, inputs, output, unit, epoch, frame }) => [name, inputs, output, unit, epoch, frame?.rows]),
    [
      ['bouncing-mnist', 256, 'sigmoid', 'nats a frame', undefined, 16],
      ['ptb-char', 49, 'softmax', 'bits a symbol', 1, undefined],
      ['ptb-word', 5, 'softmax', 'perplexity', 1, undefined],
      ['reber', 7, 'softmax', 'bits a symbol', undefined, undefined],
      ['text', 8, 'softmax', 'bits a symbol', 2, undefined],
      ['series', 1, 'identity', 'half squared error a step', 2, undefined],
    ],
  )
  for (const task of opened) {
    assert.ok(
      task.training(keyOf(1), 0).inputs.every(({ x }) => x.cols === task.inputs),
      task.name,
    )
    for (const part of ['validation', 'test'] as const) {
      assert.deepEqual([...task.held(part)], [...task.held(part)])
      assert.ok(
        task.marks(part).every(({ value }) => Number.isFinite(value)),
        task.name,
      )
    }
    assert.equal(task.symbols?.length ?? task.inputs, task.inputs)
  }
})

test('a series may be standardised by another, and what is no scaling is refused', () => {
  const data = join(folderOf({ 'some.csv': range(0, 100).join('\n') }), 'some.csv')
  const scaling = { mean: [50], deviation: [10] }
  const task = openTask({ ...settingsOf({ task: 'series', data, length: 200 }), batch: 4 }, { scaling })
  assert.deepEqual(task.scaling, scaling)
  assert.ok(Math.abs(task.training(keyOf(1), 0).inputs[3]!.x.data[0]! - (3 - 50) / 10) < 1e-6)
  const wrong = { mean: [50], deviation: [0] }
  refused(
    () => openTask(settingsOf({ task: 'series', data }), { scaling: wrong }),
    'UsageError',
    /^"known.scaling" expected a mean and a deviation > 0 for each input/,
  )
})

test('by length is another protocol: it is in the title, and refused where sequences are made as needed', () => {
  const data = folderOf(PTB)
  assert.match(open('ptb-char', { data }).title, /, random batches$/)
  assert.match(open('ptb-char', { data, batching: 'length' }).title, /, batches by length$/)
  refused(() => open('reber', { batching: 'length' }), 'UsageError', /^"--batching" expected random/)
})

test('a task that needs data says which, and a wrong folder which files were looked for and where they are', () => {
  for (const task of ['ptb-char', 'ptb-word', 'text', 'series', 'frames'] as const)
    refused(() => open(task), 'UsageError', /^"--data" expected .*; /)
  const data = folderOf({})
  for (const task of TASK_NAMES.filter((name) => !['reber', 'text', 'series', 'frames'].includes(name))) {
    refused(
      () => open(task, { data }),
      'FileError',
      /expected .*(idx3-ubyte|ptb\.train\.txt)(?: or \S+)?, plain or \.gz, in it .*https?:\/\//,
    )
    refused(() => open(task, { data: join(data, 'none') }), 'FileError', /expected a folder, got nothing/)
  }
  const { 'ptb.test.txt': _, ...two } = PTB
  refused(() => open('ptb-char', { data: folderOf(two) }), 'FileError', /expected ptb\.test\.txt, plain or \.gz/)
  for (const task of ['text', 'series'] as const)
    refused(() => open(task, { data }), 'FileError', /expected a file, got a folder/)
  refused(() => open('reber', { batch: 0 }), 'UsageError', /^"--batch" expected a whole number from 1 to 10000, got 0/)
})

test('lines of held words so long that no memory has their batch are refused when the task is opened', () => {
  const words = Array.from({ length: 9000 }, (_, i) => `w${i}`)
  const train = Array.from({ length: 90 }, (_, i) => words.slice(100 * i, 100 * i + 100).join(' ')).join('\n')
  const data = folderOf({
    ...PTB,
    'ptb.train.txt': train,
    'ptb.valid.txt': 'w1\n',
    'ptb.test.txt': `${'w1 '.repeat(9000)}\n`.repeat(4),
  })
  refused(
    () => open('ptb-word', { data }),
    'ConfigError',
    /^"batch" expected at most 3 rows, as a sequence has up to 9002 symbols of 9001, got 4/,
  )
  assert.equal(open('ptb-word', { data, batch: 3 }).inputs, 9001)
})

test('files are known by what is in them, unpacked; what is not known is named with its path and count', () => {
  const plain = { 'train-images-idx3-ubyte': idx(12, 1), 't10k-images-idx3-ubyte': idx(5, 100) }
  const packed = Object.fromEntries(Object.entries(plain).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]))
  const [one, other] = [mnistIn(folderOf(plain)).files, mnistIn(folderOf(packed)).files]
  assert.deepEqual(
    one.map(({ sha256, bytes }) => [sha256, bytes]),
    other.map(({ sha256, bytes }) => [sha256, bytes]),
  )
  assert.deepEqual(
    one.map(({ sha256 }) => sha256),
    Object.values(plain).map((bytes) => createHash('sha256').update(bytes).digest('hex')),
  )
  const data = folderOf(plain)
  const task = open('bouncing-mnist', { data, side: 8 })
  assert.match(task.title, /^Bouncing images of \S+ \(12 to train, 5 to test\), 8 x 8/)
  assert.deepEqual(task.data!.counts, { training: 10, validation: 2, test: 5 })
  const ptb = folderOf(PTB)
  assert.match(open('ptb-char', { data: ptb }).title, /^Text of \S+ \(2 lines\), as the Penn Treebank, by characters/)
})

test('letters with blanks between are not read as words', () => {
  const spaced = Object.fromEntries(Object.keys(PTB).map((name) => [name, 'a b _ c d e f _ g h i j k l m n o p q r s\n']))
  refused(
    () => treebankCharactersIn(folderOf(spaced)),
    'FileError',
    /words with blanks between, got "letters with blanks between/,
  )
})

test('an option that none of the tasks reads is refused, with those that are read', () => {
  const message = /^"--length" expected nothing, as reber does not read it, got 50; it reads --batch, --batching$/
  refused(() => requireRead('reber', { task: 'reber', seed: 1, units: 8, length: 50 }), 'UsageError', message)
  refused(() => requireRead(['bouncing-mnist', 'reber'], { side: 8, scored: 7 }), 'UsageError', /^"--scored"/)
  requireRead('text', { length: 9, data: 'x', batching: 'random', epochs: 2 })
})

test('a file that is no file of its kind is named, with what it looks like', () => {
  const lfs = 'version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n'
  const page = '<!DOCTYPE html>\n<html><body>Moved to another place, so look for it there.</body></html>\n'
  const images = (content: string): string => folderOf({ 'train-images-idx3-ubyte': content, 't10k-images-idx3-ubyte': content })
  refused(
    () => mnistIn(images(lfs)),
    'FileError',
    /train-images-idx3-ubyte" .*looks like a Git LFS pointer; fetch the file itself/,
  )
  refused(() => mnistIn(images(page)), 'FileError', /train-images-idx3-ubyte" .*looks like a web page/)
  refused(() => mnistIn(images('')), 'FileError', /looks like an empty file/)
  for (const content of [lfs, page]) {
    const ptb = Object.fromEntries(Object.keys(PTB).map((name) => [name, content]))
    for (const task of ['ptb-char', 'ptb-word'] as const)
      refused(
        () => open(task, { data: folderOf(ptb) }),
        'FileError',
        /ptb\.train\.txt" expected a text, got a (?:Git LFS|web page)/,
      )
  }
  const own = (content: string): string => join(folderOf({ 'own.txt': content }), 'own.txt')
  refused(() => textIn(own(lfs), 10), 'FileError', /own\.txt" expected a text, got a Git LFS pointer/)
  assert.ok(textIn(own(page), 10).symbols.includes('<'))
})
