/** PNG images (ISO/IEC 15948), 8 bits a channel, grey or colour. */

import { deflateSync } from 'node:zlib'
import { mismatch } from '../errors.js'
import { requireField, whole } from '../fields.js'

export interface Image {
  readonly width: number
  readonly height: number
  /** 1 is grey, 3 is red, green, blue */
  readonly channels: 1 | 3
  /** height * width * channels bytes, row by row from the top */
  readonly data: Uint8Array
}

/** The first bytes of every file. */
export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const COLOUR_TYPE = { 1: 0, 3: 2 } as const
const BITS = 8
/** The largest width or height that the format has. */
const MOST = 2 ** 31 - 1

/**
 * The bytes of a PNG file.
 * @throws ShapeError where width or height is not a whole number >= 1, or the data has another length
 */
export const encodePng = (image: Image): Uint8Array => {
  const { width, height, channels, data } = image
  requireField('ShapeError', 'width of the image', width, whole(1, MOST))
  requireField('ShapeError', 'height of the image', height, whole(1, MOST))
  if (data.length !== width * height * channels) {
    throw mismatch('ShapeError', 'data of the image', `${width} x ${height} x ${channels} bytes`, data.length)
  }
  // compression, filter and interlace methods: the only ones there are, and none
  const header = [...bigEndian(width), ...bigEndian(height), BITS, COLOUR_TYPE[channels], 0, 0, 0]
  const parts = [
    Uint8Array.from(PNG_SIGNATURE),
    chunk('IHDR', Uint8Array.from(header)),
    chunk('IDAT', deflateSync(unfilteredRows(image), { level: 9 })),
    chunk('IEND', new Uint8Array(0)),
  ]
  return joined(parts)
}

/** Signature, and the chunk that gives the size. */
const HEAD = [...PNG_SIGNATURE, 0, 0, 0, 13, ...new TextEncoder().encode('IHDR')]

/** Width and height that the first bytes of a PNG file announce; undefined where they are not those of one. */
export const pngSize = (bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined => {
  if (bytes.length < HEAD.length + 8 || HEAD.some((byte, i) => bytes[i] !== byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + HEAD.length)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  return width >= 1 && height >= 1 && width <= MOST && height <= MOST ? { width, height } : undefined
}

/** Each row behind a 0, which says that it is not filtered. */
const unfilteredRows = ({ width, height, channels, data }: Image): Uint8Array => {
  const stride = width * channels
  const rows = new Uint8Array(height * (stride + 1))
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1)
  return rows
}

const bigEndian = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255)

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Length, type, data, and the check sum of type and data. */
const chunk = (type: string, data: Uint8Array): Uint8Array => {
  const checked = joined([Uint8Array.from(type, (letter) => letter.charCodeAt(0)), data])
  const [length, sum] = [data.length, crc32(checked)].map((value) => Uint8Array.from(bigEndian(value)))
  return joined([length!, checked, sum!])
}

/** The reversed polynomial of CRC-32, from the standard. */
const POLYNOMIAL = 0xedb88320

const CRC_OF_BYTE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc >>> 0
})

/** The check sum of a chunk: of its type and data. */
export const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_OF_BYTE[(crc ^ byte) & 255]!
  return (crc ^ 0xffffffff) >>> 0
}
