/**
 * The one list of phases that every fast engine follows: advance, settle, learn, apply. [A1] to [O4]
 *
 * A phase is what one worker does of it, on its own share; between phases the workers meet. One worker alone has all
 * the shares, and nobody to meet.
 */

import type { Context, Frame } from './context.js'
import { advancePhase, correctPhase, predictPhase, scorePhase } from './forward.js'
import { applyPhase, learnPhase } from './learning.js'

export interface Phase {
  readonly name: 'advance' | 'predict' | 'score' | 'correct' | 'learn' | 'apply' | 'close'
  readonly run: (context: Context, frame: Frame) => void
  /** the workers wait for each other after it */
  readonly meets: boolean
}

/**
 * The phases of one step. By layers the workers meet after each; by rows only where a worker reads what others made, around
 * the updates, and at the end of every step of a job that learns (`ends`), so that they stay together.
 */
export const phasesOf = (
  { config, by, cuts }: Pick<Context, 'config' | 'by' | 'cuts'>,
  learns: boolean,
  ends: boolean,
): readonly Phase[] => {
  const [softmax, apart] = [config.output === 'softmax', by === 'layers']
  const settling = Array.from({ length: config.passes }, (_, i): Phase[] => {
    const pass = i + 1
    const scored: Phase = { name: 'score', run: (context, frame) => scorePhase(context, frame, pass), meets: apart && softmax }
    const whole = pass === config.passes && (learns || ends)
    return [
      { name: 'predict', run: (context, frame) => predictPhase(context, frame, pass), meets: apart },
      ...(softmax || pass === 1 ? [scored] : []),
      { name: 'correct', run: (context, frame) => correctPhase(context, frame, pass), meets: apart || whole },
    ]
  })
  return [
    { name: 'advance', run: advancePhase, meets: apart },
    ...settling.flat(),
    ...(learns ? [{ name: 'learn', run: learnPhase, meets: true } as const] : []),
    ...(learns && cuts ? [{ name: 'apply', run: applyPhase, meets: true } as const] : []),
  ]
}
