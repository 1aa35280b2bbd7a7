import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { ACTIVATIONS, threshold } from '../../../src/numeric/activation.js'
import { sigmoid, tanh } from '../../../src/numeric/elementary.js'
import { anyFloat, bitsOf, finite, fromBits, fround } from '../support.js'

const ONE = '3f800000'
const MINUS_ONE = 'bf800000'
const ZERO = '00000000'
const SIX = '40c00000'

/** -infinity, the most negative number, -1, the zeros and their neighbours, 1, 6, the next, the largest, infinity, NaN */
const EDGES = [
  'ff800000',
  'ff7fffff',
  MINUS_ONE,
  '80000001',
  '80000000',
  ZERO,
  '00000001',
  ONE,
  SIX,
  '40c00001',
  '7f7fffff',
  '7f800000',
  '7fc00000',
]

const RESULTS = {
  sign: [MINUS_ONE, MINUS_ONE, MINUS_ONE, MINUS_ONE, ZERO, ZERO, ONE, ONE, ONE, ONE, ONE, ONE, 'NaN'],
  step: [ZERO, ZERO, ZERO, ZERO, ONE, ONE, ONE, ONE, ONE, ONE, ONE, ONE, 'NaN'],
  relu: [ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, '00000001', ONE, SIX, '40c00001', '7f7fffff', '7f800000', 'NaN'],
  relu6: [ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, '00000001', ONE, SIX, SIX, SIX, SIX, 'NaN'],
  identity: [...EDGES.slice(0, -1), 'NaN'],
} as const

for (const [name, results] of Object.entries(RESULTS)) {
  test(`[ar-units] ${name} of infinities, zeros, subnormals, 6 and NaN`, () => {
    const f = ACTIVATIONS[name as keyof typeof RESULTS]
    assert.deepEqual(
      EDGES.map((edge) => bitsOf(f(fromBits(edge)))),
      [...results],
    )
  })
}

test('[ar-units] ltanh is 1.7159 tanh(2/3 a), each operation rounded', () => {
  const [size, slope] = [fromBits('3fdba29c'), fromBits('3f2aaaab')]
  fc.assert(
    fc.property(anyFloat, (a) => {
      assert.equal(bitsOf(ACTIVATIONS.ltanh(a)), bitsOf(fround(size * tanh(fround(slope * a)))))
    }),
  )
  assert.equal(bitsOf(ACTIVATIONS.ltanh(Infinity)), '3fdba29c')
  assert.equal(bitsOf(ACTIVATIONS.ltanh(-0)), '80000000')
})

test('[ar-units] the units by name are tanh, sigmoid, relu, relu6, ltanh, sign, step, identity; that is all', () => {
  assert.deepEqual(Object.keys(ACTIVATIONS), ['tanh', 'sigmoid', 'relu', 'relu6', 'ltanh', 'sign', 'step', 'identity'])
  fc.assert(
    fc.property(anyFloat, (a) => {
      assert.equal(bitsOf(ACTIVATIONS.tanh(a)), bitsOf(tanh(a)))
      assert.equal(bitsOf(ACTIVATIONS.sigmoid(a)), bitsOf(sigmoid(a)))
    }),
  )
})

const draw = fc.integer({ min: 0, max: 2 ** 24 - 1 }).map((n) => n / 2 ** 24)

test('[ar-stochastic] a threshold is 1 where the draw is below sigmoid(a), else 0', () => {
  fc.assert(fc.property(finite, draw, (a, u) => assert.equal(threshold(a, u), u < sigmoid(a) ? 1 : 0)))
  // a draw of exactly sigmoid(a) is not below it
  assert.equal(threshold(0, 0.5), 0)
  assert.equal(threshold(0, 0.5 - 2 ** -24), 1)
})

test('[ar-stochastic] an input of infinity always fires, of -infinity never; NaN gives NaN', () => {
  fc.assert(
    fc.property(draw, (u) => {
      assert.deepEqual([threshold(Infinity, u), threshold(-Infinity, u), threshold(NaN, u)], [1, 0, NaN])
    }),
  )
})
