/** A PNG reader for the tests: strict, and written from the standard, not from the encoder. */

import assert from 'node:assert/strict'
import { inflateSync } from 'node:zlib'

export interface Decoded {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly data: readonly number[]
}

/** CRC-32 bit by bit. */
const crc = (bytes: Uint8Array): number => {
  let remainder = 0xffffffff
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const odd = (remainder ^ (byte >> bit)) & 1
      remainder = (remainder >>> 1) ^ (odd * 0xedb88320)
    }
  }
  return ~remainder >>> 0
}

interface Chunk {
  readonly type: string
  readonly data: Buffer
}

const chunksOf = (bytes: Buffer): Chunk[] => {
  if (bytes.length === 0) return []
  const length = bytes.readUInt32BE(0)
  const checked = bytes.subarray(4, 8 + length)
  assert.equal(bytes.readUInt32BE(8 + length), crc(checked), 'check sum of a chunk')
  const chunk = { type: checked.toString('latin1', 0, 4), data: checked.subarray(4) }
  return [chunk, ...chunksOf(bytes.subarray(12 + length))]
}

export const decodePng = (bytes: Uint8Array): Decoded => {
  const file = Buffer.from(bytes)
  assert.equal(file.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n')
  const [header, image, end, ...more] = chunksOf(file.subarray(8))
  assert.deepEqual([header?.type, image?.type, end?.type], ['IHDR', 'IDAT', 'IEND'])
  assert.deepEqual([end!.data.length, more.length], [0, 0])
  assert.equal(header!.data.length, 13)
  const [width, height] = [header!.data.readUInt32BE(0), header!.data.readUInt32BE(4)]
  const [bits, colour, ...methods] = header!.data.subarray(8)
  assert.deepEqual([bits, methods], [8, [0, 0, 0]])
  assert.ok(colour === 0 || colour === 2, `colour type ${colour}`)
  const channels = colour === 0 ? 1 : 3
  const rows = inflateSync(image!.data)
  const stride = width * channels + 1
  assert.equal(rows.length, height * stride)
  const pixels = Array.from({ length: height }, (_, y) => {
    assert.equal(rows[y * stride], 0, 'filter of a row')
    return [...rows.subarray(y * stride + 1, (y + 1) * stride)]
  })
  return { width, height, channels, data: pixels.flat() }
}
