/**
 * The step as an ONNX model: what a runtime of inference needs to run a network, and to train it, as learning is plain
 * arithmetic. What is carried from a step to the next goes in by its name and comes out by the same with `next.` before it.
 */

import { mismatch } from '../../errors.js'
import type { Model } from '../../io/onnx/model.js'
import { layerCount, type Config } from '../../ptncn/config.js'
import { momentsOf } from '../../ptncn/optimizers.js'
import { weightLabel, weightShapes, type Layer, type Weights as Numbers } from '../../ptncn/weights.js'
import { add, choose, lessOrEqual, number } from './algebra.js'
import { mapWeights, move, reduce, summed, type Optimizer } from './apply.js'
import { newBuild, type Build, type Value } from './build.js'
import { describe, requireSayable, ROWS } from './describe.js'
import { forward, type Frame, type State, type Weights } from './forward.js'
import { learn } from './learn.js'
import { score } from './score.js'

/**
 * What a graph does: a step that learns; a step that does not; or what comes at the end of a sequence where its updates
 * were added up, with `update: sequence`. [sq-update]
 */
export type Part = 'learn' | 'infer' | 'end'

export interface GraphOptions {
  readonly part: Part
  /** each result of an equation is an output too, by its name in a trace */
  readonly traced?: boolean
  /** weights that the graph holds in place of taking them; of a step that does not learn */
  readonly weights?: Numbers
}

/** The model of a part of the step. @throws ConfigError for what a graph cannot say: stochastic units, functions */
export const stepModel = (config: Config, { part, traced = false, weights }: GraphOptions): Model => {
  requireSayable(config)
  if (part === 'end' && config.update === 'step') {
    throw mismatch('ConfigError', 'update', 'sequence, as nothing is left for the end of one', config.update)
  }
  const g = newBuild(traced)
  if (part === 'end') endOfSequence(g, config)
  else oneStep(g, config, part === 'learn', weights)
  return { ...describe(config, part, ABOUT[part]), ...g.whole() }
}

const ABOUT: Readonly<Record<Part, string>> = {
  learn: 'One step of P-TNCN that predicts and learns: feed each next.NAME back as NAME.',
  infer: 'One step of P-TNCN that predicts, its weights as they are: feed each next.NAME back as NAME.',
  end: 'The end of a sequence of P-TNCN: the weights move by the sum of its updates.',
}

const oneStep = (g: Build, config: Config, learns: boolean, held?: Numbers): void => {
  const x = g.input('x', ROWS, config.units[0]!)
  const mask = g.input('m', ROWS, 1)
  const t = g.input('t', 1, 1, 'int64')
  const state = stateInputs(g, config)
  const weights = weightsOf(config, (label, rows, cols) => g.input(label, rows, cols), held && holding(g, held))
  const frame: Frame = { g, config, weights, state, x, mask }
  const optimizer = learns ? optimizerInputs(g, config) : undefined
  const done = forward(frame)
  const scores = score(frame, done.prediction)
  const due = config.learnFrom === 0 ? undefined : lessOrEqual(g, wholeNumber(g, config.learnFrom), t)
  g.output('p', done.prediction, 'P1')
  for (const [name, value] of Object.entries(scores)) {
    g.output(name, due ? choose(g, due, value, number(g, 0)) : value, name === 'count' ? 'S5' : 'sq-learn')
  }
  g.output('next.t', add(g, t, wholeNumber(g, 1)), 'st-carried', 'int64')
  stateOutputs(g, done.next)
  if (optimizer) learned({ ...frame, optimizer, due }, reduce(g, config, learn(frame, done), mask))
}

interface Learning extends Frame {
  readonly optimizer: Optimizer
  /** whether the step learns at all: those before `learnFrom` do not [sq-learn] */
  readonly due: Value | undefined
}

