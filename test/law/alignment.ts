/** Law 16: the error weights E follow the transposed prediction weights W. */

import assert from 'node:assert/strict'

import type { Snapshot } from '../../src/engine/engine.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import type { Config } from '../../src/ptncn/config.js'
import { DETERMINISTIC, networks, type Network } from '../support/arbitraries.js'
import { holdsAsync } from '../support/property.js'
import { assertBits } from './assert-bits.js'
import { build, el } from './naive.js'
import { ended, snapshotOf, withEngine, type EngineOf } from './subject.js'

/** One rounding to binary32. */
const UNIT = 2 ** -24
/**
 * How far a clip may separate an update and its transpose, in units of the largest element. The norms of a 7
 * x 7 matrix and of its transpose are each off by at most half of (1 square + 2 lane and 2 pair additions + 7
 * rows), and 1 for the root: 7. Each of the clips (one of dW, two of dE) has such a norm and 2 more
 * roundings; 1 / N adds 1 to each.
 */
const CLIP_UNITS = 3 * (7 + 2) + 2

const largest = (...matrices: readonly (Matrix | undefined)[]): number =>
  matrices.reduce((most, a) => Math.max(most, ...Array.from(a?.data ?? [], Math.abs)), 0)

/** Of one layer: what E - W' may be off by now, and how much the two velocities may differ. */
interface Slack {
  readonly weight: number
  readonly velocity: number
}

/**
 * One more update. Velocities: v <- mu v + d from updates that differ by CLIP_UNITS of |d| <= |v| + mu |v
 * before|, each with 2 roundings. Weights: at most twice the velocities' difference times the rate, 4
 * roundings of each of two moves of at most 2 rate (|v| + mu |v before|), and three roundings of each of the two
 * weights: the move, and the two of a decay, before which they were at most twice as large.
 */
const grown = (
  { weight, velocity }: Slack,
  { rate, momentum, weightDecay }: Config,
  l: number,
  before: Snapshot,
  after: Snapshot,
): Slack => {
  const mu = after.optimizer.first ? momentum : 0
  const [old, now] = [before, after].map(({ optimizer: { first } }) => largest(first?.[l]?.W, first?.[l]?.E)) as [number, number]
  const moved = largest(after.weights[l]!.W, after.weights[l]!.E)
  const faded = weightDecay * largest(before.weights[l]!.W, before.weights[l]!.E)
  const v = after.optimizer.first ? now : (moveOf(before, after, l) + 2 * faded) / rate
  const most = v + mu * old
  const nextVelocity = mu * velocity + UNIT * (CLIP_UNITS + 4) * most
  return {
    weight: weight + 2 * rate * nextVelocity + UNIT * (16 * rate * most + (weightDecay > 0 ? 12 : 2) * moved),
    velocity: nextVelocity,
  }
}

const moveOf = (before: Snapshot, after: Snapshot, l: number): number =>
  Math.max(
    ...(['W', 'E'] as const).flatMap((name) =>
      Array.from(after.weights[l]![name].data, (w, i) => Math.abs(w - before.weights[l]![name].data[i]!)),
    ),
  )

/** How far E - W' is from a part of what it was at the beginning, in exact differences. */
const drift = (begin: Snapshot, now: Snapshot, l: number, part: number): number => {
  const gap = ({ weights }: Snapshot, i: number, j: number): number => el(weights[l]!.E, i, j) - el(weights[l]!.W, j, i)
  const { rows, cols } = now.weights[l]!.E
  return Math.max(
    ...Array.from({ length: rows * cols }, (_, at) => {
      const [i, j] = [Math.floor(at / cols), at % cols]
      return Math.abs(gap(now, i, j) - part * gap(begin, i, j))
    }),
  )
}

const follow = async (engineOf: EngineOf, { config, inputs, ...network }: Network): Promise<void> => {
  const begin = snapshotOf({ config, inputs, ...network })
  let [now, part] = [begin, 1]
  let slacks: readonly Slack[] = begin.weights.map(() => ({ weight: 0, velocity: 0 }))
  await withEngine(engineOf, config, async (engine) => {
    for (const input of inputs) {
      const end = await ended(engine.train(now, [{ inputs: [input], continues: true, open: true }]))
      if (!('outcome' in end)) return
      const next = end.outcome.snapshot
      slacks = slacks.map((slack, l) => grown(slack, config, l, now, next))
      part *= 1 - config.weightDecay
      now = next
      slacks.forEach(({ weight }, l) => {
        const gone = drift(begin, now, l, part)
        assert.ok(gone <= weight, `E - W' of layer ${l + 1} moved by ${gone}, rounding allows ${weight}`)
      })
    }
  })
}

/** Rates by fan-in move W and E by other parts, and a decay takes from their difference: see `fadesTogether`. */
const FOLLOWING = {
  errorRule: 'transposed',
  gamma: 1,
  maxNorm: 0,
  update: 'step',
  learnFrom: 0,
  weightDecay: 0,
  rateFanIn: 0,
} as const

/**
 * E - W' keeps its initial value to the roundings counted above, for the optimisers that are linear in the
 * update.
 */
export const followsWeights = async (engineOf: EngineOf, runs = 20): Promise<void> => {
  for (const optimizer of ['sgd', 'momentum', 'nesterov'] as const) {
    const domain = { steps: [1, 8], activations: DETERMINISTIC, fixed: { ...FOLLOWING, optimizer } } as const
    await holdsAsync(networks(domain), runs, (network) => follow(engineOf, network))
  }
}

/** With a decay E - W' keeps the part 1 - weightDecay of itself at each update, to the roundings counted above. */
export const fadesTogether = async (engineOf: EngineOf, runs = 20): Promise<void> => {
  for (const weightDecay of [0.01, 0.5]) {
    const domain = {
      steps: [1, 8],
      activations: DETERMINISTIC,
      fixed: { ...FOLLOWING, optimizer: 'nesterov', weightDecay },
    } as const
    await holdsAsync(networks(domain), runs, (network) => follow(engineOf, network))
  }
}

/** Without a clip the two updates are the same bits, so that moments are too, whatever the optimiser. */
export const sharesMoments = (engineOf: EngineOf, runs = 60): Promise<void> =>
  holdsAsync(networks({ steps: [1, 6], activations: DETERMINISTIC, fixed: { ...FOLLOWING, clip: 0 } }), runs, async (network) => {
    const sequence = { inputs: network.inputs, continues: true, open: true }
    const end = await withEngine(engineOf, network.config, (engine) => ended(engine.train(snapshotOf(network), [sequence])))
    if (!('outcome' in end)) return
    const { first, second } = end.outcome.snapshot.optimizer
    for (const layer of [...(first ?? []), ...(second ?? [])]) {
      assertBits(
        layer.E,
        build(layer.E.rows, layer.E.cols, (i, j) => el(layer.W, j, i)),
        'a moment of E',
      )
    }
  })
