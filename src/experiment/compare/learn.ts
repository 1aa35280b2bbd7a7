/** What a cell learns, and how it is scored: one task, or one after another. No files, no terminal. */

import type { Learner } from '../../engine/engine.js'
import { PtncnError } from '../../errors.js'
import type { Film } from '../../io/film.js'
import type { Matrix } from '../../numeric/matrix.js'
import { continual, measuresOf, requireComparable, stageSeed, type ScoreMatrix } from '../continual.js'
import { filmOf } from '../generate.js'
import { hasLetters } from '../datasets.js'
import { trainToEnd, type Conduct } from '../study/conduct.js'
import type { Open } from '../study/data.js'
import { scorePart, type CurvePoint, type TrainSettings } from '../train.js'
import type { CellCost, CellResult } from './result.js'
import { STREAM, type Task } from '../../data/task.js'
import { keyOf, split } from '../../numeric/random.js'
import type { Cell, Grid } from './grid.js'
import { longDependencies } from './long.js'
import type { Entrant } from './methods.js'

const NO_COST: CellCost = { seconds: 0, steps: 0, curve: [] }

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

/** Numbers that cease to be finite, which is a result. */
export const isDivergence = (error: unknown): boolean =>
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

/** The network of a seed before it learns. */
export const untrainedOf = ({ untrained }: Entrant, seed: number): unknown => untrained(split(keyOf(seed), STREAM.weights))

/** How long a cell trains. */
export const trainingOf = ({ stage, seed, task }: Cell): TrainSettings => ({
  seed,
  batch: task.options.batch,
  sequences: stage === 'search' ? task.searchSequences : task.sequences,
})

/** A cell that is about to learn. */
export interface Begun {
  readonly grid: Grid
  readonly cell: Cell
  readonly task: Task
  readonly entrant: Entrant
  readonly untrained: unknown
  readonly open: Open
}

/** What learning leaves in the result. */
type Learned = Pick<
  CellResult,
  'curve' | 'diverged' | 'validation' | 'test' | 'uncorrected' | 'retained' | 'retainedUncorrected'
> & { readonly cost: CellCost }

/** One task, and all its scores. */
export const single = async (
  { grid, cell, task, entrant, untrained, open }: Begun,
  conduct: Conduct,
): Promise<Learned | undefined> => {
  const scored: Scored = { task, letters: await lettersOf(cell, open) }
  const trained = await train(task, trainingOf(cell), entrant, untrained, conduct)
  if (!trained) return undefined
  const { model, curve, cost } = trained
  const end = await scoresOf(grid, cell, scored, entrant, model ?? untrained).catch(async (error: unknown) => {
    if (!isDivergence(error)) throw error
    await conduct.diverged(error)
    return { ...(await scoresOf(grid, cell, scored, entrant, untrained)), late: true }
  })
  const { late = false, ...scores } = end as typeof end & { readonly late?: boolean }
  return { ...scores, curve, cost, diverged: model === undefined || late }
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Task after task, each scored after each; where numbers cease to be finite, the scores are those of the untrained network. */
export const lessons = async (
  { cell, task, entrant, untrained, open }: Begun,
  conduct: Conduct,
): Promise<Learned | undefined> => {
  const tasks = [task]
  for (const name of cell.task.then) tasks.push(await open(`${cell.task.label}-${name}`, { ...cell.task.options, task: name }))
  requireComparable(tasks)
  const training = trainingOf(cell)
  const stages = tasks.map((one, place) => ({ task: one, training: { ...training, seed: stageSeed(cell.seed, place) } }))
  const before = conduct.before(untrained)
  const { learner, cost } = timed(entrant.learner, conduct.now, (before?.about['cost'] ?? NO_COST) as CellCost)
  const scored = async (model: unknown, part: 'validation' | 'test'): Promise<readonly number[]> => {
    const row: number[] = []
    for (const one of tasks) row.push(await scorePart(entrant.learner, one, model, part))
    return row
  }
  try {
    const aside = { about: () => ({ cost: cost() }), ...(entrant.uncorrected && { uncorrected: entrant.uncorrected }) }
    const taught = await continual(stages, learner, untrained, conduct, aside)
    if (!taught) return undefined
    const { scores: retained, uncorrected: off, model } = taught
    const validation = meanOf(await scored(model, 'validation'))
    return {
      curve: [],
      diverged: false,
      validation,
      test: measuresOf(retained).average,
      retained,
      ...(off && { uncorrected: measuresOf(off).average, retainedUncorrected: off }),
      cost: cost(),
    }
  } catch (error) {
    if (!isDivergence(error)) throw error
    await conduct.diverged(error)
    const [validation, test] = [await scored(untrained, 'validation'), await scored(untrained, 'test')]
    const retained = stages.reduce<ScoreMatrix>((rows) => [...rows, test], [test])
    return { curve: [], diverged: true, validation: meanOf(validation), test: meanOf(test), retained, cost: cost() }
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
