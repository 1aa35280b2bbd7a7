import assert from 'node:assert/strict'
import { test } from 'node:test'

import { keyOf } from '../../../src/numeric/random.js'
import { mapTensors } from '../../../src/rivals/adam.js'
import { binary64, each, type Algebra } from '../../../src/rivals/algebra.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import type { RivalConfig, Tensors } from '../../../src/rivals/rival.js'
import { initialState, initialWeights, rtu, step } from '../../../src/rivals/rtu.js'
import type { Stepped } from '../../../src/rivals/stepwise.js'
import { differences, distance, lossOf, rivalConfig, someInputs, someMatrix, sumOf, type Network } from './support.js'

const ROWS = 2
/** lambda is a steep function of nu: shorter differences than those of others. */
const STEP = 5e-4

/** Nothing is 0; of 4 units 2 are complex, and of 3 too. */
const someNetwork = (given: Partial<RivalConfig> = {}, steps = 8): Network => {
  const config = rivalConfig({ units: 4, ...given })
  const drawn = initialWeights(binary64, config, keyOf(1))
  const noise = (tensors: Tensors, seed: number): Tensors =>
    Object.fromEntries(Object.entries(tensors).map(([name, one], i) => [name, someMatrix(binary64, seed + i, one)]))
  return {
    config,
    // what decides over lambda is as it is drawn
    weights: { ...noise(drawn, 10), nu: drawn.nu!, theta: drawn.theta! },
    state: noise(initialState(binary64, config, ROWS), 20),
    inputs: someInputs(config, ROWS, steps),
  }
}

/** All steps, with weights that stay. */
const stepsOf = (
  { config, weights, state, inputs }: Network,
  learning = true,
  algebra: Algebra = binary64,
): readonly Stepped[] => {
  let carried = state
  return inputs.map((input) => {
    const stepped = step(algebra, config.output, weights, carried, input, learning)
    carried = stepped.state
    return stepped
  })
}

const gradientsOf = (network: Network, first: number): readonly Tensors[] =>
  stepsOf(network)
    .slice(first)
    .map(({ gradient }) => gradient!)

/** z and the predictions by the equations, number by number and apart from the code they test; z is [Re, Im] of each unit. */
const naive = ({ config, weights, state, inputs }: Network, given: Tensors) => {
  const { nu, theta, U, b, V, c } = { ...weights, ...given } as Record<string, Tensors[string]>
  const [n, m, count] = [config.units, config.inputs, nu!.cols]
  let [z, x] = [state.z!, state.x!].map(({ data }) => Array.from(data)) as [number[], number[]]
  const predictions = inputs.map((input) => {
    z = z.map((_, at) => {
      const [row, j] = [Math.floor(at / (2 * count)), at % count]
      const isReal = at % (2 * count) < count
      const radius = Math.exp(-Math.exp(nu!.data[j]!))
      const [re, im] = [radius * Math.cos(theta!.data[j]!), radius * Math.sin(theta!.data[j]!)]
      const [a, i] = [z[row * 2 * count + j]!, z[row * 2 * count + count + j]!]
      const column = isReal ? j : count + j
      let u = b!.data[column]!
      for (let l = 0; l < m; l++) u += x[row * m + l]! * U!.data[l * 2 * count + column]!
      return (isReal ? re * a - im * i : re * i + im * a) + Math.sqrt(1 - radius ** 2) * u
    })
    x = Array.from(input.x.data)
    const logits = Array.from({ length: ROWS * m }, (_, at) => {
      let sum = c!.data[at % m]!
      for (let i = 0; i < n; i++) sum += Math.tanh(z[Math.floor(at / m) * 2 * count + i]!) * V!.data[i * m + (at % m)]!
      return sum
    })
    const sum = { rows: ROWS, cols: m, data: Float64Array.from(logits) }
    return config.output === 'identity' ? sum : binary64[config.output](sum)
  })
  return { z, predictions }
}

