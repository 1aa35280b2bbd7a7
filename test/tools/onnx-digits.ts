/**
 * Bouncing digits learnt by our engine, and with the exported graphs by onnxruntime in Python and in a browser, from the same
 * weights and on the same sequences.
 *
 *     tsx test/tools/onnx-digits.ts [BATCHES]
 *
 * Leaves the losses, the times and a figure in test/results/onnx. Needs a Python with numpy and onnxruntime, a browser and
 * onnxruntime-web.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sequence } from '../../src/engine/engine.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { networkOf, settingsOf } from '../../src/experiment/settings.js'
import { openTask } from '../../src/experiment/tasks.js'
import { loopModel } from '../../src/export/onnx/loop.js'
import { startModel } from '../../src/export/onnx/start.js'
import { stepModel } from '../../src/export/onnx/step.js'
import { encodeModel } from '../../src/io/onnx/model.js'
import { learningCurve } from '../../src/io/svg.js'
import { keyOf } from '../../src/numeric/random.js'
import { initialModel } from '../../src/ptncn/apply.js'
import type { Config } from '../../src/ptncn/config.js'
import { meanLoss } from '../../src/ptncn/scores.js'
import { browsers, type Found } from '../support/browsers.js'
import { learnInBrowser, skipWithoutRuntime, type Learnt, type Shape } from '../support/onnx-web.js'
import { pythonWith } from '../support/python.js'

const RESULTS = fileURLToPath(new URL('../results/onnx/', import.meta.url))
const TRAINER = fileURLToPath(new URL('../ports/onnx/train.py', import.meta.url))
const BATCHES = 300
/** Of a curve: the mean of so many batches. */
const BIN = 10
const SETTINGS = { task: 'bouncing-mnist', side: 16, frames: 10, batch: 10, units: [32], seed: 1 } as const

interface Setup {
  readonly of: Config
  readonly sequences: readonly Sequence[]
}

const setup = (batches: number): Setup => {
  const settings = settingsOf(SETTINGS)
  const task = openTask(settings)
  const sequences = Array.from({ length: batches }, (_, i) => task.training(keyOf(settings.seed), i))
  return { of: networkOf(settings, task), sequences }
}

const byEngine = async ({ of, sequences }: Setup): Promise<Learnt> => {
  const engine = wasmEngine(of)
  // the first call compiles, and is not timed
  await engine.train(initialModel(of, keyOf(SETTINGS.seed)), sequences.slice(0, 1))
  const began = performance.now()
  const { measurements } = await engine.train(initialModel(of, keyOf(SETTINGS.seed)), sequences)
  const milliseconds = performance.now() - began
  await engine.dispose()
  return { losses: measurements.map(meanLoss), millisecondsAStep: milliseconds / stepsIn(sequences) }
}

const stepsIn = (sequences: readonly Sequence[]): number => sequences.reduce((sum, { inputs }) => sum + inputs.length, 0)

/** Graphs and pixels, for a runtime that gets no equation; and what it has to be told of their shape. */
const writeGraphs = (folder: string, { of, sequences }: Setup): Shape => {
  const models = {
    start: startModel(of, initialModel(of, keyOf(SETTINGS.seed))),
    step: stepModel(of, { part: 'learn' }),
    loop: loopModel(of, { part: 'learn' }),
  }
  for (const [name, model] of Object.entries(models)) writeFileSync(join(folder, `${name}.onnx`), encodeModel(model))
  const pixels = sequences.flatMap(({ inputs }) => inputs.map(({ x }) => Buffer.from(Float32Array.from(x.data).buffer)))
  writeFileSync(join(folder, 'x.bin'), Buffer.concat(pixels))
  return { sequences: sequences.length, steps: SETTINGS.frames, rows: SETTINGS.batch, inputs: of.units[0]! }
}

const inFolder = async <T>(task: (folder: string) => T | Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-digits-'))
  try {
    return await task(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const byPython = (both: Setup, python: string): Promise<Learnt & { readonly byLoop: Learnt }> =>
  inFolder((folder) => {
    const { sequences, steps, rows, inputs } = writeGraphs(folder, both)
    const shape = [sequences, steps, rows, inputs].map(String)
    const { status, stdout, stderr } = spawnSync(python, [TRAINER, folder, ...shape], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  })

const byBrowser = (both: Setup, browser: Found): Promise<Learnt> =>
  inFolder((folder) => learnInBrowser(browser, folder, writeGraphs(folder, both)))

/** The largest difference between two losses of the same batch, as a part of the loss. */
const differenceOf = (engine: Learnt, other: Learnt): number =>
  Math.max(...engine.losses.map((loss, i) => Math.abs(other.losses[i]! - loss) / loss))

/** By our engine and by Python, over the same batches. */
export const learnTwice = async (batches: number, python: string) => {
  const both = setup(batches)
  const engine = await byEngine(both)
  const { byLoop, ...graph } = await byPython(both, python)
  return { engine, graph, loop: byLoop, difference: Math.max(...[graph, byLoop].map((other) => differenceOf(engine, other))) }
}

/** By our engine and in a browser, over the same batches. */
export const learnInBoth = async (batches: number, browser: Found) => {
  const both = setup(batches)
  const engine = await byEngine(both)
  const graph = await byBrowser(both, browser)
  return { engine, graph, difference: differenceOf(engine, graph) }
}

const binned = (losses: readonly number[]): readonly number[] =>
  Array.from({ length: Math.floor(losses.length / BIN) }, (_, i) => {
    const some = losses.slice(i * BIN, (i + 1) * BIN)
    return some.reduce((sum, loss) => sum + loss, 0) / some.length
  })

const main = async (batches: number): Promise<void> => {
  const python = pythonWith('numpy', 'onnxruntime')
  if (python === undefined) throw new Error('no Python with numpy and onnxruntime here')
  const [browser] = browsers()
  const missing = browser === undefined ? 'no browser here' : skipWithoutRuntime()
  if (missing) throw new Error(missing)
  const { engine, graph, loop, difference } = await learnTwice(batches, python)
  const inBrowser = await learnInBoth(batches, browser!)
  const ways = {
    'ptncn, one thread': engine,
    'onnxruntime, a step a call': graph,
    'onnxruntime, a sequence a call': loop,
    [`onnxruntime-web in ${browser!.name}, a step a call`]: inBrowser.graph,
  }
  const largest = Math.max(difference, inBrowser.difference)
  const lines = Object.entries(ways).map(([by, { losses, millisecondsAStep }]) => ({
    by,
    millisecondsAStep: Number(millisecondsAStep.toFixed(3)),
    nats: binned(losses).map((loss) => Number(loss.toFixed(3))),
  }))
  const about = { settings: SETTINGS, batches, batchesAPoint: BIN, largestRelativeDifference: Number(largest.toPrecision(2)) }
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(join(RESULTS, 'digits.jsonl'), [about, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''))
  const series = Object.entries(ways)
    .slice(0, 2)
    .map(([label, { losses }]) => ({ label, points: binned(losses).map((y, i) => ({ x: (i + 1) * BIN, y })) }))
  const figure = {
    title: 'The same digits, learnt by our engine and by the exported graph',
    xLabel: 'batches',
    yLabel: 'nats a frame',
  }
  writeFileSync(join(RESULTS, 'digits.svg'), learningCurve(series, figure))
  for (const line of [about, ...lines.map(({ nats, ...rest }) => ({ ...rest, last: nats.at(-1) }))])
    console.log(JSON.stringify(line))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(Number(process.argv[2] ?? BATCHES))
