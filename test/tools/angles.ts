/**
 * How far an update of P-TNCN is from the gradient: the cosine between what a sequence changes with fixed weights, weight
 * by weight, and the gradient of that sequence's loss, taken by differences of losses.
 *
 *     tsx test/tools/angles.ts     prints JSON: a record for each setting, untrained and trained
 */

import { reberTask } from '../../src/data/grammar-task.js'
import type { Sequence } from '../../src/engine/engine.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { at, type Matrix } from '../../src/numeric/matrix.js'
import { keyOf, split } from '../../src/numeric/random.js'
import { initialOptimizer } from '../../src/ptncn/apply.js'
import { config, type Config } from '../../src/ptncn/config.js'
import { initialState } from '../../src/ptncn/state.js'
import { step } from '../../src/ptncn/step.js'
import { initialWeights, mapWeights, namesOf, type WeightName, type Weights } from '../../src/ptncn/weights.js'

const UNITS = 8
const ROWS = 20
/** Of a difference: large against the rounding of a loss in binary32, small against its curvature. */
const STEP = 2 ** -7
const TRAINED = 1000

const task = reberTask(ROWS)
const sequence = task.training(keyOf(99), 0)

const SETTINGS: Readonly<Record<string, Partial<Config>>> = {
  'released rules': { topDownSignal: 'correction' },
  'W from the error': { topDownSignal: 'error' },
  'temporal rule for E': { topDownSignal: 'error', errorRule: 'temporal' },
  'beta 1': { topDownSignal: 'error', beta: 1 },
  'sign units': { topDownSignal: 'error', activation: 'sign', weightScale: 0.3 },
}

const changed = (weights: Weights, layer: number, name: WeightName, index: number, by: number): Weights =>
  mapWeights(
    (w, own, l) =>
      l - 1 !== layer || own !== name
        ? w
        : { ...w, data: Float32Array.from({ length: w.data.length }, (_, i) => w.data[i]! + (i === index ? by : 0)) },
    weights,
  )

/** The sum of the updates of a sequence's steps, each before it is clipped or averaged: where gradient descent would go down. */
const updatesOf = (network: Config, weights: Weights, { inputs, key }: Sequence): Weights => {
  let state = initialState(network, ROWS, key)
  let sum: Weights | undefined
  for (const input of inputs) {
    const { updates, state: next } = step(network, weights, state, input)
    if (state.t >= network.learnFrom) {
      const before = sum
      sum = before
        ? mapWeights(
            (w, name, l) => ({
              ...w,
              data: Float32Array.from({ length: w.data.length }, (_, i) => w.data[i]! + before[l - 1]![name]!.data[i]!),
            }),
            updates,
          )
        : updates
    }
    state = next
  }
  return sum!
}

const cosine = (a: readonly number[], b: Matrix): number => {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
    Array.from(x).reduce((sum, value, i) => sum + value * y[i]!, 0)
  const right = Array.from({ length: b.rows * b.cols }, (_, i) => at(b, Math.floor(i / b.cols), i % b.cols))
  const norms = Math.sqrt(dot(a, a) * dot(right, right))
  return norms === 0 ? 0 : dot(a, right) / norms
}

const angles = async (network: Config, weights: Weights): Promise<Record<string, number>> => {
  const engine = wasmEngine(network)
  const lossOf = async (of: Weights): Promise<number> =>
    (await engine.evaluate({ weights: of, optimizer: initialOptimizer(network) }, [sequence])).measurements[0]!.loss
  const updates = updatesOf(network, weights, sequence)
  const found: Record<string, number> = {}
  for (const [l, layer] of weights.entries()) {
    for (const name of namesOf(layer)) {
      const gradient: number[] = []
      for (let i = 0; i < layer[name]!.data.length; i++) {
        gradient.push(
          ((await lossOf(changed(weights, l, name, i, STEP))) - (await lossOf(changed(weights, l, name, i, -STEP)))) / (2 * STEP),
        )
      }
      found[`${name}_${name === 'c' ? l : l + 1}`] = Number(cosine(gradient, updates[l]![name]!).toFixed(3))
    }
  }
  await engine.dispose()
  return found
}

for (const [setting, fields] of Object.entries(SETTINGS)) {
  const network = config({
    units: [task.inputs, UNITS, UNITS],
    output: task.output,
    biases: true,
    clip: 0,
    optimizer: 'adam',
    rate: 0.001,
    weightScale: 0.15,
    ...fields,
  })
  const untrained = { weights: initialWeights(network, split(keyOf(1), 0)), optimizer: initialOptimizer(network) }
  const engine = wasmEngine(network)
  const { snapshot } = await engine.train(
    untrained,
    Array.from({ length: TRAINED }, (_, i) => task.training(keyOf(1), i)),
  )
  await engine.dispose()
  const results = {
    setting,
    untrained: await angles(network, untrained.weights),
    trained: await angles(network, snapshot.weights),
  }
  console.log(JSON.stringify(results))
}
