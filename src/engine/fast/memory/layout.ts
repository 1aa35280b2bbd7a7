/**
 * Where everything lies in the memory of an engine: pure functions of the configuration, the rows and the workers.
 *
 * Matrices lie in panels of eight columns, all rows of a panel one after another; the rows of weights are filled up
 * with +0 to a multiple of eight. Addresses are in bytes.
 */

import { layerCount, type Config } from '../../../ptncn/config.js'
import { momentsOf } from '../../../ptncn/optimizers.js'
import { isBias, weightShapes, type WeightName } from '../../../ptncn/weights.js'

/** Columns of a panel. */
export const PANEL = 8
/** Bytes of a row of a panel. */
export const ROW = 32
const FLOAT = 4
/** The kernels keep nothing of their own in memory; address 0 stays free, as it means "none" to them. */
const START = 1024

export const panelsOf = (n: number): number => Math.ceil(n / PANEL)

/** A weight, and what belongs to it, all in the same shape. */
export interface WeightPlace {
  readonly l: number
  readonly name: WeightName
  readonly rows: number
  readonly cols: number
  /** rows with those that fill up */
  readonly high: number
  /** panels of columns */
  readonly panels: number
  readonly bytes: number
  readonly weight: number
  /** 0 where the optimiser keeps none, or `update` is `step` */
  readonly first: number
  readonly second: number
  readonly sum: number
}

export interface ModelLayout {
  /** element l - 1 belongs to layer l */
  readonly layers: readonly Readonly<Partial<Record<WeightName, WeightPlace>>>[]
  readonly all: readonly WeightPlace[]
  /** bytes of the largest weight, and its most rows or columns */
  readonly largest: number
  readonly longest: number
  readonly end: number
}

/** A counter of addresses: each call returns where `bytes` begin, on a line of the cache. */
const allocator = (start: number): { take: (bytes: number) => number; end: () => number } => {
  let at = start
  return {
    take: (bytes) => {
      const here = at
      at += Math.ceil(bytes / 64) * 64
      return here
    },
    end: () => at,
  }
}

/** Where the weights and their moments lie. */
export const modelLayout = (config: Config): ModelLayout => {
  const { take, end } = allocator(START)
  const keeps = momentsOf(config)
  const layers = Array.from(
    { length: layerCount(config) },
    (_, i) =>
      Object.fromEntries(
        weightShapes(config, i + 1).map(([name, rows, cols]): [WeightName, WeightPlace] => {
          const high = isBias(name) ? rows : panelsOf(rows) * PANEL
          const bytes = panelsOf(cols) * high * ROW
          const takeIf = (wanted: boolean): number => (wanted ? take(bytes) : 0)
          return [
            name,
            {
              l: i + 1,
              name,
              rows,
              cols,
              high,
              panels: panelsOf(cols),
              bytes,
              weight: take(bytes),
              first: takeIf(keeps.includes('first')),
              second: takeIf(keeps.includes('second')),
              sum: takeIf(config.update === 'sequence'),
            },
          ]
        }),
      ) as Partial<Record<WeightName, WeightPlace>>,
  )
  const all = layers.flatMap((layer) => Object.values(layer))
  return {
    layers,
    all,
    end: end(),
    largest: Math.max(...all.map(({ bytes }) => bytes)),
    longest: Math.max(...all.map(({ high, panels }) => Math.max(high, panels * PANEL))),
  }
}

/** One step's input and what is measured of it. */
export interface SlotPlace {
  readonly x: number
  readonly mask: number
  /** p_0 of pass 1 */
  readonly p: number
  /** see assembly/sparse.ts */
  readonly index: number
  /** a number for each row */
  readonly losses: number
  readonly correct: number
}

/** What belongs to one worker alone. */
export interface WorkerPlace {
  /** the update of one weight */
  readonly scratch: number
  /** 16 bytes for each row of a weight */
  readonly lanes: number
  /** a number for each row of a weight, or of its transpose */
  readonly sums: number
  /** a panel of a weight, or of its transpose */
  readonly room: number
}

