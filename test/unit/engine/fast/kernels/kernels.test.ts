/** The module in the package is what the sources compile to. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { KERNELS } from '../../../../../src/engine/fast/kernels/binary.js'
import { compileKernels, textOf } from '../../../../tools/make-kernels.js'

test('binary.ts holds, byte for byte, what assembly/ compiles to', async () => {
  const bytes = await compileKernels()
  assert.equal(KERNELS, Buffer.from(bytes).toString('base64'), 'run `npm run build:kernels`')
})

test('the text of binary.ts holds the bytes it was made from', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i)
  const lines = [...textOf(bytes).matchAll(/'([^']*)'/g)].map(([, part]) => part)
  assert.deepEqual(new Uint8Array(Buffer.from(lines.join(''), 'base64')), bytes)
})

test('kernels use no relaxed SIMD and no fused multiply-add: no opcode from 0xfd 0x100 on', () => {
  const text = Buffer.from(KERNELS, 'base64')
  // the relaxed opcodes are 0x100 to 0x113, in LEB128: 80 02 to 93 02 after the prefix
  for (let i = 0; i + 2 < text.length; i++) {
    const relaxed = text[i] === 0xfd && text[i + 1]! >= 0x80 && text[i + 1]! <= 0x93 && text[i + 2] === 0x02
    assert.ok(!relaxed, `relaxed SIMD at byte ${i}`)
  }
})
