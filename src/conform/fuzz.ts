/** Random cases until one fails, which is made smaller. What a case is, is a matter of its number and the seed alone. */

import { PtncnError } from '../errors.js'
import { keyOf, split, type Key } from '../numeric/random.js'
import { SPEC_VERSION, specOf } from '../ptncn/config.js'
import { putEquations, putOddEquation, type Traced } from './asking.js'
import { diceOf, type Dice } from './dice.js'
import { divergingScenario, randomCase, type Drawn } from './draw.js'
import type { Level } from './equations/rounding.js'
import { MISUSES, type Body } from './misuse.js'
import { ODDITIES, underClause, UNTRACED } from './oddities.js'
import { putDrawnPart } from './parts/put.js'
import { dressed, type Connection } from './port/connection.js'
import { encodeScenario, PARTS, type Caps } from './port/wire.js'
import { failed, outcomeOf, putRefused, putScenario, type CaseOutcome, type Failure } from './put.js'
import { answerOf, encodeOutcome, runScenario, type Outcome } from './reference.js'
import { startOf, type Scenario } from './scenario.js'
import { record, type Result, type SessionOptions, type Tally } from './session.js'
import { shrink } from './shrink.js'
import { VECTORS_FORMAT } from './case.js'
import { VECTORS_VERSION } from './vectors.js'

/** What a random case has shown, and how it is put again where it failed. */
interface Put {
  readonly outcome: CaseOutcome
  /** the scenario that failed, to be made smaller */
  readonly failing?: { readonly scenario: Scenario; readonly again: (smaller: Scenario) => Promise<readonly Failure[]> }
  /** the request that was not refused as it should be */
  readonly request?: { readonly body: object; readonly expect: object }
}

/** The first step of a scenario as a request that may be spoilt. */
const bodyOf = (scenario: Scenario): Body =>
  JSON.parse(JSON.stringify({ ...encodeScenario({ ...scenario, inputs: scenario.inputs.slice(0, 1) }), want: 'trace' })) as Body

/** A request that has to be refused. */
const putMisuse = async (port: Connection, scenario: Scenario, index: number, dice: Dice): Promise<Put> => {
  const { id, kind, clause, spoil } = MISUSES[index % MISUSES.length]!
  const body = bodyOf(scenario)
  if (spoil(body, dice) === false) return { outcome: outcomeOf([]) }
  const outcome = await putRefused(port, body, { kind, what: '' }, clause)
  const failures = outcome.failures.map((one) => ({ ...one, what: `${id}: ${one.what}` }))
  return { outcome: { ...outcome, failures }, request: { body, expect: { kind } } }
}

/** The scenario once more, in other words, or without a trace. */
const putOddly = async (
  port: Connection,
  scenario: Scenario,
  caps: Caps,
  level: Level,
  index: number,
  dice: Dice,
): Promise<Put> => {
  const known = ODDITIES.filter(({ op }) => op === undefined || caps.ops.includes(op))
  const oddity = known[index % (known.length + 1)] ?? UNTRACED
  const put = async (one: Scenario): Promise<readonly Failure[]> => {
    const asked = oddity === UNTRACED ? { ...caps, trace: 'none' as const } : caps
    const { failures } = await putScenario(
      dressed(port, (body) => oddity.dress(body, dice)),
      one,
      asked,
      level,
    )
    // asked as usual it was right
    return failures.map((one) => underClause(one, oddity))
  }
  return { outcome: outcomeOf(await put(scenario)), failing: { scenario, again: put } }
}

/** A step that stops being finite: it has to be refused, at the right place. */
const putDiverging = async (port: Connection, scenario: Scenario): Promise<Put> => {
  const { culprit } = runScenario(scenario)
  if (!culprit) return { outcome: outcomeOf([]) }
  const body = { ...encodeScenario(scenario), want: 'trace' }
  const outcome = await putRefused(port, body, { kind: 'diverged', what: '', ...culprit })
  const diverged = { outcome, request: { body, expect: { kind: 'diverged', ...culprit } } }
  return outcome.failures.length > 0 ? diverged : ((await putMalformedAfter(port, body)) ?? diverged)
}

/** What is not well formed in a later input comes before the divergence of an earlier step. [pr-answers] */
const putMalformedAfter = async (port: Connection, body: object): Promise<Put | undefined> => {
  const { input, inputs = [input], ...rest } = body as Record<string, unknown> & { readonly inputs?: readonly unknown[] }
  const { mask: _, ...short } = inputs.at(-1) as Record<string, unknown>
  const run = { ...rest, op: 'run', inputs: [...inputs, short] }
  const outcome = await putRefused(port, run, { kind: 'invalid', what: '' }, 'pr-answers')
  return outcome.failures.length > 0 ? { outcome, request: { body: run, expect: { kind: 'invalid' } } } : undefined
}

/** Equations of the first step, asked for by themselves: a few, or where one was wrong all. */
const putAsked = async (port: Connection, { scenario, steps }: Drawn, caps: Caps, level: Level, dice: Dice): Promise<Put> => {
  const traced = (one: Scenario, outcome: Outcome): Traced => ({
    start: startOf(one, one.from, one.inputs[0]!),
    trace: outcome.trace,
  })
  const first = traced(scenario, steps[0]!)
  const failures = await putEquations(port, first, level, (rules) => [dice.pick(rules), dice.pick(rules)])
  if (failures.length === 0)
    return {
      outcome: outcomeOf(caps.specs.includes('0.2.0') && dice.chance(0.3) ? await putOddEquation(port, first, level, dice) : []),
    }
  const again = async (one: Scenario): Promise<readonly Failure[]> =>
    putEquations(port, traced(one, runScenario(one).steps[0]!), level)
  return { outcome: outcomeOf(failures), failing: { scenario, again } }
}

