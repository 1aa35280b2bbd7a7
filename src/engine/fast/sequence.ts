/** One sequence of a run: pieces of it are jobs, one after another, and what they leave behind is read. */

import type { Matrix } from '../../numeric/matrix.js'
import type { OptimizerState } from '../../ptncn/apply.js'
import type { Config } from '../../ptncn/config.js'
import { sumScores, type Score } from '../../ptncn/scores.js'
import type { Input, State } from '../../ptncn/state.js'
import type { Weights } from '../../ptncn/weights.js'
import type { Measurement, RunOptions, Sequence } from '../engine.js'
import { bankOf, slotCount, type SignalLayout } from './memory/layout.js'
import type { Kernels, SharedMemory } from './kernels/kernels.js'
import type { Ended, Job } from './step/job.js'
import { clear, read, write, type Store } from './memory/transfer.js'
import { endsOf, nextEnd, rowsFrom, rowsOf as pickRows, stateOf as stateRows } from './memory/ended.js'

/** Who computes: all workers together do a job, on the memory of the session. */
export interface Backend {
  readonly workers: number
  /** where what they do takes too long for what it is, they may end before the last step */
  readonly run: (job: Job, memory: SharedMemory, kernels: Kernels) => Ended | Promise<Ended>
  /** the steps that a job of so many rows may have at most; nothing where it may have any number */
  readonly longest?: (rows: number, learning: boolean) => number
}

/** What stands in memory of the model, as values where they are known. */
export interface Held {
  weights: Weights | undefined
  optimizer: OptimizerState | undefined
  power1: number
  power2: number
  summed: boolean
  /** whether rows that have ended may be left out, see memory/ended.ts; jobs see to it that it stays so */
  readonly small: boolean
}

/** Where the signals of so many rows lie. */
export interface Rows {
  readonly layout: SignalLayout
  readonly store: Store
}

/** All that the jobs of one run share. */
interface Run {
  readonly config: Config
  readonly backend: Backend
  readonly memory: SharedMemory
  readonly rowsOf: (rows: number) => Rows
  readonly held: Held
  readonly options: RunOptions
  readonly learning: boolean
}

/** Where a sequence is: the rows that are computed, by their numbers in the batch, and where they lie. */
interface Place {
  readonly numbers: readonly number[]
  readonly rows: Rows
  readonly turn: 0 | 1
  /** that has the inputs of the next job, where they have been written already */
  readonly bank: 0 | 1
}

/** Steps of a sequence that are one job: from `from` on, as many as there are slots, and rows that do not end. */
interface Piece {
  readonly from: number
  readonly inputs: readonly Input[]
}

const pieceAt = (run: Run, inputs: readonly Input[], ends: readonly number[], place: Place, from: number): Piece => {
  const { config, backend, learning } = run
  const { numbers, rows } = place
  const most = backend.longest?.(rows.layout.rows, learning) ?? Infinity
  const until = Math.min(from + Math.min(most, slotCount(config, rows.layout.rows)), nextEnd(ends, from, numbers))
  const pick = ({ x, mask }: Input): Input => ({ x: pickRows(x, numbers), mask: pickRows(mask, numbers) })
  return { from, inputs: inputs.slice(from, until).map(pick) }
}

/** The inputs of a piece into a bank, and the one before them, which is in the state where there is none. */
const writePiece = ({ config }: Run, inputs: readonly Input[], { numbers, rows }: Place, piece: Piece, bank: 0 | 1): void => {
  const first = bankOf(rows.layout, bank)
  const before = inputs[piece.from - 1]
  if (before) writeInput(config, rows, { x: pickRows(before.x, numbers), mask: pickRows(before.mask, numbers) }, first)
  piece.inputs.forEach((input, i) => writeInput(config, rows, input, first + i + 1))
}

/** Where a sequence has come to, or the step at which it stopped being finite. */
export type Ran = { readonly state: State | undefined; readonly measurement: Measurement } | { readonly diverged: number }

