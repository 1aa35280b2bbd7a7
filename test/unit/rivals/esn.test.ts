import assert from 'node:assert/strict'
import { test } from 'node:test'

import { reberTask } from '../../../src/data/grammar-task.js'
import type { Sequence } from '../../../src/engine/engine.js'
import { ACTIVATIONS } from '../../../src/numeric/activation.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import type { Input } from '../../../src/ptncn/state.js'
import { binary64, each, stacked, type Algebra } from '../../../src/rivals/algebra.js'
import { esn, ESN_DEFAULTS, spectralRadius, type EsnSettings } from '../../../src/rivals/esn.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import type { Rival, RivalConfig, RivalModel, Tensors } from '../../../src/rivals/rival.js'
import { assertRefused } from '../support.js'
import { differences, lossOf, rivalConfig, someInputs, someMatrix, worstElement } from './support.js'

const matrixOf = (...rows: readonly (readonly number[])[]): Matrix => ({
  rows: rows.length,
  cols: rows[0]!.length,
  data: Float64Array.from(rows.flat()),
})

/** The readout learns with any weights: here none of them is 0. */
const someEsn = (
  given: Partial<EsnSettings> = {},
  config: Partial<RivalConfig> = {},
  algebra: Algebra = binary64,
): { rival: Rival; model: RivalModel } => {
  const rival = esn(algebra, rivalConfig({ units: 8, ...config }), { ...ESN_DEFAULTS, density: 0.4, ...given })
  return { rival, model: rival.initial(keyOf(5)) }
}

/** h after each input but the last, step by step. */
const statesOf = async (rival: Rival, model: RivalModel, inputs: readonly Input[], begin?: Tensors): Promise<Matrix[]> => {
  const states: Matrix[] = []
  let at = begin ? { ...model, state: begin } : model
  for (const [t, input] of inputs.entries()) {
    at = (await rival.evaluate(at, [{ inputs: [input], continues: t > 0 || begin !== undefined, open: true }])).snapshot
    states.push(at.state!.h!)
  }
  return states
}

const ANGLE = 0.7
const [C, S] = [Math.cos(ANGLE), Math.sin(ANGLE)]

/** P A P^-1 for A of n rows and P = I + u v', u and v so that v'u = 0: the same eigenvalues, and no symmetry. */
const similar = (a: Matrix): Matrix => {
  const n = a.rows
  const [u, v] = [Array.from({ length: n }, (_, i) => i + 1), Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1))]
  const mean = v.reduce((sum, one, i) => sum + one * u[i]!, 0) / v.reduce((sum, one) => sum + one * one, 0)
  const across = u.map((one, i) => one - mean * v[i]!)
  const shear = (sign: number): Matrix => ({
    rows: n,
    cols: n,
    data: Float64Array.from(
      { length: n * n },
      (_, at) => Number(at % (n + 1) === 0) + sign * across[Math.floor(at / n)]! * v[at % n]!,
    ),
  })
  return binary64.product(binary64.product(shear(1), a), shear(-1))
}

const KNOWN: readonly (readonly [string, Matrix, number])[] = [
  ['a turn', matrixOf([C, -S], [S, C]), 1],
  ['a quarter turn, which maps axes to axes, times 3', matrixOf([0, -3], [3, 0]), 3],
  [
    'a turn and a smaller real eigenvalue, sheared',
    similar(matrixOf([0.8 * C, -0.8 * S, 0], [0.8 * S, 0.8 * C, 0], [0, 0, 0.7])),
    0.8,
  ],
  [
    'a turn and a larger negative eigenvalue, sheared',
    similar(matrixOf([0.8 * C, -0.8 * S, 0], [0.8 * S, 0.8 * C, 0], [0, 0, -1.7])),
    1.7,
  ],
  [
    'two turns of one size, sheared',
    similar(matrixOf([2 * C, -2 * S, 0, 0], [2 * S, 2 * C, 0, 0], [0, 0, 0, -2], [0, 0, 2, 0])),
    2,
  ],
  ['eigenvalues of both signs', matrixOf([0, 1], [1, 0]), 1],
  ['the companion of x^3 = 2, with two complex roots', matrixOf([0, 0, 2], [1, 0, 0], [0, 1, 0]), Math.cbrt(2)],
  ['a Jordan block, which has not enough eigenvectors', matrixOf([0.5, 1], [0, 0.5]), 0.5],
  ['a triangle far from normal', matrixOf([0.1, 100, 100], [0, -0.3, 100], [0, 0, 0.2]), 0.3],
  ['zeros', matrixOf([0, 0], [0, 0]), 0],
  ['no cycle', matrixOf([0, 1, 5], [0, 0, 1], [0, 0, 0]), 0],
]

