import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { sigmoid, softmax, tanh } from '../../../src/numeric/elementary.js'
import { map, type Matrix } from '../../../src/numeric/matrix.js'
import * as numeric from '../../../src/numeric/product.js'
import { score } from '../../../src/ptncn/scores.js'
import { binary64, sensitivitiesOf, type Algebra } from '../../../src/rivals/algebra.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import { movedOf } from '../../../src/rivals/moved.js'
import { sparseProduct, sparseProductLeftTransposed } from '../../../src/rivals/sparse.js'
import { holds } from '../../support/property.js'
import { assertSame, build, fround, matrixOf, moderate, pictureOf } from '../support.js'
import { distance, someMatrix } from './support.js'

const fast = await fastAlgebra()
/** Binary32 by definition. */
const slow: Algebra = {
  ...fast,
  product: numeric.product,
  productLeftTransposed: numeric.productLeftTransposed,
  productRightTransposed: numeric.productRightTransposed,
  tanh: (a) => map(tanh, a),
  sigmoid: (a) => map(sigmoid, a),
  softmax,
  score,
  moved: movedOf(fast.numbers),
  sensitivities: (...of) => sensitivitiesOf(slow)(...of),
}

const width = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 33))
const three = fc.tuple(width, width, width)

/** The three products of matrices that fit together. */
const products = (
  { product, productLeftTransposed, productRightTransposed }: Algebra,
  [a, b, c, d]: readonly Matrix[],
): Matrix[] => [product(a!, b!), productLeftTransposed(a!, c!), productRightTransposed(a!, d!)]

test('[ar-product] [ar-tanh] [ar-sigmoid]: products and activations of the kernels are those of numeric, to the bit, in any shape', () => {
  const matrices = three.chain(([rows, depth, cols]) =>
    fc.tuple(
      matrixOf(rows, depth, moderate),
      matrixOf(depth, cols, moderate),
      matrixOf(rows, cols, moderate),
      matrixOf(cols, depth, moderate),
    ),
  )
  holds(matrices, 150, (given) => {
    assert.deepEqual(products(fast, given).map(pictureOf), products(slow, given).map(pictureOf))
    for (const kind of ['tanh', 'sigmoid', 'softmax'] as const) assertSame(fast[kind](given[0]), slow[kind](given[0]))
  })
})

/** Almost all +0, some -0, at most two numbers in 64 anything else. */
const sparse = (rows: number, cols: number): fc.Arbitrary<Matrix> =>
  fc
    .array(fc.tuple(fc.nat({ max: rows * cols - 1 }), fc.oneof(moderate, fc.constant(1))), { maxLength: (rows * cols) >> 5 })
    .chain((places) =>
      fc.array(fc.nat({ max: rows * cols - 1 }), { maxLength: 3 }).map((negative) => {
        const data = new Float32Array(rows * cols)
        for (const at of negative) data[at] = -0
        for (const [at, value] of places) data[at] = value
        return { rows, cols, data }
      }),
    )

test('[ar-product]: products that leave out the zeros of a sparse factor are those of numeric, to the bit', () => {
  const size = fc.integer({ min: 1, max: 70 })
  const matrices = fc
    .tuple(size, size, width)
    .chain(([rows, depth, cols]) =>
      fc.tuple(sparse(rows, depth), matrixOf(depth, cols, moderate), matrixOf(rows, cols, moderate)),
    )
  holds(matrices, 300, ([a, b, c]) => {
    assertSame(sparseProduct(a, b)!, numeric.product(a, b))
    assertSame(sparseProductLeftTransposed(a, c)!, numeric.productLeftTransposed(a, c))
    assertSame(fast.product(a, b), numeric.product(a, b))
    assertSame(fast.productLeftTransposed(a, c), numeric.productLeftTransposed(a, c))
  })
})

