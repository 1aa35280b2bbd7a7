/**
 * Batches of sequences of unequal length, of symbols or of numbers. Rows that have ended are padding: their mask is 0 and their
 * input all 0.
 */

import { mismatch } from '../errors.js'
import { below, keyOf, split, type Key } from '../numeric/random.js'
import type { Input } from '../ptncn/state.js'
import type { Sequence } from '../engine/engine.js'
import type { FromFiles } from './task.js'
import { lengthOf, longest, sequenceCount, symbolsOf, type Corpus, type Lengths } from './corpus.js'

/**
 * random: sequences in random order, cut into batches, as the P-TNCN authors do. length: sequences sorted by length,
 * equal ones in random order, cut into batches, and these in random order: little padding, but another protocol.
 */
export type Batching = 'random' | 'length'

/** What a task is made of whose sequences are at hand. */
export interface AtHand<Data> extends FromFiles<Data> {
  /** of a batch */
  readonly rows: number
  readonly batching: Batching
  /** sequences of each held part that are scored, evenly out of all; all where nothing is said */
  readonly scored?: number
}

export interface BatchOptions {
  /** n_0: symbols that there are */
  readonly inputs: number
  /** rows of a batch; the last one of a pass has what is left */
  readonly rows: number
  readonly batching: Batching
}

export interface Batches {
  /** batches of a pass over the corpus */
  readonly epoch: number
  /** the part of all rows and steps of a pass that is padding, for random batches the expected part */
  readonly padding: number
  /** one-hot, made when it is asked for; batch `index` belongs to pass floor(index / epoch) */
  readonly batch: (key: Key, index: number) => Sequence
}

/** Bytes of the inputs of a batch, one-hot and dense: 50 of the longest lines of the Penn Treebank's words have 170 MB. */
const LARGEST_BATCH = 2 ** 30
const FLOAT = 4

/** @throws ConfigError, which calls a step a `step` of so many inputs, where some batch of these rows would be larger */
export const requireFits = (corpus: Lengths, { rows, inputs }: Omit<BatchOptions, 'batching'>, step = 'symbols'): void => {
  const steps = longest(corpus)
  const most = Math.floor(LARGEST_BATCH / (FLOAT * inputs * steps))
  if (Math.min(rows, sequenceCount(corpus)) <= most) return
  const what = `at most ${most} rows, as a sequence has up to ${steps} ${step} of ${inputs}`
  throw mismatch('ConfigError', 'batch', what, rows, 'make it smaller, or cut the long sequences')
}

/** The children of a key. */
const STREAM = { passes: 0, units: 1 } as const

/** The inputs of some sequences, by their numbers: one a step, in which each of them is a row. */
export type InputsOf = (sequences: Uint32Array) => Input[]

export const batchesOf = (corpus: Corpus, options: BatchOptions): Batches =>
  batchesBy(corpus, options, (sequences) => oneHot(corpus, sequences, options.inputs))

/** The same of sequences of any kind. */
export const batchesBy = (
  corpus: Lengths,
  { rows, batching }: Pick<BatchOptions, 'rows' | 'batching'>,
  inputsOf: InputsOf,
): Batches => {
  const epoch = Math.ceil(sequenceCount(corpus) / rows)
  const order = batching === 'length' ? byLength : inRandomOrder
  const orderOf = lastKept((key) => order(corpus, rows, key))
  return {
    epoch,
    padding: batching === 'length' ? paddingByLength(corpus, rows) : paddingInRandomOrder(corpus, rows),
    batch: (key, index) => {
      const pass = orderOf(split(split(key, STREAM.passes), Math.floor(index / epoch)))
      return { inputs: inputsOf(pass[index % epoch]!), key: split(split(key, STREAM.units), index) }
    },
  }
}

/** What stochastic units draw from while they are scored: the same for every seed. */
const HELD_KEY = keyOf(0)

/** All sequences in batches for scores: the longest first, so that there is little padding. */
export const heldBatches = (corpus: Corpus, { rows, inputs }: Omit<BatchOptions, 'batching'>): Iterable<Sequence> => {
  const longestFirst = sortedByLength(
    corpus,
    Uint32Array.from({ length: sequenceCount(corpus) }, (_, i) => i),
  ).reverse()
  return heldBy(longestFirst, rows, (sequences) => oneHot(corpus, sequences, inputs))
}

/** Sequences of any kind in batches for scores, in this order; made anew whenever they are asked for. */
export const heldBy = function* (order: Uint32Array, rows: number, inputsOf: InputsOf): Iterable<Sequence> {
  for (const [i, sequences] of cut(order, rows).entries()) yield { inputs: inputsOf(sequences), key: split(HELD_KEY, i) }
}

