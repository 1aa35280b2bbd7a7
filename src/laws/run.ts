/** Steps of a rule under the laws' own hand: the rate is small, and nothing clips. */

import type { Matrix } from '../numeric/matrix.js'
import { normals, split } from '../numeric/random.js'
import type { LearningRule, Moment, Response, Responded, Setup, Tensors } from './rule.js'

const { fround } = Math
const RATE = 0.01

/** A step: what it began from, what its units did, and the update of each weight. */
export interface Step extends Moment, Responded {
  readonly begun: Tensors
  readonly updates: Tensors
}

export const inputAt = ({ units, rows, key }: Setup, t: number): Matrix => normals(split(split(key, 77), t), rows, units[0]!, 1)

/** One step and its updates, the weights asked in an order. */
export const stepOf = (rule: LearningRule, moment: Moment, order: readonly string[] = Object.keys(moment.weights)): Step => {
  const { signals, state } = rule.respond(moment)
  const updates: Record<string, Matrix> = {}
  for (const name of order) updates[name] = rule.update(name, { ...moment, signals })
  return { ...moment, begun: moment.state, signals, state, updates }
}

/** w <- w - rate update, in the arithmetic of the weight. */
export const moved = (weights: Tensors, updates: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(weights).map(([name, w]) => {
      const round = w.data instanceof Float32Array ? fround : (x: number): number => x
      const data = w.data instanceof Float32Array ? new Float32Array(w.data.length) : new Float64Array(w.data.length)
      for (let i = 0; i < data.length; i++) data[i] = round(w.data[i]! - RATE * updates[name]!.data[i]!)
      return [name, { ...w, data }]
    }),
  )

/** So many steps from the beginning, learning at each but the first, which has nothing before it. */
export const run = (rule: LearningRule, setup: Setup, f: Response, steps: number): readonly Step[] => {
  const begun = rule.begin(setup)
  const done: Step[] = []
  let { weights, state } = begun
  for (let t = 0; t < steps; t++) {
    const step = stepOf(rule, { weights, state, input: inputAt(setup, t), f })
    done.push(step)
    if (t > 0) weights = moved(weights, step.updates)
    state = step.state
  }
  return done
}

/** The first place where two records of tensors differ, by a measure; undefined where none does. */
export const differing = (a: Tensors, b: Tensors, far: (x: number, y: number) => boolean = (x, y) => !Object.is(x, y)) => {
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [one, other] = [a[name], b[name]]
    if (!one || !other || one.rows !== other.rows || one.cols !== other.cols) return { name, row: 0, col: 0 }
    for (let i = 0; i < one.data.length; i++)
      if (far(one.data[i]!, other.data[i]!)) return { name, row: Math.floor(i / one.cols), col: i % one.cols }
  }
  return undefined
}

export const placeText = ({ name, row, col }: { name: string; row: number; col: number }): string => `${name}[${row},${col}]`
