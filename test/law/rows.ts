/** Laws 11 and 14: rows do not know of one another, but for the sums over them. */

import assert from 'node:assert/strict'

import type { Snapshot } from '../../src/engine/engine.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import type { Input, State } from '../../src/ptncn/state.js'
import { DETERMINISTIC, networks } from '../support/arbitraries.js'
import { otherThan, seedOf, signedUnit } from '../support/fill.js'
import { holdsAsync } from '../support/property.js'
import { assertBits } from './assert-bits.js'
import { ended, pieceOf, snapshotOf, withEngine, type Ended, type EngineOf } from './subject.js'

/** Row i of the result is row of(i) of `a`. */
const rowsOf = (a: Matrix, rows: readonly number[]): Matrix => ({
  rows: rows.length,
  cols: a.cols,
  data: Float32Array.from(
    { length: rows.length * a.cols },
    (_, at) => a.data[rows[Math.floor(at / a.cols)]! * a.cols + (at % a.cols)]!,
  ),
})

const stateRows = (state: State, rows: readonly number[]): State => {
  const take = (a: Matrix): Matrix => rowsOf(a, rows)
  const { x, y, z, d } = state
  return { ...state, x: take(x), y: y.map(take), z: z.map(take), d: d.map(take) }
}

/** Other contents where the mask is 0. */
const maskedReplaced = (mask: Matrix, a: Matrix, seed: number): Matrix => {
  const other = otherThan(a, seed)
  const data = Float32Array.from({ length: a.data.length }, (_, at) =>
    mask.data[Math.floor(at / a.cols)] === 1 ? a.data[at]! : 3 * other.data[at]!,
  )
  return { ...a, data }
}

const inputReplaced = ({ x, mask }: Input, seed: number): Input => ({ x: maskedReplaced(mask, x, seed), mask })

/** The input and what is carried of rows that are masked from here on. */
const stateReplaced = (state: State, mask: Matrix, seed: number): State => {
  let drawn = 0
  const replace = (a: Matrix): Matrix => maskedReplaced(mask, a, seedOf(seed, drawn++))
  const { x, y, z, d } = state
  return { ...state, x: replace(x), y: y.map(replace), z: z.map(replace), d: d.map(replace) }
}

/** The active rows of a final state, and all else that a run gives. */
const withoutMasked = (end: Ended, mask: Matrix): unknown => {
  assert.ok('outcome' in end)
  const {
    snapshot: { state, ...model },
    measurements,
  } = end.outcome
  const active = Array.from(mask.data).flatMap((m, row) => (m === 1 ? [row] : []))
  return { model, measurements, state: stateRows(state!, active) }
}

/**
 * What a masked row holds changes no update, no score and no other row, in one step whatever was masked
 * before.
 */
export const ignoresMaskedRows = (engineOf: EngineOf, runs = 80): Promise<void> =>
  holdsAsync(networks({ rows: [2, 5], steps: [1, 1], masks: ['any'], fixed: { learnFrom: 0 } }), runs, async (network) => {
    const {
      inputs: [input],
      state,
      seed,
    } = network
    const run = (from: Snapshot, seen: Input) =>
      withEngine(engineOf, network.config, async (engine) =>
        withoutMasked(await ended(engine.train(from, [pieceOf({ inputs: [seen] })])), input!.mask),
      )
    const from = snapshotOf(network)
    const wanted = await run(from, input!)
    assert.deepEqual(await run(from, inputReplaced(input!, seed)), wanted, 'the input of a masked row')
    const other = { ...from, state: stateReplaced(state, input!.mask, seed) }
    assert.deepEqual(await run(other, inputReplaced(input!, seed)), wanted, 'the state of a masked row')
  })

/** The same for a sequence whose rows end one after another. */
export const ignoresPadding = (engineOf: EngineOf, runs = 60): Promise<void> =>
  holdsAsync(networks({ rows: [2, 5], steps: [2, 6], masks: ['padding'] }), runs, async (network) => {
    const { inputs, seed } = network
    const run = (seen: readonly Input[]) =>
      withEngine(engineOf, network.config, (engine) => ended(engine.train(snapshotOf(network), [pieceOf({ inputs: seen })])))
    const [wanted, got] = [await run(inputs), await run(inputs.map((input, t) => inputReplaced(input, seedOf(seed, t))))]
    if (!('outcome' in wanted)) return
    assert.deepEqual(withoutMasked(got, inputs.at(-1)!.mask), withoutMasked(wanted, inputs.at(-1)!.mask))
  })

/**
 * Permuting the rows permutes states and predictions, with frozen weights or within one step. Not for
 * stochastic units.
 */
export const permutesRows = (engineOf: EngineOf, runs = 80): Promise<void> =>
  holdsAsync(networks({ rows: [2, 5], activations: DETERMINISTIC }), runs, async (network) => {
    const { config, inputs, state, seed } = network
    const order = Array.from({ length: state.x.rows }, (_, i) => i)
    order.sort((a, b) => signedUnit(seed, a) - signedUnit(seed, b))
    const permuted = inputs.map(({ x, mask }) => ({ x: rowsOf(x, order), mask: rowsOf(mask, order) }))
    for (const [how, steps] of [
      ['evaluate', inputs.length],
      ['train', 1],
    ] as const) {
      const run = (from: State, seen: readonly Input[]) =>
        withEngine(engineOf, config, (engine) =>
          ended(
            engine[how]({ ...snapshotOf(network), state: from }, [pieceOf({ inputs: seen.slice(0, steps) })], {
              predictions: true,
            }),
          ),
        )
      const [wanted, got] = [await run(state, inputs), await run(stateRows(state, order), permuted)]
      if (!('outcome' in wanted)) return
      assert.ok('outcome' in got)
      assert.deepEqual(got.outcome.snapshot.state, stateRows(wanted.outcome.snapshot.state!, order), how)
      got.outcome.measurements[0]!.predictions!.forEach((p, t) =>
        assertBits(p, rowsOf(wanted.outcome.measurements[0]!.predictions![t]!, order), `prediction ${t}, ${how}`),
      )
    }
  })
