/** The grids that come along, as a file of the user's would say them. */

const FRAMES = { side: 16, frames: 20, batch: 20 }
const rates = (...all: readonly number[]) => all.map((rate) => ({ rate }))
/** Of those that learn once a sequence, and of those that learn every few steps. All methods get as many trials. */
const [RATES, ONLINE_RATES] = [rates(0.001, 0.003, 0.01, 0.03), rates(0.0003, 0.001, 0.003, 0.01)]
/** How hard the inputs drive a reservoir decides as much as the rate of its readout. */
const RESERVOIRS = [0.003, 0.01].flatMap((rate) => [0.3, 1].map((inputScale) => ({ rate, inputScale })))
const PTNCN = { optimizer: 'adam', clip: 0, topDownSignal: 'error', biases: true, weightScale: 0.15 }
const PTNCN_TRIALS = [0.001, 0.003].flatMap((rate) => [0.1, 0.3].map((beta) => ({ rate, beta })))
/** Units that know few values need larger weights, or a correction that can pass from one value to another. */
const DISCRETE_TRIALS = [
  { rate: 0.003, weightScale: 0.3, beta: 0.1 }, { rate: 0.003, weightScale: 0.5, beta: 0.1 },
  { rate: 0.003, weightScale: 0.3, beta: 1 }, { rate: 0.001, weightScale: 0.3, beta: 0.3 },
]
const DISCRETE = ['sign', 'step', 'stochastic']
const BOTH = ['units', 'weights']

const contenders = [
  { method: 'ptncn', settings: PTNCN, search: PTNCN_TRIALS },
  ...DISCRETE.map((variant) => ({ method: 'ptncn', variant, settings: PTNCN, search: DISCRETE_TRIALS })),
  { method: 'bptt', settings: { clip: 1 }, search: RATES, sizes: BOTH },
  { method: 'tbptt', settings: { clip: 1, chunk: 5 }, search: ONLINE_RATES, sizes: BOTH },
  { method: 'rtrl', settings: { clip: 1 }, search: ONLINE_RATES },
  { method: 'uoro', settings: { clip: 1 }, search: ONLINE_RATES, sizes: BOTH },
  { method: 'esn', search: RESERVOIRS, sizes: BOTH },
  ...DISCRETE.map((variant) => ({ method: 'esn', variant, search: RESERVOIRS })),
  { method: 'sab', settings: { clip: 1 }, search: RATES, sizes: BOTH },
  { method: 'lstm', settings: { clip: 1 }, search: RATES, sizes: BOTH },
]

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

const small = {
  about: 'Everything, small: 32 units, 16 x 16 pixels, ten seeds',
  units: 32,
  tasks: {
    'bouncing-mnist': { task: 'bouncing-mnist', ...FRAMES, sequences: 4000 },
    'bouncing-notmnist': { task: 'bouncing-notmnist', ...FRAMES, sequences: 4000 },
    reber: { task: 'reber', batch: 20, sequences: 20_000 },
  },
  searchSeeds: [1001],
  finalSeeds: seeds(10),
  contenders,
}

const large = {
  about: 'What one machine takes days for: 256 units, frames up to 64 x 64, the Penn Treebank; without RTRL, whose cost grows as the fourth power of the units',
  units: 256,
  tasks: {
    'bouncing-mnist-32': { task: 'bouncing-mnist', side: 32, frames: 20, batch: 50, sequences: 20_000 },
    'bouncing-notmnist-32': { task: 'bouncing-notmnist', side: 32, frames: 20, batch: 50, sequences: 20_000 },
    'bouncing-mnist-64': { task: 'bouncing-mnist', side: 64, frames: 20, batch: 50, sequences: 20_000 },
    'bouncing-notmnist-64': { task: 'bouncing-notmnist', side: 64, frames: 20, batch: 50, sequences: 20_000 },
    'ptb-char': { task: 'ptb-char', batch: 50, batching: 'length', sequences: 84_000 },
  },
  searchSeeds: [1001],
  finalSeeds: seeds(5),
  contenders: contenders.filter(({ method }) => method !== 'rtrl'),
}

export const GRIDS: Readonly<Record<string, unknown>> = { small, large }
