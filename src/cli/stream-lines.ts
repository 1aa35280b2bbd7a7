/** Lines as inputs, and predictions as lines: of numbers, or of symbols. */

import { mismatch, PtncnError, show } from '../errors.js'
import type { Scaling } from '../data/task.js'
import { RARE } from '../data/text.js'
import type { Streamed } from '../experiment/stream.js'
import type { Line } from '../io/lines.js'
import { parseJson } from '../io/json.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Config } from '../ptncn/config.js'
import { oneHot } from '../ptncn/state.js'

/** How a network's inputs are written. */
export interface Notation {
  /** the input of a step, 1 x n_0; none where a line is empty, which ends a sequence. @throws UsageError that names the line */
  readonly read: (line: Line) => Matrix | undefined
  /** bytes of a line that can be right */
  readonly longest: number
  /** a prediction in a few words */
  readonly words: (prediction: Matrix) => string
  /** what came, in a few words, beside its prediction */
  readonly came: (x: Matrix, prediction: Matrix) => string
  /** a prediction whole, with what stands out of it, as fields of a JSON record */
  readonly fields: (prediction: Matrix) => Readonly<Record<string, unknown>>
}

const numbersIn = ({ data }: Matrix): readonly number[] => Array.from({ length: data.length }, (_, i) => data[i]!)

/** A prediction or an input is of so many numbers in a line for people. */
const MOST_SHOWN = 8
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
/** Bytes that a number may take, with what divides it from the next. */
const LONGEST_NUMBER = 64

const inFew = (values: readonly number[]): string => {
  const shown = values.slice(0, MOST_SHOWN).map((value) => value.toPrecision(4))
  return [...shown, ...(values.length > MOST_SHOWN ? ['...'] : [])].join(' ')
}

/** What a column was before it was standardised; as it is where nothing is said. */
const unscaled = ({ mean, deviation }: Scaling, values: readonly number[]): readonly number[] =>
  values.map((value, i) => value * deviation[i]! + mean[i]!)

/** Numbers divided by commas or blanks, of a series in its own scale. Grey values, and all that a sigmoid predicts, are from 0 to 1. */
export const numberNotation = ({ units, output }: Config, scaling?: Scaling): Notation => {
  const [width] = units as readonly [number]
  const own = (matrix: Matrix): readonly number[] => (scaling ? unscaled(scaling, numbersIn(matrix)) : numbersIn(matrix))
  const expected = `${width} ${width === 1 ? 'number' : 'numbers'}${width === 1 ? '' : ', divided by commas or blanks'}`
  const read = ({ number, text }: Line): Matrix | undefined => {
    if (text.trim() === '') return undefined
    const parts = text.trim().split(/\s*,\s*|\s+/)
    if (parts.length !== width) throw mismatch('UsageError', `line ${number}`, expected, text)
    const data = Float32Array.from(parts, (part, i) => {
      const value = DECIMAL.test(part) ? Number(part) : NaN
      const input = Math.fround(scaling ? (value - scaling.mean[i]!) / scaling.deviation[i]! : value)
      if (Number.isFinite(input) && (output !== 'sigmoid' || (input >= 0 && input <= 1))) return input
      const what = output === 'sigmoid' ? 'a number from 0 to 1' : 'a finite number'
      throw mismatch('UsageError', `line ${number}, number ${i + 1}`, what, part)
    })
    return { rows: 1, cols: width, data }
  }
  return {
    read,
    longest: LONGEST_NUMBER * (width + 1),
    words: (prediction) => inFew(own(prediction)),
    came: (x) => inFew(own(x)),
    fields: (prediction) => ({ prediction: own(prediction) }),
  }
}

/** A symbol that is seen as it stands in a line, or as JSON writes it. */
const plain = (symbol: string): string => (/^[^\s"\p{C}]+$/u.test(symbol) ? symbol : JSON.stringify(symbol))

/** A line that is no symbol as it stands may be one in JSON: `"\n"`. */
const spelled = (text: string): string | undefined => {
  if (!text.startsWith('"')) return undefined
  try {
    const value = parseJson(text)
    return typeof value === 'string' ? value : undefined
  } catch (error) {
    if (error instanceof PtncnError) return undefined
    throw error
  }
}

/** One symbol a line; people see the `top` most probable ones, of equal ones the first. */
export const symbolNotation = (symbols: readonly string[], top: number, all: boolean): Notation => {
  const places = new Map(symbols.map((symbol, i) => [symbol, i]))
  const ranked = ({ data }: Matrix): readonly number[] =>
    symbols
      .map((_, i) => i)
      .sort((a, b) => data[b]! - data[a]! || a - b)
      .slice(0, top)
  const read = ({ number, text }: Line): Matrix | undefined => {
    if (text === '' && !places.has('')) return undefined
    const place = places.get(text) ?? places.get(spelled(text) ?? text) ?? (/^.$/u.test(text) ? places.get(RARE) : undefined)
    if (place !== undefined) return oneHot([place], symbols.length)
    throw mismatch(
      'UsageError',
      `line ${number}`,
      `one of the ${symbols.length} symbols that the network knows`,
      text,
      few(symbols),
    )
  }
  const word = ({ data }: Matrix, i: number): string => `${plain(symbols[i]!)} ${data[i]!.toFixed(3)}`
  return {
    read,
    longest: 1024 + 8 * Math.max(...symbols.map(({ length }) => length)),
    words: (prediction) =>
      ranked(prediction)
        .map((i) => word(prediction, i))
        .join(', '),
    came: (x, prediction) => word(prediction, numbersIn(x).indexOf(1)),
    fields: (prediction) => ({
      prediction: numbersIn(prediction),
      ...(all && { top: ranked(prediction).map((i) => ({ symbol: symbols[i], probability: prediction.data[i] })) }),
    }),
  }
}

const few = (symbols: readonly string[]): string => `they are ${show(symbols)}`

/** `12  predicted T 0.531  got B 0.117  error 2.145`; in the first step of a sequence nothing is scored. */
export const inWords = (notation: Notation, { t, prediction, loss }: Streamed, x: Matrix, ahead?: Matrix): string =>
  [
    String(t),
    `predicted ${notation.words(prediction)}`,
    `got ${notation.came(x, prediction)}`,
    `error ${loss === undefined ? '-' : loss.toPrecision(4)}`,
    ...(ahead ? [`ahead ${notation.words(ahead)}`] : []),
  ].join('  ')

export const asRecord = (notation: Notation, { sequence, t, prediction, loss, correct }: Streamed, ahead?: Matrix) => ({
  sequence,
  t,
  ...notation.fields(prediction),
  loss: loss ?? null,
  ...(correct !== undefined && { correct }),
  ...(ahead && { ahead: notation.fields(ahead) }),
})
