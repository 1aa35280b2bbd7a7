/** The grids that come along, as a file of the user's would say them. */

const FRAMES = { side: 16, frames: 20, batch: 20 }
const BOTH = ['units', 'weights']
/** The rivals that are compared on words, each of whose cells takes hours. */
const OF_WORDS = ['bptt', 'tbptt', 'esn', 'lstm']
const DISCRETE = ['sign', 'step', 'stochastic']

type Trials = readonly Readonly<Record<string, number | string>>[]

const rates = (...all: readonly number[]): Trials => all.map((rate) => ({ rate }))
const crossed = (first: string, left: readonly number[], second: string, right: readonly number[]): Trials =>
  left.flatMap((a) => right.map((b) => ({ [first]: a, [second]: b })))

/** What is tried of each kind of method: as many settings of each. */
interface Searches {
  /** tasks of images, of few symbols, of words, and those that others follow */
  readonly images: readonly string[]
  readonly symbols: readonly string[]
  readonly words: readonly string[]
  readonly lessons: readonly string[]
  /** of the grid */
  readonly units: number
  /** of tanh, twice the usual deviation of the weights among them */
  readonly weightScale: number
  /** of P-TNCN with units of tanh */
  readonly ownImages: Trials
  readonly ownSymbols: Trials
  /** of units of two values, each with both deviations */
  readonly windowsOfImages: readonly number[]
  readonly windowsOfSymbols: readonly number[]
  /** of stochastic units, each with two windows */
  readonly stochasticImages: readonly number[]
  readonly stochasticSymbols: readonly number[]
  /** of those that learn once a sequence */
  readonly whole: Trials
  /** of those that learn every few steps */
  readonly online: Trials
  /** how hard the inputs drive a reservoir decides as much as the rate of its readout */
  readonly reservoirs: Trials
  /** of a leaky network */
  readonly leaky: Trials
  /** of what infers before it learns */
  readonly inferred: Trials
}

const ptncn = (searches: Searches) => {
  const { images, symbols, words, lessons, weightScale, units } = searches
  const profile = 'online'
  const scaled = { weightScale: 2 * weightScale }
  const tanh = { profile, weightScale }
  const drive = { ...tanh, correctionSignal: 'drive' }
  // by fan-in E_1, which has a row for each word, would stand still while W_1 learns; what is remembered of rare words lasts
  const ofWords = { units: [units], rateFanIn: 0, beta2: 0.9999 }
  const discrete = (tasks: readonly string[], windows: readonly number[]) =>
    ['sign', 'step'].map((variant) => ({
      method: 'ptncn',
      variant,
      tasks,
      settings: drive,
      search: [{}, scaled].flatMap((more) => windows.map((window) => ({ window, ...more }))),
    }))
  const stochastic = { method: 'ptncn', variant: 'stochastic', settings: { ...drive, beta: 0.3 } }
  const all = [
    // to adapt to what was never seen a state has to be corrected by much, though that costs a little on what was: so this
    // is said beforehand, and not searched for on the validation data of digits
    { method: 'ptncn', tasks: [...images, ...lessons], settings: { ...tanh, beta: 0.3 }, search: searches.ownImages },
    { method: 'ptncn', tasks: symbols, settings: tanh, search: searches.ownSymbols },
    {
      method: 'ptncn',
      tasks: words,
      settings: { ...tanh, ...ofWords },
      // a larger one is better for the part of a pass that the search takes, and worse for a whole one
      search: crossed('rate', [0.0005, 0.001], 'beta', [0.1, 0.3]),
    },
    ...discrete(images, searches.windowsOfImages),
    ...discrete(symbols, searches.windowsOfSymbols),
    // what a unit draws smooths its threshold: it learns from drives farther off, and from larger steps
    { ...stochastic, tasks: images, search: crossed('window', [6, 8], 'rate', searches.stochasticImages) },
    { ...stochastic, tasks: symbols, search: crossed('window', [1, 2], 'rate', searches.stochasticSymbols) },
  ]
  return all.filter(({ tasks }) => tasks.length > 0)
}

const rivals = ({ images, symbols, words, lessons, whole, online, reservoirs, leaky, inferred }: Searches) => {
  const tasks = [...images, ...symbols]
  const others = [
    { method: 'bptt', settings: { clip: 1 }, search: whole, sizes: BOTH },
    { method: 'tbptt', settings: { clip: 1, chunk: 5 }, search: online, sizes: BOTH },
    { method: 'rtrl', settings: { clip: 1 }, search: online },
    { method: 'uoro', settings: { clip: 1 }, search: online, sizes: BOTH },
    { method: 'esn', search: reservoirs, sizes: BOTH },
    { method: 'sab', settings: { clip: 1 }, search: whole, sizes: BOTH },
    { method: 'lstm', settings: { clip: 1 }, search: whole, sizes: BOTH },
    { method: 'snap1', settings: { clip: 1 }, search: online },
    { method: 'rflo', settings: { clip: 1 }, search: leaky },
    { method: 'rtu', settings: { clip: 1 }, search: online },
    { method: 'tpc', search: inferred },
  ]
  return [
    ...others.map((rival) => ({ ...rival, tasks })),
    // of three tasks each, exact gradients would take most of the time of the grid
    ...others.filter(({ method }) => method !== 'rtrl').map((rival) => ({ ...rival, tasks: lessons, sizes: ['units'] })),
    // most weights are those of the output, whatever the method
    ...others.filter(({ method }) => OF_WORDS.includes(method)).map((rival) => ({ ...rival, tasks: words, sizes: ['units'] })),
    ...DISCRETE.map((variant) => ({ method: 'esn', variant, tasks, search: reservoirs })),
  ].filter(({ tasks }) => tasks.length > 0)
}

