/** A part of an implementation asked for by itself: put to a port, drawn at random, or spoilt. [pr-parts] */

import type { Dice } from '../dice.js'
import type { Level } from '../equations/rounding.js'
import { request, type Connection } from '../port/connection.js'
import { readLine, type Fields, type Part } from '../port/wire.js'
import { failed, failureOf, outcomeOf, putRefused, type CaseOutcome } from '../put.js'
import type { Scenario } from '../scenario.js'
import { answerPart } from './answer.js'
import { drawPart } from './draw.js'
import { clauseOf, judgePart } from './judge.js'
import { PART_MISUSES } from './misuse.js'

/** Puts a request for a part, and judges what comes back. */
export const putPart = async (port: Connection, body: Fields, expected: Fields, level: Level): Promise<CaseOutcome> => {
  const answer = await request(port, body)
  if ('fault' in answer) return failed(answer.fault)
  const clause = clauseOf(body)
  if (answer.fields['ok'] !== true) {
    const { kind, what } = answer.fields
    return failed({ kind: 'refused', equation: clause, what: `the port says ${String(kind)}: ${String(what).slice(0, 200)}` })
  }
  const found = judgePart(body, expected, answer.fields, level)
  return found ? failed(failureOf(found)) : { ...outcomeOf([]), reached: new Set([clause]) }
}

/** A part drawn at random and put; now and then in a way that has to be refused. The request is told along. */
export const putDrawnPart = async (port: Connection, part: Part, scenario: Scenario, level: Level, dice: Dice) => {
  const body = drawPart(dice, part, scenario)
  const misuse = dice.chance(0.25) ? dice.pick(PART_MISUSES[part]) : undefined
  const spoilt = misuse?.spoil(body, dice)
  if (misuse && spoilt) {
    const { kind, clause, id } = misuse
    const outcome = await putRefused(port, spoilt, { kind, what: '' }, clause)
    const failures = outcome.failures.map((one) => ({ ...one, what: `${id}: ${one.what}` }))
    return { outcome: { ...outcome, failures }, request: { body: spoilt, expect: { kind } } }
  }
  const expect = readLine(JSON.stringify(answerPart(part, body)))!
  return { outcome: await putPart(port, body, expect, level), request: { body, expect } }
}
