import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import type { RunOptions, Sequence, Snapshot } from '../../../src/engine/engine.js'
import { referenceEngine } from '../../../src/engine/reference.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import { applyUpdates, endSequence, type Model } from '../../../src/ptncn/apply.js'
import type { Config } from '../../../src/ptncn/config.js'
import { score, sumScores, type Score } from '../../../src/ptncn/scores.js'
import { initialState } from '../../../src/ptncn/state.js'
import { infer, step } from '../../../src/ptncn/step.js'
import { assertSame, assertSameWeights, configured, pictureOf } from '../support.js'
import { assertSameSnapshot, begin, inputsOf, pictureOfState, ROWS, sequence } from './runs.js'

/** The loop by hand: what train and evaluate must do, from the functions of the specification. */
const byHand = (of: Config, from: Snapshot, sequences: readonly Sequence[], learning: boolean) => {
  let model: Model = from
  const measurements = sequences.map(({ inputs, key }) => {
    let state = initialState(of, inputs[0]!.x.rows, key)
    const [scores, predictions]: [Score[], Matrix[]] = [[], []]
    inputs.forEach((input, t) => {
      const result = step(of, model.weights, state, input)
      predictions.push(result.prediction)
      state = result.state
      if (t < of.learnFrom) return
      scores.push(score(of.output, result.prediction, input))
      if (learning) model = applyUpdates(of, model, result.updates, input.mask)
    })
    if (learning) model = endSequence(of, model)
    return { scores, predictions }
  })
  return { model, measurements }
}

const CONFIGS: readonly Partial<Config>[] = [
  {},
  { output: 'sigmoid', biases: true, update: 'sequence', optimizer: 'adam' },
  { output: 'identity', passes: 3, learnFrom: 0, optimizer: 'rmsprop', mean: 'active' },
  { activation: 'stochastic', learnFrom: 2, hiddenPrediction: 'activation', optimizer: 'sgd' },
  { errorRule: 'temporal', presynaptic: 'uncorrected', topDownSignal: 'error', maxNorm: 1, optimizer: 'momentum' },
]
const SEQUENCES = [sequence(4, 1), sequence(1, 2), sequence(3, 3)]

for (const given of CONFIGS) {
  const title =
    Object.entries(given)
      .map(([field, value]) => `${field} ${value}`)
      .join(', ') || 'released'
  const of = configured(given)

  test(`[sq-start] train is step, applyUpdates and endSequence from a cleared state, one sequence after another: ${title}`, async () => {
    const { snapshot, measurements } = await referenceEngine(of).train(begin(of), SEQUENCES, { predictions: true })
    const wanted = byHand(of, begin(of), SEQUENCES, true)
    assertSameSnapshot(snapshot, wanted.model)
    measurements.forEach(({ predictions, ...scored }, i) => {
      assert.deepEqual(predictions!.map(pictureOf), wanted.measurements[i]!.predictions.map(pictureOf))
      assert.deepEqual(scored, sumScores(of, wanted.measurements[i]!.scores))
    })
  })

  test(`[sq-infer] evaluate runs the states alone; no weight, moment or power changes: ${title}`, async () => {
    const from = begin(of)
    const before = structuredClone(from)
    const { snapshot, measurements } = await referenceEngine(of).evaluate(from, SEQUENCES, { predictions: true })
    assertSameSnapshot(snapshot, before)
    const wanted = byHand(of, from, SEQUENCES, false)
    measurements.forEach(({ predictions, ...scored }, i) => {
      assert.deepEqual(predictions!.map(pictureOf), wanted.measurements[i]!.predictions.map(pictureOf))
      assert.deepEqual(scored, sumScores(of, wanted.measurements[i]!.scores))
    })
  })

  test(`[sq-start] a sequence in pieces, one call or many, has the bits of the whole: ${title}`, async () => {
    const pieceLengths = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(pieceLengths, async (lengths) => {
        const steps = lengths.reduce((sum, length) => sum + length, 0)
        const whole = sequence(steps, 4)
        const pieces = lengths.map((length, i): Sequence => {
          const from = lengths.slice(0, i).reduce((sum, before) => sum + before, 0)
          const inputs = whole.inputs.slice(from, from + length)
          // the key of a piece that goes on is not looked at
          return { inputs, key: i === 0 ? whole.key! : keyOf(99), continues: i > 0, open: i < lengths.length - 1 }
        })
        const engine = referenceEngine(of)
        const wanted = await engine.train(begin(of), [whole, sequence(2, 5)])
        const once = await engine.train(begin(of), [...pieces, sequence(2, 5)])
        assertSameSnapshot(once.snapshot, wanted.snapshot)
        let snapshot = begin(of)
        for (const piece of pieces) snapshot = (await engine.train(snapshot, [piece])).snapshot
        assertSameSnapshot((await engine.train(snapshot, [sequence(2, 5)])).snapshot, wanted.snapshot)
      }),
      { numRuns: 10 },
    )
  })
}

test('[sq-start] between sequences there is no state; an open one keeps its state, with t, key and rows', async () => {
  const of = configured()
  const engine = referenceEngine(of)
  const whole = sequence(4, 1)
  const { snapshot } = await engine.train(begin(of), [{ ...whole, inputs: whole.inputs.slice(0, 2), open: true }])
  assert.deepEqual([snapshot.state!.t, [...snapshot.state!.key], snapshot.state!.x.rows], [2, [1, 0], 2])
  const closed = await engine.train(snapshot, [{ inputs: whole.inputs.slice(2), continues: true }])
  assert.deepEqual(Object.keys(closed.snapshot).sort(), ['optimizer', 'weights'])
})

