import assert from 'node:assert/strict'
import { test } from 'node:test'

import { binary64 } from '../../../src/rivals/algebra.js'
import { mapTensors } from '../../../src/rivals/adam.js'
import { gradientOf, run } from '../../../src/rivals/bptt.js'
import { elman } from '../../../src/rivals/elman.js'
import { online, type Update } from '../../../src/rivals/online.js'
import type { Tensors } from '../../../src/rivals/rival.js'
import { exactTrace } from '../../../src/rivals/rtrl.js'
import { stepGradients, differences, distance, someNetwork, sumOf, worstElement, type Network } from './support.js'

const OUTPUTS = ['softmax', 'sigmoid', 'identity'] as const

const wholeGradient = ({ config, weights, state, inputs }: Network, first: number): Tensors =>
  gradientOf(binary64, elman, weights, run(binary64, elman, config.output, weights, state, inputs), inputs, first)

for (const output of OUTPUTS) {
  test(`${output}: with weights that stay, the gradients up to any step add up to backpropagation's`, (t) => {
    const network = someNetwork(elman, { output }, 12)
    let worst = 0
    for (const first of [0, 1]) {
      const { gradients } = stepGradients(exactTrace(binary64), network, first)
      for (let steps = first + 1; steps <= network.inputs.length; steps++) {
        const wanted = wholeGradient({ ...network, inputs: network.inputs.slice(0, steps) }, first)
        worst = Math.max(worst, worstElement(sumOf(gradients.slice(0, steps - first)), wanted))
      }
    }
    t.diagnostic(`worst relative error of an element: ${worst.toExponential(1)}`)
    assert.ok(worst <= 1e-10, String(worst))
  })
}

test('P is how each unit of each row depends on each weight: differences of h', (t) => {
  const network = someNetwork(elman)
  const { config, weights, state, inputs } = network
  const [n, k] = [config.units, config.units + config.inputs + 1]
  const recurrent = Object.fromEntries(['W', 'U', 'b'].map((name) => [name, weights[name]!]))
  let worst = 0
  for (const steps of [1, 2, 6]) {
    const taken = inputs.slice(0, steps)
    const P = stepGradients(exactTrace(binary64), { ...network, inputs: taken }, 0).state.P!
    for (let unit = 0; unit < 2 * n; unit++) {
      const h = (moved: Tensors): number =>
        run(binary64, elman, config.output, { ...weights, ...moved }, state, taken).state.h!.data[unit]!
      const wanted = differences(h, recurrent)
      const at = (j: number, l: number): number => P.data[unit * n * k + j * k + l]!
      const from = { W: 0, U: n, b: k - 1 } as Record<string, number>
      const got = mapTensors(
        (weight, name) => ({
          ...weight,
          data: Float64Array.from(weight.data, (_, i) => at(i % n, from[name]! + Math.floor(i / n))),
        }),
        recurrent,
      )
      worst = Math.max(worst, distance(got, wanted))
    }
  }
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst <= 1e-9, String(worst))
})

test('what moving at each step changes, against one step of gradient descent at the end, shrinks as the square of the rate', (t) => {
  const network = someNetwork(elman)
  const { config, weights, state, inputs } = network
  const whole = wholeGradient(network, 1)
  const descent =
    (rate: number): Update =>
    (before, gradient) =>
      mapTensors(
        (w, name) => ({ ...w, data: Float64Array.from(w.data, (value, i) => value - rate * gradient[name]!.data[i]!) }),
        before,
      )
  const gap = (rate: number): number => {
    const moved = online(binary64, config.output, exactTrace(binary64), { weights, state }, inputs, 1, descent(rate)).weights
    const wanted = descent(rate)(weights, whole)
    return Math.sqrt(
      Object.keys(weights).reduce(
        (sum, name) => sum + Array.from(moved[name]!.data).reduce((all, w, i) => all + (w - wanted[name]!.data[i]!) ** 2, 0),
        0,
      ),
    )
  }
  const ratios = [0.01, 0.005, 0.0025].map((rate) => gap(rate) / gap(rate / 2))
  t.diagnostic(`halving the rate divides the gap by ${ratios.map((ratio) => ratio.toFixed(3)).join(', ')}`)
  assert.ok(gap(0.01) > 1e-6)
  ratios.forEach((ratio) => assert.ok(Math.abs(ratio - 4) < 0.1, String(ratio)))
})
