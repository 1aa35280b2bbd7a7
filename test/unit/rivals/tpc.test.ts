import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import { binary64, each, unstacked, zeros, type Algebra } from '../../../src/rivals/algebra.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import type { Tensors } from '../../../src/rivals/rival.js'
import { errorsAt, infer, slopeOf, step, tpc, TPC_DEFAULTS, type TpcSettings } from '../../../src/rivals/tpc.js'
import { assertRefused } from '../support.js'
import { differences, distance, lossOf, rivalConfig, someInputs, someMatrix } from './support.js'

const OUTPUTS = ['softmax', 'sigmoid', 'identity'] as const
type Output = (typeof OUTPUTS)[number]

const ROWS = 3
const shapes = { W: [3, 3], U: [4, 3], b: [1, 3], V: [3, 4], c: [1, 4], z: [ROWS, 3], x: [ROWS, 4] } as const
/** Nothing is 0; the last row of the input has no data. */
const {
  z: _z,
  x: _x,
  ...weights
} = Object.fromEntries(
  Object.entries(shapes).map(([name, [rows, cols]], i) => [name, someMatrix(binary64, 10 + i, { rows, cols }, 1.2)]),
) as Record<keyof typeof shapes, Matrix>
const state: Tensors = { z: _z, x: _x }

const inputOf = (output: Output) => {
  const { x } = someInputs(rivalConfig({ output }), ROWS, 1)[0]!
  return { x, mask: { rows: ROWS, cols: 1, data: Float64Array.of(1, 1, 0) } }
}

/** The numbers of row `row`. */
const rowOf = ({ cols, data }: Matrix, row: number): number[] => Array.from({ length: cols }, (_, j) => data[row * cols + j]!)

/** a W + b for one row, number by number. */
const through = (a: readonly number[], W: Matrix, b: readonly number[]): number[] =>
  b.map((bias, j) => a.reduce((sum, value, i) => sum + value * W.data[i * W.cols + j]!, bias))

/** z^ by its equation. */
const expectedBy = ({ W, U, b }: Tensors): Matrix => {
  const all = Array.from({ length: ROWS }, (_, row) =>
    through(rowOf(state.z!, row).map(Math.tanh), W!, through(rowOf(state.x!, row), U!, rowOf(b!, 0))),
  )
  return { rows: ROWS, cols: 3, data: Float64Array.from(all.flat()) }
}

/** What is read from a latent. */
const read = (output: Output, { V, c }: Tensors, z: Matrix): Matrix => {
  const all = Array.from({ length: ROWS }, (_, row) => through(rowOf(z, row).map(Math.tanh), V!, rowOf(c!, 0)))
  const sum = { rows: ROWS, cols: 4, data: Float64Array.from(all.flat()) }
  return output === 'identity' ? sum : binary64[output](sum)
}

/** E of all rows together, by its equation. */
const energy = (output: Output, given: Tensors, z: Matrix): number => {
  const expected = expectedBy(given)
  const latent = Array.from(z.data).reduce((sum, value, i) => sum + (value - expected.data[i]!) ** 2 / 2, 0)
  return latent + ROWS * lossOf(output, [read(output, given, z)], [inputOf(output)], 0)
}

const inferred = (output: Output, settings: TpcSettings): Matrix =>
  infer(binary64, output, settings, weights, expectedBy(weights), inputOf(output))

const slopeAt = (output: Output, z: Matrix): Matrix =>
  slopeOf(binary64, weights, errorsAt(binary64, output, weights, expectedBy(weights), inputOf(output), z))

const largest = ({ data }: Matrix): number => Math.max(...Array.from(data, Math.abs))

