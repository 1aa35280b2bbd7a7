/** A tensor as a sheet of cells. One cell can be stood on, with pointer or keys, and says its number. */

import type { Matrix } from '../../numeric/matrix.js'
import { decimal } from '../../explain/decimal.js'
import { colourOf, css, inkOn, scaleOf, themeNow } from './colour.js'
import { h, type Child } from './dom.js'

/** A cell that took part in the number that is told. */
export interface Mark {
  readonly index: number
  readonly strength: number
}

export interface Showing {
  /** none where it has not come about yet */
  readonly matrix: Matrix | undefined
  /** rows and columns of cells, which hold the elements in their order */
  readonly grid: readonly [rows: number, cols: number]
  /** pixels of a cell */
  readonly size: number
  /** the end of the scale */
  readonly most: number
  /** it comes about in the phase that is shown */
  readonly lit: boolean
  /** the element that is told */
  readonly selected: number | undefined
  readonly marks: readonly Mark[]
  /** what stands in each cell in place of its number */
  readonly labels: readonly string[] | undefined
}

export interface Sheet {
  readonly element: HTMLElement
  readonly show: (showing: Showing) => void
  /** where the middle of a cell is, in the page; none where it is not drawn */
  readonly middleOf: (index: number) => readonly [number, number] | undefined
}

const GAPS_FROM = 7
const NUMBERS_FROM = 30

const paint = (canvas: HTMLCanvasElement, { matrix, grid: [rows, cols], size, most, selected, marks, labels }: Showing): void => {
  const ratio = Math.max(1, Math.min(3, devicePixelRatio))
  const [width, height] = [cols * size, rows * size]
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
    canvas.width = width * ratio
    canvas.height = height * ratio
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
  }
  const context = canvas.getContext('2d')!
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  const theme = themeNow()
  const [scale, dark] = [scaleOf(theme), theme === 'dark']
  const gap = size >= GAPS_FROM ? 1 : 0
  const at = (index: number): readonly [number, number] => [(index % cols) * size, Math.floor(index / cols) * size]
  const count = matrix ? matrix.data.length : rows * cols
  for (let i = 0; i < count; i++) {
    const [x, y] = at(i)
    if (!matrix) {
      context.fillStyle = dark ? '#ffffff12' : '#0000000f'
      context.fillRect(x, y, size - gap, size - gap)
      continue
    }
    const value = matrix.data[i]!
    const colour = colourOf(scale, value, most)
    context.fillStyle = css(colour)
    context.fillRect(x, y, size - gap, size - gap)
    const text = labels ? labelOf(labels[i]!) : size >= NUMBERS_FROM ? short(value) : undefined
    if (text !== undefined) {
      context.fillStyle = inkOn(colour)
      context.font = '11px ui-monospace, Menlo, Consolas, monospace'
      context.textAlign = 'center'
      context.textBaseline = 'middle'
      context.fillText(text, x + size / 2, y + size / 2 + 0.5, size - 4)
    }
  }
  for (const { index, strength } of marks)
    outline(context, at(index), size, dark ? '#fff' : '#000', Math.max(0.35, strength), 1.5)
  if (selected !== undefined) outline(context, at(selected), size, dark ? '#fff' : '#000', 1, 2.5)
}

const outline = (
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  size: number,
  colour: string,
  alpha: number,
  wide: number,
): void => {
  context.globalAlpha = alpha
  context.strokeStyle = colour
  context.lineWidth = wide
  const inset = Math.min(wide / 2, size / 3)
  context.strokeRect(x + inset, y + inset, Math.max(1, size - 2 * inset - 1), Math.max(1, size - 2 * inset - 1))
  context.globalAlpha = 1
}

/** The first letter of a symbol; a blank has a sign of its own. */
const labelOf = (symbol: string): string => (symbol === ' ' ? '\u2423' : symbol === '\n' ? '\u21b5' : [...symbol][0]!)

/** A number that fits a cell. */
const short = (value: number): string => {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const text =
    size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 0.005 ? value.toFixed(2) : value.toExponential(0)
  return text.replace(/^(-?)0\./, '$1.').replace('-', '\u2212')
}

/** @param pick told of the element that is stood on; `final` where it was chosen, and not only passed over */
export const sheetOf = (label: readonly Child[], said: string, pick: (index: number, final: boolean) => void): Sheet => {
  const canvas = h('canvas', { 'aria-hidden': 'true' })
  const range = h('span', { class: 'range' })
  const field = h('div', { class: 'cells', tabindex: '0', role: 'slider', 'aria-label': said, 'aria-valuemin': '0' }, canvas)
  const element = h('div', { class: 'sheet' }, field, h('div', { class: 'sheet-name' }, ...label, range))
  let now: Showing | undefined
  let cell = 0
  const count = (): number => now?.matrix?.data.length ?? 0
  const say = (): void => {
    field.setAttribute('aria-valuemax', String(Math.max(0, count() - 1)))
    field.setAttribute('aria-valuenow', String(cell))
    const value = now?.matrix?.data[cell]
    const { cols } = now?.matrix ?? { cols: 1 }
    const place = `row ${Math.floor(cell / cols)}, column ${cell % cols}`
    field.setAttribute('aria-valuetext', value === undefined ? 'not computed yet' : `${place}: ${decimal(value)}`)
  }
  const stand = (index: number, final: boolean): void => {
    if (count() === 0) return
    cell = Math.max(0, Math.min(count() - 1, index))
    say()
    pick(cell, final)
  }
  const under = (event: PointerEvent): number => {
    const { size, grid } = now!
    const box = canvas.getBoundingClientRect()
    const [x, y] = [Math.floor((event.clientX - box.left) / size), Math.floor((event.clientY - box.top) / size)]
    return x < 0 || y < 0 || x >= grid[1] ? -1 : y * grid[1] + x
  }
  let over = -1
  field.addEventListener('pointermove', (event) => {
    const index = now?.matrix && event.pointerType === 'mouse' ? under(event) : -1
    if (index >= 0 && index < count() && index !== over) stand(index, false)
    over = index
  })
  field.addEventListener('pointerleave', () => (over = -1))
  field.addEventListener('focus', () => field.matches(':focus-visible') && stand(cell, true))
  field.addEventListener('click', (event) => {
    const index = now?.matrix ? under(event as PointerEvent) : -1
    if (index >= 0 && index < count()) stand(index, true)
  })
  field.addEventListener('keydown', (event) => {
    const cols = now?.grid[1] ?? 1
    const moves: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -cols,
      ArrowDown: cols,
      Home: -cell,
      End: count() - 1 - cell,
    }
    const move = moves[event.key]
    if (move === undefined && event.key !== 'Enter') return
    event.preventDefault()
    event.stopPropagation()
    stand(cell + (move ?? 0), true)
  })
  return {
    element,
    show: (showing) => {
      now = showing
      if (cell >= count()) cell = 0
      element.classList.toggle('lit', showing.lit)
      element.classList.toggle('pending', !showing.matrix)
      range.textContent = ` \u00b1${Number(showing.most.toPrecision(1))}`
      paint(canvas, showing)
      say()
    },
    middleOf: (index) => {
      if (!now?.matrix || !canvas.isConnected) return undefined
      const box = canvas.getBoundingClientRect()
      const [x, y] = [index % now.grid[1], Math.floor(index / now.grid[1])]
      return [box.left + (x + 0.5) * now.size, box.top + (y + 0.5) * now.size]
    },
  }
}
