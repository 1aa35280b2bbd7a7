/** A PNG writer for the tests: every kind of pixel and every filter, written from the standard, not from the reader. */

import { deflateSync } from 'node:zlib'

/** A picture as the format has it: samples, row by row, not yet in bytes. */
export interface Written {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colour: number
  readonly samples: readonly number[]
  /** of each row */
  readonly filters: readonly number[]
  readonly palette?: readonly number[]
  readonly alphas?: readonly number[]
  readonly interlace?: number
}

export const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** CRC-32 bit by bit. */
const crc = (bytes: Uint8Array): number => {
  let remainder = 0xffffffff
  for (const byte of bytes) {
    remainder ^= byte
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ ((remainder & 1) * 0xedb88320)
  }
  return ~remainder >>> 0
}

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

export const chunk = (type: string, data: Uint8Array): Buffer => {
  const checked = Buffer.concat([Buffer.from(type, 'latin1'), data])
  return Buffer.concat([word(data.length), checked, word(crc(checked))])
}

/** Samples of a row as bits, the first in the highest. */
const packed = (samples: readonly number[], depth: number): number[] => {
  const bits = samples.map((sample) => sample.toString(2).padStart(depth, '0')).join('')
  return (bits.match(/.{1,8}/g) ?? []).map((eight) => parseInt(eight.padEnd(8, '0'), 2))
}

const predictor = (filter: number, a: number, b: number, c: number): number => {
  if (filter === 4) {
    const p = a + b - c
    const nearest = Math.min(...[a, b, c].map((one) => Math.abs(p - one)))
    return [a, b, c].find((one) => Math.abs(p - one) === nearest)!
  }
  return [0, a, b, Math.floor((a + b) / 2)][filter]!
}

export const rowsOf = ({ width, height, depth, colour, samples, filters }: Written): Buffer => {
  const channels = CHANNELS[colour]!
  const step = Math.max(1, (channels * depth) / 8)
  const rows = Array.from({ length: height }, (_, y) =>
    packed(samples.slice(y * width * channels, (y + 1) * width * channels), depth),
  )
  return Buffer.concat(
    rows.map((row, y) => {
      const at = (r: number, i: number): number => rows[r]?.[i] ?? 0
      return Buffer.from([
        filters[y]!,
        ...row.map((byte, i) => (byte - predictor(filters[y]!, at(y, i - step), at(y - 1, i), at(y - 1, i - step))) & 255),
      ])
    }),
  )
}

export const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

export const header = ({ width, height, depth, colour, interlace = 0 }: Omit<Written, 'samples' | 'filters'>): Buffer =>
  chunk('IHDR', Buffer.concat([word(width), word(height), Buffer.from([depth, colour, 0, 0, interlace])]))

/** The data in two chunks, behind one that readers may pass over. */
export const writePng = (picture: Written): Uint8Array => {
  const { palette, alphas } = picture
  const data = deflateSync(rowsOf(picture))
  return Buffer.concat([
    SIGNATURE,
    header(picture),
    chunk('tEXt', Buffer.from('Comment\0a test')),
    ...(palette ? [chunk('PLTE', Buffer.from(palette))] : []),
    ...(alphas ? [chunk('tRNS', Buffer.from(alphas))] : []),
    chunk('IDAT', data.subarray(0, 5)),
    chunk('IDAT', data.subarray(5)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
