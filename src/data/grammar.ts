/**
 * The embedded Reber grammar (A. Cleeremans, D. Servan-Schreiber, J. McClelland, "Finite state automata and simple
 * recurrent networks", Neural Computation 1, 1989): a word of Reber's grammar between two equal symbols, T or P, which
 * a network has to remember over the whole word. What the best prediction scores follows from the grammar.
 */

import { uniform, type Key } from '../numeric/random.js'

export const REBER_SYMBOLS: readonly string[] = [...'BTPXSVE']

interface Move {
  readonly symbol: string
  /** the state after it; none at the end of the sequence */
  readonly to?: string
}

/** The word of Reber's grammar within, whose last E leads to the symbol that closes it. */
const within = (side: string): Record<string, readonly Move[]> => {
  const moves = { start: 'B1', 1: 'T2 P3', 2: 'S2 X4', 3: 'T3 V5', 4: 'X3 S6', 5: 'P4 V6', 6: 'Eend' }
  return Object.fromEntries(
    Object.entries(moves).map(([state, all]) => [
      side + state,
      all.split(' ').map((move) => ({ symbol: move[0]!, to: side + move.slice(1) })),
    ]),
  )
}

/** What may follow in each state, all moves of a state being equally probable. The symbols seen tell the state. */
const GRAMMAR: Readonly<Record<string, readonly Move[]>> = {
  begin: [{ symbol: 'B', to: 'outer' }],
  outer: [
    { symbol: 'T', to: 'Tstart' },
    { symbol: 'P', to: 'Pstart' },
  ],
  ...within('T'),
  ...within('P'),
  Tend: [{ symbol: 'T', to: 'last' }],
  Pend: [{ symbol: 'P', to: 'last' }],
  last: [{ symbol: 'E' }],
}

/** A sequence of the grammar as numbers of symbols: all of it is a function of the key. */
export const reberSequence = (key: Key): number[] => {
  const symbols: number[] = []
  let state: string | undefined = 'begin'
  while (state !== undefined) {
    const moves: readonly Move[] = GRAMMAR[state]!
    const move: Move = moves[Math.floor(uniform(key, symbols.length) * moves.length)]!
    symbols.push(REBER_SYMBOLS.indexOf(move.symbol))
    state = move.to
  }
  return symbols
}

/** Steps from the second symbol to the last but one, which repeats it. */
export const reberDistance = (length: number): number => length - 3

export interface BestPrediction {
  /** nats a predicted symbol: the entropy of the grammar, which nothing can pass */
  readonly nats: number
  /** the part of the predicted symbols that the most probable one is right about */
  readonly accuracy: number
  /** the mean length of a sequence, its first symbol included */
  readonly length: number
}

/**
 * Of who knows the grammar: the expected surprise of a sequence over the expected number of its predicted symbols,
 * all but the first.
 */
export const bestPrediction = (): BestPrediction => {
  const length = expectedSum(() => 1)
  const predicted = length - 1
  return {
    nats: expectedSum((moves) => Math.log(moves)) / predicted,
    accuracy: (expectedSum((moves) => 1 / moves) - 1) / predicted,
    length,
  }
}

/**
 * The expected sum, over the states that a sequence passes, of a function of the number of moves that each offers.
 * The sums from each state on satisfy sum = own + mean of those after it; every round of this brings them nearer to it
 * by a constant factor. From 0 they only grow, in binary64 too, so at last they no longer change.
 */
const expectedSum = (own: (moves: number) => number): number => {
  let sums: Record<string, number> = {}
  for (let changed = true; changed;) {
    const next = Object.fromEntries(
      Object.entries(GRAMMAR).map(([state, moves]) => {
        const after = moves.reduce((sum, { to }) => sum + (to === undefined ? 0 : (sums[to] ?? 0)), 0)
        return [state, own(moves.length) + after / moves.length]
      }),
    )
    changed = Object.keys(next).some((state) => next[state] !== sums[state])
    sums = next
  }
  return sums['begin']!
}
