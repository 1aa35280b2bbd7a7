/** The experiments by name. */

import { adapt } from './adapt.js'
import type { Experiment } from './common.js'
import { lesion } from './lesion.js'
import { oddball } from './oddball.js'
import { profiles } from './profiles.js'
import { race } from './race.js'
import { units } from './units.js'

export const EXPERIMENTS: Readonly<Record<string, Experiment>> = { adapt, units, oddball, lesion, profiles, race }
