/** The network as a picture: a level above the other, the tensors of each as sheets, and lines to what made a number. */

import type { Telling } from '../../explain/telling.js'
import type { Matrix } from '../../numeric/matrix.js'
import type { View } from '../bench.js'
import { cellsOf, type Sort } from './cells.js'
import { roundUp } from './colour.js'
import { h, svg, symbolOf } from './dom.js'
import { doneBy, levelsOf, weightNames, type Level, type Slot } from './levels.js'
import { linesTo, partsOf, type Part, type Pointed } from './marks.js'
import { sheetOf, type Sheet } from './sheet.js'

export interface Picture {
  readonly show: (view: View, telling: Telling | undefined, pointed: Pointed | undefined) => void
}

const LETTERS = ['W', 'E', 'M', 'V', 'U'] as const

const sizeOf = (values: ArrayLike<number>): number => {
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!))
  return most
}

type Known = ReadonlyMap<string, Matrix>

const latest = (names: readonly string[], known: Known, done: ReadonlySet<string>): string | undefined =>
  names.filter((name) => known.has(name) && (done.has(name) || !/^[A-Z]\d\./.test(name))).at(-1)

/** A sheet in its place, and the tensor that it shows now, by name. */
interface Placed {
  readonly slot: Slot
  readonly sort: Sort
  readonly sheet: Sheet
  name: string
}

type Put = (slot: Slot, level: number, sort: Sort) => HTMLElement

const synapses = (level: number, known: Known, put: Put, opened: () => void): HTMLElement => {
  const letters = LETTERS.filter((letter) => known.has(`${letter}_${level}`))
  const group = (kind: 'weight' | 'update'): HTMLElement => {
    const slots = letters.map((letter) => ({
      key: kind === 'weight' ? letter : `d${letter}`,
      scale: `${kind} ${letter}`,
      names: weightNames(letter, level)[kind],
    }))
    return h('div', { class: 'sheets' }, ...slots.map((slot) => put(slot, level, 'weight')))
  }
  const title = h('summary', {}, 'Synapses')
  return h('details', { class: 'synapses', ontoggle: opened }, title, group('weight'), group('update'))
}

const levelElement = ({ level, units, slots }: Level, known: Known, put: Put, opened: () => void): HTMLElement => {
  const title = level === 0 ? 'Level 0, the input' : `Layer ${level}`
  const sort = (slot: Slot): Sort => (level === 0 || slot.scale === 'x' ? 'input' : 'signal')
  const [before, now] = [true, false].map((past) =>
    slots.filter(({ key }) => key.endsWith('[t-1]') === past).map((slot) => put(slot, level, sort(slot))),
  ) as [HTMLElement[], HTMLElement[]]
  return h(
    'section',
    { class: 'level', 'aria-label': title },
    h('h2', {}, title, h('small', {}, ` ${units} ${units === 1 ? 'unit' : 'units'}`)),
    h('div', { class: 'sheets' }, h('div', { class: 'before' }, ...before), ...now),
    level > 0 && synapses(level, known, put, opened),
  )
}

const isFolded = ({ sheet }: Placed): boolean => sheet.element.closest('details:not([open])') !== null

/** The ends of the scales, each shared by tensors of a kind. */
const scalesOf = (placed: readonly Placed[], shown: (one: Placed) => Matrix | undefined): ReadonlyMap<string, number> => {
  const scales = new Map<string, number>()
  for (const one of placed) {
    const matrix = isFolded(one) ? undefined : shown(one)
    if (matrix) scales.set(one.slot.scale, Math.max(scales.get(one.slot.scale) ?? 0, sizeOf(matrix.data)))
  }
  return scales
}

/** @param point told of the element that is stood on, and whether it was chosen */
export const pictureOf = (root: HTMLElement, point: (pointed: Pointed, final: boolean) => void): Picture => {
  let structure = ''
  let placed: readonly Placed[] = []
  let known: Known = new Map()
  let redraw: () => void = () => {}
  const lines = svg('svg', { class: 'lines', 'aria-hidden': 'true' })

  const build = ({ config, told }: View): void => {
    const all: Placed[] = []
    const put: Put = (slot, level, sort) => {
      const label = symbolOf(slot.key.startsWith('x') ? slot.key : slot.key.replace(/^(\w+)/, `$1_${level}`))
      const sheet = sheetOf(label, `${slot.key} of level ${level}`, (index, final) => {
        const matrix = known.get(made.name)
        if (matrix) point({ name: made.name, row: Math.floor(index / matrix.cols), col: index % matrix.cols }, final)
      })
      const made: Placed = { slot, sort, name: slot.names[0]!, sheet }
      all.push(made)
      return sheet.element
    }
    root.replaceChildren(
      ...levelsOf({ config, told }).map((level) => levelElement(level, told.known, put, () => redraw())),
      lines,
    )
    placed = all
  }

  /** Where the middle of a cell is, within the picture. */
  const middle = ({ name, row, col }: Pointed): readonly [number, number] | undefined => {
    const one = placed.find((each) => each.name === name)
    const at = one && !isFolded(one) ? one.sheet.middleOf(row * known.get(name)!.cols + col) : undefined
    const box = root.getBoundingClientRect()
    return at && [at[0] - box.left, at[1] - box.top]
  }

  const show = (view: View, telling: Telling | undefined, pointed: Pointed | undefined): void => {
    const { told, config, source, phases, cursor } = view
    const rows = told.start.given.get('x')!.rows
    const next = JSON.stringify([config.units, config.passes, config.biases, rows, source?.frame])
    if (next !== structure) build(view)
    structure = next
    known = told.known
    const done = doneBy(view)
    const lit = new Set(phases[cursor]?.results ?? [])
    const parts = partsOf(telling)
    const shown = ({ slot }: Placed): Matrix | undefined => known.get(latest(slot.names, known, done) ?? '')
    const scales = scalesOf(placed, shown)
    for (const one of placed) {
      one.name = latest(one.slot.names, known, done) ?? one.slot.names[0]!
      if (isFolded(one)) continue
      const like = known.get(one.name)
      const indexOf = ({ row, col }: Pick<Part, 'row' | 'col'>): number => row * (like?.cols ?? 1) + col
      one.sheet.show({
        ...cellsOf(like, one.sort, source),
        matrix: shown(one),
        most: roundUp(scales.get(one.slot.scale) ?? 1),
        lit: lit.has(one.name),
        selected: pointed?.name === one.name && like ? indexOf(pointed) : undefined,
        marks: parts.filter(({ name }) => name === one.name).map((part) => ({ index: indexOf(part), strength: part.strength })),
      })
    }
    redraw = () => show(view, telling, pointed)
    lines.replaceChildren(...linesTo(pointed, parts, middle))
  }

  addEventListener('resize', () => redraw())
  return { show }
}
