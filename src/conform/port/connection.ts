/** A port as the kit sees it: a request goes out, an answer comes back, or what went wrong. [pr-lines] [pr-answers] */

import { PtncnError, show } from '../../errors.js'
import { asRecord, type Json } from '../../io/json.js'
import { SPEC_VERSION, SPEC_VERSIONS } from '../../ptncn/config.js'
import type { Scenario } from '../scenario.js'
import {
  encodeScenario,
  PROTOCOL,
  readCaps,
  readLine,
  readRefusal,
  readStep,
  texts,
  type Caps,
  type Fields,
  type StepAnswer,
} from './wire.js'

/** What a port did in place of answering as it was asked. */
export interface Fault {
  readonly kind: 'crashed' | 'timeout' | 'protocol' | 'too much output' | 'nondeterministic' | 'not started' | 'refused' | 'shape'
  readonly what: string
  /** the equation that a refusal names */
  readonly equation?: string
  readonly hint?: string
  /** the last that it wrote to its standard error */
  readonly stderr?: string
}

export type Reply = { readonly line: string } | { readonly fault: Fault }

export interface Connection {
  /** One answer to one line; a port that has died is started again. Never rejects. */
  readonly ask: (line: string) => Promise<Reply>
  /** Gives up a port that has lost the thread: its late words are not read, and the next request starts it anew. */
  readonly drop: () => void
  /** Says `bye`, and waits for the port to end. */
  readonly close: () => Promise<Fault | undefined>
}

/** How long a port may take, in milliseconds, and how much it may say. */
export interface Limits {
  /** until the answer to the first request */
  readonly startMs: number
  /** until the answer to each other one */
  readonly requestMs: number
  /** until it has ended after bye */
  readonly byeMs: number
  /** how often one that has ended is started again */
  readonly restarts: number
  /** bytes of one line */
  readonly lineBytes: number
}

/** What is usual. */
export const LIMITS: Limits = { startMs: 30_000, requestMs: 5_000, byeMs: 2_000, restarts: 5, lineBytes: 8 * 2 ** 20 }

/** A port within this process: for tests, and for the reference itself. */
export const localConnection = (serve: (line: string) => string | undefined): Connection => ({
  ask: async (line) => {
    try {
      const answer = serve(line)
      return answer === undefined ? { fault: { kind: 'timeout', what: 'no answer' } } : { line: answer }
    } catch (error) {
      return { fault: { kind: 'crashed', what: (error as Error).message } }
    }
  },
  drop: () => {},
  close: async () => undefined,
})

/** The same port, each request to it changed on its way; a text goes as it is. */
export const dressed = (port: Connection, change: (body: Record<string, unknown>) => object | string): Connection => ({
  ...port,
  ask: (line) => {
    const body = change(JSON.parse(line) as Record<string, unknown>)
    return port.ask(typeof body === 'string' ? body : JSON.stringify(body))
  },
})

const SHOWN_BYTES = 200

