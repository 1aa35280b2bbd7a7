/** The laws that a rule is held to: each says what it found wrong with one drawn setup, or nothing. */

import type { Matrix } from '../numeric/matrix.js'
import { reversedRows } from '../numeric/rows.js'
import { counted, shaken, sign, step as threshold, table, tanh, type Calls } from './responses.js'
import type { LearningRule, Moment, Setup, Tensors } from './rule.js'
import { differing, inputAt, moved, placeText, run, stepOf, type Step } from './run.js'

/** What is drawn for a law: a setup, and how many steps are run. */
export interface Drawn extends Setup {
  readonly steps: number
}

/** A rule is made anew wherever it has to be shown that nothing is hidden in it. */
export type Make = () => LearningRule

export interface Law {
  readonly name: string
  readonly says: string
  /** what is wrong, or undefined */
  readonly broken: (make: Make, drawn: Drawn) => string | undefined
}

const derivative = (make: Make, drawn: Drawn): string | undefined => {
  const calls: Calls = { value: 0, derivative: 0 }
  run(make(), drawn, counted(tanh, calls), drawn.steps)
  if (calls.derivative > 0) return `the slope of f was asked for ${calls.derivative} times in ${drawn.steps} steps`
  return calls.value === 0 ? 'f was never called: the rule has a response of its own, whose slope nobody can watch' : undefined
}

const OFF = 1e-6
/** What a change of f by OFF may change an update by, in units of OFF and of the largest update. */
const MOST = 50

const largest = (tensors: Tensors): number =>
  Object.values(tensors).reduce((most, { data }) => Array.from(data).reduce((m, x) => Math.max(m, Math.abs(x)), most), 1)

const slope = (make: Make, drawn: Drawn): string | undefined => {
  const rule = make()
  for (const moment of run(rule, drawn, tanh, drawn.steps)) {
    const from: Moment = { weights: moment.weights, state: moment.begun, input: moment.input, f: shaken(tanh, OFF, drawn.key[0]) }
    const other = stepOf(rule, from)
    const most = MOST * OFF * largest(moment.updates) * Math.max(...drawn.units)
    const place = differing(moment.updates, other.updates, (x, y) => !(Math.abs(x - y) <= most))
    if (place) return `the update ${placeText(place)} is moved more than ${MOST} times as far as f was: a slope is measured`
  }
  return undefined
}

const RESPONSES = { 'a table of random values': table(3), sign, step: threshold } as const

const finite = (make: Make, drawn: Drawn): string | undefined => {
  for (const [name, f] of Object.entries(RESPONSES)) {
    for (const [t, { signals, updates }] of run(make(), drawn, f, drawn.steps).entries()) {
      const all = { ...signals, ...updates }
      const place = differing(all, all, (x) => !Number.isFinite(x))
      if (place) return `with ${name} for f, ${placeText(place)} is not finite at step ${t}`
    }
  }
  return undefined
}

const sizeOf = (state: Tensors): number => Object.values(state).reduce((sum, { data }) => sum + data.length, 0)

const size = (make: Make, drawn: Drawn): string | undefined => {
  const sizes = run(make(), drawn, tanh, drawn.steps).map(({ state }) => sizeOf(state))
  const at = sizes.findIndex((one) => one !== sizes[0])
  return at < 0 ? undefined : `the state holds ${sizes[0]} numbers after step 0 and ${sizes[at]} after step ${at}`
}

/** Whether some numbers stand one after another among others. */
const holds = ({ data }: Matrix, wanted: readonly number[]): boolean => {
  for (let i = 0; i + wanted.length <= data.length; i++) if (wanted.every((x, j) => Object.is(data[i + j], x))) return true
  return false
}

