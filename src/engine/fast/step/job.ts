/** A job: a run of steps, each phase after phase, and how the workers that share it keep together. */

import type { Key } from '../../../numeric/random.js'
import { FINITE } from '../kernels/kernels.js'
import { SMALL_BITS } from '../memory/ended.js'
import type { Context, Division, Frame } from './context.js'
import { closePhase } from './learning.js'
import { phasesOf, type Phase } from './phases.js'

/** A run of steps whose inputs lie in the slots behind one, and what follows them. */
export interface Job {
  /** that are computed; the layout follows from it */
  readonly rows: number
  /** rows of the batch, with those that have ended and are left out */
  readonly batch: number
  /** rows may be left out, so that not only infinity but what is not small ends the job, see memory/ended.ts */
  readonly small: boolean
  readonly steps: number
  /** that of the step before the first */
  readonly slot: number
  readonly turn: 0 | 1
  readonly t: number
  readonly key: Key
  readonly learning: boolean
  /** a sum of updates is there already */
  readonly summed: boolean
  readonly power1: number
  readonly power2: number
  /** the sum of updates is applied after the steps [sq-update] */
  readonly closes: boolean
}

/** A job as the workers get it. */
export interface Posted extends Job {
  readonly by: Division
  /** milliseconds after which a job whose workers meet ends with the step that it is at */
  readonly patience: number
}

/** How the workers of one job keep together; alone, nobody waits. */
export interface Meeting {
  readonly meet: () => void
  /** says that a number of step `step` of this job is not finite, before the last meeting of that step */
  readonly fail: (step: number) => void
  /** whether anybody said so of this step, after that meeting */
  readonly failed: (step: number) => boolean
  /** says that the job is to end with step `step`, where it takes longer than it may; before the last meeting of that step */
  readonly tire: (step: number) => void
  /** whether anybody said so of this step, after that meeting */
  readonly tired: (step: number) => boolean
}

/** Where a job ended, and how much the powers of the optimiser have advanced. */
export interface Ended {
  /** steps that were done */
  readonly done: number
  /** the step of the job whose numbers were not finite, or where rows are left out not small; the number of its steps where that was what closes it */
  readonly failed: number | undefined
  readonly summed: boolean
  readonly power1: number
  readonly power2: number
}

/** The end of a job from those of its workers: of steps that failed the first. */
export const firstEnd = (a: Ended, b: Ended): Ended => ((b.failed ?? Infinity) < (a.failed ?? Infinity) ? b : a)

/**
 * Does a worker's share of a job. Where the workers meet, every one comes to the same end, as all decide from the same
 * facts; in a job by rows that does not learn nobody waits for another, and each comes to an end of its own.
 */
export const runJob = (context: Context, job: Job, { meet, fail, failed, tire, tired }: Meeting): Ended => {
  const { config, kernels } = context
  const phases = { learn: phasesOf(context, true, true), infer: phasesOf(context, false, job.learning) }
  let { summed, power1, power2 } = job
  const advancePowers = (): void => {
    power1 = Math.fround(power1 * config.beta1)
    power2 = Math.fround(power2 * config.beta2)
  }
  const follow = (step: number, list: readonly Phase[], frame: Frame): boolean => {
    list.forEach(({ run, meets }, i) => {
      run(context, frame)
      if (i === list.length - 1) {
        if (kernels.sawAbove(job.small ? SMALL_BITS : FINITE)) fail(step)
        if (meets) tire(step)
      }
      if (meets) meet()
    })
    return failed(step)
  }
  const frameOf = (step: number, scores: boolean, learns: boolean): Frame => ({
    slot: job.slot + step + 1,
    batch: job.batch,
    turn: ((job.turn + step) % 2) as 0 | 1,
    t: job.t + step,
    key: job.key,
    learns,
    scores,
    begins: !summed,
    power1,
    power2,
  })
  for (let step = 0; step < job.steps; step++) {
    const scores = job.t + step >= config.learnFrom
    const learns = job.learning && scores
    if (learns && config.update === 'step') advancePowers()
    const list = learns ? phases.learn : phases.infer
    if (follow(step, list, frameOf(step, scores, learns))) return { done: step, failed: step, summed, power1, power2 }
    if (learns && config.update === 'sequence') summed = true
    const done = step + 1
    if (list.at(-1)!.meets && done < job.steps && tired(step)) return { done, failed: undefined, summed, power1, power2 }
  }
  const done = job.steps
  if (!job.closes || !summed) return { done, failed: undefined, summed, power1, power2 }
  advancePowers()
  const closing: Phase = { name: 'close', run: closePhase, meets: true }
  const broken = follow(job.steps, [closing], frameOf(job.steps, false, true))
  return { done, failed: broken ? job.steps : undefined, summed: false, power1, power2 }
}
