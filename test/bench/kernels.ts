/** The products of the compiled kernels, by themselves. */

import { createMemory, instantiate } from '../../src/engine/fast/kernels/kernels.js'
import { widthFor } from '../../src/engine/fast/kernels/wide.js'
import { alternate, paceOf, roundsOf } from './measure.js'
import type { KernelResult } from './results.js'
import type { Run } from './sections.js'

interface MeasuredKernel {
  readonly name: string
  readonly operations: number
  readonly run: () => void
}

const PANEL = 8
const BYTES = 4

/** Batch rows and units, multiples of a panel: with those of the prototype, and the edges of small batches. */
const SIZES = [
  [48, 1008],
  [50, 1008],
  [48, 256],
  [1, 1008],
] as const

/** On one memory, for the largest of them: two signals, a weight, an update, and the lane sums of its rows. */
const measuredKernels = async (): Promise<readonly MeasuredKernel[]> => {
  const signal = BYTES * Math.max(...SIZES.map(([rows, n]) => rows * n))
  const weight = BYTES * Math.max(...SIZES.map(([, n]) => n * n))
  const lanes = 4 * BYTES * Math.max(...SIZES.map(([, n]) => n))
  const memory = createMemory(2 * signal + 2 * weight + lanes)
  new Float32Array(memory.buffer).fill(0.01)
  const { wide } = await widthFor()
  const { product, outer } = await instantiate(memory, wide)
  const [left, right, w, d, sums] = [0, signal, 2 * signal, 2 * signal + weight, 2 * (signal + weight)]
  return SIZES.flatMap(([rows, n]) => {
    const [panels, operations] = [n / PANEL, 2 * rows * n * n]
    return [
      {
        name: `product ${rows} x ${n} x ${n}`,
        operations,
        run: () => product(left, w, right, rows, rows, panels, panels, false),
      },
      { name: `update ${n} x ${rows} x ${n}`, operations, run: () => outer(left, right, d, sums, rows, panels, panels, 1, 1) },
    ]
  })
}

/** Rounds of one kernel after the other; each round runs it as often as its time asks for. */
export const runKernels = async ({ quick, onRound }: Pick<Run, 'quick' | 'onRound'>): Promise<readonly KernelResult[]> => {
  const kernels = await measuredKernels()
  const contenders = kernels.map(({ name, run }) => ({
    name,
    time: async (times: number) => {
      const begin = performance.now()
      for (let i = 0; i < times; i++) run()
      return performance.now() - begin
    },
  }))
  const results = await alternate(contenders, paceOf(quick), onRound)
  return kernels.map(({ name, operations }, i) => ({ name, operations, milliseconds: results[i]!.rounds }))
}

export const kernelRounds = ({ quick }: Pick<Run, 'quick'>): number => roundsOf(2 * SIZES.length, paceOf(quick))
