import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import type { DigitImages } from '../../../src/data/digits.js'
import { embeddedGlyphs } from '../../../src/data/glyphs.js'
import { fontPackages, isForTest } from '../../tools/make-glyphs.js'

const LETTERS = 10
const SIDE = 28
const BOX = 26

const glyphs = embeddedGlyphs()
const parts = [
  ['training', 120],
  ['test', 30],
] as const

const imagesOf = ({ count, pixels }: DigitImages): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => pixels.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2))

const images = { training: imagesOf(glyphs.training), test: imagesOf(glyphs.test) }
const all = [...images.training, ...images.test]

/** The ten letters of each font, as one row of pixels. */
const fontsOf = ({ count, pixels }: DigitImages): Uint8Array[] =>
  Array.from({ length: count / LETTERS }, (_, i) => pixels.subarray(i * 7840, (i + 1) * 7840))

const distance = (a: Uint8Array, b: Uint8Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum / a.length / 255
}

for (const [part, fonts] of parts) {
  test(`the ${part} glyphs are A to J in ${fonts} fonts, 28 x 28, font by font`, () => {
    const { count, side, pixels, labels } = glyphs[part]
    assert.deepEqual([count, side, pixels.length], [LETTERS * fonts, SIDE, LETTERS * fonts * SIDE ** 2])
    assert.deepEqual(
      [...labels],
      Array.from({ length: LETTERS * fonts }, (_, i) => i % LETTERS),
    )
  })
}

test('no two glyphs are the same image', () => {
  assert.equal(new Set(all.map((image) => image.join())).size, all.length)
})

test('no two fonts, of one part or of both, are nearly the same', () => {
  const fonts = [...fontsOf(glyphs.training), ...fontsOf(glyphs.test)]
  const distances = fonts.flatMap((a, i) => fonts.slice(0, i).map((b) => distance(a, b)))
  assert.ok(Math.min(...distances) > 0.07, `${Math.min(...distances)}`)
})

/** The first and the last of the rows, or of the columns, that have ink. */
const extent = (image: Uint8Array, step: number, stride: number): readonly [number, number] => {
  const inked = Array.from({ length: SIDE }, (_, i) => i).filter((i) =>
    Array.from({ length: SIDE }, (_, j) => image[i * step + j * stride]!).some((value) => value > 0),
  )
  return [inked[0] ?? SIDE, inked.at(-1) ?? -1]
}

test('the ink of each glyph fills its box of 26 pixels one way and stays in it the other way, in the middle', () => {
  for (const [i, image] of all.entries()) {
    const spans = [extent(image, SIDE, 1), extent(image, 1, SIDE)] as const
    const lengths = spans.map(([first, last]) => last - first + 1)
    assert.equal(Math.max(...lengths), BOX, `glyph ${i}`)
    for (const [first, last] of spans) {
      assert.ok(Math.abs(first + last - (SIDE - 1)) <= 1, `glyph ${i}: ${first}-${last}`)
    }
  }
})

/** The share of test glyphs whose nearest training glyph shows the same letter. */
const nearestNeighbourAccuracy = (): number => {
  const right = images.test.filter((image, i) => {
    const distances = images.training.map((other) => distance(image, other))
    const nearest = distances.indexOf(Math.min(...distances))
    return glyphs.training.labels[nearest] === glyphs.test.labels[i]
  })
  return right.length / images.test.length
}

test('glyphs look like others of their label, in fonts of the other part too', () => {
  const accuracy = nearestNeighbourAccuracy()
  assert.ok(accuracy > 0.8, `${accuracy}`)
})

/** The rows of the list of a part in GLYPHS.md. */
const listed = (part: string): string[][] => {
  const text = readFileSync(new URL('../../../src/data/GLYPHS.md', import.meta.url), 'utf8')
  const section = text.split('\n## ').find((each) => each.toLowerCase().startsWith(`${part} fonts\n`)) ?? ''
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
  return rows.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

for (const [part, fonts] of parts) {
  test(`GLYPHS.md lists the ${fonts} ${part} fonts, each with its number, version, licence and copyright`, () => {
    const packages = fontPackages().filter((_, i) => isForTest(i) === (part === 'test'))
    const rows = listed(part)
    assert.equal(rows.length, fonts)
    assert.deepEqual(
      rows.map(([number, , name]) => [number, name]),
      packages.map(([name, version], i) => [`${i}`, `\`${name}@${version}\``]),
    )
    for (const [, family, , licence, copyright] of rows) {
      assert.match(licence!, /^(?:OFL-1\.1|Apache-2\.0)$/, family)
      assert.match(copyright!, /copyright|©/i, family)
    }
  })
}

test('no font is listed twice', () => {
  const families = parts.flatMap(([part]) => listed(part).map(([, family]) => family))
  assert.equal(new Set(families).size, 150)
})
