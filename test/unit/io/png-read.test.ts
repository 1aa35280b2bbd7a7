import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'

import { encodePng } from '../../../src/io/png.js'
import { readPng } from '../../../src/io/png-read.js'
import { holds } from '../../support/property.js'
import { report, returnsOrRefuses } from '../data/refusal.js'
import { CHANNELS, chunk, header, rowsOf, SIGNATURE, writePng, type Written } from './write-png.js'

const MOST = 10_000
const KINDS = [
  [0, 1],
  [0, 2],
  [0, 4],
  [0, 8],
  [2, 8],
  [3, 1],
  [3, 2],
  [3, 4],
  [3, 8],
  [4, 8],
  [6, 8],
] as const

const side = fc.integer({ min: 1, max: 9 })
const picture: fc.Arbitrary<Written> = fc
  .tuple(side, side, fc.constantFrom(...KINDS))
  .chain(([width, height, [colour, depth]]) => {
    const count = width * height * CHANNELS[colour]!
    const byte = fc.nat(255)
    return fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      colour: fc.constant(colour),
      depth: fc.constant(depth),
      samples: fc.array(fc.nat(2 ** depth - 1), { minLength: count, maxLength: count }),
      filters: fc.array(fc.nat(4), { minLength: height, maxLength: height }),
      ...(colour === 3 && {
        palette: fc.array(byte, { minLength: 3 * 2 ** depth, maxLength: 3 * 2 ** depth }),
        alphas: fc.array(byte, { maxLength: 2 ** depth }),
      }),
    })
  })

/** What a pixel is in grey, said as its definition: luma, then how much of it shows on black. */
const greyOf = ({ colour, depth, samples, palette, alphas }: Written, pixel: number): number => {
  const channels = CHANNELS[colour]!
  const own = samples.slice(pixel * channels, (pixel + 1) * channels)
  const luma = ([r, g, b]: readonly number[]): number => Math.round(0.299 * r! + 0.587 * g! + 0.114 * b!)
  if (colour === 0) return (own[0]! / (2 ** depth - 1)) * 255
  if (colour === 2) return luma(own)
  if (colour === 3) return Math.round(luma(palette!.slice(3 * own[0]!)) * ((alphas?.[own[0]!] ?? 255) / 255))
  return Math.round((colour === 4 ? own[0]! : luma(own)) * (own.at(-1)! / 255))
}

test('every kind of pixel and every filter: the grey values are those that were written', () => {
  holds(picture, 500, (written) => {
    const { width, height, grey } = readPng(writePng(written), 'x', MOST)
    assert.deepEqual([width, height, grey.length], [written.width, written.height, written.width * written.height])
    // half-way between two values binary64 may round either way
    grey.forEach((value, pixel) =>
      assert.ok(Math.abs(value - greyOf(written, pixel)) <= (written.colour < 2 ? 0 : 1), `${pixel}`),
    )
    const exact = grey.filter((value, pixel) => value === Math.round(greyOf(written, pixel))).length
    assert.ok(exact >= 0.9 * grey.length - 1)
  })
})

test('what this package writes it reads, wherever its bytes lie', () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => 20 * i)
  const bytes = encodePng({ width: 4, height: 3, channels: 1, data })
  const moved = new Uint8Array(bytes.length + 5)
  moved.set(bytes, 5)
  assert.deepEqual(readPng(moved.subarray(5), 'x', MOST), { width: 4, height: 3, grey: data })
})