test('the spectral radius of matrices whose eigenvalues are known', async (t) => {
  for (const [algebra, bound] of [
    [binary64, 2e-5],
    [await fastAlgebra(), 1e-3],
  ] as const) {
    let worst = 0
    for (const [what, matrix, wanted] of KNOWN) {
      const got = spectralRadius(
        algebra,
        each(algebra, (x) => x, matrix),
      )
      const error = Math.abs(got - wanted) / (wanted || 1)
      assert.ok(error <= bound, `${algebra.name}: ${what}: ${got}, not ${wanted}`)
      worst = Math.max(worst, error)
    }
    t.diagnostic(`${algebra.name}: worst relative error ${worst.toExponential(1)}`)
  }
})

test('W has the radius that is set, by the growth of what it is multiplied with, and U and b their scale', (t) => {
  const set = { radius: 0.8, inputScale: 0.25, density: 0.1 }
  const { W, U, b } = someEsn(set, { units: 100, inputs: 50 }).model.weights as Record<string, Matrix>
  // |v W^k|^(1/k)
  const K = 1000
  let [v, log] = [someMatrix(binary64, 1, { rows: 1, cols: 100 }), 0]
  for (let k = 0; k < K; k++) {
    v = binary64.product(v, W!)
    const size = Math.hypot(...Array.from(v.data))
    log += Math.log(size)
    v = each(binary64, (x) => x / size, v)
  }
  const found = Math.exp(log / K)
  t.diagnostic(`radius by growth: ${found.toFixed(5)}`)
  assert.ok(Math.abs(found - set.radius) < 5e-3, String(found))
  const dense = Array.from(W!.data).filter((w) => w !== 0).length / 100 ** 2
  assert.ok(Math.abs(dense - set.density) < 0.02, String(dense))
  const drawn = [...Array.from(U!.data), ...Array.from(b!.data)]
  const deviation = Math.sqrt(drawn.reduce((sum, w) => sum + w * w, 0) / drawn.length)
  assert.ok(Math.abs(deviation - set.inputScale) < 0.02, String(deviation))
})

test('h is a leaky mean of f(h W + x U + b), for each unit of P-TNCN', async () => {
  for (const activation of Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[]) {
    const { rival, model } = someEsn({ activation, leak: 0.3 })
    const { W, U, b } = model.weights as Record<string, Matrix>
    const inputs = someInputs(rivalConfig(), 2, 4)
    // the states are those before the input of their step
    const wanted: number[][] = []
    let [h, x] = [[0, 1].map(() => Array<number>(8).fill(0)), [0, 1].map(() => Array<number>(4).fill(0))]
    for (const input of inputs) {
      h = h.map((before, row) =>
        before.map((value, j) => {
          const a =
            before.reduce((sum, one, i) => sum + one * W!.data[i * 8 + j]!, 0) +
            x[row]!.reduce((sum, one, i) => sum + one * U!.data[i * 8 + j]!, 0) +
            b!.data[j]!
          const f =
            activation === 'tanh' ? Math.tanh(a) : activation === 'sigmoid' ? 1 / (1 + Math.exp(-a)) : ACTIVATIONS[activation](a)
          return 0.7 * value + 0.3 * f
        }),
      )
      x = x.map((_, row) => Array.from(input.x.data).slice(row * 4, row * 4 + 4))
      wanted.push(h.flat())
    }
    const got = (await statesOf(rival, model, inputs)).map(({ data }) => Array.from(data))
    got.forEach((state, t) =>
      state.forEach((value, i) => assert.ok(Math.abs(value - wanted[t]![i]!) < 1e-6, `${activation}, step ${t}`)),
    )
  }
})

