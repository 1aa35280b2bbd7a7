/** Trains a network on a task, from the beginning or from where it stopped. No files, no terminal, no clock of its own. */

import { inUnit, requireTask, STREAM, type Part, type Task } from '../data/task.js'
import { divergence, type Divergence } from '../engine/divergence.js'
import { requireEngine, requireLearner, type Engine, type Learner, type Sequence, type Snapshot } from '../engine/engine.js'
import { PtncnError } from '../errors.js'
import { callable, count, list, optional, record, requireFields, wholeFrom } from '../fields.js'
import type { Matrix } from '../numeric/matrix.js'
import { keyOf, split } from '../numeric/random.js'
import { initialModel } from '../ptncn/apply.js'
import { addScores, type Score } from '../ptncn/scores.js'

/** How long a network trains, and on what. */
export interface TrainSettings {
  /** whole; weights and batches are drawn from its key */
  readonly seed: number
  /** sequences that advance together */
  readonly batch: number
  /** sequences to train on, in all */
  readonly sequences: number
}

/** A point of the learning curve; scores in the unit of the task. */
export interface CurvePoint {
  /** trained on so far */
  readonly sequences: number
  /** the mean over the training since the point before; none at 0 */
  readonly train?: number
  /** on some batches of the validation data, evenly out of all, the same for every point; together 3 % as many sequences as are trained on */
  readonly validation: number
}

/** Where a run stands; from here it goes on to the same bits, wherever it stopped. */
export interface Standing<Model = Snapshot> {
  /** the model that has been trained so far */
  readonly snapshot: Model
  /** batches done */
  readonly batches: number
  /** the learning curve so far */
  readonly curve: readonly CurvePoint[]
  /** of the training since the last point */
  readonly recent: Score
}

/** Whoever looks on while a network trains, and may stop it. */
export interface Watch<Model = Snapshot> {
  /** after each call of the engine: where the run stands, and the score of its last batches */
  readonly onCall: (standing: Standing<Model>, train: number) => Promise<void>
  /** told of each point of the learning curve */
  readonly onPoint: (point: CurvePoint) => void
  /** asked before each call; may let others have their turn */
  readonly stop: () => Promise<boolean>
  /** seconds; no result depends on it */
  readonly now: () => number
  /** how long a call should take: it copies the model out, and whoever stops the run waits for it */
  readonly callSeconds: number
}

const UNWATCHED: Watch<unknown> = {
  onCall: async () => {},
  onPoint: () => {},
  stop: async () => false,
  now: () => 0,
  callSeconds: Infinity,
}

/** Points of the curve after the first. */
const POINTS = 10
/** Sequences scored for all points together, for each one trained on: scoring takes about half the time. */
const POINTS_SHARE = 0.03
/** Inputs of one call. */
const CALL_BYTES = 2 ** 26

const NOTHING: Score = { loss: 0, count: 0 }

export const batchesOf = ({ sequences, batch }: TrainSettings): number => Math.ceil(sequences / batch)

const shown = ({ unit }: Task, { loss, count }: Score): number => inUnit(unit, loss, count)

/** The untrained network of a seed, as every run begins. @throws ConfigError where the seed is none */
export const beginning = (engine: Engine, seed: number): Snapshot => {
  requireEngine(engine)
  return initialModel(engine.config, split(keyOf(seed), STREAM.weights))
}

/** A network that was trained before, at the beginning of another training: no sequence is open. */
export const continuing = <Model>(trained: Model): Standing<Model> => {
  const { state: _, ...model } = trained as { readonly state?: unknown }
  return { snapshot: model as Model, batches: 0, curve: [], recent: NOTHING }
}

/** The score of a network on sequences that it does not learn from, one after another. */
export const scoreOn = async <Model>(learner: Learner<Model>, from: Model, sequences: Iterable<Sequence>): Promise<Score> => {
  let sum = NOTHING
  for (const sequence of sequences) sum = (await learner.evaluate(from, [sequence])).measurements.reduce(addScores, sum)
  return sum
}

/**
 * The score of a network on a part of a task, its weights as they are; in the unit of the task.
 * @throws ShapeError, UsageError where an argument is none, DivergenceError, and what `learner.evaluate` throws
 */
export const scorePart = async <Model>(learner: Learner<Model>, task: Task, from: Model, part: Part): Promise<number> => {
  requireLearner(learner)
  requireTask(task)
  return shown(task, await scoreOn(learner, from, task.held(part)))
}

const top = ({ cols, data }: Matrix, rows: number): Matrix => ({
  rows,
  cols,
  data: Array.from({ length: rows * cols }, (_, i) => data[i]!),
})

/** The sequence without its rows from `rows` on; steps in which no row has data any more are left as they are. */
const firstRows = (sequence: Sequence, rows: number): Sequence =>
  sequence.inputs[0]!.x.rows <= rows
    ? sequence
    : { ...sequence, inputs: sequence.inputs.map(({ x, mask }) => ({ x: top(x, rows), mask: top(mask, rows) })) }

