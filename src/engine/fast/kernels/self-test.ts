/** Calls of the kernels by which two kinds of them are compared: for their speed, and bit for bit. */

import { FINITE, type Kernels, type SharedMemory } from './kernels.js'
import { Move, Unit } from './numbers.js'

const PANEL = 8
const ROW = 32
const START = 1024

/** Where what the calls read and write lies, for so many rows and panels at most: signals, weights, and the rest. */
const placesFor = (rows: number, panels: number) => {
  const [signal, weight] = [rows * panels * ROW, PANEL * panels * panels * ROW]
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => START + i * signal) as [number, number, number, number]
  const [w, u, f, s] = [0, 1, 2, 3].map((i) => START + 4 * signal + i * weight) as [number, number, number, number]
  const lanes = START + 4 * (signal + weight)
  const mask = lanes + 16 * PANEL * panels
  const room = mask + ROW * Math.ceil((4 * rows) / ROW)
  return { a, b, c, d, w, u, f, s, lanes, mask, room, end: room + ROW * PANEL * panels }
}
type Places = ReturnType<typeof placesFor>

/** Rows and panels of the calls that are timed. */
const [ROWS, PANELS] = [48, 32]
const LARGE = placesFor(ROWS, PANELS)

/** Rows, rows of the batch, and panels that are multiples of nothing, of which each block of a kernel gets some. */
const ODD = [
  [1, 1, 1],
  [1, 1, 5],
  [2, 3, 2],
  [3, 3, 5],
  [7, 9, 3],
  [9, 9, 4],
] as const
const SMALL = placesFor(9, 5)

/** Numbers at which arithmetic is special: zeros, subnormals, the largest, what is not finite. As bits. */
const SPECIAL = [0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000]
/** One number in so many is one of them. */
const SPARSE = 61

/** A word that looks like chance: a multiplication and a shift. */
const scrambled = (i: number): number => {
  const word = Math.imul(i + 1, 0x9e3779b1)
  return (word ^ (word >>> 15)) >>> 0
}

/** Numbers of both signs from 2^-3 to 2, by their exponents and fractions. */
const plain = (i: number): number => {
  const word = scrambled(i)
  return ((word & 0x80000000) | ((124 + ((word >>> 23) & 3)) << 23) | (word & 0x7fffff)) >>> 0
}

/** The bytes of memory that the calls need. */
export const CHECKED_BYTES = LARGE.end

const special = (i: number): number | undefined =>
  scrambled(i) % SPARSE === 0 ? SPECIAL[scrambled(~i) % SPECIAL.length] : undefined

/** What is timed. */
export const timedCalls = (kernels: Kernels): void => {
  const { a, b, c, w, u } = LARGE
  kernels.product(a, w, c, ROWS, ROWS, PANELS, PANELS, false)
  kernels.outer(a, b, u, 0, ROWS, PANELS, PANELS, 1, 1)
}

const UNITS = [Unit.tanh, Unit.sigmoid, Unit.relu, Unit.relu6, Unit.ltanh, Unit.sign, Unit.step, Unit.identity]
const MOVES = [Move.sgd, Move.momentum, Move.nesterov, Move.adam, Move.rmsprop, Move.beginSum, Move.addToSum]

type Call = (kernels: Kernels) => void

