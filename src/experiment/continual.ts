/**
 * Continual learning: one network trained on task after task, and after each scored on all of them. Nothing tells the
 * network that the task has changed: weights and the moments of the optimiser go on. No files, no terminal.
 */

import { mismatch, PtncnError } from '../errors.js'
import type { Task } from '../data/task.js'
import type { Learner } from '../engine/engine.js'
import type { Fields } from '../fields.js'
import { intervalOf, type Interval } from './statistics.js'
import { trainToEnd, type Conduct } from './study/conduct.js'
import { continuing, scorePart, type Standing, type TrainSettings } from './train.js'

/** R[i][j] is the test score on task j after training on tasks 1 to i; R[0] is of the untrained network. Lower is better. */
export type ScoreMatrix = readonly (readonly number[])[]

export interface ContinualMeasures<Value = number> {
  /** the mean of the last row */
  readonly average: Value
  /** how much worse than at its best a task before the last one is in the end; positive: forgotten */
  readonly forgetting: Value
  /** how much better a task is, before anything of it was seen, than untrained; positive: the tasks before it helped */
  readonly forwardTransfer: Value
}

export interface ContinualSummary extends ContinualMeasures<Interval> {
  readonly scores: readonly (readonly Interval[])[]
}

/** A task, and how long it is trained on. */
export interface Stage {
  readonly task: Task
  readonly training: TrainSettings
}

/** Seeds of the stages lie this far apart: stage i draws its batches by the key of seed and i, two words of 32 bits. */
const STAGE_SEEDS = 2 ** 32

/** The seed by which the stage at this place draws its batches. */
export const stageSeed = (seed: number, place: number): number => seed + place * STAGE_SEEDS

/**
 * Tasks that one network can learn, and whose scores can be averaged.
 * @throws UsageError
 */
export const requireComparable = (tasks: readonly Task[]): void => {
  if (tasks.length < 2) throw mismatch('UsageError', '--tasks', 'two tasks at least, divided by commas', tasks[0]?.name ?? '')
  const kind = ({ inputs, output, unit }: Task): string => `${inputs} inputs, ${output} outputs and ${unit}`
  tasks.forEach((task, index) => {
    if (kind(task) !== kind(tasks[0]!)) {
      const message = `"--tasks" expected tasks of ${kind(tasks[0]!)} as ${tasks[0]!.name} is, got ${task.name} of ${kind(task)}`
      throw new PtncnError('UsageError', `${message}; give tasks that are alike`, task.name)
    }
    // a score on it would count twice
    if (tasks.findIndex(({ name }) => name === task.name) < index)
      throw mismatch('UsageError', '--tasks', 'each task once', task.name)
  })
}

const rowOf = async <Model>(tasks: readonly Task[], learner: Learner<Model>, network: Model): Promise<readonly number[]> => {
  const row: number[] = []
  for (const task of tasks) row.push(await scorePart(learner, task, network, 'test'))
  return row
}

/** One network that has learned task after task. */
export interface Taught<Model> {
  readonly scores: ScoreMatrix
  /** of the same networks, by the learner that `Aside` names */
  readonly uncorrected?: ScoreMatrix
  readonly model: Model
}

/** What is done beside learning and scoring. */
export interface Aside<Model> {
  /** saved with where a training stands */
  readonly about?: () => Fields
  /** scores too, after each task, what the first one has learned */
  readonly uncorrected?: Learner<Model>
}

/** Nothing where a training was stopped. @throws DivergenceError */
export const continual = async <Model>(
  stages: readonly Stage[],
  learner: Learner<Model>,
  untrained: Model,
  conduct: Conduct,
  { about: also = () => ({}), uncorrected }: Aside<Model> = {},
): Promise<Taught<Model> | undefined> => {
  const tasks = stages.map(({ task }) => task)
  const before = conduct.before(untrained)
  const begun = async (name: string, scorer: Learner<Model>): Promise<(readonly number[])[]> => [
    ...((before?.about[name] as ScoreMatrix | undefined) ?? [await rowOf(tasks, scorer, untrained)]),
  ]
  const rows = await begun('rows', learner)
  const off = uncorrected && { learner: uncorrected, rows: await begun('uncorrected', uncorrected) }
  let from: Standing<Model> | (() => Model) = before?.standing ?? (() => untrained)
  let model = before?.standing.snapshot ?? untrained
  while (rows.length <= stages.length) {
    const { task, training } = stages[rows.length - 1]!
    const stage = { number: rows.length, of: stages.length, task: task.name }
    const about = (): Fields => ({ rows, ...(off && { uncorrected: off.rows }), ...also() })
    const standing = await trainToEnd({ task, settings: training, learner, from, about, stage }, conduct)
    if (!standing) return undefined
    rows.push(await rowOf(tasks, learner, standing.snapshot))
    off?.rows.push(await rowOf(tasks, off.learner, standing.snapshot))
    model = standing.snapshot
    from = continuing(model)
  }
  return { scores: rows, model, ...(off && { uncorrected: off.rows }) }
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Average and forgetting after A. Chaudhry et al., "Riemannian walk for incremental learning" (ECCV 2018): the best
 * earlier score is that of any row from 1 to k - 1. Forward transfer after D. Lopez-Paz, M. Ranzato, "Gradient episodic
 * memory for continual learning" (NIPS 2017). Signs are turned, as lower is better here.
 */
export const measuresOf = (scores: ScoreMatrix): ContinualMeasures => {
  const [untrained, last, earlier] = [scores[0]!, scores.at(-1)!, scores.slice(1, -1)]
  const best = (j: number): number => Math.min(...earlier.map((row) => row[j]!))
  return {
    average: meanOf(last),
    forgetting: meanOf(last.slice(0, -1).map((score, j) => score - best(j))),
    // before task j + 1 is trained on, row j is the last one
    forwardTransfer: meanOf(untrained.slice(1).map((score, i) => score - scores[i + 1]![i + 1]!)),
  }
}

/** Every seed by itself, then the intervals over all. */
export const continualSummary = (seeds: readonly ScoreMatrix[]): ContinualSummary => {
  const measures = seeds.map(measuresOf)
  const over = (name: keyof ContinualMeasures): Interval => intervalOf(measures.map((one) => one[name]))
  return {
    scores: seeds[0]!.map((row, i) => row.map((_, j) => intervalOf(seeds.map((scores) => scores[i]![j]!)))),
    average: over('average'),
    forgetting: over('forgetting'),
    forwardTransfer: over('forwardTransfer'),
  }
}

/** Whether these are the scores of so many tasks. */
export const isScores = (scores: unknown, tasks: number): scores is ScoreMatrix => {
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) && row.length === tasks && row.every((score) => typeof score === 'number')
  return Array.isArray(scores) && scores.length === tasks + 1 && scores.every(isRow)
}
