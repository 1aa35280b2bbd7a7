/** How long a line of a stream takes: each step by itself, on the way that `ptncn stream` takes. */

import { setImmediate as turn } from 'node:timers/promises'

import { streamOf } from '../../src/experiment/stream.js'
import { inputsOf, network } from './cases.js'
import { WASM } from './engines.js'
import type { LatencyResult } from './results.js'
import type { Run } from './sections.js'

const SYMBOLS = 49
const UNITS = { full: [32, 256, 1000], quick: [32] } as const
const LINES = { full: 1000, quick: 100 } as const
/** Of the first lines, in which memory is made and code compiled. */
const WARM_UP = 50
/** Lines between two reports of progress. */
const REPORTED = 50

const pace = (quick: boolean): 'full' | 'quick' => (quick ? 'quick' : 'full')
const linesOf = (quick: boolean): number => WARM_UP + LINES[pace(quick)]

const latencyOf = async (n: number, learning: boolean, { quick, onRound }: Pick<Run, 'quick' | 'onRound'>) => {
  const of = network({ units: [SYMBOLS, n, n], rows: 1, output: 'softmax' })
  const engine = WASM.make(of.config)
  const text = `n = ${n}, ${learning ? 'learning' : 'frozen'}`
  const stream = streamOf(engine, of.snapshot, { seed: 0, sequences: 0, steps: 0 }, learning)
  const microseconds: number[] = []
  try {
    for (const [i, { x }] of inputsOf(of, linesOf(quick)).entries()) {
      const begin = performance.now()
      await stream.see(x)
      const taken = 1000 * (performance.now() - begin)
      if (i >= WARM_UP) microseconds.push(taken)
      if ((i + 1) % REPORTED === 0) onRound(text)
      // as the command does, which hears signals there
      await turn()
    }
    return { text, microseconds }
  } finally {
    await engine.dispose()
  }
}

/** Two layers, with learning and with frozen weights. */
export const runStream = async (run: Pick<Run, 'quick' | 'onRound'>): Promise<readonly LatencyResult[]> => {
  const results: LatencyResult[] = []
  for (const n of UNITS[pace(run.quick)]) for (const learning of [true, false]) results.push(await latencyOf(n, learning, run))
  return results
}

export const streamRounds = ({ quick }: Pick<Run, 'quick'>): number =>
  2 * UNITS[pace(quick)].length * Math.floor(linesOf(quick) / REPORTED)
