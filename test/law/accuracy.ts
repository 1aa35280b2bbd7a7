/** Law 15: every equation's result is within its stated bound of an independent binary64 evaluator. */

import assert from 'node:assert/strict'

import type { Matrix } from '../../src/numeric/matrix.js'
import { initialOptimizer, type Model } from '../../src/ptncn/apply.js'
import type { Config } from '../../src/ptncn/config.js'
import { namesOf } from '../../src/ptncn/weights.js'
import { worstUnits, type Judged, type Rows } from '../evaluator/bound.js'
import { A2, S } from '../evaluator/functions.js'
import * as optimizers from '../evaluator/optimizers.js'
import { DETERMINISTIC, networks, type Domain, type Network } from '../support/arbitraries.js'
import { holds } from '../support/property.js'
import { EVALUATED, titleOf } from './evaluated.js'
import { clipped } from './naive.js'
import { givenOf, observe, type Situation } from './observe.js'
import { rulesOf } from './rules.js'
import type { Subject } from './subject.js'

/** Row by row, as the evaluator has it. */
const rowsOf = ({ rows, cols, data }: Matrix): Rows =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) => data[i * cols + j]!))

export interface Worst {
  /** units of 2^-24 of the scale */
  readonly units: number
  /** the bound where the error came closest to its own */
  readonly allowed: number
  readonly ratio: number
  readonly count: number
}

/** The worst error of each equation so far. */
export type Report = Map<string, Worst>

/** @throws AssertionError where a result is farther off than the equation allows */
const judge = (report: Report, name: string, got: Matrix, judged: Judged): void => {
  const units = worstUnits(rowsOf(got), judged)
  const { allowed } = judged
  assert.ok(units <= allowed, `${name} is off by ${units} units, ${allowed} are allowed`)
  const known = report.get(name) ?? { units: 0, allowed, ratio: 0, count: 0 }
  const ratio = allowed === 0 ? 0 : units / allowed
  const closest = ratio > known.ratio ? { allowed, ratio } : known
  report.set(name, { ...known, ...closest, units: Math.max(units, known.units), count: known.count + got.data.length })
}

const judgeStep = (subject: Subject, situation: Situation, report: Report): void => {
  const { config } = situation
  const { computed } = observe(subject, situation)
  const known = new Map([...givenOf(situation), ...computed])
  for (const rule of rulesOf(config)) {
    const get = (name: string): Rows => {
      const operand = known.get(name)!
      // the evaluator's L2 is given what O1 has done to dW
      return rowsOf(name.startsWith('L1.dW') && config.clipOrder === 'clip-mean' ? clipped(config.clip, operand) : operand)
    }
    const find = (name: string): Rows | undefined => (rule.reads.has(name) ? get(name) : undefined)
    judge(report, titleOf(rule, config), computed.get(rule.id)!, EVALUATED[rule.result]!(get, find, rule, config))
  }
}

const ONE_ROW: Matrix = { rows: 1, cols: 1, data: Float32Array.of(1) }

/**
 * O1 alone (one row, so that the mean does nothing), O2 alone (no clip), then O3 and O4 of the reduced
 * updates.
 */
const judgeApplication = (
  subject: Subject,
  { config, weights, input }: Situation,
  model: Model,
  updates: Model['weights'],
  report: Report,
): void => {
  const { mask } = input
  const [once, loose] = [{ ...config, mean: 'all' } as const, { ...config, clip: 0 }]
  const [clippedAlone, meanAlone] = [subject.reduce(once, updates, ONE_ROW), subject.reduce(loose, updates, mask)]
  const d = subject.reduce(config, updates, mask)
  const stepwise = { ...config, update: 'step', maxNorm: 0 } as const
  const after = subject.applyUpdates({ ...stepwise, weightDecay: 0 }, model, updates, mask)
  const faded = subject.applyUpdates(stepwise, model, updates, mask)
  const projected = subject.applyUpdates({ ...config, update: 'step' }, model, updates, mask)
  weights.forEach((layer, i) =>
    namesOf(layer).forEach((name) => {
      const [raw, own] = [rowsOf(updates[i]![name]!), rowsOf(d[i]![name]!)]
      judge(report, 'O1', clippedAlone[i]![name]!, optimizers.O1(raw, config.clip))
      judge(report, 'O2', meanAlone[i]![name]!, optimizers.O2(raw, optimizers.O2_N(Array.from(mask.data), config.mean)))
      judgeMove(config, { before: model, after, d: own, i, name }, report)
      const bias = name === 'b' || name === 'c'
      const [moved, left] = [after, faded].map((made) => rowsOf(made.weights[i]![name]!)) as [number[][], number[][]]
      judge(report, 'O5', faded.weights[i]![name]!, optimizers.O5(moved, bias ? 0 : config.weightDecay))
      judge(report, 'O4', projected.weights[i]![name]!, optimizers.O4(left, bias ? 0 : config.maxNorm))
    }),
  )
}

interface Move {
  readonly before: Model
  readonly after: Model
  readonly d: Rows
  readonly i: number
  readonly name: 'W' | 'E' | 'M' | 'V' | 'U' | 'b' | 'c'
}

