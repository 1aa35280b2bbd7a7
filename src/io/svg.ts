/** Learning curves as SVG: one self-contained text, for light pages, dark pages and screen readers. */

import { field, list, optional, requireFields, requireItems, text as words, whole } from '../fields.js'
import { labelled, lengthOf, shortened, shown, spread, ticksOf, wrapped, type Ticks } from './chart.js'
import { escaped } from './markup.js'

export interface Point {
  readonly x: number
  readonly y: number
}

/** A curve, and the `label` that it has in the legend. */
export interface Series {
  readonly label: string
  /** in the order in which they are joined; a point that is not finite makes a gap */
  readonly points: readonly Point[]
}

/** A horizontal line to read the curves against. */
export interface Reference {
  readonly label: string
  readonly value: number
}

/** What stands around the curves: the `title`, `xLabel` and `yLabel` with their units, and the `references`. */
export interface CurveOptions {
  readonly title: string
  /** what the axes show, with the unit */
  readonly xLabel: string
  readonly yLabel: string
  readonly references?: readonly Reference[]
  /** of the picture, in pixels; 800 by default, at least 400 */
  readonly width?: number
}

const USUAL_WIDTH = 800
const LEAST_WIDTH = 400
const PLOT_HEIGHT = 300
const LEFT = 68
/** half of a label of five digits at the end of the axis has room */
const RIGHT = 24
const PAD = 16
const LINE = 16
const TITLE_LINE = 20
const BOLD = 'font-size="15" font-weight="600"'
/** Widths of letters of the title's size and of the labels'. */
const TITLE_LETTER = 10.4
const LETTER = 6.8
const SIDE_LETTERS = 44
const REFERENCE_LETTERS = 28

/** Told apart with all kinds of colour vision, and dark enough on white; after M. Okabe and K. Ito. */
const COLOURS = ['#0072b2', '#b84f00', '#00795a', '#a8508a', '#7a6a00', '#2b2b2b']
const INK = '#222'
const FAINT = '#666'
const GRID = '#e4e4e4'
/** More than these nobody tells apart. */
const MOST_SERIES = 1000
/** More points than these get no marks of their own. */
const MOST_MARKS = 60

interface Place {
  readonly x: number
  readonly y: number
}

/** From values to places in the picture. */
interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly xTicks: Ticks
  readonly yTicks: Ticks
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

const numeric = field<number>('a number', (value) => typeof value === 'number')
const POINT = { x: numeric, y: numeric }
const LABELS = {
  title: words(1000),
  xLabel: words(1000),
  yLabel: words(1000),
  references: optional(list),
  width: optional(whole(LEAST_WIDTH, 10_000)),
}

/** @throws ShapeError naming the first thing that does not belong into a picture */
const requireCurves = (series: readonly Series[], options: CurveOptions): void => {
  requireItems('ShapeError', 'series', series, MOST_SERIES, (what, one) => {
    requireFields('ShapeError', what, one, { label: words(1000), points: list })
    ;(one as Series).points.forEach((point, i) => requireFields('ShapeError', `${what}.points[${i}]`, point, POINT))
  })
  requireFields('ShapeError', 'options', options, LABELS)
  options.references?.forEach((one, i) =>
    requireFields('ShapeError', `options.references[${i}]`, one, { label: words(1000), value: numeric }),
  )
}