const contendersOf = (searches: Searches) => [...ptncn(searches), ...rivals(searches)]

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

/** Digits, then letters, then the digits with their pixels in another order. */
const LESSONS = { task: 'bouncing-mnist', then: ['bouncing-notmnist', 'bouncing-mnist-permuted'] }

const small = {
  about: 'Everything, small: 32 units, 16 x 16 pixels, ten seeds',
  units: 32,
  tasks: {
    'bouncing-mnist': { task: 'bouncing-mnist', ...FRAMES, sequences: 4000 },
    'bouncing-notmnist': { task: 'bouncing-notmnist', ...FRAMES, sequences: 4000 },
    reber: { task: 'reber', batch: 20, sequences: 20_000 },
    'ptb-char': { task: 'ptb-char', batch: 20, batching: 'length', sequences: 4000, scored: 400 },
    continual: { ...LESSONS, ...FRAMES, sequences: 4000 },
  },
  searchSeeds: [1001],
  finalSeeds: seeds(10),
  contenders: contendersOf({
    images: ['bouncing-mnist', 'bouncing-notmnist'],
    symbols: ['reber', 'ptb-char'],
    words: [],
    units: 32,
    lessons: ['continual'],
    weightScale: 0.15,
    ownImages: [
      ...rates(0.00075, 0.0015, 0.003, 0.006, 0.012),
      ...rates(0.0015, 0.003, 0.006).map((rate) => ({ ...rate, weightScale: 0.3 })),
    ],
    ownSymbols: [
      ...[0.01, 0.03, 0.1].map((beta) => ({ beta })),
      ...rates(0.0015, 0.006).map((rate) => ({ beta: 0.03, ...rate })),
      ...[0.3, 0.45].map((weightScale) => ({ beta: 0.03, weightScale })),
      { beta: 0.03, rate: 0.006, weightScale: 0.3 },
    ],
    windowsOfImages: [1, 2, 3, 5],
    windowsOfSymbols: [0.25, 0.5, 1, 2],
    stochasticImages: [0.0015, 0.003, 0.006, 0.012],
    stochasticSymbols: [0.005, 0.01, 0.02, 0.04],
    whole: rates(0.003, 0.006, 0.01, 0.02, 0.03, 0.06, 0.1, 0.2),
    online: rates(0.0001, 0.0003, 0.001, 0.003, 0.01, 0.02, 0.03, 0.06),
    reservoirs: crossed('rate', [0.001, 0.003, 0.01, 0.03], 'inputScale', [0.3, 1]),
    leaky: crossed('rate', [0.0003, 0.001, 0.003, 0.01], 'leak', [0.5, 1]),
    inferred: crossed('rate', [0.0001, 0.0003, 0.001, 0.003], 'inferenceRate', [0.03, 0.1]),
  }),
}

const BOUNCING = { side: 64, frames: 20, batch: 50, sequences: 20_000 }
const WIDE: Searches = {
  images: ['bouncing-mnist-64', 'bouncing-notmnist-64'],
  symbols: ['ptb-char'],
  words: ['ptb-word'],
  units: 256,
  lessons: ['continual'],
  weightScale: 0.053,
  // half as many as of `small`: a cell takes hours
  ownImages: [...rates(0.0015, 0.003, 0.006), { rate: 0.003, weightScale: 0.106 }],
  ownSymbols: [{ beta: 0.03 }, { beta: 0.1 }, { beta: 0.03, rate: 0.006 }, { beta: 0.03, weightScale: 0.106 }],
  windowsOfImages: [2, 3],
  windowsOfSymbols: [0.5, 1],
  stochasticImages: [0.003, 0.006],
  stochasticSymbols: [0.01, 0.02],
  // with more units, smaller steps
  whole: rates(0.0003, 0.001, 0.003, 0.01),
  online: rates(0.0001, 0.0003, 0.001, 0.003),
  reservoirs: crossed('rate', [0.001, 0.003], 'inputScale', [0.1, 0.3]),
  leaky: crossed('rate', [0.0003, 0.001], 'leak', [0.5, 1]),
  inferred: crossed('rate', [0.0003, 0.001], 'inferenceRate', [0.03, 0.1]),
}

const published = {
  about:
    'What the abstract of the paper speaks of: 256 units, frames of 64 x 64, the Penn Treebank by characters and by words. Without RTRL, whose cost grows as the fourth power of the units; UORO on characters and the sequence of tasks alone, as its traces are as wide as its weights; on words without SAB and units without a derivative, and at equal numbers of units; without the rivals that came after the paper',
  units: 256,
  tasks: {
    'bouncing-mnist-64': { task: 'bouncing-mnist', ...BOUNCING, searchSequences: 4000 },
    'bouncing-notmnist-64': { task: 'bouncing-notmnist', ...BOUNCING, searchSequences: 4000 },
    'ptb-char': { task: 'ptb-char', batch: 50, batching: 'length', sequences: 42_000, searchSequences: 4000 },
    'ptb-word': { task: 'ptb-word', batch: 20, batching: 'length', sequences: 42_000, searchSequences: 4000 },
    continual: { ...LESSONS, side: 32, frames: 20, batch: 50, sequences: 4000 },
  },
  searchSeeds: [1001],
  finalSeeds: seeds(5),
  contenders: contendersOf(WIDE)
    .filter(({ method }) => !['rtrl', 'snap1', 'rflo', 'rtu', 'tpc'].includes(method))
    .map((one) => (one.method === 'uoro' ? { ...one, tasks: one.tasks.filter((task) => !WIDE.images.includes(task)) } : one)),
}

export const GRIDS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { small, published }
