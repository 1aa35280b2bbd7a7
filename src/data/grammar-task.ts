/** The embedded Reber grammar as a task: sequences without end to train on, and fixed ones to score. */

import { keyOf, split, type Key } from '../numeric/random.js'
import type { Sequence } from '../engine/engine.js'
import { oneHotInputs } from './batches.js'
import type { Corpus } from './corpus.js'
import { bestPrediction, REBER_SYMBOLS, reberSequence } from './grammar.js'
import { countsOf, symbolMarks } from './symbol-marks.js'
import { batchKey, inUnit, type Part, type Task } from './task.js'

/** The sequences of a part are the same for every seed. */
const SEEDS: Readonly<Record<Part, number>> = { validation: 20_200_102, test: 20_200_101 }
const HELD_BATCHES = 20
const HELD_ROWS = 50
/** Training sequences that symbols are counted in; of no run, so that the marks are those of the task. */
const COUNTED_SEED = 20_200_103
const COUNTED = 10_000

const rowsOf = (key: Key, rows: number): number[][] => Array.from({ length: rows }, (_, row) => reberSequence(split(key, row)))

/** `rows` sequences of the grammar; row i is the same in batches of all sizes. */
const reberBatch = (key: Key, rows: number): Sequence => ({
  inputs: oneHotInputs(rowsOf(split(key, 0), rows), REBER_SYMBOLS.length),
  key: split(key, 1),
})

const heldKeys = (part: Part): Key[] => Array.from({ length: HELD_BATCHES }, (_, i) => split(keyOf(SEEDS[part]), i))

const corpusOf = (sequences: readonly (readonly number[])[]): Corpus => {
  const starts = new Uint32Array(sequences.length + 1)
  sequences.forEach((sequence, i) => (starts[i + 1] = starts[i]! + sequence.length))
  return { symbols: Uint16Array.from(sequences.flat()), starts }
}

/** The part of all rows and steps of these batches that is padding. */
const paddingOf = (batches: readonly (readonly number[][])[]): number => {
  const count = (of: (rows: readonly number[][]) => number): number => batches.reduce((sum, rows) => sum + of(rows), 0)
  const cells = count((rows) => rows.length * Math.max(...rows.map((row) => row.length)))
  return 1 - count((rows) => rows.flat().length) / cells
}

export const reberTask = (rows: number): Task => {
  const unit = 'bits a symbol'
  const heldCorpus = (part: Part): Corpus => corpusOf(heldKeys(part).flatMap((key) => rowsOf(split(key, 0), HELD_ROWS)))
  const batches = Array.from({ length: Math.ceil(COUNTED / rows) }, (_, i) =>
    rowsOf(split(split(keyOf(COUNTED_SEED), i), 0), rows),
  )
  const counts = countsOf(corpusOf(batches.flat()), REBER_SYMBOLS.length)
  return {
    name: 'reber',
    title: 'Embedded Reber grammar, one sequence a row, the first symbol not scored, random batches',
    inputs: REBER_SYMBOLS.length,
    output: 'softmax',
    unit,
    training: (key, index) => reberBatch(split(batchKey(key), index), rows),
    held: (part) => heldKeys(part).map((key) => reberBatch(key, HELD_ROWS)),
    marks: (part) => [
      { label: 'floor', value: inUnit(unit, bestPrediction().nats, 1) },
      ...symbolMarks(counts, heldCorpus(part), unit),
    ],
    padding: paddingOf(batches),
    symbols: REBER_SYMBOLS,
  }
}
