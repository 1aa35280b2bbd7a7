/** The operations of the equations on values of a graph, by the names that `numeric` has for them. [ar-round] [ar-product] */

import { TYPE, type Size } from '../../io/onnx/model.js'
import type { Build, Value } from './build.js'

/** What the broadcasting of one row, one column or one number gives. */
const wider = (a: Size, b: Size): Size => (a === 1 ? b : a)
const elementwise =
  (type: string) =>
  (g: Build, a: Value, b: Value): Value =>
    g.op(type, [a, b], { rows: wider(a.rows, b.rows), cols: wider(a.cols, b.cols) })

export const add = elementwise('Add')
export const subtract = elementwise('Sub')
export const multiply = elementwise('Mul')
export const divide = elementwise('Div')
/** Where an element is less, or greater; of NaN neither holds. */
export const less = elementwise('Less')
export const lessOrEqual = elementwise('LessOrEqual')
export const greater = elementwise('Greater')
export const equal = elementwise('Equal')

const each =
  (type: string) =>
  (g: Build, a: Value): Value =>
    g.op(type, [a], a)

export const abs = each('Abs')
export const negate = each('Neg')
export const sqrt = each('Sqrt')
export const exp = each('Exp')
export const log = each('Log')

/** A binary32 number. */
export const number = (g: Build, value: number): Value => g.held(String(value), 'float', [1, 1], [value])
const axis = (g: Build, value: number): Value => g.held(`axis ${value}`, 'int64', [1], [value])

/** k a; a itself where k is 1, as that changes no bit. */
export const scale = (g: Build, k: number, a: Value): Value => (k === 1 ? a : multiply(g, number(g, k), a))

export const choose = (g: Build, condition: Value, a: Value, b: Value): Value => {
  const size = (of: 'rows' | 'cols'): Size => wider(condition[of], wider(a[of], b[of]))
  return g.op('Where', [condition, a, b], { rows: size('rows'), cols: size('cols') })
}

export const product = (g: Build, a: Value, b: Value): Value => g.op('MatMul', [a, b], { rows: a.rows, cols: b.cols })

/** a' b. Gemm reads a by columns, where a Transpose would copy it. */
export const productLeftTransposed = (g: Build, a: Value, b: Value): Value =>
  g.op('Gemm', [a, b], { rows: a.cols, cols: b.cols }, { transA: 1 })

export const transpose = (g: Build, a: Value): Value => g.op('Transpose', [a], { rows: a.cols, cols: a.rows }, { perm: [1, 0] })

const summed = { keepdims: 1 } as const
export const rowSums = (g: Build, a: Value): Value => g.op('ReduceSum', [a, axis(g, 1)], { rows: a.rows, cols: 1 }, summed)
export const columnSums = (g: Build, a: Value): Value => g.op('ReduceSum', [a, axis(g, 0)], { rows: 1, cols: a.cols }, summed)
export const total = (g: Build, a: Value): Value => g.op('ReduceSum', [a], { rows: 1, cols: 1 }, summed)

export const softmax = (g: Build, a: Value): Value => g.op('Softmax', [a], a, { axis: 1 })

/** The place of the first largest element of each row. */
export const largest = (g: Build, a: Value): Value =>
  g.op('ArgMax', [a], { rows: a.rows, cols: 1 }, { axis: 1, keepdims: 1, select_last_index: 0 })

/** As binary32: true is 1. */
export const asFloat = (g: Build, a: Value): Value => g.op('Cast', [a], a, { to: TYPE.float })

/** As a whole number of 64 bits. */
export const asWhole = (g: Build, a: Value): Value => g.op('Cast', [a], a, { to: TYPE.int64 })

/** How many rows there are, a number that is known when the graph runs. */
export const rowCount = (g: Build, a: Value): Value => asFloat(g, g.op('Shape', [a], { rows: 1, cols: 1 }, { start: 0, end: 1 }))