/** Validation batches for the points, evenly out of all, as these may be sorted by length; a function of the settings. */
const sampleOf = (task: Task, { sequences }: TrainSettings): Sequence[] => {
  let [count, rows] = [0, 0]
  for (const { inputs } of task.held('validation')) {
    count++
    rows += inputs[0]!.x.rows
  }
  const wanted = Math.min(count, Math.max(1, Math.floor(((POINTS_SHARE * sequences) / POINTS) * (count / rows))))
  const chosen = new Set(Array.from({ length: wanted }, (_, i) => Math.floor(((i + 0.5) * count) / wanted)))
  const sample: Sequence[] = []
  let index = 0
  for (const sequence of task.held('validation')) if (chosen.has(index++)) sample.push(sequence)
  return sample
}

/** Batches after which there is a point. */
const marksOf = (batches: number): ReadonlySet<number> =>
  new Set(Array.from({ length: POINTS }, (_, i) => Math.ceil(((i + 1) * batches) / POINTS)))

/** How many batches make a call of a good length, learned from the calls before. */
const pacer = ({ now, callSeconds }: Pick<Watch, 'now' | 'callSeconds'>) => {
  let size = 1
  return {
    size: (): number => size,
    timed: async <R>(call: () => Promise<R>): Promise<R> => {
      const begin = now()
      const result = await call()
      const taken = now() - begin
      if (taken < callSeconds / 2) size = Math.min(2 * size, 2 ** 16)
      else if (taken > callSeconds) size = Math.max(1, size >> 1)
      return result
    },
  }
}

const bytesOf = ({ inputs }: Sequence): number => 4 * inputs.reduce((sum, { x }) => sum + x.rows * x.cols, 0)

/** A divergence counts the sequences of its call; a run counts all. */
export const inRun =
  (before: number) =>
  (error: unknown): never => {
    if (!(error instanceof PtncnError) || error.name !== 'DivergenceError') throw error
    const value = error.value as Divergence
    throw divergence({ ...value, sequence: before + value.sequence })
  }

const SETTINGS = { seed: count, batch: wholeFrom(1), sequences: wholeFrom(1) }
const STANDING = { snapshot: record, batches: count, curve: list, recent: record }

/** @throws ShapeError where it is none */
export const requireStanding = <Model>(what: string, standing: Standing<Model>): void =>
  requireFields('ShapeError', what, standing, STANDING, 'a run begins with a function that makes an untrained model')

const WATCH = { onCall: optional(callable), onPoint: optional(callable), stop: optional(callable), now: optional(callable) }

/**
 * Trains to the end of its settings, or until it is told to stop, from where it stood or from an untrained model. What it
 * resolves to is the same, bit for bit, however often it stopped on the way and went on; nobody needs to watch.
 * @throws DivergenceError of the engine, with the last good snapshot; UsageError or ShapeError where an argument is none
 */
export const train = async <Model>(
  task: Task,
  settings: TrainSettings,
  learner: Learner<Model>,
  from: Standing<Model> | (() => Model),
  watching: Partial<Watch<Model>> = {},
): Promise<Standing<Model>> => {
  requireTask(task)
  requireFields('UsageError', 'settings', settings, SETTINGS, 'trainingOf makes them')
  requireLearner(learner)
  if (typeof from !== 'function') requireStanding('from', from)
  requireFields('UsageError', 'watching', watching, WATCH)
  const watch = { ...UNWATCHED, ...watching }
  const key = keyOf(settings.seed)
  const batches = batchesOf(settings)
  const rowsOf = (index: number): number => Math.min(settings.batch, settings.sequences - index * settings.batch)
  const sequence = (index: number): Sequence => firstRows(task.training(key, index), rowsOf(index))
  const marks = marksOf(batches)
  const sample = sampleOf(task, settings)
  const point = async (at: Standing<Model>): Promise<Standing<Model>> => {
    const added: CurvePoint = {
      sequences: Math.min(settings.sequences, at.batches * settings.batch),
      ...(at.recent.count > 0 && { train: shown(task, at.recent) }),
      validation: shown(task, await scoreOn(learner, at.snapshot, sample)),
    }
    watch.onPoint(added)
    return { ...at, curve: [...at.curve, added], recent: NOTHING }
  }
  /** Batches from `begin` on, up to a point of the curve at most. */
  const take = (begin: number, most: number): Sequence[] => {
    const taken: Sequence[] = []
    for (let bytes = 0; taken.length < most && bytes < CALL_BYTES && begin + taken.length < batches;) {
      taken.push(sequence(begin + taken.length))
      bytes += bytesOf(taken.at(-1)!)
      if (marks.has(begin + taken.length)) break
    }
    return taken
  }

  const pace = pacer(watch)
  let at = typeof from !== 'function' ? from : await point({ snapshot: from(), batches: 0, curve: [], recent: NOTHING })
  while (at.batches < batches && !(await watch.stop())) {
    const { snapshot, measurements } = await pace.timed(() =>
      learner.train(at.snapshot, take(at.batches, pace.size())).catch(inRun(at.batches)),
    )
    at = { ...at, snapshot, batches: at.batches + measurements.length, recent: measurements.reduce(addScores, at.recent) }
    const lately = shown(task, measurements.reduce(addScores, NOTHING))
    if (marks.has(at.batches)) at = await point(at)
    await watch.onCall(at, lately)
  }
  return at
}
