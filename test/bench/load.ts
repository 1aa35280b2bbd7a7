/** Threads under load: two workers against one thread while other programs want the cores too. */

import { spawn } from 'node:child_process'

import { parallelEngine } from '../../src/engine/fast/parallel.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import type { Engine } from '../../src/engine/engine.js'
import { inputsOf, network, type Network } from './cases.js'
import type { LoadResult } from './results.js'
import type { Run } from './sections.js'
import { median } from './statistics.js'

const UNITS = { full: [32, 256], quick: [32] } as const
const LOOPS = { full: [0, 2, 25], quick: [0, 4] } as const
const ROUNDS = { full: 3, quick: 1 } as const
/** Steps of a round, of each size: some seconds under load. */
const STEPS: Readonly<Record<number, number>> = { 32: 4000, 256: 400 }
const SYMBOLS = 49
const ROWS = 50
/** Until all loops are running. */
const SETTLED = 500

const pace = (quick: boolean): 'full' | 'quick' => (quick ? 'quick' : 'full')

/** f while so many programs do nothing but use a core. */
const beside = async <Result>(loops: number, f: () => Promise<Result>): Promise<Result> => {
  const children = Array.from({ length: loops }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
  await new Promise((resolve) => setTimeout(resolve, SETTLED))
  try {
    return await f()
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

const secondsOf = async (engine: Engine, of: Network, steps: number): Promise<number> => {
  const begin = performance.now()
  await engine.train(of.snapshot, [{ inputs: inputsOf(of, steps) }])
  return (performance.now() - begin) / 1000
}

const runOne = async (n: number, loops: number, rounds: number): Promise<LoadResult> => {
  const of = network({ units: [SYMBOLS, n, n], rows: ROWS, output: 'softmax' })
  const engines = [wasmEngine(of.config), parallelEngine(of.config, { workers: 2 })] as const
  const seconds: [number[], number[]] = [[], []]
  try {
    await beside(loops, async () => {
      for (let round = 0; round < rounds; round++)
        for (const [i, engine] of engines.entries()) seconds[i]!.push(await secondsOf(engine, of, STEPS[n]!))
    })
  } finally {
    for (const engine of engines) await engine.dispose()
  }
  return { text: `n = ${n}, ${loops} busy loops beside it`, one: median(seconds[0]), two: median(seconds[1]) }
}

export const runLoad = async ({ quick, onRound }: Pick<Run, 'quick' | 'onRound'>): Promise<readonly LoadResult[]> => {
  const results: LoadResult[] = []
  for (const n of UNITS[pace(quick)])
    for (const loops of LOOPS[pace(quick)]) {
      results.push(await runOne(n, loops, ROUNDS[pace(quick)]))
      onRound(results.at(-1)!.text)
    }
  return results
}

export const loadRounds = ({ quick }: Pick<Run, 'quick'>): number => UNITS[pace(quick)].length * LOOPS[pace(quick)].length
