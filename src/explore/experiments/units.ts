/** Units of every kind, a random table among them: no derivative is asked for, so each can learn. [ar-units] */

import { sourceOf } from '../sources.js'
import { configOf, setupFor, type UnitName } from '../setup.js'
import { frozenLoss, mean, series, shown, subject, train, wholeSequence, type Experiment } from './common.js'

const NAMES: readonly UnitName[] = ['tanh', 'step', 'sign', 'table']
const TITLES: Partial<Readonly<Record<UnitName, string>>> = { table: 'a random table' }
const [SEQUENCES, PIECE] = [200, 20] as const
const HELD = 10

export const units: Experiment = async function* (seed) {
  const setup = setupFor('bounce', { seed })
  const source = sourceOf(setup)
  const networks = NAMES.map((f) => subject(TITLES[f] ?? f, configOf({ ...setup, f }, source.inputs), seed))
  const held = Array.from({ length: HELD }, (_, i) => wholeSequence(source, 100_000 + i, seed))
  const curves = await Promise.all(networks.map(async (network) => [await frozenLoss(network, held)]))
  const findings = (done: number, said: readonly string[] = []) => ({
    charts: [
      {
        title: 'Two digits, predicted by units of four kinds',
        x: 'sequences',
        y: 'nats a frame',
        logarithmic: true,
        series: networks.map(({ name }, i) => series(name, curves[i]!, PIECE, 0)),
      },
    ],
    said,
    done,
  })
  for (let from = 0; from < SEQUENCES; from += PIECE) {
    for (const [i, network] of networks.entries()) {
      await train(network, source, from, from + PIECE, seed)
      curves[i]!.push(await frozenLoss(network, held))
      yield findings(Math.min(0.99, (from + (PIECE * (i + 1)) / networks.length) / SEQUENCES))
    }
  }
  const ends = networks.map(({ name }, i) => `${name} ${shown(curves[i]![0]!)} to ${shown(mean(curves[i]!.slice(-1)))}`)
  yield findings(1, [`Nats a frame on frames that were not learnt, before and after: ${ends.join('; ')}.`])
}
