/** Scenarios of vectors from a few words: what is not said is drawn from a seed. */

import { answerPart } from '../../../src/conform/parts/answer.js'
import { encodeScenario, type ErrorKind, type Fields, type Part } from '../../../src/conform/port/wire.js'
import { diverged, encodeOutcome, runScenario } from '../../../src/conform/reference.js'
import { flatten, type Moment, type Scenario } from '../../../src/conform/scenario.js'
import { config, type Config, type ProfileName } from '../../../src/ptncn/config.js'
import { initialState } from '../../../src/ptncn/state.js'
import { buildWeights } from '../../../src/ptncn/weights.js'
import { initialOptimizer } from '../../../src/ptncn/apply.js'
import { momentsOf } from '../../../src/ptncn/optimizers.js'
import type { Key, Matrix } from '../../../src/index.js'
import { filled, seedOf, type Kind } from '../../support/fill.js'

/** A tensor by its numbers, row by row. */
export type Given = readonly (readonly number[])[]

export const matrixOf = (rows: Given): Matrix => ({
  rows: rows.length,
  cols: rows[0]!.length,
  data: Float32Array.from(rows.flat()),
})

/** What differs from the usual: two layers, two rows, one learning step of an ongoing sequence. */
export interface Plan {
  readonly config?: Partial<Config>
  readonly profile?: ProfileName
  readonly rows?: number
  readonly numbers?: Kind
  /** the size of weights, states and inputs */
  readonly size?: number
  readonly seed?: number
  readonly t?: number
  readonly key?: Key
  /** of each step, the mask; a 1 stands for a row with data */
  readonly masks?: Given
  readonly begin?: readonly number[]
  readonly end?: readonly number[]
  readonly train?: boolean
  /** the moments of the optimiser begin at +0 */
  readonly fresh?: boolean
  /** tensors by name that are not drawn: `W_1`, `x[t-1]`, `first.W_1`, `power1`; `x` is the input of every step */
  readonly tensors?: Readonly<Record<string, Given>>
  /** sequences begin with the key [0, 0] */
  readonly zeroKeys?: boolean
  /** the sum of an open sequence comes in */
  readonly summed?: boolean
}

export interface Entry {
  readonly id: string
  readonly equations: string
  readonly flags?: string
  readonly why: string
  readonly plan?: Plan
  /** a scenario that was found by search */
  readonly scenario?: Scenario
  /** a whole request that has to be refused, and how; as invalid */
  readonly request?: object
  readonly kind?: ErrorKind
  /** a request for a part */
  readonly part?: Fields
}

export const UNITS = [3, 2, 2]

const seedOfText = (text: string): number => [...text].reduce((seed, letter) => seedOf(seed, letter.charCodeAt(0)), 7)

/** The scenario of a plan; `name` gives the seed, so that no case moves another. */
export const scenarioOf = (name: string, plan: Plan): Scenario => {
  const settings = config({ units: UNITS, ...plan.config }, plan.profile)
  const rows = plan.rows ?? plan.masks?.[0]?.length ?? 2
  const [kind, size, seed] = [plan.numbers ?? 'plain', plan.size ?? 0.75, plan.seed ?? seedOfText(name)]
  let drawn = 0
  const next = (height: number, width: number, by = size): Matrix => filled(kind, by, seedOf(seed, drawn++), height, width)
  const hidden = (): Matrix[] => settings.units.slice(1).map((n) => next(rows, n))
  const key = plan.key ?? [seedOf(seed, 901), seedOf(seed, 902)]
  const begins = plan.begin?.includes(0) ?? false
  const drawnState = { t: plan.t ?? 1, key, x: next(rows, settings.units[0]!), y: hidden(), z: hidden(), d: hidden() }
  const state = begins ? initialState(settings, rows, key) : drawnState
  const weights = buildWeights(settings, (_l, _name, height, width) => next(height, width))
  const moment = (positive: boolean) =>
    buildWeights(settings, (_l, _name, height, width) => {
      const values = next(height, width, 0.25)
      return positive ? { ...values, data: Float32Array.from(values.data, Math.abs) } : values
    })
  const moments = plan.fresh ? {} : Object.fromEntries(momentsOf(settings).map((which) => [which, moment(which === 'second')]))
  const sum = plan.summed ? { sum: moment(false) } : {}
  const from = flatten(state, { weights, optimizer: { ...initialOptimizer(settings), ...moments, ...sum } })
  const given = Object.entries(plan.tensors ?? {}).map(([label, value]): [string, Matrix] => [label, matrixOf(value)])
  const tensors = new Map([...from.tensors, ...given.filter(([label]) => label !== 'x')])
  const masks = plan.masks ?? [Array.from({ length: rows }, () => 1)]
  const x = given.find(([label]) => label === 'x')?.[1]
  const inputs = masks.map((mask, step): Moment => ({
    x: x ?? inputOf(settings, seedOf(seed, 500 + step), kind, size, mask.length),
    mask: matrixOf(mask.map((m) => [m])),
    ...(plan.begin?.includes(step) && { begin: plan.zeroKeys ? ([0, 0] as const) : ([seedOf(seed, 700 + step), step] as const) }),
    ...(plan.end?.includes(step) && { end: true }),
  }))
  return { config: settings, from: { ...from, tensors }, inputs, train: plan.train ?? true }
}

/** One-hot rows for softmax, numbers from 0 on for sigmoid, any numbers for identity. */
const inputOf = (settings: Config, seed: number, kind: Kind, size: number, rows: number): Matrix => {
  const drawn = filled(kind, size, seed, rows, settings.units[0]!)
  const map = (f: (value: number, i: number) => number): Matrix => ({ ...drawn, data: Float32Array.from(drawn.data, f) })
  if (settings.output === 'softmax')
    return map((_, i) => Number(i % drawn.cols === seedOf(seed, Math.floor(i / drawn.cols)) % drawn.cols))
  return settings.output === 'sigmoid' ? map(Math.abs) : drawn
}

/** A case as it is published. */
export const publish = ({ id, equations, flags, why, plan, request, kind = 'invalid', part, scenario: found }: Entry): object => {
  const head = { id, equations: equations.split(' '), flags: flags ? flags.split(' ') : [], why }
  if (request) return { ...head, request, expect: { kind } }
  if (part) {
    const { ok: _, ...expect } = answerPart(part['op'] as Part, part) as Record<string, unknown>
    return { ...head, request: part, expect }
  }
  const scenario = found ?? scenarioOf(id, plan ?? {})
  const { steps, culprit } = runScenario(scenario)
  const body = { ...encodeScenario(scenario), want: 'trace' }
  const { units, activation, output, optimizer } = scenario.config
  const needs = { layers: units.length - 1, maxDims: Math.max(...units), activation, output, optimizer }
  if (culprit) {
    const { ok: _ok, what: _what, ...expect } = diverged(culprit) as { ok: boolean; what: string }
    return { ...head, needs, request: body, expect }
  }
  return { ...head, needs, request: body, expect: { steps: steps.map((outcome) => encodeOutcome(outcome, true)) } }
}
