/** Laws 9, 10, 12 and 13. */

import assert from 'node:assert/strict'

import { initialOptimizer } from '../../src/ptncn/apply.js'
import { namesOf } from '../../src/ptncn/weights.js'
import { DETERMINISTIC, networks } from '../support/arbitraries.js'
import { otherThan } from '../support/fill.js'
import { holds, holdsAsync } from '../support/property.js'
import { assertBits } from './assert-bits.js'
import { copied, ended, pieceOf, plain, snapshotOf, withEngine, type EngineOf, type Subject } from './subject.js'

/** The prediction of a step does not depend on the input of that step. */
export const predictsBlindly = (engineOf: EngineOf, runs = 80): Promise<void> =>
  holdsAsync(networks({ steps: [1, 3] }), runs, async (network) => {
    const { config, inputs, seed } = network
    const others = inputs.map((input, t) => (t < inputs.length - 1 ? input : { ...input, x: otherThan(input.x, seed) }))
    for (const how of ['train', 'evaluate'] as const) {
      const predict = (seen: typeof inputs) =>
        withEngine(engineOf, config, async (engine) => {
          const end = await ended(engine[how](snapshotOf(network), [pieceOf({ inputs: seen })], { predictions: true }))
          return 'outcome' in end ? end.outcome.measurements[0]!.predictions!.at(-1)! : undefined
        })
      const [prediction, blind] = [await predict(inputs), await predict(others)]
      if (prediction && blind) assertBits(prediction, blind, `prediction, ${how}`)
    }
  })

/** Arguments are never changed; equal arguments give equal results. */
export const leavesArguments = (engineOf: EngineOf, runs = 60): Promise<void> =>
  holdsAsync(networks({ steps: [1, 4] }), runs, async (network) => {
    const { config } = network
    const [from, sequences] = [snapshotOf(network), [pieceOf(network), { inputs: network.inputs, continues: true }]]
    const untouched = copied({ from, sequences })
    await withEngine(engineOf, config, async (engine) => {
      for (const how of ['train', 'evaluate'] as const) {
        const first = copied(await ended(engine[how](from, sequences, { predictions: true })))
        assert.deepEqual({ from, sequences }, untouched, `${how} changed its arguments`)
        const { from: equal, sequences: same } = copied(untouched)
        assert.deepEqual(await ended(engine[how](equal, same, { predictions: true })), first, `${how}, once more`)
      }
    })
  })

/** The same for the pure functions. */
export const leavesOperands = (subject: Subject, runs = 60): void =>
  holds(networks({ activations: DETERMINISTIC, steps: [1, 1] }), runs, (network) => {
    const {
      config,
      weights,
      state,
      inputs: [input],
    } = network
    const model = { weights, optimizer: initialOptimizer(config) }
    const { config: _config, ...before } = plain(network)
    const untouched = copied({ ...before, model })
    const once = () => {
      const { updates, ...inference } = subject.step(config, weights, state, input!)
      assert.deepEqual(subject.infer(config, weights, state, input!), inference)
      const updatesBefore = copied(updates)
      const absorbed = subject.applyUpdates(config, model, updates, input!.mask)
      const absorbedBefore = copied(absorbed)
      const reduced = subject.reduce(config, updates, input!.mask)
      const closed = subject.endSequence(config, absorbed)
      assert.deepEqual([updates, absorbed], [updatesBefore, absorbedBefore], 'an operand is changed')
      return copied({ updates, inference, absorbed, reduced, closed })
    }
    const first = once()
    assert.deepEqual({ ...before, model }, untouched, 'an argument is changed')
    assert.deepEqual(once(), first, 'once more')
  })

/**
 * beta = 0, a fresh optimiser and no projection: d = 0, and M, V, U (and b) do not move. Not for stochastic
 * units.
 */
export const restsWithoutBeta = (engineOf: EngineOf, runs = 80): Promise<void> =>
  holdsAsync(networks({ activations: DETERMINISTIC, fixed: { beta: 0, maxNorm: 0, weightDecay: 0 } }), runs, async (network) => {
    const from = snapshotOf(network)
    const end = await withEngine(engineOf, network.config, (engine) => ended(engine.train(from, [pieceOf(network)])))
    if (!('outcome' in end)) return
    const { weights, state } = end.outcome.snapshot
    state!.d.forEach((d, i) =>
      assert.ok(
        Array.from(d.data).every((value) => value === 0),
        `d of layer ${i + 1} is not 0`,
      ),
    )
    weights.forEach((layer, i) => {
      for (const name of namesOf(layer).filter((letter) => ['M', 'V', 'U', 'b'].includes(letter))) {
        assertBits(layer[name]!, network.weights[i]![name]!, `${name} ${i + 1}`)
      }
    })
  })

const normOf = (values: readonly number[]): number => Math.sqrt(values.reduce((total, value) => total + value * value, 0))

const CLIPPED = [1, 0.05, 0.003, 30]
const EXCESS = 1 + 1e-6

/**
 * A clipped update has at most the norm r, and its mean over N rows at most r / N where the clip comes first.
 */
export const clipsUpdates = (subject: Subject, runs = 120): void => {
  let bites = 0
  holds(networks({ steps: [1, 1] }), runs, ({ config: given, weights, state, inputs: [input], seed }) => {
    const config = { ...given, clip: Math.fround(CLIPPED[seed % CLIPPED.length]!) }
    const { x, mask } = input!
    const reduced = subject.reduce(config, subject.step(config, weights, state, { x, mask }).updates, mask)
    const most = config.clip * meanFactor(config, mask.data)
    for (const layer of reduced) {
      for (const name of namesOf(layer)) {
        const length = normOf(Array.from(layer[name]!.data))
        assert.ok(length <= most * EXCESS, `the norm of ${name} is ${length}, r is ${most}`)
        if (length > most * 0.999) bites++
      }
    }
  })
  assert.ok(bites > runs, `the clip acted ${bites} times only`)
}

/** 1 / N where the mean comes after the clip. */
const meanFactor = (config: { clipOrder: string; mean: string }, mask: ArrayLike<number>): number => {
  const active = Array.from(mask).filter((m) => m === 1).length
  if (config.clipOrder === 'mean-clip') return 1
  return 1 / (config.mean === 'all' ? mask.length : Math.max(1, active))
}

/**
 * An engine moves a weight in one step of plain descent by no more than rate r / N, to the rounding of the
 * weight.
 */
export const clipsMoves = (engineOf: EngineOf, runs = 60): Promise<void> =>
  holdsAsync(
    networks({ steps: [1, 1], fixed: { optimizer: 'sgd', maxNorm: 0, weightDecay: 0, learnFrom: 0, clip: 0.05, rate: 1 } }),
    runs,
    async (network) => {
      const {
        config,
        inputs: [input],
      } = network
      const sequence = { ...pieceOf(network), open: false }
      const { snapshot } = await withEngine(engineOf, config, (engine) => engine.train(snapshotOf(network), [sequence]))
      const most = config.clip * meanFactor(config, input!.mask.data)
      snapshot.weights.forEach((layer, i) =>
        namesOf(layer).forEach((name) => {
          const before = network.weights[i]![name]!
          const moves = Array.from(layer[name]!.data, (w, at) => w - before.data[at]!)
          const rounding = 2 ** -23 * normOf([...Array.from(before.data), ...moves])
          assert.ok(normOf(moves) <= most * EXCESS + rounding, `${name} ${i + 1} moved by ${normOf(moves)}, r is ${most}`)
        }),
      )
    },
  )
