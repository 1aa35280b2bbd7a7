/** A trained network without one kind of its synapses. [A1] */

import { cut } from '../lesion.js'
import { situationOf, snapshotOf } from '../learn.js'
import { sourceOf } from '../sources.js'
import { configOf, setupFor } from '../setup.js'
import { frozenLoss, learning, shown, subject, wholeSequence, type Experiment } from './common.js'

const [SEQUENCES, PIECE, HELD] = [600, 50, 60] as const
const WITHOUT = ['', 'M', 'V', 'U'] as const
const ROLES = { M: 'M, the drive from below', V: 'V, the memory of a layer', U: 'U, the control from above' } as const

export const lesion: Experiment = async function* (seed) {
  const setup = setupFor('reber', { seed })
  const source = sourceOf(setup)
  const network = subject('reber', configOf(setup, source.inputs), seed)
  const course = {
    sequences: SEQUENCES,
    piece: PIECE,
    part: 0.9,
    chart: { title: 'Learning the Reber machine', x: 'words', y: 'nats a symbol' },
    name: 'intact',
  }
  yield* learning(network, source, course, seed)
  const held = Array.from({ length: HELD }, (_, i) => wholeSequence(source, 100_000 + i, seed))
  const at = { sequence: 0, step: 0 }
  const losses: number[] = []
  for (const letters of WITHOUT) {
    const snapshot = snapshotOf(network.config, cut(situationOf(network.config, network.snapshot), letters), at)
    losses.push(await frozenLoss({ config: network.config, snapshot }, held))
  }
  const worst = losses.indexOf(Math.max(...losses.slice(1)))
  yield {
    charts: [
      {
        title: 'After a lesion, weights frozen',
        x: 'what is cut',
        y: 'nats a symbol',
        series: [{ name: 'loss', values: losses, from: 0, every: 1 }],
        kinds: true,
        marks: ['nothing', 'M', 'V', 'U'].map((label, place) => ({ at: place, label })),
      },
    ],
    said: [
      `Intact ${shown(losses[0]!)}; without M ${shown(losses[1]!)}, without V ${shown(losses[2]!)}, without U ${shown(losses[3]!)} nats a symbol.`,
      `What it can spare least is ${ROLES[WITHOUT[worst] as 'M']}.`,
    ],
    done: 1,
  }
}
