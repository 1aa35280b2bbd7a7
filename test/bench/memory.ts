/** What is held after many steps of one sequence: as much as after few. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { inputsOf, network } from './cases.js'
import { OURS } from './engines.js'

import type { MemoryUse } from './results.js'
import type { Run } from './sections.js'

const STEPS: Readonly<Record<'full' | 'quick', readonly [number, number]>> = { full: [1e3, 1e6], quick: [1e3, 1e4] }
/** Steps of one call: the sequence goes on from call to call. */
const PIECE = 1000

const stepsOf = (quick: boolean): readonly [number, number] => STEPS[quick ? 'quick' : 'full']

export const runMemory = async ({ quick, onRound }: Pick<Run, 'quick' | 'onRound'>): Promise<readonly MemoryUse[]> => {
  const of = network({ units: [8, 16, 16], rows: 1, output: 'softmax' })
  const engine = OURS.make(of.config)
  const inputs = inputsOf(of, PIECE)
  const uses: MemoryUse[] = []
  try {
    let snapshot = of.snapshot
    for (let steps = PIECE; steps <= stepsOf(quick)[1]; steps += PIECE) {
      snapshot = (await engine.train(snapshot, [{ inputs, open: true, continues: steps > PIECE }])).snapshot
      onRound(`${steps} steps`)
      if (stepsOf(quick).includes(steps)) uses.push({ steps, bytes: bytesInUse() })
    }
    return uses
  } finally {
    await engine.dispose()
  }
}

export const memoryRounds = ({ quick }: Pick<Run, 'quick'>): number => stepsOf(quick)[1] / PIECE

/** Heap and array buffers after a collection; twice, as what the first frees may have held something. */
const bytesInUse = (): number => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
