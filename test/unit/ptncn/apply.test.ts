import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { fromRows, map, scale, zeros, type Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import {
  applyUpdates,
  endSequence,
  initialOptimizer,
  reduce,
  requireOptimizer,
  type Model,
  type OptimizerState,
} from '../../../src/ptncn/apply.js'
import { clip, momentsOf, OPTIMIZERS as RULES, project } from '../../../src/ptncn/optimizers.js'
import type { Config } from '../../../src/ptncn/config.js'
import { isBias, mapWeights, zeroWeights, type WeightName, type Weights } from '../../../src/ptncn/weights.js'
import {
  assertRefused,
  assertSame,
  assertSameWeights,
  bitsOf,
  column,
  configured,
  constant,
  fround,
  someWeights,
  times,
} from '../support.js'

const OPTIMIZERS = ['sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'] as const
const seed = fc.integer({ min: 0, max: 1e6 })
const ALL = column([1, 1, 1])

const updatesOf = (of: Config, s: number): Weights => someWeights({ ...of, weightScale: fround(0.7) }, keyOf(s))
const modelOf = (of: Config): Model => ({ weights: someWeights(of), optimizer: initialOptimizer(of) })

/** Each update of every weight, against `each`. */
const assertEach = (got: Weights, from: Weights, each: (d: Matrix) => Matrix): void =>
  assertSameWeights(got, mapWeights(each, from))

test('[op-state] an optimiser begins with moments +0, and powers 1', () => {
  for (const optimizer of OPTIMIZERS) {
    const of = configured({ optimizer, biases: true })
    const { power1, power2, sum, ...moments } = initialOptimizer(of)
    assert.deepEqual([power1, power2, sum], [1, 1, undefined])
    assert.deepEqual(Object.keys(moments), momentsOf(of))
    for (const weights of Object.values(moments)) assertSameWeights(weights, zeroWeights(of))
  }
})

test('[O1] [O2] clip-mean: the clipped sum times fl(1 / N)', () => {
  fc.assert(
    fc.property(seed, fc.constantFrom(0, 0.5, 1, 100), (s, radius) => {
      const of = configured({ clip: radius, biases: true })
      const updates = updatesOf(of, s)
      assertEach(reduce(of, updates, ALL), updates, (d) => scale(fround(1 / 3), clip(fround(radius), d)))
    }),
  )
})

test('[O1] [O2] mean-clip: the mean, clipped', () => {
  fc.assert(
    fc.property(seed, fc.constantFrom(0, 0.5, 1, 100), (s, radius) => {
      const of = configured({ clip: radius, clipOrder: 'mean-clip', biases: true })
      const updates = updatesOf(of, s)
      assertEach(reduce(of, updates, ALL), updates, (d) => clip(fround(radius), scale(fround(1 / 3), d)))
    }),
  )
})

test('[O1] each weight is clipped by its own norm, and the order of clip and mean shows', () => {
  const updates = (of: Config): Weights => mapWeights((w) => constant(w.rows, w.cols, 1), zeroWeights(of))
  const [first, second] = (['clip-mean', 'mean-clip'] as const).map((clipOrder) => {
    const of = configured({ units: [3, 4], clip: 2, clipOrder })
    return reduce(of, updates(of), column([1, 1]))[0]!
  })
  // V, of norm 4, to 2 and then its half; or to its half, of norm 2, which is not above 2
  assert.deepEqual([first!.V.data[0], second!.V.data[0]], [0.25, 0.5])
  const norm = fround(Math.sqrt(12))
  assert.deepEqual([first!.W.data[0], second!.W.data[0]], [times(0.5, fround(2 / norm)), 0.5])
})

test('[O2] N is the number of rows, or with mean active of those with data, at least 1', () => {
  for (const [mean, mask, count] of [
    ['all', [1, 0, 1, 0], 4],
    ['all', [0, 0, 0], 3],
    ['active', [1, 0, 1, 0], 2],
    ['active', [1, 1, 1], 3],
    ['active', [0, 0], 1],
  ] as const) {
    const of = configured({ mean, clip: 0, biases: true })
    const updates = updatesOf(of, 1)
    assertEach(reduce(of, updates, column(mask)), updates, (d) => scale(fround(1 / count), d))
  }
})

/** O3 and O4 by the rules, weight by weight. */
const applied = (of: Config, model: Model, reduced: Weights): Model => {
  const [power1, power2] = [times(model.optimizer.power1, of.beta1), times(model.optimizer.power2, of.beta2)]
  const rule = RULES[of.optimizer]
  const d = (name: WeightName, l: number): Matrix => reduced[l - 1]![name]!
  const moments: { first?: Weights; second?: Weights } = {}
  for (const moment of momentsOf(of))
    moments[moment] = mapWeights((old, name, l) => rule[moment]!(of, old, d(name, l)), model.optimizer[moment]!)
  const moved = mapWeights((w, name, l) => {
    const [first, second] = [moments.first?.[l - 1]![name], moments.second?.[l - 1]![name]]
    const own = { ...(first && { first }), ...(second && { second }) }
    return rule.move(of, w, d(name, l), own, { power1, power2 })
  }, model.weights)
  return {
    weights: mapWeights((w, name) => (isBias(name) ? w : project(of.maxNorm, w)), moved),
    optimizer: { power1, power2, ...moments },
  }
}

const assertSameModel = (got: Model, wanted: Model): void => {
  assertSameWeights(got.weights, wanted.weights)
  assert.deepEqual(Object.keys(got.optimizer).sort(), Object.keys(wanted.optimizer).sort())
  for (const part of ['first', 'second', 'sum'] as const) {
    assertSameWeights(got.optimizer[part] ?? [], wanted.optimizer[part] ?? [])
  }
  for (const power of ['power1', 'power2'] as const) assert.equal(bitsOf(got.optimizer[power]), bitsOf(wanted.optimizer[power]))
}

for (const optimizer of OPTIMIZERS) {
  test(`[O3] [O4] ${optimizer}: an update is reduce, the rule, the projection; three in a row`, () => {
    fc.assert(
      fc.property(seed, fc.boolean(), fc.constantFrom(0, 0.5), (s, biases, maxNorm) => {
        const of = configured({ optimizer, biases, maxNorm })
        let [model, wanted] = [modelOf(of), modelOf(of)]
        for (const i of [0, 1, 2]) {
          const updates = updatesOf(of, s + i)
          model = applyUpdates(of, model, updates, ALL)
          wanted = applied(of, wanted, reduce(of, updates, ALL))
        }
        assertSameModel(model, wanted)
      }),
      { numRuns: 25 },
    )
  })
}

test('[O4] after an update no row of a matrix is longer than maxNorm, and biases are not projected', () => {
  const of = configured({ optimizer: 'sgd', biases: true, maxNorm: 0.25, clip: 0, rate: 1 })
  const big = mapWeights((w) => constant(w.rows, w.cols, -8), zeroWeights(of))
  const { weights } = applyUpdates(of, modelOf(of), big, column([1]))
  mapWeights((w, name, l) => {
    const norms = Array.from({ length: w.rows }, (_, i) => Math.hypot(...Array.from(w.data).slice(i * w.cols, (i + 1) * w.cols)))
    assert.ok(
      norms.every((norm) => (isBias(name) ? norm > 4 : Math.abs(norm - 0.25) < 1e-6)),
      `${name}_${l}: ${norms}`,
    )
    return w
  }, weights)
})

test('[O3] the powers of Adam are running products, counted before they are used', () => {
  const of = configured({ optimizer: 'adam' })
  let model = modelOf(of)
  let powers: readonly [number, number] = [1, 1]
  for (let k = 1; k <= 5; k++) {
    model = applyUpdates(of, model, zeroWeights(of), ALL)
    powers = [times(powers[0], fround(0.9)), times(powers[1], fround(0.999))]
    assert.deepEqual([model.optimizer.power1, model.optimizer.power2], powers)
  }
})

test('[sq-update] update step moves at once, and the end of a sequence changes nothing', () => {
  const of = configured()
  const model = applyUpdates(of, modelOf(of), updatesOf(of, 1), ALL)
  assert.equal(endSequence(of, model), model)
  assert.equal(model.optimizer.sum, undefined)
})

for (const optimizer of OPTIMIZERS) {
  test(`[sq-update] update sequence, ${optimizer}: reduced updates are added in their order, and moved by once at the end`, () => {
    fc.assert(
      fc.property(fc.array(seed, { minLength: 1, maxLength: 4 }), (seeds) => {
        const of = configured({ optimizer, update: 'sequence', biases: true, maxNorm: 0.5 })
        const begun = modelOf(of)
        const reduced = seeds.map((s) => reduce(of, updatesOf(of, s), ALL))
        const sum = reduced.reduce((left, right) =>
          mapWeights(
            (d, name, l) => ({ ...d, data: Array.from(d.data, (value, i) => fround(value + right[l - 1]![name]!.data[i]!)) }),
            left,
          ),
        )
        const open = seeds.reduce((model, s) => applyUpdates(of, model, updatesOf(of, s), ALL), begun)
        assertSameModel(open, { weights: begun.weights, optimizer: { ...begun.optimizer, sum } })
        assertSameModel(endSequence(of, open), applied(of, begun, sum))
      }),
      { numRuns: 25 },
    )
  })
}

test('[sq-update] a sequence without a learning step moves nothing, not even by momentum', () => {
  const of = configured({ update: 'sequence' })
  const moving = endSequence(of, applyUpdates(of, modelOf(of), updatesOf(of, 1), ALL))
  assert.equal(endSequence(of, moving), moving)
})

test('[O3] [sq-update] nothing writes into the model or the updates', () => {
  for (const optimizer of OPTIMIZERS) {
    for (const update of ['step', 'sequence'] as const) {
      const of = configured({ optimizer, update, maxNorm: 0.1, clip: 0.1, biases: true })
      const [model, updates] = [modelOf(of), updatesOf(of, 2)]
      const before = structuredClone([model, updates])
      endSequence(of, applyUpdates(of, applyUpdates(of, model, updates, ALL), updates, ALL))
      assert.deepEqual([model, updates], before)
    }
  }
})

test("[op-state] the state of the configuration's optimiser is taken", () => {
  for (const optimizer of OPTIMIZERS) {
    const of = configured({ optimizer, update: 'sequence' })
    requireOptimizer(of, initialOptimizer(of))
    requireOptimizer(of, applyUpdates(of, modelOf(of), updatesOf(of, 1), ALL).optimizer)
  }
})

const changed = (of: Config, change: object): OptimizerState => ({ ...initialOptimizer(of), ...change })

test('[op-state] moments that miss, or that the optimiser does not keep, are refused', () => {
  const of = (optimizer: Config['optimizer']): Config => configured({ optimizer })
  const missing = (optimizer: Config['optimizer'], moment: 'first' | 'second'): void =>
    assertRefused(() => requireOptimizer(of(optimizer), changed(of(optimizer), { [moment]: undefined })), {
      name: 'ShapeError',
      what: `optimizer.${moment}`,
      expected: /a list of 2 layers/,
      got: 'undefined',
    })
  missing('momentum', 'first')
  missing('nesterov', 'first')
  missing('adam', 'first')
  missing('adam', 'second')
  missing('rmsprop', 'second')
  const extra = (optimizer: Config['optimizer'], moment: 'first' | 'second'): void =>
    assertRefused(() => requireOptimizer(of(optimizer), changed(of(optimizer), { [moment]: zeroWeights(of('sgd')) })), {
      name: 'ShapeError',
      what: `optimizer.${moment}`,
      expected: new RegExp(`nothing, as ${optimizer} keeps none`),
      got: '[an object, an object]',
    })
  extra('sgd', 'first')
  extra('sgd', 'second')
  extra('momentum', 'second')
  extra('nesterov', 'second')
  extra('rmsprop', 'first')
})

test('[op-state] moments and sum of another shape, or not finite, are refused by name', () => {
  const of = configured({ optimizer: 'adam', update: 'sequence' })
  for (const part of ['first', 'second', 'sum'] as const) {
    const change = (V: Matrix): OptimizerState => changed(of, { [part]: zeroWeights(of).map((layer) => ({ ...layer, V })) })
    assertRefused(() => requireOptimizer(of, change(zeros(1, 1))), {
      name: 'ShapeError',
      what: `optimizer.${part}.V_1`,
      expected: /4 x 4/,
      got: '"1 x 1 with 1 numbers"',
    })
    assertRefused(() => requireOptimizer(of, change(map(() => NaN, zeros(4, 4)))), {
      name: 'NonFiniteError',
      what: `optimizer.${part}.V_1[0,0]`,
      expected: /finite/,
      got: 'NaN',
    })
  }
})

test('[op-state] powers are from 0 to 1', () => {
  const of = configured({ optimizer: 'adam' })
  for (const power of ['power1', 'power2'] as const) {
    for (const value of [0, 0.5, 1]) requireOptimizer(of, changed(of, { [power]: value }))
    for (const value of [-1, 1.5, NaN, undefined]) {
      const refusal = {
        name: 'ShapeError',
        what: `optimizer.${power}`,
        expected: /a number from 0 to 1/,
        got: String(value),
      } as const
      assertRefused(() => requireOptimizer(of, changed(of, { [power]: value })), refusal)
    }
  }
})

test('[op-state] no state at all is refused by an error of the package, whichever the optimiser', () => {
  for (const optimizer of OPTIMIZERS) {
    for (const wrong of [undefined, null]) {
      assert.throws(() => requireOptimizer(configured({ optimizer }), wrong as unknown as OptimizerState), { name: 'ShapeError' })
    }
  }
})

test('[sq-update] a sum is refused where every step updates', () => {
  const of = configured({ update: 'step' })
  assert.throws(() => requireOptimizer(of, changed(of, { sum: zeroWeights(of) })), { name: 'ShapeError' })
})

test('[O1] a radius that no norm exceeds leaves the updates as they are but for the mean', () => {
  const of = configured({ units: [1, 1], clip: 5 })
  const updates: Weights = [{ W: fromRows([[5]]), E: fromRows([[-5]]), M: zeros(1, 1), V: fromRows([[4]]) }]
  const [reduced] = reduce(of, updates, column([1]))
  assertSame(reduced!.W, fromRows([[5]]))
  assertSame(reduced!.E, fromRows([[-5]]))
  assertSame(reduced!.M, zeros(1, 1))
})
