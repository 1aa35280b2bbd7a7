/** The module in the package is what the sources compile to, and a share without rows is nothing. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readFileSync } from 'node:fs'
import { KERNELS, WIDE_KERNELS } from '../../../../../src/engine/fast/kernels/binary.js'
import { createMemory, instantiate, type Kernels } from '../../../../../src/engine/fast/kernels/kernels.js'
import { threshold } from '../../../../../src/numeric/activation.js'
import { philox, unitInterval } from '../../../../../src/numeric/random.js'
import { Unit } from '../../../../../src/engine/fast/kernels/numbers.js'
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

/** Calls on no rows of a batch of one and of five; panels and depths of which each block of a kernel gets some. */
const withoutRows = (batch: number): readonly (readonly [name: string, call: (kernels: Kernels) => void])[] => {
  const [a, b, c, d, w, panels] = [1024, 4096, 8192, 12288, 16384, 5]
  return [
    ['product', (k) => k.product(a, w, c, 0, batch, 3, panels, false)],
    ['product that adds', (k) => k.product(a, w, c, 0, batch, 3, panels, true)],
    ['gather', (k) => k.gather(a, b, w, c, batch, 3, panels, 0, 0)],
    ['activate', (k) => k.activate(0, a, c, 0, batch, panels)],
    ['addBias', (k) => k.addBias(c, b, 0, batch, panels)],
    ['clearPads', (k) => k.clearPads(c, 0, 3)],
    ['difference', (k) => k.difference(d, a, b, c, 0, batch, panels)],
    ['draw', (k) => k.draw(c, 2, 0, batch, 1, panels, 1, 9, 3, 4)],
    ['keep', (k) => k.keep(a, c, 0, batch, panels)],
    ['drive', (k) => k.drive(d, a, c, 1, 0, batch, panels)],
    ['subtract', (k) => k.subtract(a, b, c, 0, batch, panels)],
    ['correct', (k) => k.correct(a, b, c, 0.5, 0.5, 0.5, 0, batch, panels)],
    ['softmax', (k) => k.softmax(a, batch, 20, 0, 0)],
    ['differenceRows', (k) => k.differenceRows(d, a, b, c, batch, panels, 0, 0)],
  ]
}

for (const [module, wide] of [
  ['narrow', false],
  ['wide', true],
] as const) {
  test(`a worker that has no rows of a batch changes no byte (${module} kernels)`, async () => {
    const memory = createMemory(1 << 16)
    const kernels = await instantiate(memory, wide)
    const words = new Uint32Array(memory.buffer)
    for (const batch of [1, 5]) {
      for (const [name, call] of withoutRows(batch)) {
        words.forEach((_, i) => (words[i] = Math.imul(i + 1, 0x9e3779b1) & 0x3fffffff))
        const before = words.slice()
        call(kernels)
        assert.deepEqual(words, before, `${name}, a batch of ${batch}`)
      }
    }
  })
}

test('a draw is that of the numeric functions, for each row, unit, step and key, the largest of them too', async () => {
  const memory = createMemory(1 << 16)
  const kernels = await instantiate(memory)
  const [at, batch, rows, first, panel, panels] = [1024, 5, 3, 1, 2, 3]
  const drives = new Float32Array(memory.buffer, at, panels * batch * 8)
  const chances = new Float32Array(memory.buffer, 1 << 15, drives.length)
  for (const [t, key] of [
    [0, [0, 0]],
    [7, [0xffffffff, 0x80000000]],
    [2 ** 32 + 5, [0x12345678, 0x9abcdef0]],
    [2 ** 53 - 1, [1, 2]],
  ] as const) {
    drives.forEach((_, i) => (drives[i] = i % 11 === 3 ? NaN : ((i % 29) - 14) / 3))
    kernels.activate(Unit.sigmoid, at, 1 << 15, batch, batch, panels)
    const from = (1 << 15) + first * 32
    kernels.draw(from, first, rows, batch, panel, panels, 0x10003, t, key[0], key[1])
    const seen = new Set<number>()
    for (let p = 0; p < panels; p++)
      for (let row = first; row < first + rows; row++)
        for (let j = 0; j < 8; j++) {
          const [i, unit] = [(p * batch + row) * 8 + j, (panel + p) * 8 + j]
          const words = philox([Math.floor(unit / 4), row, 0x10003, t], key)
          const wanted = threshold(drives[i]!, unitInterval(words[(unit % 4) as 0 | 1 | 2 | 3]))
          assert.ok(Object.is(chances[i], wanted), `t ${t}, row ${row}, unit ${unit}: ${chances[i]} is not ${wanted}`)
          seen.add(wanted)
        }
    assert.equal(seen.size, 3)
  }
})
