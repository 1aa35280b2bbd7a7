/** Where the training of any learner stands, as the bytes of one file: its model is whatever tree of values it may be. */

import { mismatch } from '../../errors.js'
import { readJson, requireRecord } from '../../io/json.js'
import { decodeTensors, encodeTensors, type Tensors } from '../../io/safetensors.js'
import type { Matrix } from '../../numeric/matrix.js'
import type { Standing } from '../train.js'

const isMatrix = (value: object): value is Matrix => 'rows' in value && 'cols' in value && 'data' in value
const isTree = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** f of every matrix of a tree; all else stays. */
const mapMatrices = (tree: unknown, f: (matrix: Matrix, path: string) => unknown, path: string): unknown => {
  if (!isTree(tree)) return tree
  if (isMatrix(tree)) return f(tree, path)
  if (Array.isArray(tree)) return tree.map((item, i) => mapMatrices(item, f, `${path}.${i}`))
  return Object.fromEntries(Object.entries(tree).map(([name, item]) => [name, mapMatrices(item, f, `${path}.${name}`)]))
}

/** All matrices of a tree, by their paths. */
export const matricesOf = (tree: unknown): Tensors => {
  const tensors: Tensors = new Map()
  mapMatrices(tree, (matrix, path) => tensors.set(path, matrix), 'model')
  return tensors
}

/** What a tree is but for its numbers: kinds, names, and the shapes of its matrices. */
const formOf = (tree: unknown): string =>
  JSON.stringify(
    mapMatrices(tree, ({ rows, cols }) => ({ matrix: [rows, cols] }), 'model'),
    (_, value: unknown) => (typeof value === 'number' ? 0 : value),
  )

export const encodeStanding = <Model>(
  { snapshot, ...rest }: Standing<Model>,
  about: Readonly<Record<string, unknown>>,
): Uint8Array => {
  const model = mapMatrices(snapshot, (_, path) => ({ tensor: path }), 'model')
  return encodeTensors(matricesOf(snapshot), { format: 'ptncn-standing', standing: JSON.stringify({ model, rest, about }) })
}

/**
 * @param like a model of the same learner, whose form the file's has to have
 * @throws FileError
 */
export const decodeStanding = <Model>(
  bytes: Uint8Array,
  like: Model,
): { readonly standing: Standing<Model>; readonly about: Readonly<Record<string, unknown>> } => {
  const { tensors, metadata } = decodeTensors(bytes)
  if (metadata['format'] !== 'ptncn-standing') throw mismatch('FileError', 'format', 'ptncn-standing', metadata['format'])
  const { model, rest, about } = requireRecord('standing', readJson('standing', metadata['standing']))
  const filled = (tree: unknown): unknown => {
    if (!isTree(tree)) return tree
    if (typeof tree['tensor'] === 'string') return tensors.get(tree['tensor'])
    if (Array.isArray(tree)) return tree.map(filled)
    return Object.fromEntries(Object.entries(tree).map(([name, item]) => [name, filled(item)]))
  }
  const snapshot = filled(model)
  if (formOf(snapshot) !== formOf(like)) throw mismatch('FileError', 'model', 'the form of this learner', 'another')
  return {
    standing: { ...(rest as Omit<Standing<Model>, 'snapshot'>), snapshot: snapshot as Model },
    about: requireRecord('about', about),
  }
}
