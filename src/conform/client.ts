/** One case put to a port, and what it did judged. */

import { PtncnError } from '../errors.js'
import type { Connection, Fault } from './connection.js'
import { notAnAnswer } from './connection.js'
import { judge, type Finding, type Level, type Verdict } from './judge.js'
import { asRecord, parseJson, type Json } from './json.js'
import { encodeScenario, readRefusal, readStep, type Refusal, type StepAnswer } from './protocol.js'
import { carriesOf } from './rules.js'
import { begun, courseOf, type Moment, type Scenario, type Situation } from './situation.js'

/** What a port can do, as it says itself. [pr-hello] */
export interface Caps {
  readonly layers: number
  readonly maxDims: number
  readonly activations: readonly string[]
  readonly outputs: readonly string[]
  readonly optimizers: readonly string[]
  readonly ops: readonly string[]
  readonly trace: 'full' | 'none' | readonly string[]
  readonly level: Level
}

export type FailureKind = Finding['kind'] | Fault['kind'] | 'refused' | 'accepted' | 'internal'

/** One thing that a port did wrong. */
export interface Failure {
  readonly kind: FailureKind
  /** the clause of SPEC.md, where the failure is one of an equation */
  readonly equation?: string
  /** the step of a run */
  readonly step?: number
  readonly finding?: Finding
  readonly what: string
  readonly hint?: string
  readonly stderr?: string
}

export interface Outcome {
  readonly failures: readonly Failure[]
  readonly worst: ReadonlyMap<string, number>
  readonly reached: ReadonlySet<string>
  readonly bitExact: boolean
  /** the answers as they came, to be compared with those of a second time */
  readonly raw: string
  readonly steps: readonly StepAnswer[]
}

const nothing: Omit<Outcome, 'failures'> = { worst: new Map(), reached: new Set(), bitExact: true, raw: '', steps: [] }
export const failed = (failure: Failure): Outcome => ({ ...nothing, failures: [failure], bitExact: false })

type Fields = Readonly<Record<string, Json>>

let lastId = 0

/** Sends a request and reads the answer to it. */
export const request = async (
  port: Connection,
  body: object,
): Promise<{ fields: Fields; raw: string } | { failure: Failure }> => {
  const id = ++lastId
  const reply = await port.ask(JSON.stringify({ id, ...body }))
  if ('fault' in reply) return { failure: reply.fault }
  const read = readAnswer(reply.line, id)
  if ('failure' in read) port.drop()
  return read
}

const readAnswer = (line: string, id: number): { fields: Fields; raw: string } | { failure: Failure } => {
  try {
    const fields = asRecord(parseJson(line))
    if (!fields) return { failure: notAnAnswer(line, 'an answer that is no record') }
    const { id: got, ok } = fields
    if (typeof got === 'number' && got < id)
      return { failure: { ...notAnAnswer(line, `two answers to request ${got}`), kind: 'nondeterministic' } }
    if (got !== id) return { failure: notAnAnswer(line, `an answer to another request than ${id}`) }
    if (typeof ok !== 'boolean') return { failure: notAnAnswer(line, 'an answer without "ok"') }
    return { fields, raw: line.replace(/"id"\s*:\s*\d+/, '') }
  } catch (error) {
    return { failure: notAnAnswer(line, (error as PtncnError).message) }
  }
}

const refusalFailure = ({ kind, what }: Refusal): Failure => ({
  kind: 'refused',
  what: `the port says ${kind}: ${what.slice(0, 200)}`,
})

/** The steps that a port answers, or what it did instead. */
const stepsOf = async (
  port: Connection,
  scenario: Scenario,
  caps: Caps,
): Promise<{ steps: StepAnswer[]; raw: string; failure?: Failure }> => {
  const traced = caps.trace === 'none' ? 'none' : 'trace'
  const answer = await request(port, { ...encodeScenario(scenario), want: traced })
  if ('failure' in answer) return { steps: [], raw: '', failure: answer.failure }
  const { fields, raw } = answer
  try {
    if (fields['ok'] === false) return { steps: [], raw, failure: refusalFailure(readRefusal(fields)) }
    const list = scenario.inputs.length === 1 ? [fields as Json] : fields['steps']
    if (!Array.isArray(list) || list.length !== scenario.inputs.length) {
      return {
        steps: [],
        raw,
        failure: {
          kind: 'shape',
          what: `"steps" expected ${scenario.inputs.length} answers, got ${Array.isArray(list) ? list.length : 'none'}`,
        },
      }
    }
    return { steps: (list as readonly Json[]).map((step) => readStep(asRecord(step) ?? {})), raw }
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    return { steps: [], raw, failure: { kind: 'shape', what: error.message } }
  }
}

/** A port without `run` gets its own answers back, step by step. */
const stepByStep = async (
  port: Connection,
  scenario: Scenario,
  caps: Caps,
): Promise<{ steps: StepAnswer[]; raw: string; failure?: Failure }> => {
  const [steps, raws]: [StepAnswer[], string[]] = [[], []]
  let from = scenario.from
  for (const input of scenario.inputs) {
    const one = await stepsOf(port, { ...scenario, from, inputs: [input] }, caps)
    steps.push(...one.steps)
    raws.push(one.raw)
    if (one.failure) return { steps, raw: raws.join('\n'), failure: one.failure }
    from = one.steps[0]!.situation
  }
  return { steps, raw: raws.join('\n') }
}

