/**
 * The independent evaluator against the values of the authors' own class (../golden/README.md). Both are
 * binary64, so they agree to about 1e-12: what is left is the order of summation and the elementary
 * functions.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { cases, fieldsOf, type GoldenCase } from '../golden/cases.js'
import { applyUpdates } from './apply.js'
import type { Rows } from './bound.js'
import { freshOptimizer, freshState, item } from './model.js'
import type { Config, Weights } from './model.js'
import { O1 } from './optimizers.js'
import { evaluateStep } from './step.js'
import type { Step } from './step.js'

/** Of an element itself, and of the largest in its matrix (for elements whose terms nearly cancel). */
const RELATIVE = 1e-12
const OF_LARGEST = 1e-13

const configOf = (golden: GoldenCase): Config => ({
  hiddenPrediction: 'identity',
  topDownSignal: 'correction',
  presynaptic: 'corrected',
  passes: 1,
  biases: false,
  clipOrder: 'clip-mean',
  mean: 'all',
  optimizer: 'nesterov',
  beta1: 0.9,
  beta2: 0.999,
  decay: 0.9,
  epsilon: 1e-8,
  maxNorm: 0,
  learnFrom: 1,
  ...fieldsOf(golden),
})

function found(matrices: Readonly<Record<string, number[][]>>, name: string): number[][] {
  const matrix = matrices[name]
  assert.ok(matrix, `no ${name}`)
  return matrix
}

/** Where the golden name of a weight (`W1`) is kept. */
function weightAt(weights: Weights, name: string): number[][] {
  return item(weights[name[0] as keyof Weights], Number(name.slice(1)) - 1)
}

function weightsOf({ weights }: GoldenCase): Weights {
  const both = (name: string) => [found(weights, `${name}1`), found(weights, `${name}2`)]
  return { W: both('W'), E: both('E'), M: both('M'), V: both('V'), U: [found(weights, 'U1')] }
}

/** Fails on the first element of `actual` that differs from `expected`. */
function assertClose(actual: Rows, expected: Rows, what: string): void {
  assert.deepEqual(
    actual.map((row) => row.length),
    expected.map((row) => row.length),
    `${what}: shape`,
  )
  const largest = expected.flat().reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  expected.forEach((row, i) =>
    row.forEach((x, j) => {
      const got = actual[i]?.[j] ?? NaN
      const limit = RELATIVE * Math.abs(x) + OF_LARGEST * largest
      assert.ok(Math.abs(got - x) <= limit, `${what}[${i},${j}]: expected ${x}, got ${got}`)
    }),
  )
}

/** Every step of a case: what the evaluator has, beside what the class had. */
interface Compared {
  readonly t: number
  readonly expected: Readonly<Record<string, number[][]>>
  readonly step: Step
  readonly clipped: Weights
  readonly weights: Weights
}

/** Every step of a case, evaluated. */
function run(golden: GoldenCase): Compared[] {
  const config = configOf(golden)
  let weights = weightsOf(golden)
  let optimizer = freshOptimizer(weights)
  let state = freshState(config.units, golden.config.B)
  return golden.steps.map((expected, t) => {
    const [x, mask] = [item(golden.inputs, t), item(golden.masks, t)]
    const step = evaluateStep(config, weights, state, { x, mask })
    state = step.state
    if (step.learns) ({ weights, optimizer } = applyUpdates(config, weights, optimizer, step.updates, mask))
    const clip = (list: number[][][]) => list.map((d) => O1(d, config.clip).value)
    const { W, E, M, V, U } = step.updates
    const clipped = { W: clip(W), E: clip(E), M: clip(M), V: clip(V), U: clip(U) }
    return { t, expected, step, clipped, weights }
  })
}

const names = (expected: Readonly<Record<string, unknown>>, prefix: string): string[] =>
  Object.keys(expected)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))

const isSignal = (name: string): boolean => !name.startsWith('clipped_') && !name.startsWith('after_')

const signalOf = (step: Step, name: string): Rows => found(step.signals, name === 'logits' ? 'logits_0' : name)

for (const golden of cases) {
  const { name } = golden.config
  const steps = run(golden)

  test(`A1-C4: every signal is that of the authors' class: ${name}`, () => {
    for (const { t, expected, step } of steps) {
      const signals = Object.keys(expected).filter(isSignal)
      assert.equal(signals.length, 12)
      for (const key of signals) assertClose(signalOf(step, key), found(expected, key), `step ${t}, ${key}`)
    }
  })

  test(`L1-L5, O1: every clipped update is that of the authors' class, from step 1 on: ${name}`, () => {
    for (const { t, expected, step, clipped } of steps) {
      const updates = names(expected, 'clipped_d')
      assert.equal(updates.length, step.learns ? 9 : 0)
      for (const key of updates) {
        assertClose(weightAt(clipped, key), found(expected, `clipped_d${key}`), `step ${t}, d${key}`)
      }
    }
  })

  test(`O2-O3: every weight after the Nesterov update is that of the authors' class: ${name}`, () => {
    for (const { t, expected, step, weights } of steps) {
      const changed = names(expected, 'after_')
      assert.equal(changed.length, step.learns ? 9 : 0)
      for (const key of changed) {
        assertClose(weightAt(weights, key), found(expected, `after_${key}`), `step ${t}, ${key}`)
      }
    }
  })
}

test('the golden file has its eight cases, and padded rows that hold an input', () => {
  assert.equal(cases.length, 8)
  const held = cases.filter(({ inputs, masks }) =>
    inputs.some((x, t) => x.some((row, i) => masks[t]?.[i] === 0 && row.some((value) => value !== 0))),
  )
  const expected = ['sigmoid-sigmoid', 'relu-identity-sparse', 'sign-sigmoid']
  assert.deepEqual(
    held.map(({ config }) => config.name),
    expected,
  )
})
