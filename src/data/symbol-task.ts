/** A task of predicting the next symbol of sequences that are at hand. */

import { batchesOf, heldBatches, requireFits, type AtHand, type Batching } from './batches.js'
import { evenlyOutOf, sequenceCount, type Corpus } from './corpus.js'
import { countsOf, symbolMarks } from './symbol-marks.js'
import { accountOf, batchKey, type Part, type Task, type Unit } from './task.js'

export interface SymbolTask extends AtHand<Corpus> {
  readonly name: string
  /** what the sequences are; how they are batched is added */
  readonly title: string
  readonly unit: Unit
  readonly symbols: readonly string[]
}

/** How the batches of a figure were made is a part of its title: the two ways are two protocols. */
export const BATCHING_TITLES: Readonly<Record<Batching, string>> = { random: 'random batches', length: 'batches by length' }

/**
 * Inputs are one-hot and outputs a softmax over all symbols, exact whatever their number: nothing is sampled. Of
 * 10,000 words a row of input has 40 kB, and almost all of a step's time is the output's; engines find the one column
 * of M_1 that a one-hot input selects, which costs next to nothing.
 * @throws ConfigError where a batch would not fit into memory
 */
export const symbolTask = (given: SymbolTask): Task => {
  const { name, title, unit, symbols, training, held, rows, batching, scored } = given
  const scoredOf = (corpus: Corpus): Corpus => (scored === undefined ? corpus : evenlyOutOf(corpus, scored))
  const parts: Readonly<Record<Part, Corpus>> = { validation: scoredOf(held.validation), test: scoredOf(held.test) }
  for (const corpus of [training, parts.validation, parts.test]) requireFits(corpus, { inputs: symbols.length, rows })
  const batches = batchesOf(training, { inputs: symbols.length, rows, batching })
  const counts = once(() => countsOf(training, symbols.length))
  return {
    name,
    title: `${title}, ${BATCHING_TITLES[batching]}${scored === undefined ? '' : `, ${scored} sequences of each held part scored`}`,
    inputs: symbols.length,
    output: 'softmax',
    unit,
    epoch: batches.epoch,
    training: (key, index) => batches.batch(batchKey(key), index),
    held: (part) => heldBatches(parts[part], { rows, inputs: symbols.length }),
    marks: (part) => symbolMarks(counts(), parts[part], unit),
    padding: batches.padding,
    ...accountOf(given, sequenceCount),
    symbols,
  }
}

/** Counting takes seconds, and not every run asks for marks. */
export const once = <Value>(make: () => Value): (() => Value) => {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
