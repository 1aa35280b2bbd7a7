/**
 * Zero-shot adaptation as a grid: P-TNCN is trained on digits, its weights then frozen, and scored on digits and on glyphs
 * that it never saw, which take the same paths; with the correction phase on and off.
 */

import type { Fields } from '../../fields.js'
import { writtenFields, type Config } from '../../ptncn/config.js'
import { effectiveOptions } from '../run/folder.js'
import type { RunSettings } from '../settings.js'
import { intervalOf, type Interval } from '../statistics.js'
import type { CellResult } from './result.js'

/** Nats a frame, on test data. Lower is better, so `off - on` is what the correction gains. */
export interface ZeroShotScores {
  readonly digits: Readonly<Record<'on' | 'off', number>>
  readonly glyphs: Readonly<Record<'on' | 'off', number>>
}

type Gain = Readonly<Record<'on' | 'off' | 'gain', Interval>>

export interface ZeroShotSummary {
  readonly digits: Gain
  readonly glyphs: Gain
  readonly adaptation: Interval
}

/** The description of the grid: one task, one method with settings that are not searched for, seeds 1 to `seeds`. */
export const zeroShotGrid = (settings: RunSettings, config: Config, seeds: number): Fields => {
  const { task, side, frames, batch, sequences, profile } = settings
  const all = effectiveOptions(settings, config)
  const fields = writtenFields(config)
    .filter((name) => name !== 'activation' && name !== 'output')
    .map((name) => [name, all[name]])
  return {
    about: 'Trained on digits, scored on letters with frozen weights',
    units: config.units[1]!,
    tasks: { [task]: { task, sequences, side, frames, batch } },
    searchSeeds: [0],
    finalSeeds: Array.from({ length: seeds }, (_, i) => i + 1),
    contenders: [
      { method: 'ptncn', variant: all['activation'], settings: { profile, ...Object.fromEntries(fields) }, search: [{}] },
    ],
  }
}

/** What a cell says of it, where the correction was switched off too. */
export const zeroShotOf = ({ test, uncorrected, glyphs }: CellResult): ZeroShotScores | undefined =>
  uncorrected === undefined || glyphs?.uncorrected === undefined
    ? undefined
    : { digits: { on: test, off: uncorrected }, glyphs: { on: glyphs.test, off: glyphs.uncorrected } }

/**
 * The network was trained with the correction on, so that switching it off hurts digits too: what it adapts to glyphs is
 * only what it gains on them beyond that.
 */
export const adaptationOf = ({ digits, glyphs }: ZeroShotScores): number => glyphs.off - glyphs.on - (digits.off - digits.on)

/** Every seed by itself: the gains of one network are taken from each other before anything is averaged. */
export const zeroShotSummary = (seeds: readonly ZeroShotScores[]): ZeroShotSummary => {
  const over = (of: (scores: ZeroShotScores) => number): Interval => intervalOf(seeds.map(of))
  const gains = (task: keyof ZeroShotScores): Gain => ({
    on: over((scores) => scores[task].on),
    off: over((scores) => scores[task].off),
    gain: over((scores) => scores[task].off - scores[task].on),
  })
  return { digits: gains('digits'), glyphs: gains('glyphs'), adaptation: over(adaptationOf) }
}
