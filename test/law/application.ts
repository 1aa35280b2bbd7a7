/** O1 to O4 and S1 to S4 to the bit: new weights, moments, sums and scores are what their equations say. */

import assert from 'node:assert/strict'

import type { Matrix } from '../../src/numeric/matrix.js'
import { initialOptimizer, type Model } from '../../src/ptncn/apply.js'
import type { Config } from '../../src/ptncn/config.js'
import { namesOf, type WeightName, type Weights } from '../../src/ptncn/weights.js'
import { networks, type Network } from '../support/arbitraries.js'
import { holds } from '../support/property.js'
import { assertBits } from './assert-bits.js'
import { build, el } from './naive.js'
import { applied, reduced, scored } from './naive-apply.js'
import type { Subject } from './subject.js'

const eachWeight = (weights: Weights, see: (w: Matrix, name: WeightName, i: number) => void): void =>
  weights.forEach((layer, i) => namesOf(layer).forEach((name) => see(layer[name]!, name, i)))

type Powers = readonly [number, number]

const nextPowers = ([power1, power2]: Powers, { beta1, beta2 }: Config): Powers => [
  Math.fround(power1 * beta1),
  Math.fround(power2 * beta2),
]

/** `after` is `before` moved by these reduced updates. */
const assertMoved = (config: Config, before: Model, after: Model, d: Weights, powers: Powers): void => {
  assert.deepEqual([after.optimizer.power1, after.optimizer.power2], powers, 'the running products')
  assert.equal(after.optimizer.sum, undefined, 'a sum is left')
  eachWeight(d, (own, name, i) => {
    const slot = {
      w: before.weights[i]![name]!,
      first: before.optimizer.first?.[i]![name],
      second: before.optimizer.second?.[i]![name],
    }
    const wanted = applied(config, name, i + 1, powers, slot, own)
    assertBits(after.weights[i]![name]!, wanted.w, `new ${name} ${i + 1}`)
    for (const moment of ['first', 'second'] as const) {
      const got = after.optimizer[moment]?.[i]![name]
      assert.equal(got === undefined, slot[moment] === undefined, `${moment} appears or goes`)
      if (got) assertBits(got, wanted[moment], `${moment} of ${name} ${i + 1}`)
    }
  })
}

/** Each step of a network, with `applyUpdates` as it comes. */
const eachStep = (
  subject: Subject,
  { config, weights, state, inputs }: Network,
  see: (before: Model, after: Model, updates: Weights, mask: Matrix) => void,
): Model => {
  let model: Model = { weights, optimizer: initialOptimizer(config) }
  let now = state
  for (const input of inputs) {
    const { updates, prediction, state: next } = subject.step(config, model.weights, now, input)
    const after = subject.applyUpdates(config, model, updates, input.mask)
    see(model, after, updates, input.mask)
    const { loss, count, correct } = scored(config.output, prediction, input.x, input.mask)
    const wanted = { loss, count, ...(correct !== undefined && { correct }) }
    assert.deepEqual(subject.score(config.output, prediction, input), wanted)
    model = after
    now = next
  }
  return model
}

/** Each update is clipped and made a mean, moves its weight, and the weight is projected: bit for bit. */
export const movesEachStep = (subject: Subject, runs = 120): void =>
  holds(networks({ fixed: { update: 'step' } }), runs, (network) => {
    const { config } = network
    let powers: Powers = [1, 1]
    const last = eachStep(subject, network, (before, after, updates, mask) => {
      const d = subject.reduce(config, updates, mask)
      eachWeight(updates, (own, name, i) => assertBits(d[i]![name]!, reduced(config, own, mask), `reduced d${name} ${i + 1}`))
      powers = nextPowers(powers, config)
      assertMoved(config, before, after, d, powers)
    })
    assert.deepEqual(subject.endSequence(config, last), last, 'the end of a sequence has nothing left to do')
  })

/**
 * With `update: sequence` the reduced updates are added up in order, and move the weights once, at the end.
 */
export const movesOnceASequence = (subject: Subject, runs = 80): void =>
  holds(networks({ steps: [1, 5], fixed: { update: 'sequence' } }), runs, (network) => {
    const { config } = network
    const start = { weights: network.weights, optimizer: initialOptimizer(config) }
    let sum: Weights | undefined
    const open = eachStep(subject, network, (_before, after, updates, mask) => {
      const d = subject.reduce(config, updates, mask)
      const before = sum
      sum = before ? added(before, d) : d
      assert.deepEqual(after, { weights: start.weights, optimizer: { ...start.optimizer, sum } })
    })
    assertMoved(config, start, subject.endSequence(config, open), sum!, nextPowers([1, 1], config))
    assert.deepEqual(subject.endSequence(config, start), start, 'a sequence without a learning step changes nothing')
  })

const added = (sum: Weights, d: Weights): Weights =>
  sum.map(
    (layer, i) =>
      Object.fromEntries(
        namesOf(layer).map((name) => {
          const [a, b] = [layer[name]!, d[i]![name]!]
          return [name, build(a.rows, a.cols, (row, col) => Math.fround(el(a, row, col) + el(b, row, col)))]
        }),
      ) as unknown as Weights[number],
  )
