/**
 * Laws 7 and 8: a rule reads what it names and nothing else, so layers can be done in any order, or at once.
 */

import assert from 'node:assert/strict'

import type { Matrix } from '../../src/numeric/matrix.js'
import { layerCount } from '../../src/ptncn/config.js'
import { networks, type Domain, type Network } from '../support/arbitraries.js'
import { opposed, otherThan, seedOf, signedUnit, table } from '../support/fill.js'
import { holds, holdsAsync } from '../support/property.js'
import { assertBits, equalBits } from './assert-bits.js'
import { givenOf, observe, replaced, situationOf, type Observation, type Situation } from './observe.js'
import { readsPlace, rulesOf, type Rule } from './rules.js'
import { ended, pieceOf, referenceOf, snapshotOf, withEngine, type EngineOf, type Subject } from './subject.js'

/** Something that is changed while all else is held: a signal of this step, or what is handed in. */
interface Intervention {
  readonly id: string
  readonly observe: (subject: Subject) => Observation
}

type Change = (value: Matrix, seed: number) => Matrix

/** Everything that can be changed, by itself, with every signal held at its recorded value. */
const interventionsOn = (situation: Situation, recorded: Observation, seed: number, change: Change): readonly Intervention[] => {
  const { state } = situation
  const { computed } = recorded
  const signals = [...computed].map(([id, value], i) => ({
    id,
    observe: (subject: Subject) => observe(subject, situation, new Map([...computed, [id, change(value, seedOf(seed, i))]])),
  }))
  const given = [...givenOf(situation)].map(([id, value], i) => ({
    id,
    observe: (subject: Subject) => {
      const other = id === 'm' ? flipped(value) : change(value, seedOf(seed, -1 - i))
      return observe(subject, replaced(situation, id, other), computed)
    },
  }))
  const at = (changes: Partial<typeof state>) => (subject: Subject) =>
    observe(subject, { ...situation, state: { ...state, ...changes } }, computed)
  return [
    ...signals,
    ...given,
    { id: 't', observe: at({ t: state.t + 1 }) },
    { id: 'key', observe: at({ key: [state.key[0] ^ 1, state.key[1]].map((word) => word >>> 0) as [number, number] }) },
  ]
}

const flipped = (mask: Matrix): Matrix => ({ ...mask, data: Float32Array.from(Array.from(mask.data), (m) => 1 - m) })

/**
 * What an intervention changed in one rule: nothing if it does not name it, and something if `generic` and it
 * does.
 */
const judge = (rule: Rule, { id }: Intervention, named: boolean, before: Matrix, after: Matrix, generic: boolean): void => {
  if (!named) assertBits(after, before, `${rule.id}, which does not name ${id}, after a change of it: `)
  else if (generic) assert.ok(!equalBits(after, before), `${rule.id} names ${id}, yet a change of it changes no bit`)
}

const intervene = (subject: Subject, network: Network, generic: boolean): void => {
  const situation = situationOf(network)
  const recorded = observe(subject, situation)
  const rules = rulesOf(network.config)
  for (const intervention of interventionsOn(situation, recorded, network.seed, generic ? opposed : otherThan)) {
    const { computed } = intervention.observe(subject)
    for (const rule of rules) {
      const placed = intervention.id === 't' || intervention.id === 'key'
      const named = placed ? readsPlace(rule, network.config) : rule.reads.has(intervention.id)
      judge(rule, intervention, named, recorded.computed.get(rule.id)!, computed.get(rule.id)!, generic)
    }
  }
}

/** An intervention on a signal or weight that a rule does not name changes no bit of it. */
export const readsWhatItNames = (subject: Subject, runs = 50): void =>
  holds(networks({ widths: [1, 5], rows: [1, 3], steps: [1, 1] }), runs, (network) => intervene(subject, network, false))

/**
 * Numbers for which every operand counts: no clip of one element, no dead unit, no factor of 0, no window, all rows
 * active.
 */
const GENERIC: Domain = {
  widths: [2, 4],
  rows: [2, 3],
  steps: [1, 1],
  activations: ['tanh', 'sigmoid', 'ltanh', table(9)],
  numbers: ['plain'],
  masks: ['all'],
  fixed: { beta: 0.7, alpha: 0.3, lambda: 0.2, gamma: 0.3, maxNorm: 0, window: 0 },
}

/**
 * An intervention on a signal or weight that a rule names does change it, so that the law above is not empty.
 */
export const readsAllThatItNames = (subject: Subject, runs = 40): void =>
  holds(networks(GENERIC), runs, (network) => intervene(subject, network, true))

const shuffled = (seed: number, items: readonly number[]): readonly number[] =>
  [...items].sort((a, b) => signedUnit(seed, a) - signedUnit(seed, b))

/** Any order of the layers within a phase gives the same bits. */
export const anyOrder = (subject: Subject, runs = 150): void =>
  holds(networks({ layers: [2, 4], steps: [1, 1] }), runs, (network) => {
    const { config, weights, state, input } = situationOf(network)
    const ascending = Array.from({ length: layerCount(config) }, (_, i) => i + 1)
    const wanted = subject.step(config, weights, state, input, { order: ascending })
    const { updates: _updates, ...inference } = wanted
    for (const order of [[...ascending].reverse(), shuffled(network.seed, ascending)]) {
      assert.deepEqual(subject.step(config, weights, state, input, { order }), wanted, `order ${order}`)
      assert.deepEqual(subject.infer(config, weights, state, input, { order }), inference, `order ${order}, inference`)
    }
    assert.deepEqual(subject.step(config, weights, state, input), wanted, 'no order given')
  })

/** An engine, however it schedules its work, gives the bits of the reference engine, its divergences too. */
export const agreesWithReference = (engineOf: EngineOf, domain: Domain = {}, runs = 60): Promise<void> =>
  holdsAsync(networks({ steps: [1, 5], ...domain }), runs, async (network) => {
    const sequences = [
      pieceOf(network),
      { inputs: network.inputs, continues: true },
      { inputs: network.inputs, key: [7, 1], open: true },
      { inputs: network.inputs },
    ] as const
    for (const how of ['train', 'evaluate'] as const) {
      const run = (of: EngineOf) =>
        withEngine(of, network.config, (engine) => ended(engine[how](snapshotOf(network), sequences, { predictions: true })))
      assert.deepEqual(await run(engineOf), await run(referenceOf), how)
    }
  })
