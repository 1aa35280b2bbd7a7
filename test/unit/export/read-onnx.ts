/** What the bytes of an ONNX model say, read by the wire format alone: the writer's opposite, for tests. */

import type { Attribute, Constant, Graph, Node, Port } from '../../../src/io/onnx/model.js'

type Fields = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>

/** Fields by number, in the order in which they came. */
const fieldsOf = (bytes: Uint8Array): Fields => {
  const fields = new Map<number, (bigint | Uint8Array)[]>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('the bytes end within a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const [field, kind] = [tag >>> 3, tag & 7]
    if (kind !== 0 && kind !== 2) throw new Error(`field ${field} is of kind ${kind}`)
    const length = varint()
    const value = kind === 0 ? length : bytes.subarray(at, (at += Number(length)))
    fields.set(field, [...(fields.get(field) ?? []), value])
  }
  return fields
}

const all = (fields: Fields, field: number): readonly Uint8Array[] => (fields.get(field) ?? []) as readonly Uint8Array[]
const one = (fields: Fields, field: number): Uint8Array => all(fields, field)[0] ?? new Uint8Array()
const texts = (fields: Fields, field: number): readonly string[] =>
  all(fields, field).map((bytes) => new TextDecoder().decode(bytes))
const text = (fields: Fields, field: number): string => texts(fields, field)[0] ?? ''
const wholes = (fields: Fields, field: number): readonly number[] =>
  ((fields.get(field) ?? []) as readonly bigint[]).map((value) => Number(BigInt.asIntN(64, value)))
const whole = (fields: Fields, field: number): number => wholes(fields, field)[0] ?? 0

const TYPES = { 1: 'float', 7: 'int64', 9: 'bool' } as const
const typeOf = (number: number) => TYPES[number as 1]

const portOf = (bytes: Uint8Array): Port => {
  const fields = fieldsOf(bytes)
  const tensor = fieldsOf(one(fieldsOf(one(fields, 2)), 1))
  const sizes = all(fieldsOf(one(tensor, 2)), 1).map(fieldsOf)
  const shape = sizes.map((size) => (size.has(1) ? whole(size, 1) : text(size, 2)))
  return { name: text(fields, 1), type: typeOf(whole(tensor, 1)), shape }
}

const constantOf = (bytes: Uint8Array): Constant => {
  const fields = fieldsOf(bytes)
  const type = typeOf(whole(fields, 2)) as Constant['type']
  const raw = one(fields, 9)
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length)
  const size = type === 'float' ? 4 : 8
  const value = (_: unknown, i: number): number =>
    type === 'float' ? view.getFloat32(size * i, true) : Number(view.getBigInt64(size * i, true))
  return { name: text(fields, 8), type, shape: wholes(fields, 1), data: Array.from({ length: raw.length / size }, value) }
}

const attributeOf = (fields: Fields): Attribute => {
  const kind = whole(fields, 20)
  if (kind === 5) return graphOf(one(fields, 6))
  return kind === 2 ? whole(fields, 3) : wholes(fields, 8)
}

const nodeOf = (bytes: Uint8Array): Node => {
  const fields = fieldsOf(bytes)
  const attributes = all(fields, 5).map(fieldsOf)
  return {
    name: text(fields, 3),
    type: text(fields, 4),
    inputs: texts(fields, 1),
    outputs: texts(fields, 2),
    attributes: Object.fromEntries(attributes.map((attribute) => [text(attribute, 1), attributeOf(attribute)])),
  }
}

const graphOf = (bytes: Uint8Array): Graph => {
  const fields = fieldsOf(bytes)
  return {
    name: text(fields, 2),
    inputs: all(fields, 11).map(portOf),
    outputs: all(fields, 12).map(portOf),
    constants: all(fields, 5).map(constantOf),
    nodes: all(fields, 1).map(nodeOf),
  }
}

/** A model as it was written, with the versions of its format. */
export const readModel = (bytes: Uint8Array) => {
  const fields = fieldsOf(bytes)
  const pairs = all(fields, 14).map((pair) => fieldsOf(pair))
  return {
    ...graphOf(one(fields, 7)),
    ir: whole(fields, 1),
    opset: whole(fieldsOf(one(fields, 8)), 2),
    producer: { name: text(fields, 2), version: text(fields, 3) },
    about: text(fields, 6),
    metadata: Object.fromEntries(pairs.map((pair) => [text(pair, 1), text(pair, 2)])),
  }
}
