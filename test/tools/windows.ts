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
import { config, profiles, type Config } from '../../src/ptncn/config.js'
import { initialState } from '../../src/ptncn/state.js'
import { step } from '../../src/ptncn/step.js'
import type { Weights } from '../../src/ptncn/weights.js'

const WIDTHS = [32, 128] as const
const KINDS = ['sign', 'step'] as const
const SEED = 1001
/** Of a held part: enough for two digits. */
const SCORED = 20

interface StudyCell {
  readonly name: string
  readonly variant: string
  readonly stage: string
  readonly task: { readonly label: string }
  readonly settings: Readonly<Record<string, number>>
  readonly validation: number
}

const study = (width: number, file: string): string =>
  readFileSync(new URL(`../results/online-${width}/${file}`, import.meta.url), 'utf8')

/** The deviation of the profile at this width; the studies tried twice that too. */
const deviationOf = (width: number): number => 0.15 * Math.sqrt(32 / width)

/** Validation scores by window, of the deviation of the profile. */
const scoresOf = (width: number, label: string, variant: string): ReadonlyMap<number, number> => {
  const cells = study(width, 'cells.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StudyCell)
    .filter((cell) => cell.stage === 'search' && cell.task.label === label && cell.variant === variant)
    .filter(({ settings }) => settings['window'] && settings['weightScale'] === deviationOf(width))
  return new Map(cells.map(({ settings, validation }) => [settings['window']!, validation]))
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

const [data] = process.argv.slice(2)
if (!data) throw new Error('say the folder of the data')

const measure = async (width: number, { label, options, sequences }: GridTask, kind: (typeof KINDS)[number]) => {
  const scores = scoresOf(width, label, kind)
  const [window] = [...scores].reduce((best, one) => (one[1] < best[1] ? one : best))
  const task = openTask({ ...options, scored: SCORED })
  const network = config({
    ...profiles.online,
    ...{ units: [task.inputs, width, width], output: task.output, activation: kind },
    ...{ weightScale: deviationOf(width), correctionSignal: 'drive', window },
  })
  const engine = wasmEngine(network)
  const settings = { seed: SEED, batch: options.batch, sequences }
  const { snapshot } = await train(task, settings, engine, () => beginning(engine, SEED))
  await engine.dispose()
  const held = [...task.held('validation')].slice(0, SCORED)
  const record = { task: label, width, kind, scores: Object.fromEntries(scores), window }
  return {
    ...record,
    untrained: drivesOf(network, beginning(engine, SEED).weights, held),
    trained: drivesOf(network, snapshot.weights, held),
  }
}

for (const width of WIDTHS) {
  for (const task of gridOf(JSON.parse(study(width, 'grid.json')).grid, data).tasks) {
    for (const kind of KINDS) console.log(JSON.stringify(await measure(width, task, kind)))
  }
}
