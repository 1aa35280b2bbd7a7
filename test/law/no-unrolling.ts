/** Laws 4 to 6: what a network carries is its state, which is a value of a fixed size. */

import assert from 'node:assert/strict'

import type { Measurement, Sequence, Snapshot } from '../../src/engine/engine.js'
import { initialOptimizer } from '../../src/ptncn/apply.js'
import type { Config } from '../../src/ptncn/config.js'
import { weightShapes, type Weights } from '../../src/ptncn/weights.js'
import { BOUNDED, networks, type Network } from '../support/arbitraries.js'
import { constant, otherThan, seedOf } from '../support/fill.js'
import { holdsAsync } from '../support/property.js'
import { copied, ended, pieceOf, snapshotOf, withEngine, type Ended, type EngineOf } from './subject.js'

const OPTIONS = { predictions: true }

/** The network with other inputs, of the same number. */
const elsewhere = (network: Network): Network => ({
  ...network,
  inputs: network.inputs.map((input, t) => ({ ...input, x: otherThan(input.x, seedOf(network.seed, t)) })),
})

/**
 * Two engines that are given the same snapshot give the same bits ever after, whatever each has run before.
 */
export const forgetsHistory = (engineOf: EngineOf, runs = 60): Promise<void> =>
  holdsAsync(networks({ steps: [1, 5] }), runs, async (network) => {
    const { config } = network
    const goOn = async (history: Network | undefined): Promise<Ended> =>
      withEngine(engineOf, config, async (engine) => {
        if (history) await ended(engine.train(snapshotOf(history), [pieceOf(history)], OPTIONS))
        return ended(engine.train(copied(snapshotOf(network)), [pieceOf(network)], OPTIONS))
      })
    const wanted = await goOn(undefined)
    assert.deepEqual(await goOn(network), wanted, 'after a history')
    assert.deepEqual(await goOn(elsewhere(network)), wanted, 'after another history')
  })

/**
 * Two histories that end in the same state (f is constant, the last input the same) go on with the same bits. Not with the
 * drive, of which d keeps what came before.
 */
export const meetsAgain = (engineOf: EngineOf, runs = 40): Promise<void> =>
  holdsAsync(
    networks({ steps: [2, 5], activations: [constant(0.5), constant(-1)], fixed: { correctionSignal: 'state' } }),
    runs,
    async (network) => {
      const { config, inputs } = network
      const after = (history: Network) =>
        withEngine(engineOf, config, async (engine) => {
          const path = [...history.inputs.slice(0, -1), inputs.at(-1)!]
          const { snapshot } = await engine.evaluate(snapshotOf(network), [{ inputs: path, continues: true, open: true }])
          return { snapshot, next: await ended(engine.train(snapshot, [pieceOf(network)], OPTIONS)) }
        })
      assert.deepEqual(await after(elsewhere(network)), await after(network))
    },
  )

/** Every number and tensor that can be reached from a value, by its path. */
export const graphOf = (value: unknown, path = ''): readonly string[] => {
  if (value instanceof Float32Array) return [`${path}: ${value.length} floats in ${value.buffer.byteLength} bytes`]
  if (typeof value === 'number') return [`${path}: a number`]
  assert.ok(typeof value === 'object' && value !== null, `${path} holds ${typeof value}`)
  const prototype: unknown = Object.getPrototypeOf(value)
  assert.ok(prototype === Object.prototype || Array.isArray(value), `${path} is no plain value`)
  return Reflect.ownKeys(value)
    .filter((key) => key !== 'length')
    .flatMap((key) => graphOf((value as Record<PropertyKey, unknown>)[key], `${path}/${String(key)}`))
    .sort()
}

const tensor = (path: string, rows: number, cols: number): readonly string[] => [
  `${path}/rows: a number`,
  `${path}/cols: a number`,
  `${path}/data: ${rows * cols} floats in ${4 * rows * cols} bytes`,
]

const weightGraph = (config: Config, path: string): readonly string[] =>
  config.units
    .slice(1)
    .flatMap((_, i) => weightShapes(config, i + 1).flatMap(([name, rows, cols]) => tensor(`${path}/${i}/${name}`, rows, cols)))

const MOMENTS = { sgd: [], momentum: ['first'], nesterov: ['first'], adam: ['first', 'second'], rmsprop: ['second'] } as const

/** What a snapshot of an open sequence may hold: a list that knows nothing of t. */
const allowedGraph = (config: Config, rows: number): readonly string[] =>
  [
    ...['/state/t', '/state/key/0', '/state/key/1', '/optimizer/power1', '/optimizer/power2'].map((path) => `${path}: a number`),
    ...tensor('/state/x', rows, config.units[0]!),
    ...['y', 'z', 'd'].flatMap((letter) => config.units.slice(1).flatMap((n, i) => tensor(`/state/${letter}/${i}`, rows, n))),
    ...weightGraph(config, '/weights'),
    ...MOMENTS[config.optimizer].flatMap((moment) => weightGraph(config, `/optimizer/${moment}`)),
    ...(config.update === 'sequence' ? weightGraph(config, '/optimizer/sum') : []),
  ].sort()

