/** A whole run of the kit against a port: handshake, cases, the same question twice, fuzzing, and the end. */

import { SPEC_VERSION } from '../ptncn/config.js'
import { PtncnError } from '../errors.js'
import { failed, putRefused, putScenario, request, type Caps, type Failure, type Outcome } from './client.js'
import type { Connection } from './connection.js'
import type { Level } from './judge.js'
import type { Json } from './json.js'
import { asRecord } from './json.js'
import { PROTOCOL } from './protocol.js'
import { lacking, type Case } from './vectors.js'

export interface PortName {
  readonly name: string
  readonly version: string
  readonly language: string
}

export interface Hello {
  readonly port: PortName
  readonly caps: Caps
}

const texts = (value: Json | undefined): readonly string[] | undefined =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? (value as readonly string[]) : undefined

const NOT_SAID = 'hello: '

const readCaps = (value: Json | undefined): Caps => {
  const caps = asRecord(value)
  const fail = (name: string, expected: string): never => {
    throw new PtncnError('ShapeError', `${NOT_SAID}"caps.${name}" expected ${expected}`, value)
  }
  if (!caps) return fail('', 'a record')
  const list = (name: string): readonly string[] => texts(caps[name]) ?? fail(name, 'a list of names')
  const whole = (name: string): number =>
    Number.isSafeInteger(caps[name]) && (caps[name] as number) >= 1 ? (caps[name] as number) : fail(name, 'a whole number >= 1')
  const { trace, level } = caps
  if (level !== 'tol' && level !== 'bit') return fail('level', '"tol" or "bit"')
  const traced =
    trace === 'full' || trace === 'none' ? trace : (texts(trace) ?? fail('trace', '"full", "none" or a list of names'))
  const some = (name: string): readonly string[] => (list(name).length > 0 ? list(name) : fail(name, 'at least one name'))
  const ops = list('ops')
  if (!ops.includes('step')) fail('ops', '"step" among them')
  return {
    layers: whole('layers'),
    maxDims: whole('maxDims'),
    activations: some('activations'),
    outputs: some('outputs'),
    optimizers: some('optimizers'),
    ops,
    trace: traced,
    level,
  }
}

/** Asks a port who it is. [pr-hello] */
export const shakeHands = async (port: Connection): Promise<Hello | { readonly failure: Failure }> => {
  const answer = await request(port, { op: 'hello', protocols: [PROTOCOL], spec: SPEC_VERSION, kit: SPEC_VERSION })
  if ('failure' in answer) return answer
  const { fields } = answer
  try {
    if (fields['ok'] !== true || fields['protocol'] !== PROTOCOL) {
      return { failure: { kind: 'protocol', what: `${NOT_SAID}expected ok and protocol ${PROTOCOL}` } }
    }
    if (!texts(fields['specs'])?.includes(SPEC_VERSION))
      return { failure: { kind: 'protocol', what: `${NOT_SAID}"specs" expected ${SPEC_VERSION} among them` } }
    const named = asRecord(fields['port']) ?? {}
    const text = (name: string): string => String(named[name] ?? 'unnamed').slice(0, 80)
    return { port: { name: text('name'), version: text('version'), language: text('language') }, caps: readCaps(fields['caps']) }
  } catch (error) {
    return { failure: { kind: 'protocol', what: (error as Error).message } }
  }
}

export type Status = 'pass' | 'fail' | 'skip' | 'not run'

export interface Result {
  readonly id: string
  readonly topic: string
  readonly status: Status
  readonly failures: readonly Failure[]
  /** why it was left out */
  readonly reason?: string
  readonly ms: number
  readonly why?: string
}

/** What all results together say. */
export interface Tally {
  readonly results: Result[]
  readonly worst: Map<string, number>
  readonly reached: Set<string>
  bitExact: boolean
}

export const newTally = (): Tally => ({ results: [], worst: new Map(), reached: new Set(), bitExact: true })

export const record = (tally: Tally, result: Result, outcome?: Outcome): Result => {
  tally.results.push(result)
  if (outcome) {
    tally.bitExact &&= outcome.bitExact
    for (const equation of outcome.reached) tally.reached.add(equation)
    for (const [equation, units] of outcome.worst) tally.worst.set(equation, Math.max(tally.worst.get(equation) ?? 0, units))
  }
  return result
}

/** Every so many cases the same question is asked twice. */
const TWICE_EVERY = 8

/** Puts one published case. */
export const runCase = async (port: Connection, one: Case, caps: Caps, level: Level): Promise<Outcome> => {
  if ('refusal' in one.expect) return putRefused(port, one.request, one.expect.refusal)
  return putScenario(port, one.scenario!, caps, level)
}

export interface SessionOptions {
  readonly level: Level
  /** milliseconds since some moment */
  readonly now: () => number
  /** when to stop, by `now` */
  readonly until: number
}

/** Puts all cases, in their order; none is left out without a word. */
export const runCases = async (
  port: Connection,
  caps: Caps,
  cases: readonly Case[],
  options: SessionOptions,
  tally: Tally,
): Promise<void> => {
  const { level, now, until } = options
  for (const [i, one] of cases.entries()) {
    const { id, topic, why } = one
    const start = now()
    const lacks = lacking(one, caps)
    if (lacks || start > until) {
      const reason = lacks ? `the port has no ${lacks}` : 'the time was up'
      record(tally, { id, topic, status: lacks ? 'skip' : 'not run', failures: [], reason, ms: 0, why })
      continue
    }
    let outcome = await runCase(port, one, caps, level)
    if (i % TWICE_EVERY === 0 && outcome.failures.length === 0) {
      const again = await runCase(port, one, caps, level)
      if (again.failures.length > 0) outcome = again
      else if (again.raw !== outcome.raw)
        outcome = failed({ kind: 'nondeterministic', what: 'the same request was answered twice, and differently' })
    }
    const status = outcome.failures.length > 0 ? 'fail' : 'pass'
    record(tally, { id, topic, status, failures: outcome.failures, ms: now() - start, why }, outcome)
  }
}

/** Equations that every port has to reach. */
export const REQUIRED: readonly string[] = [
  'A1',
  'A2',
  'P1',
  'C1',
  'C2',
  'C3',
  'C4',
  'L1',
  'L2',
  'L3',
  'L4',
  'L5',
  'L6',
  'O1',
  'O2',
  'O3',
  'O4',
  'st-carried',
]

export const unreached = (tally: Tally): readonly string[] => REQUIRED.filter((equation) => !tally.reached.has(equation))

/** [pr-verdict] */
export const STATUS = { conforms: 0, failures: 1, usage: 2, notStarted: 3, nothingRan: 4, kitFault: 5 } as const

/** `localised`: the port traces, so that equations can be reached at all. */
export const exitStatus = (tally: Tally, caps: Caps): number => {
  if (tally.results.some(({ status }) => status === 'fail')) return STATUS.failures
  const ran = tally.results.filter(({ status }) => status === 'pass')
  if (ran.length === 0 || tally.results.some(({ status }) => status === 'not run')) return STATUS.nothingRan
  return caps.trace === 'full' && unreached(tally).length > 0 ? STATUS.nothingRan : STATUS.conforms
}
