import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { foretold, multiplyAdds, rooflineMilliseconds, stepBytes, weightNumbers, workingSet } from '../../bench/count.js'
import { config, type Config } from '../../../src/ptncn/config.js'
import '../support.js'

/** Counts by doing: loops over every row, column and term of each product that the equations name. */
const countByLoops = ({ units, passes, errorRule }: Config, rows: number, oneHot: boolean): number => {
  let count = 0
  const product = (height: number, depth: number, width: number): void => {
    for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) for (let k = 0; k < depth; k++) count++
  }
  const top = units.length - 1
  for (let l = 1; l <= top; l++) {
    const [below, own, above] = [units[l - 1]!, units[l]!, units[l + 1]]
    const gathered = oneHot && l === 1
    if (!gathered) product(rows, below, own) // A1: M
    product(rows, own, own) // A1: V
    if (above !== undefined) product(rows, above, own) // A1: U
    for (let pass = 1; pass <= passes; pass++) {
      product(rows, own, below) // P1
      product(rows, below, own) // C2
    }
    product(own, rows, below) // L1
    if (errorRule === 'temporal') product(below, rows, own) // L2
    if (!gathered) product(below, rows, own) // L3
    product(own, rows, own) // L4
    if (above !== undefined) product(above, rows, own) // L5
  }
  return count
}

test('multiplyAdds: equals what nested loops count, for any sizes, passes and error rule', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom('transposed' as const, 'temporal' as const),
      fc.boolean(),
      fc.boolean(),
      (units, rows, passes, errorRule, biases, oneHot) => {
        const complete = config({ units, passes, errorRule, biases })
        assert.equal(multiplyAdds(complete, rows, oneHot), countByLoops(complete, rows, oneHot))
      },
    ),
  )
})

test('multiplyAdds: the released two layers are 11 n^2 + 5 n_0 n a row, as L2 costs no product', () => {
  const [inputs, n] = [49, 1000]
  assert.equal(multiplyAdds(config({ units: [inputs, n, n] }), 50, false), 50 * (11 * n * n + 5 * inputs * n))
})

test('stepBytes: each weight read once, and it and its moments read and written once', () => {
  const units = [3, 4, 5]
  assert.equal(weightNumbers(config({ units })), 3 * 12 + 16 + 20 + 3 * 20 + 25)
  for (const [optimizer, moments] of [
    ['sgd', 0],
    ['nesterov', 1],
    ['adam', 2],
  ] as const) {
    const complete = config({ units, optimizer })
    assert.equal(workingSet(complete), 4 * weightNumbers(complete) * (1 + moments))
    assert.equal(stepBytes(complete), 4 * weightNumbers(complete) * (3 + 2 * moments))
  }
})

test('rooflineMilliseconds: the larger of operations and bytes', () => {
  assert.equal(rooflineMilliseconds(2e9, 1e9, 40, 20), 50)
  assert.equal(rooflineMilliseconds(2e9, 4e9, 40, 20), 200)
})

test('foretold: the arithmetic divides, what meetings cost stays, and memory is a floor', () => {
  assert.equal(foretold(4, 8, 4, 0, 10), 2)
  assert.equal(foretold(4, 8, 5, 0, 10), 3)
  assert.equal(foretold(16, 8, 3, 2e7, 10), 2)
})
