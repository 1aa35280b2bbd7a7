import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { decodeDigits, embeddedDigits, type DigitImages } from '../../../src/data/digits.js'
import { TEST } from '../../../src/data/mnist-sample.js'
import { encodePixels } from '../../tools/make-digits.js'
import { assertRefused } from '../support.js'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Of the pixels of MNIST's own files: the first 120 images of each class for training, the first 30 for test. */
const PIXELS = {
  training: '1240fe2ece11707bc09d0efc464f92de43abce9818d192da0f5a535509af86ec',
  test: '9822ff04e36dac4c2dd84f66ced04ad4acb3150ff592552586c8652d1f34225a',
}
/** How MNIST's label files begin. */
const FIRST_LABELS = { training: [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], test: [7, 2, 1, 0, 4, 1, 4, 9, 5, 9] }

const digits = embeddedDigits()
const ofEach = ({ labels }: DigitImages): number[] =>
  Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length)

for (const [part, each] of [
  ['training', 120],
  ['test', 30],
] as const) {
  test(`the ${part} digits are ${each} of each class, 28 x 28, with MNIST's pixels and labels`, () => {
    const { count, side, pixels, labels } = digits[part]
    assert.deepEqual([count, side, pixels.length, labels.length], [10 * each, 28, 10 * each * 784, 10 * each])
    assert.deepEqual(ofEach(digits[part]), Array(10).fill(each))
    assert.deepEqual([...labels.subarray(0, 10)], FIRST_LABELS[part])
    assert.equal(sha256(pixels), PIXELS[part])
  })

  test(`DIGITS.md has the check sum of the ${part} digits`, () => {
    const text = readFileSync(new URL('../../../src/data/DIGITS.md', import.meta.url), 'utf8')
    assert.match(text, new RegExp(`\\| ${part} \\| \`${PIXELS[part]}\` \\|`))
  })
}

test('what one caller writes into its digits, another does not see', () => {
  const { test: mine } = embeddedDigits()
  mine.pixels.fill(1)
  assert.equal(sha256(embeddedDigits().test.pixels), PIXELS.test)
})

test("the tool's code of the test digits is the one in the module", () => {
  const code = Buffer.from(encodePixels(digits.test.pixels, 28)).toString('base64')
  assert.equal(code, TEST.code.replaceAll('\n', ''))
})

test('labels that are not digits are refused', () => {
  assertRefused(() => decodeDigits({ labels: '12x', code: '' }), {
    name: 'FileError',
    what: 'labels',
    expected: /decimal digits/,
    got: '"12x"',
  })
})