test('stochastic units draw by the key of the sequence, the step, the row and the unit, in pieces too', async () => {
  const { rival, model } = someEsn({ activation: 'stochastic' })
  const inputs = someInputs(rivalConfig(), 3, 6)
  const predictions = async (...sequences: Sequence[]): Promise<unknown> =>
    (await rival.evaluate(model, sequences, { predictions: true })).measurements.flatMap((one) => one.predictions)
  const key = keyOf(2 ** 50 + 12345)
  const whole = await predictions({ inputs, key })
  assert.deepEqual(
    await predictions({ inputs: inputs.slice(0, 2), key, open: true }, { inputs: inputs.slice(2), continues: true }),
    whole,
  )
  assert.notDeepEqual(await predictions({ inputs, key: keyOf(1) }), whole)
  // each half of each word counts, at its place
  const keys = [
    [1, 0],
    [2 ** 16, 0],
    [0, 1],
    [0, 2 ** 16],
  ] as const
  const all4 = await Promise.all(keys.map(async (key) => JSON.stringify(await predictions({ inputs, key }))))
  assert.equal(new Set(all4).size, 4)
  const all = await statesOf(
    rival,
    model,
    inputs.map(({ mask }) => ({ mask, x: { rows: 3, cols: 4, data: new Float64Array(12) } })),
  )
  assert.ok(all.every(({ data }) => Array.from(data).every((h) => h === 0 || h === 1)))
  const rows = all.flatMap(({ data }) =>
    [0, 1, 2].map((row) =>
      Array.from(data)
        .slice(row * 8, row * 8 + 8)
        .join(),
    ),
  )
  assert.ok(new Set(rows).size > 9, 'rows and steps differ')
})

for (const output of ['softmax', 'sigmoid', 'identity'] as const) {
  for (const open of [false, true]) {
    test(`${output}, ${open ? 'an open' : 'a new'} sequence: the first update goes down the difference of losses by V and c, and by nothing else`, async (t) => {
      // Adam's first moment after one update is (1 - beta1) times the gradient
      const { rival, model } = someEsn({}, { output })
      const inputs = someInputs(rivalConfig({ output }), 3, 6)
      const state = open ? (await rival.evaluate(model, [{ inputs: inputs.slice(0, 2), open: true }])).snapshot.state! : undefined
      // one step that is scored, as each has an update of its own
      const [begin, end] = open ? [2, 3] : [0, 2]
      const sequence: Sequence = { inputs: inputs.slice(begin, end), ...(open && { continues: true }) }
      const from = { ...model, ...(state && { state }) }
      const { snapshot } = await rival.train(from, [sequence])
      assert.deepEqual(Object.keys(snapshot.optimizer.first), ['V', 'c'])
      const states = await statesOf(rival, model, inputs)
      const used = states.slice(begin, end)
      const wanted = differences(
        ({ V, c }) =>
          lossOf(
            output,
            used.map((h) => {
              const logits = binary64.product(h, V!)
              const sum = { ...logits, data: Float64Array.from(logits.data, (a, i) => a + c!.data[i % 4]!) }
              return output === 'identity' ? sum : binary64[output](sum)
            }),
            sequence.inputs,
            open ? 0 : 1,
          ),
        { V: model.weights.V!, c: model.weights.c! },
      )
      const keep = 1 - Math.fround(0.9)
      const got = Object.fromEntries(
        Object.entries(snapshot.optimizer.first).map(([name, m]) => [
          name,
          { ...m, data: Float64Array.from(m.data, (one) => one / Math.fround(keep)) },
        ]),
      )
      const worst = worstElement(got, wanted)
      t.diagnostic(`worst relative error of an element: ${worst.toExponential(1)}; moments are rounded to binary32`)
      assert.ok(worst <= 3e-7, String(worst))
    })
  }
}

test('training leaves W, U and b as they are, to the byte', async () => {
  for (const algebra of [binary64, await fastAlgebra()]) {
    const { rival, model } = someEsn({}, {}, algebra)
    const before = structuredClone(model.weights)
    const { snapshot } = await rival.train(
      model,
      Array.from({ length: 5 }, () => ({ inputs: someInputs(rivalConfig(), 2, 6, algebra) })),
    )
    for (const name of ['W', 'U', 'b']) assert.deepEqual(snapshot.weights[name], before[name], name)
    for (const name of ['V', 'c']) assert.notDeepEqual(snapshot.weights[name], before[name], name)
    assert.deepEqual(model.weights, before)
  }
})

