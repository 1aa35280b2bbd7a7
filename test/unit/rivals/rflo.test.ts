import assert from 'node:assert/strict'
import { test } from 'node:test'

import { keyOf } from '../../../src/numeric/random.js'
import { binary64, each, zeros } from '../../../src/rivals/algebra.js'
import { gradientOf, run } from '../../../src/rivals/bptt.js'
import { elman, leaky } from '../../../src/rivals/elman.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import { leakingTrace, pathwayOf, rflo, RFLO_DEFAULTS, type RfloSettings } from '../../../src/rivals/rflo.js'
import type { Tensors } from '../../../src/rivals/rival.js'
import { assertRefused } from '../support.js'
import {
  differences,
  distance,
  localTraceOf,
  lossOf,
  rivalConfig,
  someInputs,
  someMatrix,
  someNetwork,
  stepGradients,
  sumOf,
  worstElement,
  type Network,
} from './support.js'

const SYMMETRIC: RfloSettings = { leak: 0.3, feedback: 'symmetric' }
const RANDOM: RfloSettings = { leak: 0.3, feedback: 'random' }

/** B differs from V, and nothing in it is 0. */
const network = (settings: RfloSettings, given = {}, steps = 6): Network => {
  const made = someNetwork(leaky(settings.leak), given, steps)
  return { ...made, weights: { ...made.weights, B: someMatrix(binary64, 77, made.weights.V!) } }
}

const gradients = (settings: RfloSettings, of: Network, first = 1): readonly Tensors[] =>
  stepGradients(leakingTrace(binary64, settings), of, first, { pathway: pathwayOf(settings) }).gradients

const recurrent = ({ W, U, b }: Tensors): Tensors => ({ W: W!, U: U!, b: b! })

for (const output of ['softmax', 'sigmoid', 'identity'] as const) {
  test(`${output}, feedback by V: where W is 0 the gradients add up to differences of the loss, and to backpropagation's; where it is not, they do not`, (t) => {
    const full = network(SYMMETRIC, { output }, 8)
    const without: Network = { ...full, weights: { ...full.weights, W: zeros(binary64, 3, 3) } }
    const cell = leaky(SYMMETRIC.leak)
    const errorsOf = (of: Network): { readonly toDifferences: number; readonly toExact: number } => {
      const { state, inputs } = of
      const { B: _, ...weights } = of.weights
      const forward = (weights: Tensors) => run(binary64, cell, output, weights, state, inputs)
      const loss = (weights: Tensors): number => lossOf(output, forward(weights).predictions, inputs, 1)
      const got = sumOf(gradients(SYMMETRIC, of))
      return {
        toDifferences: distance(got, differences(loss, weights)),
        toExact: worstElement(got, gradientOf(binary64, cell, weights, forward(weights), inputs, 1)),
      }
    }
    const { toDifferences, toExact } = errorsOf(without)
    const missing = errorsOf(full).toDifferences
    t.diagnostic(`worst error over the largest element: ${toDifferences.toExponential(1)}; with W ${missing.toFixed(3)}`)
    t.diagnostic(`worst relative error of an element to backpropagation: ${toExact.toExponential(1)}`)
    assert.ok(toDifferences <= 1e-9, String(toDifferences))
    assert.ok(toExact <= 1e-10, String(toExact))
    assert.ok(missing > 1e-3, String(missing))
  })
}

test('a leak of 1, feedback by V: every step has the gradient of backpropagation through that step alone', (t) => {
  const settings: RfloSettings = { leak: 1, feedback: 'symmetric' }
  const of = network(settings, {}, 8)
  const got = gradients(settings, of, 0)
  let [worst, state] = [0, of.state]
  of.inputs.forEach((input, t) => {
    const { B: _, ...weights } = of.weights
    const forward = run(binary64, elman, of.config.output, weights, state, [input])
    worst = Math.max(worst, distance(got[t]!, gradientOf(binary64, elman, weights, forward, [input], 0)))
    state = forward.state
  })
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst <= 1e-14, String(worst))
})

test('P is that of the equation, written out number by number', (t) => {
  const of = network(RANDOM, {}, 7)
  const { config, weights, state, inputs } = of
  const steps = run(binary64, leaky(RANDOM.leak), config.output, weights, state, inputs)
  const hAt = (t: number, i: number): number => (t < 0 ? state.h!.data[i]! : steps.h.data[t * 6 + i]!)
  const tanhAt = (t: number, i: number): number => (hAt(t, i) - 0.7 * hAt(t - 1, i)) / 0.3
  const wanted = localTraceOf(of, steps, (t, i) => ({ keep: 0.7, gain: 0.3 * (1 - tanhAt(t, i) ** 2) }))
  const { P } = stepGradients(leakingTrace(binary64, RANDOM), of, 0, { pathway: pathwayOf(RANDOM) }).state
  const worst = distance({ P: P! }, { P: wanted })
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst <= 1e-13, String(worst))
})

