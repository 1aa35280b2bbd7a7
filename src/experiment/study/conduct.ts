/** How a cell is run, which changes nothing of its result: what is watched, where it is saved, when it stops. */

import type { Task, Unit } from '../../data/task.js'
import type { Learner } from '../../engine/engine.js'
import type { Fields } from '../../fields.js'
import { batchesOf, train, type CurvePoint, type Standing, type TrainSettings, type Watch } from '../train.js'

/** Where a cell stands: in its training, and what else it has to know to go on. */
export interface Saved<Model = unknown> {
  readonly standing: Standing<Model>
  readonly about: Fields
}

/** A training that begins, or goes on. */
export interface Underway {
  readonly unit: Unit
  readonly batches: number
  /** where one network learns several tasks */
  readonly stage?: { readonly number: number; readonly of: number; readonly task: string }
  readonly from?: Standing<unknown>
  readonly save: (standing: Standing<unknown>) => Promise<void>
}

export interface Conduct {
  /** where the cell stopped before; `like` is a model of its learner */
  readonly before: <Model>(like: Model) => Saved<Model> | undefined
  readonly save: (saved: Saved) => Promise<void>
  /** whoever watches a training is told of its end */
  readonly watch: (training: Underway) => Watch<unknown> & { readonly clear: () => void }
  /** seconds */
  readonly now: () => number
  /** told of a divergence, which is a result unless this throws */
  readonly diverged: (error: unknown) => Promise<void>
}

export interface Training<Model> {
  readonly task: Task
  readonly settings: TrainSettings
  readonly learner: Learner<Model>
  readonly from: Standing<Model> | (() => Model)
  /** what is saved with the standing */
  readonly about: () => Fields
  readonly onPoint?: (point: CurvePoint) => void
  readonly stage?: Underway['stage']
}

/** To the end, or to where it is stopped, and then nothing; where it stands is saved in both cases. */
export const trainToEnd = async <Model>(
  { task, settings, learner, from, about, onPoint, stage }: Training<Model>,
  conduct: Conduct,
): Promise<Standing<Model> | undefined> => {
  const batches = batchesOf(settings)
  const save = (standing: Standing<unknown>): Promise<void> => conduct.save({ standing, about: about() })
  const begun = typeof from === 'function' ? {} : { from }
  const watch = conduct.watch({ unit: task.unit, batches, ...begun, ...(stage && { stage }), save })
  const told = (point: CurvePoint): void => {
    onPoint?.(point)
    watch.onPoint(point)
  }
  try {
    const standing = await train(task, settings, learner, from, { ...watch, onPoint: told })
    if (standing !== from) await save(standing)
    return standing.batches === batches ? standing : undefined
  } finally {
    watch.clear()
  }
}