test('two initial states converge', async (t) => {
  const { rival, model } = someEsn({ radius: 0.7, leak: 0.8 })
  const inputs = someInputs(rivalConfig(), 2, 60)
  const [one, other] = [1, 2].map((seed) => ({
    h: someMatrix(binary64, seed, { rows: 2, cols: 8 }),
    x: inputs[0]!.x,
    t: matrixOf([1]),
    key: matrixOf([0, 0, 0, 0]),
  }))
  const [first, second] = [await statesOf(rival, model, inputs, one), await statesOf(rival, model, inputs, other)]
  const gaps = first.map(({ data }, t) => Math.max(...Array.from(data, (h, i) => Math.abs(h - second[t]!.data[i]!))))
  t.diagnostic(`apart by ${gaps[0]!.toExponential(1)} after the first step, by ${gaps.at(-1)!.toExponential(1)} after the last`)
  assert.ok(gaps[0]! > 0.1 && gaps.at(-1)! < 1e-6 * gaps[0]!, String(gaps.at(-1)))
})

test('the readout has one optimum: two starts end with the same weights', async (t) => {
  // probabilities within (0, 1) as targets: the cross-entropy has its least value at finite weights, and at one point
  const config = rivalConfig({ output: 'sigmoid', inputs: 3, units: 3 })
  const inputs = someInputs(config, 3, 12)
  const settings = { ...ESN_DEFAULTS, density: 0.9, inputScale: 3 }
  const ends = await Promise.all(
    [1, 2].map(async (seed) => {
      const begin = esn(binary64, config, settings).initial(keyOf(9))
      let model: RivalModel = {
        ...begin,
        weights: {
          ...begin.weights,
          V: someMatrix(binary64, seed, { rows: 3, cols: 3 }, 2),
          c: someMatrix(binary64, seed + 5, { rows: 1, cols: 3 }, 2),
        },
      }
      for (const rate of [0.05, 0.01, 1e-3, 1e-4]) {
        ;({ snapshot: model } = await esn(binary64, { ...config, rate }, settings).train(
          model,
          Array.from({ length: 500 }, () => ({ inputs })),
        ))
      }
      return model.weights
    }),
  )
  let gap = 0
  for (const name of ['V', 'c'])
    Array.from(ends[0]![name]!.data).forEach((w, i) => (gap = Math.max(gap, Math.abs(w - ends[1]![name]!.data[i]!))))
  t.diagnostic(`largest difference of a weight: ${gap.toExponential(1)}`)
  assert.ok(gap < 1e-4, String(gap))
})

/** (A' A + lambda I)^-1 A' Y, by Cholesky. */
const ridge = (a: Matrix, y: Matrix, lambda: number): Matrix => {
  const n = a.cols
  const L = Float64Array.from(binary64.productLeftTransposed(a, a).data, (value, at) => value + (at % (n + 1) === 0 ? lambda : 0))
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = L[i * n + j]!
      for (let k = 0; k < j; k++) sum -= L[i * n + k]! * L[j * n + k]!
      L[i * n + j] = i === j ? Math.sqrt(sum) : sum / L[j * n + j]!
    }
  }
  const data = Float64Array.from(binary64.productLeftTransposed(a, y).data)
  for (let col = 0; col < y.cols; col++) {
    const at = (i: number): number => i * y.cols + col
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) data[at(i)] = data[at(i)]! - L[i * n + k]! * data[at(k)]!
      data[at(i)] = data[at(i)]! / L[i * n + i]!
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) data[at(i)] = data[at(i)]! - L[k * n + i]! * data[at(k)]!
      data[at(i)] = data[at(i)]! / L[i * n + i]!
    }
  }
  return { rows: n, cols: y.cols, data }
}

