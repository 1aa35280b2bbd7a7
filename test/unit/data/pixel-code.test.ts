import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { decodePixels } from '../../../src/data/pixel-code.js'
import { holds } from '../../support/property.js'
import { encodePixels } from '../../tools/make-digits.js'
import { assertRefused } from '../support.js'

/** Grey values as they occur: mostly none or full, all the others too. */
const grey = fc.oneof(fc.constantFrom(0, 0, 0, 251, 252, 253, 254, 255), fc.nat(255))

/** A few images of one size. */
const images = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(4))
  .chain(([side, count]) =>
    fc
      .array(grey, { minLength: count * side ** 2, maxLength: count * side ** 2 })
      .map((pixels) => ({ side, count, pixels: Uint8Array.from(pixels) })),
  )

test('decoded pixels are those that were encoded', () => {
  holds(images, 200, ({ side, count, pixels }) => {
    assert.deepEqual(decodePixels(encodePixels(pixels, side), count, side), pixels)
  })
})

test('long runs of one value, which make counts halve and bytes carry, come back too', () => {
  for (const value of [0, 1, 254, 255]) {
    const pixels = new Uint8Array(12 * 28 ** 2).fill(value)
    for (let i = 0; i < pixels.length; i += 997) pixels[i] = 255 - value
    assert.deepEqual(decodePixels(encodePixels(pixels, 28), 12, 28), pixels)
  }
})

test('a code that ends too early, or goes on, is refused', () => {
  const code = encodePixels(Uint8Array.from([0, 9, 255, 0, 100, 200, 0, 0, 252]), 3)
  const { length } = code
  assertRefused(() => decodePixels([...code, 0], 1, 3), {
    name: 'FileError',
    what: 'code of the images',
    expected: new RegExp(`expected ${length} bytes`),
    got: String(length + 1),
  })
  for (let kept = 0; kept < length; kept++) {
    assertRefused(() => decodePixels(code.subarray(0, kept), 1, 3), {
      name: 'FileError',
      what: 'code of the images',
      expected: /more than \d+ bytes/,
      got: '"its end"',
    })
  }
})

test('any bytes at all decode to pixels or to a FileError', () => {
  holds(fc.uint8Array({ maxLength: 60 }), 200, (bytes) => {
    try {
      assert.equal(decodePixels(bytes, 2, 4).length, 32)
    } catch (error) {
      assert.equal((error as Error).name, 'FileError')
    }
  })
})
