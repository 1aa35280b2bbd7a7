/** Sequences of symbols, end to end in one array: a corpus of millions of symbols is two blocks of memory. */

import { mismatch, type PtncnError } from '../errors.js'

export interface Corpus {
  /** numbers of symbols, sequence after sequence */
  readonly symbols: Uint16Array
  /** where each sequence begins, and, one element more, where the last one ends */
  readonly starts: Uint32Array
}

/** Where sequences begin and end, whatever they are of. */
export type Lengths = Pick<Corpus, 'starts'>

/** The longest sequence: a batch is as long as its longest row, and one-hot. */
export const LONGEST_SEQUENCE = 10_000

export const sequenceCount = ({ starts }: Lengths): number => starts.length - 1
export const lengthOf = ({ starts }: Lengths, sequence: number): number => starts[sequence + 1]! - starts[sequence]!
/** A sequence, not copied. */
export const symbolsOf = ({ symbols, starts }: Corpus, sequence: number): Uint16Array =>
  symbols.subarray(starts[sequence]!, starts[sequence + 1]!)

export const longest = (corpus: Lengths): number =>
  corpus.starts.reduce((most, _, i) => (i === 0 ? 0 : Math.max(most, lengthOf(corpus, i - 1))), 0)

/** The places of `count` of `all`, evenly out of them; of all where there are no more. */
export const evenPlaces = (all: number, count: number): Uint32Array =>
  Uint32Array.from({ length: Math.min(all, count) }, (_, i) => (count >= all ? i : Math.floor(((i + 0.5) * all) / count)))

/** So many of the sequences, evenly out of all; all of them where there are no more. */
export const evenlyOutOf = (corpus: Corpus, count: number): Corpus => {
  const all = sequenceCount(corpus)
  if (count >= all) return corpus
  const chosen = Array.from(evenPlaces(all, count), (place) => symbolsOf(corpus, place))
  const starts = Uint32Array.from({ length: count + 1 }, () => 0)
  chosen.forEach(({ length }, i) => (starts[i + 1] = starts[i]! + length))
  const symbols = new Uint16Array(starts[count]!)
  chosen.forEach((sequence, i) => symbols.set(sequence, starts[i]!))
  return { symbols, starts }
}

/** What is being filled with sequences. */
export interface Builder {
  readonly add: (symbol: number) => void
  /** ends the sequence; one without symbols is left out */
  readonly end: () => void
  /** @throws FileError where there is no sequence */
  readonly done: () => Corpus
}

/** A corpus of at most `most` symbols, from a file whose errors are named so. */
export const corpusBuilder = (most: number, file: string): Builder => {
  const symbols = new Uint16Array(most)
  const starts = [0]
  let [length, begin] = [0, 0]
  return {
    add: (symbol) => {
      if (length - begin >= LONGEST_SEQUENCE) {
        const got = `more after ${starts.length - 1} sequences`
        throw mismatch('FileError', file, `lines of at most ${LONGEST_SEQUENCE} symbols`, got)
      }
      symbols[length++] = symbol
    },
    end: () => {
      if (length > begin) starts.push(length)
      begin = length
    },
    done: () => {
      if (starts.length === 1) throw mismatch('FileError', file, 'at least one line', 0)
      return { symbols: symbols.slice(0, length), starts: Uint32Array.from(starts) }
    },
  }
}

/** A symbol of a line that is none of those that may be there; lines count from 1. */
export const wrongSymbol = (file: string, line: number, expected: string, got: unknown, remedy = ''): PtncnError =>
  mismatch('FileError', `${file}, line ${line}`, expected, got, remedy)
