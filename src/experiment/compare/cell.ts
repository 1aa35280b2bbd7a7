/** One cell of a grid: a training and its scores, the same bits whenever and wherever it runs. No files, no terminal. */

import { STREAM, type Mark, type Task } from '../../data/task.js'
import type { Engine, Learner } from '../../engine/engine.js'
import { PtncnError } from '../../errors.js'
import type { Film } from '../../io/film.js'
import type { Matrix } from '../../numeric/matrix.js'
import { keyOf, split } from '../../numeric/random.js'
import type { Config } from '../../ptncn/config.js'
import { filmOf } from '../generate.js'
import { hasLetters } from '../datasets.js'
import { trainToEnd, type Conduct } from '../study/conduct.js'
import type { Open } from '../study/data.js'
import { scorePart, type CurvePoint, type TrainSettings } from '../train.js'
import type { Cell, Grid } from './grid.js'
import { longDependencies, type AtDistance } from './long.js'
import { layersOf, methodOf, weightsOf, type Ends, type Entrant, type Settings } from './methods.js'

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

const NO_COST: CellCost = { seconds: 0, steps: 0, curve: [] }

const MOST_UNITS = 2 ** 14

const untrainedOf = ({ untrained }: Entrant, seed: number): unknown => untrained(split(keyOf(seed), STREAM.weights))

/** The number of units that makes a network's weights as many as those of P-TNCN of the grid, or nearest to it. */
const equalUnits = async (
  { units, contenders }: Grid,
  { contender, task }: Cell,
  ends: Ends,
  settings: Settings,
): Promise<number> => {
  const count = async (method: string, variant: string, n: number, own: Settings): Promise<number> => {
    const entrant = await methodOf(method).make(ends, n, variant, own)
    const weights = weightsOf(untrainedOf(entrant, 0))
    await disposeOf(entrant)
    return weights
  }
  const reference = contenders.find(({ method, tasks }) => method === 'ptncn' && tasks.includes(task.label))
  const wanted = await count('ptncn', 'tanh', units, reference?.trials[0] ?? {})
  // of so few units that a reservoir of them has no cycle there is no network
  const own = (n: number): Promise<number> =>
    count(contender.method, contender.variant, n, settings).catch((error: unknown) => {
      if (error instanceof PtncnError) return 0
      throw error
    })
  let [low, high] = [1, 2]
  while (high < MOST_UNITS && (await own(high)) < wanted) [low, high] = [high, 2 * high]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((await own(middle)) < wanted) low = middle
    else high = middle
  }
  return wanted - (await own(low)) <= (await own(high)) - wanted ? low : high
}

const disposeOf = async ({ learner, uncorrected }: Entrant): Promise<void> => {
  await learner.dispose()
  await uncorrected?.dispose()
}

/** The learner with its training timed; what it costs goes on from `cost`. */
const timed = (
  learner: Learner<unknown>,
  now: () => number,
  begun: CellCost,
): { readonly learner: Learner<unknown>; readonly cost: () => CellCost; readonly point: (sequences: number) => void } => {
  let cost = begun
  return {
    cost: () => cost,
    point: (sequences) => (cost = { ...cost, curve: [...cost.curve, { sequences, seconds: cost.seconds }] }),
    learner: {
      ...learner,
      train: async (from, sequences, options) => {
        const begin = now()
        const outcome = await learner.train(from, sequences, options)
        const steps = sequences.reduce((sum, { inputs }) => sum + inputs.length, 0)
        cost = { ...cost, seconds: cost.seconds + now() - begin, steps: cost.steps + steps }
        return outcome
      },
    },
  }
}

const isDivergence = (error: unknown): boolean =>
  error instanceof PtncnError && (error.name === 'DivergenceError' || error.name === 'NonFiniteError')

const GREYS = 255

/** A frame, one byte a pixel. */
const grey = ({ cols, data }: Matrix): string =>
  Buffer.from(Array.from({ length: cols }, (_, j) => Math.round(GREYS * Math.min(1, Math.max(0, data[j]!))))).toString('base64')

const greys = ({ truth, prediction }: Film, side: number) => ({ side, truth: truth.map(grey), prediction: prediction.map(grey) })

/** The letters that a network of digits is scored on, where there are some on the same paths: opened before it trains. */
const lettersOf = async ({ stage, task: { label, options } }: Cell, open: Open): Promise<Task | undefined> => {
  if (stage === 'search' || options.task !== 'bouncing-mnist' || !hasLetters(options.data)) return undefined
  return open(`${label}-letters`, { ...options, task: 'bouncing-notmnist' })
}

const glyphsOf = async (
  glyphs: Task,
  { learner, uncorrected }: Entrant,
  model: unknown,
): Promise<NonNullable<CellResult['glyphs']>> => ({
  test: await scorePart(learner, glyphs, model, 'test'),
  ...(uncorrected && { uncorrected: await scorePart(uncorrected, glyphs, model, 'test') }),
  marks: glyphs.marks('test'),
})

