/**
 * Reads PNG images (ISO/IEC 15948) as grey values: grey, palette and true colour, with and without alpha, 8 bits a
 * channel or, of grey and palettes, fewer; not interlaced. Check sums are checked, and nothing is unpacked beyond what the
 * size of the picture says.
 */

import { inflateSync } from 'node:zlib'
import { mismatch, type PtncnError } from '../errors.js'
import { crc32, PNG_SIGNATURE, pngSize } from './png.js'

/** Grey values, row by row: 0 is black, 255 is white. */
export interface GreyPicture {
  readonly width: number
  readonly height: number
  readonly grey: Uint8Array
}

/** A kind of pixels: its channels, and the bits that one may have. */
interface Kind {
  readonly channels: number
  readonly depths: readonly number[]
  /** whether the last channel is alpha */
  readonly alpha: boolean
  readonly palette?: true
}

/** By the number that the format has for it. */
const KINDS: Readonly<Record<number, Kind>> = {
  0: { channels: 1, depths: [1, 2, 4, 8], alpha: false },
  2: { channels: 3, depths: [8], alpha: false },
  3: { channels: 1, depths: [1, 2, 4, 8], alpha: false, palette: true },
  4: { channels: 2, depths: [8], alpha: true },
  6: { channels: 4, depths: [8], alpha: true },
}

/** What the chunks of a file say. */
interface Png {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly kind: Kind
  /** red, green, blue, one after another */
  readonly palette: Uint8Array
  /** alpha of the first colours of the palette */
  readonly alphas: Uint8Array
  readonly packed: readonly Uint8Array[]
}

/**
 * The grey values of a picture of at most `most` pixels: of colours the luma of ITU-R BT.601, on black
 * where alpha, of each pixel or of a palette, lets it through.
 * @throws FileError that says what was expected of the file
 */
export const readPng = (bytes: Uint8Array, file: string, most: number): GreyPicture => {
  const png = parsed(bytes, file, most)
  const { width, height, depth, kind } = png
  const stride = Math.ceil((width * kind.channels * depth) / 8)
  const rows = unfiltered(
    inflated(png, file, height * (stride + 1)),
    { height, stride, file },
    Math.max(1, (kind.channels * depth) >> 3),
  )
  const colourOf = kind.palette ? paletteColour(png, file) : plainColour(png)
  const grey = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) grey[y * width + x] = colourOf(rows.subarray(y * stride, (y + 1) * stride), x)
  }
  return { width, height, grey }
}

const wrong = (file: string, expected: string, got: unknown, remedy = ''): PtncnError =>
  mismatch('FileError', file, expected, got, remedy)

const REMEDY = 'save it as 8-bit PNG, not interlaced'

const parsed = (bytes: Uint8Array, file: string, most: number): Png => {
  const size = pngSize(bytes)
  if (!size) throw wrong(file, 'a PNG picture', 'something else')
  if (size.width * size.height > most) throw wrong(file, `at most ${most} pixels`, `${size.width} x ${size.height}`)
  let [palette, alphas, packed] = [new Uint8Array(0), new Uint8Array(0), [] as Uint8Array[]]
  const [header, ...chunks] = chunksOf(bytes, file)
  for (const { type, data } of chunks) {
    if (type === 'PLTE') palette = data
    else if (type === 'tRNS') alphas = data
    else if (type === 'IDAT') packed.push(data)
    // a small first letter: what a reader may pass over
    else if (type !== 'IEND' && /^[A-Z]/.test(type)) throw wrong(file, 'chunks that every reader knows', type)
  }
  if (header!.data.length !== 13) throw wrong(file, 'a header of 13 bytes', header!.data.length)
  const [depth, colour, compression, filter, interlace] = header!.data.subarray(8) as unknown as number[]
  const kind = KINDS[colour!]
  if (!kind?.depths.includes(depth!))
    throw wrong(file, '8 bits a channel, or fewer of grey or a palette', [colour, depth], REMEDY)
  if (compression !== 0 || filter !== 0 || interlace !== 0)
    throw wrong(file, 'no interlacing', [compression, filter, interlace], REMEDY)
  return { ...size, depth: depth!, kind, palette, alphas, packed }
}

