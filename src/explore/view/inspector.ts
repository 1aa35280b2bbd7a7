/** One number told: its clause, the operands, the sum that made it with its terms in order, and its bits. */

import { toBits } from '../../conform/port/wire.js'
import { decimal } from '../../explain/decimal.js'
import type { Line, Operand } from '../../explain/lines.js'
import { ruleOf, tellElement, type Telling } from '../../explain/telling.js'
import type { View } from '../bench.js'
import { h, symbolOf, type Child } from './dom.js'
import type { Pointed } from './marks.js'

const FIRST_TERMS = 24

/** Sign, exponent and fraction of a binary32 number. */
const bitsOf = (value: number): HTMLElement => {
  const bits = Number.parseInt(toBits(value), 16).toString(2).padStart(32, '0')
  const part = (from: number, to: number, name: string): HTMLElement =>
    h('span', { class: name, title: name }, bits.slice(from, to))
  return h(
    'span',
    { class: 'bits' },
    part(0, 1, 'sign'),
    part(1, 9, 'exponent'),
    part(9, 32, 'fraction'),
    h('code', {}, toBits(value)),
  )
}

const placeText = ({ row, col }: { readonly row: number; readonly col: number }): string => `[${row},${col}]`

/** A name without its clause, as it is read: `h` with its layer. */
export const shortName = (name: string): readonly Child[] => symbolOf(name.replace(/^(?:[A-Z]\d|op-state|sq-update)\./, ''))

type Go = (pointed: Pointed) => void

/** Words in which names of results are written as symbols. */
const withSymbols = (text: string): readonly Child[] =>
  text.split(/(\s+)/).flatMap((word): readonly Child[] => {
    const [, open, name, close] = /^(\(?)((?:[A-Z]\d\.)?[A-Za-z]+_\d+(?:\^\d+)?(?:\[t-1\])?)('?[),]*)$/.exec(word) ?? []
    return name === undefined ? [word] : [open!, ...shortName(name), close!]
  })

const operandButton = (operand: Operand, go: Go): HTMLElement =>
  h(
    'button',
    { class: 'operand', type: 'button', onclick: () => go(operand), title: `${operand.name}${placeText(operand)}` },
    ...shortName(operand.name),
    h('small', {}, placeText(operand)),
    h('b', {}, decimal(operand.value)),
  )

const between = (nodes: readonly Node[], sign: string): readonly Child[] =>
  nodes.flatMap((node, i) => (i === 0 ? [node] : [` ${sign} `, node]))

const termsTable = ({ terms = [] }: Line, go: Go): HTMLElement => {
  const rowOf = (i: number): HTMLElement => {
    const { operands, value, sum } = terms[i]!
    const buttons = operands.map((one) => operandButton(one, go))
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, String(i)),
      h('td', {}, ...between(buttons, '\u00d7')),
      h('td', { class: 'number' }, decimal(value)),
      h('td', { class: 'number' }, decimal(sum)),
    )
  }
  const head = h('tr', {}, ...['', 'operands', 'term', 'sum so far'].map((name) => h('th', { scope: 'col' }, name)))
  const body = h('tbody', {}, ...terms.slice(0, FIRST_TERMS).map((_, i) => rowOf(i)))
  const more = terms.length - FIRST_TERMS
  const table = h('table', { class: 'terms' }, h('thead', {}, head), body)
  const rest = (): void => {
    body.append(...terms.slice(FIRST_TERMS).map((_, i) => rowOf(FIRST_TERMS + i)))
    button.remove()
  }
  const button = h('button', { type: 'button', class: 'quiet', onclick: rest }, `the other ${more} terms`)
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'the terms of the sum' },
    table,
    more > 0 && button,
  )
}

const lineOf = (line: Line, go: Go): HTMLElement =>
  h(
    'li',
    {},
    h(
      'div',
      { class: 'line-head' },
      h(
        'span',
        {},
        ...withSymbols(line.what),
        line.terms && h('small', {}, ` (${line.terms.length} ${line.terms.length === 1 ? 'term' : 'terms'}, from +0 on)`),
      ),
      h('b', { class: 'number' }, decimal(line.value)),
    ),
    line.operands.length > 0 && h('div', { class: 'operands' }, ...line.operands.map((one) => operandButton(one, go))),
    line.terms && termsTable(line, go),
  )

/** What came in from outside the step. */
const origin = (name: string): string => {
  if (name === 'x') return 'The input of this step.'
  if (name === 'm') return 'The mask: 1 where a row of the batch has data, 0 where it is padding.'
  if (name === 'x[t-1]') return 'The input of the step before.'
  if (name.endsWith('[t-1]')) return `What the step before left. Step back to see how it came about.`
  return 'It came in from the steps before, and no equation has made it anew yet.'
}

/** The corrected state of the last pass has a name of its own. */
const alias = (name: string, { config }: View): readonly Child[] => {
  const [, level, pass] = /^C3\.z_(\d+)\^(\d+)$/.exec(name) ?? []
  return Number(pass) === config.passes ? [', which is ', ...symbolOf(`y_${level}`)] : []
}

export interface Inspector {
  /** tells of a number, and gives the telling; nothing is told where it has not come about yet */
  readonly show: (view: View, pointed: Pointed | undefined) => Telling | undefined
}

export const inspectorOf = (root: HTMLElement, go: Go): Inspector => {
  const hint = h(
    'p',
    { class: 'muted' },
    matchMedia('(hover: none)').matches
      ? 'Tap any cell or number: here stands how it came about.'
      : 'Point at any cell or number: here stands how it came about. A click keeps it; Tab and the arrow keys lead to all of them.',
  )
  root.replaceChildren(hint)
  return {
    show: (view, pointed) => {
      if (!pointed) return void root.replaceChildren(hint)
      const { told } = view
      const matrix = told.known.get(pointed.name)
      const rule = ruleOf(told, pointed.name)
      if (!matrix || pointed.row >= matrix.rows || pointed.col >= matrix.cols) return void root.replaceChildren(hint)
      const value = matrix.data[pointed.row * matrix.cols + pointed.col]!
      const telling = rule && tellElement(told, rule, pointed.row, pointed.col)
      const head = h(
        'header',
        {},
        h(
          'h3',
          {},
          ...shortName(pointed.name),
          h('small', {}, placeText(pointed)),
          ...alias(pointed.name, view),
          ' = ',
          h('b', { class: 'number' }, decimal(value)),
        ),
        rule ? h('a', { class: 'id', href: `#${rule.equation}` }, rule.equation) : false,
        bitsOf(value),
      )
      const lines = telling
        ? h('ol', { class: 'telling' }, ...telling.lines.map((line) => lineOf(line, go)))
        : h('p', {}, origin(pointed.name))
      const all = [head, lines]
      root.replaceChildren(...all)
      return telling
    },
  }
}
