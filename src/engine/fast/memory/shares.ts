/**
 * Who does what: the work of each phase cut into shares of equal cost, one for each worker. Pure.
 *
 * Forward, by layers: a share is a run of panels over all layers one after another, so that a layer is cut only where a
 * share ends, and the workers meet after each phase. By rows: a share is some rows of the batch, of which a worker
 * computes all from A1 to C4 without meeting anybody. Learning, a worker has whole weights, so that it needs nobody to
 * know a norm; what is left over in size is made even by cutting the fewest weights into blocks of rows.
 */

import { layerCount, type Config } from '../../../ptncn/config.js'
import type { WeightName } from '../../../ptncn/weights.js'
import { modelLayout, panelsOf, PANEL, type ModelLayout, type WeightPlace } from './layout.js'

/** Panels `from` to before `to` of a level. */
export interface Run {
  readonly level: number
  readonly from: number
  readonly to: number
}

/** Rows `from` to before `to`, in panels, of weight number `index` of ModelLayout.all. */
export interface Block {
  readonly index: number
  readonly from: number
  readonly to: number
}

/** What the workers divide between them before the updates. */
export type By = 'layers' | 'rows'

export interface Share {
  /** batch rows `[from, to)` of A1 to C4 */
  readonly rows: readonly [number, number]
  /** of the softmax and the scores, that go along a row */
  readonly scored: readonly [number, number]
  /** levels 1 .. L: A1, A2 */
  readonly advance: readonly Run[]
  /** levels 0 .. L-1: P1, C1 */
  readonly predict: readonly Run[]
  /** levels 1 .. L: C2, C3, C4 */
  readonly correct: readonly Run[]
  /** whole weights, by number; of a W the E that follows it comes along */
  readonly whole: readonly number[]
  readonly cut: readonly Block[]
  /** all weights, for the update at the end of a sequence */
  readonly closing: readonly Block[]
}

export interface Plan {
  readonly by: By
  readonly shares: readonly Share[]
  /** whether any weight is cut, so that its norm is known only after an exchange */
  readonly cuts: boolean
  /** bytes of the updates that a worker holds at once */
  readonly scratch: number
}

/** The sum of the costs is cut into equal parts; a panel belongs to the part in which its middle lies. */
export const cutPanels = (levels: readonly { level: number; panels: number; cost: number }[], workers: number): Run[][] => {
  const total = levels.reduce((sum, { panels, cost }) => sum + panels * cost, 0)
  const shares: Run[][] = Array.from({ length: workers }, () => [])
  let done = 0
  for (const { level, panels, cost } of levels) {
    let from = 0
    shares.forEach((share, w) => {
      const bound = w === workers - 1 ? panels : Math.round(((total * (w + 1)) / workers - done) / cost)
      const to = Math.max(from, Math.min(panels, bound))
      if (to > from) share.push({ level, from, to })
      from = to
    })
    done += panels * cost
  }
  return shares
}

/**
 * What the optimiser costs for a number of a weight, in batch rows of its product: some 28 bytes of memory against one
 * multiplication and one addition a row. An estimate.
 */
const OPTIMIZER_ROWS = 24

/** What f and the rest that is done element by element cost, in panels of the summed index of a product. */
const UNIT_PANELS = 18

/** Inputs of a softmax are symbols, one-hot: their products are gathered. */
const gathers = (config: Config): boolean => config.output === 'softmax'

const follows = (config: Config, name: WeightName): boolean => name === 'E' && config.errorRule === 'transposed'

const costOf = (config: Config, rows: number, { l, name, bytes }: WeightPlace): number => {
  const multiplied = l === 1 && name === 'M' && gathers(config) ? 0 : rows
  const led = name === 'W' && config.errorRule === 'transposed' ? 2 * OPTIMIZER_ROWS : OPTIMIZER_ROWS
  return bytes * (multiplied + led)
}

const CUTTABLE: readonly WeightName[] = ['M', 'V', 'U', 'E']

interface Load {
  readonly index: number
  readonly cost: number
}

/** Each item, the largest first, to the worker that has least. */
const deal = (items: readonly Load[], workers: number): { loads: number[]; whole: number[][] } => {
  const loads = new Array<number>(workers).fill(0)
  const whole: number[][] = Array.from({ length: workers }, () => [])
  for (const { index, cost } of [...items].sort((a, b) => b.cost - a.cost || a.index - b.index)) {
    const least = loads.indexOf(Math.min(...loads))
    loads[least]! += cost
    whole[least]!.push(index)
  }
  return { loads, whole }
}

