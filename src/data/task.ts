/** What a network is trained and scored on: a stream of batches, and what its scores are read against. */

import { callable, field, oneOf, optional, requireField, requireFields, text, wholeFrom } from '../fields.js'
import { exp } from '../numeric/elementary.js'
import { requireKey, split, type Key } from '../numeric/random.js'
import { meanLoss } from '../ptncn/scores.js'
import type { Sequence } from '../engine/engine.js'

/** Data that nothing is trained on: the one to choose settings by, the other to report. */
export type Part = 'validation' | 'test'

/** What a mean loss a frame or symbol, in nats, is shown as. */
export type Unit = 'nats a frame' | 'bits a symbol' | 'perplexity'

/** A score that needs no learning, or that nothing can pass. */
export interface Mark {
  /** for people */
  readonly label: string
  /** in the unit of the task */
  readonly value: number
}

/** A file that a task was read from, known by what is in it, unpacked. */
export interface DataFile {
  readonly path: string
  readonly bytes: number
  /** 64 hexadecimal digits */
  readonly sha256: string
}

/** What a task was read from. */
export interface DataAccount {
  readonly files: readonly DataFile[]
  /** images, lines or pieces of each part */
  readonly counts: Readonly<Record<'training' | Part, number>>
}

/** Everything is a function of keys and indices: the same batch at any time, in any order. */
export interface Task {
  /** as in the options of a run */
  readonly name: string
  /** what a person reads above a figure, protocol included: `Penn Treebank by characters, random batches` */
  readonly title: string
  /** n_0 */
  readonly inputs: number
  /** what predicts it */
  readonly output: 'softmax' | 'sigmoid'
  /** of its scores */
  readonly unit: Unit
  /** batches of one pass over the training data; none where data are made without end */
  readonly epoch?: number
  /** batch number `index` of the training that belongs to a key */
  readonly training: (key: Key, index: number) => Sequence
  /** the same sequences at each call, made as they are asked for */
  readonly held: (part: Part) => Iterable<Sequence>
  /** trivial scores and, where known, the floor, on a part */
  readonly marks: (part: Part) => readonly Mark[]
  /** the part of all rows and steps of a pass over the training data that is padding, from 0 to 1 */
  readonly padding?: number
  /** what it was read from; none where data are made, or come with the package */
  readonly data?: DataAccount
  /** how each input of a softmax is written */
  readonly symbols?: readonly string[]
  /** of a frame, in pixels */
  readonly side?: number
}

/** The children of a run's key: what its weights are drawn from, and what its training batches are. */
export const STREAM = { weights: 0, batches: 1 } as const

/** What the training batches that belong to a key are drawn from. */
export const batchKey = (key: Key): Key => split(key, STREAM.batches)

/** Each symbol as it is written, or nothing. */
export const SYMBOLS = optional(
  field<readonly string[]>(
    'a list of texts',
    (value) => Array.isArray(value) && Array.from(value).every((one) => typeof one === 'string'),
  ),
)

const KINDS = {
  name: text(1000),
  title: text(10_000),
  inputs: wholeFrom(1),
  output: oneOf('softmax', 'sigmoid'),
  unit: oneOf<Unit>('nats a frame', 'bits a symbol', 'perplexity'),
  training: callable,
  held: callable,
  marks: callable,
  epoch: optional(wholeFrom(1)),
  side: optional(wholeFrom(1)),
  symbols: SYMBOLS,
}
const REMEDY = 'openTask opens one; one of your own has the fields of Task'

/** @throws UsageError where `task` is none */
export const requireTask = (task: Task): void => requireFields('UsageError', 'task', task, KINDS, REMEDY)

const PART = oneOf<Part>('validation', 'test')

/** A task whose functions refuse a wrong key, index or part in one line. */
export const guarded = (task: Task): Task => ({
  ...task,
  training: (key, index) => {
    requireKey('key', key)
    return task.training(key, requireField('ShapeError', 'index', index, wholeFrom(0)))
  },
  held: (part) => task.held(requireField('UsageError', 'part', part, PART)),
  marks: (part) => task.marks(requireField('UsageError', 'part', part, PART)),
})

/** A loss in nats over `count` frames or symbols, in a unit. */
export const inUnit = (unit: Unit, loss: number, count: number): number => {
  const nats = meanLoss({ loss, count })
  if (unit === 'bits a symbol') return nats / Math.LN2
  return unit === 'perplexity' ? exp(nats) : nats
}
