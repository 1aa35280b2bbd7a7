import assert from 'node:assert/strict'
import { test } from 'node:test'

import { PtncnError } from '../../../src/errors.js'
import type { Divergence } from '../../../src/engine/divergence.js'
import type { Outcome, Sequence, Snapshot } from '../../../src/engine/engine.js'
import { referenceEngine } from '../../../src/engine/reference.js'
import { keyOf, normals } from '../../../src/numeric/random.js'
import { initialOptimizer } from '../../../src/ptncn/apply.js'
import type { Config } from '../../../src/ptncn/config.js'
import { inputOf } from '../../../src/ptncn/state.js'
import { mapWeights, zeroWeights, type Weights } from '../../../src/ptncn/weights.js'
import { assertSameWeights, configured, constant } from '../support.js'
import { assertSameSnapshot, begin, ROWS } from './runs.js'

/** The divergence of a run that must diverge. */
const divergenceOf = async (run: Promise<Outcome>): Promise<Divergence> => {
  const error = await run.then(
    () => assert.fail('the run did not diverge'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof PtncnError, String(error))
  const found = error.value as Divergence
  assert.equal(error.name, 'DivergenceError')
  assert.equal(
    error.message,
    `"${found.equation}" of layer ${found.layer} expected finite numbers, got NaN or infinity at step ${found.step} of ` +
      `sequence ${found.sequence}; the snapshot before that step is kept: try a smaller rate, or a clip`,
  )
  return found
}

const wild = (change: Partial<Config> = {}): Config =>
  configured({ activation: 'identity', output: 'identity', optimizer: 'sgd', rate: 1e15, clip: 0, weightScale: 0.5, ...change })
const noise = (steps: number, seed: number): Sequence => ({
  inputs: Array.from({ length: steps }, (_, t) => inputOf(normals(keyOf(seed * 100 + t), ROWS, 3, 1))),
})

test('[ar-finite] identity units and a huge rate diverge; the last good snapshot goes on with a smaller rate', async () => {
  const settings = wild()
  const from = begin(settings)
  const sequences = [noise(2, 1), noise(9, 2)]
  const found = await divergenceOf(referenceEngine(settings).train(from, sequences))
  const { equation, layer, sequence: index, step: t, snapshot } = found
  assert.match(equation, /^(A1|A2|P1|C[1-4]|L[1-6]|O3)$/)
  assert.ok(layer >= 0 && layer <= 2)
  assert.equal(index, 1)
  assert.equal(snapshot.state!.t, t)

  // it is the snapshot after the steps before, to the bit
  const until = { ...sequences[1]!, inputs: sequences[1]!.inputs.slice(0, t), open: true }
  const { snapshot: before } = await referenceEngine(settings).train(from, t > 0 ? [sequences[0]!, until] : [sequences[0]!])
  assertSameSnapshot({ ...snapshot, ...(t > 0 ? {} : { state: undefined }) } as Snapshot, before)

  const rest = { ...sequences[1]!, inputs: sequences[1]!.inputs.slice(t), continues: true }
  const calm = referenceEngine(wild({ rate: 1e-30, activation: 'tanh' }))
  const { measurements } = await calm.train(snapshot, [rest])
  assert.ok(Number.isFinite(measurements[0]!.loss))
})

/** Weights that are zero but for one. */
const only = (settings: Config, l: number, name: 'W' | 'E' | 'M' | 'V', value: number): Weights =>
  mapWeights((w, n, at) => (at === l && n === name ? constant(w.rows, w.cols, value) : w), zeroWeights(settings))

const ones = (steps: number, value = 1): Sequence => ({
  inputs: Array.from({ length: steps }, () => inputOf(constant(ROWS, 3, value))),
})

const culpritOf = async (settings: Config, weights: Weights, run: Sequence, method: 'train' | 'evaluate' = 'train') => {
  const {
    equation,
    layer,
    step: t,
  } = await divergenceOf(referenceEngine(settings)[method]({ weights, optimizer: initialOptimizer(settings) }, [run]))
  return [equation, layer, t]
}

test('[ar-finite] the first equation that was not finite is named, with its layer and step', async () => {
  const settings = wild({ beta: 1 })
  // t = 0: y is 0. t = 1: x M_1 = 3 times 2e38 is too large
  assert.deepEqual(await culpritOf(settings, only(settings, 1, 'M', 2e38), ones(2)), ['A1', 1, 1])
  const f: Partial<Config> = { activation: (a) => (a > 0.5 ? Infinity : a) }
  assert.deepEqual(await culpritOf(wild(f), only(settings, 1, 'M', 1), ones(2)), ['A2', 1, 1])
  const predictor = (name: string, l: number): number => (l > 1 ? 0 : name === 'M' ? 1 : name === 'W' ? 1e38 : 0)
  const predicting = mapWeights((w, name, l) => constant(w.rows, w.cols, predictor(name, l)), zeroWeights(settings))
  assert.deepEqual(await culpritOf(settings, predicting, ones(2)), ['P1', 0, 1])
  assert.deepEqual(await culpritOf(settings, only(settings, 1, 'E', 3e38), ones(1)), ['C2', 1, 0])
  assert.deepEqual(await culpritOf(wild({ beta: 1e38 }), only(settings, 1, 'E', 2), ones(1)), ['C3', 1, 0])
  // the error 3e38 - (-3e38): the prediction of a lone layer with a bias
  const biased = wild({ units: [3, 1], biases: true })
  const c = mapWeights((w, name) => constant(w.rows, w.cols, name === 'c' ? -3e38 : 0), zeroWeights(biased))
  assert.deepEqual(await culpritOf(biased, c, ones(1, 3e38)), ['C1', 0, 0])
})

test('[ar-finite] the learning rule whose update was not finite is named: L1, L3 and L6', async () => {
  const settings = wild({ units: [3, 1], learnFrom: 1, rate: 0, beta: 0 })
  // z = 3 sums, e = -1e25 times z = 3e25 and more
  assert.deepEqual(await culpritOf(settings, only(settings, 1, 'M', 1), ones(2, 1e20)), ['L1', 1, 1])
  // d = beta E e = 3e20 with x[t-1] = 1e20
  const correcting = wild({ units: [3, 1], rate: 0, beta: 1 })
  assert.deepEqual(await culpritOf(correcting, only(correcting, 1, 'E', 1), ones(2, 1e20)), ['L3', 1, 1])
  // d = -2e38 in each of three rows, while all that came before is 0
  const adding = wild({ units: [1, 1], rate: 0, beta: 1, biases: true })
  const late = { inputs: [0, 2e38].map((value) => inputOf(constant(3, 1, value))) }
  assert.deepEqual(await culpritOf(adding, only(adding, 1, 'E', 1), late), ['L6', 1, 1])
  // e, summed over three rows, while d is 0
  const biased = wild({ units: [3, 1], rate: 0, beta: 0, biases: true })
  const tall = { inputs: [1, 2].map(() => inputOf(constant(3, 3, 2e38))) }
  assert.deepEqual(await culpritOf(biased, zeroWeights(biased), tall), ['L6', 1, 1])
})

test('[ar-finite] O3 is named where the move is not finite, and evaluation has no such step', async () => {
  const settings = wild({ units: [3, 1], rate: 3e38 })
  assert.deepEqual(await culpritOf(settings, only(settings, 1, 'M', 1), ones(2)), ['O3', 1, 1])
  const { measurements } = await referenceEngine(settings).evaluate(
    { weights: only(settings, 1, 'M', 1), optimizer: initialOptimizer(settings) },
    [ones(2)],
  )
  assert.equal(measurements.length, 1)
})

test('[ar-finite] with update sequence the move at the end may diverge; the snapshot before it is kept', async () => {
  const settings = wild({ units: [3, 1], rate: 3e38, update: 'sequence' })
  const from = { weights: only(settings, 1, 'M', 1), optimizer: initialOptimizer(settings) }
  const { equation, step: t, snapshot } = await divergenceOf(referenceEngine(settings).train(from, [ones(3)]))
  assert.equal(equation, 'O3')
  assertSameWeights(snapshot.weights, from.weights)
  assert.ok(snapshot.optimizer.sum)
  assert.deepEqual([t, snapshot.state!.t], [3, 3])
  const calm = wild({ units: [3, 1], rate: 1e-3, update: 'sequence' })
  const { snapshot: moved } = await referenceEngine(calm).train(snapshot, [{ ...ones(1), continues: true }])
  assert.equal(moved.optimizer.sum, undefined)
})

test('[ar-finite] evaluation diverges too, and keeps the snapshot before the step', async () => {
  const settings = wild()
  const weights = only(settings, 1, 'M', 2e38)
  assert.deepEqual(await culpritOf(settings, weights, ones(2), 'evaluate'), ['A1', 1, 1])
})

test('[ar-finite] a loss that overflows is named by its score', async () => {
  const settings = configured({ units: [3, 1], output: 'identity', learnFrom: 0 })
  const huge = inputOf({ rows: 1, cols: 3, data: new Float32Array(3).fill(1e30) })
  const from = { weights: zeroWeights(settings), optimizer: initialOptimizer(settings) }
  const { equation, layer, step: t } = await divergenceOf(referenceEngine(settings).evaluate(from, [{ inputs: [huge] }]))
  assert.deepEqual([equation, layer, t], ['S3', 0, 0])
})
