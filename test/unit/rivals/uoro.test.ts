import assert from 'node:assert/strict'
import { test } from 'node:test'

import { binary64, each } from '../../../src/rivals/algebra.js'
import { mapTensors } from '../../../src/rivals/adam.js'
import { elman } from '../../../src/rivals/elman.js'
import type { Tensors } from '../../../src/rivals/rival.js'
import { exactTrace } from '../../../src/rivals/rtrl.js'
import { estimatedTrace, type Signs } from '../../../src/rivals/uoro.js'
import { run } from '../../../src/rivals/bptt.js'
import { errorOf } from '../../../src/rivals/readout.js'
import { stepGradients, distance, someNetwork, sumOf, type Network } from './support.js'

const UNITS = 3
/** Losses of 5 steps, which 4 draws of 3 signs go into: 2^12 sign vectors. */
const STEPS = 5
const VECTORS = 2 ** (UNITS * (STEPS - 1))

const network = someNetwork(elman, { units: UNITS }, STEPS)
const KEY = { rows: 1, cols: 4, data: new Float64Array(4) }

/** Sign j of step t is bit 3 t + j of a number; rows share it. */
const signOf = (vector: number, t: number, j: number): number => ((vector >> (UNITS * t + j)) & 1 ? 1 : -1)

const fixed = (vector: number): Signs => {
  let t = -1
  return (key, rows, units) => {
    t++
    const data = Float64Array.from({ length: rows * units }, (_, at) => signOf(vector, t, at % units))
    return { signs: { rows, cols: units, data }, next: key }
  }
}

const withKey = (key: Tensors[string]): Network => ({ ...network, state: { ...network.state, key } })
const recurrent = ({ W, U, b }: Tensors): Tensors => ({ W: W!, U: U!, b: b! })

/** The gradient of all steps together, by the trace. */
const estimate = (signs?: Signs, key = KEY): Tensors =>
  recurrent(sumOf(stepGradients(estimatedTrace(binary64, signs), withKey(key), 0).gradients))

const exact = recurrent(sumOf(stepGradients(exactTrace(binary64), network, 0).gradients))

const scaled = (by: number, tensors: Tensors): Tensors => mapTensors((tensor) => each(binary64, (a) => by * a, tensor), tensors)

const meanOf = (of: (vector: number) => Tensors): Tensors => {
  let sum = of(0)
  for (let vector = 1; vector < VECTORS; vector++) sum = sumOf([sum, of(vector)])
  return scaled(1 / VECTORS, sum)
}

/**
 * The equations once more, number by number and apart from the code they test; `divides` tells whether M is divided by rho1.
 */
const naive = (vector: number, divides: boolean): Tensors => {
  const { config, weights, state, inputs } = network
  const [rows, n, m] = [2, UNITS, config.inputs]
  const k = n + m + 1
  const gradient = new Float64Array(k * n)
  const steps = run(binary64, elman, config.output, weights, state, inputs)
  const norm = (values: readonly number[]): number => Math.hypot(...values)
  const all = Array.from({ length: n }, (_, i) => i)
  for (let row = 0; row < rows; row++) {
    let A = all.map(() => 0)
    let B = Array.from({ length: k * n }, () => 0)
    inputs.forEach((input, t) => {
      const at = (matrix: { cols: number; data: ArrayLike<number> }, i: number): number =>
        matrix.data[(t * rows + row) * matrix.cols + i]!
      const s = all.map((i) => 1 - at(steps.h, i) ** 2)
      const xhat = [...all.map((i) => at(steps.before, i)), ...Array.from({ length: m }, (_, i) => at(steps.x, i)), 1]
      const errors = errorOf(binary64, steps.predictions[t]!, input)
      const q = all.map((i) =>
        Array.from({ length: m }, (_, o) => errors.data[row * m + o]! * weights.V!.data[i * m + o]!).reduce((a, b) => a + b),
      )
      const JA = all.map((i) => s[i]! * all.reduce((sum, r) => sum + A[r]! * weights.W!.data[r * n + i]!, 0))
      const past = all.reduce((sum, i) => sum + q[i]! * JA[i]!, 0)
      xhat.forEach((x, l) => all.forEach((j) => (gradient[l * n + j]! += q[j]! * s[j]! * x + past * B[l * n + j]!)))
      const nu = all.map((j) => signOf(vector, t, j))
      const M = xhat.flatMap((x) => all.map((j) => x * nu[j]! * s[j]!))
      const rho0 = Math.sqrt((norm(B) + 1e-5) / (norm(JA) + 1e-5))
      const rho1 = Math.sqrt((norm(M) + 1e-5) / (norm(nu) + 1e-5))
      A = all.map((i) => rho0 * JA[i]! + rho1 * nu[i]!)
      B = B.map((b, i) => b / rho0 + M[i]! / (divides ? rho1 : 1))
    })
  }
  const part = (from: number, to: number): Tensors[string] => ({
    rows: to - from,
    cols: n,
    data: gradient.slice(from * n, to * n),
  })
  return { W: part(0, n), U: part(n, k - 1), b: part(k - 1, k) }
}

test('the estimate is that of the equations, written out number by number', (t) => {
  let worst = 0
  for (let vector = 0; vector < VECTORS; vector += 37) {
    worst = Math.max(worst, distance(estimate(fixed(vector)), naive(vector, true)))
  }
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst <= 1e-13, String(worst))
})

test('the mean over all 4,096 sign vectors is the exact gradient', (t) => {
  const worst = distance(
    meanOf((vector) => estimate(fixed(vector))),
    exact,
  )
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst <= 1e-12, String(worst))
  const single = distance(estimate(fixed(0)), exact)
  t.diagnostic(`that of one sign vector: ${single.toFixed(2)}`)
  assert.ok(single > 1e-2, String(single))
})

test('the mean is not the exact gradient where M is not divided by rho1', (t) => {
  const worst = distance(
    meanOf((vector) => naive(vector, false)),
    exact,
  )
  t.diagnostic(`worst error over the largest element: ${worst.toFixed(3)}`)
  assert.ok(worst > 1e-2, String(worst))
})

test('with signs drawn from keys, the error of a mean over seeds falls as one over the root of their number', (t) => {
  const estimates = Array.from({ length: 4096 }, (_, seed) =>
    estimate(undefined, { ...KEY, data: Float64Array.of(seed, 0, 1, 0) }),
  )
  const errorOfMeans = (size: number): number => {
    let sum = 0
    for (let from = 0; from < estimates.length; from += size) {
      const mean = scaled(1 / size, sumOf(estimates.slice(from, from + size)))
      mapTensors((wanted, name) => each(binary64, (got, right) => (sum += (got - right) ** 2), mean[name]!, wanted), exact)
    }
    return Math.sqrt(sum / (estimates.length / size))
  }
  const errors = [1, 16, 256].map(errorOfMeans)
  t.diagnostic(`root mean square errors of means of 1, 16 and 256: ${errors.map((error) => error.toFixed(4)).join(', ')}`)
  for (const [i, slack] of [
    [0, 0.1],
    [1, 0.35],
  ] as const) {
    const ratio = errors[i]! / errors[i + 1]!
    assert.ok(Math.abs(ratio / 4 - 1) < slack, `16 times the seeds divide the error by ${ratio}`)
  }
})
