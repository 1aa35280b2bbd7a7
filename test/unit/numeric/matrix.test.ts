import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import {
  add,
  addRow,
  at,
  divide,
  firstNonFinite,
  fromRows,
  map,
  maskRows,
  matrix,
  multiply,
  requireFinite,
  requireShape,
  scale,
  subtract,
  transpose,
  zeros,
  type Matrix,
} from '../../../src/numeric/matrix.js'
import {
  anyFloat,
  anyMatrix,
  assertRefused,
  assertSame,
  bits,
  build,
  column,
  finite,
  fround,
  matrixOf,
  number,
  pair,
  row,
  size,
} from '../support.js'

test('[ar-round] a matrix holds its numbers rounded to binary32, row by row, in a copy', () => {
  const values = [0.1, -0, 2 ** -149, 2 ** -151, 1 + 2 ** -24, 1 + 3 * 2 ** -24]
  const made = matrix(2, 3, values)
  values.fill(9)
  assert.deepEqual({ rows: made.rows, cols: made.cols }, { rows: 2, cols: 3 })
  assert.deepEqual(bits(made.data), ['3dcccccd', '80000000', '00000001', '00000000', '3f800000', '3f800002'])
})

test('[ar-round] element (i, j) is number i cols + j, and the transposed has it at (j, i)', () => {
  fc.assert(
    fc.property(anyMatrix(anyFloat), (a) => {
      const turned = transpose(a)
      assertSame(
        turned,
        build(a.cols, a.rows, (i, j) => a.data[j * a.cols + i]!),
      )
      assertSame(
        build(a.rows, a.cols, (i, j) => at(a, i, j)),
        a,
      )
      assertSame(transpose(turned), a)
    }),
  )
})

test('[ar-round] a matrix from rows is the matrix of the rows one after another', () => {
  fc.assert(
    fc.property(anyMatrix(finite), (a) => {
      const rows = Array.from({ length: a.rows }, (_, i) => Array.from({ length: a.cols }, (_, j) => at(a, i, j)))
      assertSame(fromRows(rows), a)
    }),
  )
  assert.deepEqual(fromRows([]), matrix(0, 0, []))
})

test('[ar-round] zeros are +0', () => {
  assert.deepEqual(bits(zeros(2, 2).data), Array(4).fill('00000000'))
})

const OPERATIONS = {
  add: [add, (x: number, y: number) => x + y],
  subtract: [subtract, (x: number, y: number) => x - y],
  multiply: [multiply, (x: number, y: number) => x * y],
  divide: [divide, (x: number, y: number) => x / y],
} as const

for (const [name, [operation, exact]] of Object.entries(OPERATIONS)) {
  test(`[ar-round] ${name} rounds the exact result once, element by element`, () => {
    fc.assert(
      fc.property(pair(), ([a, b]) => {
        assertSame(
          operation(a, b),
          build(a.rows, a.cols, (i, j) => fround(exact(at(a, i, j), at(b, i, j)))),
        )
      }),
    )
  })
}

test('[ar-round] the zeros of sums, differences, products and quotients have their signs', () => {
  const [plus, minus] = [row([0, 0, -0, -0]), row([0, -0, 0, -0])]
  assert.deepEqual(bits(add(plus, minus).data), bits([0, 0, 0, -0]))
  assert.deepEqual(bits(subtract(plus, minus).data), bits([0, 0, -0, 0]))
  assert.deepEqual(bits(multiply(plus, minus).data), bits([0, -0, -0, 0]))
  assert.deepEqual(bits(divide(plus, row([1, -1, 1, -1])).data), bits([0, -0, -0, 0]))
})

test('[ar-round] scale is fl(s a), map is f rounded', () => {
  fc.assert(
    fc.property(number, anyMatrix(), (s, a) => {
      assertSame(
        scale(s, a),
        build(a.rows, a.cols, (i, j) => fround(s * at(a, i, j))),
      )
      assertSame(
        map((x) => x / 3, a),
        build(a.rows, a.cols, (i, j) => fround(at(a, i, j) / 3)),
      )
    }),
  )
})

const matrixAnd = (shape: (rows: number, cols: number) => fc.Arbitrary<Matrix>): fc.Arbitrary<readonly [Matrix, Matrix]> =>
  fc.tuple(size, size).chain(([rows, cols]) => fc.tuple(matrixOf(rows, cols), shape(rows, cols)))

