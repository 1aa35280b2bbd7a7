/** Runs a rival on sequences, one after another: what is the same for all of them. */

import { requireSequences } from '../engine/check.js'
import { requireOpen, type Measurement, type Outcome, type RunOptions, type Sequence } from '../engine/engine.js'
import { mismatch, PtncnError } from '../errors.js'
import { callable, number, oneOf, record, requireField, requireFields, wholeFrom } from '../fields.js'
import { firstNonFinite, requireFinite, requireShape, type Matrix } from '../numeric/matrix.js'
import { requireKey, type Key } from '../numeric/random.js'
import { sumScores, type Score } from '../ptncn/scores.js'
import type { Input } from '../ptncn/state.js'
import type { Algebra } from './algebra.js'
import { initialMoments } from './adam.js'
import { requireCarried, requireRivalConfig, type Rival, type RivalConfig, type RivalModel, type Tensors } from './rival.js'

/** What a piece of a sequence leaves. */
export interface Passed {
  readonly model: RivalModel
  /** what the next piece of the sequence goes on from */
  readonly state: Tensors
  /** p_t for each input x_t of the piece, made before x_t was seen */
  readonly predictions: readonly Matrix[]
}

const ALGEBRA = {
  product: callable,
  productLeftTransposed: callable,
  productRightTransposed: callable,
  numbers: callable,
  tanh: callable,
  sigmoid: callable,
  softmax: callable,
  score: callable,
  moved: callable,
  sensitivities: callable,
  name: oneOf('binary32', 'binary64'),
}

const MODEL = { ...record, expected: "weights and an optimiser, as a rival's initial makes them" }

/** What tells one rival from another. */
export interface Method {
  readonly name: string
  readonly weights: (key: Key) => Tensors
  /** names of the weights that learn; all where it says nothing */
  readonly learned?: readonly string[]
  /** the state in which a sequence of so many rows begins */
  readonly start: (model: RivalModel, rows: number, key: Key | undefined) => Tensors
  /** a sequence, or a piece of one that goes on from a state; scored, so learnt from, from step `first` of the inputs on */
  readonly pass: (model: RivalModel, state: Tensors, inputs: readonly Input[], learning: boolean, first: number) => Passed
}

const diverged = (name: string, what: string, got: unknown, at: { readonly sequence: number; readonly step?: number }) => {
  const where = `${at.step === undefined ? 'after' : `at step ${at.step} of`} sequence ${at.sequence}`
  const text = `"${name}" expected finite ${what}, got ${String(got)} ${where}; try a smaller rate, or a clip`
  return new PtncnError('DivergenceError', text, at)
}

/** A run whose loss is no longer a number stops. */
const requireFiniteScore = (name: string, { loss }: Score, sequence: number, step: number): void => {
  if (!Number.isFinite(loss)) throw diverged(name, 'scores', loss, { sequence, step })
}

/** So does one whose update is none, which no score shows before the next sequence. */
const requireFiniteModel = (name: string, { weights, optimizer: { first, second } }: RivalModel, sequence: number): void => {
  for (const [what, tensors] of Object.entries({ weights, moments: first, 'squared moments': second })) {
    for (const [tensor, matrix] of Object.entries(tensors)) {
      const found = firstNonFinite(matrix)
      if (found) throw diverged(name, `${what} ${tensor}`, found.value, { sequence })
    }
  }
}

/** Tensors of these shapes by these names, whatever else there is. */
const requireTensors = (what: string, tensors: Tensors, shapes: Tensors): void => {
  requireField('ShapeError', what, tensors, record)
  for (const [name, { rows, cols }] of Object.entries(shapes)) {
    requireShape(`${what}.${name}`, tensors[name]!, rows, cols)
    requireFinite(`${what}.${name}`, tensors[name]!)
  }
}

const POWER = number(0, 1)

/** @throws ShapeError or NonFiniteError where weights or moments are not of the method */
const requireModel = (from: RivalModel, weights: Tensors, learned: Tensors): void => {
  requireField('ShapeError', 'snapshot', from, MODEL)
  requireTensors('weights', from.weights, weights)
  const optimizer = requireField('ShapeError', 'optimizer', from.optimizer, record) as unknown as RivalModel['optimizer']
  for (const moment of ['first', 'second'] as const) requireTensors(`optimizer.${moment}`, optimizer[moment], learned)
  for (const power of ['power1', 'power2'] as const) requireField('ShapeError', `optimizer.${power}`, optimizer[power], POWER)
}

const atLeastOne = wholeFrom(1)

/** What a method begins a sequence with, it carries on in the same shape; what begins with no rows has some for each row. */
const requireState = ({ inputs }: RivalConfig, state: Tensors, startOf: (rows: number) => Tensors): void => {
  const rows = state?.x?.rows
  if (!atLeastOne.holds(rows)) throw mismatch('ShapeError', 'state.x', 'at least 1 row', rows)
  requireShape('state.x', state.x!, rows, inputs)
  for (const [name, start] of Object.entries(startOf(rows))) {
    const tensor = state[name]!
    const grows = start.rows === 0 && tensor?.rows % rows === 0
    requireCarried(name, tensor, grows ? tensor.rows : start.rows, start.cols)
  }
}

/** The rival of a method, in an arithmetic. */
export const rivalOf = (algebra: Algebra, config: RivalConfig, method: Method): Rival => {
  requireFields('ConfigError', 'algebra', algebra, ALGEBRA, 'give binary64, or await fastAlgebra()')
  requireRivalConfig(config)
  let disposed = false
  let shapes: Tensors | undefined
  const learnedOf = (weights: Tensors): Tensors =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => method.learned?.includes(name) ?? true))
  const requireFrom = (from: RivalModel): void => {
    shapes ??= method.weights([0, 0])
    requireModel(from, shapes, learnedOf(shapes))
    if (from.state !== undefined) requireState(config, from.state, (rows) => method.start(from, rows, undefined))
  }
  const runAll = (
    from: RivalModel,
    sequences: readonly Sequence[],
    options: RunOptions,
    learning: boolean,
  ): Outcome<RivalModel> => {
    requireOpen(method.name, disposed, options)
    requireFrom(from)
    requireSequences(config.inputs, from.state?.x?.rows, sequences)
    let model = from
    const measurements = sequences.map(({ inputs, key, continues, open }, index): Measurement => {
      const before = continues ? model.state! : method.start(model, inputs[0]!.x.rows, key)
      // the first input of a sequence has nothing before it
      const first = continues ? 0 : 1
      const passed = method.pass(model, before, inputs, learning, first)
      const scores = inputs.flatMap((input, t) => {
        if (t < first) return []
        const score = algebra.score(config.output, passed.predictions[t]!, input)
        requireFiniteScore(method.name, score, index, t)
        return [score]
      })
      if (learning) requireFiniteModel(method.name, passed.model, index)
      const { weights, optimizer } = passed.model
      model = { weights, optimizer, ...(open && { state: passed.state }) }
      return { ...sumScores(config, scores), ...(options.predictions && { predictions: passed.predictions }) }
    })
    return { snapshot: model, measurements }
  }
  return {
    name: method.name,
    config,
    initial: (key) => {
      requireKey('key', key)
      const weights = method.weights(key)
      return { weights, optimizer: initialMoments(algebra, learnedOf(weights)) }
    },
    train: async (from, sequences, options = {}) => runAll(from, sequences, options, true),
    evaluate: async (from, sequences, options = {}) => runAll(from, sequences, options, false),
    dispose: async () => void (disposed = true),
  }
}
