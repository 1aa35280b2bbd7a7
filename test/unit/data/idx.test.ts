import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { decodeImages, idxHead, IDX_HEAD, idxSize, imagesBetween } from '../../../src/data/idx.js'
import { holds } from '../../support/property.js'
import { assertRefused } from '../support.js'
import { report, returnsOrRefuses } from './refusal.js'

/** An IDX file of these dimensions, whatever follows. */
const file = (magic: readonly number[], dimensions: readonly number[], pixels: ArrayLike<number>): Uint8Array => {
  const bytes = new Uint8Array(16 + pixels.length)
  const view = new DataView(bytes.buffer)
  magic.forEach((byte, i) => view.setUint8(i, byte))
  dimensions.forEach((size, i) => view.setUint32(4 + 4 * i, size))
  bytes.set(Array.from(pixels), 16)
  return bytes
}
const IMAGES = [0, 0, 8, 3]

const shape = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
const images = shape.chain(([count, side]) =>
  fc.uint8Array({ minLength: count * side * side, maxLength: count * side * side }).map((pixels) => ({ count, side, pixels })),
)

test('the images of a file are those that were written, wherever its bytes lie', () => {
  holds(fc.tuple(images, fc.nat(7)), 100, ([{ count, side, pixels }, offset]) => {
    const bytes = file(IMAGES, [count, side, side], pixels)
    const moved = new Uint8Array(offset + bytes.length)
    moved.set(bytes, offset)
    const got = decodeImages(moved.subarray(offset), 'x')
    assert.deepEqual([got.count, got.side, [...got.pixels]], [count, side, [...pixels]])
    assert.equal(idxSize(bytes.subarray(0, 16), 'x'), bytes.length)
  })
})

test('images from a number on are those, and no copy', () => {
  const all = decodeImages(
    file(
      IMAGES,
      [4, 2, 2],
      Array.from({ length: 16 }, (_, i) => i),
    ),
    'x',
  )
  const some = imagesBetween(all, 1, 3)
  assert.deepEqual([some.count, some.side, [...some.pixels]], [2, 2, [4, 5, 6, 7, 8, 9, 10, 11]])
  assert.equal(some.pixels.buffer, all.pixels.buffer)
})

const REFUSED = [
  ['ends in its header', file(IMAGES, [1, 1, 1], []).subarray(0, 15), /at least the 16 bytes/, '15'],
  ['has labels', file([0, 0, 8, 1], [1, 1, 1], [7]), /first bytes \[0, 0, 8, 3\] of IDX images/, '[0, 0, 8, 1]'],
  ['has no image', file(IMAGES, [0, 28, 28], []), /at least one image/, '[0, 28, 28]'],
  ['has images without pixels', file(IMAGES, [3, 0, 0], []), /at least one image/, '[3, 0, 0]'],
  ['has images that are wider than high', file(IMAGES, [1, 2, 3], [1, 2, 3, 4, 5, 6]), /as high as wide/, '[1, 2, 3]'],
  ['has a negative count', file(IMAGES, [-1, 1, 1], [0]), /4294967311 bytes for 4294967295 images/, '17'],
  ['announces more than any memory has', file(IMAGES, [-1, -1, -1], [0]), /bytes for 4294967295 images/, '17'],
  ['is cut short', file(IMAGES, [2, 2, 2], [1, 2, 3, 4, 5, 6, 7]), /24 bytes for 2 images of 2 x 2/, '23'],
  ['goes on after its last image', file(IMAGES, [1, 1, 1], [1, 2]), /17 bytes for 1 images/, '18'],
] as const

for (const [what, bytes, expected, got] of REFUSED) {
  test(`a file that ${what} is refused`, () => {
    assertRefused(() => decodeImages(bytes, 'some.idx'), { name: 'FileError', what: 'some.idx', expected, got })
  })
}

test('any bytes, and any damage to a good file, give images that are in the file or one FileError', () => {
  let [tried, refused] = [0, 0]
  const damaged = fc
    .tuple(images, fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }), fc.nat(60))
    .map(([some, changes, length]) => {
      const bytes = file(IMAGES, [some.count, some.side, some.side], some.pixels)
      for (const [at, value] of changes) bytes[at] = value
      return bytes.subarray(0, 10 + length)
    })
  holds(fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged), 2000, (bytes) => {
    tried++
    const good = returnsOrRefuses(() => {
      const { count, side, pixels } = decodeImages(bytes, 'x')
      assert.equal(pixels.length, count * side * side)
      assert.equal(pixels.buffer, bytes.buffer)
    })
    if (!good) refused++
  })
  assert.ok(refused > 0 && refused < tried)
  report('IDX', tried, refused)
})

test('the head of a file of any kind and number of dimensions gives all bytes it must have', () => {
  const kind = fc.constantFrom([0x08, 1], [0x09, 1], [0x0b, 2], [0x0c, 4], [0x0d, 4], [0x0e, 8])
  const dimensions = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 })
  holds(fc.tuple(kind, dimensions, fc.nat(40)), 200, ([[code, width], sizes, more]) => {
    const bytes = Uint8Array.from([
      0,
      0,
      code!,
      sizes.length,
      ...sizes.flatMap((size) => [0, 0, 0, size]),
      ...Array<number>(more).fill(1),
    ])
    const head = idxHead(bytes.subarray(0, IDX_HEAD), 'x')
    assert.deepEqual(head.dimensions, sizes)
    assert.equal(head.size, 4 + 4 * sizes.length + width! * sizes.reduce((product, size) => product * size, 1))
  })
})

const NO_HEAD = [
  ['is empty', [], /first bytes of an IDX file/, '[]'],
  ['does not begin with two zeros', [0, 1, 8, 1, 0, 0, 0, 1, 1], /first bytes/, '[0, 1, 8, 1]'],
  ['has numbers of no kind', [0, 0, 0x0a, 1, 0, 0, 0, 1, 1], /first bytes/, '[0, 0, 10, 1]'],
  ['has no dimension', [0, 0, 8, 0], /first bytes/, '[0, 0, 8, 0]'],
  ['has too many dimensions', [0, 0, 8, 9], /first bytes/, '[0, 0, 8, 9]'],
  ['ends in its dimensions', [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0], /at least the 12 bytes/, '11'],
] as const

for (const [what, bytes, expected, got] of NO_HEAD) {
  test(`a file that ${what} has no head`, () => {
    assertRefused(() => idxHead(Uint8Array.from(bytes), 'x'), { name: 'FileError', what: 'x', expected, got })
  })
}
