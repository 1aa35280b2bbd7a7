/** The law of the fast engines: whatever the network, the bits of the reference engine. */

import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'

import type { Engine, Outcome, RunOptions, Sequence, Snapshot } from '../../src/engine/engine.js'
import { parallelEngine } from '../../src/engine/fast/parallel.js'
import { threads, threadsOf } from '../../src/engine/fast/threads/transport.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import type { Weights } from '../../src/ptncn/weights.js'
import { networks, type Domain, type Network } from '../support/arbitraries.js'
import { assertBits } from './assert-bits.js'
import { ended, pieceOf, referenceOf, snapshotOf, withEngine, type EngineOf, type Ended } from './subject.js'

/** What is run: a piece that goes on, whole sequences with it, and the same again from where that ended. */
export interface Runs {
  readonly network: Network
  readonly sequences: readonly Sequence[]
  readonly options: RunOptions
}

/** Sizes around and beyond a panel of the kernels, and long sequences. */
export const LARGE: Domain = { widths: [1, 40], rows: [1, 13], steps: [1, 50], layers: [1, 3] }

/** Networks with sequences of `steps` steps in all: the piece of the network, cut in two, and a sequence of its own. */
export const runs = (domain: Domain): fc.Arbitrary<Runs> =>
  fc.tuple(networks(domain), fc.boolean(), fc.nat(50)).map(([network, predictions, cut]) => {
    const { inputs } = network
    const [first, rest] = [inputs.slice(0, 1 + (cut % inputs.length)), inputs.slice(1 + (cut % inputs.length))]
    const pieces: Sequence[] =
      rest.length === 0
        ? [pieceOf({ inputs: first })]
        : [pieceOf({ inputs: first }), { inputs: rest, continues: true, open: cut % 3 === 0 }]
    const fresh: Sequence = { inputs: inputs.slice(-3), key: [network.seed, cut], open: cut % 2 === 0 }
    const runs: Runs = { network, sequences: [...pieces, fresh], options: { predictions } }
    return Object.assign(runs, { [fc.toStringMethod]: () => `${fc.stringify(network)} cut ${cut} predictions ${predictions}` })
  })

/** Whole sequences whose rows end for good, each when it likes; what stands in an input behind that is anything. */
export const ending = (domain: Domain): fc.Arbitrary<Runs> =>
  fc.tuple(networks(domain), fc.array(fc.nat(60), { minLength: 13, maxLength: 13 })).map(([network, ends]) => {
    const maskAt = (t: number, { rows, cols, data }: Matrix): Matrix => ({
      rows,
      cols,
      data: Float32Array.from({ length: rows }, (_, row) => (t < ends[row % ends.length]! ? data[row]! : 0)),
    })
    const inputs = network.inputs.map(({ x, mask }, t) => ({ x, mask: maskAt(t, mask) }))
    const sequences: Sequence[] = [
      { inputs, key: [network.seed, 1] },
      { inputs: inputs.slice(-4), key: [network.seed, 2] },
    ]
    const runs: Runs = { network, sequences, options: {} }
    return Object.assign(runs, { [fc.toStringMethod]: () => `${fc.stringify(network)} ends ${ends.join(' ')}` })
  })

const assertWeights = (what: string, got: Weights | undefined, wanted: Weights | undefined): void => {
  assert.equal(got === undefined, wanted === undefined, `${what}: there or not`)
  wanted?.forEach((layer, i) => {
    assert.deepEqual(Object.keys(got![i]!).sort(), Object.keys(layer).sort(), what)
    for (const [name, matrix] of Object.entries(layer) as [keyof typeof layer, Matrix][])
      assertBits(got![i]![name]!, matrix, `${what}.${name}_${i + 1}`)
  })
}

