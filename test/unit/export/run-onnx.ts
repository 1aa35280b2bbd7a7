/**
 * Runs a graph operator by operator in the arithmetic of SPEC.md, so that what a graph says can be compared to the bit. It
 * knows the operators of ONNX and nothing of P-TNCN. Whole numbers and truths are numbers in lists here.
 */

import type { Graph, Node } from '../../../src/io/onnx/model.js'
import { exp, log, softmax, tanh } from '../../../src/numeric/elementary.js'
import { transpose, type Matrix } from '../../../src/numeric/matrix.js'
import { product, productLeftTransposed } from '../../../src/numeric/product.js'
import { columnSums, rowSums, total } from '../../../src/numeric/sum.js'

/** Values by name; what has the steps in front is a list of matrices. */
export type Values = Map<string, Matrix | readonly Matrix[]>

const made = (rows: number, cols: number, value: (i: number, j: number) => number): Matrix => ({
  rows,
  cols,
  data: Array.from({ length: rows * cols }, (_, e) => value(Math.floor(e / cols), e % cols)),
})
const broadcast = (f: (...values: number[]) => number, ...given: readonly Matrix[]): Matrix => {
  const size = (of: 'rows' | 'cols'): number => Math.max(...given.map((one) => one[of]))
  const element = ({ rows, cols, data }: Matrix, i: number, j: number): number =>
    data[(rows === 1 ? 0 : i) * cols + (cols === 1 ? 0 : j)]!
  return made(size('rows'), size('cols'), (i, j) => f(...given.map((one) => element(one, i, j))))
}
const firstLargest = ({ cols, data }: Matrix, i: number): number => {
  let best = 0
  for (let j = 1; j < cols; j++) if (data[i * cols + j]! > data[i * cols + best]!) best = j
  return best
}
const { fround, sqrt, abs } = Math

/** Of the elements, each by itself. */
const ELEMENTWISE: Readonly<Record<string, (...values: number[]) => number>> = {
  Identity: (a) => a!,
  Cast: (a) => a!,
  Add: (a, b) => fround(a! + b!),
  Sub: (a, b) => fround(a! - b!),
  Mul: (a, b) => fround(a! * b!),
  Div: (a, b) => fround(a! / b!),
  Less: (a, b) => Number(a! < b!),
  LessOrEqual: (a, b) => Number(a! <= b!),
  Greater: (a, b) => Number(a! > b!),
  Equal: (a, b) => Number(a === b),
  Abs: (a) => abs(a!),
  Neg: (a) => -a!,
  Sqrt: (a) => fround(sqrt(a!)),
  Exp: (a) => exp(a!),
  Log: (a) => log(a!),
  Tanh: (a) => tanh(a!),
  Where: (condition, a, b) => (condition ? a! : b!),
}

/** Of whole matrices. */
const OPERATORS: Readonly<Record<string, (node: Node, ...given: Matrix[]) => Matrix>> = {
  MatMul: (_, a, b) => product(a!, b!),
  Gemm: (_, a, b) => productLeftTransposed(a!, b!),
  Transpose: (_, a) => transpose(a!),
  Softmax: (_, a) => softmax(a!),
  ArgMax: (_, a) => made(a!.rows, 1, (i) => firstLargest(a!, i)),
  Shape: (_, a) => made(1, 1, () => a!.rows),
  ReduceSum: (_, a, axis) => {
    if (!axis) return made(1, 1, () => total(a!))
    return axis.data[0] === 1 ? rowSums(a!) : columnSums(a!)
  },
}

const scan = ({ attributes, inputs, outputs }: Node, outer: Values): Values => {
  const body = attributes['body'] as Graph
  const fed = attributes['num_scan_inputs'] as number
  const given = inputs.map((name) => outer.get(name)!)
  let carried = given.slice(0, -fed) as Matrix[]
  const sequences = given.slice(-fed) as (readonly Matrix[])[]
  const results: Matrix[][] = outputs.slice(carried.length).map(() => [])
  for (let t = 0; t < sequences[0]!.length; t++) {
    const feeds = [...carried, ...sequences.map((one) => one[t]!)]
    const after = run(body, new Map([...outer, ...body.inputs.map(({ name }, i) => [name, feeds[i]!] as const)]))
    const out = body.outputs.map(({ name }) => after.get(name) as Matrix)
    carried = out.slice(0, carried.length)
    out.slice(carried.length).forEach((value, i) => results[i]!.push(value))
  }
  return new Map(outputs.map((name, i) => [name, carried[i] ?? results[i - carried.length]!]))
}

/** The outputs of a graph, by name. */
export const run = (graph: Graph, feeds: Values): Values => {
  const values: Values = new Map(feeds)
  for (const { name, shape, data } of graph.constants) {
    values.set(name, { rows: shape.length > 1 ? shape[0]! : 1, cols: shape.at(-1)!, data })
  }
  for (const node of graph.nodes) {
    if (node.type === 'Scan') {
      for (const [name, value] of scan(node, values)) values.set(name, value)
      continue
    }
    const given = node.inputs.map((name) => values.get(name) as Matrix)
    if (given.includes(undefined as never)) throw new Error(`${node.name} reads what is not there`)
    const each = ELEMENTWISE[node.type]
    values.set(node.outputs[0]!, each ? broadcast(each, ...given) : OPERATORS[node.type]!(node, ...given))
  }
  return new Map(graph.outputs.map(({ name }) => [name, values.get(name)!]))
}
