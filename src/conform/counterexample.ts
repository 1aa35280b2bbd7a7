/** A failing case as a vector file of its own, with what the reference gives. */

import { SPEC_VERSION } from '../ptncn/config.js'
import type { Failure } from './client.js'
import { encodeScenario } from './protocol.js'
import { encodeOutcome, isCulprit, runScenario } from './serve.js'
import type { Scenario } from './situation.js'
import { VECTORS_FORMAT, VECTORS_VERSION } from './vectors.js'

export const counterexample = (scenario: Scenario, id: string, { kind, equation, what }: Failure): string => {
  const outcomes = runScenario(scenario)
  const made = {
    id,
    equations: equation ? [equation] : [],
    flags: [],
    why: `found by fuzzing: ${kind}, ${what}`,
    request: { ...encodeScenario(scenario), want: 'trace' },
    expect: { steps: outcomes.map((outcome) => (isCulprit(outcome) ? {} : encodeOutcome(outcome, true))) },
  }
  const head = {
    format: VECTORS_FORMAT,
    spec: SPEC_VERSION,
    vectors: VECTORS_VERSION,
    topic: 'fuzz',
    about: 'A counterexample',
    licence: 'CC0-1.0',
    provenance: 'ptncn conform --fuzz',
    generator: 'ptncn conform',
    count: 1,
    flags: {},
  }
  return `${JSON.stringify({ ...head, cases: [made] }, undefined, 1)}\n`
}