/** A function of a key that remembers its last value: the batches of a pass are asked for one after another. */
const lastKept = <Value>(of: (key: Key) => Value): ((key: Key) => Value) => {
  let last: { readonly key: Key; readonly value: Value } | undefined
  return (key) => {
    if (last?.key[0] !== key[0] || last.key[1] !== key[1]) last = { key, value: of(key) }
    return last.value
  }
}

/** 0 to n - 1 in random order, each order as probable as any other: R. Fisher, F. Yates. */
export const permutation = (n: number, key: Key): Uint32Array => {
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = below(i + 1, key, i)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

const cut = (order: Uint32Array, rows: number): Uint32Array[] =>
  Array.from({ length: Math.ceil(order.length / rows) }, (_, i) => order.subarray(i * rows, (i + 1) * rows))

const inRandomOrder = (corpus: Lengths, rows: number, key: Key): Uint32Array[] =>
  cut(permutation(sequenceCount(corpus), key), rows)

const byLength = (corpus: Lengths, rows: number, key: Key): Uint32Array[] => {
  const batches = cut(sortedByLength(corpus, permutation(sequenceCount(corpus), split(key, 0))), rows)
  return Array.from(permutation(batches.length, split(key, 1)), (i) => batches[i]!)
}

/** The shortest first; of equal ones, which comes first stays so. */
const sortedByLength = (corpus: Lengths, order: Uint32Array): Uint32Array =>
  Uint32Array.from(Array.from(order).sort((a, b) => lengthOf(corpus, a) - lengthOf(corpus, b)))

const oneHot = (corpus: Corpus, sequences: Uint32Array, inputs: number): Input[] => {
  const rows = Array.from(sequences, (sequence) => symbolsOf(corpus, sequence))
  return oneHotInputs(rows, inputs)
}

/** One input a step; as many steps as the longest row has symbols. */
export const oneHotInputs = (rows: readonly ArrayLike<number>[], inputs: number): Input[] => {
  const steps = rows.reduce((most, row) => Math.max(most, row.length), 0)
  return Array.from({ length: steps }, (_, t) => {
    const x = new Float32Array(rows.length * inputs)
    const mask = new Float32Array(rows.length)
    rows.forEach((row, i) => {
      if (t >= row.length) return
      x[i * inputs + row[t]!] = 1
      mask[i] = 1
    })
    return { x: { rows: rows.length, cols: inputs, data: x }, mask: { rows: rows.length, cols: 1, data: mask } }
  })
}

/** Symbols of each row of a sequence. */
export const rowLengths = ({ inputs }: Sequence): number[] =>
  Array.from({ length: inputs[0]?.mask.rows ?? 0 }, (_, row) => inputs.filter(({ mask }) => mask.data[row] === 1).length)

/** Of all sequences together. */
const stepsOf = ({ starts }: Lengths): number => starts.at(-1)!

const sortedLengths = (corpus: Lengths): Uint32Array =>
  Uint32Array.from({ length: sequenceCount(corpus) }, (_, i) => lengthOf(corpus, i)).sort()

const paddingByLength = (corpus: Lengths, rows: number): number => {
  const batches = cut(sortedLengths(corpus), rows)
  return 1 - stepsOf(corpus) / batches.reduce((cells, lengths) => cells + lengths.length * lengths.at(-1)!, 0)
}

/** All random orders being equally probable, a batch is any `rows` of the sequences. */
const paddingInRandomOrder = (corpus: Lengths, rows: number): number => {
  const lengths = sortedLengths(corpus)
  const [whole, rest] = [Math.floor(lengths.length / rows), lengths.length % rows]
  const cells = whole * rows * expectedLongest(lengths, rows) + rest * expectedLongest(lengths, rest)
  return 1 - stepsOf(corpus) / cells
}

/**
 * The expected largest of `chosen` of n sorted numbers: the last, less each step up to it, times the probability that all
 * are below that step. All are among the i smallest with C(i, chosen) / C(n, chosen): 1 for i = n, and for i - 1 the part
 * (i - chosen) / i of that for i. Of equal numbers it is that number, to the bit.
 */
const expectedLongest = (sorted: Uint32Array, chosen: number): number => {
  let [expected, probability] = [sorted.at(-1)!, 1]
  for (let i = sorted.length; i > 1; i--) {
    probability *= Math.max(0, i - chosen) / i
    expected -= probability * (sorted[i - 1]! - sorted[i - 2]!)
  }
  return expected
}
