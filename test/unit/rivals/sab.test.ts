import assert from 'node:assert/strict'
import { test } from 'node:test'

import { reberTask } from '../../../src/data/grammar-task.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import type { Input } from '../../../src/ptncn/state.js'
import { binary64, unstacked, zeros } from '../../../src/rivals/algebra.js'
import * as bptt from '../../../src/rivals/bptt.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import { lstmCell } from '../../../src/rivals/lstm.js'
import type { RivalConfig, Tensors } from '../../../src/rivals/rival.js'
import {
  gradientOf,
  initialState,
  initialWeights,
  run,
  sab,
  SAB_DEFAULTS,
  type Run,
  type SabSettings,
} from '../../../src/rivals/sab.js'
import { assertRefused } from '../support.js'
import { differences, distance, lossOf, rivalConfig, someInputs, someMatrix, sumOf, worstElement } from './support.js'
import * as tape from './tape.js'
import type { Value } from './tape.js'

interface Network {
  readonly config: RivalConfig
  readonly settings: SabSettings
  readonly weights: Tensors
  readonly state: Tensors
  readonly inputs: readonly Input[]
}

const STEPS = 8

/** n = 3, m = 4, rows of unlike length; no weight is 0. An open sequence has had 3 steps, and remembers one of them. */
const someSab = (
  given: Partial<SabSettings> = {},
  { open = false, output = 'softmax' as RivalConfig['output'], rows = 2, inputs = 4, seed = 12 } = {},
): Network => {
  const config = rivalConfig({ output, inputs })
  const fresh = initialState(binary64, config, rows)
  const noise = (name: string, shape: Pick<Matrix, 'rows' | 'cols'>, i: number): [string, Matrix] => [
    name,
    someMatrix(binary64, seed + i, shape, name === 'w' ? 2 : 0.9),
  ]
  const carried = Object.entries({ ...fresh, m: zeros(binary64, rows, config.units) }).map(([name, shape], i) =>
    noise(name, shape, i + 20),
  )
  return {
    config,
    settings: { every: 1, top: 2, trunc: Infinity, ...given },
    weights: Object.fromEntries(
      Object.entries(initialWeights(binary64, config, keyOf(1))).map(([name, w], i) => noise(name, w, i)),
    ),
    state: open ? { ...Object.fromEntries(carried), t: { rows: 1, cols: 1, data: Float64Array.of(3) } } : fresh,
    inputs: someInputs(config, rows, STEPS),
  }
}

const runOf = ({ config, settings, weights, state, inputs }: Network): Run =>
  run(binary64, config.output, settings, weights, state, inputs)
const gradient = (network: Network, first = 1): Tensors =>
  gradientOf(binary64, network.settings, network.weights, runOf(network), network.inputs, first)

/** Who attends to what, and whose score is the threshold. */
const pattern = ({ steps }: Run): unknown =>
  steps.map(({ reminded }) => reminded && [Array.from(reminded.weights.data, (weight) => weight > 0), reminded.pivots])

const OUTPUTS = ['softmax', 'sigmoid', 'identity'] as const

for (const output of OUTPUTS) {
  for (const [open, first] of [
    [false, 1],
    [true, 0],
  ] as const) {
    for (const every of [1, 2]) {
      test(`${output}, ${open ? 'an open' : 'a new'} sequence, every ${every}: where nothing is cut, every element of the gradient is a difference of losses`, (t) => {
        const network = someSab({ every }, { output, open, seed: 67 })
        const wanted = pattern(runOf(network))
        const wantedGradient = differences(
          (weights) => {
            const moved = runOf({ ...network, weights })
            assert.deepEqual(pattern(moved), wanted, 'no kink is near')
            return lossOf(output, moved.predictions, network.inputs, first)
          },
          network.weights,
          1e-3,
        )
        const worst = worstElement(gradient(network, first), wantedGradient)
        t.diagnostic(`worst relative error of an element: ${worst.toExponential(1)}`)
        assert.ok(worst <= 1e-7, String(worst))
      })
    }
  }
}

const rowOf = (a: Matrix, row: number): Value[] => Array.from({ length: a.cols }, (_, j) => tape.leaf(a.data[row * a.cols + j]!))

