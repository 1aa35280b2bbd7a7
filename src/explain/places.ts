/** The name of an element as a person writes it: `C2.h_1[0,3]`. */

import { mismatch, PtncnError, show } from '../errors.js'
import { nearest } from '../nearest.js'
import { ruleOf, type Told } from './telling.js'
import type { Rule } from '../conform/equations/graph.js'

/** A result and one of its elements. */
export interface Place {
  readonly rule: Rule
  readonly row: number
  readonly col: number
}

/** The rule of a name; where there is one pass, its number may be left out. */
const find = (told: Told, name: string): Rule => {
  const { passes } = told.start.setting.config
  const found = ruleOf(told, name) ?? (passes === 1 ? ruleOf(told, `${name}^1`) : undefined)
  if (found) return found
  if (told.start.given.has(name))
    throw new PtncnError('UsageError', `"${name}" came in from outside the step; no equation made it`, name)
  const ids = told.rules.map(({ id }) => id)
  const passed = ids.find((id) => id === `${name}^1`)
  const near = passed ?? nearest(name, ids)
  const remedy = near === undefined ? 'without --element all results are listed' : `did you mean ${near}?`
  throw mismatch('UsageError', '--element', 'the name of a result of this step', name, remedy)
}

/** @throws UsageError where the text names no element of the step */
export const placeOf = (told: Told, text: string): Place => {
  const [, name, row, col] = /^\s*([^\s[\]]+)\s*\[\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\]\s*$/.exec(text) ?? []
  if (name === undefined) throw mismatch('UsageError', '--element', 'a result and an element, as in "C2.h_1[0,3]"', text)
  const rule = find(told, name)
  const { rows, cols } = told.known.get(rule.id)!
  const [i, j] = [Number(row), Number(col)]
  if (i < rows && j < cols) return { rule, row: i, col: j }
  const most = `rows from 0 to ${rows - 1}, columns from 0 to ${cols - 1}`
  throw new PtncnError('UsageError', `"${rule.id}" expected ${most}, got ${show(`[${i},${j}]`)}`, text)
}
