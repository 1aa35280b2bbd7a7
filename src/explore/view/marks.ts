/** Which cells had to do with a number that is told, and lines from them to it. */

import type { Telling } from '../../explain/telling.js'
import { css, scaleOf, themeNow } from './colour.js'
import { svg } from './dom.js'

/** An element of a tensor that is pointed at. */
export interface Pointed {
  readonly name: string
  readonly row: number
  readonly col: number
}

/** An operand: how much of the number it made, and with which sign. */
export interface Part extends Pointed {
  readonly strength: number
  readonly signed: number
}

/** How much each operand had to do with the number that is told. */
export const partsOf = (telling: Telling | undefined): readonly Part[] => {
  const terms =
    telling?.lines.flatMap(({ terms: of = [], operands, value }) => [
      ...of,
      ...(operands.length > 0 ? [{ operands, value }] : []),
    ]) ?? []
  const most = terms.reduce((size, { value }) => Math.max(size, Math.abs(value)), Number.MIN_VALUE)
  return terms.flatMap(({ operands, value }) =>
    operands.map(({ name, row, col }) => ({ name, row, col, strength: Math.abs(value) / most, signed: value })),
  )
}

type Point = readonly [number, number]

const MOST_LINES = 28
const WEAKEST = 0.02
/** Places in the scale of colours, not quite at its ends. */
const INSET = 16

/** Lines from the cells that made a number to it, the strongest of them; `middle` is where a cell is, where it is drawn. */
export const linesTo = (
  pointed: Pointed | undefined,
  parts: readonly Part[],
  middle: (one: Pointed) => Point | undefined,
): readonly SVGElement[] => {
  const to = pointed && middle(pointed)
  if (!to) return []
  const scale = scaleOf(themeNow())
  const strongest = parts.filter(({ strength }) => strength > WEAKEST).sort((a, b) => b.strength - a.strength)
  const drawn = strongest.slice(0, 3 * MOST_LINES).flatMap((part) => {
    const from = middle(part)
    if (!from) return []
    return [
      svg('path', {
        d: `M${from[0]} ${from[1]}Q${(from[0] + to[0]) / 2} ${(from[1] + to[1]) / 2 - 24} ${to[0]} ${to[1]}`,
        stroke: css(part.signed < 0 ? scale[INSET]! : scale.at(-1 - INSET)!),
        'stroke-width': 0.75 + 2.5 * part.strength,
        'stroke-opacity': 0.35 + 0.6 * part.strength,
      }),
    ]
  })
  return drawn.slice(0, MOST_LINES)
}
