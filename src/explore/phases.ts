/** The phases of a step: what all layers do at once, one equation after another. */

import type { Rule } from '../conform/equations/graph.js'

export interface Phase {
  /** `A1.a`, `C2.h^1`: an equation, its symbol and its pass */
  readonly name: string
  readonly equation: string
  readonly pass: number
  /** the results that come about at once */
  readonly results: readonly string[]
}

/** The clauses whose results are told together, as they are made weight by weight. */
const TOGETHER = /^(?:L\d|O\d|op-state|sq-update)$/

const nameOf = ({ id, equation, pass }: Rule): string => {
  if (TOGETHER.test(equation)) return equation === 'op-state' ? 'O3' : equation
  const symbol = /\.([A-Za-z]+)/.exec(id)![1]!
  return `${equation}.${symbol}${pass > 0 ? `^${pass}` : ''}`
}

/** Rules in their order, gathered by what is done at once. */
export const phasesOf = (rules: readonly Rule[]): readonly Phase[] => {
  const phases = new Map<string, { readonly rule: Rule; readonly results: string[] }>()
  for (const rule of rules) {
    const name = nameOf(rule)
    const phase = phases.get(name) ?? { rule, results: [] }
    phase.results.push(rule.id)
    phases.set(name, phase)
  }
  return [...phases].map(([name, { rule, results }]) => ({
    name,
    equation: rule.equation === 'op-state' ? 'O3' : rule.equation,
    pass: rule.pass,
    results,
  }))
}

/** The last phase of the pass, or of the part of the step, that a phase belongs to. */
export const endOfPass = (phases: readonly Phase[], at: number): number => {
  const partOf = ({ equation, pass }: Phase): string => (pass > 0 ? `pass ${pass}` : equation[0]!)
  const next = Math.min(at + 1, phases.length - 1)
  const part = partOf(phases[next]!)
  let end = next
  while (end + 1 < phases.length && partOf(phases[end + 1]!) === part) end++
  return end
}

/** The phase at which the part before that of `at` ends; -1 is before the first. */
export const startOfPass = (phases: readonly Phase[], at: number): number => {
  const ends: number[] = [-1]
  for (let end = -1; end < phases.length - 1;) ends.push((end = endOfPass(phases, end)))
  return Math.max(...ends.filter((end) => end < at), -1)
}
