/** Equations asked for one at a time: what a step knows of, and requests that have to be refused. [pr-reads] */

import { compare } from './compare.js'
import { exactly, type Get } from './equations/exact.js'
import { askedRule, isGiven } from './equations/asked.js'
import { rulesOf, type Rule } from './equations/graph.js'
import type { Level } from './equations/rounding.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Dice } from './dice.js'
import { dressed, request, type Connection } from './port/connection.js'
import { encodeConfig, readRefusal, readTensor, toHex, type ErrorKind, type HexTensor } from './port/wire.js'
import { failureOf, putRefused, type Failure } from './put.js'
import type { Start } from './scenario.js'

/** A step whose trace is known. */
export interface Traced {
  readonly start: Start
  readonly trace: ReadonlyMap<string, Matrix>
}

/** The body of a request for one result. */
const equationBody = ({ setting }: Start, { id, reads }: Rule, known: ReadonlyMap<string, Matrix>): Record<string, unknown> => ({
  op: 'equation',
  equation: id,
  config: encodeConfig(setting.config),
  inputs: Object.fromEntries([...new Set(Object.values(reads))].map((name) => [name, toHex(known.get(name)!)])),
  t: setting.t,
  key: setting.key,
})

const ASKED = 'asked for by itself'

/** Asks for one result from what is known, and judges it. */
const askFor = async (port: Connection, { start, trace }: Traced, rule: Rule, level: Level): Promise<Failure | undefined> => {
  const { setting, given } = start
  const known = new Map([...given, ...trace])
  const answer = await request(port, equationBody(start, rule, known))
  if ('fault' in answer) return answer.fault
  const { equation } = rule
  try {
    if (answer.fields['ok'] === false) {
      const { kind, what } = readRefusal(answer.fields)
      return { kind: 'refused', equation, what: `${rule.id}, ${ASKED}: the port says ${kind}: ${what.slice(0, 200)}` }
    }
    const get: Get = (part) => known.get(rule.reads[part]!)!
    const got = readTensor('value', answer.fields['value'])
    const { finding } = compare(rule, get, setting, exactly(rule, get, setting), got, level)
    return finding && failureOf({ ...finding, note: `${ASKED}, from the inputs of the request` })
  } catch (error) {
    return { kind: 'shape', equation, what: `${rule.id}, ${ASKED}: ${(error as Error).message}` }
  }
}

/** Asks for results of a step; `chosen` says which, by their number. The first failure of each equation. */
export const putEquations = async (
  port: Connection,
  traced: Traced,
  level: Level,
  chosen: (rules: readonly Rule[]) => readonly Rule[] = (rules) => rules,
): Promise<readonly Failure[]> => {
  const { setting, course } = traced.start
  const failures: Failure[] = []
  for (const rule of chosen(rulesOf(setting.config, course))) {
    if (failures.some(({ equation }) => equation === rule.equation)) continue
    const failure = await askFor(port, traced, rule, level)
    if (failure) failures.push(failure)
    // one that has ended, or says nothing, has nothing more to say
    if (failure && failure.equation === undefined) break
  }
  return failures
}

/** Ends of the numbers of a unit: NaN, -0 and the infinities. */
const ENDS: Readonly<Record<string, string>> = {
  NaN: '7fc00000',
  '-0': '80000000',
  infinity: '7f800000',
  'minus infinity': 'ff800000',
}

/** Asks for the first result of f once more, with each end of the numbers in place of its last element. [ar-units] */
export const putUnits = async (port: Connection, traced: Traced, level: Level): Promise<readonly Failure[]> => {
  const rule = rulesOf(traced.start.setting.config, traced.start.course).find(({ kind }) => kind === 'activate')!
  for (const [name, bits] of Object.entries(ENDS)) {
    const failure = await askFor(port, withEnd(traced, rule.reads['a']!, bits), rule, level)
    if (failure) return [{ ...failure, what: `with ${name} as its last element: ${failure.what}` }]
  }
  return []
}

/** The same but for the last element of a tensor. */
const withEnd = ({ start, trace }: Traced, name: string, bits: string): Traced => {
  const value = readTensor(name, ended(toHex(trace.get(name) ?? start.given.get(name)!), bits))
  return { start, trace: new Map([...trace, [name, value]]) }
}

