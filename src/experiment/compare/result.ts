/** What a cell leaves, and what it cost. */

import type { Mark, Task } from '../../data/task.js'
import type { CurvePoint } from '../train.js'
import type { Cell } from './grid.js'
import type { AtDistance } from './long.js'
import type { Settings } from './methods.js'

/** What a cell leaves; scores in the unit of the task. */
export interface CellResult {
  readonly name: string
  readonly stage: Cell['stage']
  readonly method: string
  readonly variant: string
  readonly size: Cell['size']
  readonly seed: number
  readonly task: Readonly<Record<string, unknown>>
  readonly title: string
  readonly unit: Task['unit']
  readonly sequences: number
  /** of each layer, where they are not the same */
  readonly units: number | readonly number[]
  readonly settings: Settings
  /** all numbers that make the network */
  readonly weights: number
  /** numbers that learning keeps of each row beside them and their moments, for sequences as long as the first test batch */
  readonly kept: number
  readonly curve: readonly CurvePoint[]
  /** its numbers ceased to be finite; its scores are those of the untrained network */
  readonly diverged: boolean
  readonly validation: number
  readonly test: number
  readonly marks: readonly Mark[]
  /** the test score with the correction of states switched off */
  readonly uncorrected?: number
  /** of bouncing digits: the scores of letters that the network never saw, its weights frozen */
  readonly glyphs?: { readonly test: number; readonly uncorrected?: number; readonly marks: readonly Mark[] }
  /** where tasks followed: the score on each after each, and first untrained; `test` is then the mean of the last row */
  readonly retained?: readonly (readonly number[])[]
  /** the same scores of the same networks with the correction of states switched off */
  readonly retainedUncorrected?: readonly (readonly number[])[]
  /** of the embedded Reber grammar */
  readonly repeated?: readonly AtDistance[]
  /** the first test sequence and what was predicted, of the first seed */
  readonly film?: {
    /** pixels of a row */ readonly side: number
    readonly truth: readonly string[]
    readonly prediction: readonly string[]
  }
}

/** What a cell cost. Times are of training alone: neither scores nor files. */
export interface CellCost {
  readonly seconds: number
  readonly steps: number
  readonly curve: readonly { readonly sequences: number; readonly seconds: number }[]
}
