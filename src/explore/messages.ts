/** What page and worker say to one another. Everything is plain. */

import type { Moment, Situation } from '../conform/scenario.js'
import type { Outcome } from '../conform/reference.js'
import type { Packed } from './pack.js'
import type { Setup } from './setup.js'
import type { At } from './sources.js'

/** One step by the reference, with its trace. */
export interface StepJob {
  readonly kind: 'step'
  readonly packed: Packed
  readonly situation: Situation
  readonly moment: Moment
  readonly train: boolean
}

/** Many steps by the WebAssembly engine, until told to stop or so many are done. */
export interface LearnJob {
  readonly kind: 'learn'
  readonly packed: Packed
  readonly setup: Setup
  readonly situation: Situation
  readonly at: At
  readonly steps: number
}

export interface ExperimentJob {
  readonly kind: 'experiment'
  readonly name: string
  readonly seed: number
}

export type Job = StepJob | LearnJob | ExperimentJob

export type Request = { readonly id: number; readonly job: Job } | { readonly id: number; readonly stop: true }

/** How far a job is. */
export interface LearnProgress {
  readonly steps: number
  readonly seconds: number
  /** mean losses, one for each stretch */
  readonly loss: number
  /** the last frames that were seen, and how they were predicted */
  readonly seen: readonly Float32Array[]
  readonly predicted: readonly Float32Array[]
}

export interface Learnt {
  readonly situation: Situation
  readonly at: At
  readonly steps: number
}

/** A line of a chart: values at whole numbers from `from` on, `every` apart. */
export interface Series {
  readonly name: string
  readonly values: readonly number[]
  readonly from: number
  readonly every: number
  /** the place of each value on the axis; `from` and `every` then say nothing */
  readonly places?: readonly number[]
}

/** What an experiment has found so far. */
export interface Findings {
  readonly charts: readonly {
    readonly title: string
    readonly x: string
    readonly y: string
    readonly series: readonly Series[]
    /** places on the x axis that are marked */
    readonly marks?: readonly { readonly at: number; readonly label: string }[]
    readonly logarithmic?: boolean
    /** the marks are kinds, and not places on a line */
    readonly kinds?: boolean
  }[]
  /** in words, from the figures */
  readonly said: readonly string[]
  /** the part that is done, 0 to 1 */
  readonly done: number
}

export type Reply =
  | { readonly id: number; readonly stepped: Outcome }
  | { readonly id: number; readonly progress: LearnProgress }
  | { readonly id: number; readonly learnt: Learnt }
  | { readonly id: number; readonly findings: Findings; readonly ended: boolean }
  | { readonly id: number; readonly error: string }

/** A job that goes on until it is done or told to stop. */
export interface Running<Result> {
  readonly done: Promise<Result>
  readonly stop: () => void
}

/** What a worker is asked for. */
export interface Client {
  readonly step: (job: Omit<StepJob, 'kind'>) => Promise<Outcome>
  readonly learn: (job: Omit<LearnJob, 'kind'>, progress: (value: LearnProgress) => void) => Running<Learnt>
  readonly experiment: (name: string, seed: number, progress: (value: Findings) => void) => Running<void>
}
