/** Snapshots and sequences for the tests of an engine, and what makes two snapshots the same. */

import assert from 'node:assert/strict'

import type { Sequence, Snapshot } from '../../../src/engine/engine.js'
import { keyOf } from '../../../src/numeric/random.js'
import { initialOptimizer } from '../../../src/ptncn/apply.js'
import type { Config } from '../../../src/ptncn/config.js'
import type { Input, State } from '../../../src/ptncn/state.js'
import { assertSameWeights, column, pictureOf, someWeights } from '../support.js'

export const ROWS = 2
export const begin = (of: Config): Snapshot => ({ weights: someWeights(of), optimizer: initialOptimizer(of) })

/** Inputs of one symbol a row and step; in the last step the last row has no data. */
export const inputsOf = (steps: number, seed: number, rows = ROWS): Input[] =>
  Array.from({ length: steps }, (_, t) => {
    const hot = (i: number): number => (t * 7 + i * 5 + seed) % 3
    const data = Float32Array.from({ length: rows * 3 }, (_, at) => (hot(Math.floor(at / 3)) === at % 3 ? 1 : 0))
    const mask = column(Array.from({ length: rows }, (_, i) => (t === steps - 1 && i === rows - 1 && rows > 1 ? 0 : 1)))
    return { x: { rows, cols: 3, data }, mask }
  })

export const sequence = (steps: number, seed = 0): Sequence => ({ inputs: inputsOf(steps, seed), key: keyOf(seed) })

export const pictureOfState = (state: State | undefined): unknown =>
  state && {
    t: state.t,
    key: [...state.key],
    x: pictureOf(state.x),
    y: state.y.map(pictureOf),
    z: state.z.map(pictureOf),
    d: state.d.map(pictureOf),
  }

export const assertSameSnapshot = (got: Snapshot, wanted: Snapshot): void => {
  assertSameWeights(got.weights, wanted.weights)
  for (const part of ['first', 'second', 'sum'] as const) {
    assertSameWeights(got.optimizer[part] ?? [], wanted.optimizer[part] ?? [])
  }
  assert.deepEqual([got.optimizer.power1, got.optimizer.power2], [wanted.optimizer.power1, wanted.optimizer.power2])
  assert.deepEqual(pictureOfState(got.state), pictureOfState(wanted.state))
}