const past = (make: Make, drawn: Drawn): string | undefined => {
  const width = drawn.units[0]!
  for (const [t, { state }] of run(make(), drawn, tanh, drawn.steps).entries()) {
    for (let back = 1; back <= t; back++) {
      const row = Array.from(inputAt(drawn, t - back).data).slice(0, width)
      const name = width > 1 ? Object.keys(state).find((one) => holds(state[one]!, row)) : undefined
      if (name) return `${name} still holds the input of ${back} ${back === 1 ? 'step' : 'steps'} before, after step ${t}`
    }
  }
  return undefined
}

const resume = (make: Make, drawn: Drawn): string | undefined => {
  const whole = run(make(), drawn, tanh, drawn.steps)
  for (let t = 1; t < drawn.steps; t++) {
    const { weights, updates, state } = structuredClone({ ...whole[t - 1]!, f: undefined, signals: undefined })
    const from = { weights: t > 1 ? moved(weights, updates) : weights, state, input: inputAt(drawn, t), f: tanh }
    const again = stepOf(make(), from)
    const place = differing({ ...whole[t]!.signals, ...whole[t]!.updates }, { ...again.signals, ...again.updates })
    if (place) return `stopped before step ${t} and gone on from weights and state, ${placeText(place)} has other bits`
  }
  return undefined
}

/** All that a step is given, by name. */
const givenTo = ({ weights, state, input }: Pick<Moment, 'weights' | 'state' | 'input'>): Tensors => ({
  ...weights,
  ...prefixed('state', state),
  input,
})

const pure = (make: Make, drawn: Drawn): string | undefined => {
  const rule = make()
  let { weights, state } = rule.begin(drawn)
  for (let t = 0; t < drawn.steps; t++) {
    const from = { weights, state, input: inputAt(drawn, t), f: tanh }
    // copied before the step is done for the first time: what it writes twice alike would not be seen else
    const before = structuredClone(givenTo(from))
    const [first, again] = [stepOf(rule, from), stepOf(rule, from)]
    const changed = differing(before, givenTo(from))
    if (changed) return `step ${t} writes into what it was given, ${placeText(changed)}`
    const place = differing({ ...first.signals, ...first.updates }, { ...again.signals, ...again.updates })
    if (place) return `step ${t} done once more gives other bits in ${placeText(place)}`
    weights = moved(weights, first.updates)
    state = first.state
  }
  return undefined
}

const prefixed = (group: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, value]) => [`${group}.${name}`, value]))

const order = (make: Make, drawn: Drawn): string | undefined => {
  for (const [t, moment] of run(make(), drawn, tanh, drawn.steps).entries()) {
    const from = { weights: moment.weights, state: moment.begun, input: moment.input, f: tanh }
    const backwards = stepOf(make(), from, Object.keys(moment.weights).reverse())
    const place = differing(moment.updates, backwards.updates)
    if (place) return `asked for in the opposite order, the update ${placeText(place)} of step ${t} has other bits`
  }
  return undefined
}

/** A copy that can be written into. */
const copied = (data: Matrix['data']): Float32Array | Float64Array =>
  data instanceof Float32Array ? new Float32Array(data) : Float64Array.from(data)

const allTurned = (tensors: Tensors, rows: number): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, a]) => [name, a.rows % rows === 0 ? reversedRows(a, rows) : a]))

/** Rounding of a sum in another order. */
const near = (x: number, y: number): boolean => Math.abs(x - y) <= 1e-4 * (1 + Math.abs(x))

const rows = (make: Make, drawn: Drawn): string | undefined => {
  const [rule, { rows: count }] = [make(), drawn]
  for (const [t, moment] of run(rule, drawn, tanh, drawn.steps).entries()) {
    const from = { ...moment, state: allTurned(moment.begun, count), input: reversedRows(moment.input), f: tanh }
    const other = stepOf(rule, from)
    const signals = differing(allTurned(moment.signals, count), other.signals)
    if (signals) return `with the rows in the opposite order, ${placeText(signals)} of step ${t} is not the same in its row`
    const updates = differing(moment.updates, other.updates, (x, y) => !near(x, y))
    if (updates) return `with the rows in the opposite order, the update ${placeText(updates)} of step ${t} is another`
  }
  return undefined
}

