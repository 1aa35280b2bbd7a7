/** A training as commands run it: with progress, checkpoints in a folder, and what is left where it diverges. */

import { mismatch, PtncnError } from '../errors.js'
import type { Task } from '../data/task.js'
import type { Divergence, Engine } from '../engine/engine.js'
import { saveCheckpoint, saveStanding } from '../experiment/run/folder.js'
import { trainingOf, type RunSettings } from '../experiment/settings.js'
import { batchesOf, train, type Standing, type Watch } from '../experiment/train.js'
import { progressOn } from '../io/terminal.js'
import { numberWithin, type Given } from './arguments.js'
import { printJson, seconds } from './process.js'

export interface Training {
  readonly settings: RunSettings
  /** where its checkpoints are */
  readonly folder: string
  readonly task: Task
  readonly engine: Engine
  /** where it goes on */
  readonly from?: Standing
}

export interface Manner {
  /** points of the curve as lines of JSON */
  readonly json: boolean
  readonly saveSeconds: number
  readonly stop: () => Promise<boolean>
  /** which of several trainings it is: before the progress, and in each line of JSON */
  readonly label?: string
  readonly about?: Readonly<Record<string, unknown>>
}

/** Seconds between two checkpoints. */
const SAVE_SECONDS = 60
/** Seconds of one call of the engine: long against copying the network, short for whoever presses Ctrl-C. */
const CALL_SECONDS = 2

/** @throws UsageError */
export const secondsBetweenSaves = (given: Given): number => numberWithin('save', given['save'] ?? SAVE_SECONDS, 0, 1e6)

const watching = (
  { settings, folder, task, engine, from }: Training,
  { json, saveSeconds, stop, label = '', about = {} }: Manner,
): Watch & { readonly clear: () => void } => {
  const progress = progressOn(process.stderr, seconds)
  const batches = batchesOf(trainingOf(settings, task))
  const [started, before] = [seconds(), from?.batches ?? 0]
  let saved = started
  let [last, best] = [
    from?.curve.at(-1)?.validation,
    Math.min(Infinity, ...(from?.curve ?? []).map(({ validation }) => validation)),
  ]
  return {
    clear: progress.clear,
    now: seconds,
    callSeconds: Math.min(CALL_SECONDS, saveSeconds),
    stop,
    onPoint: (point) => {
      last = point.validation
      best = Math.min(best, last)
      if (json) printJson({ type: 'point', ...about, ...point })
    },
    onCall: async (standing, train) => {
      const rate = ((standing.batches - before) / (seconds() - started)).toPrecision(3)
      const validation = last === undefined ? '' : `  validation ${last.toPrecision(4)}, best ${best.toPrecision(4)}`
      progress.show(
        standing.batches - before,
        batches - before,
        `${label}${train.toPrecision(4)} ${task.unit}${validation}  ${rate} batches/s`,
      )
      if (seconds() - saved < saveSeconds) return
      await saveStanding(folder, settings, engine.config, standing)
      saved = seconds()
    },
  }
}

/** @throws UsageError where a sequence would end before the network learns */
export const requireScored = ({ learnFrom }: Engine['config'], { side }: Task, { frames }: RunSettings): void => {
  if (side !== undefined && learnFrom >= frames) {
    throw mismatch('UsageError', '--learnFrom', `less than the ${frames} frames of a sequence`, learnFrom)
  }
}

/** The network as it was before it diverged stays in the folder. */
const keepingDiverged =
  ({ folder, engine: { config } }: Training) =>
  async (error: unknown): Promise<never> => {
    if (!(error instanceof PtncnError) || error.name !== 'DivergenceError') throw error
    const path = await saveCheckpoint(folder, { config, snapshot: (error.value as Divergence).snapshot })
    throw new PtncnError('DivergenceError', `${error.message} (in ${path})`, error.value)
  }

/**
 * To the end of the settings, or until it is told to stop; where it then stands is in the folder.
 * @throws DivergenceError
 */
export const runTraining = async (training: Training, manner: Manner): Promise<Standing> => {
  const { settings, folder, task, engine, from } = training
  const watch = watching(training, manner)
  try {
    const standing = await train(task, trainingOf(settings, task), engine, watch, from)
    if (standing !== from) await saveStanding(folder, settings, engine.config, standing)
    return standing
  } catch (error) {
    return await keepingDiverged(training)(error)
  } finally {
    watch.clear()
  }
}