/** The equations at the top of sab.ts, number by number, row by row; derivatives by the chain rule. */
const byDefinition = ({ config, settings, weights, state, inputs }: Network, first: number): Tensors => {
  const { every, top, trunc } = settings
  const leaves = Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, Array.from(w.data, tape.leaf)]))
  const column = (name: string, j: number): Value[] => leaves[name]!.filter((_, at) => at % weights[name]!.cols === j)
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
  const times = (vector: readonly Value[], name: string): Value[] =>
    range(weights[name]!.cols).map((j) => tape.dot(vector, column(name, j)))
  const plus = (...vectors: readonly (readonly Value[])[]): Value[] =>
    vectors[0]!.map((_, i) => tape.sum(...vectors.map((v) => v[i]!)))
  const n = config.units
  const [B, losses]: [number, Value[]] = [state.x!.rows, []]
  for (const row of range(B)) {
    let [h, c, x] = [rowOf(state.h!, row), rowOf(state.c!, row), rowOf(state.x!, row)]
    const memories = unstacked(state.m!, B).map((m) => rowOf(m, row))
    inputs.forEach((input, i) => {
      const t = state.t!.data[0]! + i
      if (t % trunc === 0) [h, c] = [h.map(tape.detached), c.map(tape.detached)]
      const a = plus(times(x, 'U'), times(h, 'W'), leaves.b!)
      const [open, shut, out, g] = range(4).map((gate) => a.slice(gate * n, gate * n + n)) as [Value[], Value[], Value[], Value[]]
      c = range(n).map((j) =>
        tape.sum(tape.times(tape.sigmoid(shut[j]!), c[j]!), tape.times(tape.sigmoid(open[j]!), tape.tanh(g[j]!))),
      )
      const provisional = range(n).map((j) => tape.times(tape.sigmoid(out[j]!), tape.tanh(c[j]!)))
      const scores = memories.map((m) => tape.dot(plus(times(provisional, 'Q'), times(m, 'K')).map(tape.tanh), column('w', 0)))
      const sorted = [...scores].sort((one, other) => other.v - one.v)
      const threshold =
        scores.length > top
          ? tape.sum(sorted[top]!, tape.leaf(1e-7))
          : scores.length > 0 && tape.sum(sorted.at(-1)!, tape.leaf(-1))
      const excess = scores.map((score) => tape.relu(tape.minus(score, threshold as Value)))
      const whole = tape.sum(...excess, tape.leaf(1e-7))
      const s = range(n).map((j) => tape.sum(...memories.map((m, i) => tape.times(tape.over(excess[i]!, whole), m[j]!))))
      h = plus(provisional, s)
      if ((t + 1) % every === 0) memories.push(h)
      const logits = plus(times([...h, ...s], 'V'), leaves.c!)
      x = rowOf(input.x, row)
      if (i < first || input.mask.data[row] !== 1) return
      if (config.output === 'identity') {
        logits.forEach((a, j) => losses.push(tape.scaled(0.5 / B, tape.times(tape.minus(a, x[j]!), tape.minus(a, x[j]!)))))
        return
      }
      const p =
        config.output === 'sigmoid'
          ? logits.map(tape.sigmoid)
          : logits.map((a) => tape.over(tape.exp(a), tape.sum(...logits.map(tape.exp))))
      p.forEach((chance, j) => {
        const y = x[j]!.v
        if (y !== 0) losses.push(tape.scaled(-y / B, tape.log(chance)))
        if (config.output === 'sigmoid') losses.push(tape.scaled((y - 1) / B, tape.log(tape.minus(tape.leaf(1), chance))))
      })
    })
  }
  const by = tape.derivatives(tape.sum(...losses))
  return Object.fromEntries(
    Object.entries(weights).map(([name, w]) => [
      name,
      { ...w, data: Float64Array.from(leaves[name]!, (value) => by.get(value) ?? 0) },
    ]),
  )
}

for (const trunc of [1, 4, Infinity]) {
  for (const open of [false, true]) {
    test(`cut every ${trunc} steps, ${open ? 'an open' : 'a new'} sequence: the gradient is that of the equations, number by number`, (t) => {
      let worst = 0
      for (const output of OUTPUTS) {
        for (const every of [1, 2, 3]) {
          for (const top of [1, 2, 3, Infinity]) {
            const network = someSab({ every, top, trunc }, { output, open })
            const first = open ? 0 : 1
            worst = Math.max(worst, distance(gradient(network, first), byDefinition(network, first)))
          }
        }
      }
      t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
      assert.ok(worst <= 1e-12, String(worst))
    })
  }
}

