/** Beside each clause of the text: what the network on the page has there, at the step and phase where it stands. */

import { decimal } from '../../explain/decimal.js'
import type { Matrix } from '../../numeric/matrix.js'
import type { View } from '../bench.js'
import { h } from './dom.js'
import { shortName } from './inspector.js'
import { doneBy } from './levels.js'
import type { Pointed } from './marks.js'

const [ROWS, COLS] = [4, 6] as const

type Point = (pointed: Pointed, final: boolean) => void

const cellButton = (name: string, matrix: Matrix, row: number, col: number, point: Point, first: boolean): HTMLElement => {
  const pointed = { name, row, col }
  const value = matrix.data[row * matrix.cols + col]!
  const said = `${valueText(value)}, ${name}, row ${row}, column ${col}`
  return h(
    'button',
    {
      type: 'button',
      class: 'value',
      tabindex: first ? '0' : '-1',
      'aria-label': said,
      onmouseenter: () => point(pointed, false),
      onfocus: () => point(pointed, true),
      onclick: () => point(pointed, true),
    },
    valueText(value),
  )
}

const valueText = (value: number): string => {
  const text =
    value === 0
      ? decimal(value)
      : Math.abs(value) >= 1e-4 && Math.abs(value) < 1e4
        ? Number(value.toPrecision(4)).toString()
        : value.toExponential(2)
  return text.replace(/^-/, '\u2212')
}

/** Arrow keys move among the numbers of a table; Tab leaves it. */
const roving = (event: KeyboardEvent): void => {
  const target = event.target as HTMLElement
  const [cell, table] = [target.closest('td'), target.closest('table')]
  if (!cell || !table) return
  const row = cell.parentElement as HTMLTableRowElement
  const moves: Record<string, readonly [number, number]> = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
  }
  const move = moves[event.key]
  if (!move) return
  event.preventDefault()
  const next = table.rows[row.rowIndex + move[0]]?.cells[cell.cellIndex + move[1]]?.querySelector('button')
  if (!next) return
  target.tabIndex = -1
  next.tabIndex = 0
  next.focus()
}

const tableOf = (name: string, matrix: Matrix, point: Point): HTMLElement => {
  const [rows, cols] = [Math.min(ROWS, matrix.rows), Math.min(COLS, matrix.cols)]
  const body = Array.from({ length: rows }, (_, i) =>
    h(
      'tr',
      {},
      ...Array.from({ length: cols }, (_, j) => h('td', {}, cellButton(name, matrix, i, j, point, i === 0 && j === 0))),
      i === 0 && matrix.cols > cols && h('td', { class: 'muted', rowspan: String(rows) }, `\u2026 ${matrix.cols - cols} more`),
    ),
  )
  const more = matrix.rows > rows ? h('caption', {}, `and ${matrix.rows - rows} rows more`) : false
  return h('table', { class: 'values', onkeydown: roving }, more, h('tbody', {}, ...body))
}

interface Place {
  readonly root: HTMLElement
  readonly clause: string
  /** the result that was chosen, where a clause has several */
  chosen: string | undefined
}

export interface Live {
  readonly show: (view: View) => void
}

/** @param seek goes to a phase of the step */
export const liveOf = (roots: readonly HTMLElement[], point: Point, seek: (phase: number) => void): Live => {
  const places = roots.map((root): Place => ({ root, clause: root.dataset['clause']!, chosen: undefined }))
  const seen = new Set<HTMLElement>()
  let view: View | undefined

  const fill = (place: Place): void => {
    if (!view) return
    const { told, phases, cursor } = view
    const results = told.rules.filter(({ equation }) => equation === place.clause).map(({ id }) => id)
    if (results.length === 0) return place.root.replaceChildren()
    const name = place.chosen !== undefined && results.includes(place.chosen) ? place.chosen : results[0]!
    const phase = phases.findIndex((one) => one.results.includes(name))
    const is = doneBy(view).has(name)
    const choose = h(
      'select',
      {
        'aria-label': `result of ${place.clause}`,
        onchange: (event: Event) => {
          place.chosen = (event.target as HTMLSelectElement).value
          fill(place)
        },
      },
      ...results.map((id) => h('option', { value: id, ...(id === name && { selected: true }) }, id)),
    )
    const matrix = told.known.get(name)!
    const head = h(
      'div',
      { class: 'live-head' },
      results.length > 1 ? choose : h('span', {}, ...shortName(name)),
      h('small', {}, `${matrix.rows} \u00d7 ${matrix.cols}`),
    )
    const go = h(
      'button',
      { type: 'button', class: 'quiet', onclick: () => seek(phase) },
      cursor < phase ? 'not yet: go on to it' : 'go to it',
    )
    place.root.classList.toggle('now', phases[cursor]?.equation === place.clause)
    place.root.replaceChildren(head, is ? tableOf(name, matrix, point) : go)
  }
  // what is watched is the clause, and what is filled the room in it
  const roomOf = new Map(places.map((place) => [place.root.closest('section') ?? place.root, place]))
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const root = target as HTMLElement
        if (isIntersecting) seen.add(root)
        else seen.delete(root)
        if (isIntersecting) fill(roomOf.get(root)!)
      }
    },
    { rootMargin: '300px' },
  )
  for (const section of roomOf.keys()) watcher.observe(section)
  return {
    show: (next) => {
      view = next
      for (const [section, place] of roomOf) if (seen.has(section as HTMLElement)) fill(place)
    },
  }
}
