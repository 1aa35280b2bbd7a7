/** What an engine on compiled kernels does beyond the law: purity, calls in a row, errors of the caller's. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { referenceEngine } from '../../../../src/engine/reference.js'
import { wasmEngine } from '../../../../src/engine/fast/wasm.js'
import { PtncnError } from '../../../../src/errors.js'
import { config } from '../../../../src/ptncn/config.js'
import type { Config } from '../../../../src/ptncn/config.js'
import type { Snapshot } from '../../../../src/engine/engine.js'
import { mapWeights } from '../../../../src/ptncn/weights.js'
import { assertSnapshot } from '../../../law/engines.js'
import { begin, inputsOf, sequence } from '../runs.js'

const settings = config({ units: [3, 12, 9] })

/** The snapshot after training, or the error. */
const both = async (of: Config, from: Snapshot, ...sequences: Parameters<ReturnType<typeof wasmEngine>['train']>[1]) =>
  Promise.all([wasmEngine(of), referenceEngine(of)].map(async (engine) => (await engine.train(from, sequences)).snapshot))

test('calls in a row that hand back the last snapshot give the bits of one call', async () => {
  const engine = wasmEngine(settings)
  const first = await engine.train(begin(settings), [sequence(3, 1)])
  const second = await engine.train(first.snapshot, [sequence(4, 2)])
  const [whole] = await both(settings, begin(settings), sequence(3, 1), sequence(4, 2))
  assertSnapshot(second.snapshot, whole!)
})

test('a snapshot stays what it was when the engine goes on, and an older one can be handed in again', async () => {
  const engine = wasmEngine(settings)
  const start = begin(settings)
  const first = await engine.train(start, [sequence(3, 1)])
  const copy = structuredClone(first.snapshot)
  const second = await engine.train(first.snapshot, [sequence(3, 2)])
  assertSnapshot(first.snapshot, copy)
  await engine.train(start, [sequence(5, 3)])
  assertSnapshot((await engine.train(first.snapshot, [sequence(3, 2)])).snapshot, second.snapshot)
})

test('evaluating gives back the very weights that came in, and training goes on from them', async () => {
  const engine = wasmEngine(settings)
  const { snapshot } = await engine.train(begin(settings), [sequence(3, 1)])
  const evaluated = await engine.evaluate(snapshot, [sequence(3, 2)])
  assert.equal(evaluated.snapshot.weights, snapshot.weights)
  assert.equal(evaluated.snapshot.optimizer, snapshot.optimizer)
  const [wanted] = await both(settings, snapshot, sequence(3, 3))
  assertSnapshot((await engine.train(evaluated.snapshot, [sequence(3, 3)])).snapshot, wanted!)
})

test('calls that do not wait for each other are done one after another', async () => {
  const engine = wasmEngine(settings)
  const outcomes = await Promise.all([1, 2, 3].map((seed) => engine.train(begin(settings), [sequence(3, seed)])))
  for (const [i, { snapshot }] of outcomes.entries())
    assertSnapshot(snapshot, (await both(settings, begin(settings), sequence(3, i + 1)))[1]!)
})

test('batches of many sizes follow one another in one call, and steps beyond what is handed over at once', async () => {
  const sequences = [2, 9, 1, 30].map((rows, i) => ({ inputs: inputsOf(i === 2 ? 200 : 5, i, rows) }))
  const [got, wanted] = await both(settings, begin(settings), ...sequences)
  assertSnapshot(got!, wanted!)
})

test('weights whose data are plain numbers are taken as well', async () => {
  const from = begin(settings)
  const plain: Snapshot = { ...from, weights: mapWeights((w) => ({ ...w, data: Array.from(w.data) }), from.weights) }
  const [got, wanted] = await both(settings, plain, sequence(4))
  assertSnapshot(got!, wanted!)
})

test('a function of the caller that throws ends its run with that error, and the engine goes on', async () => {
  let calls = 0
  const of = config({
    units: [3, 4],
    activation: (a) => {
      if (++calls === 30) throw new Error('of the caller')
      return a / 2
    },
  })
  const engine = wasmEngine(of)
  await assert.rejects(engine.train(begin(of), [sequence(20)]), /of the caller/)
  const reference = await referenceEngine(of).train(begin(of), [sequence(3)])
  assertSnapshot((await engine.train(begin(of), [sequence(3)])).snapshot, reference.snapshot)
})

test('what does not fit is refused before anything runs, also by an engine that knows the weights', async () => {
  const engine = wasmEngine(settings)
  const { snapshot } = await engine.train(begin(settings), [sequence(2)])
  const shapeError = (error: unknown): boolean => error instanceof PtncnError && error.name === 'ShapeError'
  await assert.rejects(engine.train(snapshot, [{ inputs: [] }]), shapeError)
  await assert.rejects(engine.train(snapshot, [{ inputs: inputsOf(2, 0), continues: true }]), shapeError)
  await assert.rejects(engine.train({ ...snapshot, weights: snapshot.weights.slice(1) }, [sequence(2)]), shapeError)
})

test('a run that stops being finite names equation, layer, step and the snapshot before, as the reference engine does', async () => {
  const of = config({ units: [3, 4], activation: 'identity', output: 'identity', rate: 1e30, clip: 0 })
  const stop = async (engine: ReturnType<typeof wasmEngine>): Promise<PtncnError> =>
    engine.train(begin(of), [sequence(3, 1), sequence(40, 2)]).then(
      () => assert.fail('did not diverge'),
      (error: PtncnError) => error,
    )
  const [got, wanted] = [await stop(wasmEngine(of)), await stop(referenceEngine(of))]
  assert.equal(got.message, wanted.message)
  assert.equal(got.name, 'DivergenceError')
})

test('where a run stops being finite is found without running it all again', async () => {
  const of = config({ units: [3, 8], activation: 'identity', output: 'identity', rate: 40, clip: 0, momentum: 0 })
  const sequences = [sequence(30, 1), sequence(400, 2)]
  const error = await wasmEngine(of)
    .train(begin(of), sequences)
    .then(
      () => assert.fail('did not diverge'),
      (e: PtncnError) => e,
    )
  const wanted = await referenceEngine(of)
    .train(begin(of), sequences)
    .then(
      () => assert.fail('did not diverge'),
      (e: PtncnError) => e,
    )
  const [{ snapshot, ...place }, { snapshot: other, ...elsewhere }] = [error.value, wanted.value] as [
    { snapshot: Snapshot },
    { snapshot: Snapshot },
  ]
  assert.deepEqual(place, elsewhere)
  assertSnapshot(snapshot, other)
})

test('a corrected state that is not finite stops an evaluation at its own step', async () => {
  const of = config({ units: [3, 8], activation: (a) => (a === 0 ? 0 : Infinity) })
  for (const engine of [referenceEngine(of), wasmEngine(of)]) {
    const error = await engine.evaluate(begin(of), [sequence(1)]).then(
      () => assert.fail(`${engine.name} did not stop`),
      (e: PtncnError) => e,
    )
    const { equation, step } = error.value as { equation: string; step: number }
    assert.deepEqual([error.name, equation, step], ['DivergenceError', 'C3', 0])
  }
})
