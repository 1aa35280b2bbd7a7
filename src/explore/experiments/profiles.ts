/** The readings of the sources side by side: the same digits, the same seed. [cf-released] [cf-paper] */

import { sourceOf } from '../sources.js'
import { configOf, setupFor } from '../setup.js'
import { mean, series, shown, subject, train, type Experiment } from './common.js'

const [SEQUENCES, PIECE] = [240, 20] as const

export const profiles: Experiment = async function* (seed) {
  const setup = setupFor('bounce', { seed })
  const source = sourceOf(setup)
  const names = ['released', 'paper', 'online'] as const
  const networks = names.map((profile) => subject(profile, configOf({ ...setup, profile }, source.inputs), seed))
  const curves: number[][] = networks.map(() => [])
  const findings = (done: number, said: readonly string[] = []) => ({
    charts: [
      {
        title: 'Two digits, learnt by three profiles',
        x: 'sequences',
        y: 'nats a frame',
        series: networks.map(({ name }, i) => series(name, curves[i]!, PIECE)),
      },
    ],
    said,
    done,
  })
  for (let from = 0; from < SEQUENCES; from += PIECE) {
    for (const [i, network] of networks.entries()) {
      curves[i]!.push(mean(await train(network, source, from, from + PIECE, seed)))
      yield findings(Math.min(0.99, (from + (PIECE * (i + 1)) / 3) / SEQUENCES))
    }
  }
  yield findings(1, [
    `The last ${PIECE} sequences: ${names.map((name, i) => `${name} ${shown(curves[i]!.at(-1)!)}`).join(', ')} nats a frame. One seed, one sequence at a time; the tables of the package have more.`,
  ])
}
