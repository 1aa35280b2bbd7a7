import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BLOCK, probeModule } from '../../bench/probe-module.js'
import { memorySpeed } from '../../bench/probe.js'

/** The part of WebAssembly that is used here. */
declare const WebAssembly: {
  readonly Memory: new (of: { initial: number }) => { readonly buffer: ArrayBuffer }
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>
}

interface Probes {
  peak(rounds: number): number
  update(a: number, b: number, blocks: number): void
}

test('probe: peak ends at the fixed point of x / 2 + 1 / 2 of its 14 chains; update adds half of a to b, and stops', async () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const { instance } = await WebAssembly.instantiate(probeModule(), { env: { memory } })
  const { peak, update } = instance.exports as Probes
  assert.equal(peak(1000), 14)
  const floats = new Float32Array(memory.buffer)
  const [blocks, numbers] = [3, (3 * BLOCK) / 4]
  floats.fill(8, 0, numbers).fill(1, numbers, 2 * numbers + 1)
  update(0, 4 * numbers, blocks)
  assert.deepEqual([...new Set(floats.subarray(0, numbers))], [8])
  assert.deepEqual([...new Set(floats.subarray(numbers, 2 * numbers))], [5])
  assert.equal(floats[2 * numbers], 1)
})

test('probe: workers measure and end', async () => {
  const { one, two } = await memorySpeed(1e5, true)
  assert.ok(one > 0 && Number.isFinite(one) && two > 0 && Number.isFinite(two))
})
