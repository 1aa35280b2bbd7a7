/**
 * What the best window of [C4] goes by: beside what each window gave in the studies online-32 and online-128, how large the
 * drives a_l are in a network that has learned with the best of them, and how many of them lie within it.
 *
 *     tsx test/tools/windows.ts FOLDER >> test/results/window/drives.jsonl
 *
 * FOLDER has the data of the user's tasks. Prints JSON, a record a line, as it goes.
 */

import { readFileSync } from 'node:fs'
import type { Sequence } from '../../src/engine/engine.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { gridOf, type GridTask } from '../../src/experiment/compare/grid.js'
import { openTask } from '../../src/experiment/tasks.js'
import { beginning, train } from '../../src/experiment/train.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import { config, type Config } from '../../src/ptncn/config.js'
import { initialState } from '../../src/ptncn/state.js'
import { step } from '../../src/ptncn/step.js'
import type { Weights } from '../../src/ptncn/weights.js'

const WIDTHS = [32, 128] as const
const KINDS = ['sign', 'step'] as const
const SEED = 1001
/** Lines that are scored, or batches of what has no lines: enough for two digits. */
const SCORED = 20

interface StudyCell {
  readonly variant: string
  readonly stage: string
  readonly task: { readonly label: string }
  readonly settings: Config
  readonly validation: number
}

const study = (width: number, file: string): string =>
  readFileSync(new URL(`../results/online-${width}/${file}`, import.meta.url), 'utf8')

/** Those with a window, and of the two deviations that were tried the smaller one, the profile's. */
const windowed = (width: number, label: string, variant: string): readonly StudyCell[] => {
  const cells = study(width, 'cells.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StudyCell)
    .filter((cell) => cell.stage === 'search' && cell.task.label === label && cell.variant === variant)
    .filter(({ settings }) => settings.window)
  const least = Math.min(...cells.map(({ settings }) => settings.weightScale))
  return cells.filter(({ settings }) => settings.weightScale === least)
}

/** The root mean square of the drives of a layer, and the part of them that lies within the window. */
interface Drives {
  readonly rms: number
  readonly within: number
}

const drivesOf = (network: Config, weights: Weights, sequences: readonly Sequence[]): Drives[] => {
  const sums = weights.map(() => ({ squares: 0, within: 0, count: 0 }))
  const take = (layer: number, { cols, data }: Matrix, mask: Matrix): void => {
    const sum = sums[layer - 1]!
    for (let i = 0; i < data.length; i++) {
      if (mask.data[Math.floor(i / cols)] === 0) continue
      sum.squares += data[i]! * data[i]!
      sum.within += Math.abs(data[i]!) < network.window ? 1 : 0
      sum.count++
    }
  }
  for (const { inputs, key } of sequences) {
    let state = initialState(network, inputs[0]!.x.rows, key)
    for (const input of inputs) {
      const see = (name: string, value: Matrix): Matrix => {
        const layer = /^A1\.a_(\d+)$/.exec(name)?.[1]
        if (layer) take(Number(layer), value, input.mask)
        return value
      }
      state = step(network, weights, state, input, { see }).state
    }
  }
  return sums.map(({ squares, within, count }) => ({ rms: Math.sqrt(squares / count), within: within / count }))
}

const measure = async (width: number, { label, options, sequences }: GridTask, kind: (typeof KINDS)[number]) => {
  const cells = windowed(width, label, kind)
  const { settings: best } = cells.reduce((one, other) => (other.validation < one.validation ? other : one))
  const task = openTask({ ...options, scored: SCORED })
  const network = config({ ...best, units: [task.inputs, width, width], output: task.output, activation: kind })
  const engine = wasmEngine(network)
  const training = { seed: SEED, batch: options.batch, sequences }
  const { snapshot } = await train(task, training, engine, () => beginning(engine, SEED))
  await engine.dispose()
  const held = [...task.held('validation')].slice(0, SCORED)
  const trained = drivesOf(network, snapshot.weights, held)
  const scores = Object.fromEntries(cells.map(({ settings, validation }) => [settings.window, validation]))
  return { task: label, width, kind, scores, window: best.window, trained }
}

const [data] = process.argv.slice(2)
if (!data) throw new Error('say the folder of the data')

for (const width of WIDTHS) {
  for (const task of gridOf(JSON.parse(study(width, 'grid.json')).grid, data).tasks) {
    for (const kind of KINDS) console.log(JSON.stringify(await measure(width, task, kind)))
  }
}
