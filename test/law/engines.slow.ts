/** The law of the fast engines over 10,000 configurations. */

import { test } from 'node:test'

import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { holdsAsync } from '../support/property.js'
import { LARGE, PARALLEL, runs, sameAsReference } from './engines.js'

test('reference = wasm, bit for bit: 9,000 small networks, every switch', () =>
  holdsAsync(runs({}), 9000, (run) => sameAsReference([wasmEngine], run)))

test('reference = wasm, bit for bit: 600 networks of sizes beyond a panel, 1 to 50 steps', () =>
  holdsAsync(runs(LARGE), 600, (run) => sameAsReference([wasmEngine], run)))

test('reference = parallel(1) = ... = parallel(4), bit for bit: 100 networks of every size', async () => {
  await holdsAsync(runs({}), 50, (run) => sameAsReference(PARALLEL, run))
  await holdsAsync(runs(LARGE), 50, (run) => sameAsReference(PARALLEL, run))
})
