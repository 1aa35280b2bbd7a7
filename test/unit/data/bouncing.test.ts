import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import {
  bounce,
  bouncing,
  bouncingBatch,
  digitSide,
  direction,
  path,
  scaleImage,
  type BouncingOptions,
} from '../../../src/data/bouncing.js'
import type { GreyImages } from '../../../src/data/digits.js'
import { at } from '../../../src/numeric/matrix.js'
import { below, keyOf, split, uniform, type Key } from '../../../src/numeric/random.js'
import { holds } from '../../support/property.js'
import { assertRefused, assertSame, bits, fround } from '../support.js'

const key: fc.Arbitrary<Key> = fc.maxSafeNat().map(keyOf)

/** Images of any small size; every pixel has some ink, so that an image shows where it is. */
const images: fc.Arbitrary<GreyImages> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }))
  .chain(([side, count]) =>
    fc
      .uint8Array({ minLength: count * side ** 2, maxLength: count * side ** 2 })
      .map((pixels) => ({ side, count, pixels: pixels.map((value) => Math.max(1, value)) })),
  )

const options: fc.Arbitrary<BouncingOptions> = fc.record({
  side: fc.integer({ min: 3, max: 40 }),
  frames: fc.integer({ min: 1, max: 12 }),
  digits: fc.integer({ min: 1, max: 3 }),
})

const PIXELS = Uint8Array.from({ length: 3 * 784 }, (_, i) => (i * 37) % 256)
const SOME: GreyImages = { count: 3, side: 28, pixels: PIXELS }

/** Where a frame has ink: the least and the largest column and row. */
const boxOf = (frame: readonly number[], side: number): number[] => {
  const inked = [...frame.keys()].filter((i) => frame[i]! > 0)
  const [cols, rows] = [inked.map((i) => i % side), inked.map((i) => Math.floor(i / side))]
  return [Math.min(...cols), Math.max(...cols), Math.min(...rows), Math.max(...rows)]
}

test('a digit takes 28/64 of the side of the canvas, rounded down', () => {
  assert.deepEqual([64, 32, 16, 20, 3].map(digitSide), [28, 14, 7, 8, 1])
})

test('an image is inside the canvas in every frame, whole, at floor(free * position)', () => {
  holds(fc.tuple(options, images, key), 100, ([given, some, from]) => {
    const one = { ...given, digits: 1 }
    const frames = bouncing(one, some, from)
    const [size, free] = [digitSide(one.side), one.side - digitSide(one.side)]
    path(split(split(from, 0), 1), one.frames).forEach(({ x, y }, t) => {
      const [left, top] = [Math.floor(free * x), Math.floor(free * y)]
      const frame = Array.from({ length: frames.cols }, (_, i) => at(frames, t, i))
      assert.deepEqual(boxOf(frame, one.side), [left, left + size - 1, top, top + size - 1])
    })
  })
})

test('positions stay in [0, 1], and both edges are reached', () => {
  const seen = new Set<number>()
  holds(key, 100, (from) => {
    for (const { x, y } of path(from, 40)) {
      for (const place of [x, y]) {
        assert.ok(place >= 0 && place <= 1, `${place}`)
        seen.add(place)
      }
    }
  })
  assert.deepEqual([seen.has(0), seen.has(1)], [true, true])
})

test('an image moves first and is recorded then, by 0.1 of the free way, and stops at an edge to turn round', () => {
  holds(key, 200, (from) => {
    const { x: vx, y: vy } = direction(from, 2)
    const [place, speed] = [
      [uniform(from, 0), uniform(from, 1)],
      [vx, vy],
    ]
    for (const position of path(from, 30)) {
      for (const axis of [0, 1] as const) {
        const moved = place[axis]! + speed[axis]! * 0.1
        place[axis] = Math.min(Math.max(moved, 0), 1)
        if (moved <= 0 || moved >= 1) speed[axis] = -speed[axis]!
      }
      assert.deepEqual([position.x, position.y], place)
    }
  })
})

test('at an edge or beyond it a coordinate is put on it and its speed turned; elsewhere neither changes', () => {
  assert.deepEqual(bounce(0, -0.5), { place: 0, speed: 0.5 })
  assert.deepEqual(bounce(-0.04, -0.5), { place: 0, speed: 0.5 })
  assert.deepEqual(bounce(1, 0.25), { place: 1, speed: -0.25 })
  assert.deepEqual(bounce(1.07, 0.25), { place: 1, speed: -0.25 })
  assert.deepEqual(bounce(2 ** -60, -0.5), { place: 2 ** -60, speed: -0.5 })
  assert.deepEqual(bounce(1 - 2 ** -53, 0.5), { place: 1 - 2 ** -53, speed: 0.5 })
})