export const runSequence = async (run: Run, sequence: Sequence, from: State | undefined): Promise<Ran> => {
  const { config, held, options, learning } = run
  const { inputs, continues, open } = sequence
  const batch = inputs[0]!.x.rows
  const key = continues ? from!.key : (sequence.key ?? [0, 0])
  const begin = continues ? from!.t : 0
  const leavesOut = held.small && !open && !options.predictions
  const ends = leavesOut ? endsOf(inputs) : new Array<number>(batch).fill(inputs.length)
  const scores: Score[] = []
  const predictions: Matrix[] = []
  const all = Array.from({ length: batch }, (_, row) => row)
  let place = placeOf(run, all, continues ? from : undefined)
  let written: Piece | undefined
  for (let done = 0; done < inputs.length;) {
    const numbers = rowsFrom(ends, done, place.numbers)
    if (numbers !== place.numbers) place = withoutEnded(run, place, numbers, begin + done, inputs[done - 1]?.x, key)
    const { rows, turn, bank } = place
    const piece = written?.from === done ? written : pieceAt(run, inputs, ends, place, done)
    if (piece !== written) writePiece(run, inputs, place, piece, bank)
    const { summed, power1, power2 } = held
    const end = done + piece.inputs.length
    const job: Job = {
      rows: rows.layout.rows,
      batch,
      small: held.small,
      steps: piece.inputs.length,
      slot: bankOf(rows.layout, bank),
      turn,
      t: begin + done,
      key,
      learning,
      summed,
      power1,
      power2,
      closes: learning && end === inputs.length && !open,
    }
    const running = run.backend.run(job, run.memory, rows.store.kernels)
    // while others compute, this thread writes what comes next, where that lies in the same place
    written = undefined
    if (end < inputs.length && rowsFrom(ends, end, numbers) === numbers) {
      written = pieceAt(run, inputs, ends, place, end)
      writePiece(run, inputs, place, written, (1 - bank) as 0 | 1)
    }
    const ended = await running
    if (ended.failed !== undefined) return { diverged: done + ended.failed }
    note(held, job, ended, config)
    let broken: number | undefined
    piece.inputs.slice(0, ended.done).forEach((input, i) => {
      const slot = job.slot + i + 1
      if (job.t + i >= config.learnFrom) scores.push(readScore(config, rows, input, slot))
      if (!Number.isFinite(scores.at(-1)?.loss ?? 0)) broken ??= done + i
      if (options.predictions) predictions.push(read(rows.store, rows.layout.slots[slot]!.p, batch, config.units[0]!))
    })
    if (broken !== undefined) return { diverged: broken }
    done += ended.done
    place = { numbers, rows, bank: (1 - bank) as 0 | 1, turn: ((turn + ended.done) % 2) as 0 | 1 }
  }
  return {
    state: open ? readState(config, place, begin + inputs.length, inputs.at(-1)!.x, key) : undefined,
    measurement: { ...sumScores(config, scores), ...(options.predictions && { predictions }) },
  }
}

/** A sequence begins or goes on with all rows. */
const placeOf = ({ config, rowsOf }: Run, numbers: readonly number[], state: State | undefined): Place => {
  const rows = rowsOf(numbers.length)
  writeState(config, rows, state)
  return { numbers, rows, turn: 1, bank: 0 }
}

/** The same with fewer rows: they lie elsewhere. `x` is the input before, none where the sequence begins. */
const withoutEnded = (
  run: Run,
  place: Place,
  numbers: readonly number[],
  t: number,
  x: Matrix | undefined,
  key: State['key'],
): Place => {
  const { layout, store } = place.rows
  const before = x ? pickRows(x, place.numbers) : read(store, layout.slots[0]!.x, layout.rows, run.config.units[0]!)
  const still = numbers.map((number) => place.numbers.indexOf(number))
  return placeOf(run, numbers, stateRows(readState(run.config, place, t, before, key), still))
}

/** After a job: what is in memory is no longer the values from which it came, where something has learned. */
const note = (held: Held, { t, learning, summed }: Job, ended: Ended, { learnFrom }: Config): void => {
  if (!learning || (t + ended.done <= learnFrom && summed === ended.summed)) return
  Object.assign(held, { weights: undefined, optimizer: undefined })
  Object.assign(held, { power1: ended.power1, power2: ended.power2, summed: ended.summed })
}

/** The state as the step before the first: turn 0, slot 0. */
const writeState = ({ units }: Config, { layout, store }: Rows, state: State | undefined): void => {
  for (const name of ['y', 'z', 'd'] as const) {
    units.slice(1).forEach((n, i) => {
      const to = layout[name][0]![i + 1]!
      if (state) write(store, state[name][i]!, to)
      else clear(store.floats, to, layout.rows, n)
    })
  }
  const { x } = layout.slots[0]!
  if (state) write(store, state.x, x)
  else clear(store.floats, x, layout.rows, units[0]!)
  indexInput(units[0]!, layout, store, 0)
}

const indexInput = (n0: number, { slots, rows }: SignalLayout, { kernels }: Store, slot: number): void =>
  kernels.makeIndex(slots[slot]!.x, slots[slot]!.index, rows, Math.ceil(n0 / 8))

const writeInput = ({ units }: Config, { layout, store }: Rows, { x, mask }: Input, slot: number): void => {
  const place = layout.slots[slot]!
  // not where a worker computes
  write({ ...store, staging: layout.staging }, x, place.x)
  for (let i = 0; i < layout.rows; i++) store.floats[place.mask / 4 + i] = mask.data[i]!
  indexInput(units[0]!, layout, store, slot)
}

/** The state after the last step that was done. */
const readState = (
  { units }: Config,
  { rows: { layout, store }, turn }: Place,
  t: number,
  x: Matrix,
  key: State['key'],
): State => {
  const last = (1 - turn) as 0 | 1
  const layersOf = (name: 'y' | 'z' | 'd'): Matrix[] =>
    units.slice(1).map((n, i) => read(store, layout[name][last]![i + 1]!, layout.rows, n))
  return { t, x, y: layersOf('y'), z: layersOf('z'), d: layersOf('d'), key }
}

/** The losses of the active rows, added up from +0 in ascending order. [S5] */
const readScore = ({ output }: Config, { layout, store: { floats } }: Rows, { mask }: Input, slot: number): Score => {
  const { losses, correct } = layout.slots[slot]!
  let [loss, count, right] = [0, 0, 0]
  for (let i = 0; i < layout.rows; i++) {
    if (mask.data[i] !== 1) continue
    loss = Math.fround(loss + floats[losses / 4 + i]!)
    count++
    right += floats[correct / 4 + i]!
  }
  return output === 'softmax' ? { loss, count, correct: right } : { loss, count }
}
