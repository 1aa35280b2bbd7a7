import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { at, fromRows, zeros, type Matrix } from '../../../src/numeric/matrix.js'
import { config, type Config } from '../../../src/ptncn/config.js'
import {
  clip,
  decayed,
  MOMENTS,
  OPTIMIZERS,
  project,
  withRate,
  type MomentName,
  type Powers,
} from '../../../src/ptncn/optimizers.js'
import {
  add,
  anyMatrix,
  assertSame,
  bits,
  bitsOf,
  build,
  constant,
  finite,
  fround,
  lanes,
  matrixOf,
  moderate,
  normByDefinition,
  number,
  row,
  size,
  squaresOf,
  times,
} from '../support.js'

type Scalars = Pick<Config, 'rate' | 'momentum' | 'beta1' | 'beta2' | 'decay' | 'epsilon'> & Powers
type Moments = Readonly<Partial<Record<MomentName, Matrix>>>

/** The new moments and weight of one update. */
const update = (name: Config['optimizer'], s: Scalars, w: Matrix, d: Matrix, old: Moments): Moments & { weight: Matrix } => {
  const { power1, power2, ...fields } = s
  const of: Config = { ...config({ units: [1, 1] }), ...fields, optimizer: name }
  const rule = OPTIMIZERS[name]
  const moments = Object.fromEntries(
    MOMENTS.flatMap((moment) => (rule[moment] ? [[moment, rule[moment](of, old[moment]!, d)]] : [])),
  )
  return { weight: rule.move(of, w, d, moments, { power1, power2 }), ...moments }
}

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
const NAIVE: Readonly<Record<Config['optimizer'], Naive>> = {
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

const dataOf = (moved: object): Record<string, string[]> =>
  Object.fromEntries(Object.entries(moved).map(([name, value]) => [name, bits((value as Matrix).data)]))

for (const name of Object.keys(OPTIMIZERS) as Config['optimizer'][]) {
  const naive = NAIVE[name]
  const moments = MOMENTS.filter((moment) => OPTIMIZERS[name][moment])
  for (const [domain, value, square] of [
    ['ordinary numbers', moderate, notNegative],
    ['any but NaN', number, number],
  ] as const) {
    test(`[O3] ${name} is its formula element by element, one rounding an operation: ${domain}`, () => {
      fc.assert(
        fc.property(scalars, problem(value, square), (s, { w, d, first, second }) => {
          const moved = update(name, s, w, d, { first, second })
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
    const moved = update(name, s, row([1, -0]), zero, { first: zero, second: zero })
    assert.deepEqual(bits(moved.weight.data), ['3f800000', '80000000'])
  })
}

test('[O3] what each optimiser remembers', () => {
  const kept = Object.fromEntries(
    Object.entries(OPTIMIZERS).map(([name, rule]) => [name, MOMENTS.filter((moment) => rule[moment])]),
  )
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
  const weightOf = (name: Config['optimizer'], moments: Moments): number => update(name, SCALARS, w, d, moments).weight.data[0]!
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
  const guarded = update('rmsprop', { ...SCALARS, epsilon: 2 ** -20 }, row([1]), zero, { second: zero })
  assert.equal(bitsOf(guarded.weight.data[0]!), '3f800000')
  const after = update('rmsprop', { ...SCALARS, decay: 0, epsilon: 1 }, row([0]), row([1]), { second: zero })
  assert.equal(after.weight.data[0], -0.125)
  assert.equal(update('rmsprop', { ...SCALARS, decay: 0, epsilon: 3 }, zero, row([1]), { second: zero }).weight.data[0], -0.0625)
})

test('[O1] above the radius d becomes fl(fl(d r) / norm), else d itself', () => {
  fc.assert(
    fc.property(anyMatrix(moderate), fc.float({ noNaN: true, min: 2 ** -10, max: 64 }), (d, r) => {
      const norm = normByDefinition(d)
      const wanted = norm > r ? build(d.rows, d.cols, (i, j) => fround(times(at(d, i, j), r) / norm)) : d
      assertSame(clip(r, d), wanted)
      if (norm <= r) assert.equal(clip(r, d), d)
    }),
  )
})

test('[O1] a norm of exactly r is not above it', () => {
  const d = fromRows([[3, 4]])
  assert.equal(clip(5, d), d)
  const least = fround(5 - 2 ** -22)
  assert.deepEqual(bits(clip(least, d).data), bits([fround(times(3, least) / 5), fround(times(4, least) / 5)]))
})

test('[O1] r <= 0 is off, zeros and a norm that underflows stay as they are', () => {
  fc.assert(fc.property(anyMatrix(), fc.constantFrom(0, -0, -1, -(2 ** -149)), (d, r) => assert.equal(clip(r, d), d)))
  const tiny = fromRows([[2 ** -140, -(2 ** -149)]])
  assert.equal(clip(2 ** -149, tiny), tiny)
  assert.equal(clip(1, zeros(2, 2)).data.length, 4)
})

test('[O1] a norm that overflows leaves signed zeros, and NaN passes through', () => {
  assert.deepEqual(bits(clip(1, row([3e38, -3e38])).data), ['00000000', '80000000'])
  assert.deepEqual(bits(clip(1, row([NaN, 5])).data), ['NaN', '40a00000'])
})

test('[O4] each row above maxNorm becomes fl(fl(w maxNorm) / norm), each other row stays', () => {
  fc.assert(
    fc.property(anyMatrix(moderate), fc.float({ noNaN: true, min: 2 ** -10, max: 64 }), (w, maxNorm) => {
      const norm = (i: number): number => fround(Math.sqrt(lanes(squaresOf(w).data, i * w.cols, w.cols)))
      const element = (i: number, j: number): number =>
        norm(i) > maxNorm ? fround(times(at(w, i, j), maxNorm) / norm(i)) : at(w, i, j)
      assertSame(project(maxNorm, w), build(w.rows, w.cols, element))
    }),
  )
})

test('[O4] a norm of exactly maxNorm stays, and maxNorm 0 is off', () => {
  const w = fromRows([
    [3, 4],
    [6, 8],
  ])
  assert.deepEqual(Array.from(project(5, w).data), [3, 4, 3, 4])
  fc.assert(fc.property(anyMatrix(finite), (a) => assert.equal(project(0, a), a)))
  assertSame(project(1, constant(2, 2, 0)), zeros(2, 2))
})

test('[O5] each element loses a part of it, rounded', () => {
  assertSame(decayed(0.25, row([4, -8, -0, 2 ** -149])), row([3, -6, 0, 2 ** -149]))
  fc.assert(
    fc.property(anyMatrix(moderate), fc.float({ noNaN: true, min: 0, max: 0.5 }), (w, part) =>
      assertSame(
        decayed(part, w),
        build(w.rows, w.cols, (i, j) => fround(at(w, i, j) - times(part, at(w, i, j)))),
      ),
    ),
  )
})

test('[op-rate] a matrix of more rows than the fan-in has a part of the rate; M_1 and biases have the whole', () => {
  const of = config({ units: [3, 2], rate: 0.3, rateFanIn: 4.5 })
  const part = fround(fround(0.3) * fround(4.5 / 7))
  for (const name of ['W', 'E', 'V', 'U', 'M'] as const) {
    assert.equal(withRate(of, name, 2, 7).rate, part)
    assert.equal(withRate(of, name, 2, 4).rate, of.rate)
    assert.equal(withRate({ ...of, rateFanIn: 0 }, name, 2, 7).rate, of.rate)
  }
  assert.equal(withRate(of, 'M', 1, 7).rate, of.rate)
  assert.equal(withRate(of, 'V', 1, 7).rate, part)
  for (const name of ['b', 'c'] as const) assert.equal(withRate({ ...of, rateFanIn: 0.5 }, name, 1, 1).rate, of.rate)
})
