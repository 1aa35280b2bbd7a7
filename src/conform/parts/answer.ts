/** What the reference answers where one part of it is asked for: initial weights, a function, a checkpoint. [pr-parts] */

import { mismatch, show } from '../../errors.js'
import { requireField, text } from '../../fields.js'
import { decodeCheckpoint, encodeCheckpoint } from '../../io/checkpoint.js'
import { keyOf } from '../../numeric/random.js'
import { initialWeights, labelled } from '../../ptncn/weights.js'
import { decodeConfig, readTensor, refuse, toHex, type Fields, type Part } from '../port/wire.js'
import { FUNCTIONS, RANGES, type Kind } from './functions.js'

const isKind = (value: unknown, kind: Kind): value is number => {
  const [least, most] = RANGES[kind]
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

/** Whole numbers, each of its kind. */
const readWhole = (what: string, value: unknown, kinds: readonly Kind[]): readonly number[] => {
  const list: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined
  if (list?.length === kinds.length && list.every((one, i) => isKind(one, kinds[i]!))) return list as readonly number[]
  throw mismatch(
    'ShapeError',
    what,
    `${kinds.length} whole numbers: ${kinds.map((kind) => RANGES[kind].join('..')).join(', ')}`,
    value,
  )
}

/** The initial weights of a configuration and a seed. [wt-init] */
const initial = (request: Fields): object => {
  const config = decodeConfig(request['config'])
  const [seed] = readWhole('seed', [request['seed']], ['whole'])
  const weights = labelled(initialWeights(config, keyOf(seed!))).map(([label, weight]) => [label, toHex(weight)])
  return { ok: true, weights: Object.fromEntries(weights) }
}

const applied = (request: Fields): object => {
  const { name, x, words } = request
  const found = typeof name === 'string' && Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  if (!found) return refuse('unsupported', `no function ${show(name)}`)
  if (found.ofTensor) return { ok: true, value: toHex(found.ofTensor(readTensor('x', x))) }
  if (found.ofWhole) return { ok: true, words: found.ofWhole.apply(...readWhole('words', words, found.ofWhole.kinds)) }
  if (!Array.isArray(words) || words.length === 0) throw mismatch('ShapeError', 'words', 'a list of one or more words', words)
  const read = readWhole(
    'words',
    words,
    words.map(() => 'word'),
  )
  return { ok: true, value: toHex({ rows: 1, cols: read.length, data: Float32Array.from(read, found.ofWords!) }) }
}

/** The bytes that hexadecimal digits spell, two a byte. */
export const bytesOf = (value: unknown): Uint8Array => {
  const spelt = requireField('ShapeError', 'bytes', value, text(Infinity))
  if (spelt.length % 2 !== 0 || !/^[0-9a-f]*$/.test(spelt)) {
    throw mismatch('ShapeError', 'bytes', 'two lowercase hexadecimal digits a byte', spelt)
  }
  return Uint8Array.from({ length: spelt.length / 2 }, (_, i) => Number.parseInt(spelt.slice(2 * i, 2 * i + 2), 16))
}

export const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** A checkpoint read, and written anew. [ck-format] */
const rewritten = (request: Fields): object => ({
  ok: true,
  bytes: hexOf(encodeCheckpoint(decodeCheckpoint(bytesOf(request['bytes'])))),
})

/** The answer, without its id. @throws PtncnError where the request is not valid */
export const answerPart = (part: Part, request: Fields): object =>
  ({ init: initial, function: applied, checkpoint: rewritten })[part](request)
