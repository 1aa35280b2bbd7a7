/**
 * What a network begins with, as an ONNX model of its own: whoever can run the step needs no other reader of files. Its
 * outputs have the names of the step's inputs.
 */

import { mismatch } from '../../errors.js'
import type { Model } from '../../io/onnx/model.js'
import type { Matrix } from '../../numeric/matrix.js'
import type { Model as Network, OptimizerState } from '../../ptncn/apply.js'
import { type Config } from '../../ptncn/config.js'
import { momentsOf } from '../../ptncn/optimizers.js'
import { labelled, mapWeights, weightLabel, type Weights } from '../../ptncn/weights.js'
import { asWhole, negate, number, product, subtract } from './algebra.js'
import { newBuild, type Build, type Value } from './build.js'
import { describe, ROWS, requireSayable } from './describe.js'

/** The model of a beginning: a sequence that begins, weights and optimiser as they are. @throws ConfigError */
export const startModel = (config: Config, { weights, optimizer }: Network): Model => {
  requireSayable(config)
  if (optimizer.sum) throw mismatch('ConfigError', 'sum', 'no open sequence in a network that begins one', 'an open one')
  const g = newBuild(false)
  const mask = g.input('m', ROWS, 1)
  stateOutputs(g, config, mask)
  const held = new Map<string, Value>()
  for (const [label, { rows, cols, data }] of labelled(weights)) {
    held.set(label, g.held(`held.${label}`, 'float', [rows, cols], data))
    g.output(label, held.get(label)!, 'wt-init')
  }
  optimizerOutputs(g, config, optimizer, held, weights)
  return {
    ...describe(config, 'start', 'What the step of P-TNCN begins with: feed each output as the input of its name.'),
    ...g.whole(),
  }
}

/** t is 0 and every tensor +0, in as many rows as the mask has. [st-start] */
const stateOutputs = (g: Build, { units }: Config, mask: Value): void => {
  const nothing = subtract(g, mask, mask)
  const zeros = (n: number): Value => product(g, nothing, g.held(`zeros ${n}`, 'float', [1, n], new Float32Array(n)))
  g.output('t', asWhole(g, number(g, 0)), 'st-start', 'int64')
  g.output('state.x', zeros(units[0]!), 'st-start')
  for (const name of ['y', 'z', 'd']) units.slice(1).forEach((n, i) => g.output(`state.${name}_${i + 1}`, zeros(n), 'st-start'))
}

const isZero = ({ data }: Matrix): boolean => Array.from(data).every((value) => value === 0)

/**
 * Moments that have not moved yet take no room in the file: they are w - w. A sum begins as -0, which leaves even a -0 that
 * is added to it as it is. [op-state] [sq-update]
 */
const optimizerOutputs = (
  g: Build,
  config: Config,
  optimizer: OptimizerState,
  held: ReadonlyMap<string, Value>,
  weights: Weights,
): void => {
  const zero = (label: string): Value => subtract(g, held.get(label)!, held.get(label)!)
  const none = (group: string, label: string): Value => (group === 'sum' ? negate(g, zero(label)) : zero(label))
  const store = (name: string, { rows, cols, data }: Matrix): Value => g.held(`held.${name}`, 'float', [rows, cols], data)
  for (const power of ['power1', 'power2'] as const) {
    g.output(power, number(g, optimizer[power]), 'op-state')
  }
  const groups = [...momentsOf(config), ...(config.update === 'sequence' ? (['sum'] as const) : [])]
  for (const group of groups) {
    mapWeights((weight, name, l) => {
      const label = weightLabel(name, l)
      const value = optimizer[group]?.[l - 1]![name]
      g.output(`${group}.${label}`, value && !isZero(value) ? store(`${group}.${label}`, value) : none(group, label), 'op-state')
      return weight
    }, weights)
  }
}
