/** Adaptation by state alone: the weights are frozen, and what the network sees it has never seen. [sq-infer] */

import { runScenario } from '../../conform/reference.js'
import { flatten } from '../../conform/scenario.js'
import { initialState } from '../../ptncn/state.js'
import { letterSource, momentAt, sourceOf, type Source } from '../sources.js'
import { configOf, setupFor } from '../setup.js'
import type { Findings } from '../messages.js'
import { frozenLosses, learning, mean, series, shown, subject, wholeSequence, type Experiment, type Subject } from './common.js'

const [SEQUENCES, PIECE, LETTERS, OF_EACH] = [400, 25, 'aegrsx', 6] as const
const BETA = 0.5
const [PASSES, FRAMES] = [30, 4] as const

const withBeta = (of: Subject, beta: number, passes: number): Subject => ({
  ...of,
  config: Object.freeze({ ...of.config, beta, passes }),
})

/** The mean size of the error of the input, pass after pass, in frame FRAMES of a letter. */
const settling = ({ config, snapshot }: Subject, source: Source, seed: number): readonly number[] => {
  const inputs = Array.from({ length: FRAMES }, (_, step) => momentAt(source, { sequence: 0, step }, seed))
  const from = flatten(initialState(config, 1), snapshot)
  const { trace } = runScenario({ config, from, inputs, train: false }).steps.at(-1)!
  return Array.from({ length: config.passes }, (_, k) => mean(Array.from(trace.get(`C1.e_0^${k + 1}`)!.data, Math.abs)))
}

const judged = async (network: Subject, seed: number): Promise<Findings> => {
  const setup = setupFor('bounce', { seed })
  const sources = [...LETTERS].map((letter) => letterSource(letter, setup))
  const sequences = sources.flatMap((source) => Array.from({ length: OF_EACH }, (_, i) => wholeSequence(source, i, seed)))
  const on = (await frozenLosses(withBeta(network, BETA, 1), sequences)).slice(1)
  const off = (await frozenLosses(withBeta(network, 0, 1), sequences)).slice(1)
  const average = (beta: number): readonly number[] => {
    const all = sources.map((source) => settling(withBeta(network, beta, PASSES), source, seed))
    return all[0]!.map((_, k) => mean(all.map((one) => one[k]!)))
  }
  const [settled, still] = [average(BETA), average(0)]
  const less = 1 - settled.at(-1)! / settled[0]!
  return {
    charts: [
      {
        title: 'Within one frame: the error of the input, pass after pass',
        x: 'passes of the settling',
        y: 'mean |e\u2080|',
        series: [series(`beta = ${BETA}`, settled), series('beta = 0', still)],
      },
      {
        title: 'From frame to frame: the loss of the next one, with one pass',
        x: 'frames of a letter',
        y: 'nats a frame',
        series: [series(`beta = ${BETA}`, on), series('beta = 0', off)],
      },
    ],
    said: [
      `Letters that it has never seen, and not one weight moves. With the correction on, ${PASSES} passes take ${(100 * less).toFixed(0)} % off the error of a frame; with beta = 0 it stays where it was.`,
      `The next frame is predicted ${mean(on) < mean(off) ? 'better' : 'worse'} with it: ${shown(mean(on))} nats a frame against ${shown(mean(off))}. That is a small difference, over ${sequences.length} sequences.`,
    ],
    done: 1,
  }
}

export const adapt: Experiment = async function* (seed) {
  const setup = setupFor('bounce', { seed, beta: BETA })
  const source = sourceOf(setup)
  const network = subject('digits', configOf(setup, source.inputs), seed)
  const course = {
    sequences: SEQUENCES,
    piece: PIECE,
    part: 0.9,
    chart: { title: 'Learning digits', x: 'sequences', y: 'nats a frame' },
    name: 'digits',
  }
  yield* learning(network, source, course, seed)
  yield judged(network, seed)
}