test('a cut is missed where memories do not bridge it', () => {
  const cut = distance(gradient(someSab({ trunc: 3, every: Infinity })), gradient(someSab({ every: Infinity })))
  assert.ok(cut > 1e-2, String(cut))
})

for (const trunc of [1, 3, 8, Infinity]) {
  test(`nothing remembered: LSTM by backpropagation through chunks of ${trunc} whose weights stay`, (t) => {
    const network = someSab({ every: Infinity, trunc })
    const { config, weights, inputs } = network
    const n = config.units
    const plain = { ...weights, V: { rows: n, cols: config.inputs, data: weights.V!.data } }
    let carried: Tensors = { h: network.state.h!, c: network.state.c!, x: network.state.x! }
    const gradients: Tensors[] = []
    for (let at = 0; at < inputs.length; at += trunc) {
      const chunk = inputs.slice(at, at + trunc)
      const forward = bptt.run(binary64, lstmCell, config.output, plain, carried, chunk)
      gradients.push(bptt.gradientOf(binary64, lstmCell, plain, forward, chunk, 1 - at))
      carried = forward.state
    }
    const got = gradient(network)
    assert.deepEqual(Array.from(got.V!.data).slice(n * config.inputs), Array(n * config.inputs).fill(0))
    const worst = distance({ ...got, V: { ...got.V!, rows: n } }, sumOf(gradients))
    t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
    assert.ok(worst <= 1e-12, String(worst))
  })
}

test('a loss at the end reaches inputs beyond trunc exactly through memories that were attended to, or that the threshold comes from', (t) => {
  const [trunc, steps] = [2, 24]
  const one = (j: number, value: number): Float64Array => new Float64Array(steps).map((_, i) => (i === j ? value : 0))
  let [far, unreached] = [0, 0]
  for (let seed = 0; seed < 20; seed++) {
    const network = {
      ...someSab({ every: 2, top: 2, trunc }, { rows: 1, inputs: steps, seed }),
      // step t takes in symbol t - 1, so row t - 1 of the gradient by U is what reaches that input; the last alone is scored
      inputs: Array.from({ length: steps }, (_, i): Input => ({
        x: { rows: 1, cols: steps, data: one(i, 1) },
        mask: { rows: 1, cols: 1, data: Float64Array.of(Number(i === steps - 1)) },
      })),
    }
    const found = runOf(network)
    const reached = new Set<number>()
    const reach = (t: number): void => {
      // back to where the window begins, and from each step to what it attended to
      for (let at = t; at >= t - (t % trunc); at--) {
        if (reached.has(at)) continue
        reached.add(at)
        const { reminded } = found.steps[at]!
        // the memory whose score is the threshold has a part in all weights, though its own is 0
        if (reminded)
          Array.from(reminded.weights.data).forEach((weight, i) => (weight > 0 || reminded.pivots[0] === i) && reach(2 * i + 1))
      }
    }
    reach(steps - 1)
    const { U } = gradient(network)
    for (let step = 1; step < steps; step++) {
      const size = Math.max(
        ...Array.from(U!.data)
          .slice((step - 1) * U!.cols, step * U!.cols)
          .map(Math.abs),
      )
      if (reached.has(step)) assert.ok(size > 0, `seed ${seed}: step ${step} is reached`)
      else assert.equal(size, 0, `seed ${seed}: step ${step} is not reached`)
      if (reached.has(step) && step < steps - trunc) far++
      if (!reached.has(step)) unreached++
    }
  }
  t.diagnostic(`${far} inputs reached beyond trunc, ${unreached} not reached`)
  assert.ok(far >= 20 && unreached >= 20, `${far}, ${unreached}`)
})

test('more memories than k: k are attended to; as many or fewer: all; the weights of a row add up to 1', () => {
  for (const top of [1, 2, 5]) {
    runOf(someSab({ top })).steps.forEach(({ reminded }, step) => {
      if (!reminded) return assert.equal(step, 0)
      for (const row of [0, 1]) {
        const weights: number[] = Array.from(reminded.weights.data).filter((_, i) => i % 2 === row)
        assert.equal(weights.filter((weight) => weight > 0).length, Math.min(top, step))
        const sum: number = weights.reduce((all, one) => all + one)
        assert.ok(Math.abs(sum - 1) < 1e-4, String(sum))
      }
    })
  }
})