export const assertSnapshot = (got: Snapshot, wanted: Snapshot): void => {
  assert.equal(got.state === undefined, wanted.state === undefined, 'state: there or not')
  if (wanted.state) {
    const [state, other] = [wanted.state, got.state!]
    assert.deepEqual([other.t, [...other.key]], [state.t, [...state.key]], 'state: t and key')
    assertBits(other.x, state.x, 'state.x')
    for (const name of ['z', 'y', 'd'] as const)
      state[name].forEach((value, i) => assertBits(other[name][i]!, value, `state.${name}_${i + 1}`))
  }
  for (const part of ['first', 'second', 'sum'] as const)
    assertWeights(`optimizer.${part}`, got.optimizer[part], wanted.optimizer[part])
  assert.deepEqual([got.optimizer.power1, got.optimizer.power2], [wanted.optimizer.power1, wanted.optimizer.power2], 'powers')
  assertWeights('weights', got.weights, wanted.weights)
}

export const assertOutcome = (got: Outcome, wanted: Outcome): void => {
  assert.equal(got.measurements.length, wanted.measurements.length)
  wanted.measurements.forEach(({ predictions, ...scores }, i) => {
    const { predictions: others, ...rest } = got.measurements[i]!
    assert.equal(others?.length, predictions?.length)
    predictions?.forEach((p, t) => assertBits(others![t]!, p, `prediction ${t} of sequence ${i}`))
    assert.deepEqual(rest, scores, `scores of sequence ${i}`)
  })
  assertSnapshot(got.snapshot, wanted.snapshot)
}

const assertEnded = (got: Ended, wanted: Ended): void => {
  if ('outcome' in wanted) {
    assert.ok('outcome' in got, 'diverged, and the reference engine did not')
    assertOutcome(got.outcome, wanted.outcome)
    return
  }
  assert.ok('divergence' in got, 'did not diverge, and the reference engine did')
  const [{ snapshot, ...place }, { snapshot: other, ...elsewhere }] = [wanted.divergence, got.divergence] as [
    { snapshot: Snapshot },
    { snapshot: Snapshot },
  ]
  assert.deepEqual(elsewhere, place)
  assertSnapshot(other, snapshot)
}

/** Trains, goes on from where that ended, and evaluates. */
const runAll = async (engine: Engine, { network, sequences, options }: Runs): Promise<Ended[]> => {
  const all = [await ended(engine.train(snapshotOf(network), sequences, options))]
  const first = all[0]!
  if ('outcome' in first) {
    const { snapshot } = first.outcome
    const closed = sequences.map((sequence) => ({
      ...sequence,
      continues: sequence.continues === true && snapshot.state !== undefined,
    }))
    all.push(await ended(engine.train(snapshot, closed, options)))
    all.push(await ended(engine.evaluate(snapshot, closed.slice(0, 1), options)))
  }
  return all
}

/** Every engine ends every run with the bits of the reference engine. */
export const sameAsReference = async (engines: readonly EngineOf[], run: Runs): Promise<void> => {
  const runOn = (engineOf: EngineOf) => withEngine(engineOf, run.network.config, (engine) => runAll(engine, run))
  const wanted = await runOn(referenceOf)
  for (const engineOf of engines) {
    const got = await runOn(engineOf)
    assert.equal(got.length, wanted.length)
    got.forEach((one, i) => assertEnded(one, wanted[i]!))
  }
}

/** As built, where `npm test` has just done so: a worker of the sources takes much longer to start. */
const WORKER = new URL('../../dist/engine/fast/threads/worker.js', import.meta.url)
const transport = process.env.PTNCN_BUILT === '1' ? threadsOf(fileURLToPath(WORKER)) : threads

const WAYS = [
  ...[1, 2, 3, 4].map((workers) => [workers, 'layers'] as const),
  ...[2, 3, 4].map((workers) => [workers, 'rows'] as const),
]

/** The parallel engine with one to four workers, that divide layers or rows between them. */
export const parallelOf = (wide: boolean): readonly EngineOf[] =>
  WAYS.map(
    ([workers, by]) =>
      (config) =>
        parallelEngine(config, { workers, by, transport, wide }),
  )