test('ridge: its normal equations hold, and from the states it reads inputs of long ago', async (t) => {
  const config = { inputs: 1, units: 40, output: 'sigmoid' } as const
  const { rival, model } = someEsn({ inputScale: 0.1, radius: 0.9, density: 0.2 }, config)
  const inputs = someInputs(rivalConfig(config), 1, 300)
  // the state of step t has taken in the inputs before t; the washout is left away
  const states = await statesOf(rival, model, inputs)
  const [washout, lambda] = [60, 1e-8]
  const withOnes = (h: Matrix): Matrix => ({ rows: 1, cols: h.cols + 1, data: Float64Array.from([...Array.from(h.data), 1]) })
  const a = stacked(binary64, states.slice(washout).map(withOnes))
  const errorAt = (delay: number): number => {
    const y = stacked(
      binary64,
      inputs.slice(washout - delay, inputs.length - delay).map(({ x }) => x),
    )
    const solved = ridge(a, y, lambda)
    const left = binary64.productLeftTransposed(a, binary64.product(a, solved)).data
    const right = binary64.productLeftTransposed(a, y).data
    const size = Math.max(...Array.from(right, Math.abs))
    const worst = Math.max(...Array.from(left, (value, i) => Math.abs(value + lambda * solved.data[i]! - right[i]!))) / size
    t.diagnostic(`delay ${delay}: worst error of the normal equations ${worst.toExponential(1)}`)
    assert.ok(worst <= 1e-12, String(worst))
    const read = binary64.product(a, solved).data
    return Math.sqrt(Array.from(read, (value, i) => (value - y.data[i]!) ** 2).reduce((all, one) => all + one) / y.rows)
  }
  const [recent, now] = [errorAt(3), errorAt(0)]
  t.diagnostic(
    `root mean square error: ${recent.toExponential(1)} of the input 3 steps ago, ${now.toExponential(1)} of the one to come`,
  )
  assert.ok(recent < 0.02 && now > 0.1, `${recent}, ${now}`)
})

test('there are so many weights, those of W that are 0 included, and the readout alone learns', () => {
  const { model } = someEsn({}, { inputs: 5, units: 7 })
  const sizes = (tensors: Tensors): number => Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0)
  assert.equal(sizes(model.weights), 7 * (7 + 5 + 1) + 5 * (7 + 1))
  assert.equal(sizes(model.optimizer.first), 5 * (7 + 1))
})

test('a setting that makes no sense is refused', () => {
  const refusals = [
    ['leak', 0, /above 0, at most 1/],
    ['leak', 1.1, /above 0, at most 1/],
    ['radius', -1, />= 0/],
    ['radius', NaN, />= 0/],
    ['inputScale', Infinity, />= 0/],
    ['density', 0, /above 0, at most 1/],
    ['activation', 'toString', /tanh, .*stochastic/],
  ] as const
  for (const [name, value, expected] of refusals) {
    assertRefused(() => esn(binary64, rivalConfig(), { ...ESN_DEFAULTS, [name]: value }), {
      name: 'ConfigError',
      what: `settings.${name}`,
      expected,
      got: typeof value === 'string' ? `"${value}"` : String(value),
    })
  }
  assertRefused(() => someEsn({ density: 1e-6 }), {
    name: 'ConfigError',
    what: 'density',
    expected: /with a cycle/,
    got: '0.000001',
  })
})

test('binary32: it learns the Reber grammar, the same bits every time, with every kind of unit', async (t) => {
  const task = reberTask(20)
  const sequences = Array.from({ length: 150 }, (_, i) => task.training(keyOf(1), i))
  for (const [activation, part] of [
    ['tanh', 0.75],
    ['sign', 0.75],
    ['step', 0.75],
    ['stochastic', 0.95],
  ] as const) {
    const once = async () => {
      const config = rivalConfig({ inputs: task.inputs, units: 32, rate: 0.003, clip: 1 })
      const rival = esn(await fastAlgebra(), config, { ...ESN_DEFAULTS, activation })
      return rival.train(rival.initial(keyOf(2)), sequences)
    }
    const [one, other] = [await once(), await once()]
    assert.deepEqual(one, other)
    const mean = (from: number, to: number): number => {
      const scores = one.measurements.slice(from, to)
      return scores.reduce((sum, { loss }) => sum + loss, 0) / scores.reduce((sum, { count }) => sum + count, 0)
    }
    t.diagnostic(`${activation}, nats a symbol: ${mean(0, 10).toFixed(3)} at first, ${mean(140, 150).toFixed(3)} at last`)
    assert.ok(mean(140, 150) < part * mean(0, 10), activation)
  }
})
