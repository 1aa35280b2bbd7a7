import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'

import { filmsIn, inOrder, seriesIn } from '../../../src/experiment/own-data.js'
import { settingsOf } from '../../../src/experiment/settings.js'
import { openTask } from '../../../src/experiment/tasks.js'
import { encodePng } from '../../../src/io/png.js'
import { holds } from '../../support/property.js'
import { foldersFor } from '../folders.js'

const { folder, folderOf } = foldersFor('own')

/** A picture of one grey value. */
const png = (grey: number, width = 3, height = 2): Uint8Array =>
  encodePng({ width, height, channels: 1, data: new Uint8Array(width * height).fill(grey) })

test('names are in the order of their numbers, whatever zeros stand before them', () => {
  const names = ['a2', 'a10', 'a010b', 'b1', '9', '10', '0011', 'a1-2', 'a1-10', 'a', '']
  assert.deepEqual([...names].sort(inOrder), ['', '9', '10', '0011', 'a', 'a1-2', 'a1-10', 'a2', 'a10', 'a010b', 'b1'])
  assert.ok(inOrder('a01', 'a1') < 0 && inOrder('a1', 'a01') > 0)
  const name = fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', '-', '.'), maxLength: 8 })
  holds(fc.tuple(name, name, name), 1000, ([a, b, c]) => {
    assert.equal(Math.sign(inOrder(a, b)) + Math.sign(inOrder(b, a)), 0)
    assert.equal(inOrder(a, b) === 0, a === b)
    if (inOrder(a, b) < 0 && inOrder(b, c) < 0) assert.ok(inOrder(a, c) < 0)
  })
})

test('each folder of pictures within the one that is named is a film, and both are in the order of their numbers', () => {
  const data = folderOf({
    '10/frame2.png': png(4),
    '10/frame10.PNG': png(5),
    '9/1.png': png(1),
    '9/02.png': png(2),
    '9/3.png': png(3),
    '9/.hidden.png': 'no picture',
    '9/notes.txt': '',
    'empty/notes.txt': '',
    'readme.md': '',
  })
  const { frame, recordings } = filmsIn(data).films
  assert.deepEqual(frame, { rows: 2, cols: 3 })
  assert.deepEqual([...recordings.starts], [0, 3, 5])
  assert.deepEqual(
    Array.from({ length: 5 }, (_, i) => recordings.values[6 * i]),
    [1, 2, 3, 4, 5],
  )
})

test(
  'a link to a folder of pictures is a film, and one to nothing is none',
  { skip: process.platform === 'win32' && 'links' },
  () => {
    const data = folderOf({ 'a/1.png': png(1), 'a/2.png': png(2) })
    symlinkSync(join(data, 'a'), join(data, 'b'))
    symlinkSync(join(data, 'none'), join(data, 'c'))
    assert.deepEqual([...filmsIn(data).films.recordings.starts], [0, 2, 4])
  },
)

test('a folder of pictures is one film, of which the pieces make the parts', () => {
  const data = folderOf(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.png`, png(20 * i)])))
  assert.deepEqual([...filmsIn(data).films.recordings.starts], [0, 12])
  const task = openTask({ ...settingsOf({ task: 'frames', data, frames: 4 }), batch: 2 })
  assert.deepEqual([task.inputs, task.frame, task.epoch], [6, { rows: 2, cols: 3 }, 1])
  const [sequence] = task.held('test')
  assert.deepEqual(
    sequence!.inputs.map(({ x }) => Math.round(255 * x.data[0]!)),
    [160, 180, 200, 220],
  )
})

const REFUSED: readonly (readonly [what: string, files: Readonly<Record<string, Uint8Array | string>>, message: RegExp])[] = [
  ['no picture', { 'a.txt': '' }, /expected PNG pictures in it, or folders of them, got "none"$/],
  [
    'pictures and folders of them',
    { '1.png': png(1), 'a/1.png': png(1) },
    /expected PNG pictures, or folders of them, one a film, got "both, as in a"; put them apart$/,
  ],
  [
    'a film of one picture',
    { 'a/1.png': png(1), 'b/1.png': png(1), 'b/2.png': png(1) },
    /a.1\.png" expected 2 pictures or more beside each other/,
  ],
  [
    'pictures of unlike size',
    { '1.png': png(1), '2.png': png(1, 2, 3) },
    /2\.png" expected 2 rows x 3 columns, as the first frame has, got "3 x 2"$/,
  ],
  ['what is no picture', { '1.png': png(1), '2.png': 'GIF89a' }, /2\.png" expected a PNG picture/],
]

for (const [what, files, message] of REFUSED) {
  test(`a folder with ${what} is refused, by name`, () => {
    assert.throws(() => filmsIn(folderOf(files)), { name: 'FileError', message })
  })
}

test('what is not there is refused', () => {
  assert.throws(() => filmsIn(join(folder, 'none')), {
    name: 'FileError',
    message: /^cannot read .*none": there is no such file$/,
  })
  assert.throws(() => seriesIn(join(folder, 'none'), 10), { name: 'FileError', message: /there is no such file/ })
})

test('series and arrays may be packed', () => {
  const lines = Array.from({ length: 50 }, (_, i) => `${i},${i % 3}`).join('\n')
  const arrays = Buffer.concat([
    Buffer.from([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2]),
    Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]),
  ])
  const data = folderOf({ 'a.csv.gz': gzipSync(lines), 'b.gz': gzipSync(arrays) })
  assert.equal(seriesIn(join(data, 'a.csv.gz'), 10).series.width, 2)
  assert.deepEqual(filmsIn(join(data, 'b.gz')).films.frame, { rows: 1, cols: 2 })
})
