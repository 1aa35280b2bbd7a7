/** The law of the fast engines over 10,000 configurations. */

import { test } from 'node:test'

import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { widthFor } from '../../src/engine/fast/kernels/wide.js'
import { holdsAsync } from '../support/property.js'
import { ending, LARGE, parallelOf, runs, sameAsReference } from './engines.js'
import type { EngineOf } from './subject.js'

const { wide, why } = await widthFor(process.env['PTNCN_WIDE'] !== '0')
const ENGINES: readonly EngineOf[] = [(config) => wasmEngine(config, { wide })]
const kernels = wide ? 'wide kernels' : `narrow kernels, as ${why}`

test(`reference = wasm (${kernels}), bit for bit: 9,000 small networks, every switch`, () =>
  holdsAsync(runs({}), 9000, (run) => sameAsReference(ENGINES, run)))

test(`reference = wasm (${kernels}), bit for bit: 600 networks of sizes beyond a panel, 1 to 50 steps`, () =>
  holdsAsync(runs(LARGE), 600, (run) => sameAsReference(ENGINES, run)))

test(`reference = wasm (${kernels}), bit for bit: 1,000 networks whose rows end before their sequence`, () =>
  holdsAsync(ending({ ...LARGE, rows: [4, 13] }), 1000, (run) => sameAsReference(ENGINES, run)))

test(`reference = parallel by layers and by rows, 1 to 4 workers (${kernels}), bit for bit: 100 networks of every size`, async () => {
  await holdsAsync(runs({}), 50, (run) => sameAsReference(parallelOf(wide), run))
  await holdsAsync(runs(LARGE), 50, (run) => sameAsReference(parallelOf(wide), run))
})
