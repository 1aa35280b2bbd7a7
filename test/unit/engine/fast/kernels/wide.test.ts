/** The wide kernels run only where they show that they give the bits of the others: wrong ones, and slow ones, do not. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { instantiate, type Kernels, type SharedMemory } from '../../../../../src/engine/fast/kernels/kernels.js'
import { isWide, judge, widthFor } from '../../../../../src/engine/fast/kernels/wide.js'
import { config } from '../../../../../src/ptncn/config.js'

/** Kernels that are as good as the others, but for `changed`; those that are timed do nothing once in a while, so as to be fast. */
const quick =
  (changed: (kernels: Kernels, memory: SharedMemory) => Partial<Kernels>) =>
  async (memory: SharedMemory): Promise<Kernels> => {
    const kernels = { ...(await instantiate(memory)) }
    const skipping = (name: 'product' | 'outer'): Partial<Kernels> => ({
      // large calls are timed, and small ones looked at
      [name]: (...given: number[]) => (given[4]! >= 32 ? undefined : (kernels[name] as (...all: number[]) => void)(...given)),
    })
    return { ...kernels, ...skipping('product'), ...skipping('outer'), ...changed(kernels, memory) }
  }

test('kernels with the same bits that are sooner done are taken', async () => {
  assert.deepEqual(
    await judge(
      () => {},
      quick(() => ({})),
    ),
    { wide: true, why: 'they give the same bits, and sooner' },
  )
})

test('kernels that are no faster are not', async () => {
  assert.deepEqual(
    await judge(
      () => {},
      (memory) => instantiate(memory),
    ),
    { wide: false, why: 'they are no faster here' },
  )
})

const PLANTED: readonly (readonly [string, Parameters<typeof quick>[0]])[] = [
  [
    'an activation that is off by one unit in the last place',
    (kernels, memory) => ({
      activate: (unit, a, z, rows, batch, panels) => {
        kernels.activate(unit, a, z, rows, batch, panels)
        new Int32Array(memory.buffer)[z / 4]! ^= 1
      },
    }),
  ],
  [
    'a difference whose -0 is 0',
    (kernels, memory) => ({
      difference: (mask, left, right, out, rows, batch, panels) => {
        kernels.difference(mask, left, right, out, rows, batch, panels)
        const words = new Uint32Array(memory.buffer)
        for (let i = 0; i < rows * 8; i++) if (words[out / 4 + i] === 0x80000000) words[out / 4 + i] = 0
      },
    }),
  ],
  [
    'an optimiser that flushes subnormal numbers',
    (kernels, memory) => ({
      apply: (move, w, first, second, d, panels, stride, block) => {
        kernels.apply(move, w, first, second, d, panels, stride, block)
        const words = new Uint32Array(memory.buffer)
        for (let i = 0; i < block / 4; i++) if ((words[first / 4 + i]! & 0x7f800000) === 0) words[first / 4 + i] = 0
      },
    }),
  ],
  [
    'a drive that counts outside of its window',
    (kernels) => ({ drive: (mask, a, d, _, rows, batch, panels) => kernels.drive(mask, a, d, 0, rows, batch, panels) }),
  ],
  [
    'an update of one row that is off by one unit in the last place',
    (kernels, memory) => ({
      applyOne: (...given) => {
        kernels.applyOne(...given)
        new Int32Array(memory.buffer)[given[1] / 4]! ^= 1
      },
    }),
  ],
  [
    'a transposed update that leaves a weight as it was',
    (kernels, memory) => ({
      applyTransposed: (...given) => {
        const words = new Int32Array(memory.buffer)
        const before = words[given[1] / 4]!
        kernels.applyTransposed(...given)
        words[given[1] / 4] = before
      },
    }),
  ],
  ['a weight that does not fade', () => ({ fade: () => {} })],
  ['a check that sees no infinity', () => ({ sawAbove: () => 0 })],
]

for (const [what, changed] of PLANTED) {
  test(`${what} is seen, and the engine goes on without`, async () => {
    assert.deepEqual(await judge(() => {}, quick(changed)), { wide: false, why: 'they give other bits here' })
  })
}

test('nobody gets the switch of the runtime who did not ask for it', async () => {
  const before = process.env['PTNCN_WIDE']
  try {
    delete process.env['PTNCN_WIDE']
    assert.equal((await widthFor()).wide, false)
    assert.match((await widthFor(false)).why, /nobody allowed/)
    process.env['PTNCN_WIDE'] = '0'
    assert.match((await widthFor(true)).why, /PTNCN_WIDE=0 forbids/)
    assert.equal(await isWide(config({ units: [3, 4] })), false)
  } finally {
    if (before === undefined) delete process.env['PTNCN_WIDE']
    else process.env['PTNCN_WIDE'] = before
  }
})
