/** What may come of errors that add up, for ports that do not trace every equation. */

import type { Matrix } from '../numeric/matrix.js'
import { keyOf, uniform } from '../numeric/random.js'
import { boundsOf } from './equations/bounds.js'
import { exactly, type Get } from './equations/exact.js'
import { rulesOf, type Rule } from './equations/graph.js'
import { UNIT } from './equations/rounding.js'
import type { Start } from './scenario.js'

const [RUNS, MARGIN] = [12, 8]

/**
 * For ports that do not trace everything: how far each value may be from the kit's, where errors have added up on the way.
 *
 * The step is evaluated several times, each result moved at random within what its own equation allows; how far the
 * values come apart, with a margin, is the tolerance. Wider than a judgement of each equation, and it localises nothing.
 */
export const spreadOf = (start: Start, trace: ReadonlyMap<string, Matrix>): ReadonlyMap<string, Float64Array> => {
  const { setting, course } = start
  const rules = rulesOf(setting.config, course)
  const spread = new Map<string, Float64Array>()
  // adam and rmsprop divide an update by its own size, so that an update of nothing but rounding errors moves a weight
  // as far as any: without a trace these weights cannot be judged
  const normalises = setting.config.optimizer === 'adam' || setting.config.optimizer === 'rmsprop'
  const unbounded = new Set(
    normalises ? rules.filter(({ kind }) => kind === 'move' || kind === 'project').map(({ id }) => id) : [],
  )
  const centre = evaluate(rules, start, trace, () => 0)
  for (let run = 0; run < RUNS; run++) {
    const key = keyOf(run)
    let drawn = 0
    const moved = evaluate(rules, start, trace, () => 2 * uniform(key, drawn++) - 1)
    for (const [name, value] of moved) {
      const widest = spread.get(name) ?? new Float64Array(value.data.length)
      if (unbounded.has(name)) widest.fill(Infinity)
      widest.forEach((width, i) => (widest[i] = Math.max(width, MARGIN * Math.abs(value.data[i]! - centre.get(name)!.data[i]!))))
      spread.set(name, widest)
    }
  }
  return spread
}

/** All results of a step, each moved by a part of what is allowed to it. What is traced goes on as it was traced. */
const evaluate = (
  rules: readonly Rule[],
  { setting, given }: Start,
  trace: ReadonlyMap<string, Matrix>,
  draw: () => number,
): ReadonlyMap<string, Matrix> => {
  const known = new Map(given)
  const made = new Map<string, Matrix>()
  for (const rule of rules) {
    const get: Get = (part) => known.get(rule.reads[part]!)!
    const value = exactly(rule, get, setting)
    const { scale, allowed } = boundsOf(rule, get, setting)
    const most = Math.min(allowed, 2 ** 23)
    const moved = (x: number, i: number): number =>
      x + Math.max(-1, Math.min(1, draw())) * most * UNIT * Math.min(scale.data[i]!, 2 ** 100)
    made.set(rule.id, { ...value, data: Float32Array.from(value.data, moved) })
    known.set(rule.id, trace.get(rule.id) ?? made.get(rule.id)!)
  }
  return made
}
