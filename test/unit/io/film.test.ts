import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { filmStrip, type Film } from '../../../src/io/film.js'
import { inkedAt, LETTER, textWidth } from '../../../src/io/pixel-font.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { holds } from '../../support/property.js'
import { assertRefused, constant, row } from '../support.js'
import { decodePng, type Decoded } from './decode-png.js'

const pixelAt = ({ width, data }: Decoded, x: number, y: number): number[] =>
  data.slice(3 * (y * width + x), 3 * (y * width + x) + 3)

/** Of the layout: where the first frame of the row `truth` begins. */
const [LEFT, TOP] = [12 + 2 * 59 + 12, 12 + 18 + 4]
const GAP = 4

/** The centres of the enlarged pixels of frame `column` in row `row` of a strip without a title. */
const frameIn = (strip: Decoded, side: number, column: number, row: number): number[][] => {
  const scale = Math.round(64 / side)
  const [left, top] = [LEFT + column * (side * scale + GAP), TOP + row * (side * scale + GAP)]
  const middle = Math.floor(scale / 2)
  return Array.from({ length: side * side }, (_, i) =>
    pixelAt(strip, left + (i % side) * scale + middle, top + Math.floor(i / side) * scale + middle),
  )
}

const grey = (value: number): number[] => Array<number>(3).fill(Math.round(255 * value))

const film: fc.Arbitrary<Film & { side: number }> = fc
  .tuple(fc.constantFrom(2, 4, 7), fc.integer({ min: 1, max: 3 }))
  .chain(([side, count]) => {
    const frame = fc
      .array(fc.nat(255), { minLength: side * side, maxLength: side * side })
      .map((values) => row(values.map((value) => value / 255)))
    const frames = fc.array(frame, { minLength: count, maxLength: count })
    return fc.record({ truth: frames, prediction: frames, side: fc.constant(side) })
  })

test('the first row has the grey values of the truth, the second those of the prediction', () => {
  holds(film, 20, ({ truth, prediction, side }) => {
    const strip = decodePng(filmStrip({ truth, prediction }))
    truth.forEach((frame, t) => assert.deepEqual(frameIn(strip, side, t, 0), Array.from(frame.data, grey)))
    prediction.forEach((frame, t) => assert.deepEqual(frameIn(strip, side, t, 1), Array.from(frame.data, grey)))
  })
})

test('the error is orange where the prediction is too dark, blue where too bright, light grey where right', () => {
  const strip = decodePng(filmStrip({ truth: [row([1, 0, 0.5, 0.75])], prediction: [row([0, 1, 0.5, 0.25])] }))
  const [dark, bright, right, slightly] = frameIn(strip, 2, 0, 2)
  assert.deepEqual(
    [dark, bright, right],
    [
      [213, 94, 0],
      [0, 114, 178],
      [238, 238, 238],
    ],
  )
  assert.deepEqual(slightly, [226, 166, 119])
})

test('the error is grey where there is none, and never grey elsewhere', () => {
  holds(film, 20, ({ truth, prediction, side }) => {
    const strip = decodePng(filmStrip({ truth, prediction }))
    truth.forEach(({ data }, t) =>
      frameIn(strip, side, t, 2).forEach(([red, green, blue], i) => {
        const error = data[i]! - prediction[t]!.data[i]!
        if (error === 0) assert.deepEqual([red, green, blue], [238, 238, 238])
        else if (Math.abs(error) > 0.02) assert.ok(error > 0 ? red! > blue! : blue! > red!, `${error}`)
      }),
    )
  })
})

test('frames that are wider than high, or higher than wide, keep their shape', () => {
  for (const [cols, scale] of [
    [4, 16],
    [2, 16],
    [1, 8],
  ] as const) {
    const values = Array.from({ length: 8 }, (_, i) => i / 8)
    const strip = decodePng(filmStrip({ truth: [row(values), row(values)], prediction: [row(values), row(values)], cols }))
    const shown = values.map((_, i) =>
      pixelAt(strip, LEFT + cols * scale + GAP + (i % cols) * scale + 4, TOP + Math.floor(i / cols) * scale + 4),
    )
    assert.deepEqual(shown, values.map(grey))
  }
})

test('rows that are no whole number are refused', () => {
  const frames = [row([0, 0, 0, 0])]
  assertRefused(() => filmStrip({ truth: frames, prediction: frames, cols: 3 }), {
    name: 'ShapeError',
    what: 'pixels of a frame',
    expected: /1 x 3 in all frames/,
    got: '4',
  })
})

