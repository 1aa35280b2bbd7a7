/** Laws 1 and 2: the algorithm knows an activation by its values alone. */

import assert from 'node:assert/strict'

import { firstNonFinite, type Matrix } from '../../src/numeric/matrix.js'
import { initialOptimizer } from '../../src/ptncn/apply.js'
import type { Activation } from '../../src/numeric/activation.js'
import type { Config } from '../../src/ptncn/config.js'
import type { Step } from '../../src/ptncn/step.js'
import { DETERMINISTIC, EVERY_ACTIVATION, networks, STEEP, type Network } from '../support/arbitraries.js'
import { table } from '../support/fill.js'
import { holds } from '../support/property.js'
import { assertBits } from './assert-bits.js'
import { naively } from './naive.js'
import { givenOf, observe, type Situation } from './observe.js'
import { rulesOf, type Rule } from './rules.js'
import type { Subject } from './subject.js'

/**
 * Every step of a network, learning, from its state on; the callback sees what each step is given and gives.
 */
const runSteps = (
  subject: Subject,
  { config, weights, state, inputs }: Network,
  see: (step: Step, s: Situation) => void,
): void => {
  let model = { weights, optimizer: initialOptimizer(config) }
  let now = state
  for (const input of inputs) {
    const situation = { config, weights: model.weights, state: now, input }
    const result = subject.step(config, model.weights, now, input)
    see(result, situation)
    model = subject.applyUpdates(config, model, result.updates, input.mask)
    now = result.state
  }
  subject.endSequence(config, model)
}

/** Calls of f in one step of B rows: at each a^k, and at the hidden logits where their function is f. */
const callsOf = ({ units, passes, hiddenPrediction }: Config, rows: number): number => {
  const sum = (widths: readonly number[]): number => widths.reduce((total, n) => total + n, 0)
  const hiddenLevels = hiddenPrediction === 'activation' ? passes * sum(units.slice(1, -1)) : 0
  return rows * ((1 + passes) * sum(units.slice(1)) + hiddenLevels)
}

/**
 * f is called that often at every step, with one argument, and every call is at an a or at hidden logits of
 * that step.
 */
export const countsCalls = (subject: Subject, runs = 60): void =>
  holds(networks({ activations: [table(5)], steps: [1, 6] }), runs, (network) => {
    const calls: number[] = []
    const f: Activation = (...given: readonly number[]) => {
      assert.equal(given.length, 1, 'f is called with one number')
      calls.push(given[0]!)
      return table(5)(given[0]!)
    }
    const config = { ...network.config, activation: f }
    runSteps(subject, { ...network, config }, (_step, situation) => {
      assert.equal(calls.length, callsOf(config, situation.state.x.rows), `calls at step ${situation.state.t}`)
      const wanted = explained({ ...situation, config }, rulesOf(config)).flatMap(([rule, value]) =>
        isArgument(config, rule) ? Array.from(value.data) : [],
      )
      calls.length = 0
      observe(subject, { ...situation, config })
      assert.deepEqual([...calls].sort(byBits), wanted.sort(byBits), 'the arguments of f')
      calls.length = 0
    })
    assert.equal(calls.length, 0, 'no call outside the steps')
  })

const byBits = (a: number, b: number): number => a - b || Number(Object.is(b, -0)) - Number(Object.is(a, -0))

/** Whether f is taken of the result of a rule. */
const isArgument = (config: Config, { result, level }: Rule): boolean =>
  result === 'A1.a' || result === 'C3.a' || (result === 'P1.logits' && level > 0 && config.hiddenPrediction === 'activation')

/** Another f that agrees at the arguments of the first, and throws everywhere else, gives the same bits. */
export const replaysCalls = (subject: Subject, runs = 60): void =>
  holds(networks({ activations: DETERMINISTIC.filter((f) => typeof f === 'function') }), runs, (network) => {
    const f = network.config.activation as Activation
    const known = new Map<string, number>()
    const key = (a: number): string => (Object.is(a, -0) ? '-0' : String(a))
    const recording: Activation = (a) => {
      known.set(key(a), f(a))
      return f(a)
    }
    const replaying: Activation = (a) => known.get(key(a)) ?? assert.fail(`f is called at ${a}, an argument of no equation`)
    const resultsWith = (activation: Activation): Step[] => {
      const results: Step[] = []
      runSteps(subject, { ...network, config: { ...network.config, activation } }, (step) => results.push(step))
      return results
    }
    const recorded = resultsWith(recording)
    // the table is cut to the arguments that the equations name
    const named = new Set<string>()
    runSteps(subject, network, (_step, situation) => {
      for (const [rule, value] of explained(situation, rulesOf(network.config))) {
        if (isArgument(network.config, rule)) Array.from(value.data, (a) => named.add(key(a)))
      }
    })
    for (const argument of known.keys()) if (!named.has(argument)) known.delete(argument)
    assert.deepEqual(resultsWith(replaying), recorded)
  })

/** Each rule with its value from the naive formulas, every signal computed from those before it. */
const explained = (situation: Situation, rules: readonly Rule[]): readonly (readonly [Rule, Matrix])[] => {
  const values = new Map(givenOf(situation))
  const find = (id: string): Matrix => {
    const known = values.get(id)
    if (known) return known
    const rule = rules.find((one) => one.id === id)
    assert.ok(rule, `${id} is neither given nor a rule`)
    const value = naively(rule, find, situation.config, situation.state)
    values.set(id, value)
    return value
  }
  return rules.map((rule) => [rule, find(rule.id)])
}

/** Every signal and every update of a step is its equation, bit for bit, whatever f is. */
export const keepsEquations = (subject: Subject, runs = 150): void =>
  holds(networks({ activations: [...EVERY_ACTIVATION, ...STEEP] }), runs, (network) =>
    runSteps(subject, network, (_step, situation) => {
      const { computed, result } = observe(subject, situation)
      for (const [rule, value] of explained(situation, rulesOf(network.config))) {
        const seen = computed.get(rule.id)
        assert.ok(seen, `${rule.id} is not to be seen`)
        assertBits(seen, value, rule.id)
      }
      carriesSignals(situation, computed, result)
    }),
  )

/** The new state and the prediction are made of the signals and of nothing else. */
const carriesSignals = (
  { config, state, input }: Situation,
  computed: ReadonlyMap<string, Matrix>,
  { state: next, prediction }: Step,
): void => {
  const layers = (name: (l: number) => string) => config.units.slice(1).map((_, i) => computed.get(name(i + 1))!)
  const y = layers((l) => `C3.z_${l}^${config.passes}`)
  const [z, d] = [layers((l) => `A2.z_${l}`), layers((l) => `C4.d_${l}`)]
  assert.deepEqual(next, { t: state.t + 1, x: input.x, y, z, d, key: state.key })
  assertBits(prediction, computed.get('P1.p_0^1')!, 'the prediction')
}

/** With steps, sign, random tables and constants for f everything is defined, and finite. */
export const needsNoSlope = (subject: Subject, runs = 80): void =>
  holds(networks({ activations: STEEP, steps: [1, 8] }), runs, (network) =>
    runSteps(subject, network, ({ state, prediction }, situation) => {
      const { computed } = observe(subject, situation)
      for (const tensor of [...computed.values(), state.x, prediction])
        assert.equal(firstNonFinite(tensor), undefined, 'a signal or an update is not finite')
    }),
  )

// An activation is a function from a number to a number; the type has no second member that could be a
// derivative.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const noPlaceForSlopes: Same<Activation, (a: number) => number> = true
void noPlaceForSlopes
