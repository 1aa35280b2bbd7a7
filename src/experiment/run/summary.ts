/** What a run leaves when it ends: figures, learning curve, film strip or sample, and lines for a person. */

import { join } from 'node:path'
import type { Mark, Task } from '../../data/task.js'
import { requireEngine, type Engine, type Snapshot } from '../../engine/engine.js'
import { callable, requireField, requireFields, text } from '../../fields.js'
import { writeFileSafely } from '../../io/files.js'
import { filmStrip } from '../../io/film.js'
import { learningCurve, type Series } from '../../io/svg.js'
import { layerCount, type Config } from '../../ptncn/config.js'
import { weightShapes } from '../../ptncn/weights.js'
import { filmOf } from '../generate.js'
import { effectiveOptions, LONGEST_PATH, saveResults } from './folder.js'
import { trainingOf, type RunSettings } from '../settings.js'
import { trainedOn } from './trained-on.js'
import { figure, verdict } from './verdict.js'
import { batchesOf, requireStanding, scorePart, type CurvePoint, type Standing } from '../train.js'

/** A run that has ended. Scores and marks are in the unit of the task. */
export interface Done {
  readonly unit: string
  /** trained on */
  readonly sequences: number
  /** the score on the validation data */
  readonly validation: number
  /** the score on the test data */
  readonly test: number
  /** what the test score is read against */
  readonly marks: readonly Mark[]
  /** the learning curve */
  readonly curve: readonly CurvePoint[]
  /** of the network, biases too */
  readonly weights: number
  /** the part of the training that was padding */
  readonly padding?: number
  /** whether it was stopped before its end */
  readonly stopped: boolean
}

/** What a run ends with: its `settings`, `task` and `engine`, and its `standing`. */
export interface Ending {
  readonly settings: RunSettings
  readonly task: Task
  readonly engine: Engine
  readonly standing: Standing
  /** since the beginning of this process */
  readonly seconds: () => number
}

/**
 * Scores the run and writes all files but the checkpoint into `folder`, which has to be there.
 * @throws FileError, UsageError or ShapeError where an argument is none, DivergenceError
 */
export const finish = async (folder: string, ending: Ending): Promise<Done> => {
  requireField('FileError', 'folder', folder, text(LONGEST_PATH))
  requireFields('UsageError', 'ending', ending, { seconds: callable })
  const { settings, task, engine, standing, seconds } = ending
  requireEngine(engine)
  requireStanding('ending.standing', standing)
  const { config } = engine
  const training = trainingOf(settings, task)
  const done: Done = {
    unit: task.unit,
    sequences: Math.min(training.sequences, standing.batches * training.batch),
    validation: await scorePart(engine, task, standing.snapshot, 'validation'),
    test: await scorePart(engine, task, standing.snapshot, 'test'),
    marks: task.marks('test'),
    curve: standing.curve,
    weights: weightCount(config),
    ...(task.padding !== undefined && { padding: task.padding }),
    stopped: standing.batches < batchesOf(training),
  }
  const title = titleOf(settings, task, config)
  const { symbols: _, ...data } = trainedOn(task)
  const results = { task: task.name, title, options: effectiveOptions(settings, config), data, ...done }
  await saveResults(folder, results, seconds())
  await writeFileSafely(join(folder, 'curve.svg'), curveOf(title, done))
  const film = await filmPicture(task, engine, standing.snapshot, title)
  if (film) await writeFileSafely(join(folder, 'film.png'), film)
  await writeFileSafely(join(folder, 'about.txt'), aboutText(task))
  return done
}

/** `2 layers of 64 and 64 tanh units`. */
export const networkName = ({ units, activation }: Config): string => {
  const hidden = units.slice(1)
  const name = typeof activation === 'function' ? 'custom' : activation
  return `${hidden.length} ${hidden.length === 1 ? 'layer' : 'layers'} of ${hidden.join(' and ')} ${name} units`
}

