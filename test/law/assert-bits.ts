/** Equality to the bit, with the first difference in the message. */

import assert from 'node:assert/strict'

import type { Matrix } from '../../src/numeric/matrix.js'
import { sameBits, toBits } from '../support/bits.js'

export const equalBits = (a: Matrix, b: Matrix): boolean => a.rows === b.rows && a.cols === b.cols && sameBits(a.data, b.data)

/** @throws AssertionError naming `what` and the first element whose bits differ */
export const assertBits = (actual: Matrix, expected: Matrix, what: string): void => {
  if (equalBits(actual, expected)) return
  assert.deepEqual([actual.rows, actual.cols], [expected.rows, expected.cols], `${what}: shape`)
  const i = Array.from(actual.data).findIndex((value, at) => !Object.is(value, expected.data[at]))
  const [got, wanted] = [actual.data[i]!, expected.data[i]!]
  const place = `[${Math.floor(i / actual.cols)},${i % actual.cols}]`
  assert.fail(`${what}${place}: expected ${wanted} (${toBits(wanted)}), got ${got} (${toBits(got)})`)
}