for (const units of [4, 3]) {
  for (const output of ['softmax', 'sigmoid', 'identity'] as const) {
    test(`${output}, ${units} units: with weights that stay, the gradients add up to differences of the loss of the equations`, (t) => {
      const network = someNetwork({ output, units })
      const { weights, inputs } = network
      for (const first of [0, 1]) {
        const wanted = differences((given) => lossOf(output, naive(network, given).predictions, inputs, first), weights, STEP)
        const got = sumOf(gradientsOf(network, first))
        const worst = distance(got, wanted)
        t.diagnostic(`from ${first}: worst error over the largest element ${worst.toExponential(1)}`)
        assert.ok(worst <= 1e-9, String(worst))
        // what a step has of its own is not enough
        const short = sumOf(
          stepsOf(network).map((_, i, all) => {
            const { T: _T, ...before } = i === 0 ? network.state : all[i - 1]!.state
            return step(binary64, output, weights, before, inputs[i]!, true).gradient!
          }),
        )
        assert.ok(distance(short, wanted) > 1e-2)
      }
    })
  }

  test(`${units} units: traces are how z of each row depends on each weight, by differences, at every step`, (t) => {
    const whole = someNetwork({ units })
    const { nu, theta, U, b } = whole.weights as Record<string, Tensors[string]>
    const [count, m] = [nu!.cols, whole.config.inputs]
    const lineOf = { U: 0, b: m, nu: m + 1, theta: m + 2 } as const
    let worst = 0
    for (const steps of [1, 2, 8]) {
      const network = { ...whole, inputs: whole.inputs.slice(0, steps) }
      const T = stepsOf(network).at(-1)!.state.T!
      for (let at = 0; at < ROWS * 2 * count; at++) {
        const [row, j] = [Math.floor(at / (2 * count)), at % count]
        const isReal = at % (2 * count) < count
        const wanted = differences((given) => naive(network, given).z[at]!, { U: U!, b: b!, nu: nu!, theta: theta! }, STEP)
        const got = mapTensors(
          (weight, name) => ({
            ...weight,
            data: Float64Array.from(weight.data, (_, i) => {
              const [line, column] = [lineOf[name as keyof typeof lineOf] + Math.floor(i / weight.cols), i % weight.cols]
              // another unit has no part in it
              if (column % count !== j) return 0
              const start = row * T.cols + line * 2 * count
              const [re, im] = [T.data[start + j]!, T.data[start + count + j]!]
              // the imaginary part of a weight counts i times as much
              if (column < count) return isReal ? re : im
              return isReal ? -im : re
            }),
          }),
          { U: U!, b: b!, nu: nu!, theta: theta! },
        )
        worst = Math.max(worst, distance(got, wanted))
      }
    }
    t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
    assert.ok(worst <= 1e-9, String(worst))
  })
}

test('what is carried is of the same size after any number of steps, and without learning there are no traces', () => {
  const sizes = (steps: number, learning: boolean): Record<string, number> =>
    Object.fromEntries(
      Object.entries(stepsOf(someNetwork({}, steps), learning).at(-1)!.state).map(([name, { data }]) => [name, data.length]),
    )
  // of 2 complex units, 4 inputs, 2 rows: a trace for each input, the bias, nu and theta
  assert.deepEqual(sizes(5, true), { z: 8, x: 8, T: 2 * 7 * 4 })
  assert.deepEqual(sizes(50, true), sizes(5, true))
  assert.deepEqual(sizes(5, false), { z: 8, x: 8 })
})

test('lambda begins in its ring, all over it', (t) => {
  const { nu, theta } = initialWeights(binary64, rivalConfig({ units: 2000 }), keyOf(3)) as Record<string, Tensors[string]>
  const radii = Array.from(nu!.data, (nu) => Math.exp(-Math.exp(nu)))
  const angles = Array.from(theta!.data)
  const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)]
  const [least, most] = range(radii)
  const [first, last] = range(angles)
  t.diagnostic(`|lambda| from ${least.toFixed(3)} to ${most.toFixed(3)}, angles from ${first.toFixed(3)} to ${last.toFixed(3)}`)
  assert.ok(least >= 0.5 && least < 0.51 && most <= 0.99 && most > 0.98)
  assert.ok(first >= 0 && first < 0.02 && last <= Math.PI / 2 && last > Math.PI / 2 - 0.02)
  const mean = radii.reduce((sum, one) => sum + one, 0) / radii.length
  assert.ok(Math.abs(mean - 0.745) < 0.02, String(mean))
})

test('there are so many weights; of an odd number of units one more is carried than is read', async () => {
  const algebra = await fastAlgebra()
  const count = (units: number): number =>
    Object.values(rtu(algebra, rivalConfig({ inputs: 5, units })).initial(keyOf(1)).weights).reduce(
      (sum, { data }) => sum + data.length,
      0,
    )
  assert.equal(count(6), 2 * 3 + 6 * (5 + 1) + 5 * (6 + 1))
  assert.equal(count(5), 2 * 3 + 6 * (5 + 1) + 5 * (5 + 1))
})

test('a slope where |lambda| is almost 1 is one, in binary32 too', async () => {
  for (const algebra of [binary64, await fastAlgebra()]) {
    const network = someNetwork()
    const nu = each(algebra, () => -40, network.weights.nu!)
    const { gradient } = step(algebra, 'softmax', { ...network.weights, nu }, network.state, network.inputs[0]!, true)
    for (const { data } of Object.values(gradient!)) assert.ok(Array.from(data).every(Number.isFinite))
    assert.ok(Array.from(gradient!.theta!.data).every((d) => d !== 0))
  }
})

test('binary32 computes the same, but for rounding', async (t) => {
  const network = someNetwork()
  const [got, wanted] = [stepsOf(network, true, await fastAlgebra()), stepsOf(network)]
  const worst = Math.max(...got.map(({ gradient }, t) => distance(gradient!, wanted[t]!.gradient!)))
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst < 2e-6, String(worst))
})
