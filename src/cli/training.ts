/** A training as commands run it: with progress, saved now and then, and what is left where it diverges. */

import { mismatch, PtncnError } from '../errors.js'
import type { Fields } from '../fields.js'
import type { Task } from '../data/task.js'
import type { Divergence } from '../engine/divergence.js'
import type { Engine } from '../engine/engine.js'
import { saveCheckpoint, saveStanding } from '../experiment/run/folder.js'
import { trainingOf, type RunSettings } from '../experiment/settings.js'
import type { Conduct, Underway } from '../experiment/study/conduct.js'
import { readStanding, writeStanding } from '../experiment/study/folder.js'
import { batchesOf, beginning, train, type Standing, type Watch } from '../experiment/train.js'
import { ensureFolder } from '../io/files.js'
import { progressOn } from '../io/terminal.js'
import type { Config } from '../ptncn/config.js'
import { numberWithin, type Given } from './arguments.js'
import { printJson, seconds } from './process.js'

/** What every command that trains is told of how. */
export interface Manner {
  readonly saveSeconds: number
  readonly stop: () => Promise<boolean>
}

export interface Shown {
  /** points of the curve as lines of JSON */
  readonly json: boolean
  /** which of several trainings it is: before the progress, and in each line of JSON */
  readonly label?: string
  readonly about?: Fields
}

/** Seconds between two checkpoints. */
const SAVE_SECONDS = 60
/** Seconds of one call of the engine: long against copying the network, short for whoever presses Ctrl-C. */
const CALL_SECONDS = 2

/** @throws UsageError */
export const secondsBetweenSaves = (given: Given): number => numberWithin('save', given['save'] ?? SAVE_SECONDS, 0, 1e6)

/** Saves when it is time to; `show` is told of each call. */
export const saving = (
  { saveSeconds, stop }: Manner,
  save: Underway['save'],
  show: (standing: Standing<unknown>, train: number) => void,
): Watch<unknown> => {
  let saved = seconds()
  return {
    now: seconds,
    callSeconds: Math.min(CALL_SECONDS, saveSeconds),
    stop,
    onPoint: () => {},
    onCall: async (standing, train) => {
      show(standing, train)
      if (seconds() - saved < saveSeconds) return
      await save(standing)
      saved = seconds()
    },
  }
}

/** The same with a line of progress, or lines of JSON. */
export const watching = (
  { unit, batches, from, save }: Underway,
  manner: Manner,
  { json, label = '', about = {} }: Shown,
): ReturnType<Conduct['watch']> => {
  const progress = progressOn(process.stderr, seconds)
  const [started, before] = [seconds(), from?.batches ?? 0]
  const scores = (from?.curve ?? []).map(({ validation }) => validation)
  let [last, best] = [scores.at(-1), Math.min(Infinity, ...scores)]
  const show = (standing: Standing<unknown>, train: number): void => {
    const done = standing.batches - before
    const rate = (done / (seconds() - started)).toPrecision(3)
    const validation = last === undefined ? '' : `  validation ${last.toPrecision(4)}, best ${best.toPrecision(4)}`
    progress.show(done, batches - before, `${label}${rate} batches/s  ${train.toPrecision(4)} ${unit}${validation}`)
  }
  return {
    ...saving(manner, save, show),
    clear: progress.clear,
    onPoint: (point) => {
      last = point.validation
      best = Math.min(best, last)
      if (json) printJson({ type: 'point', ...about, ...point })
    },
  }
}

/** A cell of a study in its folder; `of` is what it belongs to. */
export const conductIn = (
  folder: string,
  cell: string,
  of: string,
  { watch, diverged }: Pick<Conduct, 'watch' | 'diverged'>,
): Conduct => ({
  before: (like) => readStanding(folder, cell, of, like),
  save: (saved) => writeStanding(folder, cell, of, saved),
  watch,
  now: seconds,
  diverged,
})

/** @throws UsageError where a sequence would end before the network learns */
export const requireScored = ({ learnFrom }: Config, { frame, scaling }: Task, { frames, length }: RunSettings): void => {
  if (frame && learnFrom >= frames)
    throw mismatch('UsageError', '--learnFrom', `less than the ${frames} frames of a sequence`, learnFrom)
  if (scaling && learnFrom >= length)
    throw mismatch('UsageError', '--learnFrom', `less than the ${length} lines of a piece`, learnFrom)
}

/** The network as it was before it diverged stays in the folder, and the error says so. Any other error is as it was. */
export const keepingDiverged =
  (folder: string, config: Config, label = '') =>
  async (error: unknown): Promise<never> => {
    if (!(error instanceof PtncnError) || error.name !== 'DivergenceError') throw error
    ensureFolder(folder)
    const path = await saveCheckpoint(folder, { config, snapshot: (error.value as Divergence).snapshot })
    throw new PtncnError('DivergenceError', `${label}${error.message} (in ${path})`, error.value)
  }

export interface Training {
  readonly settings: RunSettings
  /** where its checkpoints are */
  readonly folder: string
  readonly task: Task
  readonly engine: Engine
  /** where it goes on */
  readonly from?: Standing
}

/**
 * To the end of the settings, or until it is told to stop; where it then stands is in the folder.
 * @throws DivergenceError
 */
export const runTraining = async (
  { settings, folder, task, engine, from }: Training,
  manner: Manner,
  shown: Shown,
): Promise<Standing> => {
  const training = trainingOf(settings, task)
  const save = (standing: Standing<unknown>): Promise<string> =>
    saveStanding(folder, settings, task, engine.config, standing as Standing)
  const underway = { unit: task.unit, batches: batchesOf(training), ...(from && { from }) }
  const watch = watching({ ...underway, save: async (standing) => void (await save(standing)) }, manner, shown)
  try {
    const standing = await train(task, training, engine, from ?? (() => beginning(engine, settings.seed)), watch)
    if (standing !== from) await save(standing)
    return standing
  } catch (error) {
    return await keepingDiverged(folder, engine.config)(error)
  } finally {
    watch.clear()
  }
}