/** Fills the workers up with the blocks of one weight. */
const pour = (loads: number[], mean: number, { index, cost }: Load, panels: number): (Block | undefined)[] => {
  const each = cost / panels
  let from = 0
  const last = loads.indexOf(Math.min(...loads))
  const wanted = loads.map((load, w) => (w === last ? 0 : Math.max(0, Math.round((mean - load) / each))))
  const blocks = loads.map((_, w): Block | undefined => {
    const others = wanted.slice(w + 1).reduce((sum, n) => sum + n, 0)
    const to = w === last ? Math.max(from, panels - others) : Math.min(panels, from + wanted[w]!)
    const block = { index, from, to }
    from = to
    return block.to > block.from ? block : undefined
  })
  blocks.forEach((block, w) => block && (loads[w]! += each * (block.to - block.from)))
  return blocks
}

/** Shares that differ by less than this need no further cut. */
const EVEN = 1.03

interface Learning {
  readonly whole: readonly (readonly number[])[]
  readonly cut: readonly (readonly Block[])[]
}

const shareLearning = (config: Config, model: ModelLayout, rows: number, workers: number): Learning => {
  const items = model.all
    .map((place, index) => ({ index, cost: costOf(config, rows, place), place }))
    .filter(({ place }) => !follows(config, place.name))
  const mean = items.reduce((sum, { cost }) => sum + cost, 0) / workers
  const cuttable = items.filter(({ place }) => CUTTABLE.includes(place.name)).sort((a, b) => b.cost - a.cost)
  const attempts = Array.from({ length: Math.min(workers, cuttable.length + 1) }, (_, cuts) => {
    const cutItems = cuttable.slice(0, cuts)
    const { loads, whole } = deal(
      items.filter((item) => !cutItems.includes(item)),
      workers,
    )
    const poured = cutItems.map((item) => pour(loads, mean, item, item.place.high / PANEL))
    const cut = loads.map((_, w) => poured.flatMap((blocks) => blocks[w] ?? []))
    return { whole, cut, most: Math.max(...loads) }
  })
  return (
    attempts.find(({ most }) => most <= EVEN * mean) ??
    attempts.reduce((best, attempt) => (attempt.most < best.most ? attempt : best))
  )
}

/** Panels of rows, or rows of a batch, evenly. */
const shareRows = (rows: number, workers: number, w: number): [number, number] => [
  Math.floor((rows * w) / workers),
  Math.floor((rows * (w + 1)) / workers),
]

/** The shares of `workers` workers for a batch of `rows` rows. */
export const planShares = (
  config: Config,
  rows: number,
  workers: number,
  by: By = 'layers',
  model = modelLayout(config),
): Plan => {
  const { units } = config
  const L = layerCount(config)
  const depth = (l: number): number => (l === 0 && gathers(config) ? 1 : panelsOf(units[l] ?? 0))
  const levels = (from: number, to: number, cost: (l: number) => number) =>
    Array.from({ length: to - from + 1 }, (_, i) => ({
      level: from + i,
      panels: panelsOf(units[from + i]!),
      cost: cost(from + i),
    }))
  // all panels are one share where it is the rows that are cut
  const cutters = by === 'layers' ? workers : 1
  const advance = cutPanels(
    levels(1, L, (l) => depth(l - 1) + depth(l) + (l < L ? depth(l + 1) : 0) + UNIT_PANELS),
    cutters,
  )
  const predict = cutPanels(
    levels(0, L - 1, (l) => panelsOf(units[l + 1]!) + 1),
    cutters,
  )
  const correct = cutPanels(
    levels(1, L, (l) => panelsOf(units[l - 1]!) + UNIT_PANELS),
    cutters,
  )
  const { whole, cut } = shareLearning(config, model, rows, workers)
  const closing = Array.from({ length: workers }, (_, w) =>
    model.all.flatMap(({ high }, index): Block[] => {
      const [from, to] = shareRows(Math.ceil(high / PANEL), workers, w)
      return to > from ? [{ index, from, to }] : []
    }),
  )
  const blockBytes = (blocks: readonly Block[]): number =>
    blocks.reduce((sum, { index, from, to }) => sum + (to - from) * PANEL * 32 * model.all[index]!.panels, 0)
  return {
    by,
    shares: Array.from({ length: workers }, (_, w) => ({
      advance: advance[w % cutters]!,
      predict: predict[w % cutters]!,
      correct: correct[w % cutters]!,
      rows: by === 'rows' ? shareRows(rows, workers, w) : [0, rows],
      scored: shareRows(rows, workers, w),
      whole: whole[w]!,
      cut: cut[w]!,
      closing: closing[w]!,
    })),
    cuts: cut.some((blocks) => blocks.length > 0),
    scratch: Math.max(model.largest, ...cut.map(blockBytes)),
  }
}