test('grey values beyond 0 and 1 are cut, and NaN is black', () => {
  const strip = decodePng(filmStrip({ truth: [row([-1, 2, NaN, 1])], prediction: [constant(1, 4, 0)] }))
  assert.deepEqual(frameIn(strip, 2, 0, 0), [0, 1, 0, 1].map(grey))
})

test('pixels of a frame are squares of whole pixels, so that frames are about 64 wide', () => {
  for (const [side, size] of [
    [7, 63],
    [16, 64],
    [32, 64],
    [64, 64],
    [100, 100],
  ] as const) {
    const frames = [constant(1, side ** 2, 0)]
    const one = decodePng(filmStrip({ truth: frames, prediction: frames })).height
    assert.equal(one, TOP + 3 * (size + GAP) + 12 - GAP + 18 + 12)
  }
})

/** Whether a text stands in a strip, letter pixels doubled, at this place. */
const reads = (strip: Decoded, words: string, left: number, top: number): boolean => {
  for (let y = 0; y < LETTER.height; y++) {
    for (let x = 0; x < textWidth(words); x++) {
      if (pixelAt(strip, left + 2 * x, top + 2 * y)[0]! < 128 !== inkedAt(words, x, y)) return false
    }
  }
  return true
}

const black = (side: number, count: number): Film => {
  const frames: Matrix[] = Array.from({ length: count }, () => constant(1, side * side, 0))
  return { truth: frames, prediction: frames }
}

test('rows are labelled, frames numbered from 1, colours explained, and a title stands above', () => {
  const strip = decodePng(filmStrip(black(16, 12), { title: 'Bouncing digits' }))
  const down = 18 + 12
  assert.ok(reads(strip, 'bouncing digits', 12, 12), 'title')
  assert.ok(reads(strip, 'frame', 12, 12 + down), 'frame')
  for (const [i, words] of ['truth', 'prediction', 'error'].entries()) {
    assert.ok(reads(strip, words, 12, TOP + down + i * 68 + 23), words)
  }
  for (const t of [0, 9, 11]) {
    const words = String(t + 1)
    assert.ok(reads(strip, words, LEFT + t * 68 + Math.floor((64 - 2 * textWidth(words)) / 2), 12 + down), words)
  }
  assert.ok(reads(strip, 'error:', 12, strip.height - 12 - 18), 'legend')
})

test('the strip is as wide as its longest line, so that nothing is cut', () => {
  const title = 'a title that is much longer than one frame and the legend together are wide'
  const strip = decodePng(filmStrip(black(2, 1), { title }))
  assert.equal(strip.width, 12 + 2 * textWidth(title) + 12)
  assert.ok(reads(strip, title, 12, 12), 'title')
})

test('every letter, digit and sign of the font is drawn, and no two alike', () => {
  const picture = (letter: string): string =>
    Array.from({ length: LETTER.height * LETTER.width }, (_, i) =>
      inkedAt(letter, i % LETTER.width, Math.floor(i / LETTER.width)) ? '#' : '.',
    ).join('')
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.,:-+=/()%\u20ac']
  assert.equal(new Set(letters.map(picture)).size, letters.length)
  assert.deepEqual(
    letters.filter((letter) => !picture(letter).includes('#')),
    [],
  )
  assert.doesNotMatch(picture(' '), /#/)
  assert.equal(picture('Q'), picture('q'))
})

test('films without frames, without as many predictions, or of frames that are no squares are refused', () => {
  const [square, other] = [constant(1, 4, 0), constant(1, 5, 0)]
  assertRefused(() => filmStrip({ truth: [], prediction: [] }), {
    name: 'ShapeError',
    what: 'frames of the film',
    expected: /at least one/,
    got: '0',
  })
  assertRefused(() => filmStrip({ truth: [square, square], prediction: [square] }), {
    name: 'ShapeError',
    what: 'predictions of the film',
    expected: /2, one a frame/,
    got: '1',
  })
  for (const broken of [
    { truth: [other], prediction: [square] },
    { truth: [square], prediction: [other] },
  ]) {
    assertRefused(() => filmStrip(broken), {
      name: 'ShapeError',
      what: 'pixels of a frame',
      expected: /2 x 2 in all frames/,
      got: '5',
    })
  }
})
