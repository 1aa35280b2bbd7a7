/** The step: which results each equation is given. Networks of one unit a layer, in numbers that can be followed by hand. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { matrix, type Matrix } from '../../../src/numeric/matrix.js'
import { config, type Config } from '../../../src/ptncn/config.js'
import { initialState, inputOf, type State } from '../../../src/ptncn/state.js'
import { infer, step, type Step } from '../../../src/ptncn/step.js'
import type { LayerWeights, Weights } from '../../../src/ptncn/weights.js'
import { assertRefused, someWeights } from '../support.js'

const one = (value: number): Matrix => matrix(1, 1, [value])

const SETTINGS = { units: [1, 1, 1], activation: 'identity', output: 'identity', clip: 0, alpha: 0, beta: 1 } as const
const of = (given: Partial<Config> = {}): Config => config({ ...SETTINGS, ...given })

const layerOf = (W: number, E: number, M: number, V: number, U?: number): LayerWeights => ({
  W: one(W),
  E: one(E),
  M: one(M),
  V: one(V),
  ...(U !== undefined && { U: one(U) }),
})

const weights: Weights = [layerOf(2, 3, 5, 7, 11), layerOf(13, 17, 19, 23)]
const state: State = { t: 4, x: one(1), y: [one(2), one(3)], z: [one(4), one(5)], d: [one(6), one(7)], key: [8, 9] }
const input = inputOf(one(-1))

interface Seen {
  readonly signals: Readonly<Record<string, number>>
  readonly result: Step
}

const seen = (settings: Config, put: Readonly<Record<string, number>> = {}, order?: readonly number[]): Seen => {
  const signals: Record<string, number> = {}
  const see = (name: string, value: Matrix): Matrix => {
    signals[name] = value.data[0]!
    return name in put ? one(put[name]!) : value
  }
  return { signals, result: step(settings, weights, state, input, { see, ...(order && { order }) }) }
}

test('A1 to L6: each equation is given what it names', () => {
  const { signals } = seen(of())
  // A1: x M_1 + y_2 U_1 + y_1 V_1, and y_1 M_2 + y_2 V_2
  const [a1, a2] = [5 + 33 + 14, 38 + 69]
  const [p0, p1] = [2 * a1, 13 * a2]
  const [e0, e1] = [p0 + 1, p1 - a1]
  const [h1, h2] = [3 * e0, 17 * e1]
  assert.deepEqual(signals, {
    'A1.a_1': a1,
    'A1.a_2': a2,
    'A2.z_1': a1,
    'A2.z_2': a2,
    'P1.logits_0^1': p0,
    'P1.logits_1^1': p1,
    'P1.p_0^1': p0,
    'P1.p_1^1': p1,
    'C1.e_0^1': e0,
    'C1.e_1^1': e1,
    'C2.h_1^1': h1,
    'C2.h_2^1': h2,
    'C3.a_1^1': a1 - h1,
    'C3.a_2^1': a2 - h2,
    'C3.z_1^1': a1 - h1,
    'C3.z_2^1': a2 - h2,
    'C4.d_1': h1,
    'C4.d_2': h2,
    'L1.dW_1': a1 * e0,
    'L1.dW_2': a2 * h1,
    'L2.dE_1': a1 * e0,
    'L2.dE_2': a2 * h1,
    'L3.dM_1': h1,
    'L3.dM_2': 2 * h2,
    'L4.dV_1': 2 * h1,
    'L4.dV_2': 3 * h2,
    'L5.dU_1': 3 * h1,
  })
})

test('[st-carried] the new state is what C3, A2 and C4 gave, one step on; the prediction is p_0 of pass 1', () => {
  const { signals, result } = seen(of({ passes: 2 }))
  const numbers = (layers: readonly Matrix[]): readonly number[] => layers.map(({ data }) => data[0]!)
  const { t, x, y, z, d, key } = result.state
  assert.deepEqual([t, x, key], [5, input.x, state.key])
  assert.deepEqual(numbers(y), [signals['C3.z_1^2'], signals['C3.z_2^2']])
  assert.deepEqual(numbers(z), [signals['A2.z_1'], signals['A2.z_2']])
  assert.deepEqual(numbers(d), [signals['C4.d_1'], signals['C4.d_2']])
  assert.deepEqual(numbers([result.prediction]), [signals['P1.p_0^1']])
})

test('[P1] [C2] a pass goes on from the a and z of the one before, and learning from e of the first', () => {
  const { signals } = seen(of({ passes: 2, topDownSignal: 'error' }))
  assert.equal(signals['P1.logits_0^2'], 2 * signals['C3.z_1^1']!)
  assert.equal(signals['C1.e_1^2'], Math.fround(signals['P1.p_1^2']! - signals['C3.z_1^1']!))
  assert.equal(signals['L1.dW_2'], signals['A2.z_2']! * signals['C1.e_1^1']!)
})

test('L1 to L5: signals that the switches choose', () => {
  const { signals } = seen(of({ topDownSignal: 'error', presynaptic: 'uncorrected', errorRule: 'temporal' }))
  const [d1, d2] = [signals['C4.d_1']!, signals['C4.d_2']!]
  assert.equal(signals['L1.dW_2'], signals['A2.z_2']! * signals['C1.e_1^1']!)
  assert.equal(signals['L2.dE_1'], -signals['C1.e_0^1']! * (d1 - 6))
  assert.deepEqual([signals['L3.dM_1'], signals['L3.dM_2']], [d1, 4 * d2])
  assert.deepEqual([signals['L4.dV_1'], signals['L4.dV_2'], signals['L5.dU_1']], [4 * d1, 5 * d2, 5 * d1])
})

test('[pr-trace] what the one who sees puts in place of a result is what all that follows is given', () => {
  const { signals, result } = seen(of(), { 'A2.z_2': 100, 'C4.d_1': 0.5, 'L1.dW_1': 9 })
  assert.equal(signals['P1.logits_1^1'], 1300)
  assert.equal(signals['L1.dW_2'], 50)
  assert.equal(signals['L2.dE_1'], 9)
  assert.equal(result.state.z[1]!.data[0], 100)
  assert.equal(result.updates[0]!.W.data[0], 9)
})

test('any order of the layers sees the same', () => {
  const { signals, result } = seen(of({ passes: 2 }))
  const other = seen(of({ passes: 2 }), {}, [2, 1])
  assert.deepEqual([other.signals, other.result], [signals, result])
  assert.equal(Object.keys(other.signals)[0], 'A1.a_2')
})

test('[sq-infer] infer is the step without its updates', () => {
  const { updates, ...inference } = seen(of({ passes: 2 })).result
  assert.deepEqual(infer(of({ passes: 2 }), weights, state, input), inference)
  assert.equal(updates.length, 2)
})

test('[L6] biases learn the sums of d and of e', () => {
  const settings = of({ biases: true })
  const { updates, state: after } = step(settings, someWeights(settings), initialState(settings, 1), input)
  assert.deepEqual(updates[1]!.b, after.d[1])
  assert.deepEqual(Object.keys(updates[0]!), ['W', 'E', 'M', 'V', 'U', 'b', 'c'])
  assert.deepEqual(Object.keys(updates[1]!), ['W', 'E', 'M', 'V', 'b', 'c'])
})

test('a state of other layers, or an input of other rows, is refused', () => {
  const short = { ...state, y: state.y.slice(1) }
  const refusal = { name: 'ShapeError', what: 'state.y', expected: /2 layers/, got: '1' } as const
  assertRefused(() => step(of(), weights, short, input), refusal)
  const rows = { name: 'ShapeError', what: 'input.x', expected: /1 x 1/, got: '"2 x 1 with 2 numbers"' } as const
  assertRefused(() => infer(of(), weights, state, inputOf(matrix(2, 1, [0, 0]))), rows)
})