/** The same predictions by another V: what is added to it nothing that h does has a part in. */
const otherReadout = (of: Network, leak: number): Network => {
  const { h } = run(binary64, leaky(leak), of.config.output, of.weights, of.state, of.inputs)
  // a vector made orthogonal to every h, by Gram-Schmidt, twice for the digits
  const basis: number[][] = []
  const against = (vector: number[]): number[] =>
    [...basis, ...basis].reduce((left, unit) => {
      const part = left.reduce((sum, v, i) => sum + v * unit[i]!, 0)
      return left.map((v, i) => v - part * unit[i]!)
    }, vector)
  for (let row = 0; row < h.rows; row++) {
    const left = against(Array.from({ length: h.cols }, (_, i) => h.data[row * h.cols + i]!))
    const size = Math.hypot(...left)
    basis.push(left.map((v) => v / size))
  }
  const unseen = against(Array.from(someMatrix(binary64, 88, { rows: 1, cols: h.cols }).data))
  const added = binary64.product(
    { rows: h.cols, cols: 1, data: Float64Array.from(unseen) },
    someMatrix(binary64, 99, { rows: 1, cols: of.config.inputs }),
  )
  return { ...of, weights: { ...of.weights, V: each(binary64, (a, b) => a + b, of.weights.V!, added) } }
}

test('with random feedback V has no part in the gradient of the recurrent weights, but for the prediction; with symmetric it has', (t) => {
  // 10 states of 16 units: there are vectors orthogonal to all of them
  const changeBy = (settings: RfloSettings): number => {
    const of = network(settings, { units: 16 }, 5)
    const [before, after] = [of, otherReadout(of, settings.leak)].map((one) => recurrent(sumOf(gradients(settings, one)))) as [
      Tensors,
      Tensors,
    ]
    return distance(after, before)
  }
  const [random, symmetric] = [changeBy(RANDOM), changeBy(SYMMETRIC)]
  t.diagnostic(`another V with the same predictions: ${random.toExponential(1)} random, ${symmetric.toFixed(2)} symmetric`)
  assert.ok(random <= 1e-12, String(random))
  assert.ok(symmetric > 1e-1, String(symmetric))
})

test('errors come back by B as they do by V: where B is V, random and symmetric feedback have the same gradients', () => {
  const of = network(RANDOM)
  const same: Network = { ...of, weights: { ...of.weights, B: of.weights.V! } }
  assert.deepEqual(gradients(RANDOM, same), gradients(SYMMETRIC, of))
  assert.notDeepEqual(gradients(RANDOM, of), gradients(SYMMETRIC, of))
})

test('B is there with random feedback alone, is not V, and training leaves it as it is, to the byte; all else moves', async () => {
  for (const algebra of [binary64, await fastAlgebra()]) {
    const rival = rflo(algebra, rivalConfig(), RFLO_DEFAULTS)
    const model = rival.initial(keyOf(5))
    const before = structuredClone(model.weights)
    assert.notDeepEqual(before.B, before.V)
    const sequences = Array.from({ length: 5 }, () => ({ inputs: someInputs(rivalConfig(), 2, 6, algebra) }))
    const { snapshot } = await rival.train(model, sequences)
    assert.deepEqual(snapshot.weights.B, before.B)
    for (const name of ['W', 'U', 'b', 'V', 'c']) assert.notDeepEqual(snapshot.weights[name], before[name], name)
    assert.deepEqual(Object.keys(model.optimizer.first), ['W', 'U', 'b', 'V', 'c'])
    assert.equal(rflo(algebra, rivalConfig(), SYMMETRIC).initial(keyOf(5)).weights.B, undefined)
  }
})

test('a setting that makes no sense is refused', () => {
  for (const [name, value, expected] of [
    ['leak', 0, /above 0, at most 1/],
    ['leak', NaN, /above 0, at most 1/],
    ['feedback', 'none', /random, symmetric/],
  ] as const) {
    assertRefused(() => rflo(binary64, rivalConfig(), { ...RFLO_DEFAULTS, [name]: value }), {
      name: 'ConfigError',
      what: `settings.${name}`,
      expected,
      got: typeof value === 'string' ? `"${value}"` : String(value),
    })
  }
})
