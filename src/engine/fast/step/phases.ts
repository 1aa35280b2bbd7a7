/**
 * The one list of phases that every fast engine follows: advance, settle, learn, apply. [A1] to [O4]
 *
 * A phase is what one worker does of it, on its own share; between phases the workers meet. One worker alone has all
 * the shares, and nobody to meet.
 */

import type { Config } from '../../../ptncn/config.js'
import type { Context, Frame } from './context.js'
import { advancePhase, correctPhase, predictPhase, scorePhase } from './forward.js'
import { applyPhase, learnPhase } from './learning.js'

export interface Phase {
  readonly name: 'advance' | 'predict' | 'score' | 'correct' | 'learn' | 'apply' | 'close'
  readonly run: (context: Context, frame: Frame) => void
  /** the workers wait for each other after it */
  readonly meets: boolean
}

/** The phases of one step. */
export const phasesOf = (config: Config, cuts: boolean, learns: boolean): readonly Phase[] => {
  const softmax = config.output === 'softmax'
  const settling = Array.from({ length: config.passes }, (_, i): Phase[] => {
    const pass = i + 1
    const scored: Phase = { name: 'score', run: (context, frame) => scorePhase(context, frame, pass), meets: softmax }
    return [
      { name: 'predict', run: (context, frame) => predictPhase(context, frame, pass), meets: true },
      ...(softmax || pass === 1 ? [scored] : []),
      { name: 'correct', run: (context, frame) => correctPhase(context, frame, pass), meets: true },
    ]
  })
  return [
    { name: 'advance', run: advancePhase, meets: true },
    ...settling.flat(),
    ...(learns ? [{ name: 'learn', run: learnPhase, meets: true } as const] : []),
    ...(learns && cuts ? [{ name: 'apply', run: applyPhase, meets: true } as const] : []),
  ]
}
