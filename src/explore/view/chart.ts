/** Lines over a common axis, told apart by their strokes and named where they end; with a table for whoever cannot see them. */

import type { Findings, Series } from '../messages.js'
import { h, svg } from './dom.js'

type Chart = Findings['charts'][number]

const [WIDE, NARROW, HEIGHT] = [640, 380, 250] as const
const MARGIN = { left: 58, top: 14, bottom: 40 } as const
/** Values that are few enough for a dot each. */
const FEW = 8
const BAR = 44
/** Pixels that a label on the axis takes. */
const LABEL = 34
/** Of a letter of a name, about. */
const LETTER = 8

/** As many units as pixels, or nearly, so that letters keep their size. */
const widthNow = (): number => (innerWidth < 700 ? NARROW : WIDE)
const STROKES = ['', '', '', '2 3'] as const
const TICKS = 4

const finite = (values: readonly number[]): readonly number[] => values.filter(Number.isFinite)

const shortest = (value: number): string =>
  value === 0 ? '0' : Math.abs(value) >= 10000 ? value.toLocaleString('en') : String(Number(value.toPrecision(3)))

/** What the names at the ends of the lines take. */
const roomFor = ({ series, kinds }: Chart): number =>
  kinds ? 12 : 16 + LETTER * Math.max(...series.map(({ name }) => name.length))

interface Axes {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly yTicks: readonly number[]
  readonly xTicks: readonly number[]
}

/** Round steps that a range is cut into. */
const ticksOf = (from: number, to: number, count: number): readonly number[] => {
  const rough = (to - from) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough)!
  const first = Math.ceil(from / step)
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step)
}

const powersOf = (from: number, to: number): readonly number[] => {
  const ticks = [1, 2, 5].flatMap((one) => Array.from({ length: 12 }, (_, i) => one * 10 ** (i - 4)))
  const within = ticks.filter((tick) => tick >= from && tick <= to).sort((a, b) => a - b)
  const tens = within.filter((tick) => Number.isInteger(Math.log10(tick)))
  return within.length > 6 ? tens : within
}

/** Where value i of a line is. */
const placeOf = ({ from, every, places }: Series, i: number): number => places?.[i] ?? from + i * every

const axesOf = (chart: Chart, right: number): Axes => {
  const { series, logarithmic, marks, kinds } = chart
  const all = finite(series.flatMap(({ values }) => values))
  const [least, most] = [Math.min(...all, Infinity), Math.max(...all, -Infinity)]
  const low = logarithmic ? least / 1.15 : Math.min(0, least)
  const high = logarithmic ? most * 1.15 : most * 1.06 || 1
  const last = Math.max(...series.map((one) => placeOf(one, one.values.length - 1)), 1)
  const first = Math.min(...series.map((one) => placeOf(one, 0)))
  const inset = kinds ? (right - MARGIN.left) / 8 : 0
  const scale = (value: number): number => (logarithmic ? Math.log(value) : value)
  const part = (value: number): number => (scale(value) - scale(low)) / (scale(high) - scale(low) || 1)
  return {
    x: (value) => MARGIN.left + ((value - first) / (last - first || 1)) * (right - MARGIN.left - 2 * inset) + inset,
    y: (value) => HEIGHT - MARGIN.bottom - part(value) * (HEIGHT - MARGIN.top - MARGIN.bottom),
    yTicks: logarithmic ? powersOf(low, high) : ticksOf(low, high, TICKS),
    xTicks: marks && marks.length > 1 ? [] : ticksOf(first, last, 5).filter(Number.isInteger),
  }
}

const pathOf = (one: Series, { x, y }: Axes): string => {
  let [path, pen] = ['', 'M']
  one.values.forEach((value, i) => {
    if (!Number.isFinite(value)) return void (pen = 'M')
    path += `${pen}${x(placeOf(one, i)).toFixed(1)} ${y(value).toFixed(1)}`
    pen = 'L'
  })
  return path
}

/** Names at the ends of lines, moved apart where they would lie on one another. */
const placesOf = (series: readonly Series[], { y }: Axes): readonly number[] => {
  const ends = series.map(({ values }, i) => ({ i, at: y(finite(values).at(-1) ?? 0) })).sort((a, b) => a.at - b.at)
  ends.forEach((end, k) => {
    const before = ends[k - 1]
    if (before && end.at - before.at < 15) end.at = before.at + 15
  })
  const over = Math.max(0, (ends.at(-1)?.at ?? 0) - (HEIGHT - MARGIN.bottom))
  return series.map((_, i) => ends.find((end) => end.i === i)!.at - over)
}