const GREY: Written = { width: 2, height: 2, depth: 8, colour: 0, samples: [1, 2, 3, 4], filters: [0, 1] }
const whole = writePng(GREY)
const withRows = (rows: Uint8Array): Buffer =>
  Buffer.concat([SIGNATURE, header(GREY), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
const spoilt = (at: number): Uint8Array => whole.map((byte, i) => (i === at ? byte ^ 1 : byte))

const REFUSED: readonly (readonly [what: string, bytes: Uint8Array, message: RegExp])[] = [
  ['another format', Buffer.from('GIF89a'), /^"x" expected a PNG picture, got "something else"$/],
  [
    'too many pixels',
    writePng({ ...GREY, width: 101, height: 100, samples: Array(10_100).fill(0), filters: Array(100).fill(0) }),
    /^"x" expected at most 10000 pixels, got "101 x 100"$/,
  ],
  [
    'a size that only its header has',
    Buffer.concat([SIGNATURE, header({ ...GREY, width: 2 ** 31 - 1, height: 2 ** 31 - 1 })]),
    /at most 10000 pixels/,
  ],
  [
    '16 bits',
    writePng({ ...GREY, depth: 16 }),
    /^"x" expected 8 bits a channel, or fewer of grey or a palette, got \[0, 16\]; save it as 8-bit PNG/,
  ],
  ['4 bits of colour', writePng({ ...GREY, colour: 2, depth: 4 }), /expected 8 bits a channel/],
  [
    'a colour type that is none',
    writePng({ ...GREY, colour: 4, depth: 8, samples: [1, 2, 3, 4, 5, 6, 7, 8] }).map((byte, i) => (i === 25 ? 5 : byte)),
    /check sums/,
  ],
  ['interlacing', writePng({ ...GREY, interlace: 1 }), /^"x" expected no interlacing, got \[0, 0, 1\]; save it/],
  ['a byte that has changed', spoilt(40), /^"x" expected chunks with right check sums/],
  ['a file cut short', whole.subarray(0, -13), /^"x" expected whole chunks up to IEND/],
  ['too few rows', withRows(rowsOf(GREY).subarray(3)), /^"x" expected 6 bytes of rows, got 3$/],
  ['rows without end', withRows(Buffer.alloc(1e6)), /^"x" expected 6 bytes of rows, packed, got "ERR_BUFFER_TOO_LARGE"/],
  ['a filter that is none', withRows(Buffer.from([5, 0, 0, 0, 0, 0])), /^"x" expected a filter from 0 to 4, got 5$/],
  [
    'a colour beyond the palette',
    writePng({ ...GREY, colour: 3, palette: [0, 0, 0, 9, 9, 9] }),
    /^"x" expected colours of its palette of 2, got 2$/,
  ],
  [
    'a chunk that every reader must know',
    Buffer.concat([SIGNATURE, header(GREY), chunk('NEWS', Buffer.alloc(0)), whole.subarray(33)]),
    /^"x" expected chunks that every reader knows, got "NEWS"$/,
  ],
]

for (const [what, bytes, message] of REFUSED) {
  test(`${what} is refused`, () => {
    assert.throws(() => readPng(bytes, 'x', MOST), { name: 'FileError', message })
  })
}

test('whatever has changed in a file, it is a picture or one line that says why not', () => {
  let [tried, refused] = [0, 0]
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
  holds(fc.tuple(changes, fc.nat(whole.length)), 1000, ([bytes, length]) => {
    const file = Uint8Array.from(whole)
    for (const [at, byte] of bytes) file[at] = byte
    tried++
    if (!returnsOrRefuses(() => readPng(file.subarray(0, length), 'x', MOST))) refused++
  })
  assert.ok(refused > 500)
  report('PNG pictures', tried, refused)
})

const PILLOW = `
import sys
from PIL import Image
folder = sys.argv[1]
for mode in ["L", "LA", "RGB", "RGBA", "P", "1"]:
    image = Image.radial_gradient("L").resize((31, 17)).convert("RGB").convert(mode)
    image.save(f"{folder}/{mode}.png")
    open(f"{folder}/{mode}.grey", "wb").write(image.convert("L").tobytes())
`
const absent = spawnSync('python3', ['-c', 'import PIL']).status !== 0

test(
  "Pillow's files of each of its modes have the grey values that it says",
  { skip: absent && 'python3 with Pillow is not installed' },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ptncn-pillow-'))
    try {
      assert.equal(spawnSync('python3', ['-c', PILLOW, folder], { encoding: 'utf8' }).stderr, '')
      for (const mode of ['L', 'LA', 'RGB', 'RGBA', 'P', '1']) {
        const { width, height, grey } = readPng(readFileSync(join(folder, `${mode}.png`)), mode, MOST)
        assert.deepEqual([width, height], [31, 17])
        const wanted = readFileSync(join(folder, `${mode}.grey`))
        grey.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]!) <= 1, `${mode} ${i}: ${value}, not ${wanted[i]}`))
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
