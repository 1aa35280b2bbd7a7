import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { log } from '../../../src/numeric/elementary.js'
import { at, fromRows, type Matrix } from '../../../src/numeric/matrix.js'
import { laneSum } from '../../../src/numeric/sum.js'
import { score, sumScores } from '../../../src/ptncn/scores.js'
import type { Input } from '../../../src/ptncn/state.js'
import { add, anyFloat, bitsOf, column, configured, finite, fround, matrixOf, moderate, size, times } from '../support.js'

type Output = 'softmax' | 'sigmoid' | 'identity'

/** What a probability that is not above 0 is scored as. */
const FLOOR = fround(1e-8)
const logOf = (p: number): number => log(p <= 0 ? FLOOR : p)

/** One element's part of a row's score, before the factor of the row. */
const TERM: Readonly<Record<Output, (p: number, x: number) => number>> = {
  softmax: (p, x) => times(x, logOf(p)),
  sigmoid: (p, x) => add(times(x, logOf(p)), times(fround(1 - x), logOf(fround(1 - p)))),
  identity: (p, x) => times(fround(p - x), fround(p - x)),
}
const FACTOR = { softmax: -1, sigmoid: -1, identity: 0.5 } as const

/** The definition, row by row: the lane sum of the terms times the factor; +0 for a row without data. */
const lossByDefinition = (output: Output, p: Matrix, { x, mask }: Input): number => {
  let loss = 0
  for (let i = 0; i < p.rows; i++) {
    const terms = Array.from({ length: p.cols }, (_, j) => TERM[output](at(p, i, j), at(x, i, j)))
    loss = add(loss, mask.data[i] === 1 ? times(FACTOR[output], laneSum(terms, 0, p.cols)) : 0)
  }
  return loss
}

const scored = (p: fc.Arbitrary<number>, x: fc.Arbitrary<number>): fc.Arbitrary<readonly [Matrix, Input]> =>
  fc
    .tuple(size, size)
    .chain(([rows, cols]) =>
      fc
        .tuple(matrixOf(rows, cols, p), matrixOf(rows, cols, x), matrixOf(rows, 1, fc.constantFrom(0, 1)))
        .map(([prediction, given, mask]) => [prediction, { x: given, mask }] as const),
    )

const probability = fc.oneof(fc.float({ noNaN: true, min: 0, max: 1 }), fc.constantFrom(0, -0, 1, 2 ** -149))

for (const [clause, output] of [
  ['S1', 'softmax'],
  ['S2', 'sigmoid'],
  ['S3', 'identity'],
] as const) {
  test(`[${clause}] ${output}: the rows' lane sums of its terms, added in ascending order over the active rows`, () => {
    for (const [p, x] of [
      [probability, probability],
      [moderate, moderate],
      [anyFloat, finite],
    ] as const) {
      fc.assert(
        fc.property(scored(p, x), ([prediction, input]) => {
          const { loss, count } = score(output, prediction, input)
          assert.equal(bitsOf(loss), bitsOf(lossByDefinition(output, prediction, input)))
          assert.equal(count, Array.from(input.mask.data).filter((m) => m === 1).length)
        }),
      )
    }
  })
}

const of = (x: number[][], mask: number[]): Input => ({ x: fromRows(x), mask: column(mask) })

test('[S1] -log of the probability of the right symbol', () => {
  const { loss, count, correct } = score(
    'softmax',
    fromRows([
      [0.25, 0.75],
      [0.5, 0.5],
    ]),
    of(
      [
        [1, 0],
        [0, 1],
      ],
      [1, 1],
    ),
  )
  assert.equal(bitsOf(loss), bitsOf(fround(-log(0.25) - log(0.5))))
  assert.deepEqual([count, correct], [2, 0])
})

test('[S1] [S2] a probability of 0 is scored as 1e-8', () => {
  const nothing = bitsOf(-log(FLOOR))
  assert.equal(bitsOf(score('softmax', fromRows([[0, 1]]), of([[1, 0]], [1])).loss), nothing)
  assert.equal(bitsOf(score('sigmoid', fromRows([[1]]), of([[0]], [1])).loss), nothing)
  assert.equal(bitsOf(score('sigmoid', fromRows([[0]]), of([[1]], [1])).loss), nothing)
})

test('[S1] [S2] a certain and right prediction costs +0', () => {
  assert.equal(bitsOf(score('softmax', fromRows([[1, 0]]), of([[1, 0]], [1])).loss), '00000000')
  assert.equal(bitsOf(score('sigmoid', fromRows([[1, 0]]), of([[1, 0]], [1])).loss), '00000000')
})

test('[S1] [S2] [S3] rows without data count for nothing, whatever they hold', () => {
  const p = { rows: 2, cols: 1, data: [NaN, 0.5] }
  for (const output of ['softmax', 'sigmoid', 'identity'] as const) {
    const alone = score(output, fromRows([[0.5]]), of([[1]], [1]))
    assert.deepEqual(score(output, p, of([[1], [1]], [0, 1])), alone)
  }
  assert.deepEqual(score('softmax', p, of([[1], [1]], [0, 0])), { loss: 0, count: 0, correct: 0 })
})

/** The first of the largest. */
const largest = (a: Matrix, i: number): number => {
  const values = Array.from({ length: a.cols }, (_, j) => at(a, i, j))
  return values.indexOf(Math.max(...values))
}

test('[S4] an active row is correct where the first of its largest predictions stands where its largest input does', () => {
  const few = fc.constantFrom(0, 0.25, 0.5)
  fc.assert(
    fc.property(scored(few, few), ([p, input]) => {
      const right = Array.from(input.mask.data).filter((m, i) => m === 1 && largest(p, i) === largest(input.x, i)).length
      assert.equal(score('softmax', p, input).correct, right)
    }),
  )
  const ties = score(
    'softmax',
    fromRows([
      [0.5, 0.5],
      [0.5, 0.5],
    ]),
    of(
      [
        [1, 0],
        [0, 1],
      ],
      [1, 1],
    ),
  )
  assert.equal(ties.correct, 1)
})

test('[S4] only softmax counts correct rows', () => {
  for (const output of ['sigmoid', 'identity'] as const) {
    assert.deepEqual(Object.keys(score(output, fromRows([[0.5]]), of([[1]], [1]))), ['loss', 'count'])
  }
})

test('[S5] scores add up in binary64 in their order; correct is of softmax alone', () => {
  const [softmax, sigmoid] = [configured(), configured({ output: 'sigmoid' })]
  const scores = [
    { loss: 2 ** 24, count: 1, correct: 1 },
    { loss: 1, count: 2, correct: 0 },
    { loss: 0.1, count: 3 },
  ]
  assert.deepEqual(sumScores(softmax, scores), { loss: 2 ** 24 + 1 + 0.1, count: 6, correct: 1 })
  assert.deepEqual(sumScores(sigmoid, scores), { loss: 2 ** 24 + 1 + 0.1, count: 6 })
  assert.deepEqual(sumScores(softmax, []), { loss: 0, count: 0, correct: 0 })
  const inOrder = [0.1, 0.2, 0.3].map((loss) => ({ loss, count: 1 }))
  assert.equal(sumScores(sigmoid, inOrder).loss, 0 + 0.1 + 0.2 + 0.3)
})
