/** The networks that are measured, and the weights and inputs that they run on: made from fixed seeds. */

import type { Snapshot } from '../../src/engine/engine.js'
import { initialOptimizer } from '../../src/ptncn/apply.js'
import { config, type Config } from '../../src/ptncn/config.js'
import { inputOf, type Input } from '../../src/ptncn/state.js'
import { buildWeights, WEIGHT_NAMES } from '../../src/ptncn/weights.js'
import { filled, seedOf, signedUnit } from '../support/fill.js'

export interface Case {
  readonly name: string
  readonly text: string
  readonly units: readonly number[]
  readonly rows: number
  /** softmax: each row of an input is one symbol; sigmoid: each is a frame of numbers from 0 to 1 */
  readonly output: 'softmax' | 'sigmoid'
}

const SYMBOLS = 49

export const CASES: readonly Case[] = [
  { name: 'symbols-1000', text: 'n = 1000, B = 50, 49 symbols', units: [SYMBOLS, 1000, 1000], rows: 50, output: 'softmax' },
  { name: 'symbols-256', text: 'n = 256, B = 50, 49 symbols', units: [SYMBOLS, 256, 256], rows: 50, output: 'softmax' },
  { name: 'online-256', text: 'n = 256, B = 1, 49 symbols', units: [SYMBOLS, 256, 256], rows: 1, output: 'softmax' },
  { name: 'frames-1000', text: 'n = 1000, B = 50, 4096 inputs', units: [4096, 1000, 1000], rows: 50, output: 'sigmoid' },
]

/** A network ready to run: a snapshot without a state, and inputs to go through again and again. */
export interface Network {
  readonly config: Config
  readonly rows: number
  readonly oneHot: boolean
  readonly snapshot: Snapshot
  readonly inputs: readonly Input[]
}

const SEED = 20
const DIFFERENT_INPUTS = 32
/** of uniform numbers whose deviation is that of the released weights, 0.05 */
const LARGEST_WEIGHT = 0.05 * Math.sqrt(3)

export const network = ({ units, rows, output }: Pick<Case, 'units' | 'rows' | 'output'>): Network => {
  const complete = config({ units: [...units], output })
  const weights = buildWeights(complete, (l, name, r, c) =>
    filled('plain', LARGEST_WEIGHT, seedOf(SEED, 16 * l + WEIGHT_NAMES.indexOf(name)), r, c),
  )
  const make = output === 'softmax' ? symbols : frame
  const inputs = Array.from({ length: DIFFERENT_INPUTS }, (_, t) => inputOf(make(rows, units[0]!, seedOf(SEED + 1, t))))
  return {
    config: complete,
    rows,
    oneHot: output === 'softmax',
    inputs,
    snapshot: { weights, optimizer: initialOptimizer(complete) },
  }
}

const symbols = (rows: number, cols: number, seed: number): Input['x'] => {
  const data = new Float32Array(rows * cols)
  for (let i = 0; i < rows; i++) data[i * cols + Math.floor(((signedUnit(seed, i) + 1) / 2) * cols)] = 1
  return { rows, cols, data }
}

const frame = (rows: number, cols: number, seed: number): Input['x'] => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, i) => (signedUnit(seed, i) + 1) / 2),
})

/** The inputs of T steps. */
export const inputsOf = ({ inputs }: Network, steps: number): readonly Input[] =>
  Array.from({ length: steps }, (_, t) => inputs[t % inputs.length]!)