const told = ({ equation, name, kind, what }: Finding): string =>
  what ? `${name}: ${what}` : `${name} of ${equation} is ${kind === 'nonfinite' ? 'not finite' : 'wrong'}`

/** Judges each step from what the port itself had before it. */
const judgeSteps = (scenario: Scenario, steps: readonly StepAnswer[], caps: Caps, level: Level): readonly [Verdict, number][] => {
  let from = scenario.from
  return steps.map((answer, i) => {
    const verdict = judgeStep(scenario, from, scenario.inputs[i]!, answer, caps, level)
    from = answer.situation
    return [verdict, i]
  })
}

const judgeStep = (
  scenario: Scenario,
  from: Situation,
  moment: Moment,
  answer: StepAnswer,
  caps: Caps,
  level: Level,
): Verdict => {
  const { config, train } = scenario
  const start = moment.begin ? begun(config, from, moment.x.rows, moment.begin) : from
  const course = courseOf(config, start, moment, train)
  const given = new Map([...start.tensors, ['x', moment.x] as const, ['m', moment.mask] as const])
  const setting = { config, t: start.t, key: start.key }
  const verdict = judge(
    { setting, course, given },
    { parts: answer.parts, trace: answer.trace, full: caps.trace === 'full' },
    level,
  )
  const more = [
    ...unknownParts(
      answer,
      carriesOf(config, course).map(([part]) => part),
    ),
    ...timeFindings(start, answer),
  ]
  return more.length > 0 ? { ...verdict, findings: [...verdict.findings, ...more], bitExact: false } : verdict
}

const finding = (equation: string, name: string, what: string): Finding => ({
  kind: 'shape',
  equation,
  name,
  row: 0,
  col: 0,
  expected: NaN,
  got: NaN,
  units: Infinity,
  allowed: 0,
  what,
})

const unknownParts = ({ parts }: StepAnswer, known: readonly string[]): readonly Finding[] =>
  [...parts.keys()]
    .filter((part) => !known.includes(part))
    .slice(0, 1)
    .map((part) =>
      finding(part.startsWith('optimizer.sum') ? 'sq-update' : 'st-carried', part, 'this tensor does not belong into the answer'),
    )

const timeFindings = ({ t, key }: Situation, { situation }: StepAnswer): readonly Finding[] => {
  if (situation.t !== t + 1)
    return [{ ...finding('st-carried', 'state.t', `expected ${t + 1}, got ${situation.t}`), kind: 'wrong' }]
  if (situation.key.join() !== key.join())
    return [{ ...finding('st-carried', 'state.key', `expected ${key.join()}, got ${situation.key.join()}`), kind: 'wrong' }]
  return []
}

/** Puts a scenario to a port. The failures are in the order of SPEC.md, step after step. */
export const putScenario = async (port: Connection, scenario: Scenario, caps: Caps, level: Level): Promise<Outcome> => {
  const whole = scenario.inputs.length === 1 || caps.ops.includes('run')
  const { steps, raw, failure } = await (whole ? stepsOf : stepByStep)(port, scenario, caps)
  const verdicts = judgeSteps(scenario, steps, caps, level)
  const failures = verdicts.flatMap(([{ findings }, step]) =>
    findings.map((found): Failure => ({ kind: found.kind, equation: found.equation, step, finding: found, what: told(found) })),
  )
  const worst = new Map<string, number>()
  for (const [verdict] of verdicts)
    for (const [equation, units] of verdict.worst) worst.set(equation, Math.max(worst.get(equation) ?? 0, units))
  return {
    failures: [...failures, ...(failure ? [failure] : [])],
    worst,
    reached: new Set(verdicts.flatMap(([verdict]) => [...verdict.reached])),
    bitExact: !failure && verdicts.every(([verdict]) => verdict.bitExact),
    raw,
    steps,
  }
}

/** Puts a request that has to be refused. */
export const putRefused = async (port: Connection, body: object, expected: Refusal): Promise<Outcome> => {
  const answer = await request(port, body)
  if ('failure' in answer) return failed(answer.failure)
  if (answer.fields['ok'] === true)
    return failed({ kind: 'accepted', what: `expected a refusal, kind ${expected.kind}, got an answer` })
  try {
    const got = readRefusal(answer.fields)
    const place = ({ kind, equation, layer }: Refusal): string =>
      [kind, equation, layer].filter((part) => part !== undefined).join(' ')
    return place(got) === place(expected)
      ? { ...nothing, failures: [], raw: answer.raw }
      : failed({
          kind: 'refused',
          what: `expected the refusal ${place(expected)}, got ${place(got)}`,
          ...(expected.equation && { equation: 'ar-finite' }),
        })
  } catch (error) {
    return failed({ kind: 'protocol', what: (error as Error).message })
  }
}
