import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import type { Matrix } from '../../../src/numeric/matrix.js'
import { RULES, type Moments, type Scalars } from '../../../src/ptncn/optimizers.js'
import { add, bits, bitsOf, fround, matrixOf, moderate, number, row, size, times } from '../support.js'

interface Element {
  readonly weight: number
  readonly first?: number
  readonly second?: number
}

type Naive = (s: Scalars, w: number, d: number, first: number, second: number) => Element

const minus = (x: number, y: number): number => fround(x - y)
const over = (x: number, y: number): number => fround(x / y)
const root = (x: number): number => fround(Math.sqrt(x))

/** Each rule for one element, one rounding an operation. */
const NAIVE: Readonly<Record<keyof typeof RULES, Naive>> = {
  sgd: ({ rate }, w, d) => ({ weight: minus(w, times(rate, d)) }),
  momentum: ({ rate, momentum }, w, d, first) => {
    const v = add(times(momentum, first), d)
    return { weight: minus(w, times(rate, v)), first: v }
  },
  nesterov: ({ rate, momentum }, w, d, first) => {
    const v = add(times(momentum, first), d)
    return { weight: minus(w, add(times(rate, d), times(rate, times(momentum, v)))), first: v }
  },
  adam: ({ rate, beta1, beta2, epsilon, power1, power2 }, w, d, first, second) => {
    const m = add(times(beta1, first), times(minus(1, beta1), d))
    const v = add(times(beta2, second), times(minus(1, beta2), times(d, d)))
    const [c1, c2] = [over(1, minus(1, power1)), over(1, minus(1, power2))]
    const change = over(times(rate, times(c1, m)), add(root(times(c2, v)), epsilon))
    return { weight: minus(w, change), first: m, second: v }
  },
  rmsprop: ({ rate, decay, epsilon }, w, d, _first, second) => {
    const v = add(times(decay, second), times(minus(1, decay), times(d, d)))
    return { weight: minus(w, over(times(rate, d), add(root(v), epsilon))), second: v }
  },
}

const fraction = fc.float({ noNaN: true, min: 0, max: fround(0.999) })
const scalars: fc.Arbitrary<Scalars> = fc.record({
  rate: moderate,
  momentum: fc.float({ noNaN: true, min: 0, max: 1 }),
  beta1: fraction,
  beta2: fraction,
  decay: fraction,
  epsilon: fc.constantFrom(0, fround(1e-8), 1),
  power1: fraction,
  power2: fraction,
})

const problem = (value: fc.Arbitrary<number>, square: fc.Arbitrary<number>) =>
  fc.tuple(size, size).chain(([rows, cols]) => {
    const weights = matrixOf(rows, cols, value)
    return fc.record({ w: weights, d: weights, first: weights, second: matrixOf(rows, cols, square) })
  })

const notNegative = fc.float({ noNaN: true, min: 0, max: 1024 })

const momentsOf = (kept: readonly (keyof Moments)[], given: Required<Moments>): Moments =>
  Object.fromEntries(kept.map((name) => [name, given[name]]))

const dataOf = (moved: object): Record<string, string[]> =>
  Object.fromEntries(Object.entries(moved).map(([name, value]) => [name, bits((value as Matrix).data)]))

for (const [name, { rule, moments }] of Object.entries(RULES)) {
  const naive = NAIVE[name as keyof typeof RULES]
  for (const [domain, value, square] of [
    ['ordinary numbers', moderate, notNegative],
    ['any but NaN', number, number],
  ] as const) {
    test(`[O3] ${name} is its formula element by element, one rounding an operation: ${domain}`, () => {
      fc.assert(
        fc.property(scalars, problem(value, square), (s, { w, d, first, second }) => {
          const moved = rule(s, w, d, momentsOf(moments, { first, second }))
          const elements = Array.from({ length: w.data.length }, (_, i) =>
            naive(s, w.data[i]!, d.data[i]!, first.data[i]!, second.data[i]!),
          )
          const wanted = Object.fromEntries(
            ['weight', ...moments].map((part) => [part, { data: elements.map((element) => element[part as keyof Element]!) }]),
          )
          assert.deepEqual(dataOf(moved), dataOf(wanted))
          assert.deepEqual([moved.weight.rows, moved.weight.cols], [w.rows, w.cols])
        }),
      )
    })
  }

  test(`[O3] ${name} with an update of zero and no memory moves nothing`, () => {
    const zero = row([0, 0])
    const s = { rate: 0.5, momentum: 0.5, beta1: 0.5, beta2: 0.5, decay: 0.5, epsilon: 1, power1: 0.5, power2: 0.5 }
    const moved = rule(s, row([1, -0]), zero, momentsOf(moments, { first: zero, second: zero }))
    assert.deepEqual(bits(moved.weight.data), ['3f800000', '80000000'])
  })
}

test('[O3] what each optimiser remembers', () => {
  const kept = Object.fromEntries(Object.entries(RULES).map(([name, { moments }]) => [name, moments]))
  assert.deepEqual(kept, { sgd: [], momentum: ['first'], nesterov: ['first'], adam: ['first', 'second'], rmsprop: ['second'] })
})

const SCALARS: Scalars = {
  rate: 0.25,
  momentum: 0.5,
  beta1: 0.5,
  beta2: 0.75,
  decay: 0.75,
  epsilon: 0,
  power1: 0.5,
  power2: 0.75,
}

test('[O3] one update by hand', () => {
  const [w, d, four] = [row([1]), row([2]), row([4])]
  const weightOf = (name: keyof typeof RULES, moments: Moments): number =>
    RULES[name].rule(SCALARS, w, d, moments).weight.data[0]!
  assert.equal(weightOf('sgd', {}), 1 - 0.25 * 2)
  assert.equal(weightOf('momentum', { first: four }), 1 - 0.25 * 4)
  assert.equal(weightOf('nesterov', { first: four }), 1 - (0.25 * 2 + 0.25 * 0.5 * 4))
  // the first update of Adam moves by the rate in the direction of d, whatever its size
  assert.equal(weightOf('adam', { first: row([0]), second: row([0]) }), 0.75)
  // v = 3/4 4 + 1/4 4 = 4
  assert.equal(weightOf('rmsprop', { second: four }), 1 - (0.25 * 2) / 2)
})

test('[O3] epsilon is added after the root, and guards a division by zero', () => {
  const zero = row([0])
  const guarded = RULES.rmsprop.rule({ ...SCALARS, epsilon: 2 ** -20 }, row([1]), zero, { second: zero })
  assert.equal(bitsOf(guarded.weight.data[0]!), '3f800000')
  const after = RULES.rmsprop.rule({ ...SCALARS, decay: 0, epsilon: 1 }, row([0]), row([1]), { second: zero })
  assert.equal(after.weight.data[0], -0.125)
  assert.equal(RULES.rmsprop.rule({ ...SCALARS, decay: 0, epsilon: 3 }, zero, row([1]), { second: zero }).weight.data[0], -0.0625)
})
