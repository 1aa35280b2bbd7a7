/** Mistakes in O1 to O4, and in how the engine puts steps together. */

import type { Mutant } from './mutants.js'

type Line = readonly [id: string, equation: string, from: string, to: string]

const inFile = (file: string, lines: readonly Line[]): readonly Mutant[] =>
  lines.map(([id, equation, from, to]) => ({ id, equation, file, from, to }))

export const optimMutants: readonly Mutant[] = [
  ...inFile('ptncn/apply.ts', [
    ['o1-o2-swapped', 'O1, O2', "config.clipOrder === 'clip-mean' ? averaged", "config.clipOrder === 'mean-clip' ? averaged"],
    ['o1-twice', 'O1, O2', 'averaged(clipped(d)) :', 'clipped(averaged(clipped(d))) :'],
    ['o1-off', 'O1', ': clipped(averaged(d))', ': averaged(d)'],
    ['o2-unrounded', 'O2', 'fround(1 / rowCount(config, mask))', '1 / rowCount(config, mask)'],
    ['o2-active', 'O2', "config.mean === 'all' ? mask.rows", "config.mean === 'active' ? mask.rows"],
    ['o2-masked-counted', 'O2', 'filter((m) => m === 1)', 'filter((m) => m >= 0)'],
    ['o2-no-row', 'O2', 'Math.max(1, Array', 'Math.max(0, Array'],
    ['sq-last-only', 'sq-update', 'const summed = sum ? mapWeights(', 'const summed = sum && config.learnFrom < 0 ? mapWeights('],
    ['sq-sum-kept', 'sq-update', 'apply(config, { weights: model.weights, optimizer }, sum,', 'apply(config, model, sum,'],
    ['sq-each-step', 'sq-update', "if (config.update === 'step') return", 'if (config.update) return'],
    ['op-power1', 'op-state', 'fround(optimizer.power1 * config.beta1)', 'fround(optimizer.power1 * config.beta2)'],
    ['op-power2-unrounded', 'op-state', 'fround(optimizer.power2 * config.beta2)', 'optimizer.power2 * config.beta2'],
    ['op-power-start', 'op-state', 'return { power1: 1, power2: 1,', 'return { power1: 1, power2: 0.5,'],
    ['o4-biases', 'O4', 'isBias(name) ? w : projectRows(config.maxNorm, w)', 'projectRows(config.maxNorm, w)'],
    [
      'o4-off',
      'O4',
      'isBias(name) ? w : projectRows(config.maxNorm, w)',
      'isBias(name) || config.maxNorm < 1 ? w : projectRows(config.maxNorm, w)',
    ],
  ]),
  ...inFile('ptncn/optimizers.ts', [
    ['o3-sgd-sign', 'O3', 'weight: subtract(w, scale(rate, d))', 'weight: add(w, scale(rate, d))'],
    ['o3-momentum-of-d', 'O3', 'weight: subtract(w, scale(rate, v))', 'weight: subtract(w, scale(rate, d))'],
    [
      'o3-nesterov-old-v',
      'O3',
      'add(scale(rate, d), scale(rate, scale(mu, v)))',
      'add(scale(rate, d), scale(rate, scale(mu, v0!)))',
    ],
    [
      'o3-nesterov-order',
      'O3',
      'subtract(w, add(scale(rate, d), scale(rate, scale(mu, v))))',
      'subtract(subtract(w, scale(rate, d)), scale(rate, scale(mu, v)))',
    ],
    ['o3-nesterov-mu-rate', 'O3', 'scale(rate, scale(mu, v))', 'scale(fround(rate * mu), v)'],
    ['o3-average-all', 'O3', 'scale(fround(1 - decay), d)', 'scale(1, d)'],
    ['o3-average-unrounded', 'O3', 'scale(fround(1 - decay), d)', 'scale(1 - decay, d)'],
    ['o3-epsilon-in-root', 'O3', 'fround(fround(sqrt(value)) + epsilon)', 'fround(sqrt(fround(value + epsilon)))'],
    ['o3-adam-biased', 'O3', 'scale(unbias(power1), m)', 'm'],
    ['o3-adam-powers', 'O3', 'scale(unbias(power2), v)', 'scale(unbias(power1), v)'],
    ['o3-adam-unbias-unrounded', 'O3', 'fround(1 / fround(1 - power))', '1 / (1 - power)'],
    ['o3-adam-second', 'O3', 'average(beta2, v0!, multiply(d, d))', 'average(beta2, v0!, multiply(d, m))'],
    ['o3-rmsprop-of-v', 'O3', 'normalised(rate, epsilon, d, v))', 'normalised(rate, epsilon, d, v0!))'],
    ['o3-rmsprop-signed', 'O3', 'average(decay, v0!, multiply(d, d))', 'average(decay, v0!, d)'],
  ]),
  ...inFile('engine/reference.ts', [
    ['sq-sum-not-abandoned', 'sq-update', 'continues ? from : abandonSum(from)', 'from'],
    ['sq-learn-late', 'sq-learn', 'state.t >= config.learnFrom', 'state.t > config.learnFrom'],
    ['sq-key-lost', 'sq-start', 'initialState(config, inputs[0]!.x.rows, key)', 'initialState(config, inputs[0]!.x.rows)'],
    ['sq-continues-anew', 'sq-start', 'continues ? from.state! :', 'continues && from.state!.t < 2 ? from.state! :'],
    ['sq-end-forgotten', 'sq-update', 'learning ? endSequence(config, model) : model', 'model'],
  ]),
]