interface Chunk {
  readonly type: string
  readonly data: Uint8Array<ArrayBuffer>
}

/** Up to the last, IEND; whatever follows it is no part of the picture. */
const chunksOf = (bytes: Uint8Array, file: string): readonly Chunk[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Chunk[] = []
  for (let at = PNG_SIGNATURE.length; chunks.at(-1)?.type !== 'IEND';) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : Infinity
    if (at + 12 + length > bytes.length) throw wrong(file, 'whole chunks up to IEND', 'its end before', 'fetch it again')
    const checked = bytes.slice(at + 4, at + 8 + length)
    if (crc32(checked) !== view.getUint32(at + 8 + length))
      throw wrong(file, 'chunks with right check sums', 'a wrong one', 'fetch it again')
    chunks.push({ type: String.fromCharCode(...checked.subarray(0, 4)), data: checked.subarray(4) })
    at += 12 + length
  }
  return chunks
}

const inflated = ({ packed }: Png, file: string, size: number): Uint8Array => {
  try {
    const rows = inflateSync(Buffer.concat(packed), { maxOutputLength: size })
    if (rows.length === size) return rows
    throw wrong(file, `${size} bytes of rows`, rows.length)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause)
      throw wrong(file, `${size} bytes of rows, packed`, cause.code, 'fetch it again')
    throw cause
  }
}

/** Of the pixels left, above, and left above: the one that is nearest to left + above - left above. */
const paeth = (a: number, b: number, c: number): number => {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}

/** What each filter adds to a byte, by those left, above, and left above. */
const FILTERS: readonly ((left: number, above: number, both: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
]

interface Rows {
  readonly height: number
  /** bytes of a row */
  readonly stride: number
  readonly file: string
}

/** The bytes of all rows; the pixel to the left is `step` bytes before. */
const unfiltered = (bytes: Uint8Array, { height, stride, file }: Rows, step: number): Uint8Array => {
  const rows = new Uint8Array(height * stride)
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1)
    const filter = FILTERS[bytes[from]!]
    if (!filter) throw wrong(file, 'a filter from 0 to 4', bytes[from])
    for (let i = 0, at = y * stride; i < stride; i++, at++) {
      const left = i < step ? 0 : rows[at - step]!
      const above = y === 0 ? 0 : rows[at - stride]!
      const both = i < step || y === 0 ? 0 : rows[at - stride - step]!
      rows[at] = bytes[from + 1 + i]! + filter(left, above, both)
    }
  }
  return rows
}

/** The grey value of pixel `x` of a row. */
type ColourOf = (row: Uint8Array, x: number) => number

const sample = (row: Uint8Array, x: number, depth: number): number => {
  const bit = x * depth
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1)
}

const luma = (red: number, green: number, blue: number): number => Math.round((299 * red + 587 * green + 114 * blue) / 1000)

const plainColour = ({ depth, kind: { channels, alpha } }: Png): ColourOf => {
  if (channels === 1) return (row, x) => (sample(row, x, depth) * 255) / (2 ** depth - 1)
  const isColour = channels >= 3
  return (row, x) => {
    const at = x * channels
    const grey = isColour ? luma(row[at]!, row[at + 1]!, row[at + 2]!) : row[at]!
    return alpha ? Math.round((grey * row[at + channels - 1]!) / 255) : grey
  }
}

const paletteColour = ({ depth, palette, alphas }: Png, file: string): ColourOf => {
  const greys = Array.from({ length: Math.floor(palette.length / 3) }, (_, i) => {
    const [red, green, blue] = palette.subarray(3 * i) as unknown as number[]
    return Math.round((luma(red!, green!, blue!) * (alphas[i] ?? 255)) / 255)
  })
  return (row, x) => {
    const index = sample(row, x, depth)
    if (index < greys.length) return greys[index]!
    throw wrong(file, `colours of its palette of ${greys.length}`, index)
  }
}
