import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { exp, log, logs, sigmoid, softmax, tanh } from '../../../src/numeric/elementary.js'
import { at, fromRows, type Matrix } from '../../../src/numeric/matrix.js'
import { laneSum } from '../../../src/numeric/sum.js'
import { anyFloat, anyMatrix, assertSame, bits, bitsOf, build, fromBits, fround, moderate, number, SEED } from '../support.js'
import { hex, MEASURED, sweep } from './ulp.js'

/** A prime, so that every exponent and, over the exponents, every part of the mantissas is met. */
const STRIDE = 2003

for (const [name, { bound }] of Object.entries(MEASURED)) {
  const clause = ['exp', 'log', 'tanh', 'sigmoid'].includes(name) ? `ar-${name}` : 'ar-units'
  test(`[${clause}] ${name} is within ${bound} ulp of binary64 on a sample of all inputs`, () => {
    const worst = sweep(name, Math.abs(SEED) % STRIDE, 2 ** 32, STRIDE)
    assert.ok(worst.error <= bound, `${worst.error} ulp at ${hex(worst.bits)}`)
    assert.ok(bound === 0 || worst.error > 0.5 * bound, 'the sample measures something')
  })
}

/** FNV-1a over the bits of the results for every 4099th input; any NaN counts as the same. */
const digestOf = (name: string): string => {
  const inputs = new Float32Array(Uint32Array.from({ length: 2 ** 20 }, (_, i) => i * 4099).buffer)
  const results = MEASURED[name]!.compute(inputs)
  const words = new Uint32Array(results.buffer)
  let digest = 0x811c9dc5
  for (let i = 0; i < words.length; i++) {
    digest = Math.imul(digest ^ (Number.isNaN(results[i]) ? 0x7fc00000 : words[i]!), 0x01000193)
  }
  return hex(digest)
}

/** Another digest is another function: SPEC.md, the vectors and every port change with it. */
const DIGESTS = { exp: '02e31508', log: 'c48b98b8', tanh: 'ea775971', sigmoid: 'cbf850ee', ltanh: 'ce3eeff3' } as const

for (const [name, digest] of Object.entries(DIGESTS)) {
  const clause = name === 'ltanh' ? 'ar-units' : `ar-${name}`
  test(`[${clause}] the bits of ${name} on a sample of all inputs are those of version 0.1.0`, () => {
    assert.equal(digestOf(name), digest)
  })
}

type Example = readonly [input: string, result: string]
const examples = (clause: string, name: string, f: (x: number) => number, list: readonly Example[]): void => {
  test(`[${clause}] ${name} at its edges`, () => {
    for (const [input, result] of list) assert.equal(bitsOf(f(fromBits(input))), result, input)
  })
}

examples('ar-exp', 'exp', exp, [
  ['00000000', '3f800000'], // 0
  ['80000000', '3f800000'], // -0
  ['3f800000', '402df854'], // 1
  ['00000001', '3f800000'], // the least number
  ['42b17217', '7f7fff84'], // 88.72283, the last finite result
  ['42b17218', '7f800000'],
  ['7f800000', '7f800000'],
  ['c2cff1b4', '00000001'], // -103.972, the last result above 0
  ['c2cff1b5', '00000000'],
  ['ff800000', '00000000'],
  ['7fc00000', 'NaN'],
])

examples('ar-log', 'log', log, [
  ['3f800000', '00000000'],
  ['402df854', '3f800000'], // e
  ['40000000', '3f317218'], // 2
  ['00000001', 'c2ce8ed0'], // 2^-149
  ['007fffff', 'c2aeac50'], // the largest subnormal number
  ['00800000', 'c2aeac50'], // 2^-126
  ['7f7fffff', '42b17218'],
  ['00000000', 'ff800000'],
  ['80000000', 'ff800000'],
  ['7f800000', '7f800000'],
  ['bf800000', 'NaN'],
  ['80000001', 'NaN'],
  ['ff800000', 'NaN'],
  ['7fc00000', 'NaN'],
])

examples('ar-tanh', 'tanh', tanh, [
  ['00000000', '00000000'],
  ['80000000', '80000000'],
  ['00000001', '00000001'],
  ['80000001', '80000001'],
  ['41200000', '3f800000'], // 10
  ['7f800000', '3f800000'],
  ['ff800000', 'bf800000'],
  ['7fc00000', 'NaN'],
])

examples('ar-sigmoid', 'sigmoid', sigmoid, [
  ['00000000', '3f000000'],
  ['80000000', '3f000000'],
  ['41a00000', '3f800000'], // 20
  ['7f800000', '3f800000'],
  ['ff800000', '00000000'],
  ['7fc00000', 'NaN'],
])

test('[ar-tanh] tanh is odd, to the bit', () => {
  fc.assert(fc.property(anyFloat, (x) => assert.equal(bitsOf(tanh(-x)), bitsOf(-tanh(x)))))
})

test('[ar-log] logs is log of each, and leaves its argument', () => {
  fc.assert(
    fc.property(fc.array(anyFloat), (values) => {
      const given = Float32Array.from(values)
      assert.deepEqual(
        bits(logs(given)),
        values.map((x) => bitsOf(log(x))),
      )
      assert.deepEqual(bits(given), bits(values))
    }),
  )
})

/** The definition, one row at a time. */
const softmaxByDefinition = (x: Matrix): Matrix => {
  const rowOf = (i: number): number[] => Array.from({ length: x.cols }, (_, j) => at(x, i, j))
  const powers = (i: number): number[] => rowOf(i).map((value) => exp(fround(value - Math.max(...rowOf(i)))))
  return build(x.rows, x.cols, (i, j) => fround(powers(i)[j]! / laneSum(powers(i), 0, x.cols)))
}

test('[ar-softmax] e_j = exp(x_j - the largest), over their lane sum, row by row', () => {
  for (const value of [number, moderate, anyFloat]) {
    fc.assert(fc.property(anyMatrix(value), (x) => assertSame(softmax(x), softmaxByDefinition(x))))
  }
})

test('[ar-softmax] large numbers do not overflow, and equal ones share equally', () => {
  assert.deepEqual(bits(softmax(fromRows([[3e38, 3e38, -3e38, 3e38, 3e38]])).data), bits([0.25, 0.25, 0, 0.25, 0.25]))
  assert.deepEqual(bits(softmax(fromRows([[-0, 0]])).data), bits([0.5, 0.5]))
  assert.deepEqual(bits(softmax({ rows: 1, cols: 2, data: [Infinity, 0] }).data), ['NaN', 'NaN'])
  assert.deepEqual(Array.from(softmax({ rows: 3, cols: 0, data: [] }).data), [])
})

test('[ar-softmax] within 24 units of 2^-24 (relative) of binary64, for rows of up to 64 logits from -8 to 8', () => {
  const logits = fc.array(fc.float({ noNaN: true, min: -8, max: 8 }), { minLength: 1, maxLength: 64 })
  fc.assert(
    fc.property(logits, (values) => {
      const largest = Math.max(...values)
      const powers = values.map((value) => Math.exp(value - largest))
      const sum = powers.reduce((total, power) => total + power, 0)
      // the difference from the largest, below 16, is rounded by at most 2^-21: 8 units of 2^-24 in its exponential
      const results = Array.from(softmax(fromRows([values])).data)
      results.forEach((p, j) => {
        const relative = Math.abs(p - powers[j]! / sum) / (powers[j]! / sum)
        assert.ok(relative <= 24 * 2 ** -24, `${relative * 2 ** 24} units`)
      })
    }),
  )
})
