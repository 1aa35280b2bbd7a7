/** Equations asked for one by one: each result of a step from the values that it reads, by an `equation` request. [pr-reads] */

import type { Matrix } from '../numeric/matrix.js'
import { exactly, type Get } from './equations/exact.js'
import { rulesOf, type Rule } from './equations/graph.js'
import type { Level } from './equations/rounding.js'
import { compare, type Finding } from './judge.js'
import { request, type Connection, type Fault } from './port/connection.js'
import { encodeConfig, readRefusal, readTensor, toHex } from './port/wire.js'
import type { Start } from './scenario.js'

/** What is wrong with a result that was asked for alone. */
export type Alone = { readonly finding: Finding } | { readonly fault: Fault; readonly equation?: string }

/** The values of a step, each from those before it, as the equations have them. */
const valuesOf = ({ setting, course, given }: Start): ReadonlyMap<string, Matrix> => {
  const known = new Map(given)
  for (const rule of rulesOf(setting.config, course)) known.set(rule.id, exactly(rule, getter(known, rule), setting))
  return known
}

const getter =
  (known: ReadonlyMap<string, Matrix>, { reads }: Rule): Get =>
  (part) =>
    known.get(reads[part]!)!

const ask = async (
  port: Connection,
  { setting }: Start,
  rule: Rule,
  known: ReadonlyMap<string, Matrix>,
  level: Level,
): Promise<Alone | undefined> => {
  const { config, t, key } = setting
  const inputs = Object.fromEntries(Object.values(rule.reads).map((name) => [name, toHex(known.get(name)!)]))
  const answer = await request(port, { op: 'equation', equation: rule.id, config: encodeConfig(config), inputs, t, key })
  if ('fault' in answer) return answer
  const { equation } = rule
  const asked = `${rule.id}, asked for alone`
  try {
    if (answer.fields['ok'] === false) {
      const { kind, what } = readRefusal(answer.fields)
      return { equation, fault: { kind: 'refused', what: `${asked}: the port says ${kind}: ${what.slice(0, 200)}` } }
    }
    const got = readTensor('value', answer.fields['value'])
    const { finding } = compare(rule, getter(known, rule), setting, known.get(rule.id)!, got, level)
    return finding && { finding: { ...finding, what: 'asked for alone, it is not what its inputs give' } }
  } catch (error) {
    return { equation, fault: { kind: 'shape', what: `${asked}: ${(error as Error).message}` } }
  }
}

/**
 * Asks for the results of a step one by one, from values that are not the port's, and stops at the first that is wrong.
 * @param chosen which of them; all where nothing is said
 */
export const putAlone = async (
  port: Connection,
  start: Start,
  level: Level,
  chosen: (rules: readonly Rule[]) => readonly Rule[] = (rules) => rules,
): Promise<Alone | undefined> => {
  const known = valuesOf(start)
  for (const rule of chosen(rulesOf(start.setting.config, start.course))) {
    const wrong = await ask(port, start, rule, known, level)
    if (wrong) return wrong
  }
  return undefined
}
