/**
 * A graph while it is built: operators are asked for, and their results handed on. What is asked for twice is computed
 * once. Every result of an equation is told by its name in a trace [pr-trace], and the operators that made it go under it.
 */

import type { Constant, Graph, Node, Port, Size, TypeName } from '../../io/onnx/model.js'
import type { Floats } from '../../numeric/matrix.js'

/** A matrix that is known when the graph runs; all are of two dimensions. */
export interface Value {
  /** its place among what was made; its name is given when the graph is whole */
  readonly id: number
  readonly rows: Size
  readonly cols: Size
}

/** What an operator makes. */
export interface Shape {
  readonly rows: Size
  readonly cols: Size
}

export type Attributes = Readonly<Record<string, number | readonly number[]>>

/** A graph that grows. */
export interface Build {
  readonly input: (name: string, rows: Size, cols: Size, type?: TypeName) => Value
  /** numbers that the graph holds, of one dimension where `rows` and `cols` say so */
  readonly held: (name: string, type: Constant['type'], shape: readonly number[], data: Floats) => Value
  readonly op: (type: string, inputs: readonly Value[], shape: Shape, attributes?: Attributes) => Value
  /** the result of an equation, under its name; in a trace it is an output */
  readonly see: (name: string, value: Value) => Value
  /** what comes out, by a clause that says so */
  readonly output: (name: string, value: Value, clause: string, type?: TypeName) => void
  readonly whole: () => Omit<Graph, 'name'>
}

interface Made {
  readonly type: string
  readonly inputs: readonly Value[]
  readonly output: Value
  readonly attributes: Attributes
  /** of which equation */
  group: string
}

/** Begins a graph. With `traced`, each result of an equation is an output of its own, under its name. */
export const newBuild = (traced: boolean): Build => {
  const [inputs, outputs]: [Port[], { port: Port; id: number }[]] = [[], []]
  const constants: Constant[] = []
  const made: Made[] = []
  const known = new Map<string, Value>()
  const names = new Map<number, string>()
  let [last, grouped] = [0, 0]

  const value = (rows: Size, cols: Size): Value => ({ id: last++, rows, cols })
  const named = (name: string, rows: Size, cols: Size): Value => {
    const one = value(rows, cols)
    names.set(one.id, name)
    return one
  }
  const op: Build['op'] = (type, from, { rows, cols }, attributes = {}) => {
    const key = JSON.stringify([type, from.map(({ id }) => id), attributes])
    const found = known.get(key)
    if (found) return found
    const output = value(rows, cols)
    known.set(key, output)
    made.push({ type, inputs: from, output, attributes, group: '' })
    return output
  }
  /** A value that has a name already gets another one by a copy. */
  const fresh = (one: Value): Value => {
    const copy = value(one.rows, one.cols)
    made.push({ type: 'Identity', inputs: [one], output: copy, attributes: {}, group: '' })
    return copy
  }
  const put = (name: string, one: Value, type: TypeName, under: string): void => {
    const own = names.has(one.id) ? fresh(one) : one
    names.set(own.id, name)
    outputs.push({ port: { name, type, shape: [own.rows, own.cols] }, id: own.id })
    group(under)
  }
  const group = (name: string): void => {
    for (; grouped < made.length; grouped++) made[grouped]!.group = name
  }
  return {
    input: (name, rows, cols, type = 'float') => {
      inputs.push({ name, type, shape: [rows, cols] })
      return named(name, rows, cols)
    },
    held: (name, type, shape, data) => {
      const key = `held ${name}`
      const found = known.get(key)
      if (found) return found
      constants.push({ name, type, shape, data })
      const one = named(name, shape[0] ?? 1, shape[1] ?? 1)
      known.set(key, one)
      return one
    },
    op,
    see: (name, one) => {
      if (traced) put(name, one, 'float', name)
      else group(name)
      return one
    },
    output: (name, one, clause, type = 'float') => put(name, one, type, `${clause}.${name}`),
    whole: () => {
      const nodes = nodesOf(made, names)
      const read = new Set(nodes.flatMap((node) => node.inputs))
      const held = constants.filter(({ name }) => read.has(name))
      return { inputs, outputs: outputs.map(({ port }) => port), constants: held, nodes }
    },
  }
}

/** Nodes with names that nothing else has: the equation, the operator and, after the first, a number. */
const nodesOf = (made: readonly Made[], given: ReadonlyMap<number, string>): readonly Node[] => {
  const names = new Map(given)
  const times = new Map<string, number>()
  return made.map(({ type, inputs, output, attributes, group }) => {
    const label = `${group}/${type}`
    const time = (times.get(label) ?? 0) + 1
    times.set(label, time)
    const name = time === 1 ? label : `${label}.${time}`
    if (!names.has(output.id)) names.set(output.id, name)
    return { name, type, inputs: inputs.map(({ id }) => names.get(id)!), outputs: [names.get(output.id)!], attributes }
  })
}
