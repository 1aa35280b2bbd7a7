/** All engines give the bits of the reference engine. [ar-product] [ar-sum] */

import { test } from 'node:test'

import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { holdsAsync } from '../support/property.js'
import * as controls from './controls.js'
import * as engines from './engine-controls.js'
import { LARGE, PARALLEL, runs, sameAsReference } from './engines.js'
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

test('reference = wasm, bit for bit: small networks, every switch', () =>
  holdsAsync(runs({}), 400, (run) => sameAsReference([wasmEngine], run)))

test('reference = wasm, bit for bit: sizes around and beyond a panel, 1 to 50 steps', () =>
  holdsAsync(runs(LARGE), 40, (run) => sameAsReference([wasmEngine], run)))

test('reference = parallel(1) = ... = parallel(4), bit for bit: every switch, sizes beyond a panel, 1 to 50 steps', async () => {
  await holdsAsync(runs({}), 6, (run) => sameAsReference(PARALLEL, run))
  await holdsAsync(runs(LARGE), 6, (run) => sameAsReference(PARALLEL, run))
})