interface Scored {
  readonly task: Task
  readonly letters: Task | undefined
}

/** All that is scored with frozen weights. */
const scoresOf = async (grid: Grid, cell: Cell, { task, letters }: Scored, entrant: Entrant, model: unknown) => {
  const { learner, uncorrected } = entrant
  const validation = await scorePart(learner, task, model, 'validation')
  const test = await scorePart(learner, task, model, 'test')
  // a search needs nothing to choose by but the validation
  if (cell.stage === 'search') return { validation, test }
  const { task: kind } = cell.task.options
  return {
    validation,
    test,
    ...(uncorrected && { uncorrected: await scorePart(uncorrected, task, model, 'test') }),
    ...(letters && { glyphs: await glyphsOf(letters, entrant, model) }),
    ...(kind === 'reber' && { repeated: await longDependencies(task, learner, model) }),
    ...(task.frame !== undefined &&
      cell.seed === grid.finalSeeds[0] && { film: greys(await filmOf(task, learner, model), task.frame.cols) }),
  }
}

const keptOf = (task: Task, method: string, units: number, settings: Settings): number => {
  const [sequence] = task.held('test')
  return methodOf(method).kept({ inputs: task.inputs, units, steps: sequence!.inputs.length }, settings)
}

const trainingOf = ({ stage, seed, task }: Cell): TrainSettings => ({
  seed,
  batch: task.options.batch,
  sequences: stage === 'search' ? task.searchSequences : task.sequences,
})

/**
 * Trains and scores, or stops on the way with nothing; letters are scored where the user's data have some. A divergence is a result like any other. The engines of P-TNCN have
 * one thread each unless `engineOf` makes others.
 * @throws UsageError, ConfigError where a setting is none
 */
export const runCell = async (
  grid: Grid,
  cell: Cell,
  settings: Settings,
  open: Open,
  conduct: Conduct,
  engineOf?: (config: Config) => Engine,
): Promise<{ readonly result: CellResult; readonly cost: CellCost } | undefined> => {
  const {
    contender: { method, variant },
    size,
    stage,
    seed,
    name,
  } = cell
  const task = await open(cell.task.label, cell.task.options)
  const scored: Scored = { task, letters: await lettersOf(cell, open) }
  const units = size === 'units' ? grid.units : await equalUnits(grid, cell, task, settings)
  const entrant = await methodOf(method).make(task, units, variant, settings, engineOf)
  try {
    const untrained = untrainedOf(entrant, seed)
    const training = trainingOf(cell)
    const trained = await train(task, training, entrant, untrained, conduct)
    if (!trained) return undefined
    const { model, curve, cost } = trained
    const end = await scoresOf(grid, cell, scored, entrant, model ?? untrained).catch(async (error: unknown) => {
      if (!isDivergence(error)) throw error
      await conduct.diverged(error)
      return { ...(await scoresOf(grid, cell, scored, entrant, untrained)), late: true }
    })
    const { late = false, ...scores } = end as typeof end & { readonly late?: boolean }
    const { data: _, ...options } = cell.task.options
    const result: CellResult = {
      name,
      stage,
      method,
      variant,
      size,
      seed,
      task: { label: cell.task.label, ...options },
      title: task.title,
      unit: task.unit,
      sequences: training.sequences,
      units: layersOf(settings) ?? units,
      settings,
      weights: weightsOf(untrained),
      kept: keptOf(task, method, units, settings),
      curve,
      diverged: model === undefined || late,
      ...scores,
      marks: task.marks('test'),
    }
    return { result, cost }
  } finally {
    await disposeOf(entrant)
  }
}

/** To the end or, without a model, to where it diverged; nothing where it was stopped. */
const train = async (
  task: Task,
  settings: TrainSettings,
  entrant: Entrant,
  untrained: unknown,
  conduct: Conduct,
): Promise<{ readonly model: unknown; readonly curve: readonly CurvePoint[]; readonly cost: CellCost } | undefined> => {
  const before = conduct.before(untrained)
  const { learner, cost, point } = timed(entrant.learner, conduct.now, (before?.about['cost'] ?? NO_COST) as CellCost)
  const curve = [...(before?.standing.curve ?? [])]
  const onPoint = (added: CurvePoint): void => {
    curve.push(added)
    point(added.sequences)
  }
  const from = before?.standing ?? (() => untrained)
  try {
    const standing = await trainToEnd({ task, settings, learner, from, about: () => ({ cost: cost() }), onPoint }, conduct)
    return standing && { model: standing.snapshot, curve, cost: cost() }
  } catch (error) {
    if (!isDivergence(error)) throw error
    await conduct.diverged(error)
    return { model: undefined, curve, cost: cost() }
  }
}
