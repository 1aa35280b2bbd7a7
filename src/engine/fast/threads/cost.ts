/** How many workers pay: a small model of the time of a step, in seconds. */

import { layerCount, type Config } from '../../../ptncn/config.js'
import { weightShapes } from '../../../ptncn/weights.js'

/** Numbers a second that a core multiplies and adds, near the peak of its 128-bit units, as `npm run bench` shows it. */
const TERMS_PER_SECOND = 20e9
/** A number of a weight passes the optimiser in the time of so many terms; see shares.ts. */
const OPTIMIZER_TERMS = 24
/** What a meeting of the workers takes with all that it disturbs: an estimate. */
const MEETING_SECONDS = 4e-6
/** A job is handed over by message once for so many steps. */
const MESSAGE_SECONDS = 100e-6
const STEPS_PER_MESSAGE = 16
/** More workers have to be faster by this factor: they take cores away from others. */
const WORTH = 1.25

/** Seconds of a learning step of `rows` rows. */
export const stepSeconds = (config: Config, rows: number, workers: number): number => {
  const numbers = Array.from({ length: layerCount(config) }, (_, i) => weightShapes(config, i + 1))
    .flat()
    .reduce((sum, [, height, width]) => sum + height * width, 0)
  // each weight is a factor once forward, and its update once a product over the rows
  const alone = (numbers * (2 * rows + OPTIMIZER_TERMS)) / TERMS_PER_SECOND
  if (workers === 1) return alone
  const meetings = 4 + 2 * config.passes
  return alone / workers + meetings * MEETING_SECONDS + MESSAGE_SECONDS / STEPS_PER_MESSAGE
}

/** The fastest number of workers up to `most`; one, unless more are clearly faster. */
export const fastestWorkers = (config: Config, rows: number, most: number): number => {
  const times = Array.from({ length: Math.max(1, most) }, (_, i) => stepSeconds(config, rows, i + 1))
  const least = times.indexOf(Math.min(...times))
  return times[0]! > WORTH * times[least]! ? least + 1 : 1
}
