/**
 * Rows of a batch that have ended for good: their mask is 0 from some step on to the end of the sequence. They add zeros to
 * every sum that is defined, so that a fast engine leaves them out; as long as what it does not compute would have been
 * finite, which is sure for small inputs, small weights and units whose values are bounded. Pure. [ar-finite] [sq-start]
 */

import type { Floats, Matrix } from '../../../numeric/matrix.js'
import type { Config } from '../../../ptncn/config.js'
import type { Input, State } from '../../../ptncn/state.js'
import type { Weights } from '../../../ptncn/weights.js'

/** Neither a function of the caller's, nor drawn row by row. */
const BOUNDED: readonly Config['activation'][] = ['tanh', 'sigmoid', 'relu6', 'ltanh', 'sign', 'step']
const LARGEST_INPUT = 2 ** 32
const LARGEST_WEIGHT = 2 ** 64
/** The bits of the largest number below the largest weight. */
export const SMALL_BITS = 0x5f7fffff

const isSmall = (numbers: Floats, limit: number, from = 0, to = numbers.length): boolean => {
  for (let i = from; i < to; i++) if (!(Math.abs(numbers[i]!) < limit)) return false
  return true
}

/** Whether rows may be left out, as far as the network goes. */
export const allowsLeavingOut = ({ activation }: Config, weights: Weights): boolean =>
  BOUNDED.includes(activation) && weights.every((layer) => matricesOf(layer).every(({ data }) => isSmall(data, LARGEST_WEIGHT)))

const matricesOf = (layer: Weights[number]): readonly Matrix[] => Object.values(layer)

/** For each row the steps until it has ended; all where an input behind that is not small. */
export const endsOf = (inputs: readonly Input[]): readonly number[] => {
  const { rows, cols } = inputs[0]!.x
  return Array.from({ length: rows }, (_, row) => {
    let end = inputs.length
    while (end > 0 && inputs[end - 1]!.mask.data[row] !== 1) end--
    // the first step that is left out reads the last input that is not
    const read = inputs.slice(Math.max(0, end - 1))
    return read.every(({ x }) => isSmall(x.data, LARGEST_INPUT, row * cols, (row + 1) * cols)) ? end : inputs.length
  })
}

/** Rows are left out when they are at least so large a part of those that are computed, as that has a cost of its own. */
const WORTH = 1 / 4
/** The kernels take so many rows at once. */
const BLOCK = 4

const keptAt = (ends: readonly number[], t: number, rows: readonly number[]): readonly number[] => {
  const active = rows.filter((row) => ends[row]! > t)
  const wanted = Math.min(rows.length, Math.max(1, Math.ceil(active.length / BLOCK)) * BLOCK)
  const filling = rows.filter((row) => ends[row]! <= t).slice(0, wanted - active.length)
  return [...active, ...filling].sort((a, b) => a - b)
}

/** What of these rows to compute from step t on, in their order; the same where too few have ended. */
export const rowsFrom = (ends: readonly number[], t: number, rows: readonly number[]): readonly number[] => {
  const kept = keptAt(ends, t, rows)
  return kept.length <= (1 - WORTH) * rows.length ? kept : rows
}

/** The first step after t at which fewer rows are to be computed, or the end. */
export const nextEnd = (ends: readonly number[], t: number, rows: readonly number[]): number => {
  const steps = [...new Set(rows.map((row) => ends[row]!))].filter((end) => end > t).sort((a, b) => a - b)
  return steps.find((end) => rowsFrom(ends, end, rows).length < rows.length) ?? Infinity
}

/** Some rows of a matrix; all of them are the matrix itself. */
export const rowsOf = (from: Matrix, rows: readonly number[]): Matrix => {
  const { cols } = from
  if (rows.length === from.rows) return from
  const data = new Float32Array(rows.length * cols)
  rows.forEach((row, i) => {
    for (let j = 0; j < cols; j++) data[i * cols + j] = from.data[row * cols + j]!
  })
  return { rows: rows.length, cols, data }
}

/** Some rows of a state. */
export const stateOf = ({ x, y, z, d, ...rest }: State, rows: readonly number[]): State => {
  const each = (layers: readonly Matrix[]): Matrix[] => layers.map((one) => rowsOf(one, rows))
  return { ...rest, x: rowsOf(x, rows), y: each(y), z: each(z), d: each(d) }
}
