/**
 * An ONNX model as bytes: of its protobuf schema (onnx.proto, IR version 8) the fields that a graph of matrices needs. The
 * numbers of the fields are those of the schema.
 */

import { mismatch } from '../../errors.js'
import type { Floats } from '../../numeric/matrix.js'
import { bytes, each, join, message, sizeOf, text, whole, type Part } from './protobuf.js'

/** The numbers of the schema. */
export const TYPE = { float: 1, int64: 7, bool: 9 } as const
export type TypeName = keyof typeof TYPE

/** A size that is known, or the name of one that is not. */
export type Size = number | string

/** What goes in or comes out. */
export interface Port {
  readonly name: string
  readonly type: TypeName
  readonly shape: readonly Size[]
}

/** Numbers that stand in the model. */
export interface Constant {
  readonly name: string
  readonly type: 'float' | 'int64'
  readonly shape: readonly number[]
  readonly data: Floats
}

/** A whole number, a list of them, or the graph that an operator runs. */
export type Attribute = number | readonly number[] | Graph

/** An operator with its inputs and its outputs. */
export interface Node {
  readonly name: string
  readonly type: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** Nodes stand in an order in which they can be done. */
export interface Graph {
  readonly name: string
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly constants: readonly Constant[]
  readonly nodes: readonly Node[]
}

/** A graph with what is told about it. */
export interface Model extends Graph {
  readonly about: string
  readonly producer: { readonly name: string; readonly version: string }
  readonly metadata: Readonly<Record<string, string>>
}

/** Of April 2022: every runtime of today reads it. */
const IR_VERSION = 8
export const OPSET = 17

/** Protocol buffers end there. */
const MOST_BYTES = 2 ** 31 - 1

const ATTRIBUTE = { whole: 2, graph: 5, wholes: 7 } as const

/** The bytes of a model. @throws FileError where they would be more than the format can have */
export const encodeModel = (model: Model): Uint8Array => {
  const part = modelPart(model)
  const size = sizeOf(part)
  if (size > MOST_BYTES) throw mismatch('FileError', 'model', `at most ${MOST_BYTES} bytes, the most of its format`, size)
  return join(part)
}

const modelPart = (model: Model): Part => [
  ...whole(1, IR_VERSION),
  ...text(2, model.producer.name),
  ...text(3, model.producer.version),
  ...text(6, model.about),
  ...message(7, graphPart(model)),
  ...message(8, text(1, ''), whole(2, OPSET)),
  ...each(Object.entries(model.metadata), ([key, value]) => message(14, text(1, key), text(2, value))),
]

const graphPart = ({ name, nodes, constants, inputs, outputs }: Graph): Part => [
  ...each(nodes, (node) => message(1, nodePart(node))),
  ...text(2, name),
  ...each(constants, (constant) => message(5, constantPart(constant))),
  ...each(inputs, (port) => message(11, portPart(port))),
  ...each(outputs, (port) => message(12, portPart(port))),
]

const nodePart = ({ name, type, inputs, outputs, attributes }: Node): Part => [
  ...each(inputs, (input) => text(1, input)),
  ...each(outputs, (output) => text(2, output)),
  ...text(3, name),
  ...text(4, type),
  ...each(Object.entries(attributes), ([key, value]) => message(5, text(1, key), attributePart(value))),
]

const attributePart = (value: Attribute): Part => {
  if (typeof value === 'number') return [...whole(3, value), ...whole(20, ATTRIBUTE.whole)]
  if ('nodes' in value) return [...message(6, graphPart(value)), ...whole(20, ATTRIBUTE.graph)]
  return [...each(value, (one) => whole(8, one)), ...whole(20, ATTRIBUTE.wholes)]
}

const portPart = ({ name, type, shape }: Port): Part => {
  const size = (one: Size): Part => message(1, typeof one === 'number' ? whole(1, one) : text(2, one))
  return [...text(1, name), ...message(2, message(1, whole(1, TYPE[type]), message(2, each(shape, size))))]
}

const constantPart = ({ name, type, shape, data }: Constant): Part => [
  ...each(shape, (size) => whole(1, size)),
  ...whole(2, TYPE[type]),
  ...text(8, name),
  ...bytes(9, rawData(type, data)),
]

/** Little endian, whatever this machine is. */
const rawData = (type: Constant['type'], data: Floats): Uint8Array => {
  const size = type === 'float' ? 4 : 8
  const raw = new Uint8Array(size * data.length)
  const view = new DataView(raw.buffer)
  for (let i = 0; i < data.length; i++) {
    if (type === 'float') view.setFloat32(size * i, data[i]!, true)
    else view.setBigInt64(size * i, BigInt(data[i]!), true)
  }
  return raw
}
