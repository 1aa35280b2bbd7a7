/**
 * Zero-shot adaptation: trained on digits, its weights then frozen, scored on digits and on glyphs that it never saw,
 * with the correction phase on and off. No files, no terminal.
 */

import { mismatch } from '../errors.js'
import type { Task } from '../data/task.js'
import type { Engine, Snapshot } from '../engine/engine.js'
import { requireRecord } from '../io/json.js'
import type { Config } from '../ptncn/config.js'
import { intervalOf, type Interval } from './statistics.js'
import { scorePart } from './train.js'

/** Of the two tasks the sequences to score take the same paths; only the images differ. */
export interface ZeroShotTasks {
  readonly digits: Task
  readonly glyphs: Task
}

/** One network, with its correction and without. */
export interface ZeroShotEngines {
  readonly on: Engine
  readonly off: Engine
}

/** What the correction of states is worth: lower is better, so `off - on` is what it gains. */
export interface Corrected {
  readonly on: number
  readonly off: number
}

/** Nats a frame, on test data. */
export interface ZeroShotScores {
  readonly digits: Corrected
  readonly glyphs: Corrected
}

export interface ZeroShotSummary {
  readonly digits: Readonly<Record<'on' | 'off' | 'gain', Interval>>
  readonly glyphs: Readonly<Record<'on' | 'off' | 'gain', Interval>>
  readonly adaptation: Interval
}

/** Without the correction phase a state stays what A2 made it: y = f(a - 0 d) = z. */
export const withoutCorrection = (config: Config): Config => ({ ...config, beta: 0 })

export const gainOf = ({ on, off }: Corrected): number => off - on

/**
 * The network was trained with the correction on, so that switching it off hurts digits too: what it adapts to glyphs is
 * only what it gains on them beyond that.
 */
export const adaptationOf = ({ digits, glyphs }: ZeroShotScores): number => gainOf(glyphs) - gainOf(digits)

const scoresOf = async ({ on, off }: ZeroShotEngines, task: Task, network: Snapshot): Promise<Corrected> => ({
  on: await scorePart(on, task, network, 'test'),
  off: await scorePart(off, task, network, 'test'),
})

/** The four scores of a network whose weights stay as they are. */
export const zeroShot = async (
  { digits, glyphs }: ZeroShotTasks,
  engines: ZeroShotEngines,
  network: Snapshot,
): Promise<ZeroShotScores> => ({
  digits: await scoresOf(engines, digits, network),
  glyphs: await scoresOf(engines, glyphs, network),
})

/** Every seed by itself: the gains of one network are taken from each other before anything is averaged. */
export const zeroShotSummary = (seeds: readonly ZeroShotScores[]): ZeroShotSummary => {
  const over = (of: (scores: ZeroShotScores) => number): Interval => intervalOf(seeds.map(of))
  const ofTask = (task: keyof ZeroShotScores) => ({
    on: over((scores) => scores[task].on),
    off: over((scores) => scores[task].off),
    gain: over((scores) => gainOf(scores[task])),
  })
  return { digits: ofTask('digits'), glyphs: ofTask('glyphs'), adaptation: over(adaptationOf) }
}

/** The scores that a file holds. @throws FileError */
export const readZeroShot = (file: string, { scores }: Readonly<Record<string, unknown>>): ZeroShotScores => {
  const all = requireRecord(`scores of ${file}`, scores)
  const number = (what: string, value: unknown): number => {
    if (typeof value === 'number') return value
    throw mismatch('FileError', `scores.${what} of ${file}`, 'a number', value)
  }
  const ofTask = (task: keyof ZeroShotScores): Corrected => {
    const { on, off } = requireRecord(`scores.${task} of ${file}`, all[task])
    return { on: number(`${task}.on`, on), off: number(`${task}.off`, off) }
  }
  return { digits: ofTask('digits'), glyphs: ofTask('glyphs') }
}
