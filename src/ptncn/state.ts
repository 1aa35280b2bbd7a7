/** What is carried from one step to the next, and what comes in at each. [st-carried] */

import { mismatch } from '../errors.js'
import { list, numbers, requireField, whole } from '../fields.js'
import { requireFinite, requireMatrix, requireShape, zeros, type Matrix } from '../numeric/matrix.js'
import { requireKey, type Key } from '../numeric/random.js'
import { layerCount, requireConfig, type Config } from './config.js'

/** The memory of the network: its size does not depend on t. Element l - 1 of y, z, d belongs to layer l. */
export interface State {
  /** steps since the sequence began */
  readonly t: number
  /** B x n_0: the previous input */
  readonly x: Matrix
  /** B x n_l: the corrected states (C3) */
  readonly y: readonly Matrix[]
  /** B x n_l: the states before correction (A2) */
  readonly z: readonly Matrix[]
  /** B x n_l: the last corrections (C4) */
  readonly d: readonly Matrix[]
  /** of this sequence; stochastic units draw from it */
  readonly key: Key
}

/** One step's input: B rows of n_0 numbers, and for each row 1 (has data) or 0 (padding). */
export interface Input {
  /** B x n_0: one-hot for symbols, grey values from 0 to 1 for frames; of a row of padding any finite numbers, usually 0 */
  readonly x: Matrix
  /** B x 1, each 1 or 0 */
  readonly mask: Matrix
}

/** The last t at which a step may begin: t + 1 is a whole number that binary64 holds exactly. [st-carried] */
const LAST_TIME = Number.MAX_SAFE_INTEGER - 1

/** @throws ShapeError unless a step may begin at `t` */
export const requireTime = (what: string, t: number): void => {
  if (Number.isInteger(t) && t >= 0 && t <= LAST_TIME) return
  throw mismatch('ShapeError', what, 'a whole number from 0 to 2^53 - 2', t)
}

/**
 * The state in which a sequence of `rows` rows begins: all +0. Stochastic units draw from `key`, by default [0, 0].
 * @throws ConfigError, or ShapeError where `rows` is no whole number >= 1 or `key` no key [st-start]
 */
export const initialState = (config: Config, rows: number, key: Key = [0, 0]): State => {
  requireConfig(config)
  if (!Number.isSafeInteger(rows) || rows < 1) throw mismatch('ShapeError', 'rows of the state', 'a whole number >= 1', rows)
  requireKey('key', key)
  const hidden = config.units.slice(1).map((n) => zeros(rows, n))
  return { t: 0, x: zeros(rows, config.units[0]!), y: hidden, z: hidden, d: hidden, key }
}

/**
 * The input of a step: x, B x n_0, and for each row whether it has data (1) or is padding (0); by default all have.
 * @throws ShapeError where x is no matrix, or the mask has not a 0 or 1 for each of its rows
 */
export const inputOf = (x: Matrix, mask?: ArrayLike<number>): Input => {
  requireMatrix('x', x)
  const { rows } = x
  const given = requireField('ShapeError', 'mask', mask ?? new Float32Array(rows).fill(1), numbers)
  if (given.length !== rows) throw mismatch('ShapeError', 'mask', `${rows} numbers, one for each row of x`, given.length)
  const column = { rows, cols: 1, data: Float32Array.from(given) }
  requireMask('mask', column, rows)
  return { x, mask: column }
}

/** @throws ShapeError unless `mask` is rows x 1, each element 0 or 1 */
export const requireMask = (what: string, mask: Matrix, rows: number): void => {
  requireShape(what, mask, rows, 1)
  for (let i = 0; i < rows; i++) {
    const m = mask.data[i]!
    if (m !== 1 && m !== 0) throw mismatch('ShapeError', `${what}[${i},0]`, '0 or 1', m)
  }
}

/**
 * Symbols as a network reads them: row i, of `n` numbers, is 1 at `symbols[i]` and 0 elsewhere.
 * @throws ShapeError where one is no whole number from 0 to n - 1
 */
export const oneHot = (symbols: readonly number[], n: number): Matrix => {
  requireField('ShapeError', 'n', n, whole(1, 2 ** 24))
  requireField('ShapeError', 'symbols', symbols, list)
  const data = new Float32Array(symbols.length * n)
  symbols.forEach((symbol, row) => {
    requireField('ShapeError', `symbols[${row}]`, symbol, whole(0, n - 1))
    data[row * n + symbol] = 1
  })
  return { rows: symbols.length, cols: n, data }
}

/** @throws ShapeError or NonFiniteError naming the first tensor that does not fit the configuration */
export const requireState = (config: Config, state: State): void => {
  const rows = state?.x?.rows
  if (!Number.isSafeInteger(rows) || rows < 1) throw mismatch('ShapeError', 'state.x', 'at least 1 row', rows)
  requireTime('state.t', state?.t)
  requireKey('state.key', state.key)
  requireTensor('state.x', state.x, rows, config.units[0]!)
  for (const name of ['y', 'z', 'd'] as const) {
    const layers = state[name]
    if (layers?.length !== layerCount(config)) {
      throw mismatch('ShapeError', `state.${name}`, `${layerCount(config)} layers`, layers?.length)
    }
    Array.from(layers).forEach((tensor, i) => requireTensor(`state.${name}_${i + 1}`, tensor, rows, config.units[i + 1]!))
  }
}

/** @throws ShapeError or NonFiniteError where an input has not this width and number of rows */
export const requireInput = (width: number, rows: number, input: Input, what = 'input'): void => {
  requireTensor(`${what}.x`, input?.x, rows, width)
  requireMask(`${what}.mask`, input.mask, rows)
}

const requireTensor = (what: string, tensor: Matrix, rows: number, cols: number): void => {
  requireShape(what, tensor, rows, cols)
  requireFinite(what, tensor)
}
