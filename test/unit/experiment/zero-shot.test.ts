import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { PtncnError } from '../../../src/errors.js'
import { CONFIG_FIELDS } from '../../../src/ptncn/config.js'
import { initialState } from '../../../src/ptncn/state.js'
import { infer } from '../../../src/ptncn/step.js'
import { otherTask, settingsOf } from '../../../src/experiment/settings.js'
import { openTask } from '../../../src/experiment/tasks.js'
import { adaptationOf, readZeroShot, withoutCorrection, zeroShot, zeroShotSummary } from '../../../src/experiment/zero-shot.js'
import type { Sequence } from '../../../src/engine/engine.js'
import { inputsOf } from '../engine/runs.js'
import { assertSame, configured, pictureOf, someWeights } from '../support.js'
import { network, standInEngine, standInTask } from './stand-in.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-zero-shot-'))
after(() => rmSync(folder, { recursive: true }))

test('correction off is beta 0 and nothing else: a state is what was predicted for it, y = z', () => {
  const on = configured({ beta: 0.3 })
  const off = withoutCorrection(on)
  assert.deepEqual(
    CONFIG_FIELDS.filter((field) => on[field] !== off[field]),
    ['beta'],
  )
  assert.equal(off.beta, 0)
  const weights = someWeights(on)
  const adapts = [on, off].map((config) => {
    let state = initialState(config, 2)
    for (const input of inputsOf(3, 5)) state = infer(config, weights, state, input).state
    return state
  })
  adapts[1]!.y.forEach((y, i) => assertSame(y, adapts[1]!.z[i]!))
  assert.notDeepEqual(adapts[0]!.y.map(pictureOf), adapts[0]!.z.map(pictureOf))
})

test('four scores of one frozen network: each task, with the engine of each', async () => {
  const on = configured({ beta: 0.3 })
  const engines = {
    on: standInEngine(on, (name, value) => (name === 'trained' ? value : NaN)),
    off: standInEngine(withoutCorrection(on), (name, value) => (name === 'trained' ? 100 + 3 * value : NaN)),
  }
  const scores = await zeroShot(
    { digits: standInTask('digits', 10), glyphs: standInTask('glyphs', 20) },
    engines,
    network('trained'),
  )
  assert.deepEqual(scores, { digits: { on: 10, off: 130 }, glyphs: { on: 20, off: 160 } })
})

test('the adaptation is the gain on glyphs beyond that on digits, seed by seed', () => {
  const first = { digits: { on: 100, off: 105 }, glyphs: { on: 150, off: 165 } }
  const second = { digits: { on: 90, off: 97 }, glyphs: { on: 160, off: 171 } }
  assert.deepEqual([first, second].map(adaptationOf), [10, 4])
  const { digits, glyphs, adaptation } = zeroShotSummary([first, second])
  assert.deepEqual(
    [digits.on, digits.off, digits.gain].map(({ mean }) => mean),
    [95, 101, 6],
  )
  assert.deepEqual(
    [glyphs.on, glyphs.off, glyphs.gain, adaptation].map(({ mean }) => mean),
    [155, 168, 13, 7],
  )
  // 12.7062 times the standard error of 10 and 4, which is 3
  assert.equal(adaptation.half!.toFixed(4), '38.1186')
})

test('scores come back from their file, and a file that has none is refused in one line', () => {
  const scores = { digits: { on: 1, off: 2 }, glyphs: { on: 3, off: 4 } }
  assert.deepEqual(readZeroShot('seed-1.json', { scores, seed: 1 }), scores)
  const spoilt = [
    {},
    { scores: 3 },
    { scores: { digits: scores.digits } },
    { scores: { ...scores, glyphs: { on: 3, off: '4' } } },
  ]
  for (const record of spoilt) {
    assert.throws(
      () => readZeroShot('seed-1.json', record),
      (error) => error instanceof PtncnError && /^"[^\n]*seed-1\.json" expected [^\n]*$/.test(error.message),
    )
  }
})

/** Images without ground, of one grey value: the ink of a frame shows where they are and nothing else. */
const plainImages = (count: number, grey: number): Uint8Array =>
  Uint8Array.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2, ...Array<number>(count * 4).fill(grey)])

test('digits and glyphs take the same paths, however many images there are of each', () => {
  const paths: boolean[][][] = []
  for (const [name, count, grey] of [
    ['mnist', 12, 40],
    ['notmnist', 7, 250],
  ] as const) {
    for (const part of ['train', 't10k']) writeFileSync(join(folder, `${part}-images-idx3-ubyte`), plainImages(count, grey))
    const settings = settingsOf({ data: folder, side: 16, frames: 6 })
    const task = openTask(name === 'mnist' ? settings : otherTask(settings, 'bouncing-notmnist'))
    const inked = [...task.held('test')].flatMap(({ inputs }: Sequence) =>
      inputs.map(({ x }) => Array.from(x.data, (value) => value > 0)),
    )
    assert.equal(task.name, `bouncing-${name}`)
    paths.push(inked)
  }
  assert.deepEqual(paths[0], paths[1])
  assert.equal(paths[0]!.length, 4 * 6)
})