/** Kinds of rules through which a NaN goes as through any number. */
const PLAIN: readonly Rule['kind'][] = ['advance', 'logits', 'predictionError', 'correct', 'outer', 'columns', 'add', 'fade']

/** Other digits in place of the last element. */
const ended = ({ s, x }: HexTensor, bits: string): HexTensor => ({ s, x: x.slice(0, -8) + bits })

/** A request for a result that has to be refused. */
interface Spoilt {
  readonly what: string
  readonly clause: string
  readonly kind: ErrorKind
  readonly body: object
}

const spoiltBody = (start: Start, rule: Rule, known: ReadonlyMap<string, Matrix>, dice: Dice): Spoilt | undefined => {
  const body = equationBody(start, rule, known) as Record<string, unknown> & { inputs: Record<string, HexTensor> }
  const names = Object.keys(body.inputs)
  const name = dice.pick(names)
  const invalid = (what: string, more: object, clause = 'pr-answers'): Spoilt => ({
    ...{ what, clause, kind: 'invalid' },
    body: { ...body, ...more },
  })
  const { [name]: old, ...rest } = body.inputs
  const { s, x } = old!
  switch (dice.whole(0, 6)) {
    case 0: {
      // the first sum of a sequence reads no sum
      const other = askedRule(start.setting.config, rule.id, Object.keys(rest))
      return other && isGiven(other, Object.keys(rest)) ? undefined : invalid(`without ${name}`, { inputs: rest }, 'pr-reads')
    }
    case 1:
      return invalid(`${name} has a digit less`, { inputs: { ...rest, [name]: { s, x: x.slice(1) } } }, 'pr-tensor')
    case 2:
      return invalid('t is no time', { t: dice.pick([-1, 0.5, 2 ** 53 - 1, '1']) }, 'pr-tensor')
    case 3:
      return invalid('the key is none', { key: dice.pick([[0], [0, 2 ** 32], [-1, 0], null]) }, 'pr-tensor')
    case 4:
      return invalid('a field of config is missing', { config: { units: [1, 1] } }, 'cf-fields')
    case 5:
      return {
        what: 'a result that is not there',
        clause: 'pr-answers',
        kind: 'unsupported',
        body: { ...body, equation: dice.pick(['A9.a_1', 'A1.a_99', 'O3.X_1']) },
      }
    default:
      if (rule.kind !== 'outer' && rule.kind !== 'correct' && rule.kind !== 'predictionError') return undefined
      return invalid(`${name} has a row more`, {
        inputs: { ...rest, [name]: { s: [s[0] + 1, s[1]], x: x + '0'.repeat(8 * s[1]) } },
      })
  }
}

/**
 * Asks for a result in a way that has to be refused, or that is unusual: NaN is computed with, unknown tensors are ignored; or
 * for f at the ends of its numbers.
 */
export const putOddEquation = async (port: Connection, traced: Traced, level: Level, dice: Dice): Promise<readonly Failure[]> => {
  const { start, trace } = traced
  if (dice.chance(0.1)) return putUnits(port, traced, level)
  const rule = dice.pick(rulesOf(start.setting.config, start.course))
  if (dice.chance(0.7)) {
    const spoilt = spoiltBody(start, rule, new Map([...start.given, ...trace]), dice)
    if (!spoilt) return []
    const { failures } = await putRefused(port, spoilt.body, { kind: spoilt.kind, what: '' }, spoilt.clause)
    return failures.map((one) => ({ ...one, what: `${rule.id}, ${ASKED}, ${spoilt.what}: ${one.what}` }))
  }
  const odd = dressed(port, (body) => ({
    ...body,
    inputs: { ...(body['inputs'] as object), 'of its own': { s: [1, 1], x: '3f800000' } },
  }))
  if (!PLAIN.includes(rule.kind)) return named(await askFor(odd, traced, rule, level), 'pr-lines')
  const [name] = Object.values(rule.reads)
  return named(await askFor(odd, withEnd(traced, name!, ENDS['NaN']!), rule, level), 'pr-answers')
}

/** An unusual request is told under the clause that allows it. */
const named = (failure: Failure | undefined, clause: string): readonly Failure[] =>
  failure ? [{ ...failure, equation: failure.kind === 'refused' ? clause : (failure.equation ?? clause) }] : []
