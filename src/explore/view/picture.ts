/** The network as a picture: a level above the other, the tensors of each as sheets, and lines to what made a number. */

import type { Telling } from '../../explain/telling.js'
import type { Matrix } from '../../numeric/matrix.js'
import type { View } from '../bench.js'
import { css, roundUp, scaleOf, themeNow } from './colour.js'
import { h, svg, symbolOf } from './dom.js'
import { doneBy, levelsOf, weightNames, type Level, type Slot } from './levels.js'
import { sheetOf, type Mark, type Sheet, type Showing } from './sheet.js'

/** An element of a tensor that is pointed at. */
export interface Pointed {
  readonly name: string
  readonly row: number
  readonly col: number
}

export interface Picture {
  readonly show: (view: View, telling: Telling | undefined, pointed: Pointed | undefined) => void
}

const LARGEST_CELL = 31
/** Pixels that a frame, or the units of a layer, may take. */
const [WIDEST_FRAME, WIDEST_LAYER] = [112, 64] as const
/** Columns of cells that hold symbols. */
const SYMBOLS_WIDE = 8
const MOST_LINES = 28
const LETTERS = ['W', 'E', 'M', 'V', 'U'] as const

const sizeOf = (values: ArrayLike<number>): number => {
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!))
  return most
}

/** Rows and columns of the cells of a tensor: a row a batch row, or of one row as square as it goes. */
const gridOf = (
  { rows, cols }: Pick<Matrix, 'rows' | 'cols'>,
  frame: readonly [number, number] | undefined,
): readonly [number, number] => {
  if (rows > 1) return [rows, cols]
  if (frame && frame[0] * frame[1] !== cols) return gridOf({ rows, cols }, undefined)
  if (frame && frame[0] > 1) return frame
  if (frame && frame[0] === 1) return [Math.ceil(cols / SYMBOLS_WIDE), Math.min(cols, SYMBOLS_WIDE)]
  const wide = cols <= 3 ? cols : Math.ceil(Math.sqrt(cols))
  return [Math.ceil(cols / wide), wide]
}

const cellSize = ([rows, cols]: readonly [number, number], most: number, wide: number): number =>
  Math.max(1, Math.min(most, Math.floor(wide / Math.max(rows, cols))))

/** How much each operand had to do with the number that is told, by name and element. */
const marksOf = (
  telling: Telling | undefined,
): ReadonlyMap<string, readonly (Mark & { readonly row: number; readonly col: number; readonly signed: number })[]> => {
  const marks = new Map<string, (Mark & { readonly row: number; readonly col: number; readonly signed: number })[]>()
  const terms =
    telling?.lines.flatMap(({ terms: of = [], operands, value }) => [
      ...of,
      ...(operands.length > 0 ? [{ operands, value }] : []),
    ]) ?? []
  const most = Math.max(...terms.map(({ value }) => Math.abs(value)), 1e-30)
  for (const { operands, value } of terms)
    for (const { name, row, col } of operands)
      marks.set(name, [...(marks.get(name) ?? []), { index: 0, row, col, strength: Math.abs(value) / most, signed: value }])
  return marks
}

const latest = (names: readonly string[], known: ReadonlyMap<string, Matrix>, done: ReadonlySet<string>): string | undefined =>
  names.filter((name) => known.has(name) && (done.has(name) || !/^[A-Z]\d\./.test(name))).at(-1)

interface Placed {
  readonly slot: Slot
  readonly sheet: Sheet
  name: string
}

