/** Runs that stop at each equation in turn: found by search, the first of a key that stops there. */

import { keyOf } from '../../../src/numeric/random.js'
import { divergingScenario } from '../../../src/conform/draw.js'
import { CAPS, runScenario } from '../../../src/conform/reference.js'
import type { Scenario } from '../../../src/conform/scenario.js'
import type { Entry } from './build.js'

/** Of 0.1.0 alone, small, and of one step. */
const caps = { ...CAPS, specs: ['0.1.0'] as const, layers: 3, maxDims: 4 }
const PLACES = ['A1', 'A2', 'P1', 'C1', 'C2', 'C3', 'C4', 'L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'S1', 'S2', 'S3', 'O3'] as const
const MOST = 4000

const found = new Map<string, Scenario[]>()
for (let i = 0; i < MOST && PLACES.some((place) => (found.get(place)?.length ?? 0) < 2); i++) {
  const scenario = divergingScenario(keyOf(99), i, caps)
  const culprit = scenario && runScenario(scenario).culprit
  if (!scenario || !culprit || scenario.inputs.length > 2) continue
  const others = found.get(culprit.equation) ?? []
  if (others.length < 2) found.set(culprit.equation, [...others, scenario])
}

const entries: readonly Entry[] = PLACES.flatMap((place) =>
  (found.get(place) ?? []).map((scenario, i) => ({
    id: `overflow-${place.toLowerCase()}-${i + 1}`,
    equations: `ar-finite ${place}`,
    flags: 'diverges',
    scenario,
    why: `what is enormous overflows at ${place}, and nothing that comes before it in the list of [ar-finite] does`,
  })),
)

export const overflows = { overflow: { about: 'Runs that stop at each equation', entries } }
