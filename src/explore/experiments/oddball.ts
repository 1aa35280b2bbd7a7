/** A rhythm is learnt; then a beat is replaced, and the errors are watched, level by level. [C1] */

import { runScenario } from '../../conform/reference.js'
import { flatten } from '../../conform/scenario.js'
import { initialState } from '../../ptncn/state.js'
import { momentAt, sourceOf } from '../sources.js'
import { configOf, setupFor } from '../setup.js'
import { learning, mean, series, shown, subject, type Experiment } from './common.js'

const [SEQUENCES, PIECE, ODD] = [40, 4, 41] as const
const AROUND = 10

const meanSize = (values: ArrayLike<number>): number => mean(Array.from(values, Math.abs))

export const oddball: Experiment = async function* (seed) {
  const setup = setupFor('rhythm', { seed })
  const source = sourceOf(setup)
  const network = subject('rhythm', configOf(setup, source.inputs), seed)
  const course = {
    sequences: SEQUENCES,
    piece: PIECE,
    part: 0.8,
    chart: { title: 'Learning the rhythm', x: 'sequences', y: 'nats a beat' },
    name: 'rhythm',
  }
  yield* learning(network, source, course, seed)
  const steps = source.sequence(ODD).length
  const inputs = Array.from({ length: steps }, (_, step) => momentAt(source, { sequence: ODD, step }, seed))
  const from = flatten(initialState(network.config, 1), network.snapshot)
  const { steps: done } = runScenario({ config: network.config, from, inputs, train: false })
  const errors = [0, 1].map((level) => done.map(({ trace }) => meanSize(trace.get(`C1.e_${level}^1`)!.data)))
  const odd = inputs.findIndex((_, step) => source.odd!(ODD, step))
  const [first, last] = [Math.max(0, odd - AROUND), Math.min(steps, odd + AROUND + 1)]
  const [below, above] = errors as [number[], number[]]
  const usual = (all: readonly number[]): number => mean(all.slice(odd - AROUND, odd))
  yield {
    charts: [
      {
        title: 'The size of the errors around the odd one, weights frozen',
        x: 'step',
        logarithmic: true,
        y: 'mean |e|',
        series: [series('e\u2080', below.slice(first, last), 1, first), series('e\u2081', above.slice(first, last), 1, first)],
        marks: [{ at: odd, label: 'the gong' }],
      },
    ],
    said: [
      `At the gong the error of level 0 is ${shown(below[odd]!)}, before it ${shown(usual(below))} on average.`,
      `That of level 1 is ${shown(above[odd]!)} at the gong and ${shown(above[odd + 1]!)} one step later, before it ${shown(usual(above))}: layer 1 hears of the gong through x[t-1].`,
    ],
    done: 1,
  }
}
