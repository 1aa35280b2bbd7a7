/** The module in the package is what the sources compile to. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readFileSync } from 'node:fs'
import { KERNELS, WIDE_KERNELS } from '../../../../../src/engine/fast/kernels/binary.js'
import { makeBinary } from '../../../../tools/make-kernels.js'

const BINARY = new URL('../../../../../src/engine/fast/kernels/binary.ts', import.meta.url)

test('binary.ts holds, byte for byte, what assembly/ compiles to', async () => {
  assert.equal(readFileSync(BINARY, 'utf8'), await makeBinary(), 'run `npm run build:kernels`')
})

test('kernels use no relaxed SIMD and no fused multiply-add: no opcode from 0xfd 0x100 on', () => {
  const text = Buffer.concat([KERNELS, WIDE_KERNELS].map((one) => Buffer.from(one, 'base64')))
  // the relaxed opcodes are 0x100 to 0x113, in LEB128: 80 02 to 93 02 after the prefix
  for (let i = 0; i + 2 < text.length; i++) {
    const relaxed = text[i] === 0xfd && text[i + 1]! >= 0x80 && text[i + 1]! <= 0x93 && text[i + 2] === 0x02
    assert.ok(!relaxed, `relaxed SIMD at byte ${i}`)
  }
})