/** The SVG text of curves over one pair of axes, with a legend and labelled horizontal lines. @throws ShapeError */
export const learningCurve = (series: readonly Series[], options: CurveOptions): string => {
  requireCurves(series, options)
  const references = (options.references ?? []).filter(({ value }) => Number.isFinite(value))
  const { width = USUAL_WIDTH } = options
  const title = wrapped(options.title, Math.floor((width - LEFT - RIGHT) / TITLE_LETTER))
  const legend = legendLines(series, width)
  const titleBottom = PAD + title.length * TITLE_LINE
  const top = titleBottom + legend.length * LINE + PAD
  const height = top + PLOT_HEIGHT + 2 * LINE + PAD + 8
  const frame = frameOf(series, references, top, width)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"` +
      ` width="${width}" height="${height}" role="img"` +
      ` font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12" fill="${INK}">`,
    `<title>${escaped(options.title)}</title>`,
    `<desc>${escaped(description(series, references, options))}</desc>`,
    `<rect width="${width}" height="${height}" rx="6" fill="#fff"/>`,
    ...title.map((words, i) => text(LEFT, PAD + 14 + i * TITLE_LINE, words, BOLD)),
    ...legend.flatMap((entries, i) => {
      const middle = titleBottom + 4 + (i + 0.5) * LINE
      return entries.map((entry) => legendEntry(entry, middle))
    }),
    ...axes(frame, options),
    ...referenceLines(references, frame),
    ...series.map((one, i) => curve(one, i, frame)),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

const finite = ({ x, y }: Point): boolean => Number.isFinite(x) && Number.isFinite(y)

const frameOf = (series: readonly Series[], references: readonly Reference[], top: number, width: number): Frame => {
  const points = series.flatMap((one) => one.points.filter(finite))
  const widest = Math.max(0, ...references.map((reference) => lengthOf(`\u2191 ${referenceText(reference)}`)))
  const [left, right, bottom] = [LEFT, width - RIGHT - widest - (widest > 0 ? PAD : 0), top + PLOT_HEIGHT]
  const xTicks = ticksOf(
    points.map(({ x }) => x),
    'tight',
  )
  const yTicks = ticksOf(seen(series, [...points.map(({ y }) => y), ...references.map(({ value }) => value)]), 'whole')
  const part = (value: number, { least, most }: Ticks): number => (value - least) / (most - least)
  return {
    left,
    right,
    top,
    bottom,
    xTicks,
    yTicks,
    x: (value) => left + (right - left) * part(value, xTicks),
    y: (value) => bottom + (top - bottom) * part(value, yTicks),
  }
}

/**
 * Of these values the ones that the axis has room for: it follows the curves. The first point of each, of an untrained
 * network, and what it is read against may lie so far off that the curves would be flat lines.
 */
const seen = (series: readonly Series[], values: readonly number[]): readonly number[] => {
  const learned = series.flatMap(({ points }) => points.filter(finite).slice(points.length > 1 ? 1 : 0))
  const ys = learned.map(({ y }) => y)
  if (ys.length < 2) return values
  const [low, high] = [Math.min(...ys), Math.max(...ys)]
  const reach = high > low ? high - low : Infinity
  return values.filter((value) => value >= low - reach && value <= high + reach)
}

const axes = (frame: Frame, { xLabel, yLabel }: CurveOptions): string[] => {
  const { left, right, top, bottom, xTicks, yTicks } = frame
  const middle = (top + bottom) / 2
  return [
    ...yTicks.values.flatMap((value) => [
      line(left, frame.y(value), right, frame.y(value), `stroke="${GRID}"`),
      text(left - 8, frame.y(value) + 4, yTicks.show(value), 'text-anchor="end"'),
    ]),
    ...xTicks.values.flatMap((value) => [
      line(frame.x(value), bottom, frame.x(value), bottom + 5, `stroke="${FAINT}"`),
      text(frame.x(value), bottom + 19, xTicks.show(value), 'text-anchor="middle"'),
    ]),
    line(left, bottom, right, bottom, `stroke="${FAINT}"`),
    text(
      (left + right) / 2,
      bottom + 2 * LINE + 8,
      shortened(xLabel, Math.floor((right - left) / LETTER)),
      'text-anchor="middle"',
    ),
    text(0, 0, shortened(yLabel, SIDE_LETTERS), `text-anchor="middle" transform="translate(18 ${place(middle)}) rotate(-90)"`),
  ]
}

const DOTTED = `stroke="${FAINT}" stroke-width="1.5" stroke-dasharray="2 4"`

const referenceText = ({ label, value }: Reference): string => labelled(label, value, REFERENCE_LETTERS)

/**
 * Dotted lines; their labels stand at their ends, moved apart where lines are close, and joined to them. Of a line that
 * the axis has no room for the label stands at the edge, with an arrow to where it is.
 */
const referenceLines = (references: readonly Reference[], frame: Frame): string[] => {
  const { left, right, top, bottom } = frame
  const heights = references.map(({ value }) => Math.min(bottom, Math.max(top, frame.y(value))))
  const labels = spread(heights, LINE, top, bottom)
  return references.flatMap((reference, i) => {
    const label = (words: string): string => text(right + PAD, labels[i]! + 4, words, `fill="${INK}"`)
    if (frame.y(reference.value) < top) return [label(`\u2191 ${referenceText(reference)}`)]
    if (frame.y(reference.value) > bottom) return [label(`\u2193 ${referenceText(reference)}`)]
    return [
      line(left, heights[i]!, right, heights[i]!, DOTTED),
      line(right, heights[i]!, right + 12, labels[i]!, `stroke="${FAINT}"`),
      label(referenceText(reference)),
    ]
  })
}

const colourOf = (i: number): string => COLOURS[i % COLOURS.length]!

const curve = ({ points }: Series, i: number, frame: Frame): string => {
  const at = ({ x, y }: Point): Place => ({ x: frame.x(x), y: frame.y(y) })
  let pen = ''
  const steps = points.map((point, k) => {
    if (!finite(point)) return ''
    const before = points[k - 1]
    const [from, to] = before && finite(before) ? within(at(before), at(point), frame) : within(at(point), at(point), frame)
    if (!from || !to) return ''
    const [begin, end] = [from, to].map(({ x, y }) => `${place(x)} ${place(y)}`) as [string, string]
    const step = (pen === begin ? '' : `M${begin}`) + (begin === end ? '' : `L${end}`)
    pen = end
    return step
  })
  const marked = points.filter((point) => finite(point) && within(at(point), at(point), frame).length > 0)
  const marks = points.length <= MOST_MARKS ? marked.map(({ x, y }) => mark(i, frame.x(x), frame.y(y))) : []
  return (
    `<g stroke="${colourOf(i)}" stroke-width="2" stroke-linejoin="round" fill="none">` +
    `<path d="${steps.join('')}"/>${marks.join('')}</g>`
  )
}

/** The ends of the part of a line that is within the frame, which it can leave at the top and the bottom alone. */
const within = (from: Place, to: Place, { top, bottom }: Frame): readonly Place[] => {
  if ((from.y < top && to.y < top) || (from.y > bottom && to.y > bottom)) return []
  const crossing = (y: number): Place => ({ x: from.x + ((to.x - from.x) * (y - from.y)) / (to.y - from.y), y })
  return [from, to].map((end) => (end.y < top ? crossing(top) : end.y > bottom ? crossing(bottom) : end))
}

/** Marks differ in shape, so that colour is not the only thing that tells curves apart. */
const MARKS = [
  'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0', // circle
  'M-3 -3h6v6h-6z', // square
  'M0 -4l4 7h-8z', // triangle
  'M0 -4l4 4l-4 4l-4 -4z', // diamond
]

const mark = (i: number, x: number, y: number): string =>
  `<path transform="translate(${place(x)} ${place(y)})" d="${MARKS[i % MARKS.length]!}" fill="#fff"/>`

interface LegendEntry {
  readonly index: number
  readonly label: string
  readonly x: number
}

const SWATCH = 28

/** The entries of each line of the legend; a line that is full is followed by another. */
const legendLines = (series: readonly Series[], room: number): LegendEntry[][] => {
  const lines: LegendEntry[][] = []
  let x = Infinity
  series.forEach(({ label }, index) => {
    const short = shortened(label, Math.floor((room - LEFT - SWATCH - 3 * PAD) / LETTER))
    const width = SWATCH + 6 + lengthOf(short) + 2 * PAD
    if (x + width > room) {
      lines.push([])
      x = LEFT
    }
    lines.at(-1)!.push({ index, label: short, x })
    x += width
  })
  return lines
}

const legendEntry = ({ index, label, x }: LegendEntry, y: number): string =>
  `<g stroke="${colourOf(index)}" stroke-width="2">` +
  `${line(x, y, x + SWATCH, y, '')}${mark(index, x + SWATCH / 2, y)}</g>` +
  text(x + SWATCH + 6, y + 4, label, '')

const description = (series: readonly Series[], references: readonly Reference[], { xLabel, yLabel }: CurveOptions): string => {
  const curves = series.map(({ label, points }) => {
    const known = points.filter(finite)
    const [first, last] = [known[0], known.at(-1)]
    if (!first || !last) return `${label}: no points.`
    return `${label}: from ${shown(first.y)} at ${shown(first.x)} to ${shown(last.y)} at ${shown(last.x)}.`
  })
  const lines = references.map(({ label, value }) => `${label}: ${shown(value)}.`)
  return [`${yLabel} over ${xLabel}.`, ...curves, ...lines].join(' ')
}

/** A place in the picture, to a tenth of a pixel. */
const place = (value: number): string => String(Math.round(value * 10) / 10)

const line = (x1: number, y1: number, x2: number, y2: number, attributes: string): string =>
  `<line x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}"` + `${attributes && ` ${attributes}`}/>`

const text = (x: number, y: number, words: string, attributes: string): string =>
  `<text x="${place(x)}" y="${place(y)}"${attributes && ` ${attributes}`}>${escaped(words)}</text>`