test('directions have length 1, and every sixteenth of the circle gets its share', () => {
  const TURNS = 16
  const DRAWS = 8000
  const counts = Array<number>(TURNS).fill(0)
  for (let i = 0; i < DRAWS; i++) {
    const { x, y } = direction(split(keyOf(3), i), 0)
    assert.ok(Math.abs(Math.hypot(x, y) - 1) < 4e-16, `${x}, ${y}`)
    counts[Math.floor(((Math.atan2(y, x) / Math.PI + 1) / 2) * TURNS) % TURNS]!++
  }
  const [mean, deviation] = [DRAWS / TURNS, Math.sqrt((DRAWS / TURNS) * (1 - 1 / TURNS))]
  for (const count of counts) assert.ok(Math.abs(count - mean) < 4 * deviation, `${counts}`)
})

test('a direction is the first pair of draws that lies in the disc, so draws beyond it do not matter', () => {
  holds(fc.tuple(key, fc.nat(9)), 200, ([from, start]) => {
    const point = (k: number): number[] => [0, 1].map((i) => 2 * uniform(from, start + 2 * k + i) - 1 + 2 ** -24)
    let k = 0
    while (Math.hypot(...point(k)) > 1) k++
    const [x, y] = point(k)
    const length = Math.sqrt(x! * x! + y! * y!)
    assert.deepEqual(direction(from, start), { x: x! / length, y: y! / length })
  })
})

test('paths depend on the key only: other images and more frames change none', () => {
  const inked = (value: number): GreyImages => ({ count: 5, side: 28, pixels: new Uint8Array(5 * 784).fill(value) })
  holds(fc.tuple(options, key), 50, ([given, from]) => {
    const [faint, strong] = [bouncing(given, inked(1), from), bouncing(given, inked(255), from)]
    assert.deepEqual(
      Array.from(faint.data, (v) => v > 0),
      Array.from(strong.data, (v) => v > 0),
    )
    const longer = bouncing({ ...given, frames: given.frames + 3 }, inked(1), from)
    assert.deepEqual(bits(faint.data), bits(longer.data).slice(0, faint.data.length))
  })
})

test('the images that are shown depend on the key too, and all are shown sooner or later', () => {
  const values = [50, 100, 200]
  const plain = { count: 3, side: 1, pixels: Uint8Array.from(values) }
  const shown = Array.from({ length: 60 }, (_, i) => {
    const from = split(keyOf(5), i)
    const value = Math.max(...Array.from(bouncing({ side: 16, frames: 1, digits: 1 }, plain, from).data))
    assert.equal(value, fround(values[below(3, split(split(from, 0), 0), 0)]! / 255))
    return value
  })
  assert.equal(new Set(shown).size, 3)
})

test('the same key gives the same bits, another key others', () => {
  holds(fc.tuple(options, images, key), 50, ([given, some, from]) => {
    assertSame(bouncing(given, some, from), bouncing(given, some, from))
  })
  const given = { side: 16, frames: 5, digits: 2 }
  assert.notDeepEqual(bits(bouncing(given, SOME, keyOf(1)).data), bits(bouncing(given, SOME, keyOf(2)).data))
})

test('where images overlap, the larger grey value shows', () => {
  holds(fc.tuple(options, images, key), 50, ([given, some, from]) => {
    const all = bouncing({ ...given, digits: 2 }, some, from)
    const first = bouncing({ ...given, digits: 1 }, some, from)
    const [size, free] = [digitSide(given.side), given.side - digitSide(given.side)]
    const image = scaleImage(some, below(some.count, split(split(from, 1), 0), 0), size)
    path(split(split(from, 1), 1), given.frames).forEach(({ x, y }, t) => {
      for (let i = 0; i < all.cols; i++) {
        const col = (i % given.side) - Math.floor(free * x)
        const row = Math.floor(i / given.side) - Math.floor(free * y)
        const inside = col >= 0 && col < size && row >= 0 && row < size
        assert.equal(at(all, t, i), Math.max(at(first, t, i), inside ? image[row * size + col]! : 0))
      }
    })
  })
})

