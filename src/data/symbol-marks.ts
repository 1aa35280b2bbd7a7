/** What predictions of symbols score that count, but do not learn; the marks of a task of symbols. */

import { inUnit, type Mark, type Unit } from './task.js'
import { lengthOf, sequenceCount, symbolsOf, type Corpus } from './corpus.js'

/** How often symbols, and pairs of neighbours, stand in a corpus; only symbols that are predicted count. */
export interface Counts {
  readonly unigrams: Float64Array
  /** of symbols that another one follows */
  readonly contexts: Float64Array
  /** by first * symbols + second; most pairs of words are in no corpus */
  readonly bigrams: ReadonlyMap<number, number>
}

/** Calls for each symbol that is predicted, with the one before it. */
const eachPair = (corpus: Corpus, see: (before: number, symbol: number) => void): void => {
  for (let i = 0; i < sequenceCount(corpus); i++) {
    const sequence = symbolsOf(corpus, i)
    for (let t = 1; t < lengthOf(corpus, i); t++) see(sequence[t - 1]!, sequence[t]!)
  }
}

export const countsOf = (corpus: Corpus, symbols: number): Counts => {
  const [unigrams, contexts] = [new Float64Array(symbols), new Float64Array(symbols)]
  const bigrams = new Map<number, number>()
  eachPair(corpus, (before, symbol) => {
    unigrams[symbol]!++
    contexts[before]!++
    const pair = before * symbols + symbol
    bigrams.set(pair, (bigrams.get(pair) ?? 0) + 1)
  })
  return { unigrams, contexts, bigrams }
}

/** Every symbol alike; by its count; by its count after the one before it. Counts are those of `counts`, and one more each. */
export const symbolMarks = ({ unigrams, contexts, bigrams }: Counts, part: Corpus, unit: Unit): Mark[] => {
  const symbols = unigrams.length
  const total = unigrams.reduce((sum, count) => sum + count, symbols)
  let [count, unigram, bigram] = [0, 0, 0]
  eachPair(part, (before, symbol) => {
    count++
    unigram -= Math.log((unigrams[symbol]! + 1) / total)
    bigram -= Math.log(((bigrams.get(before * symbols + symbol) ?? 0) + 1) / (contexts[before]! + symbols))
  })
  return [
    { label: 'uniform', value: inUnit(unit, count * Math.log(symbols), count) },
    { label: 'unigram', value: inUnit(unit, unigram, count) },
    { label: 'bigram', value: inUnit(unit, bigram, count) },
  ]
}
