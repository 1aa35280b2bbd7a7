/** A port that makes one mistake, or none: within this process, or as a child (`tsx test/conform/bad-port.ts ID`). */

import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { exactly } from '../../src/conform/exact.js'
import { asRecord, parseJson, type Json } from '../../src/conform/json.js'
import { decodeScenario, encodeParts } from '../../src/conform/protocol.js'
import { carriesOf, rulesOf } from '../../src/conform/rules.js'
import { serveLine } from '../../src/conform/serve.js'
import { begun, courseOf, nameOfPart, type Moment, type Scenario, type Situation } from '../../src/conform/situation.js'
import { sameBits, toHex } from '../../src/conform/tensor.js'
import type { Matrix } from '../../src/index.js'
import { MISTAKES, WRONG_CARRIES } from './mistakes.js'

/** Called when a mistake has really changed bits. */
type Noticed = () => void

/** One step by the table of rules, with the mistake. */
const badStep = (
  id: string,
  { config, train }: Scenario,
  from: Situation,
  moment: Moment,
  noticed: Noticed,
): { answer: object; after: Situation } => {
  const start = moment.begin ? begun(config, from, moment.x.rows, moment.begin) : from
  const course = courseOf(config, start, moment, train)
  const known = new Map([...start.tensors, ['x', moment.x] as const, ['m', moment.mask] as const])
  const setting = { config, t: start.t, key: start.key }
  const mistake = MISTAKES.find((one) => one.id === id)
  const trace: Record<string, unknown> = {}
  for (const rule of rulesOf(config, course)) {
    const value = exactly(rule, (part) => known.get(rule.reads[part]!)!, setting)
    const wrong = mistake?.wrong({ rule, setting, known })
    if (wrong && !sameBits(wrong, value)) noticed()
    known.set(rule.id, wrong ?? value)
    trace[rule.id] = toHex(wrong ?? value)
  }
  const carry = WRONG_CARRIES.find((one) => one.id === id)
  const parts = new Map(
    carriesOf(config, course).map(([part, name]): [string, Matrix] => {
      const value = known.get(name)!
      const wrong = carry?.part.test(part) ? carry.from(part, known) : undefined
      if (wrong && !sameBits(wrong, value)) noticed()
      return [part, wrong ?? value]
    }),
  )
  const { state, weights, optimizer } = encodeParts([...parts].filter(([part]) => part !== 'out'))
  const t = start.t + (id === 'carry-time' ? 2 : 1)
  if (id === 'carry-time') noticed()
  const tensors = new Map([...parts].filter(([part]) => part !== 'out').map(([part, value]) => [nameOfPart(part)!, value]))
  return {
    answer: { out: toHex(parts.get('out')!), state: { t, key: start.key, ...state }, weights, optimizer, trace },
    after: { t, key: start.key, tensors },
  }
}

const badRun = (id: string, request: Readonly<Record<string, Json>>, noticed: Noticed): object => {
  const scenario = decodeScenario(request)
  let from = scenario.from
  const steps = scenario.inputs.map((moment) => {
    const { answer, after } = badStep(id, scenario, from, moment, noticed)
    from = after
    return answer
  })
  return request['op'] === 'run' ? { steps } : steps[0]!
}

/** The answer of the port that makes the mistake `id`. */
export const serveBadly = (id: string, line: string, noticed: Noticed = () => {}): string | undefined => {
  const request = asRecord(parseJson(line)) ?? {}
  if (request['op'] !== 'step' && request['op'] !== 'run') return serveLine(line)
  try {
    return JSON.stringify({ id: request['id'], ok: true, ...badRun(id, request, noticed) })
  } catch {
    return serveLine(line)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for await (const line of createInterface({ input: process.stdin })) {
    // what has to be refused is refused rightly
    const right = serveLine(line)
    const answer = right?.includes('"ok":false') ? right : serveBadly(process.argv[2] ?? '', line)
    if (answer === undefined) break
    process.stdout.write(`${answer}\n`)
  }
}