test('a batch of rows of unlike length: its gradient is the mean of that of the rows by themselves', (t) => {
  const network = someSab({ trunc: 3 }, { rows: 3 })
  const row = (a: Matrix, r: number): Matrix => ({
    rows: 1,
    cols: a.cols,
    data: (a.data as Float64Array).slice(r * a.cols, (r + 1) * a.cols),
  })
  const alone = [0, 1, 2].map((r) => {
    const inputs = network.inputs.slice(0, STEPS - r).map(({ x, mask }) => ({ x: row(x, r), mask: row(mask, r) }))
    const all = gradient({ ...network, inputs, state: initialState(binary64, network.config, 1) })
    return Object.fromEntries(
      Object.entries(all).map(([name, w]) => [name, { ...w, data: Float64Array.from(w.data, (d) => d / 3) }]),
    )
  })
  const worst = distance(gradient(network), sumOf(alone))
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst <= 1e-14, String(worst))
})

test('pieces of a sequence are predicted as the whole is', async () => {
  for (const algebra of [binary64, await fastAlgebra()]) {
    const config = rivalConfig()
    const rival = sab(algebra, config, { every: 2, top: 2, trunc: 3 })
    const from = rival.initial(keyOf(3))
    const inputs = someInputs(config, 2, 9, algebra)
    const whole = await rival.evaluate(from, [{ inputs }], { predictions: true })
    const pieces = await rival.evaluate(
      from,
      [
        { inputs: inputs.slice(0, 1), open: true },
        { inputs: inputs.slice(1, 6), continues: true, open: true },
        { inputs: inputs.slice(6), continues: true },
      ],
      { predictions: true },
    )
    assert.deepEqual(
      pieces.measurements.flatMap(({ predictions }) => predictions),
      whole.measurements[0]!.predictions,
    )
    assert.equal(pieces.snapshot.state, undefined)
    assert.deepEqual(pieces.snapshot.weights, from.weights)
  }
})

test('there are so many weights, and each learns', () => {
  const rival = sab(binary64, rivalConfig({ inputs: 5, units: 3 }), SAB_DEFAULTS)
  const { weights, optimizer } = rival.initial(keyOf(1))
  assert.deepEqual(Object.keys(optimizer.first), Object.keys(weights))
  const sizes = Object.values(weights).map(({ data }) => data.length)
  assert.equal(
    sizes.reduce((sum, size) => sum + size),
    4 * 3 * (3 + 5 + 1) + 5 * (6 + 1) + 2 * 9 + 3,
  )
})

test('a setting that makes no sense is refused', () => {
  for (const [name, value] of [
    ['every', 0],
    ['top', 1.5],
    ['trunc', NaN],
  ] as const) {
    assertRefused(() => sab(binary64, rivalConfig(), { ...SAB_DEFAULTS, [name]: value }), {
      name: 'ConfigError',
      what: `settings.${name}`,
      expected: /a whole number >= 1/,
      got: String(value),
    })
  }
})

test('binary32: it learns the Reber grammar, the same bits every time', async (t) => {
  const task = reberTask(20)
  const config = rivalConfig({ inputs: task.inputs, units: 16, rate: 0.01, clip: 1 })
  const sequences = Array.from({ length: 150 }, (_, i) => task.training(keyOf(1), i))
  const once = async () => {
    const rival = sab(await fastAlgebra(), config, SAB_DEFAULTS)
    return rival.train(rival.initial(keyOf(2)), sequences)
  }
  const [one, other] = [await once(), await once()]
  assert.deepEqual(one, other)
  const mean = (from: number, to: number): number => {
    const part = one.measurements.slice(from, to)
    return part.reduce((sum, { loss }) => sum + loss, 0) / part.reduce((sum, { count }) => sum + count, 0)
  }
  t.diagnostic(`nats a symbol: ${mean(0, 10).toFixed(3)} at first, ${mean(140, 150).toFixed(3)} at last`)
  assert.ok(mean(140, 150) < 0.75 * mean(0, 10))
})
