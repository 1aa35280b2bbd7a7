/** A port that makes one mistake, or none: within this process, or as a child (`tsx test/conform/bad-port.ts ID`). */

import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { exactly } from '../../src/conform/equations/exact.js'
import { carriesOf, rulesOf } from '../../src/conform/equations/graph.js'
import { sameBits } from '../../src/conform/equations/rounding.js'
import { toHex, decodeScenario, readLine, encodeSituation, type Fields } from '../../src/conform/port/wire.js'
import { serveLine } from '../../src/conform/reference.js'
import { nameOfPart, startOf, type Scenario, type Situation, type Start } from '../../src/conform/scenario.js'
import type { Matrix } from '../../src/index.js'
import { MISTAKES, WRONG_CARRIES, type Mistake, type WrongCarry } from './mistakes.js'

/** Called when a mistake has really changed bits. */
type Noticed = () => void

/** What a port does otherwise. */
export interface Planted {
  readonly wrong?: Mistake['wrong']
  readonly carry?: Pick<WrongCarry, 'part' | 'from'>
  /** what it counts a step as; 1 */
  readonly counts?: number
}

const plantedOf = (id: string): Planted => {
  const [mistake, carry] = [MISTAKES.find((one) => one.id === id), WRONG_CARRIES.find((one) => one.id === id)]
  return { ...(mistake && { wrong: mistake.wrong }), ...(carry && { carry }), counts: id === 'carry-time' ? 2 : 1 }
}

/** One step by the graph of the equations, with the mistake. */
const badStep = (
  { wrong: mistake, carry, counts = 1 }: Planted,
  { setting, course, given }: Start,
  noticed: Noticed,
): { readonly answer: () => object; readonly situation: Situation } => {
  const { config, t: before, key } = setting
  const known = new Map(given)
  const trace = new Map<string, Matrix>()
  for (const rule of rulesOf(config, course)) {
    const value = exactly(rule, (part) => known.get(rule.reads[part]!)!, setting)
    const wrong = mistake?.({ rule, setting, known })
    if (wrong && !sameBits(wrong, value)) noticed()
    known.set(rule.id, wrong ?? value)
    trace.set(rule.id, wrong ?? value)
  }
  const [[, out], ...parts] = carriesOf(config, course).map(([part, name]): [string, Matrix] => {
    const value = known.get(name)!
    const wrong = carry?.part.test(part) ? carry.from(part, known) : undefined
    if (wrong && !sameBits(wrong, value)) noticed()
    return [part, wrong ?? value]
  }) as [[string, Matrix], ...[string, Matrix][]]
  const t = before + counts
  if (counts !== 1) noticed()
  const situation = { t, key, tensors: new Map(parts.map(([part, value]) => [nameOfPart(part), value])) }
  const answer = () => ({
    out: toHex(out),
    ...encodeSituation(situation),
    trace: Object.fromEntries([...trace].map(([name, value]) => [name, toHex(value)])),
  })
  return { answer, situation }
}

/** Whether the mistake changes a bit of this scenario: where it does not, the port answers as one without it does. */
export const changes = (id: string, scenario: Scenario): boolean => {
  let [changed, { from }] = [false, scenario]
  for (const moment of scenario.inputs)
    from = badStep(plantedOf(id), startOf(scenario, from, moment), () => (changed = true)).situation
  return changed
}

/** The answer to a step or a run, with the mistake. */
export const badRun = (planted: Planted, request: Fields, noticed: Noticed = () => {}): object => {
  const scenario = decodeScenario(request)
  let { from } = scenario
  const steps = scenario.inputs.map((moment) => {
    const { answer, situation } = badStep(planted, startOf(scenario, from, moment), noticed)
    from = situation
    const { trace, ...said } = answer() as { trace: object }
    return request['want'] === 'none' ? said : { ...said, trace }
  })
  return request['op'] === 'run' ? { steps } : steps[0]!
}

/** The answer of the port that makes the mistake `id`. */
export const serveBadly = (id: string, line: string, noticed: Noticed = () => {}): string | undefined => {
  const request = readLine(line) ?? {}
  if (request['op'] !== 'step' && request['op'] !== 'run') return serveLine(line)
  try {
    return JSON.stringify({ id: request['id'], ok: true, ...badRun(plantedOf(id), request, noticed) })
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
