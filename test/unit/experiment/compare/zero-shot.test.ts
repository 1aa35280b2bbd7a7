import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { CONFIG_FIELDS, type Config } from '../../../../src/ptncn/config.js'
import { initialState } from '../../../../src/ptncn/state.js'
import { infer } from '../../../../src/ptncn/step.js'
import { networkOf, otherTask, settingsOf, withoutCorrection } from '../../../../src/experiment/settings.js'
import { openTask } from '../../../../src/experiment/tasks.js'
import type { CellResult } from '../../../../src/experiment/compare/result.js'
import { cellsOf, gridOf } from '../../../../src/experiment/compare/grid.js'
import { methodOf } from '../../../../src/experiment/compare/methods.js'
import { adaptationOf, zeroShotGrid, zeroShotOf, zeroShotSummary } from '../../../../src/experiment/compare/zero-shot.js'
import type { Sequence } from '../../../../src/engine/engine.js'
import { wasmEngine } from '../../../../src/engine/fast/wasm.js'
import { inputsOf } from '../../engine/runs.js'
import { assertSame, configured, pictureOf, someWeights } from '../../support.js'

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

test('the grid of any run has one cell a seed, in which the network is that of the run, field for field', async () => {
  for (const options of [
    {},
    { units: [7, 5, 3], activation: 'relu6', profile: 'paper', rate: 0.1 },
    { units: 6, activation: 'stochastic' },
  ]) {
    const settings = settingsOf({ ...options, side: 8, frames: 4, batch: 3, sequences: 12 })
    const config = networkOf(settings, { inputs: 64, output: 'sigmoid' })
    const grid = gridOf(JSON.parse(JSON.stringify(zeroShotGrid(settings, config, 3))))
    const cells = cellsOf(grid)
    assert.deepEqual(
      cells.map(({ seed, stage }) => [seed, stage]),
      [1, 2, 3].map((seed) => [seed, 'final']),
    )
    const [{ contender, task }] = cells as [(typeof cells)[0]]
    assert.deepEqual(
      [task.options.task, task.options.side, task.options.frames, task.options.batch, task.sequences],
      ['bouncing-mnist', 8, 4, 3, 12],
    )
    const made: Config[] = []
    const engineOf = (one: Config) => (made.push(one), wasmEngine(one))
    const { learner, uncorrected } = await methodOf('ptncn').make(
      { inputs: 64, output: 'sigmoid' },
      grid.units,
      contender.variant,
      contender.trials[0]!,
      engineOf,
    )
    assert.deepEqual(made, [config, withoutCorrection(config)])
    await Promise.all([learner.dispose(), uncorrected!.dispose()])
  }
})

test('the four scores are those of a cell that has all', () => {
  const cell = { test: 10, uncorrected: 130, glyphs: { test: 20, uncorrected: 160, marks: [] } } as unknown as CellResult
  assert.deepEqual(zeroShotOf(cell), { digits: { on: 10, off: 130 }, glyphs: { on: 20, off: 160 } })
  const { uncorrected: _, ...without } = cell
  assert.equal(zeroShotOf(without as CellResult), undefined)
  assert.equal(zeroShotOf({ ...cell, glyphs: { test: 20, marks: [] } }), undefined)
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
