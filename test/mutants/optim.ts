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
    ['sq-last-only', 'sq-update', 'before ? add(before, d) : d', 'd'],
    [
      'sq-sum-kept',
      'sq-update',
      'move(config, { weights: model.weights, optimizer }, sum, looked)',
      'move(config, model, sum, looked)',
    ],
    ['sq-each-step', 'sq-update', "if (config.update === 'step') return", 'if (config.update) return'],
    ['op-power1', 'op-state', "power('power1', config.beta1)", "power('power1', config.beta2)"],
    [
      'op-power2-unrounded',
      'op-state',
      'scalar(Math.fround(optimizer[name] * factor))',
      '({ rows: 1, cols: 1, data: [optimizer[name] * factor] })',
    ],
    ['op-power-start', 'op-state', 'power2: 1, ...each', 'power2: 0.5, ...each'],
    ['o4-biases', 'O4', 'isBias(name) ? w : see(`O4.', 'name === null ? w : see(`O4.'],
    ['o5-biases', 'O5', 'isBias(name) ? w : see(`O5.', 'name === null ? w : see(`O5.'],
    ['o5-off', 'O5', 'config.weightDecay > 0 ? fade', 'config.weightDecay > 1 ? fade'],
    ['o4-off', 'O4', 'isBias(name) ? w : see(`O4.', 'isBias(name) || config.maxNorm < 1 ? w : see(`O4.'],
  ]),
  ...inFile('ptncn/optimizers.ts', [
    ['o1-off-at-0', 'O1', 'if (r <= 0) return d', 'if (r < 0) return d'],
    ['o5-sign', 'O5', 'subtract(w, scale(part, w))', 'subtract(scale(part, w), w)'],
    ['o5-one-rounding', 'O5', 'subtract(w, scale(part, w))', 'scale(fround(1 - part), w)'],
    ['op-rate-columns', 'op-rate', 'rows <= rateFanIn', 'rows < rateFanIn / 2'],
    ['op-rate-m1', 'op-rate', "(name === 'M' && l === 1)", "(name === 'M' && l === 0)"],
    ['op-rate-unrounded', 'op-rate', 'fround(rate * fround(rateFanIn / rows))', 'fround((rate * rateFanIn) / rows)'],
    ['op-rate-biases', 'op-rate', 'rows <= rateFanIn || isBias(name)', 'rows <= rateFanIn'],
    ['o1-at-r', 'O1', 'return norm > r ? map', 'return norm >= r ? map'],
    ['o1-association', 'O1', 'fround(fround(value * r) / norm)', 'fround(value * fround(r / norm))'],
    ['o4-always', 'O4', 'norm > maxNorm ? fround', 'norm > 0 ? fround'],
    ['o4-association', 'O4', 'fround(fround(w.data[i]! * maxNorm) / norm)', 'fround(w.data[i]! * fround(maxNorm / norm))'],
    ['o4-columns', 'O4', 'norms[Math.floor(i / w.cols)]!', 'norms[i % w.rows]!'],
    ['o2-unrounded', 'O2', 'fround(1 / N)', '1 / N'],
    ['o2-active', 'O2', "config.mean === 'all' ? mask.rows", "config.mean === 'active' ? mask.rows"],
    ['o2-masked-counted', 'O2', 'filter((m) => m === 1)', 'filter((m) => m >= 0)'],
    ['o2-no-row', 'O2', 'Math.max(1, Array', 'Math.max(0, Array'],
    ['o3-sgd-sign', 'O3', '({ rate }, w, d) => subtract(w, scale(rate, d))', '({ rate }, w, d) => add(w, scale(rate, d))'],
    ['o3-momentum-of-d', 'O3', 'subtract(w, scale(rate, v!))', 'subtract(w, scale(rate, _d))'],
    ['o3-nesterov-no-lookahead', 'O3', 'add(scale(rate, d), scale(rate, scale(mu, v!)))', 'scale(rate, v!)'],
    [
      'o3-nesterov-order',
      'O3',
      'subtract(w, add(scale(rate, d), scale(rate, scale(mu, v!))))',
      'subtract(subtract(w, scale(rate, d)), scale(rate, scale(mu, v!)))',
    ],
    ['o3-nesterov-mu-rate', 'O3', 'scale(rate, scale(mu, v!))', 'scale(fround(rate * mu), v!)'],
    ['o3-average-all', 'O3', 'scale(fround(1 - decay), d)', 'scale(1, d)'],
    ['o3-average-unrounded', 'O3', 'scale(fround(1 - decay), d)', 'scale(1 - decay, d)'],
    ['o3-epsilon-in-root', 'O3', 'fround(fround(sqrt(value)) + epsilon)', 'fround(sqrt(fround(value + epsilon)))'],
    ['o3-adam-biased', 'O3', 'unbiased(power1, first!)', 'first!'],
    ['o3-adam-powers', 'O3', 'unbiased(power2, second!)', 'unbiased(power1, second!)'],
    ['o3-adam-unbias-unrounded', 'O3', 'fround(1 / fround(1 - power))', '1 / (1 - power)'],
    ['o3-adam-second', 'O3', 'average(beta2, second, multiply(d, d))', 'average(beta2, second, multiply(d, second))'],
    ['o3-rmsprop-of-v', 'O3', 'normalised(config, d, second!)', 'normalised(config, second!, second!)'],
    ['o3-rmsprop-signed', 'O3', 'average(decay, second, multiply(d, d))', 'average(decay, second, d)'],
  ]),
  ...inFile('engine/reference.ts', [
    ['sq-sum-not-abandoned', 'sq-update', 'continues ? from : forgetSum(from)', 'from'],
    ['sq-learn-late', 'sq-learn', 'state.t >= config.learnFrom', 'state.t > config.learnFrom'],
    ['sq-key-lost', 'sq-start', 'initialState(config, inputs[0]!.x.rows, key)', 'initialState(config, inputs[0]!.x.rows)'],
    ['sq-continues-anew', 'sq-start', 'continues ? from.state! :', 'continues && from.state!.t < 2 ? from.state! :'],
    ['sq-end-forgotten', 'sq-update', 'learning ? equations.endSequence(config, model) : model', 'model'],
  ]),
]