/** One column of a tensor, or the whole of one that belongs to no unit, changed. */
const changed = (a: Matrix, col: number | undefined): Matrix => {
  const data = copied(a.data)
  for (let i = 0; i < data.length; i++) if (col === undefined || i % a.cols === col) data[i] = data[i]! + 0.5
  return { ...a, data }
}

/** The first element of an update, other than those that may, that an intervention moved. */
const reached = (before: Matrix, after: Matrix, may: (row: number, col: number) => boolean): string | undefined => {
  for (let i = 0; i < before.data.length; i++) {
    const [row, col] = [Math.floor(i / before.cols), i % before.cols]
    if (!may(row, col) && !Object.is(before.data[i], after.data[i])) return `[${row},${col}]`
  }
  return undefined
}

/** What one update reads that is not at the two ends of its synapses. */
const foreign = (rule: LearningRule, moment: Step, weight: string, units: readonly number[]): string | undefined => {
  const { weights, units: levels } = rule.places(units)
  const [from, to] = weights[weight] ?? [-1, -1]
  const before = moment.updates[weight]!
  const base = { ...moment, state: moment.begun }
  const told = (name: string, col: number | undefined, where: string): string =>
    `the update ${weight}${where} changes with ${name}${col === undefined ? '' : `, unit ${col}`}, which is at neither of its ends`
  for (const group of ['signals', 'state', 'weights'] as const) {
    for (const [name, value] of Object.entries(base[group])) {
      if (group === 'weights' && name === weight) continue
      const level = group === 'weights' ? undefined : levels[name]
      const cols = level === undefined ? [undefined] : Array.from({ length: value.cols }, (_, j) => j)
      for (const col of cols) {
        const other = { ...base, [group]: { ...base[group], [name]: changed(value, col) } }
        const after = rule.update(weight, other)
        const may = (row: number, at: number): boolean =>
          level !== undefined && ((level === from && row === col) || (level === to && at === col))
        const where = reached(before, after, may)
        if (where) return told(name, col, where)
      }
    }
  }
  return undefined
}

const local = (make: Make, drawn: Drawn): string | undefined => {
  const rule = make()
  const moment = run(rule, drawn, tanh, drawn.steps).at(-1)!
  for (const weight of Object.keys(moment.weights)) {
    const what = foreign(rule, moment, weight, drawn.units)
    if (what) return what
  }
  return undefined
}

/** Weights that moved in some run, by their names. */
export const moving = (rule: LearningRule, drawn: Drawn, flat: boolean): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const f of flat ? [sign, threshold] : [tanh])
    for (const { updates } of run(rule, drawn, f, drawn.steps))
      for (const [name, { data }] of Object.entries(updates)) if (Array.from(data).some((x) => x !== 0)) names.add(name)
  return names
}

/** Laws of which one drawn setup that breaks them is enough. */
export const LAWS: readonly Law[] = [
  { name: 'derivative', says: 'f is called, and its derivative is not asked for', broken: derivative },
  {
    name: 'slope',
    says: 'a change of f by little changes updates by little: no slope is measured by differences',
    broken: slope,
  },
  { name: 'finite', says: 'with a random table, sign or step for f all is finite', broken: finite },
  { name: 'size', says: 'the state keeps its size', broken: size },
  { name: 'past', says: 'no input but the last is kept: nothing is unrolled', broken: past },
  { name: 'resume', says: 'stopped after any step and gone on from values, a run gives the same bits', broken: resume },
  { name: 'pure', says: 'a step writes into nothing that it is given, and done twice gives the same bits', broken: pure },
  { name: 'local', says: 'the update of a synapse reads its own weight and its two ends alone', broken: local },
  { name: 'order', says: 'the weights, so the layers, may be asked for in any order', broken: order },
  { name: 'rows', says: 'the rows of a batch may stand in any order', broken: rows },
]

/** Not of one setup, but of all that were drawn. */
export const FLAT = { name: 'flat', says: 'with units that have no slope every weight still moves' } as const
