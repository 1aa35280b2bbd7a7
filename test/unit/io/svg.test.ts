import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { lengthOf } from '../../../src/io/chart.js'
import { learningCurve, type CurveOptions, type Series } from '../../../src/io/svg.js'
import { holds } from '../../support/property.js'

const OPTIONS: CurveOptions = { title: 'Bouncing digits', xLabel: 'sequences', yLabel: 'nats a frame' }
const SERIES: Series = {
  label: 'test',
  points: [
    { x: 0, y: 177 },
    { x: 10, y: 60 },
    { x: 20, y: 40 },
  ],
}

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
const unescaped = (text: string): string => text.replace(/&([^;]*);/g, (_, name: string) => ENTITIES[name] ?? assert.fail(name))

/** The elements of an XML text in the order of their beginnings, or an AssertionError where it is not well-formed. */
const elementsOf = (xml: string): Element[] => {
  assert.match(xml, /^(?:[\t\n\r\u0020-\ud7ff\ue000-\ufffd]|[\ud800-\udbff][\udc00-\udfff])*$/, 'characters')
  const elements: { name: string; attributes: Record<string, string>; text: string }[] = []
  const open: typeof elements = []
  for (const [token] of xml.matchAll(/<[^>]*>?|[^<]+/g)) {
    const tag = /^<(\/?)([a-z]+)((?:\s+[A-Za-z][\w:-]*="[^"<]*")*)\s*(\/?)>$/.exec(token)
    if (!token.startsWith('<')) {
      assert.ok(!/&(?!(?:amp|lt|gt|quot|#39);)/.test(token), token)
      if (open.length > 0) open.at(-1)!.text += unescaped(token)
      else assert.equal(token.trim(), '')
      continue
    }
    assert.ok(tag, `a tag: ${token}`)
    const [, closes, name, attributes, empty] = tag
    if (closes) assert.equal(open.pop()?.name, name)
    else {
      const pairs = [...attributes!.matchAll(/([A-Za-z][\w:-]*)="([^"]*)"/g)].map(([, key, value]) => [key!, unescaped(value!)])
      elements.push({ name: name!, attributes: Object.fromEntries(pairs), text: '' })
      if (!empty) open.push(elements.at(-1)!)
    }
  }
  assert.equal(open.length, 0)
  assert.equal(elements[0]?.name, 'svg')
  return elements
}

const named = (elements: readonly Element[], name: string): Element[] => elements.filter((one) => one.name === name)
const textsOf = (svg: string): string[] => named(elementsOf(svg), 'text').map(({ text }) => text)

/** Text of the worst kind: markup, quotes, control characters, single surrogates. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom('</title><script>alert(1)</script>', ']]>', '&amp;', '<!--', '" onload="x', "'", '\u0000\ufffe\ud800'),
)
const anyNumber = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0))
const anySeries: fc.Arbitrary<Series> = fc.record({
  label: hostile,
  points: fc.array(fc.record({ x: anyNumber, y: anyNumber }), { maxLength: 8 }),
})

test('the text is well-formed XML whatever titles, labels and numbers are', () => {
  const references = fc.array(fc.record({ label: hostile, value: anyNumber }), { maxLength: 4 })
  const options = fc.record({ title: hostile, xLabel: hostile, yLabel: hostile, references })
  holds(fc.tuple(fc.array(anySeries, { maxLength: 7 }), options), 300, ([series, given]) => {
    const svg = learningCurve(series, given)
    elementsOf(svg)
    assert.doesNotMatch(svg, /="[^"]*(?:NaN|Infinity|undefined)/)
  })
})

test('the title reads as it was given, but for characters that XML has not', () => {
  holds(hostile, 300, (title) => {
    const legal = Array.from(title, (one) => (/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]$|^..$/s.test(one) ? one : '\ufffd')).join('')
    assert.equal(elementsOf(learningCurve([], { ...OPTIONS, title }))[1]!.text, legal)
  })
})

test('title and description come first, for those who do not see the picture', () => {
  const references = [{ label: 'floor', value: 16.47 }]
  const elements = elementsOf(learningCurve([SERIES], { ...OPTIONS, title: 'a < b', references }))
  assert.deepEqual(
    elements.slice(0, 3).map(({ name }) => name),
    ['svg', 'title', 'desc'],
  )
  assert.equal(elements[0]!.attributes['role'], 'img')
  assert.equal(elements[1]!.text, 'a < b')
  assert.equal(elements[2]!.text, 'nats a frame over sequences. test: from 177 at 0 to 40 at 20. floor: 16.5.')
})

test('axes, curves and lines are named in the picture', () => {
  const texts = textsOf(learningCurve([SERIES], { ...OPTIONS, references: [{ label: 'mean frame', value: 41.18 }] }))
  for (const words of ['Bouncing digits', 'sequences', 'nats a frame', 'test', 'mean frame 41.2', '0', '20', '60']) {
    assert.ok(texts.includes(words), words)
  }
})

test('a panel of its own makes it readable on a dark page', () => {
  const svg = elementsOf(learningCurve([SERIES], OPTIONS))
  const [{ attributes: panel } = assert.fail()] = named(svg, 'rect')
  assert.equal(panel['fill'], '#fff')
  assert.deepEqual([panel['width'], panel['height']], [svg[0]!.attributes['width'], svg[0]!.attributes['height']])
})

/** The joined points of the first curve. */
const pathOf = (svg: string): string =>
  named(elementsOf(svg), 'path').find(({ attributes }) => !attributes['transform'])!.attributes['d']!

test('a larger score stands higher, and later points further right', () => {
  const points = [75, 60, 40].map((y, x) => ({ x, y }))
  const places = [...pathOf(learningCurve([{ label: 'test', points }], OPTIONS)).matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(
    ([, x, y]) => [Number(x), Number(y)],
  )
  assert.equal(places.length, 3)
  const [first, second, third] = places as [number[], number[], number[]]
  for (const axis of [0, 1]) assert.ok(first[axis]! < second[axis]! && second[axis]! < third[axis]!, `${places}`)
})

test('the axis follows the curve: a first point far above is cut off, lines far off are named at the edge', () => {
  const points = [727, 164, 128, 113, 100, 95].map((y, x) => ({ x, y }))
  const references = [
    { label: 'copy last', value: 397.2 },
    { label: 'mean frame', value: 155.3 },
    { label: 'floor', value: 9.2 },
  ]
  const svg = learningCurve([{ label: 'a', points }], { ...OPTIONS, references })
  const texts = textsOf(svg)
  for (const words of ['\u2191 copy last 397.2', 'mean frame 155.3', '\u2193 floor 9.2']) assert.ok(texts.includes(words), words)
  assert.ok(!texts.includes('400'), 'the axis has no room for copy last')
  assert.equal(named(elementsOf(svg), 'line').filter(({ attributes }) => attributes['stroke-dasharray']).length, 1)
  const heights = [...pathOf(svg).matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y))
  const grid = named(elementsOf(svg), 'line').filter(({ attributes }) => attributes['stroke'] === '#e4e4e4')
  assert.equal(heights.length, 6, 'the first line begins at the edge')
  assert.equal(heights[0], Math.min(...grid.map(({ attributes }) => Number(attributes['y1']))))
  assert.match(named(elementsOf(svg), 'desc')[0]!.text, /a: from 727 at 0 to 95 at 5/)
  const gone = [727, 700, 1, 2, 3].map((y, x) => ({ x, y }))
  assert.equal(
    [...pathOf(learningCurve([{ label: 'a', points: gone }], OPTIONS)).matchAll(/[ML]/g)].length,
    5,
    'within reach all stays',
  )
})

test('a point that is not finite makes a gap', () => {
  const points = [1, 2, NaN, 3, 4].map((y, x) => ({ x, y }))
  assert.match(pathOf(learningCurve([{ label: 'a', points }], OPTIONS)), /^M[^ML]+L[^ML]+M[^ML]+L[^ML]+$/)
})

test('labels of lines that are close stand at least a line apart', () => {
  const references = [41.3, 41.2, 40.9, 16.4, 16.2].map((value) => ({ label: 'mark', value }))
  const heights = named(elementsOf(learningCurve([SERIES], { ...OPTIONS, references })), 'text')
    .filter(({ text }) => text.includes('mark'))
    .map(({ attributes }) => Number(attributes['y']))
    .sort((a, b) => a - b)
  assert.equal(heights.length, 5)
  heights.slice(1).forEach((height, i) => assert.ok(height - heights[i]! >= 15.9, `${heights}`))
})

test('curves differ in colour, and the first four in the shape of their marks', () => {
  const series = Array.from({ length: 4 }, (_, i) => ({ ...SERIES, label: `curve ${i}` }))
  const elements = elementsOf(learningCurve(series, OPTIONS))
  const colours = new Set(named(elements, 'g').map(({ attributes }) => attributes['stroke']))
  const marks = named(elements, 'path').filter(({ attributes }) => attributes['transform'])
  const shapes = new Set(marks.map(({ attributes }) => attributes['d']))
  assert.deepEqual([colours.size, shapes.size], [4, 4])
})

test('a legend that does not fit in one line goes on in the next, inside the picture', () => {
  const series = Array.from({ length: 9 }, (_, i) => ({ ...SERIES, label: `a curve with a name of some length ${i}` }))
  const labels = named(elementsOf(learningCurve(series, OPTIONS)), 'text').filter(({ text }) => text.startsWith('a curve'))
  assert.equal(labels.length, 9)
  assert.notEqual(new Set(labels.map(({ attributes }) => attributes['y'])).size, 1)
  for (const { attributes, text } of labels) assert.ok(Number(attributes['x']) + 6.8 * text.length <= 800, text)
})

test('numbers are written with a point in every locale', () => {
  const { toLocaleString } = Number.prototype
  Number.prototype.toLocaleString = () => assert.fail('a number asked the locale')
  try {
    const texts = textsOf(
      learningCurve(
        [
          {
            label: 'a',
            points: [
              { x: 0, y: 0.5 },
              { x: 1, y: 0.75 },
            ],
          },
        ],
        OPTIONS,
      ),
    )
    assert.ok(texts.includes('0.55'), `${texts}`)
  } finally {
    Number.prototype.toLocaleString = toLocaleString
  }
})

test('the last label of an axis of five digits is whole, where nothing stands beside the curves', () => {
  const points = [10_000, 20_000].map((x) => ({ x, y: x }))
  const label = elementsOf(learningCurve([{ label: 'test', points }], OPTIONS)).find(
    ({ text, attributes }) => text === '20000' && attributes['text-anchor'] === 'middle',
  )
  assert.ok(label && Number(label.attributes['x']) + lengthOf(label.text) / 2 <= 800)
})