test('[sq-infer] an open piece can be evaluated on, and the state goes on while the weights stay', async () => {
  const of = configured()
  const engine = referenceEngine(of)
  const whole = sequence(4, 1)
  const first = await engine.evaluate(begin(of), [{ ...whole, inputs: whole.inputs.slice(0, 2), open: true }])
  const last = await engine.evaluate(first.snapshot, [{ inputs: whole.inputs.slice(2), continues: true }], { predictions: true })
  const all = await engine.evaluate(begin(of), [whole], { predictions: true })
  assert.deepEqual(last.measurements[0]!.predictions!.map(pictureOf), all.measurements[0]!.predictions!.slice(2).map(pictureOf))
  assertSameWeights(first.snapshot.weights, begin(of).weights)
  let state = initialState(of, ROWS, whole.key)
  for (const input of whole.inputs.slice(0, 2)) state = infer(of, begin(of).weights, state, input).state
  assert.deepEqual(pictureOfState(first.snapshot.state), pictureOfState(state))
})

test('[sq-update] with update sequence an open sequence holds its sum, and its weights wait', async () => {
  const of = configured({ update: 'sequence', optimizer: 'sgd' })
  const engine = referenceEngine(of)
  const { snapshot } = await engine.train(begin(of), [{ ...sequence(3), open: true }])
  assertSameWeights(snapshot.weights, begin(of).weights)
  assert.ok(snapshot.optimizer.sum)
  const { snapshot: closed } = await engine.train(snapshot, [{ inputs: inputsOf(1, 2), continues: true }])
  assert.equal(closed.optimizer.sum, undefined)
  assert.notDeepEqual(
    closed.weights.map((layer) => pictureOf(layer.W)),
    snapshot.weights.map((layer) => pictureOf(layer.W)),
  )
})

test('[S5] the scores of the steps from learnFrom on are added, and of no others', async () => {
  for (const learnFrom of [0, 1, 2, 3, 9]) {
    const of = configured({ learnFrom })
    const { measurements } = await referenceEngine(of).evaluate(begin(of), [sequence(3), sequence(1)])
    const active = (steps: number): number => Math.max(0, steps - learnFrom)
    // the last row of the last step has no data
    const tokens = (steps: number): number => Math.max(0, active(steps) * ROWS - (active(steps) > 0 ? 1 : 0))
    assert.deepEqual(
      measurements.map(({ count }) => count),
      [tokens(3), tokens(1)],
    )
  }
})

test('[sq-learn] no step before learnFrom moves a weight', async () => {
  const of = configured({ learnFrom: 3 })
  const engine = referenceEngine(of)
  assertSameSnapshot((await engine.train(begin(of), [sequence(3), sequence(2)])).snapshot, begin(of))
  const { snapshot } = await engine.train(begin(of), [sequence(4)])
  assert.notDeepEqual(pictureOf(snapshot.weights[0]!.W), pictureOf(begin(of).weights[0]!.W))
})

test('[S5] predictions are handed out only where they were asked for', async () => {
  const of = configured()
  for (const options of [undefined, {}, { predictions: false }] as (RunOptions | undefined)[]) {
    const { measurements } = await referenceEngine(of).train(begin(of), [sequence(2)], options)
    assert.deepEqual(Object.keys(measurements[0]!).sort(), ['correct', 'count', 'loss'])
  }
})

test('[sq-start] nothing to run gives back the snapshot', async () => {
  const from = begin(configured())
  for (const run of ['train', 'evaluate'] as const) {
    assert.deepEqual(await referenceEngine(configured())[run](from, []), { snapshot: from, measurements: [] })
  }
})

test('[sq-start] a run is pure at the call: what it was given stays', async () => {
  const of = configured({ optimizer: 'adam', update: 'sequence' })
  const given = [begin(of), SEQUENCES] as const
  const before = structuredClone(given)
  await referenceEngine(of).train(...given)
  assert.deepEqual(given, before)
  const engine = referenceEngine(of)
  assert.deepEqual([engine.name, engine.config], ['reference', of])
  await engine.dispose()
})

test('[sq-start] a sequence that begins anew has nothing of an open one before it', async () => {
  const settings = configured({ update: 'sequence', optimizer: 'sgd' })
  const engine = referenceEngine(settings)
  const abandoned = await engine.train(begin(settings), [{ ...sequence(3, 1), open: true }])
  const anew = await engine.train(abandoned.snapshot, [sequence(3, 2)])
  const alone = await engine.train(begin(settings), [sequence(3, 2)])
  assertSameSnapshot(anew.snapshot, alone.snapshot)
})

test('[sq-start] prediction and state of a step come from the step before, not from this input', async () => {
  const settings = configured()
  const [first, other] = [sequence(3, 1), sequence(3, 2)]
  const changed = { ...first, inputs: [...first.inputs.slice(0, 2), other.inputs[2]!] }
  const [a, b] = await Promise.all(
    [first, changed].map((run) => referenceEngine(settings).evaluate(begin(settings), [run], { predictions: true })),
  )
  assertSame(a!.measurements[0]!.predictions![2]!, b!.measurements[0]!.predictions![2]!)
})
