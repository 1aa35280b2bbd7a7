/** The step that is shown as a vector file, and one that is opened. [pr-vectors] */

import { parseVectors, VECTORS_FORMAT } from '../conform/case.js'
import { encodeOutcome, runScenario } from '../conform/reference.js'
import { encodeScenario } from '../conform/port/wire.js'
import type { Scenario } from '../conform/scenario.js'
import { PtncnError } from '../errors.js'
import { specOf } from '../ptncn/config.js'

/** What a line of the protocol may have, less what stands around a step. */
const LONGEST = 7 * 2 ** 20

/** @throws ConfigError where the activation is a function, which no file can hold; FileError where the step is too large */
export const vectorFile = (scenario: Scenario): string => {
  if (typeof scenario.config.activation === 'function')
    throw new PtncnError('ConfigError', 'a file cannot hold a random table; choose another f', undefined)
  const { steps } = runScenario(scenario)
  const equations = [...new Set(steps.flatMap(({ trace }) => [...trace.keys()].map((name) => name.slice(0, name.indexOf('.')))))]
  const made = {
    id: 'explored-step',
    equations: equations.filter((name) => /^[A-Z]\d$/.test(name)),
    flags: [],
    why: 'a step of the network on the page',
    request: { ...encodeScenario(scenario), want: 'trace' },
    expect: { steps: steps.map((outcome) => encodeOutcome(outcome, true)) },
  }
  const head = {
    format: VECTORS_FORMAT,
    spec: specOf(scenario.config),
    topic: 'explore',
    about: 'A step of the network on the page',
    count: 1,
  }
  const text = `${JSON.stringify({ ...head, cases: [made] }, undefined, 1)}\n`
  if (text.length > LONGEST)
    throw new PtncnError('FileError', 'the step is larger than a line of the protocol may be; choose fewer units', text.length)
  return text
}

/** The first case of a file that has a step. @throws FileError that says what is wrong with it */
export const openVector = (text: string): { readonly id: string; readonly scenario: Scenario } => {
  const found = parseVectors(text).find(({ scenario, expect }) => scenario && 'steps' in expect)
  if (!found?.scenario) throw new PtncnError('FileError', 'the file has no case with a step', undefined)
  return { id: found.id, scenario: found.scenario }
}