/** Dice of a case that are not those of its scenario; and a key of cases that diverge. */
const [OTHER_DICE, DIVERGING] = [2 ** 40, 2 ** 41]

/** Case `index` of a key: a scenario, and some of what goes with it. The first that fails is told. */
export const putDrawn = async (port: Connection, caps: Caps, key: Key, index: number, level: Level): Promise<Put> => {
  const drawn = randomCase(key, index, caps)
  const { scenario } = drawn
  const dice = diceOf(split(split(key, index), OTHER_DICE))
  const outcome = await putScenario(port, scenario, caps, level, drawn.steps.map(answerOf))
  if (outcome.failures.length > 0)
    return { outcome, failing: { scenario, again: async (one) => (await putScenario(port, one, caps, level)).failures } }
  const others: (() => Promise<Put>)[] = []
  if (caps.ops.includes('equation')) others.push(() => putAsked(port, drawn, caps, level, dice))
  const parts = PARTS.filter((part) => caps.ops.includes(part))
  if (parts.length > 0 && dice.chance(0.5)) others.push(() => putDrawnPart(port, dice.pick(parts), scenario, level, dice))
  // how strict a port of 0.1.0 has to be with requests that are not as usual, that version left to its reader
  const strict = caps.specs.includes('0.2.0')
  if (strict) others.push(() => putMisuse(port, scenario, index, dice))
  if (strict && index % 4 === 1) others.push(() => putOddly(port, scenario, caps, level, (index - 1) / 4, dice))
  // at the level `tol` what overflows is a matter of rounding
  const diverging = index % 16 === 3 && level === 'bit' ? divergingScenario(split(key, DIVERGING), index, caps) : undefined
  if (diverging) others.push(() => putDiverging(port, diverging))
  for (const put of others) {
    const other = await put()
    if (other.outcome.failures.length > 0) return other
  }
  return { outcome }
}

/** A failing case as a vector file of its own, with what the reference gives. */
const counterexample = (id: string, spec: string, request: object, expect: object, { kind, equation, what }: Failure): string => {
  const why = `found by fuzzing: ${kind}, ${what}`
  const made = { id, equations: equation ? [equation] : [], flags: [], why, request, expect }
  const head = {
    format: VECTORS_FORMAT,
    spec,
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

const ofScenario = (id: string, scenario: Scenario, failure: Failure): string => {
  const request = { ...encodeScenario(scenario), want: 'trace' }
  const steps = runScenario(scenario).steps.map((outcome) => encodeOutcome(outcome, true))
  return counterexample(id, specOf(scenario.config), request, { steps }, failure)
}

export interface Fuzzed {
  /** how many cases were put */
  readonly cases: number
  /** the failing case and, where a file can hold it, the small one as a vector file */
  readonly found?: { readonly result: Result; readonly file?: string }
}

/** Whether a smaller scenario is one: finite, and with steps that fit one another. */
const isWhole = (scenario: Scenario): boolean => {
  try {
    return runScenario(scenario).culprit === undefined
  } catch (error) {
    if (error instanceof PtncnError) return false
    throw error
  }
}

/** The failure of a case made small, and its file. */
const smaller = async (
  id: string,
  { outcome, failing, request }: Put,
  now: () => number,
): Promise<{ failure: Failure; file?: string }> => {
  const first = outcome.failures[0]!
  // asked in an odd way, a case is made anew from its seed alone
  if (!failing && !request) return { failure: first }
  if (!failing) return { failure: first, file: counterexample(id, SPEC_VERSION, request!.body, request!.expect, first) }
  const put = async (one: Scenario): Promise<Failure | undefined> => (isWhole(one) ? (await failing.again(one))[0] : undefined)
  const { scenario, failure } = await shrink(failing.scenario, first, put, now)
  return { failure, file: ofScenario(id, scenario, failure) }
}

/** Puts random cases until one fails. */
export const fuzz = async (
  port: Connection,
  caps: Caps,
  cases: number,
  seed: number,
  { level, now, until }: SessionOptions,
  tally: Tally,
): Promise<Fuzzed> => {
  const key = keyOf(seed)
  for (let i = 0; i < cases; i++) {
    const start = now()
    const result = { id: `fuzz-${seed}-${i}`, topic: 'fuzz', failures: [] }
    if (start > until) {
      record(tally, { ...result, status: 'not run', reason: 'the time was up', ms: 0 })
      return { cases: i }
    }
    const put = await putDrawn(port, caps, key, i, level)
    const [first] = put.outcome.failures
    if (!first) {
      record(tally, { ...result, status: 'pass', ms: now() - start }, put.outcome)
      continue
    }
    const { failure, file } = await smaller(result.id, put, now)
    const failing: Result = { ...result, status: 'fail', failures: [failure], ms: now() - start }
    record(tally, failing, failed(first))
    return { cases: i + 1, found: { result: failing, ...(file !== undefined && { file }) } }
  }
  return { cases }
}
