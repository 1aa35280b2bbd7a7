import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { kinIn } from '../../../src/experiment/kin.js'
import { settingsOf } from '../../../src/experiment/settings.js'
import { openTask } from '../../../src/experiment/tasks.js'
import { foldersFor } from '../folders.js'

const { folderOf } = foldersFor('kin')

/** Images of 2 x 2 pixels with values that count on. */
const idx = (count: number, first: number): Uint8Array =>
  Uint8Array.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2, ...Array.from({ length: 4 * count }, (_, i) => first + i)])
const NAMES = ['train-images-idx3-ubyte', 't10k-images-idx3-ubyte'] as const
const setOf = (within: string, first: number, names: readonly string[] = NAMES): Record<string, Uint8Array> => ({
  [`${within}${names[0]}`]: idx(6, first),
  [`${within}${names[1]}`]: idx(2, first + 100),
})
const LETTERS = ['emnist-letters-train-images-idx3-ubyte', 'emnist-letters-test-images-idx3-ubyte']
const DIGITS = ['emnist-digits-train-images-idx3-ubyte', 'emnist-digits-test-images-idx3-ubyte']

test('a folder that has one of them, that is one of them, or is the raw folder of one, is that one', () => {
  const data = folderOf({ ...setOf('data/FashionMNIST/raw/', 1), ...setOf('kmnist/', 2) })
  for (const path of ['data', 'data/FashionMNIST', 'data/FashionMNIST/raw', 'data/FashionMNIST/raw/']) {
    const { title, ...parts } = kinIn(join(data, path))!
    assert.equal(title, 'FashionMNIST, 6 images and 2 for the test')
    assert.deepEqual(
      [...parts.training.pixels],
      Array.from({ length: 20 }, (_, i) => 1 + i),
    )
    assert.deepEqual([...parts.held.validation.pixels], [21, 22, 23, 24])
    assert.deepEqual(
      [...parts.held.test.pixels],
      Array.from({ length: 8 }, (_, i) => 101 + i),
    )
  }
  assert.match(kinIn(join(data, 'kmnist'))!.title, /^KMNIST, 6 images/)
})

test('the letters of EMNIST, stored column by column, are turned to rows; of several parts letters come first', () => {
  const data = folderOf({
    ...setOf('EMNIST/raw/', 1, LETTERS),
    ...setOf('EMNIST/raw/', 50, DIGITS),
    ...setOf('plain/', 1, LETTERS),
  })
  for (const path of ['', 'EMNIST', 'plain']) {
    const { title, ...parts } = kinIn(join(data, path))!
    assert.equal(title, 'EMNIST letters, 6 images and 2 for the test')
    assert.deepEqual([...parts.training.pixels.subarray(0, 8)], [1, 3, 2, 4, 5, 7, 6, 8])
    assert.deepEqual([...parts.held.test.pixels], [101, 103, 102, 104, 105, 107, 106, 108])
  }
})

test('MNIST itself goes before its kin, and a folder of whatever name with its files is MNIST', () => {
  for (const within of ['mnist/', 'MNIST/raw/', '']) {
    const data = folderOf({ ...setOf(within, 1), ...setOf('FashionMNIST/raw/', 2) })
    assert.equal(kinIn(data), undefined)
    assert.match(
      openTask({ ...settingsOf({ side: 8, frames: 2 }), data }).title,
      /^Bouncing images of \S+ \(6 to train, 2 to test\), 8 x 8/,
    )
  }
  assert.equal(kinIn(folderOf({})), undefined)
})

test('the title of the task says which, and how many images', () => {
  const data = folderOf(setOf('KMNIST/raw/', 1))
  const task = openTask({ ...settingsOf({ side: 8, frames: 2 }), data })
  assert.equal(task.title, 'Bouncing KMNIST, 6 images and 2 for the test, 8 x 8, 2 frames')
  assert.equal(task.name, 'bouncing-mnist')
})

test('several of them, and one without its test, are refused with what to do', () => {
  const both = folderOf({ ...setOf('FashionMNIST/raw/', 1), ...setOf('KMNIST/raw/', 2) })
  assert.throws(() => kinIn(both), {
    name: 'FileError',
    message: /expected one data set in the form of MNIST, got "FashionMNIST, KMNIST"; give the folder of one of them$/,
  })
  const { [`KMNIST/raw/${NAMES[1]}`]: _, ...half } = setOf('KMNIST/raw/', 1)
  assert.throws(() => kinIn(folderOf(half)), {
    name: 'FileError',
    message: /expected t10k-images-idx3-ubyte or .*codh\.rois\.ac\.jp/,
  })
})