/**
 * State, weights and optimiser hold exactly the tensors of the specification, after 10 steps and after 1,000.
 */
export const staysTheSameSize = (engineOf: EngineOf, runs = 8, steps = 1000): Promise<void> =>
  holdsAsync(
    networks({
      layers: [1, 3],
      widths: [1, 3],
      rows: [1, 2],
      activations: BOUNDED,
      fixed: { clip: 0.05, rate: 0.01, learnFrom: 0 },
    }),
    runs,
    async (network) => {
      const { config, state } = network
      const allowed = allowedGraph(config, state.x.rows)
      for (const n of [10, steps]) {
        const inputs = Array.from({ length: n }, (_, t) => network.inputs[t % network.inputs.length]!)
        const { snapshot } = await withEngine(engineOf, config, (engine) =>
          engine.train(snapshotOf(network), [{ inputs, continues: true, open: true }]),
        )
        assert.deepEqual(graphOf(snapshot), allowed, `after ${n} steps`)
      }
    },
  )

/** The pieces of a sequence that is cut after some of its steps. */
const piecesOf = (sequence: Sequence, cutAfter: (t: number) => boolean): readonly Sequence[] => {
  const pieces: Sequence[] = []
  let from = 0
  sequence.inputs.forEach((_, t) => {
    const last = t === sequence.inputs.length - 1
    if (!last && !cutAfter(t)) return
    const { continues = false, open = false } = sequence
    const inputs = sequence.inputs.slice(from, t + 1)
    pieces.push({ ...(from === 0 && sequence), inputs, continues: from > 0 || continues, open: !last || open })
    from = t + 1
  })
  return pieces
}

interface Run {
  readonly how: 'train' | 'evaluate'
  readonly config: Config
  readonly from: Snapshot
}

/** Each piece by a new engine, from a copy of the snapshot that the one before left. */
const inPieces = async (engineOf: EngineOf, { how, config, from }: Run, pieces: readonly Sequence[]) => {
  let snapshot = from
  const measurements: Measurement[] = []
  for (const piece of pieces) {
    const end = await withEngine(engineOf, config, (engine) => ended(engine[how](copied(snapshot), [copied(piece)], OPTIONS)))
    if (!('outcome' in end)) return end
    snapshot = end.outcome.snapshot
    measurements.push(...end.outcome.measurements)
  }
  return { outcome: { snapshot, measurements } }
}

/**
 * Measurements of pieces as one. Binary64 sums depend on their grouping; the losses themselves are compared
 * apart.
 */
const joined = (measurements: readonly Measurement[]) => ({
  count: measurements.reduce((total, m) => total + m.count, 0),
  correct: measurements.reduce((total, m) => total + (m.correct ?? 0), 0),
  predictions: measurements.flatMap((m) => m.predictions ?? []),
})

const lossOf = (measurements: readonly Measurement[]): number => measurements.reduce((total, m) => total + m.loss, 0)

/** A run that stops after any steps and goes on from values gives the bits of one that does not stop. */
export const stopsAnywhere = (engineOf: EngineOf, runs = 80): Promise<void> =>
  holdsAsync(networks({ steps: [2, 7] }), runs, async (network) => {
    const { config, seed } = network
    const fresh: Snapshot = { weights: network.weights as Weights, optimizer: initialOptimizer(config) }
    const begins: Sequence = { inputs: network.inputs, key: [seed, 3], open: seed % 3 === 0 }
    const continued: Sequence = { ...pieceOf(network), open: seed % 3 === 1 }
    for (const [from, sequence] of [
      [fresh, begins],
      [snapshotOf(network), continued],
    ] as const) {
      for (const how of ['train', 'evaluate'] as const) {
        const run: Run = { how, config, from }
        const whole = await inPieces(engineOf, run, [sequence])
        const cut = await inPieces(
          engineOf,
          run,
          piecesOf(sequence, (t) => seedOf(seed, t) % 2 === 0),
        )
        if (!('outcome' in whole) || !('outcome' in cut)) assert.deepEqual(cut, whole)
        else {
          assert.deepEqual(cut.outcome.snapshot, whole.outcome.snapshot, how)
          assert.deepEqual(joined(cut.outcome.measurements), joined(whole.outcome.measurements), how)
          const [got, wanted] = [lossOf(cut.outcome.measurements), lossOf(whole.outcome.measurements)]
          assert.ok(Math.abs(got - wanted) <= 1e-12 * Math.abs(wanted), `${how}: loss ${got} instead of ${wanted}`)
        }
      }
    }
  })
