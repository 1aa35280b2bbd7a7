import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { encodePng, pngSize, type Image } from '../../../src/io/png.js'
import { holds } from '../../support/property.js'
import { assertRefused } from '../support.js'
import { decodePng } from './decode-png.js'

const side = fc.integer({ min: 1, max: 20 })
const image: fc.Arbitrary<Image> = fc
  .tuple(side, side, fc.constantFrom(1 as const, 3 as const))
  .chain(([width, height, channels]) => {
    const length = width * height * channels
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ width, height, channels, data }))
  })

test('a decoded PNG has the pixels that were encoded, and every chunk its check sum', () => {
  holds(image, 100, (given) => {
    assert.deepEqual(decodePng(encodePng(given)), { ...given, data: [...given.data] })
  })
})

test('widths and heights beyond a byte are kept', () => {
  const wide = { width: 70_000, height: 1, channels: 1, data: new Uint8Array(70_000).fill(7) } as const
  assert.equal(decodePng(encodePng(wide)).width, 70_000)
  assert.equal(decodePng(encodePng({ ...wide, width: 1, height: 70_000 })).height, 70_000)
})

test('a white pixel is this file, up to the compressed data', () => {
  const bytes = Buffer.from(encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(255) }))
  const start = '89504e470d0a1a0a' + '0000000d' + '49484452' + '00000001000000010800000000' + '3a7e9b55'
  assert.equal(bytes.subarray(0, 33).toString('hex'), start)
  assert.equal(bytes.subarray(-12).toString('hex'), '0000000049454e44ae426082')
})

test('sizes that are none, and data of another length, are refused', () => {
  const good: Image = { width: 2, height: 3, channels: 3, data: new Uint8Array(18) }
  for (const [field, value] of [
    ['width', 0],
    ['height', 1.5],
    ['width', 2 ** 31],
    ['height', NaN],
  ] as const) {
    assertRefused(() => encodePng({ ...good, [field]: value }), {
      name: 'ShapeError',
      what: `${field} of the image`,
      expected: /a whole number from 1/,
      got: String(value),
    })
  }
  assertRefused(() => encodePng({ ...good, channels: 1 }), {
    name: 'ShapeError',
    what: 'data of the image',
    expected: /2 x 3 x 1 bytes/,
    got: '18',
  })
})

test('the size of a picture is that with which it was written, wherever its bytes lie', () => {
  const side = fc.integer({ min: 1, max: 300 })
  holds(fc.tuple(side, side, fc.nat(5)), 50, ([width, height, offset]) => {
    const png = encodePng({ width, height, channels: 1, data: new Uint8Array(width * height) })
    const moved = new Uint8Array(offset + png.length)
    moved.set(png, offset)
    assert.deepEqual(pngSize(moved.subarray(offset)), { width, height })
  })
})

test('bytes that are no head of a PNG have no size', () => {
  const png = encodePng({ width: 1, height: 1, channels: 1, data: new Uint8Array(1) })
  const changed = (at: number, to: number): Uint8Array => Uint8Array.from(png, (byte, i) => (i === at ? to : byte))
  assert.equal(pngSize(png.subarray(0, 23)), undefined)
  for (let i = 0; i < 16; i++) assert.equal(pngSize(changed(i, png[i]! ^ 1)), undefined, `byte ${i}`)
  for (const at of [19, 23]) assert.equal(pngSize(changed(at, 0)), undefined, 'no pixels')
  assert.equal(pngSize(changed(16, 128)), undefined, 'wider than the format has')
})