test('[ar-round] addRow adds the row to each row', () => {
  fc.assert(
    fc.property(
      matrixAnd((_, cols) => matrixOf(1, cols)),
      ([a, added]) => {
        assertSame(
          addRow(a, added),
          build(a.rows, a.cols, (i, j) => fround(at(a, i, j) + added.data[j]!)),
        )
      },
    ),
  )
})

test('[ar-round] maskRows multiplies each row by its element, so that 0 times a negative number is -0', () => {
  fc.assert(
    fc.property(
      matrixAnd((rows) => matrixOf(rows, 1, fc.constantFrom(0, 1))),
      ([a, mask]) => {
        assertSame(
          maskRows(mask, a),
          build(a.rows, a.cols, (i, j) => fround(mask.data[i]! * at(a, i, j))),
        )
      },
    ),
  )
  assert.deepEqual(bits(maskRows(column([0, 1]), fromRows([[-2], [-3]])).data), ['80000000', 'c0400000'])
})

test('[ar-round] no operation writes into its operands', () => {
  fc.assert(
    fc.property(pair(), ([a, b]) => {
      const before = [bits(a.data), bits(b.data)]
      for (const operation of [add, subtract, multiply, divide]) operation(a, b)
      const results = [scale(2, a), map((x) => x + 1, a), transpose(a), addRow(a, a), maskRows(a, b)]
      assert.ok(results.every((result) => result.data !== a.data && result.data !== b.data))
      assert.deepEqual([bits(a.data), bits(b.data)], before)
    }),
  )
})

test('[ar-finite] the first NaN or infinity in the order of the elements is found, with row and column', () => {
  fc.assert(
    fc.property(anyMatrix(anyFloat), (a) => {
      const first = Array.from(a.data).findIndex((value) => !Number.isFinite(value))
      const wanted = first < 0 ? undefined : { row: Math.floor(first / a.cols), col: first % a.cols, value: a.data[first] }
      assert.deepEqual(firstNonFinite(a), wanted)
    }),
  )
})

test('[ar-finite] requireFinite names the tensor, row, column and value', () => {
  requireFinite('w', row([0, -0, 3e38, 2 ** -149]))
  for (const value of [NaN, Infinity, -Infinity]) {
    const a = { rows: 2, cols: 2, data: Float32Array.of(1, 2, 3, value) }
    assertRefused(() => requireFinite('w', a), {
      name: 'NonFiniteError',
      what: 'w[1,1]',
      expected: /a finite number/,
      got: `${value}`,
    })
  }
})

test('[ar-finite] a matrix refuses NaN, infinity, and a number that rounds to infinity', () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    assertRefused(() => matrix(1, 2, [0, value]), {
      name: 'NonFiniteError',
      what: 'values[0,1]',
      expected: /finite/,
      got: `${value}`,
    })
  }
  assertRefused(() => matrix(1, 1, [1e39]), { name: 'NonFiniteError', what: 'values[0,0]', expected: /finite/, got: 'Infinity' })
})

test('[ar-round] a matrix refuses rows, columns and lengths that do not fit', () => {
  for (const wrong of [-1, 1.5, NaN, Infinity, '2', undefined, null] as number[]) {
    const got = typeof wrong === 'string' ? `"${wrong}"` : String(wrong)
    const expected = /a whole number >= 0/
    assertRefused(() => matrix(wrong, 1, []), { name: 'ShapeError', what: 'rows', expected, got })
    assertRefused(() => matrix(1, wrong, []), { name: 'ShapeError', what: 'cols', expected, got })
  }
  assertRefused(() => matrix(2, 3, [1]), { name: 'ShapeError', what: 'values', expected: /2 x 3 = 6 numbers/, got: '1' })
  assertRefused(() => fromRows([[1, 2], [3, 4], [5]]), {
    name: 'ShapeError',
    what: 'row 2',
    expected: /2 numbers like row 0/,
    got: '1',
  })
})

test('[ar-round] requireShape names the tensor, the shape and what it got, whatever it got', () => {
  const shape = { name: 'ShapeError', what: 'w', expected: /2 x 3/ } as const
  requireShape('w', zeros(2, 3), 2, 3)
  const wrong: readonly (readonly [unknown, string])[] = [
    [zeros(3, 2), '"3 x 2 with 6 numbers"'],
    [{ rows: 2, cols: 3, data: new Float32Array(5) }, '"2 x 3 with 5 numbers"'],
    [{ rows: 2, cols: 3 }, '"2 x 3 with undefined numbers"'],
    [undefined, 'undefined'],
    [null, 'null'],
  ]
  for (const [given, got] of wrong) {
    assertRefused(() => requireShape('w', given as Matrix, 2, 3), { ...shape, got })
  }
})