/** All kernels whose loops may be joined; a `norm` above 1 clips. */
const callsOn = (
  { a, b, c, d, w, u, f, s, lanes, mask, room }: Places,
  [rows, batch, panels]: readonly [number, number, number],
  norm: number,
): readonly Call[] => {
  const high = PANEL * panels
  const moving =
    (apply: (kernels: Kernels, move: Move) => void) =>
    (move: Move): Call =>
    (k) => {
      k.setOptimizer(0.01, 0.9, 0.9, 0.99, 0.9, 1e-8)
      k.setPowers(0.5, 0.25)
      k.setReduction(0.125, 1, 1, norm)
      apply(k, move)
    }
  return [
    (k) => k.product(a, w, c, rows, batch, panels, panels, false),
    (k) => k.product(a, w, c, rows, batch, panels, panels, true),
    (k) => k.outer(a, b, u, lanes, batch, panels, panels, -0.5, 0.25),
    (k) => k.outer(a, b, u, 0, batch, panels, panels, 1, 1),
    (k) => k.columnSums(b, u, lanes, batch, panels, 0.25),
    ...UNITS.map(
      (unit): Call =>
        (k) =>
          k.activate(unit, a, d, rows, batch, panels),
    ),
    (k) => k.addBias(d, w, rows, batch, panels),
    (k) => k.difference(mask, a, b, d, rows, batch, panels),
    (k) => k.subtract(a, b, d, rows, batch, panels),
    (k) => k.correct(c, b, d, 0.5, 0.25, 0.125, rows, batch, panels),
    (k) => k.correct(c, 0, d, 0.5, 0.25, 0.125, rows, batch, panels),
    (k) => k.check(d, rows, batch, panels),
    (k) => k.softmax(d, batch, high - 3, 0, rows),
    (k) => k.differenceRows(mask, d, b, c, batch, panels, 0, rows),
    (k) => k.draw(d, 1, rows, batch, 2, panels, 0x10003, -1, 0x9abcdef0, 5),
    (k) => k.keep(a, d, rows, batch, panels),
    (k) => k.drive(mask, a, d, 0.75, rows, batch, panels),
    (k) => k.drive(mask, a, d, 0, rows, batch, panels),
    (k) => k.sumSquaresOne(a, b, lanes, panels, panels, -0.5, 0.25),
    ...MOVES.map(moving((k, move) => k.apply(move, w, f, s, u, panels, high * ROW, high * ROW))),
    ...MOVES.map(moving((k, move) => k.applyTransposed(move, w, f, s, u, panels, panels, room))),
    ...MOVES.map(moving((k, move) => k.applyOne(move, w, f, s, a, b, room, panels, panels, high * ROW, -0.5))),
    (k) => k.fade(w, panels, high * ROW, high * ROW, 0.125),
    (k) => k.follow(u, lanes, high, panels, 1, norm, 0.5, 0.25),
    (k) => k.project(w, lanes, panels, high * ROW, high, 1),
  ]
}

const large = callsOn(LARGE, [ROWS, ROWS, PANELS], 2)

const checked = ODD.flatMap((sizes, i) => callsOn(SMALL, sizes, i % 2 === 0 ? 0.5 : 2))

/** A NaN is a NaN, whichever of its operands' bits it has. */
const CANONICAL_NAN = 0x7fc00000
const canonical = (word: number): number => ((word & 0x7fffffff) > 0x7f800000 ? CANONICAL_NAN : word)

/** FNV-1a, word by word. */
const digestOf = (words: Uint32Array): number =>
  words.reduce((hash, word) => Math.imul(hash ^ canonical(word), 0x01000193), 0x811c9dc5 | 0)

/**
 * What the kernels make of numbers of all kinds, on sizes that are multiples of nothing: after each call a digest of the
 * memory, and whether they saw what is not finite.
 */
export const bitsOf = (kernels: Kernels, memory: SharedMemory): readonly number[] => {
  const words = new Uint32Array(memory.buffer, 0, SMALL.end / 4)
  return checked.flatMap((call, i) => {
    // of each call's own, as not much is left of numbers that go through all
    words.forEach((_, at) => (words[at] = special(at + i) ?? plain(at + i)))
    // rows that are masked, whose differences are zeros of both signs
    for (let at = SMALL.mask / 4; at < SMALL.room / 4; at += 3) words[at] = 0
    call(kernels)
    return [digestOf(words), Number(kernels.sawAbove(FINITE))]
  })
}

/** Numbers on which all that is timed takes the same time. */
export const plainNumbers = (): Uint32Array => Uint32Array.from({ length: LARGE.end / 4 }, (_, i) => plain(i))

/** Everything on large sizes, so that it is compiled for good after some rounds. */
export const warmUp = (kernels: Kernels): void => {
  for (const call of large) call(kernels)
  kernels.sawAbove(FINITE)
}
