/** The law of the fast engines over 10,000 configurations. */

import { test } from 'node:test'

import { parallelEngine } from '../../src/engine/fast/parallel.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { holdsAsync } from '../support/property.js'
import { LARGE, runs, sameAsReference } from './engines.js'

test('reference = wasm, bit for bit: 9,000 small networks, every switch', () =>
  holdsAsync(runs({}), 9000, (run) => sameAsReference(wasmEngine, run)))

test('reference = wasm, bit for bit: 600 networks of sizes beyond a panel, 1 to 50 steps', () =>
  holdsAsync(runs(LARGE), 600, (run) => sameAsReference(wasmEngine, run)))

for (const workers of [1, 2, 3, 4]) {
  test(`reference = parallel(${workers}), bit for bit: 100 networks of every size`, async () => {
    const engineOf = (config: Parameters<typeof parallelEngine>[0]) => parallelEngine(config, { workers })
    await holdsAsync(runs({}), 50, (run) => sameAsReference(engineOf, run))
    await holdsAsync(runs(LARGE), 50, (run) => sameAsReference(engineOf, run))
  })
}
