import assert from 'node:assert/strict'
import { test } from 'node:test'

import { binary64 } from '../../../src/rivals/algebra.js'
import { run } from '../../../src/rivals/bptt.js'
import { elman } from '../../../src/rivals/elman.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import type { Tensors } from '../../../src/rivals/rival.js'
import { exactTrace } from '../../../src/rivals/rtrl.js'
import { diagonalTrace } from '../../../src/rivals/snap1.js'
import { distance, localTraceOf, someNetwork, stepGradients, type Network } from './support.js'

const onlyDiagonal = (network: Network): Network => {
  const { W } = network.weights
  const data = Float64Array.from(W!.data, (w, i) => (i % (W!.cols + 1) === 0 ? w : 0))
  return { ...network, weights: { ...network.weights, W: { ...W!, data } } }
}

/** The largest distance of the gradient of a step to RTRL's of that step. */
const fromExact = (network: Network): number => {
  const [got, wanted] = [diagonalTrace(binary64), exactTrace(binary64)].map(
    (trace) => stepGradients(trace, network, 1).gradients,
  ) as [readonly Tensors[], readonly Tensors[]]
  assert.equal(got.length, network.inputs.length - 1)
  return Math.max(...got.map((gradient, t) => distance(gradient, wanted[t]!)))
}

for (const output of ['softmax', 'sigmoid', 'identity'] as const) {
  test(`${output}: with a diagonal W, or one unit, every step has RTRL's gradient; with a full W it has not`, (t) => {
    const [full, one] = [3, 1].map((units) => someNetwork(elman, { output, units }, 12)) as [Network, Network]
    const [diagonal, single, whole] = [onlyDiagonal(full), one, full].map(fromExact) as [number, number, number]
    t.diagnostic(`to RTRL: diagonal ${diagonal.toExponential(1)}, one unit ${single.toExponential(1)}, full ${whole.toFixed(3)}`)
    assert.ok(diagonal <= 1e-12 && single <= 1e-12, `${diagonal}, ${single}`)
    assert.ok(whole > 1e-3, String(whole))
  })
}

test('P is that of the equation, written out number by number', (t) => {
  const network = someNetwork(elman, {}, 7)
  const { config, weights, state, inputs } = network
  const steps = run(binary64, elman, config.output, weights, state, inputs)
  const slopeAt = (t: number, i: number): number => 1 - steps.h.data[t * 6 + i]! ** 2
  const wanted = localTraceOf(network, steps, (t, i) => ({
    keep: slopeAt(t, i) * weights.W!.data[(i % 3) * 4]!,
    gain: slopeAt(t, i),
  }))
  const worst = distance({ P: stepGradients(diagonalTrace(binary64), network, 0).state.P! }, { P: wanted })
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst <= 1e-14, String(worst))
})

test('binary32 computes the same, but for rounding', async (t) => {
  const network = someNetwork(elman)
  const wanted = stepGradients(diagonalTrace(binary64), network, 1)
  const got = stepGradients(diagonalTrace(await fastAlgebra()), network, 1, { algebra: await fastAlgebra() })
  const worst = Math.max(...got.gradients.map((gradient, t) => distance(gradient, wanted.gradients[t]!)))
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst < 1e-6, String(worst))
})
