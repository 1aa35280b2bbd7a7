/** What a number is told with: operands by their names, terms in their order, and the lines that lead from them to it. */

import { at, type Matrix } from '../numeric/matrix.js'
import type { Get, Setting } from '../conform/equations/exact.js'
import type { Rule } from '../conform/equations/graph.js'
import { plain } from './decimal.js'

const { fround } = Math

/** One element of a tensor of the trace, or of what came in. */
export interface Operand {
  /** as in a trace: `W_1`, `C1.e_0^1`, `y_1[t-1]` */
  readonly name: string
  readonly row: number
  readonly col: number
  readonly value: number
}

/** One term of a sum: the operands, what they make, and the sum with it. */
export interface Term {
  readonly operands: readonly Operand[]
  readonly value: number
  readonly sum: number
}

/** One line of the telling: an operation with its result, or a sum with its terms. */
export interface Line {
  readonly what: string
  readonly operands: readonly Operand[]
  /** of a sum, in the order in which they are added */
  readonly terms?: readonly Term[]
  readonly value: number
}

/** What a teller of an equation knows: the rule, what it reads, and which element is asked for. */
export interface Asked {
  readonly rule: Rule
  readonly get: Get
  readonly setting: Setting
  readonly row: number
  readonly col: number
}

/** A scalar of the configuration, with its value. */
export const valued = (name: string, value: number): string => `${name} (${plain(value)})`

export const has = ({ rule }: Asked, part: string): boolean => rule.reads[part] !== undefined

/** An element of what the rule reads under a part. */
export const operand = ({ rule, get }: Asked, part: string, row: number, col: number): Operand => ({
  name: rule.reads[part]!,
  row,
  col,
  value: at(get(part), row, col),
})

/** An operation on operands, with its result rounded once. */
export const line = (what: string, value: number, operands: readonly Operand[] = []): Line => ({
  what,
  operands,
  value: fround(value),
})

/** A sum of products that begins at +0, each product and each addition rounded once. [ar-product] */
export const sumOfProducts = (what: string, pairs: readonly (readonly [Operand, Operand])[]): Line => {
  let sum = 0
  const terms = pairs.map((operands): Term => {
    const value = fround(operands[0].value * operands[1].value)
    sum = fround(sum + value)
    return { operands, value, sum }
  })
  return { what, operands: [], terms, value: sum }
}

/** A sum of elements that begins at +0. */
export const sumOf = (what: string, operands: readonly Operand[]): Line => {
  let sum = 0
  const terms = operands.map((one): Term => {
    sum = fround(sum + one.value)
    return { operands: [one], value: one.value, sum }
  })
  return { what, operands: [], terms, value: sum }
}

/** Row i of the left part times column j of the right one. */
export const dotted = (asked: Asked, left: string, right: string): Line => {
  const { rule, get, row, col } = asked
  const pairs = Array.from(
    { length: get(left).cols },
    (_, k) => [operand(asked, left, row, k), operand(asked, right, k, col)] as const,
  )
  return sumOfProducts(`${rule.reads[left]} ${rule.reads[right]}`, pairs)
}

/** A scalar of the optimiser's state. */
export const only = (asked: Asked, part: string): Operand => operand(asked, part, 0, 0)

export const rowOf = (a: Matrix, row: number): Matrix => ({
  rows: 1,
  cols: a.cols,
  data: Float32Array.from({ length: a.cols }, (_, j) => at(a, row, j)),
})