test('[ar-product]: no zero is left out of products with what is not finite, nor of those of a dense factor', () => {
  const oneOf = (cols: number): Matrix => build(40, cols, (i, j) => Number(j === i % cols))
  const right = build(33, 3, (i, j) => (i === 5 && j === 1 ? Infinity : i - j))
  assert.equal(sparseProduct(oneOf(33), right), undefined)
  assertSame(fast.product(oneOf(33), right), numeric.product(oneOf(33), right))
  assert.ok(Number.isNaN(fast.product(oneOf(33), right).data[1]))
  const tall = build(40, 3, (i, j) => (i === 5 && j === 1 ? NaN : i - j))
  assert.equal(sparseProductLeftTransposed(oneOf(33), tall), undefined)
  assertSame(fast.productLeftTransposed(oneOf(33), tall), numeric.productLeftTransposed(oneOf(33), tall))
  assert.equal(
    sparseProduct(
      oneOf(31),
      build(31, 3, () => 1),
    ),
    undefined,
  )
  assert.ok(
    sparseProduct(
      oneOf(32),
      build(32, 3, () => 1),
    ),
  )
})

test('O3: Adam on the kernels is that of the definition, to the bit, whatever the numbers', () => {
  const any = fc.float()
  const drawn = three.chain(([rows, cols]) => fc.tuple(...[0, 1, 2, 3].map(() => matrixOf(rows, cols, any))))
  const numbers = fc.tuple(drawn, fc.double({ min: 0.001, max: 1, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true }))
  holds(numbers, 300, ([[weight, first, second, gradient], factor, part]) => {
    const step = { factor, rate: 0.003 * part, power1: fround(0.9 * part), power2: fround(0.999 * part) }
    for (const one of [step, { ...step, factor: 1 }]) {
      const of = [one, { weight: weight!, first: first!, second: second! }, gradient!] as const
      const [got, wanted] = [fast.moved(...of), slow.moved(...of)]
      for (const part of ['weight', 'first', 'second'] as const) assertSame(got[part], wanted[part])
    }
  })
})

test('S1, S2, S4: scores of the kernels are those of P-TNCN, to the bit', () => {
  const drawn = fc
    .tuple(width, width)
    .chain(([rows, cols]) =>
      fc.tuple(
        matrixOf(rows, cols, moderate),
        matrixOf(rows, cols, fc.float({ noNaN: true, min: 0, max: 1 })),
        matrixOf(rows, 1, fc.constantFrom(0, 1)),
      ),
    )
  holds(drawn, 150, ([a, x, mask]) => {
    for (const output of ['softmax', 'sigmoid', 'identity'] as const) {
      const p = output === 'identity' ? a : slow[output](a)
      const [got, wanted] = [fast.score(output, p, { x, mask }), score(output, p, { x, mask })]
      assert.deepEqual(got, wanted)
    }
  })
})

/** Probabilities of the two symbols of a row; x says that the second came. */
const chances = (p: number): { readonly p: Matrix; readonly input: { readonly x: Matrix; readonly mask: Matrix } } => {
  const row = (...data: number[]): Matrix => ({ rows: 1, cols: data.length, data: Float64Array.from(data) })
  return { p: row(1 - p, p), input: { x: row(0, 1), mask: row(1) } }
}

test('S1, S2: a probability of 1e-60, 0 or 1 has a finite loss; in binary64 the logarithm of it, in binary32 that of 1e-8 where it is none', () => {
  const floor = -Math.log(Math.fround(1e-8))
  for (const [p, wide, narrow] of [
    [1e-60, 60 * Math.LN10, floor],
    [0, floor, floor],
    [1, 0, 0],
  ] as const) {
    for (const output of ['softmax', 'sigmoid'] as const) {
      // two units of a sigmoid are wrong where one symbol of a softmax is
      const parts = output === 'softmax' ? 1 : 2
      const given = chances(p)
      const lossBy = (score: Algebra['score']): number => score(output, given.p, given.input).loss
      // of the unit that should be 0 only 1 - p is left, which is 0 at p = 1e-60
      const both = output === 'softmax' ? wide : p === 1 ? 0 : wide + floor
      assert.ok(Math.abs(lossBy(binary64.score) - both) <= 1e-12 * both, `binary64, ${output}, ${p}: ${lossBy(binary64.score)}`)
      for (const by of [score, fast.score]) {
        const [got, wanted] = [lossBy(by), parts * narrow]
        assert.ok(Math.abs(got - wanted) <= 1e-6 * wanted, `binary32, ${output}, ${p}: ${got}`)
      }
    }
  }
})

