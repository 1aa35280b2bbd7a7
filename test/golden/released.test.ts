/**
 * The released profile against the values of the authors' own class (README.md here). Errors are in units of 2^-24
 * times the sum of the absolute terms that the value was formed from; PRINT=1 shows the worst of each signal.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromRows, matrix, type Matrix } from '../../src/numeric/matrix.js'
import { applyUpdates, initialOptimizer, type Model } from '../../src/ptncn/apply.js'
import { config, type Config } from '../../src/ptncn/config.js'
import { clip } from '../../src/ptncn/optimizers.js'
import { initialState } from '../../src/ptncn/state.js'
import { step } from '../../src/ptncn/step.js'
import type { LayerWeights } from '../../src/ptncn/weights.js'
import { A1, L1, P1_logits } from '../evaluator/equations.js'
import { transpose, UNIT, type Rows } from '../evaluator/bound.js'
import { cases, fieldsOf, type GoldenCase, type Tensors } from './cases.js'

/** What correct binary32 may add up to over the six steps of a case; the worst seen is 7.9. */
const ALLOWED_UNITS = 16

const NAMES = ['W', 'E', 'M', 'V', 'U'] as const

const layerOf = (weights: Tensors, l: number): LayerWeights =>
  Object.fromEntries(
    NAMES.flatMap((name) => {
      const rows = weights[`${name}${l}`]
      return rows ? [[name, fromRows(rows)]] : []
    }),
  ) as unknown as LayerWeights

const rowsOf = (a: Matrix): Rows =>
  Array.from({ length: a.rows }, (_, i) => Array.from(a.data).slice(i * a.cols, (i + 1) * a.cols))
const plus = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((value, j) => Math.abs(value) + Math.abs(b[i]![j]!)))
const largest = (rows: Rows): number => Math.max(...rows.flat().map(Math.abs))

/** The sums of absolute terms of a step's signals: `before` is the class's step before, `now` this one's. */
const signalScales = (golden: GoldenCase, weights: Model['weights'], t: number): Record<string, Rows> => {
  const [now, before] = [golden.steps[t]!, golden.steps[t - 1]]
  const [first, second] = weights as [LayerWeights, LayerWeights]
  const blank = golden.masks[t]!.map(() => new Array<number>(golden.config.H).fill(0))
  const x0 = t > 0 ? golden.inputs[t - 1]! : golden.inputs[0]!.map((row) => row.map(() => 0))
  const [y1, y2] = [before?.['y_1'] ?? blank, before?.['y_2'] ?? blank]
  const a1 = A1({ below: x0, M: rowsOf(first.M), above: y2, U: rowsOf(first.U!), own: y1, V: rowsOf(first.V) }).scale
  const a2 = A1({ below: y1, M: rowsOf(second.M), own: y2, V: rowsOf(second.V) }).scale
  const logits = P1_logits(now['z_1']!, rowsOf(first.W)).scale
  const e1 = plus(P1_logits(now['z_2']!, rowsOf(second.W)).scale, now['z_1']!)
  const [z1, z2] = [plus(now['z_1']!, a1), plus(now['z_2']!, a2)]
  // rounding a logit moves a probability by at most its part of that rounding
  const p0 =
    golden.config.out === 'identity' ? logits : now['p_0']!.map((row, i) => row.map((p, j) => p * (1 + 2 * logits[i]![j]!)))
  const e0 = plus(p0, golden.inputs[t]!)
  // the correction carries the errors of what it is made of
  const carried = (e: Rows, E: Matrix): Rows =>
    P1_logits(e, rowsOf(E)).scale.map((row) => row.map((value) => golden.config.beta * value))
  const y1now = plus(plus(now['y_1']!, a1), carried(e0, first.E))
  const y2now = plus(plus(now['y_2']!, a2), carried(e1, second.E))
  return {
    a_1: a1,
    a_2: a2,
    z_1: z1,
    z_2: z2,
    logits,
    p_0: p0,
    e_0: e0,
    e_1: e1,
    y_1: y1now,
    y_2: y2now,
    d_1: plus(z1, y1now),
    d_2: plus(z2, y2now),
  }
}

/** The worst error of `actual`, in units of 2^-24 times `scale`. */
const unitsOf = (actual: Matrix, expected: Rows, scale: Rows): number => {
  assert.deepEqual([actual.rows, actual.cols], [expected.length, expected[0]!.length])
  const errors = expected.flatMap((row, i) =>
    row.map((value, j) => {
      const error = Math.abs(actual.data[i * actual.cols + j]! - value)
      return error === 0 ? 0 : error / (UNIT * scale[i]![j]!)
    }),
  )
  return Math.max(...errors)
}

const uniformScale = (rows: Rows, value: number): Rows => rows.map((row) => row.map(() => value))

