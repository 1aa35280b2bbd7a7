import assert from 'node:assert/strict'
import { test } from 'node:test'

import { binary64 } from '../../../src/rivals/algebra.js'
import { gradientOf, run } from '../../../src/rivals/bptt.js'
import type { Cell } from '../../../src/rivals/cell.js'
import { elman, leaky } from '../../../src/rivals/elman.js'
import { lstmCell } from '../../../src/rivals/lstm.js'
import type { Tensors } from '../../../src/rivals/rival.js'
import { differences, distance, lossOf, someNetwork, sumOf, worstElement, type Network } from './support.js'

const CELLS: readonly Cell[] = [elman, lstmCell, leaky(0.3)]
const OUTPUTS = ['softmax', 'sigmoid', 'identity'] as const

/** The gradient of chunks of `steps`, whose weights stay as they are. */
const chunked = (cell: Cell, { config, weights, state, inputs }: Network, first: number, steps: number): Tensors => {
  let carried = state
  const gradients: Tensors[] = []
  for (let t = 0; t < inputs.length; t += steps) {
    const chunk = inputs.slice(t, t + steps)
    const forward = run(binary64, cell, config.output, weights, carried, chunk)
    gradients.push(gradientOf(binary64, cell, weights, forward, chunk, first - t))
    carried = forward.state
  }
  return sumOf(gradients)
}

/** The loss of a whole sequence as a function of the weights. */
const loss =
  (cell: Cell, { config, state, inputs }: Network, first: number) =>
  (weights: Tensors): number =>
    lossOf(config.output, run(binary64, cell, config.output, weights, state, inputs).predictions, inputs, first)

/** The same where each chunk starts from what it starts from with the weights of the network. */
const frozenLoss =
  (cell: Cell, network: Network, first: number, steps: number) =>
  (weights: Tensors): number => {
    const { config, inputs } = network
    let carried = network.state
    let sum = 0
    for (let t = 0; t < inputs.length; t += steps) {
      const chunk = inputs.slice(t, t + steps)
      sum += lossOf(config.output, run(binary64, cell, config.output, weights, carried, chunk).predictions, chunk, first - t)
      carried = run(binary64, cell, config.output, network.weights, carried, chunk).state
    }
    return sum
  }

for (const cell of CELLS) {
  for (const output of OUTPUTS) {
    for (const first of [0, 1]) {
      test(`${cell.name}, ${output}, scored from ${first}: every element of the gradient is a difference of losses`, (t) => {
        const network = someNetwork(cell, { output })
        const wanted = differences(loss(cell, network, first), network.weights)
        const worst = worstElement(chunked(cell, network, first, Infinity), wanted)
        t.diagnostic(`worst relative error of an element: ${worst.toExponential(1)}`)
        assert.ok(worst <= 1e-7, String(worst))
        const truncated = worstElement(chunked(cell, network, first, 1), wanted)
        assert.ok(truncated > 1e-7, `chunks of 1 are within ${truncated}`)
      })
    }
  }

  for (const steps of [1, 2, 4]) {
    test(`${cell.name}, chunks of ${steps} of 6: the gradient is a difference of losses where the chunks' starts stay`, (t) => {
      const network = someNetwork(cell)
      const got = chunked(cell, network, 1, steps)
      const worst = worstElement(got, differences(frozenLoss(cell, network, 1, steps), network.weights))
      t.diagnostic(`worst relative error of an element: ${worst.toExponential(1)}`)
      assert.ok(worst <= 1e-7, String(worst))
      const missing = distance(got, chunked(cell, network, 1, Infinity))
      t.diagnostic(`to the gradient of the whole sequence: ${missing.toFixed(3)} of its largest element`)
      assert.ok(missing > 1e-2, String(missing))
    })
  }

  test(`${cell.name}: a chunk of the length of the sequence, or more, is the whole sequence`, () => {
    const network = someNetwork(cell)
    for (const steps of [6, 7]) assert.deepEqual(chunked(cell, network, 1, steps), chunked(cell, network, 1, Infinity))
  })
}
