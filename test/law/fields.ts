/** Laws of single fields: the window of [C4], the rates of [op-rate], the start of E in [wt-init]. */

import assert from 'node:assert/strict'

import { transpose } from '../../src/numeric/matrix.js'
import { keyOf } from '../../src/numeric/random.js'
import { initialModel } from '../../src/ptncn/apply.js'
import { isBias, namesOf, type WeightName } from '../../src/ptncn/weights.js'
import { DETERMINISTIC, networks } from '../support/arbitraries.js'
import { holds, holdsAsync } from '../support/property.js'
import { assertBits } from './assert-bits.js'
import { el } from './naive.js'
import { observe, situationOf } from './observe.js'
import { ended, pieceOf, snapshotOf, withEngine, type EngineOf, type Subject } from './subject.js'

/** Those that lead into a unit, a column each. */
const INTO_UNITS: readonly WeightName[] = ['M', 'V', 'U', 'b']

/** A unit whose drive lies outside of the window in every row of the batch moves none of the weights that lead into it. */
export const rests = (subject: Pick<Subject, 'step'>, runs = 200): void => {
  let resting = 0
  const domain = { activations: DETERMINISTIC, steps: [1, 1], fixed: { correctionSignal: 'drive', window: 0.25 } } as const
  holds(networks(domain), runs, (network) => {
    const situation = situationOf(network)
    const { computed, result } = observe(subject, situation)
    result.updates.forEach((layer, i) => {
      const a = computed.get(`A1.a_${i + 1}`)!
      for (let j = 0; j < a.cols; j++) {
        const isOutside = Array.from({ length: a.rows }, (_, row) => Math.abs(el(a, row, j)) >= network.config.window).every(
          Boolean,
        )
        if (!isOutside) continue
        resting++
        for (const name of namesOf(layer).filter((one) => INTO_UNITS.includes(one))) {
          for (let row = 0; row < layer[name]!.rows; row++) {
            assert.ok(el(layer[name]!, row, j) === 0, `${name}_${i + 1}[${row},${j}] moves, a is outside of the window`)
          }
        }
      }
    })
  })
  assert.ok(resting > runs, `${resting} units only lay outside of the window`)
}

const FAN_IN = 2

/** A matrix moves as if the rate of all were that of its own rows, M_1 and biases as at the rate that is given. */
export const movesByRows = (engineOf: EngineOf, runs = 40): Promise<void> =>
  holdsAsync(networks({ steps: [1, 1], fixed: { update: 'step', learnFrom: 0, rateFanIn: FAN_IN } }), runs, async (network) => {
    const movedAt = async (change: object) => {
      const config = { ...network.config, ...change }
      const end = await withEngine(engineOf, config, (engine) => ended(engine.train(snapshotOf(network), [pieceOf(network)])))
      return 'outcome' in end ? end.outcome.snapshot.weights : undefined
    }
    const moved = await movedAt({})
    for (const [i, layer] of network.weights.entries()) {
      for (const name of namesOf(layer)) {
        const { rows } = layer[name]!
        const isWhole = isBias(name) || rows <= FAN_IN || (name === 'M' && i === 0)
        const rate = isWhole ? network.config.rate : Math.fround(network.config.rate * Math.fround(FAN_IN / rows))
        const expected = await movedAt({ rateFanIn: 0, rate })
        if (moved && expected) assertBits(moved[i]![name]!, expected[i]![name]!, `${name} ${i + 1}`)
      }
    }
  })

/** E that begins as W' stays that, bit for bit, where nothing tells the two apart. */
export const staysTransposed = (engineOf: EngineOf, runs = 40): Promise<void> => {
  const fixed = { errorStart: 'transposed', errorRule: 'transposed', gamma: 1, clip: 0, maxNorm: 0, rateFanIn: 0 } as const
  return holdsAsync(networks({ steps: [1, 6], activations: DETERMINISTIC, fixed }), runs, async ({ config, inputs, seed }) => {
    const begin = initialModel(config, keyOf(seed))
    const end = await withEngine(engineOf, config, (engine) => ended(engine.train(begin, [{ inputs }])))
    const after = 'outcome' in end ? [end.outcome.snapshot] : []
    for (const { weights } of [begin, ...after]) {
      weights.forEach(({ W, E }, i) => assertBits(E, transpose(W), `E ${i + 1}`))
    }
  })
}