const judgeMove = (given: Config, { before, after, d, i, name }: Move, report: Report): void => {
  const w = rowsOf(before.weights[i]![name]!)
  const whole = name === 'b' || name === 'c' || (name === 'M' && i === 0)
  // the evaluator rounds a rate on entry, as O3 does, but not the part of it before that
  const part = Math.fround(given.rateFanIn / w.length)
  const rate = whole || given.rateFanIn === 0 || part >= 1 ? given.rate : given.rate * part
  const config = { ...given, rate }
  const { optimizer, momentum, beta1, beta2, decay } = config
  const pick = (model: Model, moment: 'first' | 'second'): Matrix => model.optimizer[moment]![i]![name]!
  const moment = (which: 'first' | 'second', judged: (old: Rows) => Judged): Rows => {
    judge(report, `O3, ${optimizer}, ${which}`, pick(after, which), judged(rowsOf(pick(before, which))))
    return rowsOf(pick(after, which))
  }
  const velocity = (): Rows => moment('first', (old) => optimizers.O3_velocity(old, d, momentum))
  const moves: Readonly<Record<Config['optimizer'], () => Judged>> = {
    sgd: () => optimizers.O3_sgd(w, d, rate),
    momentum: () => optimizers.O3_momentum(w, velocity(), rate),
    nesterov: () => optimizers.O3_nesterov(w, d, velocity(), momentum, rate),
    adam: () => {
      const m = moment('first', (old) => optimizers.O3_firstMoment(old, d, beta1))
      const v = moment('second', (old) => optimizers.O3_secondMoment(old, d, beta2))
      return optimizers.O3_adam(w, m, v, countOf(config, after), config)
    },
    rmsprop: () =>
      optimizers.O3_rmsprop(
        w,
        d,
        moment('second', (old) => optimizers.O3_secondMoment(old, d, decay)),
        config,
      ),
  }
  judge(report, `O3, ${optimizer}`, after.weights[i]![name]!, moves[optimizer]())
}

/** k of an optimiser, from its running product. */
const countOf = ({ beta2 }: Config, { optimizer }: Model): number => {
  for (let k = 0; ; k++) if (optimizers.O3_power(beta2, k) === optimizer.power2) return k
}

const judgeNetwork = (subject: Subject, { config, weights, state, inputs }: Network, report: Report): void => {
  let model: Model = { weights, optimizer: initialOptimizer(config) }
  let now = state
  for (const input of inputs) {
    const situation: Situation = { config, weights: model.weights, state: now, input }
    judgeStep(subject, situation, report)
    const { updates, prediction, state: next } = subject.step(config, model.weights, now, input)
    judgeApplication(subject, situation, model, updates, report)
    const { loss } = subject.score(config.output, prediction, input)
    const score = S(config.output, rowsOf(prediction), rowsOf(input.x), Array.from(input.mask.data))
    judge(report, `S, ${config.output}`, { rows: 1, cols: 1, data: [loss] }, score)
    model = subject.applyUpdates({ ...config, update: 'step' }, model, updates, input.mask)
    now = next
  }
}

/** Every equation is within its bound, on networks of a domain. */
export const isAccurate = (subject: Subject, report: Report = new Map(), domain: Domain = {}, runs = 40): void =>
  holds(networks({ activations: DETERMINISTIC, steps: [1, 3], ...domain }), runs, (network) =>
    judgeNetwork(subject, network, report),
  )

const tiny = [2 ** -149, 2 ** -127, 1e-20, 1e-4]
const ARGUMENTS = [0, ...tiny, 0.3, 0.6249999, 0.625, 0.9375, 1, 3, 5.9999995, 6, 6.0000005, 9, 20, 87, 88.7, 104, 1e30]

/** A2 at zeros of both signs, subnormals, the borders of the definitions, and where functions saturate. */
export const respondsAccurately = (subject: Subject, report: Report = new Map()): void =>
  holds(networks({ activations: DETERMINISTIC, layers: [1, 2], rows: [1, 2], steps: [1, 1] }), 100, (network) => {
    const { config, weights, state, inputs } = network
    const rows = state.x.rows
    config.units.slice(1).forEach((n, i) => {
      const chosen = Array.from({ length: rows * n }, (_, at) => ARGUMENTS[(network.seed + 7 * at) % ARGUMENTS.length]!)
      for (const data of [chosen, chosen.map((a) => -a)]) {
        const a = { rows, cols: n, data: Float32Array.from(data) }
        const situation = { config, weights, state, input: inputs[0]! }
        const { computed } = observe(subject, situation, new Map([[`A1.a_${i + 1}`, a]]))
        const { activation } = config
        const title = `A2, ${typeof activation === 'function' ? 'a function' : activation}`
        judge(report, title, computed.get(`A2.z_${i + 1}`)!, A2(activation, rowsOf(a)))
      }
    })
  })

/** One line an equation: the worst error, the bound it came closest to, and how many elements were judged. */
export const linesOf = (report: Report): readonly string[] =>
  [...report]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, { units, allowed, ratio, count }]) =>
        `${name.padEnd(24)} worst ${units.toFixed(3).padStart(8)} units, ` +
        `closest to a bound of ${allowed.toFixed(1)}: ` +
        `${(100 * ratio).toFixed(1)} %, ${count} elements`,
    )
