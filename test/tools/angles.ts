/**
 * How far an update is from the gradient: the cosine between what a sequence changes with fixed weights and the gradient of
 * that sequence's loss, taken by differences of losses.
 *
 *     tsx test/tools/angles.ts            of P-TNCN, weight by weight, by its settings
 *     tsx test/tools/angles.ts rivals     of P-TNCN and of every rival, all weights into the units together
 *
 * Prints JSON: a record a line, untrained and trained.
 */

import { reberTask } from '../../src/data/grammar-task.js'
import type { Sequence } from '../../src/engine/engine.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { at, type Matrix } from '../../src/numeric/matrix.js'
import { keyOf, split } from '../../src/numeric/random.js'
import { initialOptimizer } from '../../src/ptncn/apply.js'
import { config, profiles, type Config } from '../../src/ptncn/config.js'
import { initialState } from '../../src/ptncn/state.js'
import { step } from '../../src/ptncn/step.js'
import { initialWeights, mapWeights, namesOf, type WeightName, type Weights } from '../../src/ptncn/weights.js'
import { cosine, RIVALS, rivalAngles, round } from './rival-angles.js'

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

const BY_DRIVE: Partial<Config> = { ...profiles.online, correctionSignal: 'drive', window: 1 }

/** P-TNCN in the table of methods. */
const COMPARED: Readonly<Record<string, Partial<Config>>> = {
  'P-TNCN, released rules': {},
  'P-TNCN, tuned': profiles.tuned,
  'P-TNCN, online': { ...profiles.online, beta: 0.03 },
  'P-TNCN, online, sign units by the drive': { ...BY_DRIVE, activation: 'sign' },
  'P-TNCN, online, step units by the drive': { ...BY_DRIVE, activation: 'step' },
  'P-TNCN, online, stochastic units by the drive': { ...BY_DRIVE, activation: 'stochastic', beta: 0.3, window: 2, rate: 0.01 },
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

const valuesOf = (a: Matrix): number[] =>
  Array.from({ length: a.rows * a.cols }, (_, i) => at(a, Math.floor(i / a.cols), i % a.cols))

/** By each weight: what differences of losses say. */
const gradientsOf = async (network: Config, weights: Weights): Promise<Weights> => {
  const engine = wasmEngine(network)
  const lossOf = async (of: Weights): Promise<number> =>
    (await engine.evaluate({ weights: of, optimizer: initialOptimizer(network) }, [sequence])).measurements[0]!.loss
  const gradients: Record<string, Matrix>[] = []
  for (const [l, layer] of weights.entries()) {
    const own: Record<string, Matrix> = {}
    for (const name of namesOf(layer)) {
      const { rows, cols, data } = layer[name]!
      const gradient = new Float64Array(data.length)
      for (let i = 0; i < data.length; i++) {
        const [up, down] = [await lossOf(changed(weights, l, name, i, STEP)), await lossOf(changed(weights, l, name, i, -STEP))]
        gradient[i] = (up - down) / (2 * STEP)
      }
      own[name] = { rows, cols, data: gradient }
    }
    gradients.push(own)
  }
  await engine.dispose()
  return gradients as unknown as Weights
}

const angles = async (network: Config, weights: Weights): Promise<Record<string, number>> => {
  const [updates, gradients] = [updatesOf(network, weights, sequence), await gradientsOf(network, weights)]
  const found: Record<string, number> = {}
  for (const [l, layer] of weights.entries())
    for (const name of namesOf(layer))
      found[`${name}_${name === 'c' ? l : l + 1}`] = round(cosine(valuesOf(gradients[l]![name]!), valuesOf(updates[l]![name]!)))
  return found
}

/** What a signal passes on its way into units, biases too. */
const INTO = ['M', 'V', 'U', 'b'] as const

const angleInto = async (network: Config, weights: Weights): Promise<number> => {
  const into = (of: Weights): number[] =>
    of.flatMap((layer) => INTO.flatMap((name) => (layer[name] ? valuesOf(layer[name]) : [])))
  return round(cosine(into(await gradientsOf(network, weights)), into(updatesOf(network, weights, sequence))))
}

const networkOf = (fields: Partial<Config>): Config =>
  config({
    units: [task.inputs, UNITS, UNITS],
    output: task.output,
    biases: true,
    clip: 0,
    optimizer: 'adam',
    rate: 0.001,
    weightScale: 0.15,
    ...fields,
  })

const trainings = (): readonly Sequence[] => Array.from({ length: TRAINED }, (_, i) => task.training(keyOf(1), i))

/** The weights before and after training. */
const weightsOf = async (network: Config): Promise<Readonly<Record<'untrained' | 'trained', Weights>>> => {
  const untrained = { weights: initialWeights(network, split(keyOf(1), 0)), optimizer: initialOptimizer(network) }
  const engine = wasmEngine(network)
  const { snapshot } = await engine.train(untrained, trainings())
  await engine.dispose()
  return { untrained: untrained.weights, trained: snapshot.weights }
}

const ofSettings = async (): Promise<void> => {
  for (const [setting, fields] of Object.entries(SETTINGS)) {
    const network = networkOf(fields)
    const { untrained, trained } = await weightsOf(network)
    const both = { untrained: await angles(network, untrained), trained: await angles(network, trained) }
    console.log(JSON.stringify({ setting, ...both }))
  }
}

const ofMethods = async (): Promise<void> => {
  for (const [method, fields] of Object.entries(COMPARED)) {
    const network = networkOf(fields)
    const { untrained, trained } = await weightsOf(network)
    const both = { untrained: await angleInto(network, untrained), trained: await angleInto(network, trained) }
    console.log(JSON.stringify({ method, ...both }))
  }
  for (const [method, rival] of Object.entries(RIVALS))
    console.log(JSON.stringify({ method, ...(await rivalAngles(rival, task, UNITS, sequence, trainings())) }))
}

await (process.argv[2] === 'rivals' ? ofMethods() : ofSettings())