test('S1, S2, S3, S4: the score of binary64 is that of binary32 but for rounding, of active rows alone', () => {
  const p = binary64.softmax(someMatrix(binary64, 1, { rows: 5, cols: 7 }, 2))
  const x = binary64.softmax(someMatrix(binary64, 2, { rows: 5, cols: 7 }, 2))
  const broken = { ...p, data: Float64Array.from(p.data, (value, i) => (i < 7 ? NaN : value)) }
  const mask: Matrix = { rows: 5, cols: 1, data: Float64Array.of(0, 1, 1, 0, 1) }
  for (const output of ['softmax', 'sigmoid', 'identity'] as const) {
    const { loss, ...counts } = binary64.score(output, broken, { x, mask })
    const { loss: wanted, ...wantedCounts } = score(output, p, { x, mask })
    assert.deepEqual(counts, wantedCounts)
    assert.ok(Math.abs(loss / wanted - 1) < 1e-6, `${output}: ${loss}, ${wanted}`)
    assert.notEqual(Math.fround(loss), loss)
  }
})

interface Path {
  readonly rows: number
  readonly units: number
  readonly width: number
  readonly steps: number
}

/** All of P after some steps, row by row and unit by unit; carried over as a value after the first. */
const path = (algebra: Algebra, { rows, units, width, steps }: Path): Matrix[] => {
  let P = algebra.sensitivities(rows, units, width)
  for (let t = 0; t < steps; t++) {
    P.advance(
      someMatrix(algebra, t, { rows: units, cols: units }),
      someMatrix(algebra, 50 + t, { rows, cols: units }),
      someMatrix(algebra, 100 + t, { rows, cols: width }),
    )
    if (t === 0) P = algebra.sensitivities(rows, units, width, P.value())
  }
  return Array.from({ length: rows * units }, (_, at) => {
    const one = algebra.numbers(rows * units)
    one[at] = 1
    return P.gradient({ rows, cols: units, data: one })
  })
}

const paths = fc.record({
  rows: fc.integer({ min: 1, max: 4 }),
  units: width,
  width: width,
  steps: fc.integer({ min: 1, max: 4 }),
})

test('sensitivities of the kernels are those of the definition, to the bit, in any shape', () => {
  holds(
    paths.filter(({ units, width }) => units * width <= 300),
    60,
    (given) => {
      assert.deepEqual(path(fast, given).map(pictureOf), path(slow, given).map(pictureOf))
    },
  )
  const [P, Q] = [fast, slow].map((algebra) => {
    const P = algebra.sensitivities(3, 5, 11)
    P.advance(
      someMatrix(algebra, 1, { rows: 5, cols: 5 }),
      someMatrix(algebra, 2, { rows: 3, cols: 5 }),
      someMatrix(algebra, 3, { rows: 3, cols: 11 }),
    )
    return P.gradient(someMatrix(algebra, 4, { rows: 3, cols: 5 }))
  })
  assertSame(P!, Q!)
})

test('binary64 and binary32 compute the same, but for rounding', (t) => {
  const [a, b] = [someMatrix(fast, 1, { rows: 5, cols: 9 }), someMatrix(fast, 2, { rows: 9, cols: 7 })]
  const given = [a, b, build(5, 7, (i, j) => i - j), build(7, 9, (i, j) => i + j / 4)]
  const both = (of: (algebra: Algebra) => readonly Matrix[]): number =>
    distance(Object.fromEntries(of(fast).entries()), Object.fromEntries(of(binary64).entries()))
  const worst = Math.max(
    both((algebra) => products(algebra, given)),
    both(({ tanh, sigmoid, softmax }) => [tanh(a), sigmoid(a), softmax(a)]),
    both((algebra) => path(algebra, { rows: 2, units: 5, width: 11, steps: 3 })),
  )
  t.diagnostic(`worst error over the largest element: ${worst.toExponential(1)}`)
  assert.ok(worst < 1e-6, String(worst))
})