export const pictureOf = (root: HTMLElement, point: (pointed: Pointed, final: boolean) => void): Picture => {
  let structure = ''
  let placed: readonly Placed[] = []
  let redraw: () => void = () => {}
  const lines = svg('svg', { class: 'lines', 'aria-hidden': 'true' })

  const build = (view: View): void => {
    const all: Placed[] = []
    const { config, told } = view
    const pick = (one: () => Placed, final: boolean, index: number): void => {
      const matrix = known.get(one().name)
      if (matrix) point({ name: one().name, row: Math.floor(index / matrix.cols), col: index % matrix.cols }, final)
    }
    const put = (slot: Slot, level: number): HTMLElement => {
      const said = `${slot.key} of level ${level}`
      const label = symbolOf(slot.key.startsWith('x') ? slot.key : slot.key.replace(/^(\w+)/, `$1_${level}`))
      const made: Placed = {
        slot,
        name: slot.names[0]!,
        sheet: sheetOf(label, said, (index, final) => pick(() => made, final, index)),
      }
      all.push(made)
      return made.sheet.element
    }
    const levelElement = ({ level, units, slots }: Level): HTMLElement => {
      const title = level === 0 ? 'Level 0, the input' : `Layer ${level}`
      const before = slots.filter(({ key }) => key.endsWith('[t-1]'))
      const now = slots.filter(({ key }) => !key.endsWith('[t-1]'))
      return h(
        'section',
        { class: 'level', 'aria-label': title },
        h('h3', {}, title, h('small', {}, ` ${units} ${units === 1 ? 'unit' : 'units'}`)),
        h(
          'div',
          { class: 'sheets' },
          h('div', { class: 'before' }, ...before.map((slot) => put(slot, level))),
          ...now.map((slot) => put(slot, level)),
        ),
        level > 0 && synapses(level),
      )
    }
    const synapses = (level: number): HTMLElement => {
      const letters = LETTERS.filter((letter) => told.known.has(`${letter}_${level}`))
      const group = (kind: 'weight' | 'update') =>
        h(
          'div',
          { class: 'sheets' },
          ...letters.map((letter) => {
            const key = kind === 'weight' ? letter : `d${letter}`
            return put({ key, scale: `${kind} ${letter}`, names: weightNames(letter, level)[kind] }, level)
          }),
        )
      return h(
        'details',
        { class: 'synapses', ontoggle: () => redraw() },
        h('summary', {}, 'Synapses'),
        group('weight'),
        group('update'),
      )
    }
    let { known } = told
    knownNow = (next) => void (known = next)
    root.replaceChildren(...levelsOf({ config }).map(levelElement), lines)
    placed = all
  }
  let knownNow: (known: ReadonlyMap<string, Matrix>) => void = () => {}

  const show = (view: View, telling: Telling | undefined, pointed: Pointed | undefined): void => {
    const { told, config, source, phases, cursor } = view
    const rows = told.start.given.get('x')!.rows
    const next = JSON.stringify([config.units, config.passes, config.biases, rows, source?.frame])
    if (next !== structure) build(view)
    structure = next
    knownNow(told.known)
    const done = doneBy(view)
    const lit = new Set(phases[cursor]?.results ?? [])
    const marks = marksOf(telling)
    const found = placed.map((one) => ({ ...one, one, found: latest(one.slot.names, told.known, done) }))
    const scales = new Map<string, number>()
    for (const { slot, found: name } of found)
      if (name) scales.set(slot.scale, Math.max(scales.get(slot.scale) ?? 0, sizeOf(told.known.get(name)!.data)))
    for (const { one, slot, sheet, found: name } of found) {
      one.name = name ?? slot.names[0]!
      const matrix = name === undefined ? undefined : told.known.get(name)
      const like = told.known.get(one.name)
      const folded = sheet.element.closest('details')
      if (folded && !folded.open) continue
      const weights = folded !== null
      const ofInput = slot.scale === 'x' || /_0/.test(one.name)
      const symbols = ofInput && !weights ? source?.symbols : undefined
      const grid = !like
        ? ([1, 1] as const)
        : weights
          ? ([like.rows, like.cols] as const)
          : gridOf(like, ofInput ? source?.frame : undefined)
      const own = (marks.get(one.name) ?? []).map((mark) => ({ ...mark, index: mark.row * (like?.cols ?? 1) + mark.col }))
      const selected = pointed?.name === one.name && like ? pointed.row * like.cols + pointed.col : undefined
      const showing: Showing = {
        matrix,
        grid,
        size: cellSize(
          grid,
          weights ? 20 : symbols ? 16 : LARGEST_CELL,
          symbols ? 1000 : weights || ofInput ? WIDEST_FRAME : WIDEST_LAYER,
        ),
        labels: symbols,
        most: roundUp(scales.get(slot.scale) ?? 1),
        lit: lit.has(one.name),
        selected,
        marks: own,
      }
      sheet.show(showing)
    }
    redraw = () => show(view, telling, pointed)
    drawLines(pointed, marks, told.known)
  }

  /** Lines from the cells that made a number, the strongest of them. */
  const drawLines = (
    pointed: Pointed | undefined,
    marks: ReturnType<typeof marksOf>,
    known: ReadonlyMap<string, Matrix>,
  ): void => {
    const box = root.getBoundingClientRect()
    const middle = (name: string, row: number, col: number): readonly [number, number] | undefined => {
      const one = placed.find((each) => each.name === name)
      const at =
        one && !one.sheet.element.closest('details:not([open])')
          ? one.sheet.middleOf(row * known.get(name)!.cols + col)
          : undefined
      return at && [at[0] - box.left, at[1] - box.top]
    }
    const to = pointed && middle(pointed.name, pointed.row, pointed.col)
    const scale = scaleOf(themeNow())
    const all = [...marks].flatMap(([name, of]) => of.map((mark) => ({ name, ...mark })))
    const strongest = all.sort((a, b) => b.strength - a.strength).slice(0, 3 * MOST_LINES)
    const drawn = to
      ? strongest.flatMap(({ name, row, col, strength, signed }) => {
          const from = middle(name, row, col)
          if (!from || !(strength > 0.02)) return []
          const colour = css(signed < 0 ? scale[16]! : scale.at(-17)!)
          const path = `M${from[0]} ${from[1]}Q${(from[0] + to[0]) / 2} ${(from[1] + to[1]) / 2 - 24} ${to[0]} ${to[1]}`
          return [
            svg('path', {
              d: path,
              stroke: colour,
              'stroke-width': 0.75 + 2.5 * strength,
              'stroke-opacity': 0.35 + 0.6 * strength,
            }),
          ]
        })
      : []
    lines.replaceChildren(...drawn.slice(0, MOST_LINES))
  }

  addEventListener('resize', () => redraw())
  return { show }
}

/** The scale in words and colours. */
export const legend = (): HTMLElement => {
  const bar = h('canvas', { 'aria-hidden': 'true', class: 'legend-bar' })
  bar.width = 257
  bar.height = 1
  const paint = (): void => {
    const context = bar.getContext('2d')!
    scaleOf(themeNow()).forEach((colour, i) => {
      context.fillStyle = css(colour)
      context.fillRect(i, 0, 1, 1)
    })
  }
  paint()
  addEventListener('themechange', paint)
  return h(
    'div',
    { class: 'legend' },
    h('span', {}, '\u2212'),
    bar,
    h('span', {}, '+'),
    h('span', { class: 'muted' }, 'the end of each scale stands beside its name'),
  )
}
