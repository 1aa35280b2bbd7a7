import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Engine, Snapshot } from '../../../src/engine/engine.js'
import { wasmEngine } from '../../../src/engine/fast/wasm.js'
import { referenceEngine } from '../../../src/engine/reference.js'
import { readPosition, streamOf, type Position, type Streamed } from '../../../src/experiment/stream.js'
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/io/checkpoint.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import { initialModel } from '../../../src/ptncn/apply.js'
import { config, type Config } from '../../../src/ptncn/config.js'
import { inputOf, oneHot } from '../../../src/ptncn/state.js'

const tuned = config({ units: [3, 5, 4] }, 'tuned')
const CONFIGS: Readonly<Record<string, Config>> = {
  tuned,
  released: config({ units: [3, 5, 4] }),
  stochastic: config({ units: [3, 6], activation: 'stochastic', weightScale: 0.5 }, 'tuned'),
  'learning at once': config({ units: [3, 4], learnFrom: 0 }, 'tuned'),
}
const steps: readonly Matrix[] = [0, 2, 1, 1, 0, 2, 0, 1].map((symbol) => oneHot([symbol], 3))
const BEGIN: Position = { seed: 7, sequences: 0, steps: 0 }

const stream = async (engine: Engine, from: Snapshot, at: Position, learn: boolean, xs: readonly (Matrix | undefined)[]) => {
  const own = streamOf(engine, from, at, learn)
  const seen: Streamed[] = []
  for (const x of xs) {
    if (x) seen.push(await own.see(x))
    else own.end()
  }
  return { seen, snapshot: own.snapshot(), position: own.position() }
}

/** Everything of a snapshot, to the bit. */
const bytesOf = (of: Config, snapshot: Snapshot): Buffer => Buffer.from(encodeCheckpoint({ config: of, snapshot }))

for (const [name, of] of Object.entries(CONFIGS)) {
  for (const learn of [true, false]) {
    test(`${name}, ${learn ? 'learning' : 'frozen'}: step by step it is the sequence at once, to the bit`, async () => {
      const from = initialModel(of, keyOf(1))
      const { seen, snapshot } = await stream(wasmEngine(of), from, BEGIN, learn, steps)
      const whole = referenceEngine(of)
      const { key } = snapshot.state!
      const sequence = { inputs: steps.map((x) => inputOf(x)), key, open: true }
      const outcome = await (learn ? whole.train : whole.evaluate)(from, [sequence], { predictions: true })
      assert.deepEqual(bytesOf(of, snapshot), bytesOf(of, outcome.snapshot))
      const [{ loss, count, correct, predictions }] = outcome.measurements as [(typeof outcome.measurements)[0]]
      assert.deepEqual(
        seen.map(({ prediction }) => [...(prediction.data as Float32Array)]),
        predictions!.map(({ data }) => [...(data as Float32Array)]),
      )
      const scored = seen.filter((one) => one.loss !== undefined)
      assert.equal(scored.length, count)
      assert.equal(
        scored.reduce((sum, one) => sum + one.loss!, 0),
        loss,
      )
      assert.equal(scored.filter((one) => one.correct).length, correct)
      assert.deepEqual(
        seen.map(({ t }) => t),
        steps.map((_, t) => t),
      )
      assert.equal(snapshot.weights === from.weights, !learn)
    })
  }
}

test('two sequences are two: the second begins with a cleared state and a key of its own', async () => {
  const of = CONFIGS['stochastic']!
  const from = initialModel(of, keyOf(1))
  const both = [...steps, undefined, undefined, ...steps]
  const { seen, snapshot, position } = await stream(wasmEngine(of), from, BEGIN, true, both)
  assert.deepEqual(
    seen.map(({ sequence, t }) => [sequence, t]),
    [0, 1].flatMap((sequence) => steps.map((_, t) => [sequence, t])),
  )
  assert.deepEqual(position, { seed: 7, sequences: 1, steps: 2 * steps.length })
  const first = await stream(wasmEngine(of), from, BEGIN, true, steps)
  assert.notDeepEqual(snapshot.state!.key, first.snapshot.state!.key)
  const inputs = steps.map((x) => inputOf(x))
  const { snapshot: at } = await referenceEngine(of).train(from, [
    { inputs, key: first.snapshot.state!.key },
    { inputs, key: snapshot.state!.key, open: true },
  ])
  assert.deepEqual(bytesOf(of, snapshot), bytesOf(of, at))
})

test('stopped anywhere and gone on from its checkpoint, it is the stream that was not stopped', async () => {
  const of = CONFIGS['stochastic']!
  const from = initialModel(of, keyOf(1))
  const both = [...steps, undefined, ...steps]
  const whole = await stream(wasmEngine(of), from, BEGIN, true, both)
  for (const stop of [1, steps.length, steps.length + 1, steps.length + 3]) {
    const first = await stream(wasmEngine(of), from, BEGIN, true, both.slice(0, stop))
    const { snapshot } = decodeCheckpoint(bytesOf(of, first.snapshot))
    const second = await stream(wasmEngine(of), snapshot, first.position, true, both.slice(stop))
    assert.deepEqual(bytesOf(of, second.snapshot), bytesOf(of, whole.snapshot), `after ${stop}`)
    assert.deepEqual([...first.seen, ...second.seen], whole.seen)
    assert.deepEqual(second.position, whole.position)
  }
})

test('what is ahead is the prediction of the step to come, whatever that is, and looking ahead changes nothing', async () => {
  const of = CONFIGS['stochastic']!
  const from = initialModel(of, keyOf(1))
  const own = streamOf(wasmEngine(of), from, BEGIN, true)
  for (const x of steps) {
    const ahead = await own.ahead()
    assert.deepEqual((await own.see(x)).prediction, ahead)
  }
  const without = await stream(wasmEngine(of), from, BEGIN, true, steps)
  assert.deepEqual(bytesOf(of, own.snapshot()), bytesOf(of, without.snapshot))
})

test('a divergence names its sequence, and the stream stands before the step', async () => {
  const of = config({ units: [1, 2], output: 'identity', activation: 'identity', rate: 1e30 }, 'tuned')
  const one = (value: number): Matrix => ({ rows: 1, cols: 1, data: Float32Array.of(value) })
  const own = streamOf(wasmEngine(of), initialModel(of, keyOf(1)), BEGIN, true)
  await own.see(one(1))
  own.end()
  let before = own.snapshot()
  await assert.rejects(
    async () => {
      for (let t = 0; t < 10; t++) {
        before = own.snapshot()
        await own.see(one(1))
      }
    },
    { name: 'DivergenceError', message: /at step \d+ of sequence 1; / },
  )
  assert.equal(own.snapshot(), before)
})

test('a position of a file that is none is refused', () => {
  assert.deepEqual(readPosition('run.stream', { ...BEGIN, more: 1 }), BEGIN)
  for (const wrong of [undefined, [], { ...BEGIN, seed: -1 }, { ...BEGIN, sequences: '0' }, { seed: 1, sequences: 1 }])
    assert.throws(() => readPosition('run.stream', wrong), { name: 'FileError', message: /^"run\.stream/ })
})