/** Where the signals lie. Element l of a list belongs to level l; what a level has not is 0. */
export interface SignalLayout {
  readonly rows: number
  readonly a: readonly number[]
  /** by turn: a step writes one and reads the other as [t-1] */
  readonly y: readonly (readonly number[])[]
  readonly z: readonly (readonly number[])[]
  readonly d: readonly (readonly number[])[]
  readonly p: readonly number[]
  /** of pass 1, and of the later ones */
  readonly e: readonly (readonly number[])[]
  readonly laterP: number
  /** h_l, at first its product alone */
  readonly h: readonly number[]
  /** d_l - d_l[t-1] of the temporal rule */
  readonly turned: readonly number[]
  /** two banks one after another, as the inputs of a job are written while another is done; see bankOf */
  readonly slots: readonly SlotPlace[]
  /** where an input lies row by row before it is packed */
  readonly staging: number
  readonly workers: readonly WorkerPlace[]
  /** the row sums of each weight that is cut, by its place in ModelLayout.all */
  readonly cutSums: readonly number[]
  readonly end: number
}

/** Bytes of inputs and predictions that are handed over at once, where one step does not take more. */
const HANDED_OVER = 2 ** 23
const MOST_SLOTS = 64

const slotBytes = (n0: number, rows: number): number => 3 * panelsOf(n0) * ROW * rows

/** How many steps are handed over at once. */
export const slotCount = (config: Config, rows: number): number =>
  Math.max(1, Math.min(MOST_SLOTS, Math.floor(HANDED_OVER / slotBytes(config.units[0]!, rows))))

/** The first slot of a bank, which is that of the step before the first; those of a job's steps follow. */
export const bankOf = ({ slots }: SignalLayout, bank: 0 | 1): number => (bank * slots.length) / 2

/** Where the signals of `rows` rows lie, after the model. */
export const signalLayout = (
  config: Config,
  model: ModelLayout,
  rows: number,
  workers: number,
  scratch: number,
): SignalLayout => {
  const { take, end } = allocator(model.end)
  const [L, n0] = [layerCount(config), config.units[0]!]
  const bytesOf = (l: number): number => panelsOf(config.units[l]!) * ROW * rows
  const levels = (from: number, to: number, wanted = true): number[] =>
    config.units.map((_, l) => (wanted && l >= from && l <= to ? take(bytesOf(l)) : 0))
  const twice = (make: () => number[]): number[][] => [make(), make()]
  const hidden = (wanted = true): number[] => levels(1, L, wanted)
  const widest = Math.max(...config.units.map((_, l) => bytesOf(l)))
  const indexBytes = FLOAT * (3 + rows + panelsOf(n0) * PANEL + (rows * panelsOf(n0) * PANEL) / 2)
  const slot = (): SlotPlace => ({
    x: take(bytesOf(0)),
    mask: take(rows * FLOAT),
    p: take(bytesOf(0)),
    index: take(indexBytes),
    losses: take(rows * FLOAT),
    correct: take(rows * FLOAT),
  })
  const worker = (): WorkerPlace => ({
    scratch: take(Math.max(scratch, widest)),
    lanes: take(16 * model.longest),
    sums: take(FLOAT * model.longest),
    room: take(ROW * model.longest),
  })
  const later = config.passes > 1
  return {
    rows,
    a: hidden(),
    y: twice(hidden),
    z: twice(hidden),
    d: twice(hidden),
    p: levels(1, L - 1),
    e: [levels(0, L - 1), levels(0, L - 1, later)],
    laterP: later ? take(bytesOf(0)) : 0,
    h: hidden(),
    turned: hidden(config.errorRule === 'temporal'),
    slots: Array.from({ length: 2 * (slotCount(config, rows) + 1) }, slot),
    staging: take(FLOAT * rows * n0),
    workers: Array.from({ length: workers }, worker),
    cutSums: model.all.map(({ high }) => (workers > 1 ? take(FLOAT * high) : 0)),
    end: end(),
  }
}