/** All numbers that the network learns. */
export const weightCount = (config: Config): number =>
  Array.from({ length: layerCount(config) }, (_, i) => weightShapes(config, i + 1))
    .flat()
    .reduce((sum, [, rows, cols]) => sum + rows * cols, 0)

/** What tells runs of one task apart in their titles. */
export const titleEnd = (config: Config, seed: number): string => `; ${networkName(config)}, seed ${seed}`

const titleOf = ({ seed }: RunSettings, task: Task, config: Config): string => `${task.title}${titleEnd(config, seed)}`

/** What the predictions of a task are of. */
const predicted = ({ frame, symbols }: Task): string => `next ${frame ? 'frame' : symbols ? 'symbol' : 'step'}`

/** Padding that is not worth a line. */
const LITTLE = 0.001

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

/** A score in a list of them. */
export const scoreLine = (unit: string, label: string, value: number): string =>
  `  ${label.padEnd(22)} ${figure(unit, value).padStart(8)}`

/** The lines that a person reads at the end of a run. */
export const summary = (folder: string, settings: RunSettings, task: Task, config: Config, done: Done): string => {
  const own = `P-TNCN, ${predicted(task)}`
  const scores = [{ label: own, value: done.test }, ...done.marks, { label: 'validation data', value: done.validation }]
  const worth = verdict(task.unit, done.test, done.marks)
  const names = filesOf(task).map(([name]) => name)
  return [
    `${titleOf(settings, task, config)}${done.stopped ? ' (stopped early)' : ''}`,
    `${task.unit}, on the test data:`,
    ...scores.map(({ label, value }) => scoreLine(task.unit, label, value)),
    ...(done.padding === undefined || done.padding < LITTLE
      ? []
      : [`  (${settings.batching} batches: ${percent(done.padding)} of the training was padding)`]),
    ...(worth === undefined ? [] : [worth]),
    `${folder}: ${names.join(', ')}`,
    '',
  ].join('\n')
}

/** The files of a run, and what each is. */
const filesOf = (task: Task): readonly (readonly [name: string, what: string])[] => [
  ['results.json', 'scores, learning curve, every option, the machine'],
  ['curve.svg', 'the learning curve'],
  ...(task.frame === undefined ? [] : [['film.png', 'truth, prediction and error, frame by frame'] as const]),
  ['config.json', 'the options that repeat this run: ptncn train --config FILE'],
  ['checkpoint.safetensors', 'the network, its optimiser, and where the run stands'],
]

const aboutText = (task: Task): string =>
  [
    'A run of ptncn.',
    '',
    ...filesOf(task).map(([name, what]) => `  ${name.padEnd(24)} ${what}`),
    '',
    'To go on where it stopped:   ptncn train --resume FOLDER',
    'To score it again:           ptncn eval FOLDER',
    'To let it predict itself:    ptncn generate FOLDER',
    'To see it in a browser:      ptncn report FOLDER',
    'To draw its pictures again:  ptncn draw FOLDER',
    '',
  ].join('\n')

/** The first test sequence of frames and what was predicted for it; nothing where there are no frames. */
export const filmPicture = async (
  task: Task,
  engine: Engine,
  { state: _, ...model }: Snapshot,
  title: string,
): Promise<Uint8Array | undefined> => (task.frame ? filmStrip(await filmOf(task, engine, model), { title }) : undefined)

/** The learning curve, with the marks that it is read against. */
export const curveOf = (title: string, { curve, marks, unit }: Pick<Done, 'curve' | 'marks' | 'unit'>): string =>
  learningCurve(bothSeries(curve), { title, xLabel: X_LABEL, yLabel: unit, references: marks })

export const X_LABEL = 'sequences trained on'

export const validationSeries = (label: string, curve: readonly CurvePoint[]): Series => ({
  label,
  points: curve.map(({ sequences, validation }) => ({ x: sequences, y: validation })),
})

export const bothSeries = (curve: readonly CurvePoint[]): readonly Series[] => {
  const training = curve.flatMap(({ sequences, train }) => (train === undefined ? [] : [{ x: sequences, y: train }]))
  return [validationSeries('validation', curve), { label: 'training', points: training }]
}
