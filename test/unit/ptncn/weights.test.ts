import assert from 'node:assert/strict'
import { test } from 'node:test'

import { transpose, zeros, type Matrix } from '../../../src/numeric/matrix.js'
import { keyOf, normals, split } from '../../../src/numeric/random.js'
import type { Config } from '../../../src/ptncn/config.js'
import {
  buildWeights,
  initialWeights,
  isBias,
  mapLayer,
  mapWeights,
  namesOf,
  requireWeights,
  WEIGHT_NAMES,
  weightShapes,
  zeroWeights,
  type Weights,
} from '../../../src/ptncn/weights.js'
import { assertRefused, assertSame, bits, configured, constant, KEY } from '../support.js'

const plain = configured({ units: [3, 4, 2] })
const biased = configured({ units: [3, 4, 2], biases: true })

test('[wt-shapes] W is n_l x n_(l-1), E and M n_(l-1) x n_l, V n_l x n_l, U n_(l+1) x n_l but at the top', () => {
  assert.deepEqual(weightShapes(plain, 1), [
    ['W', 4, 3],
    ['E', 3, 4],
    ['M', 3, 4],
    ['V', 4, 4],
    ['U', 2, 4],
  ])
  assert.deepEqual(weightShapes(plain, 2), [
    ['W', 2, 4],
    ['E', 4, 2],
    ['M', 4, 2],
    ['V', 2, 2],
  ])
})

test('[wt-shapes] with biases b is 1 x n_l and c 1 x n_(l-1)', () => {
  assert.deepEqual(weightShapes(biased, 1).slice(5), [
    ['b', 1, 4],
    ['c', 1, 3],
  ])
  assert.deepEqual(weightShapes(biased, 2).slice(4), [
    ['b', 1, 2],
    ['c', 1, 4],
  ])
})

test('[wt-shapes] the names in their order; b and c are biases', () => {
  assert.deepEqual(WEIGHT_NAMES, ['W', 'E', 'M', 'V', 'U', 'b', 'c'])
  assert.deepEqual(WEIGHT_NAMES.filter(isBias), ['b', 'c'])
  const [first, top] = zeroWeights(biased)
  assert.deepEqual(namesOf(first!), ['W', 'E', 'M', 'V', 'U', 'b', 'c'])
  assert.deepEqual(namesOf(top!), ['W', 'E', 'M', 'V', 'b', 'c'])
})

test('[wt-shapes] one layer alone has no U', () => {
  const [only, ...none] = zeroWeights(configured({ units: [3, 2] }))
  assert.deepEqual([namesOf(only!), none], [['W', 'E', 'M', 'V'], []])
})

test('[wt-shapes] weights are built and mapped with layer, name and shape', () => {
  const seen: unknown[] = []
  const made = buildWeights(plain, (l, name, rows, cols) => {
    seen.push([l, name, rows, cols])
    return constant(rows, cols, l)
  })
  assert.deepEqual(
    seen,
    [1, 2].flatMap((l) => weightShapes(plain, l).map((shape) => [l, ...shape])),
  )
  const places: unknown[] = []
  const mapped = mapWeights((w, name, l) => {
    places.push([l, name])
    return { ...w, data: [l] }
  }, made)
  assert.deepEqual(
    places,
    seen.map((shape) => (shape as unknown[]).slice(0, 2)),
  )
  assert.deepEqual(mapped[1]!.V.data, [2])
  const labelled = mapLayer({ W: 1, E: 2, M: 3, V: 4 }, (value, name) => `${name}${value}`)
  assert.deepEqual(labelled, { W: 'W1', E: 'E2', M: 'M3', V: 'V4' })
})

test('[wt-init] weight number i of layer l is normal from child i of child l of the key, of deviation weightScale', () => {
  const of = configured({ units: [3, 4, 2], biases: true, weightScale: 0.25 })
  const weights = initialWeights(of, keyOf(3))
  weights.forEach((layer, at) => {
    for (const [name, rows, cols] of weightShapes(of, at + 1)) {
      const key = split(split(keyOf(3), at + 1), WEIGHT_NAMES.indexOf(name))
      assertSame(layer[name]!, isBias(name) ? zeros(rows, cols) : normals(key, rows, cols, 0.25))
    }
  })
})

