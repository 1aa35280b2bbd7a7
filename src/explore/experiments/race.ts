/** P-TNCN beside back-propagation through time and real-time recurrent learning: the same words, and what each keeps. */

import type { Matrix } from '../../numeric/matrix.js'
import { keyOf } from '../../numeric/random.js'
import { meanLoss } from '../../ptncn/scores.js'
import { bptt, run as unrolled } from '../../rivals/bptt.js'
import { initialState as startOf } from '../../rivals/cell.js'
import { elman } from '../../rivals/elman.js'
import { fastAlgebra } from '../../rivals/fast-algebra.js'
import { RIVAL_DEFAULTS, type Rival, type RivalModel } from '../../rivals/rival.js'
import { rtrl } from '../../rivals/rtrl.js'
import type { Sequence } from '../../engine/engine.js'
import { sourceOf } from '../sources.js'
import { configOf, setupFor } from '../setup.js'
import { mean, series, subject, train, wholeSequence, shown, type Experiment } from './common.js'

const [SEQUENCES, PIECE, UNITS] = [600, 25, 24] as const
const RATE = 0.003
/** Steps at which what is kept is counted. */
const TIMES = [1, 25, 50, 75, 100, 150, 200] as const

/** The numbers of all matrices in a value, at any depth. */
const numbersIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  const { data } = value as Partial<Matrix>
  if (data !== undefined && typeof data.length === 'number') return data.length
  return Object.values(value).reduce<number>((sum, one) => sum + numbersIn(one), 0)
}

/** What each holds after t steps of one sequence besides its weights: counted in what it really holds. */
const kept = async (sequence: Sequence, rivals: { readonly rtrl: Rival }, of: ReturnType<typeof subject>) => {
  const algebra = await fastAlgebra()
  const config = rivals.rtrl.config
  const { weights } = bptt(algebra, config).initial(keyOf(1))
  const start = startOf(algebra, elman, config, 1)
  const counts: { readonly ours: number[]; readonly bptt: number[]; readonly rtrl: number[] } = { ours: [], bptt: [], rtrl: [] }
  for (const t of TIMES) {
    const inputs = Array.from({ length: t }, (_, i) => sequence.inputs[i % sequence.inputs.length]!)
    const { snapshot } = await of.engine.evaluate({ weights: of.snapshot.weights, optimizer: of.snapshot.optimizer }, [
      { inputs, open: true },
    ])
    counts.ours.push(numbersIn(snapshot.state))
    counts.bptt.push(numbersIn(unrolled(algebra, elman, config.output, weights, start, inputs)))
    const after = await rivals.rtrl.train(rivals.rtrl.initial(keyOf(1)), [{ inputs, open: true }])
    counts.rtrl.push(numbersIn(after.snapshot.state))
  }
  return counts
}

export const race: Experiment = async function* (seed) {
  const setup = setupFor('reber', { seed, units: UNITS })
  const source = sourceOf(setup)
  const ours = subject('P-TNCN', configOf(setup, source.inputs), seed)
  const algebra = await fastAlgebra()
  const config = { ...RIVAL_DEFAULTS, inputs: source.inputs, units: UNITS, output: 'softmax', rate: RATE } as const
  const rivals = { bptt: bptt(algebra, config), rtrl: rtrl(await fastAlgebra(), config) }
  const models: Record<'bptt' | 'rtrl', RivalModel> = {
    bptt: rivals.bptt.initial(keyOf(seed)),
    rtrl: rivals.rtrl.initial(keyOf(seed)),
  }
  const curves = { ours: [] as number[], bptt: [] as number[], rtrl: [] as number[] }
  const chart = () => ({
    title: 'The Reber machine, predicted',
    x: 'words',
    y: 'nats a symbol',
    series: [series('P-TNCN', curves.ours, PIECE), series('BPTT', curves.bptt, PIECE), series('RTRL', curves.rtrl, PIECE)],
  })
  for (let from = 0; from < SEQUENCES; from += PIECE) {
    curves.ours.push(mean(await train(ours, source, from, from + PIECE, seed)))
    const sequences = Array.from({ length: PIECE }, (_, i) => wholeSequence(source, from + i, seed))
    for (const name of ['bptt', 'rtrl'] as const) {
      const { snapshot, measurements } = await rivals[name].train(models[name], sequences)
      models[name] = snapshot
      curves[name].push(mean(measurements.map(meanLoss)))
    }
    yield { charts: [chart()], said: [], done: (0.9 * (from + PIECE)) / SEQUENCES }
  }
  const counts = await kept(wholeSequence(source, 0, seed), rivals, ours)
  const line = (name: string, values: readonly number[]) => ({ name, values, from: 0, every: 1, places: TIMES })
  yield {
    charts: [
      chart(),
      {
        title: 'Numbers that each keeps of a sequence, after t steps',
        x: 't',
        y: 'numbers',
        logarithmic: true,
        series: [line('P-TNCN', counts.ours), line('BPTT', counts.bptt), line('RTRL', counts.rtrl)],
      },
    ],
    said: [
      `The last ${PIECE} words: P-TNCN ${shown(curves.ours.at(-1)!)}, BPTT ${shown(curves.bptt.at(-1)!)}, RTRL ${shown(curves.rtrl.at(-1)!)} nats a symbol; one seed, rate ${RATE} for the rivals, not searched.`,
      `After 200 steps P-TNCN keeps ${counts.ours.at(-1)!.toLocaleString('en')} numbers, as after 1; RTRL ${counts.rtrl.at(-1)!.toLocaleString('en')}, as after 1; BPTT ${counts.bptt.at(-1)!.toLocaleString('en')}, and more with each step.`,
    ],
    done: 1,
  }
}