/** The first 200 bytes, with everything unprintable escaped. */
export const escaped = (bytes: string): string =>
  JSON.stringify(bytes.slice(0, SHOWN_BYTES)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export const LOG_ELSEWHERE = 'standard output is for answers alone; log to stderr'

/** A fault about a line that is no answer. */
const notAnAnswer = (line: string, why: string): Fault => ({
  kind: 'protocol',
  what: `${why}: ${escaped(line)}`,
  ...(!line.startsWith('{') && { hint: LOG_ELSEWHERE }),
})

type Answer = { readonly fields: Fields } | { readonly fault: Fault }

let lastId = 0

/** Sends a request and reads the answer to it. */
export const request = async (port: Connection, body: object): Promise<Answer> => {
  const id = ++lastId
  const reply = await port.ask(JSON.stringify({ id, ...body }))
  if ('fault' in reply) return { fault: reply.fault }
  const read = readAnswer(reply.line, id)
  if ('fault' in read) port.drop()
  return read
}

const readAnswer = (line: string, id: number): Answer => {
  const bad = (why: string): Answer => ({ fault: notAnAnswer(line, why) })
  try {
    const fields = readLine(line)
    if (!fields) return bad('an answer that is no record')
    const { id: got, ok } = fields
    if (typeof got === 'number' && got < id)
      return { fault: { ...notAnAnswer(line, `two answers to request ${got}`), kind: 'nondeterministic' } }
    if (got !== id) return bad(`an answer to another request than ${id}`)
    return typeof ok === 'boolean' ? { fields } : bad('an answer without "ok"')
  } catch (error) {
    return bad((error as PtncnError).message)
  }
}

/** Who a port is, and what it can do. */
export interface Hello {
  readonly port: { readonly name: string; readonly version: string; readonly language: string }
  readonly caps: Caps
}

/** Asks a port who it is. [pr-hello] */
export const shakeHands = async (port: Connection): Promise<Hello | { readonly fault: Fault }> => {
  const answer = await request(port, { op: 'hello', protocols: [PROTOCOL], spec: SPEC_VERSION, kit: SPEC_VERSION })
  if ('fault' in answer) return answer
  const { ok, protocol, specs, port: named, caps } = answer.fields
  const bad = (what: string): { readonly fault: Fault } => ({ fault: { kind: 'protocol', what } })
  if (ok !== true || protocol !== PROTOCOL) return bad(`hello: expected ok and protocol ${PROTOCOL}`)
  const known = SPEC_VERSIONS.filter((version) => texts(specs)?.includes(version))
  if (known.length === 0) return bad(`hello: "specs" expected one of ${SPEC_VERSIONS.join(', ')} among them`)
  try {
    const text = (name: string): string => String(asRecord(named)?.[name] ?? 'unnamed').slice(0, 80)
    return { port: { name: text('name'), version: text('version'), language: text('language') }, caps: readCaps(caps, known) }
  } catch (error) {
    return bad((error as Error).message)
  }
}

/** The steps that a port answers, and what it did where that is not all of them. */
export interface Answered {
  readonly steps: readonly StepAnswer[]
  readonly fault?: Fault
}

/** Has a scenario done; a port without `run` gets its own answers back, step by step. */
export const stepsOf = (port: Connection, scenario: Scenario, caps: Caps): Promise<Answered> =>
  (scenario.inputs.length === 1 || caps.ops.includes('run') ? atOnce : stepByStep)(port, scenario, caps)

const atOnce = async (port: Connection, scenario: Scenario, caps: Caps): Promise<Answered> => {
  const want = caps.trace === 'none' ? 'none' : 'trace'
  const answer = await request(port, { ...encodeScenario(scenario), want })
  if ('fault' in answer) return { steps: [], fault: answer.fault }
  const { fields } = answer
  const bad = (kind: Fault['kind'], what: string): Answered => ({ steps: [], fault: { kind, what } })
  try {
    if (fields['ok'] === false) {
      const { kind, what, equation, layer } = readRefusal(fields)
      const place = equation === undefined ? '' : ` at ${equation}${layer === undefined ? '' : ` of ${layer}`}`
      const fault: Fault = {
        kind: 'refused',
        what: `the port says ${kind}${place}: ${what.slice(0, 200)}`,
        ...(kind === 'diverged' && equation !== undefined && { equation }),
      }
      return { steps: [], fault }
    }
    const wanted = scenario.inputs.length
    // a run of one step is answered as a run
    const list: Json = wanted === 1 && 'out' in fields ? [fields] : (fields['steps'] ?? (wanted === 1 ? [fields] : null))
    if (!Array.isArray(list) || list.length !== wanted)
      return bad('shape', `"steps" expected ${wanted} answers, got ${Array.isArray(list) ? list.length : 'none'}`)
    const steps = (list as readonly Json[]).map((step) => readStep(asRecord(step) ?? {}))
    const traced = steps.some(({ trace }) => trace.size > 0)
    const unwanted = '"trace" expected nothing where "want" is "none"'
    if (want === 'none' && traced && caps.specs.includes('0.2.0'))
      return { steps, fault: { kind: 'shape', equation: 'pr-requests', what: unwanted } }
    return { steps }
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    return bad('shape', error.message)
  }
}

const stepByStep = async (port: Connection, scenario: Scenario, caps: Caps): Promise<Answered> => {
  const steps: StepAnswer[] = []
  for (const input of scenario.inputs) {
    const from = steps.at(-1)?.situation ?? scenario.from
    const one = await atOnce(port, { ...scenario, from, inputs: [input] }, caps)
    steps.push(...one.steps)
    if (one.fault) return { ...one, steps }
  }
  return { steps }
}

export const commandText = (command: readonly string[]): string =>
  command.map((part) => (/^[\w./:=@%+,-]+$/.test(part) ? part : show(part))).join(' ')