/** What the reduced updates do: they move the weights, or are added up. [sq-update] */
const learned = ({ g, config, weights, optimizer, due }: Learning, reduced: Weights): void => {
  const after = optimizer.sum
    ? { weights, optimizer: { ...optimizer, sum: summed(g, optimizer.sum, reduced) } }
    : move(g, config, weights, optimizer, reduced)
  const kept = (now: Value, before: Value): Value => (due && now !== before ? choose(g, due, now, before) : now)
  modelOutputs(g, after, (now, before) => kept(now, before), { weights, optimizer })
}

const endOfSequence = (g: Build, config: Config): void => {
  const weights = weightsOf(config, (label, rows, cols) => g.input(label, rows, cols))
  const { sum, ...optimizer } = optimizerInputs(g, config)
  modelOutputs(g, move(g, config, weights, optimizer, sum!), (now) => now, { weights, optimizer })
}

const wholeNumber = (g: Build, value: number): Value => g.held(`step ${value}`, 'int64', [1, 1], [value])

/** A value for each weight, from its label and shape; those that the graph holds are taken as they are. */
const weightsOf = (
  config: Config,
  make: (label: string, rows: number, cols: number) => Value,
  holding?: (label: string, l: number, name: string) => Value,
): Weights =>
  Array.from({ length: layerCount(config) }, (_, i) => {
    const made = weightShapes(config, i + 1).map(([name, rows, cols]) => {
      const label = weightLabel(name, i + 1)
      return [name, holding ? holding(label, i + 1, name) : make(label, rows, cols)]
    })
    return Object.fromEntries(made) as Layer<Value>
  })

const holding = (g: Build, weights: Numbers) => (label: string, l: number, name: string) => {
  const { rows, cols, data } = weights[l - 1]![name as 'W']
  return g.held(label, 'float', [rows, cols], data)
}

const SIGNALS = ['y', 'z', 'd'] as const

const stateInputs = (g: Build, { units }: Config): State => {
  const signal = (name: string): Value[] => units.slice(1).map((n, i) => g.input(`state.${name}_${i + 1}`, ROWS, n))
  return { x: g.input('state.x', ROWS, units[0]!), y: signal('y'), z: signal('z'), d: signal('d') }
}

const stateOutputs = (g: Build, next: State): void => {
  g.output('next.state.x', next.x, 'st-carried')
  for (const name of SIGNALS) next[name].forEach((value, i) => g.output(`next.state.${name}_${i + 1}`, value, 'st-carried'))
}

const GROUPS = ['first', 'second', 'sum'] as const

const optimizerInputs = (g: Build, config: Config): Optimizer => {
  const groups = [...momentsOf(config), ...(config.update === 'sequence' ? (['sum'] as const) : [])]
  const input = (group: string) => (label: string, rows: number, cols: number) => g.input(`${group}.${label}`, rows, cols)
  return {
    power1: g.input('power1', 1, 1),
    power2: g.input('power2', 1, 1),
    ...Object.fromEntries(groups.map((group) => [group, weightsOf(config, input(group))])),
  }
}

interface Carried {
  readonly weights: Weights
  readonly optimizer: Optimizer
}

/** All weights and the whole optimiser, each as `kept` has it of what it is now and was before. */
const modelOutputs = (g: Build, now: Carried, kept: (now: Value, before: Value) => Value, before: Carried): void => {
  const all = (prefix: string, values: Weights, old: Weights): void => {
    mapWeights((value, name, l) => {
      g.output(`next.${prefix}${weightLabel(name, l)}`, kept(value, old[l - 1]![name]!), 'sq-learn')
      return value
    }, values)
  }
  all('', now.weights, before.weights)
  for (const power of ['power1', 'power2'] as const) {
    g.output(`next.${power}`, kept(now.optimizer[power], before.optimizer[power]), 'sq-learn')
  }
  for (const group of GROUPS) {
    const [values, old] = [now.optimizer[group], before.optimizer[group]]
    if (values && old) all(`${group}.`, values, old)
  }
}
