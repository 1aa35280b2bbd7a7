/**
 * What a step did, told: which clause reads what, from the table of reads that the kit uses [pr-reads], and how each
 * number came about. Values are those of the trace; how an element is told ends with the very bits that the trace has.
 */

import { PtncnError } from '../errors.js'
import type { Get } from '../conform/equations/exact.js'
import { rulesOf, type Kind, type Rule } from '../conform/equations/graph.js'
import { startOf, type Moment, type Scenario, type Situation, type Start } from '../conform/scenario.js'
import { runScenario, type Outcome } from '../conform/reference.js'
import { at, type Matrix } from '../numeric/matrix.js'
import * as forward from './forward.js'
import * as learning from './learning.js'
import { loss, hits } from './scoring.js'
import type { Asked, Line } from './lines.js'

type Teller = (asked: Asked) => readonly Line[]

const TELLERS: Readonly<Record<Kind, Teller>> = {
  advance: forward.advance,
  activate: forward.response,
  logits: forward.logits,
  predict: forward.predict,
  predictionError: forward.predictionError,
  feedback: forward.feedback,
  correct: forward.correct,
  correction: forward.correction,
  outer: learning.outer,
  transposed: learning.transposed,
  temporal: learning.temporal,
  columns: learning.columns,
  loss,
  hits,
  clip: learning.clipping,
  mean: learning.averaging,
  add: learning.adding,
  power: learning.power,
  first: learning.first,
  second: learning.second,
  move: learning.move,
  fade: learning.fade,
  project: learning.project,
}

/** A step that was done: what it began with, the rules that it followed in order, and every tensor by its name. */
export interface Told {
  readonly start: Start
  readonly outcome: Outcome
  readonly rules: readonly Rule[]
  /** what came in and what the equations gave */
  readonly known: ReadonlyMap<string, Matrix>
}

/**
 * One step of a network, done by the reference.
 * @throws DivergenceError where a result is not finite; its value names the equation and its layer [ar-finite]
 */
export const tell = (scenario: Scenario, before: Situation, moment: Moment): Told => {
  const start = startOf(scenario, before, moment)
  const { steps, culprit } = runScenario({ ...scenario, from: before, inputs: [moment] })
  if (culprit) {
    const { equation, layer } = culprit
    throw new PtncnError(
      'DivergenceError',
      `the step expected finite results, got one that is not in ${equation} of layer ${layer}`,
      culprit,
    )
  }
  const outcome = steps[0]!
  const rules = rulesOf(start.setting.config, start.course)
  return { start, outcome, rules, known: new Map([...start.given, ...outcome.trace]) }
}

/** How an element came about: the lines, of which the last ends with its value. */
export interface Telling {
  readonly rule: Rule
  readonly row: number
  readonly col: number
  readonly lines: readonly Line[]
  readonly value: number
}

/** Of a tensor that no equation of the step made, there is nothing to tell. */
export const ruleOf = ({ rules }: Pick<Told, 'rules'>, name: string): Rule | undefined => rules.find(({ id }) => id === name)

/** How element (row, col) of a result came about. */
export const tellElement = ({ start, known }: Told, rule: Rule, row: number, col: number): Telling => {
  const get: Get = (part) => known.get(rule.reads[part]!)!
  const lines = TELLERS[rule.kind]({ rule, get, setting: start.setting, row, col })
  const value = at(known.get(rule.id)!, row, col)
  // whoever tells otherwise than the network computes is wrong, and says nothing
  if (!Object.is(lines.at(-1)!.value, value))
    throw new Error(`${rule.id}[${row},${col}] is ${value}, and was told as ${lines.at(-1)!.value}`)
  return { rule, row, col, lines, value }
}
