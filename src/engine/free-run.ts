/** A network that runs on its own predictions. */

import { callable, record, requireField, wholeFrom } from '../fields.js'
import { requireMatrix, zeros, type Matrix } from '../numeric/matrix.js'
import type { Key } from '../numeric/random.js'
import { inputOf } from '../ptncn/state.js'
import { requireEngine, type Engine, type Snapshot } from './engine.js'

/** One step of a free run. */
export interface FreeStep {
  /** 1 x n_0 */
  readonly prediction: Matrix
  /** 1 x n_0: what the network was then given as the step's input */
  readonly seen: Matrix
}

/**
 * Runs a network of frozen weights for `steps` steps of a new sequence of one row: `see` makes the input of each step
 * from the prediction made for it, 1 x n_0, as it is or as a symbol drawn from it. Stochastic units draw from `key`, by
 * default [0, 0].
 * @throws ShapeError where `engine`, `steps`, `see` or what it gives are none, and what `engine.evaluate` throws
 */
export const freeRun = async (
  engine: Engine,
  from: Snapshot,
  steps: number,
  see: (prediction: Matrix, t: number) => Matrix,
  key: Key = [0, 0],
): Promise<readonly FreeStep[]> => {
  requireEngine(engine)
  requireField('ShapeError', 'steps', steps, wholeFrom(0))
  requireField('ShapeError', 'see', see, callable)
  const { state: _, ...model } = requireField('ShapeError', 'snapshot', from, record)
  // a step that is looked at and thrown away: what it predicts does not depend on its input
  const blank = inputOf(zeros(1, engine.config.units[0]!), [0])
  const done: FreeStep[] = []
  let at: Snapshot = model
  for (let t = 0; t < steps; t++) {
    const sequence = { key, open: true, continues: t > 0 }
    const { measurements } = await engine.evaluate(at, [{ ...sequence, inputs: [blank] }], { predictions: true })
    const prediction = measurements[0]!.predictions![0]!
    const seen = see(prediction, t)
    requireMatrix(`see(prediction, ${t})`, seen)
    at = (await engine.evaluate(at, [{ ...sequence, inputs: [inputOf(seen)] }])).snapshot
    done.push({ prediction, seen })
  }
  return done
}
