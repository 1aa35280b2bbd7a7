/** A trained network that runs on its own predictions. */

import { mismatch } from '../errors.js'
import { count, field, list, number, record, requireField, requireFields, text } from '../fields.js'
import { requireTask, SYMBOLS, type Scaling, type Task } from '../data/task.js'
import { requireLearner, type Engine, type Learner, type Sequence, type Snapshot } from '../engine/engine.js'
import { exp, log } from '../numeric/elementary.js'
import type { Matrix } from '../numeric/matrix.js'
import { keyOf, split, uniform, type Key } from '../numeric/random.js'
import { freeRun } from '../engine/free-run.js'
import { oneHot } from '../ptncn/state.js'
import type { Film } from '../io/film.js'

/** A prompt has at most so many characters. */
const MOST_PROMPT = 1_000_000

const WRITING = { prompt: list, count, temperature: number(0, Infinity), seed: count }
const CONTINUING = { given: count, count, seed: count }
const DREAM = { given: count, seed: count, row: count }

/** The index drawn by u in [0, 1) from probabilities ^ (1 / temperature); the most probable one where that is 0. */
const draw = ({ data }: Matrix, temperature: number, u: number): number => {
  const all = Array.from({ length: data.length }, (_, i) => data[i]!)
  if (temperature === 0) return all.indexOf(Math.max(...all))
  const weights = all.map((p) => (p > 0 ? exp(log(p) / temperature) : 0))
  const target = u * weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  const drawn = weights.findIndex((weight) => (sum += weight) > target)
  // a target that rounding has made the whole sum: the last that can be drawn
  return drawn < 0 ? weights.map((weight) => weight > 0).lastIndexOf(true) : drawn
}

/** What writing needs of a task; a checkpoint of a run has it too. */
export type Vocabulary = Pick<Task, 'name' | 'symbols'>

/** @throws UsageError where the task's inputs are no symbols */
const requireSymbols = (task: Vocabulary): readonly string[] => {
  const { symbols } = requireField('UsageError', 'task', task, record) as Vocabulary
  requireField('UsageError', 'task.symbols', symbols, list, 'a task without')
  return requireField('UsageError', 'task.symbols', symbols, SYMBOLS)!
}

/** The symbols of a text. @throws UsageError that names what is none */
export const symbolsOf = (task: Vocabulary, prompt: string): number[] => {
  const [symbols, { name }] = [requireSymbols(task), task]
  requireField('UsageError', '--prompt', prompt, text(MOST_PROMPT))
  const words = symbols.some((symbol) => symbol.length > 2)
  const parts = words
    ? prompt.split(/\s+/).filter((word) => word !== '')
    : Array.from(prompt, (character) => (name === 'ptb-char' && character === ' ' ? '_' : character))
  return parts.map((part) => {
    const index = symbols.indexOf(part)
    if (index < 0) throw mismatch('UsageError', '--prompt', `symbols that ${name} knows`, part)
    return index
  })
}

/** What stochastic units draw from; symbols are drawn from another key. */
const keyOfUnits = (seed: number): Key => split(keyOf(seed), 0)

/**
 * Text as the network writes it, one symbol after the other, after a prompt of indices of the task's symbols; each is
 * drawn from its prediction to the power 1 / temperature, the most probable one where that is 0.
 * @throws UsageError or ShapeError where an argument is none, and what freeRun throws
 */
export const writeText = async (
  task: Vocabulary,
  engine: Engine,
  from: Snapshot,
  writing: { readonly prompt: readonly number[]; readonly count: number; readonly temperature: number; readonly seed: number },
): Promise<readonly string[]> => {
  const symbols = requireSymbols(task)
  requireFields('UsageError', 'writing', writing, WRITING)
  const { prompt, temperature, seed } = writing
  const draws = split(keyOf(seed), 1)
  const written: number[] = []
  const see = (prediction: Matrix, t: number): Matrix => {
    written.push(prompt[t] ?? draw(prediction, temperature, uniform(draws, t)))
    return oneHot([written[t]!], symbols.length)
  }
  await freeRun(engine, from, prompt.length + writing.count, see, keyOfUnits(seed))
  return written.map((index) => symbols[index]!)
}

/**
 * The numbers of a series as the network goes on with them by itself, after the first `given` lines of the test part:
 * `count` lines, in the scale of the file. Stochastic units draw from `seed`.
 * @throws UsageError or ShapeError where an argument is none, or the test part has fewer lines, and what freeRun throws
 */