/** What the authors' class calls by another name than the trace. */
const SIGNALS: readonly (readonly [string, string])[] = [
  ...[1, 2].flatMap((l): [string, string][] => [
    [`a_${l}`, `A1.a_${l}`],
    [`z_${l}`, `A2.z_${l}`],
    [`y_${l}`, `C3.z_${l}^1`],
    [`d_${l}`, `C4.d_${l}`],
  ]),
  ['logits', 'P1.logits_0^1'],
  ['p_0', 'P1.p_0^1'],
  ['e_0', 'C1.e_0^1'],
  ['e_1', 'C1.e_1^1'],
]

for (const golden of cases) {
  test(`released, A1-C4, L1-L5, O1-O3: every signal, update and weight is that of the authors' class: ${golden.config.name}`, () => {
    const settings = config(fieldsOf(golden))
    let model: Model = {
      weights: [layerOf(golden.weights, 1), layerOf(golden.weights, 2)],
      optimizer: initialOptimizer(settings),
    }
    let state = initialState(settings, golden.config.B)
    const worst = new Map<string, number>()
    const judge = (name: string, actual: Matrix, expected: Rows, scale: Rows): void => {
      const units = unitsOf(actual, expected, scale)
      worst.set(name, Math.max(units, worst.get(name) ?? 0))
      assert.ok(units <= ALLOWED_UNITS, `${name} is off by ${units.toFixed(1)} units at step ${state.t}`)
    }
    golden.steps.forEach((expected, t) => {
      const input = { x: fromRows(golden.inputs[t]!), mask: matrix(golden.config.B, 1, golden.masks[t]!) }
      const signals = new Map<string, Matrix>()
      const see = (name: string, value: Matrix): Matrix => {
        signals.set(name, value)
        return value
      }
      const result = step(settings, model.weights, state, input, { see })
      const scales = signalScales(golden, model.weights, t)
      for (const [name, seen] of SIGNALS) judge(name, signals.get(seen)!, expected[name]!, scales[name]!)
      if (t >= settings.learnFrom) {
        model = applyUpdates(settings, model, result.updates, input.mask)
        judgeLearning(settings, golden, t, result.updates, model, scales, judge)
      }
      state = result.state
    })
    if (process.env['PRINT'])
      console.log(golden.config.name, Object.fromEntries([...worst].map(([name, units]) => [name, Number(units.toFixed(1))])))
  })
}

/** Updates are sums over the rows of products of a signal with an error or a correction, each with errors of its own. */
const judgeLearning = (
  settings: Config,
  golden: GoldenCase,
  t: number,
  updates: Model['weights'],
  model: Model,
  scales: Record<string, Rows>,
  judge: (name: string, actual: Matrix, expected: Rows, scale: Rows) => void,
): void => {
  const expected = golden.steps[t]!
  const before = golden.steps[t - 1]!
  const sources: Record<string, [Rows, Rows]> = {
    W1: [expected['z_1']!, scales['e_0']!],
    W2: [expected['z_2']!, scales['d_1']!],
    M1: [golden.inputs[t - 1]!, scales['d_1']!],
    M2: [before['y_1']!, scales['d_2']!],
    V1: [before['y_1']!, scales['d_1']!],
    V2: [before['y_2']!, scales['d_2']!],
    U1: [before['y_2']!, scales['d_1']!],
  }
  const errorRule = (l: 1 | 2): [Rows, Rows] =>
    golden.config.temporal
      ? [
          l === 1 ? scales['e_0']! : scales['e_1']!,
          scales[`d_${l}`]!.map((row, i) => row.map((value, j) => value + Math.abs(before[`d_${l}`]![i]![j]!))),
        ]
      : [transposedPair, transposedPair]
  for (const l of [1, 2] as const) {
    for (const name of NAMES) {
      const update = updates[l - 1]![name]
      if (!update) continue
      const label = `${name}${l}`
      const pair = sources[label] ?? errorRule(l)
      const terms = pair[0] === transposedPair ? transpose(L1(...sources[`W${l}`]!).scale) : L1(...pair).scale
      judge(`d${label}`, clip(settings.clip, update), expected[`clipped_d${label}`]!, terms)
      const size = largest(expected[`after_${label}`]!) + settings.rate * largest(terms)
      judge(label, model.weights[l - 1]![name]!, expected[`after_${label}`]!, uniformScale(expected[`after_${label}`]!, size))
    }
  }
}

/** Stands for `the transposed terms of W`. */
const transposedPair: Rows = []

test("the file of the authors' values has its eight cases", () => {
  assert.deepEqual(
    cases.map((golden) => golden.steps.length),
    [4, 5, 5, 5, 4, 6, 5, 5],
  )
})
