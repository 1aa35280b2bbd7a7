/** Why a port refuses what is valid: the same request with one unusual thing made usual, until it is answered. */

import { map } from '../numeric/matrix.js'
import { config, released, type Config } from '../ptncn/config.js'
import type { Scenario } from './scenario.js'

interface Probe {
  readonly what: string
  readonly clause: string
  /** undefined where there is nothing to change */
  readonly usual: (scenario: Scenario) => Scenario | undefined
}

const withMask = (scenario: Scenario): Scenario | undefined =>
  scenario.inputs.some(({ mask }) => Array.from(mask.data).some((m) => Object.is(m, -0)))
    ? { ...scenario, inputs: scenario.inputs.map((input) => ({ ...input, mask: map((m) => m + 0, input.mask) })) }
    : undefined

const withTime = (scenario: Scenario): Scenario | undefined =>
  scenario.from.t > 9 ? { ...scenario, from: { ...scenario.from, t: 9 } } : undefined

const withKey = (scenario: Scenario): Scenario | undefined =>
  scenario.from.key.includes(0) ? { ...scenario, from: { ...scenario.from, key: [1, 2] } } : undefined

/** Numbers of the configuration that change no tensor's shape. */
const NUMBERS =
  'gamma beta alpha lambda clip rate momentum beta1 beta2 decay epsilon maxNorm learnFrom window weightDecay rateFanIn'
    .split(' ')
    .map((field) => field as 'rate')

const withField =
  (field: keyof Config & 'rate') =>
  (scenario: Scenario): Scenario | undefined =>
    scenario.config[field] === released[field]
      ? undefined
      : { ...scenario, config: config({ ...scenario.config, [field]: released[field] }) }

export const PROBES: readonly Probe[] = [
  { what: 'a mask of -0', clause: 'C1', usual: withMask },
  { what: 'so large a t', clause: 'st-carried', usual: withTime },
  { what: 'a key with a word of 0', clause: 'ar-key', usual: withKey },
  ...NUMBERS.map((field) => ({ what: `this ${field}`, clause: 'cf-fields', usual: withField(field) })),
]
