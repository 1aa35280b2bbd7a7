/** What a network is trained and scored on: a stream of batches, and what its scores are read against. */

import { callable, field, oneOf, optional, record, requireField, requireFields, text, wholeFrom } from '../fields.js'
import { exp } from '../numeric/elementary.js'
import { requireKey, split, type Key } from '../numeric/random.js'
import type { Config } from '../ptncn/config.js'
import { meanLoss } from '../ptncn/scores.js'
import type { Sequence } from '../engine/engine.js'

/** Data that nothing is trained on: the one to choose settings by, the other to report. */
export type Part = 'validation' | 'test'

/** All units of scores. */
export const UNITS = ['nats a frame', 'bits a symbol', 'perplexity', 'half squared error a step'] as const
/**
 * What a mean loss is shown as: one a frame or symbol, in nats, or one a step of a series: half the squared error, summed
 * over its columns, each in deviations of its training part. [S1] [S2] [S3]
 */
export type Unit = (typeof UNITS)[number]

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

/** Parts of data, and the files that they were read from. */
export interface FromFiles<Data> {
  /** none where data are made, or come with the package */
  readonly files?: readonly DataFile[]
  readonly training: Data
  readonly held: Readonly<Record<Part, Data>>
}

/** The account of a task's data, where it was read from files. */
export const accountOf = <Data>(
  { files, training, held }: FromFiles<Data>,
  countOf: (data: Data) => number,
): Pick<Task, 'data'> => {
  const counts = { training: countOf(training), validation: countOf(held.validation), test: countOf(held.test) }
  return files ? { data: { files, counts } } : {}
}

/** The size of a frame, in pixels: `rows` high and `cols` wide. */
export interface Frame {
  readonly rows: number
  readonly cols: number
}

/** What made the numbers of a series inputs, one element a column: input = (number - mean) / deviation. */
export interface Scaling {
  /** of the training part; the number itself where it is the same in all of it */
  readonly mean: readonly number[]
  /** of the training part, with the count as divisor; 1 where that would be 0 */
  readonly deviation: readonly number[]
  /** their names, where the file has them */
  readonly columns?: readonly string[]
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
  readonly output: Config['output']
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
  /** of inputs that are the pixels of a frame, row by row */
  readonly frame?: Frame
  /** of inputs that are the numbers of a series */
  readonly scaling?: Scaling
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
const SIDE = wholeFrom(1)
const areNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && Array.from(value).every(Number.isFinite)

/** What a scaling may be. */
export const SCALING = field<Scaling>('a mean and a deviation > 0 for each input', (value) => {
  const { mean, deviation } = record.holds(value) ? value : {}
  return areNumbers(mean) && areNumbers(deviation) && mean.length === deviation.length && deviation.every((one) => one > 0)
})

const KINDS = {
  name: text(1000),
  title: text(10_000),
  inputs: wholeFrom(1),
  output: oneOf<Config['output']>('softmax', 'sigmoid', 'identity'),
  unit: oneOf<Unit>(...UNITS),
  training: callable,
  held: callable,
  marks: callable,
  epoch: optional(wholeFrom(1)),
  frame: optional(
    field<Frame>('rows and columns, whole numbers >= 1', (value) => {
      const { rows, cols } = record.holds(value) ? value : {}
      return SIDE.holds(rows) && SIDE.holds(cols)
    }),
  ),
  scaling: optional(SCALING),
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

/** A loss over `count` frames, symbols or steps, in a unit. */
export const inUnit = (unit: Unit, loss: number, count: number): number => {
  const mean = meanLoss({ loss, count })
  if (unit === 'bits a symbol') return mean / Math.LN2
  return unit === 'perplexity' ? exp(mean) : mean
}