export const continueSeries = async (
  task: Task,
  engine: Engine,
  from: Snapshot,
  options: { readonly given: number; readonly count: number; readonly seed: number },
): Promise<readonly (readonly number[])[]> => {
  const { mean, deviation } = requireScaling(task)
  requireFields('UsageError', 'options', options, CONTINUING)
  const { given, seed } = options
  const truth = heldLines(task, given)
  const see = (prediction: Matrix, t: number): Matrix => truth[t] ?? prediction
  const results = await freeRun(engine, from, given + options.count, see, keyOfUnits(seed))
  return results
    .slice(given)
    .map(({ prediction: { data } }) => mean.map((centre, j) => inFile(centre + deviation[j]! * data[j]!)))
}

/** @throws UsageError where the task's inputs are no numbers of a series */
const requireScaling = (task: Task): Scaling => {
  requireTask(task)
  const { scaling, inputs } = task
  const fits = (value: unknown): boolean => value !== undefined && (value as Scaling).mean.length === inputs
  const kind = field<Scaling>('the scaling of a series, an element for each input', fits)
  return requireField('UsageError', 'task.scaling', scaling, kind, scaling?.mean ?? 'a task without')
}

/** The digits that a number of binary32 bears. */
const DIGITS = 7
const inFile = (number: number): number => Number(number.toPrecision(DIGITS))

/** The first lines of the test part, piece after piece. @throws UsageError where there are fewer */
const heldLines = (task: Task, given: number): readonly Matrix[] => {
  const lines: Matrix[] = []
  for (const { inputs } of task.held('test')) {
    for (let row = 0; row < inputs[0]!.x.rows && lines.length < given; row++) lines.push(...stepsOf(inputs, row))
  }
  if (lines.length >= given) return lines.slice(0, given)
  throw mismatch('UsageError', '--given', `at most ${lines.length}, the lines of the test part`, given)
}

/** A row of each step in which it has data. */
const stepsOf = (inputs: Sequence['inputs'], row: number): readonly Matrix[] =>
  inputs.filter(({ mask }) => mask.data[row] === 1).map(({ x }) => rowOf(x, row))

/**
 * Test sequence number `row` of frames, the first `given` true and then as the network goes on by itself; the film shows
 * what was true.
 * @throws UsageError or ShapeError where an argument is none, and what freeRun throws
 */
export const dream = async (
  task: Task,
  engine: Engine,
  from: Snapshot,
  options: { readonly given: number; readonly seed: number; readonly row: number },
): Promise<Film> => {
  requireTask(task)
  requireFields('UsageError', 'options', options, DREAM)
  const { given, seed, row } = options
  const truth = frames(task, row)
  if (given >= truth.length) {
    const remedy = 'so that it goes on by itself at all'
    throw mismatch('UsageError', '--given', `fewer than the ${truth.length} frames of a sequence`, given, remedy)
  }
  const see = (prediction: Matrix, t: number): Matrix => (t < given ? truth[t]! : prediction)
  const results = await freeRun(engine, from, truth.length, see, keyOfUnits(seed))
  return { truth, prediction: results.map(({ prediction }) => prediction), ...colsOf(task) }
}

const colsOf = ({ frame }: Task): Pick<Film, 'cols'> => (frame ? { cols: frame.cols } : {})

const rowOf = ({ cols, data }: Matrix, row: number): Matrix => ({
  rows: 1,
  cols,
  data: Array.from({ length: cols }, (_, j) => data[row * cols + j]!),
})

/** Row number `row` of all test sequences one after another. @throws UsageError where there are fewer */
const frames = (task: Task, row: number): readonly Matrix[] => {
  let left = row
  for (const { inputs } of task.held('test')) {
    const { rows } = inputs[0]!.x
    if (left < rows) return stepsOf(inputs, left)
    left -= rows
  }
  throw mismatch('UsageError', '--row', `a whole number below ${row - left}, the test sequences that there are`, row)
}

/** The first test sequence, and what was predicted for it frame by frame. @throws as `learner.evaluate` */
export const filmOf = async <Model>(task: Task, learner: Learner<Model>, from: Model): Promise<Film> => {
  requireTask(task)
  requireLearner(learner)
  const [sequence] = task.held('test')
  const { measurements } = await learner.evaluate(from, [sequence!], { predictions: true })
  const first = (frame: Matrix): Matrix => rowOf(frame, 0)
  const truth = stepsOf(sequence!.inputs, 0)
  return { truth, prediction: measurements[0]!.predictions!.slice(0, truth.length).map(first), ...colsOf(task) }
}