/** A bar for each value of the one series that there is, with its number. */
const bars = ({ series: [one] }: Chart, { x, y }: Axes): readonly SVGElement[] =>
  one!.values.flatMap((value, k) => {
    const [middle, top] = [x(one!.from + k * one!.every), y(value)]
    return [
      svg('rect', {
        class: k === 0 ? 'bar first' : 'bar',
        x: middle - BAR / 2,
        width: BAR,
        y: top,
        height: Math.max(0, y(0) - top),
      }),
      svg('text', { class: 'end', x: middle, y: top - 5, 'text-anchor': 'middle' }, shortest(value)),
    ]
  })

const lines = ({ series }: Chart, axes: Axes, right: number): readonly SVGElement[] => {
  const places = placesOf(series, axes)
  const { x, y } = axes
  return series.flatMap((one, i) => [
    svg('path', { class: `line line-${i}`, d: pathOf(one, axes), 'stroke-dasharray': STROKES[i] ?? '2 3' }),
    ...(one.values.length <= FEW
      ? one.values.map((value, k) => svg('circle', { class: `dot line-${i}`, r: 3, cx: x(placeOf(one, k)), cy: y(value) }))
      : []),
    svg('text', { class: `end line-${i}`, x: right + 8, y: places[i]! + 4 }, one.name),
  ])
}

const drawing = (chart: Chart): SVGSVGElement => {
  const { series, marks = [], x: xName, y: yName, title, kinds } = chart
  const width = widthNow()
  const [right, bottom] = [width - roomFor(chart), HEIGHT - MARGIN.bottom]
  const axes = axesOf(chart, right)
  const { x, y, xTicks, yTicks } = axes
  return svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      class: 'chart',
      role: 'img',
      'aria-label': `${title}: a chart of ${series.map(({ name }) => name).join(', ')}`,
    },
    ...yTicks.flatMap((tick) => [
      svg('line', { class: 'grid', x1: MARGIN.left, x2: right, y1: y(tick), y2: y(tick) }),
      svg('text', { class: 'tick', x: MARGIN.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, shortest(tick)),
    ]),
    ...xTicks
      .filter((tick) => marks.every(({ at }) => Math.abs(x(at) - x(tick)) > LABEL))
      .map((tick) => svg('text', { class: 'tick', x: x(tick), y: bottom + 18, 'text-anchor': 'middle' }, shortest(tick))),
    ...marks.flatMap(({ at, label }) => [
      ...(kinds ? [] : [svg('line', { class: 'mark', x1: x(at), x2: x(at), y1: MARGIN.top, y2: bottom })]),
      svg('text', { class: 'tick', x: x(at), y: bottom + 18, 'text-anchor': 'middle' }, label),
    ]),
    svg('text', { class: 'axis', x: (MARGIN.left + right) / 2, y: HEIGHT - 4, 'text-anchor': 'middle' }, xName),
    svg(
      'text',
      { class: 'axis', x: -(MARGIN.top + bottom) / 2, y: 12, transform: 'rotate(-90)', 'text-anchor': 'middle' },
      chart.logarithmic ? `${yName}, log scale` : yName,
    ),
    ...(kinds ? bars(chart, axes) : lines(chart, axes, right)),
  )
}

/** At most so many rows of the table. */
const ROWS = 24

const tableOf = ({ series, x, marks }: Chart): HTMLElement => {
  const { values } = series[0]!
  const stride = Math.max(1, Math.ceil(values.length / ROWS))
  const places = values.map((_, i) => i).filter((i) => i % stride === 0 || i === values.length - 1)
  const named = (i: number): string => (marks && marks.length > 1 ? (marks[i]?.label ?? '') : String(placeOf(series[0]!, i)))
  return h(
    'table',
    {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, x), ...series.map(({ name }) => h('th', { scope: 'col' }, name)))),
    h(
      'tbody',
      {},
      ...places.map((i) =>
        h('tr', {}, h('th', { scope: 'row' }, named(i)), ...series.map((one) => h('td', {}, shortest(one.values[i] ?? NaN)))),
      ),
    ),
  )
}

/** A chart with its title and its numbers. */
export const chartOf = (chart: Chart): HTMLElement => {
  const found = chart.series.some(({ values }) => values.length > 0)
  return h(
    'figure',
    { class: 'plot' },
    h('figcaption', {}, chart.title),
    found && drawing(chart),
    found &&
      h(
        'details',
        { class: 'numbers' },
        h('summary', {}, 'The numbers'),
        h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'the numbers of the chart' }, tableOf(chart)),
      ),
  )
}