for (const output of OUTPUTS) {
  test(`${output}: a pass goes down the differences of E by z`, (t) => {
    for (const z of [expectedBy(weights), someMatrix(binary64, 3, { rows: ROWS, cols: 3 })]) {
      const wanted = differences(({ z }) => energy(output, weights, z!), { z })
      const worst = distance({ z: slopeAt(output, z) }, wanted)
      t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
      assert.ok(worst <= 1e-9, String(worst))
    }
    const expected = expectedBy(weights)
    const once = inferred(output, { passes: 1, inferenceRate: 0.25 })
    const wanted = each(binary64, (z, slope) => z - 0.25 * slope, expected, slopeAt(output, expected))
    assert.ok(distance({ z: once }, { z: wanted }) <= 1e-14)
  })

  test(`${output}: at a small rate E falls at every pass, and by many passes to where nothing is left of its slope`, (t) => {
    const energies = Array.from({ length: 60 }, (_, passes) =>
      energy(output, weights, inferred(output, { passes, inferenceRate: 0.05 })),
    )
    for (const [pass, E] of energies.slice(1).entries()) assert.ok(E < energies[pass]!, `pass ${pass + 1}: ${E}`)
    const z = inferred(output, { passes: 3000, inferenceRate: 0.05 })
    const left = largest(slopeAt(output, z))
    const measured = largest(differences(({ z }) => energy(output, weights, z!), { z }).z!)
    t.diagnostic(`E from ${energies[0]!.toFixed(3)} to ${energies.at(-1)!.toFixed(3)}`)
    t.diagnostic(`slope left: ${left.toExponential(1)}, by differences ${measured.toExponential(1)}`)
    assert.ok(left <= 1e-9, String(left))
    assert.ok(measured <= 1e-9, String(measured))
    assert.ok(largest(slopeAt(output, expectedBy(weights))) > 1e-2)
  })

  test(`${output}: the weights go down the differences of the mean of E, z held, far from the fixed point and at it`, (t) => {
    for (const passes of [1, 10, 3000]) {
      const settings = { passes, inferenceRate: 0.05 }
      const z = inferred(output, settings)
      const { gradient, state: after } = step(binary64, output, settings, weights, state, inputOf(output), true)
      assert.ok(distance({ z: after.z! }, { z }) <= 1e-14)
      const wanted = differences((given) => energy(output, given, z) / ROWS, weights)
      const worst = distance(gradient!, wanted)
      t.diagnostic(`${passes} passes: worst error over the largest element ${worst.toExponential(1)}`)
      assert.ok(worst <= 1e-9, String(worst))
    }
  })

  test(`${output}: the prediction is that of z^, whatever is seen then; a row without data stays there and teaches nothing`, () => {
    const input = inputOf(output)
    const stepped = step(binary64, output, TPC_DEFAULTS, weights, state, input, true)
    assert.ok(distance({ p: stepped.prediction }, { p: read(output, weights, expectedBy(weights)) }) <= 1e-14)
    const another = { ...input, x: someMatrix(binary64, 55, input.x) }
    assert.deepEqual(step(binary64, output, TPC_DEFAULTS, weights, state, another, true).prediction, stepped.prediction)
    const [moved, , quiet] = unstacked(stepped.state.z!, 1) as [Matrix, Matrix, Matrix]
    const [from, , stayed] = unstacked(expectedBy(weights), 1) as [Matrix, Matrix, Matrix]
    assert.ok(distance({ z: quiet }, { z: stayed }) <= 1e-15)
    assert.ok(distance({ z: moved }, { z: from }) > 1e-2)
    const silent = { ...input, mask: zeros(binary64, ROWS, 1) }
    const { gradient } = step(binary64, output, TPC_DEFAULTS, weights, state, silent, true)
    for (const [name, { data }] of Object.entries(gradient!))
      assert.ok(
        Array.from(data).every((d) => d === 0),
        name,
      )
  })
}

test('with frozen weights z is inferred all the same: what was seen changes what is predicted then, beyond the input itself', async () => {
  const rival = tpc(binary64, rivalConfig({ inputs: 4, units: 3 }), TPC_DEFAULTS)
  const model = rival.initial(keyOf(1))
  const inputs = someInputs(rivalConfig(), 2, 3)
  const { snapshot } = await rival.evaluate(model, [{ inputs, open: true }])
  assert.deepEqual([snapshot.weights, snapshot.optimizer], [model.weights, model.optimizer])
  const still = tpc(binary64, rivalConfig(), { ...TPC_DEFAULTS, inferenceRate: 0 })
  const unmoved = (await still.evaluate(model, [{ inputs, open: true }])).snapshot
  assert.ok(distance({ z: snapshot.state!.z! }, { z: unmoved.state!.z! }) > 1e-2)
})

test('binary32 computes the same, but for rounding', async (t) => {
  const fast: Algebra = await fastAlgebra()
  for (const output of OUTPUTS) {
    const of = (algebra: Algebra) => step(algebra, output, TPC_DEFAULTS, weights, state, inputOf(output), true)
    const worst = distance(of(fast).gradient!, of(binary64).gradient!)
    t.diagnostic(`${output}: worst error over the largest element: ${worst.toExponential(1)}`)
    assert.ok(worst < 2e-6, String(worst))
  }
})

test('a setting that makes no sense is refused', () => {
  for (const [name, value, expected] of [
    ['passes', 0, /whole number >= 1/],
    ['passes', 1.5, /whole number >= 1/],
    ['inferenceRate', -0.1, />= 0/],
    ['inferenceRate', NaN, />= 0/],
  ] as const) {
    assertRefused(() => tpc(binary64, rivalConfig(), { ...TPC_DEFAULTS, [name]: value }), {
      name: 'ConfigError',
      what: `settings.${name}`,
      expected,
      got: String(value),
    })
  }
})
