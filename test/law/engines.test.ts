/** All engines give the bits of the reference engine. [ar-product] [ar-sum] */

import { test } from 'node:test'

import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { widthFor } from '../../src/engine/fast/kernels/wide.js'
import { holdsAsync } from '../support/property.js'
import * as controls from './controls.js'
import * as engines from './engine-controls.js'
import { ending, LARGE, parallelOf, runs, sameAsReference } from './engines.js'
import type { EngineOf } from './subject.js'
import { law } from './laws.js'
import { agreesWithReference } from './locality.js'
import { engineFrom } from './subject.js'

law(
  'Law 8, A1-O4, [sq-start]: an engine gives the bits of the reference engine',
  agreesWithReference,
  { 'wasm engine': wasmEngine },
  {
    'an engine whose beta is off by one unit in the last place': engines.lastPlace,
    'a step that forgets the mask': engineFrom(controls.forgetsMask),
  },
)

/** Nothing, or why the wide kernels do not run here. */
const { wide, why } = await widthFor(process.env['PTNCN_WIDE'] !== '0')
const narrow = wide ? false : `without wide kernels, as ${why}`
const wideEngine: EngineOf = (config) => wasmEngine(config, { wide: true })

test('reference = wasm, bit for bit: small networks, every switch', () =>
  holdsAsync(runs({}), 400, (run) => sameAsReference([wasmEngine], run)))

test('reference = wasm with wide kernels, bit for bit: every switch, sizes beyond a panel', { skip: narrow }, async () => {
  await holdsAsync(runs({}), 400, (run) => sameAsReference([wideEngine], run))
  await holdsAsync(runs(LARGE), 40, (run) => sameAsReference([wideEngine], run))
})

test('reference = wasm, bit for bit: sizes around and beyond a panel, 1 to 50 steps', () =>
  holdsAsync(runs(LARGE), 40, (run) => sameAsReference([wasmEngine], run)))

test('reference = wasm, bit for bit: rows that end before their sequence, which are left out', () =>
  holdsAsync(ending({ ...LARGE, rows: [4, 13] }), 150, (run) => sameAsReference([wasmEngine], run)))

test('reference = parallel by layers and by rows, 1 to 4 workers, bit for bit: every switch, sizes beyond a panel, 1 to 50 steps', async () => {
  await holdsAsync(runs({}), 5, (run) => sameAsReference(parallelOf(wide), run))
  await holdsAsync(runs(LARGE), 5, (run) => sameAsReference(parallelOf(wide), run))
  await holdsAsync(ending({ ...LARGE, rows: [4, 13] }), 5, (run) => sameAsReference(parallelOf(wide), run))
})
