import assert from 'node:assert/strict'
import { test } from 'node:test'

import { config } from '../../../src/ptncn/config.js'
import { OPTIMIZERS } from '../../../src/ptncn/optimizers.js'
import { adam, initialMoments, mapTensors } from '../../../src/rivals/adam.js'
import type { Algebra } from '../../../src/rivals/algebra.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import { BETA1, BETA2, EPSILON } from '../../../src/rivals/moved.js'
import type { Tensors } from '../../../src/rivals/rival.js'
import { assertSame, fround } from '../support.js'
import { someMatrix } from './support.js'

const RATE = 0.003
const tensors = (algebra: Algebra, seed: number): Tensors => ({
  W: someMatrix(algebra, seed, { rows: 3, cols: 5 }),
  b: someMatrix(algebra, seed + 1, { rows: 1, cols: 5 }),
})

test('O3: update after update, Adam moves weights and moments as the rule of P-TNCN does, to the bit', async () => {
  const algebra = await fastAlgebra()
  const of = config({ units: [1, 1], rate: RATE, beta1: BETA1, beta2: BETA2, epsilon: EPSILON })
  const rule = OPTIMIZERS.adam
  let weights = tensors(algebra, 1)
  let moments = initialMoments(algebra, weights)
  const wanted = mapTensors((tensor) => tensor, weights) as Record<string, Tensors[string]>
  let [first, second] = [moments.first, moments.second] as Record<string, Tensors[string]>[]
  let [power1, power2] = [1, 1]
  for (let update = 0; update < 20; update++) {
    const gradients = tensors(algebra, 10 + 2 * update)
    ;({ weights, optimizer: moments } = adam(algebra, { rate: RATE, clip: 0 }, weights, moments, gradients))
    ;[power1, power2] = [fround(power1 * BETA1), fround(power2 * BETA2)]
    ;[first, second] = [{ ...first }, { ...second }]
    for (const name of Object.keys(weights)) {
      const d = gradients[name]!
      const next = { first: rule.first!(of, first![name]!, d), second: rule.second!(of, second![name]!, d) }
      wanted[name] = rule.move(of, wanted[name]!, d, next, { power1, power2 })
      ;[first![name], second![name]] = [next.first, next.second]
      assertSame(weights[name]!, wanted[name]!)
      assertSame(moments.first[name]!, first![name]!)
      assertSame(moments.second[name]!, second![name]!)
    }
    assert.deepEqual([moments.power1, moments.power2], [power1, power2])
  }
})

test('gradients whose norm together is above the clip are made that long; others stay', async () => {
  const algebra = await fastAlgebra()
  const [weights, gradients] = [tensors(algebra, 1), tensors(algebra, 3)]
  const norm = Math.sqrt(
    Object.values(gradients)
      .flatMap(({ data }) => Array.from(data))
      .reduce((sum, d) => sum + d * d, 0),
  )
  const moved = (clip: number, by: Tensors) => adam(algebra, { rate: RATE, clip }, weights, initialMoments(algebra, weights), by)
  const half = mapTensors((tensor) => ({ ...tensor, data: Float32Array.from(tensor.data, (d) => 0.5 * d) }), gradients)
  assert.deepEqual(moved(norm / 2, gradients), moved(0, half))
  assert.deepEqual(moved(norm * 1.001, gradients), moved(0, gradients))
  assert.notDeepEqual(moved(norm / 2, gradients), moved(0, gradients))
})

test('weights without a gradient stay', async () => {
  const algebra = await fastAlgebra()
  const weights = tensors(algebra, 1)
  const { W } = tensors(algebra, 3)
  const moved = adam(algebra, { rate: RATE, clip: 0 }, weights, initialMoments(algebra, { W: weights.W! }), { W: W! })
  assert.equal(moved.weights.b, weights.b)
  assert.notDeepEqual(moved.weights.W, weights.W)
})