test('28 -> 28 keeps every grey value, as fl(value / 255)', () => {
  const wanted = Array.from(PIXELS.subarray(784, 2 * 784), (value) => fround(value / 255))
  assert.deepEqual(bits(scaleImage(SOME, 1, 28)), bits(wanted))
})

for (const [size, block] of [
  [14, 2],
  [7, 4],
] as const) {
  test(`28 -> ${size} is the mean of ${block} x ${block} pixels, rounded once`, () => {
    const means = Array.from({ length: size * size }, (_, i) => {
      let sum = 0
      for (let k = 0; k < block * block; k++) {
        const row = Math.floor(i / size) * block + Math.floor(k / block)
        sum += SOME.pixels[2 * 784 + row * 28 + (i % size) * block + (k % block)]!
      }
      return fround(sum / (block * block * 255))
    })
    assert.deepEqual(bits(scaleImage(SOME, 2, size)), bits(means))
  })
}

test('scaling to any size keeps the mean grey value, and a plain image plain', () => {
  holds(fc.tuple(images, fc.integer({ min: 1, max: 40 })), 100, ([some, size]) => {
    const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
    const wanted = mean(some.pixels.subarray(0, some.side ** 2)) / 255
    const got = mean(scaleImage(some, 0, size))
    assert.ok(Math.abs(got - wanted) < 1e-6, `${got}, not ${wanted}`)
    const plain = { ...some, pixels: some.pixels.map(() => 77) }
    assert.deepEqual(new Set(scaleImage(plain, 0, size)), new Set([fround(77 / 255)]))
  })
})

test('a batch has one input a frame, all rows with data, and row i is the same in batches of all sizes', () => {
  holds(fc.tuple(options, images, key, fc.integer({ min: 1, max: 4 })), 30, ([given, some, from, rows]) => {
    const [batch, larger] = [rows, rows + 2].map((n) => bouncingBatch(given, some, from, n))
    assert.equal(batch!.inputs.length, given.frames)
    assert.deepEqual(batch!.key, larger!.key)
    batch!.inputs.forEach(({ x, mask }, t) => {
      assert.deepEqual([x.rows, x.cols, mask.rows, mask.cols], [rows, given.side ** 2, rows, 1])
      assert.deepEqual(Array.from(mask.data), Array(rows).fill(1))
      assert.deepEqual(bits(x.data), bits(larger!.inputs[t]!.x.data).slice(0, x.data.length))
      const lone = bouncing(given, some, split(split(from, 0), rows - 1))
      assert.deepEqual(bits(x.data).slice(-x.cols), bits(lone.data).slice(t * x.cols, (t + 1) * x.cols))
    })
  })
})

test('the key of a batch, from which units draw, is none from which the frames were drawn', () => {
  const from = keyOf(11)
  assert.deepEqual(bouncingBatch({ side: 16, frames: 1, digits: 1 }, SOME, from, 1).key, split(from, 1))
})

test('options out of range are refused by name', () => {
  const good = { side: 16, frames: 2, digits: 2 }
  const wrong = [
    ['side', 2, 3],
    ['side', 16.5, 3],
    ['frames', 0, 1],
    ['digits', NaN, 1],
  ] as const
  for (const [field, value, least] of wrong) {
    assertRefused(() => bouncing({ ...good, [field]: value }, SOME, keyOf(1)), {
      name: 'ConfigError',
      what: field,
      expected: new RegExp(`a whole number >= ${least}`),
      got: String(value),
    })
  }
  assertRefused(() => bouncingBatch(good, SOME, keyOf(1), 0), {
    name: 'ConfigError',
    what: 'rows',
    expected: /a whole number >= 1/,
    got: '0',
  })
})

test('no images, or pixels that are too few, are refused', () => {
  const good = { side: 16, frames: 2, digits: 2 }
  assertRefused(() => bouncing(good, { count: 0, side: 28, pixels: new Uint8Array(0) }, keyOf(1)), {
    name: 'ShapeError',
    what: 'images.count',
    expected: />= 1/,
    got: '0',
  })
  assertRefused(() => bouncing(good, { ...SOME, count: 4 }, keyOf(1)), {
    name: 'ShapeError',
    what: 'images.pixels',
    expected: /4 x 28 x 28 bytes/,
    got: String(3 * 784),
  })
})
