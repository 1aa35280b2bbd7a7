/**
 * Random feedback local online learning (J. Murray, "Local online learning in recurrent networks with random feedback",
 * 2019) and, for units of this kind, e-prop (G. Bellec et al., "A solution to the learning dilemma for recurrent networks of
 * spiking neurons", 2020), for a network whose units leak, u = h[t-1] W + x[t-1] U + b:
 *
 *   h = (1 - a) h[t-1] + a tanh u,   P[j,l] <- (1 - a) P[j,l] + a (1 - tanh^2 u_j) xhat_l,   gradient: q_j P[j,l]
 *
 * Of the past only what leaks on in the unit itself counts, what goes through W does not. q, the error of each unit, is
 * that of the prediction by a fixed random B (RFLO) or by V (e-prop). V and c learn from their own gradient in either.
 */

import { normals, split, type Key } from '../numeric/random.js'
import { oneOf, type Field } from '../fields.js'
import { each, type Algebra } from './algebra.js'
import { leaky } from './elman.js'
import { localTrace } from './local.js'
import { onlineRival, type Pathway, type TraceOf } from './online.js'
import { requireSettings, part, type Rival, type RivalConfig, type Tensors } from './rival.js'

/** What RFLO has beside what all rivals have. */
export interface RfloSettings {
  /** a, above 0, at most 1; 1 forgets all but one step */
  readonly leak: number
  /** by what errors come back to the units: `random`, a fixed matrix, as RFLO has it, or `symmetric`, V, as e-prop has it */
  readonly feedback: 'random' | 'symmetric'
}

/** Half of a unit is kept from step to step, and errors come back at random. */
export const RFLO_DEFAULTS: RfloSettings = { leak: 0.5, feedback: 'random' }

/** What is allowed as `feedback`. */
export const FEEDBACK: Field<RfloSettings['feedback']> = oneOf<RfloSettings['feedback']>('random', 'symmetric')

const KINDS = { leak: part, feedback: FEEDBACK }

/** The network, and the way back. */
export const pathwayOf = ({ leak, feedback }: RfloSettings): Pathway => ({
  cell: leaky(leak),
  feedback: feedback === 'random' ? 'B' : 'V',
})

/** What leaks on: P of each row of the batch. */
export const leakingTrace = (algebra: Algebra, { leak }: RfloSettings): TraceOf =>
  localTrace(algebra, (_W, s) => each(algebra, () => 1 - leak, s))

/** The index after those of the weights of a network. */
const FEEDBACK_KEY = 3

/** B, n x m, drawn as V is. */
const randomFeedback = (algebra: Algebra, { inputs, units, weightScale }: RivalConfig, key: Key): Tensors => ({
  B: each(algebra, (w) => w, normals(split(key, FEEDBACK_KEY), units, inputs, weightScale || 1 / Math.sqrt(units))),
})

/**
 * Random feedback local online learning (Murray, 2019), or e-prop (Bellec et al., 2020) where the feedback is symmetric.
 * @throws ConfigError naming the first setting that it cannot have
 */
export const rflo = (algebra: Algebra, config: RivalConfig, settings: RfloSettings): Rival => {
  requireSettings(settings, KINDS)
  return onlineRival(algebra, config, {
    name: 'rflo',
    trace: leakingTrace(algebra, settings),
    pathway: pathwayOf(settings),
    ...(settings.feedback === 'random' && { fixed: (key) => randomFeedback(algebra, config, key) }),
  })
}
