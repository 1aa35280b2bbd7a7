/** Between values and the memory of an engine: matrices go in and out by a staging area that holds them row by row. */

import type { Floats, Matrix } from '../../../numeric/matrix.js'
import type { OptimizerState } from '../../../ptncn/apply.js'
import { mapWeights, type WeightName, type Weights } from '../../../ptncn/weights.js'
import { PANEL, panelsOf, type ModelLayout, type WeightPlace } from './layout.js'
import type { Kernels } from '../kernels/kernels.js'

const FLOAT = 4

/** The kernels, the memory as numbers, and the staging area, as long as the longest matrix. */
export interface Store {
  readonly kernels: Kernels
  readonly floats: Float32Array
  readonly staging: number
}

const copyIn = (floats: Float32Array, at: number, data: Floats): void => {
  if (data instanceof Float32Array) floats.set(data, at / FLOAT)
  else for (let i = 0; i < data.length; i++) floats[at / FLOAT + i] = data[i]!
}

/** A matrix into panels of `high` rows. */
export const write = ({ kernels, floats, staging }: Store, { rows, cols, data }: Matrix, to: number, high = rows): void => {
  copyIn(floats, staging, data)
  kernels.pack(staging, to, rows, cols, high)
}

/** A matrix from panels of `high` rows. */
export const read = ({ kernels, floats, staging }: Store, from: number, rows: number, cols: number, high = rows): Matrix => {
  kernels.unpack(from, staging, rows, cols, high)
  return { rows, cols, data: floats.slice(staging / FLOAT, staging / FLOAT + rows * cols) }
}

/** +0 in all panels of a matrix. */
export const clear = (floats: Float32Array, at: number, rows: number, cols: number): void => {
  floats.fill(0, at / FLOAT, at / FLOAT + rows * panelsOf(cols) * PANEL)
}

type Part = 'weight' | 'first' | 'second' | 'sum'

const writeAll = (store: Store, { layers }: ModelLayout, weights: Weights, part: Part): void => {
  mapWeights((matrix, name, l) => {
    const place = layers[l - 1]![name]!
    write(store, matrix, place[part], place.high)
    return matrix
  }, weights)
}

const readAll = (store: Store, { layers }: ModelLayout, part: Part): Weights =>
  layers.map(
    (layer) =>
      Object.fromEntries(
        Object.entries(layer).map(([name, place]: [string, WeightPlace]) => [
          name as WeightName,
          read(store, place[part], place.rows, place.cols, place.high),
        ]),
      ) as unknown as Weights[number],
  )

const PARTS = ['first', 'second', 'sum'] as const

/** Weights and moments into memory. */
export const writeModel = (store: Store, layout: ModelLayout, weights: Weights, optimizer: OptimizerState): void => {
  writeAll(store, layout, weights, 'weight')
  for (const part of PARTS) if (optimizer[part]) writeAll(store, layout, optimizer[part], part)
}

/** Weights and moments out of memory; the parts that `has` names. */
export const readModel = (
  store: Store,
  layout: ModelLayout,
  has: { first: boolean; second: boolean; sum: boolean },
  powers: { power1: number; power2: number },
): { weights: Weights; optimizer: OptimizerState } => {
  const moments = PARTS.filter((part) => has[part]).map((part) => [part, readAll(store, layout, part)] as const)
  return { weights: readAll(store, layout, 'weight'), optimizer: { ...powers, ...Object.fromEntries(moments) } }
}
