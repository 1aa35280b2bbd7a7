/** The grids that come along, as a file of the user's would say them. */

const FRAMES = { side: 16, frames: 20, batch: 20 }
const BOTH = ['units', 'weights']
const DISCRETE = ['sign', 'step', 'stochastic']
const PTNCN = { optimizer: 'adam', clip: 0, topDownSignal: 'error', biases: true }

type Trials = readonly Readonly<Record<string, number>>[]

const rates = (...all: readonly number[]): Trials => all.map((rate) => ({ rate }))
const crossed = (first: string, left: readonly number[], second: string, right: readonly number[]): Trials =>
  left.flatMap((a) => right.map((b) => ({ [first]: a, [second]: b })))

/** What is tried of each kind of method: as many settings of each. */
interface Searches {
  readonly weightScale: number
  readonly ptncn: Trials
  /** of units that know few values, which need larger weights, or a correction that can pass from one value to another */
  readonly discrete: Trials
  /** of those that learn once a sequence */
  readonly whole: Trials
  /** of those that learn every few steps */
  readonly online: Trials
  /** how hard the inputs drive a reservoir decides as much as the rate of its readout */
  readonly reservoirs: Trials
}

const contendersOf = ({ weightScale, ptncn, discrete, whole, online, reservoirs }: Searches) => [
  { method: 'ptncn', settings: { ...PTNCN, weightScale }, search: ptncn },
  ...DISCRETE.map((variant) => ({ method: 'ptncn', variant, settings: { ...PTNCN, weightScale }, search: discrete })),
  { method: 'bptt', settings: { clip: 1 }, search: whole, sizes: BOTH },
  { method: 'tbptt', settings: { clip: 1, chunk: 5 }, search: online, sizes: BOTH },
  { method: 'rtrl', settings: { clip: 1 }, search: online },
  { method: 'uoro', settings: { clip: 1 }, search: online, sizes: BOTH },
  { method: 'esn', search: reservoirs, sizes: BOTH },
  ...DISCRETE.map((variant) => ({ method: 'esn', variant, search: reservoirs })),
  { method: 'sab', settings: { clip: 1 }, search: whole, sizes: BOTH },
  { method: 'lstm', settings: { clip: 1 }, search: whole, sizes: BOTH },
]

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

const small = {
  about: 'Everything, small: 32 units, 16 x 16 pixels, ten seeds',
  units: 32,
  tasks: {
    'bouncing-mnist': { task: 'bouncing-mnist', ...FRAMES, sequences: 4000 },
    'bouncing-notmnist': { task: 'bouncing-notmnist', ...FRAMES, sequences: 4000 },
    reber: { task: 'reber', batch: 20, sequences: 20_000 },
    'ptb-char': { task: 'ptb-char', batch: 20, batching: 'length', sequences: 4000, scored: 400 },
  },
  searchSeeds: [1001],
  finalSeeds: seeds(10),
  contenders: contendersOf({
    weightScale: 0.15,
    ptncn: crossed('rate', [0.001, 0.003], 'beta', [0.1, 0.3]),
    discrete: [
      { rate: 0.003, weightScale: 0.3, beta: 0.1 },
      { rate: 0.003, weightScale: 0.5, beta: 0.1 },
      { rate: 0.003, weightScale: 0.3, beta: 1 },
      { rate: 0.001, weightScale: 0.3, beta: 0.3 },
    ],
    whole: rates(0.001, 0.003, 0.01, 0.03),
    online: rates(0.0003, 0.001, 0.003, 0.01),
    reservoirs: crossed('rate', [0.003, 0.01], 'inputScale', [0.3, 1]),
  }),
}

const large = {
  about:
    'What one machine takes days for: 256 units, frames up to 64 x 64, the Penn Treebank; without RTRL, whose cost grows as the fourth power of the units',
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
  // with more units, smaller steps and smaller weights
  contenders: contendersOf({
    weightScale: 0.05,
    ptncn: crossed('rate', [0.0003, 0.001], 'beta', [0.1, 0.3]),
    discrete: crossed('rate', [0.0003, 0.001], 'weightScale', [0.05, 0.15]),
    whole: rates(0.0003, 0.001, 0.003, 0.01),
    online: rates(0.0001, 0.0003, 0.001, 0.003),
    reservoirs: crossed('rate', [0.001, 0.003], 'inputScale', [0.1, 0.3]),
  }).filter(({ method }) => method !== 'rtrl'),
}

export const GRIDS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { small, large }
