/** Which rule a request for one result asks for: its equation may read other things in other steps. [pr-reads] */

import type { Config } from '../../ptncn/config.js'
import { rulesOf, type Rule } from './graph.js'

const COURSES = [true, false].flatMap((learns) => [true, false].map((ends) => ({ learns, scored: true, ends })))

/** Whether the rule reads nothing but these tensors. */
export const isGiven = ({ reads }: Rule, names: readonly string[]): boolean =>
  Object.values(reads).every((name) => names.includes(name))

/** The rule of a result whose reads are all among the names that are given; without such a one, its first. */
export const askedRule = (config: Config, id: unknown, names: readonly string[]): Rule | undefined => {
  const summed = names.some((name) => name.startsWith('sum.'))
  let first: Rule | undefined
  // where a sequence ends without learning, O3 reads the sum that came in
  for (const course of COURSES) {
    const named = rulesOf(config, { ...course, summed }).filter((rule) => rule.id === id)
    first ??= named[0]
    const found = named.find((rule) => isGiven(rule, names))
    if (found) return found
  }
  return first
}