test('[wt-init] where E begins transposed it is W turned, and no other weight is another', () => {
  const begin = (errorStart: Config['errorStart']): Weights => initialWeights(configured({ units: [3, 4, 2], errorStart }), KEY)
  const [own, turned] = [begin('independent'), begin('transposed')]
  turned.forEach((layer, at) => {
    for (const name of namesOf(layer)) assertSame(layer[name]!, name === 'E' ? transpose(layer.W) : own[at]![name]!)
  })
})

test('[wt-init] biases begin at +0, and do not change the other weights', () => {
  const [without, having] = [initialWeights(plain, KEY), initialWeights(biased, KEY)]
  without.forEach((layer, at) => namesOf(layer).forEach((name) => assertSame(having[at]![name]!, layer[name]!)))
  assert.deepEqual(bits(having[0]!.c!.data), Array(3).fill('00000000'))
})

test('[wt-shapes] weights that fit are taken', () => {
  requireWeights(plain, zeroWeights(plain))
  requireWeights(biased, initialWeights(biased, KEY))
})

const replaced = (weights: Weights, l: number, change: object): Weights =>
  weights.map((layer, at) => (at === l - 1 ? { ...layer, ...change } : layer))

test('[wt-shapes] what is no list of L layers is refused', () => {
  const refusal = { name: 'ShapeError', what: 'weights', expected: /a list of 2 layers/ } as const
  const good = zeroWeights(plain)
  assertRefused(() => requireWeights(plain, good.slice(1)), { ...refusal, got: '1' })
  assertRefused(() => requireWeights(plain, [...good, ...good]), { ...refusal, got: '4' })
  assertRefused(() => requireWeights(plain, undefined as unknown as Weights), { ...refusal, got: 'undefined' })
  assertRefused(() => requireWeights(plain, {} as Weights), { ...refusal, got: 'an object' })
  assertRefused(() => requireWeights(plain, [], 'moments'), { ...refusal, what: 'moments', got: '0' })
})

test('[wt-shapes] a weight of another shape, or none, is refused by name; c has the number of the level below', () => {
  const label = { W: 'W_2', E: 'E_2', M: 'M_2', V: 'V_2', b: 'b_2', c: 'c_1' } as const
  for (const [name, what] of Object.entries(label)) {
    const shape = weightShapes(biased, 2).find(([known]) => known === name)!
    const expected = new RegExp(`${shape[1]} x ${shape[2]}`)
    const refusal = { name: 'ShapeError', what: `weights.${what}`, expected } as const
    const [wrong, missing] = [zeros(5, 6), undefined].map((value) => replaced(zeroWeights(biased), 2, { [name]: value }))
    assertRefused(() => requireWeights(biased, wrong!), { ...refusal, got: '"5 x 6 with 30 numbers"' })
    assertRefused(() => requireWeights(biased, missing!), { ...refusal, got: 'undefined' })
  }
})

const assertNoSuchWeight = (l: number, name: string, value: Matrix, what: string): void =>
  assertRefused(() => requireWeights(plain, replaced(zeroWeights(plain), l, { [name]: value })), {
    name: 'ShapeError',
    what,
    expected: /no such weight in this configuration/,
    got: 'an object',
  })

test('[wt-shapes] a weight that the configuration does not have is refused', () => {
  assertNoSuchWeight(2, 'U', zeros(2, 2), 'weights.U_2')
  assertNoSuchWeight(1, 'b', zeros(1, 4), 'weights.b_1')
})

test('[wt-shapes] a bias c that the configuration does not have is refused with the number of the level below', () => {
  assertNoSuchWeight(2, 'c', zeros(1, 4), 'weights.c_1')
})

test('[wt-shapes] a weight that is not finite is refused by name and position', () => {
  const wrong = replaced(zeroWeights(plain), 1, { M: { rows: 3, cols: 4, data: new Float32Array(12).fill(NaN, 6, 7) } })
  assertRefused(() => requireWeights(plain, wrong), {
    name: 'NonFiniteError',
    what: 'weights.M_1[1,2]',
    expected: /finite/,
    got: 'NaN',
  })
})

test('[wt-shapes] a layer that is none is refused by an error of the package', () => {
  for (const layer of [null, undefined]) {
    const wrong = [layer, zeroWeights(plain)[1]] as Weights
    assert.throws(() => requireWeights(plain, wrong), { name: 'ShapeError' })
  }
})
