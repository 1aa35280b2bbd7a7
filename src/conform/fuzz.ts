/** Random scenarios from a key, small, and with a liking for the edges; the first that fails is made smaller. */

import type { Matrix } from '../numeric/matrix.js'
import { below, keyOf, split, uniform, type Key } from '../numeric/random.js'
import { initialOptimizer } from '../ptncn/apply.js'
import { config, profiles, specOf, type Config, type ProfileName } from '../ptncn/config.js'
import { momentsOf } from '../ptncn/optimizers.js'
import { buildWeights } from '../ptncn/weights.js'
import type { Connection } from './port/connection.js'
import { encodeScenario, type Caps } from './port/wire.js'
import { encodeOutcome, runScenario } from './reference.js'
import { flatten, type Moment, type Scenario } from './scenario.js'
import {
  failed,
  putScenario,
  record,
  type Choice,
  type Failure,
  type Result,
  type SessionOptions,
  type Tally,
} from './session.js'
import { shrink } from './shrink.js'
import { VECTORS_FORMAT, VECTORS_VERSION } from './vectors.js'

const { fround } = Math

/** Numbers and choices, one after another, from a key. */
interface Dice {
  readonly unit: () => number
  readonly whole: (least: number, most: number) => number
  readonly pick: <Value>(values: readonly Value[]) => Value
}

const diceOf = (key: Key): Dice => {
  let drawn = 0
  const unit = (): number => uniform(key, drawn++)
  const whole = (least: number, most: number): number => least + Math.floor(unit() * (most - least + 1))
  return { unit, whole, pick: (values) => values[whole(0, values.length - 1)]! }
}

/** The values that each switch and number is drawn from, some more often. Property tests draw from the same. */
export const SWITCHES = {
  hiddenPrediction: ['identity', 'activation'],
  topDownSignal: ['correction', 'error'],
  errorRule: ['transposed', 'temporal'],
  gamma: [1, 0.3, -0.7],
  presynaptic: ['corrected', 'uncorrected'],
  beta: [0.1, 0.7, -0.2, 0],
  alpha: [0.001, 0.3, 0],
  lambda: [0, 0.2],
  passes: [1, 1, 2, 3],
  biases: [false, true],
  clip: [1, 0.5, 0.05, 0, -1, 30],
  clipOrder: ['clip-mean', 'mean-clip'],
  mean: ['all', 'active'],
  rate: [0.075, 0.01],
  momentum: [0.95, 0.5],
  beta1: [0.9, 0],
  beta2: [0.999, 0.5],
  decay: [0.9, 0],
  epsilon: [1e-8, 0.001],
  update: ['step', 'step', 'sequence'],
  maxNorm: [0, 0.8, 0.5, 30],
  learnFrom: [1, 0, 0, 2],
} as const

/** The same of the fields that came later; most at their default, so that what was there before is drawn too. */
export const LATER_SWITCHES = {
  correctionSignal: ['state', 'drive'],
  window: [0, 0.25, 0.5, -1],
  errorStart: ['independent', 'transposed'],
  weightDecay: [0, 0, 0.01, 0.5],
  rateFanIn: [0, 0, 0.5, 3, 4.5],
} as const

const profilesOf = ({ specs }: Caps): readonly ProfileName[] =>
  (Object.keys(profiles) as ProfileName[]).filter((name) => specs.includes(specOf(config({ units: [1, 1] }, name))))

const drawConfig = (dice: Dice, caps: Caps): Config => {
  const [layers, widest] = [Math.min(4, caps.layers), Math.min(8, caps.maxDims)]
  const units = Array.from({ length: dice.whole(1, layers) + 1 }, () => dice.whole(1, widest))
  const own = {
    units,
    activation: dice.pick(caps.activations),
    output: dice.pick(caps.outputs),
    optimizer: dice.pick(caps.optimizers),
  } as unknown as Config
  if (dice.unit() < 0.25) return config(own, dice.pick(profilesOf(caps)))
  const drawn = (from: object): object =>
    Object.fromEntries(Object.entries(from).map(([field, values]) => [field, dice.pick(values as readonly unknown[])]))
  const first = drawn(SWITCHES)
  const later = caps.specs.includes('0.2.0') && dice.unit() < 0.5 ? drawn(LATER_SWITCHES) : {}
  return config({ ...first, ...later, ...own })
}

/** plain: anywhere. coarse: halves, with zeros of either sign: ties, kinks, norms on the edge. special: subnormals. large: saturation. */
const KINDS = ['plain', 'plain', 'coarse', 'special', 'large'] as const
type Kind = (typeof KINDS)[number]
const SPECIAL = [0, -0, 2 ** -149, -(2 ** -149), 2 ** -127, -(2 ** -130), 2 ** -126, -(2 ** -126), 1 - 2 ** -24, -1]

const drawNumber = (dice: Dice, kind: Kind, size: number): number => {
  const signed = 2 * dice.unit() - 1
  if (kind === 'coarse') return (Math.trunc(signed * 3.5) / 2) * size
  if (kind === 'special' && dice.unit() < 0.4) return dice.pick(SPECIAL)
  return fround(signed * size * (kind === 'large' && dice.unit() < 0.2 ? 40 : 1))
}

const drawMatrix = (dice: Dice, kind: Kind, size: number, rows: number, cols: number): Matrix => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, () => drawNumber(dice, kind, size)),
})

const drawMoments = (dice: Dice, settings: Config, kind: Kind): object =>
  Object.fromEntries(
    momentsOf(settings).map((name) => [
      name,
      buildWeights(settings, (_l, _name, rows, cols) => {
        const drawn = drawMatrix(dice, kind, 0.5, rows, cols)
        // a second moment is never negative
        return name === 'second' ? { ...drawn, data: Float32Array.from(drawn.data, Math.abs) } : drawn
      }),
    ]),
  )

const drawInput = (dice: Dice, settings: Config, kind: Kind, rows: number): Moment => {
  const width = settings.units[0]!
  const oneHot = dice.unit() < 0.5
  const hot = Array.from({ length: rows }, () => dice.whole(0, width - 1))
  const drawn = drawMatrix(dice, kind, 1, rows, width)
  const x = oneHot
    ? { ...drawn, data: Float32Array.from(drawn.data, (_, i) => Number(i % width === hot[Math.floor(i / width)])) }
    : drawn
  const full = dice.unit() < 0.4
  const none = dice.unit() < 0.1
  const mask = {
    rows,
    cols: 1,
    data: Float32Array.from({ length: rows }, () => (full ? 1 : none ? 0 : Number(dice.unit() < 0.7))),
  }
  const begin = dice.unit() < 0.15
  return { x, mask, ...(begin && { begin: [dice.whole(0, 2 ** 32 - 1), 7] as const }), ...(dice.unit() < 0.3 && { end: true }) }
}

const drawScenario = (dice: Dice, caps: Caps): Scenario => {
  const settings = drawConfig(dice, caps)
  const kind = dice.pick(KINDS)
  const rows = dice.whole(1, 4)
  const hidden = (): Matrix[] => settings.units.slice(1).map((n) => drawMatrix(dice, kind, 0.9, rows, n))
  const state = {
    t: dice.whole(0, 3),
    x: drawMatrix(dice, kind, 1, rows, settings.units[0]!),
    y: hidden(),
    z: hidden(),
    d: hidden(),
    key: [dice.whole(0, 2 ** 32 - 1), dice.whole(0, 2 ** 32 - 1)] as const,
  }
  const weights = buildWeights(settings, (_l, _name, height, width) => drawMatrix(dice, kind, 0.8, height, width))
  const optimizer = { ...initialOptimizer(settings), ...drawMoments(dice, settings, kind) }
  const train = dice.unit() < 0.85
  const drawn = Array.from({ length: dice.whole(1, 6) }, () => drawInput(dice, settings, kind, rows))
  // after an end, another sequence has to begin; without learning no sequence ends
  const inputs = drawn.map(({ end, ...input }, i): Moment => ({
    ...input,
    ...(train && end && { end }),
    ...(train && drawn[i - 1]?.end && { begin: input.begin ?? ([i, 1] as const) }),
  }))
  return { config: settings, from: flatten(state, { weights, optimizer }), inputs, train }
}

/** Scenario `index` of a key, within what a port can do; finite all through. */
export const randomScenario = (key: Key, index: number, caps: Caps): Scenario => {
  for (let attempt = 0; ; attempt++) {
    const scenario = drawScenario(diceOf(split(split(key, index), attempt)), caps)
    const good = runScenario(scenario).steps.length
    if (good > 0) return { ...scenario, inputs: scenario.inputs.slice(0, good) }
  }
}

/** A failing case as a vector file of its own, with what the reference gives. */
const counterexample = (scenario: Scenario, id: string, { kind, equation, what }: Failure): string => {
  const made = {
    id,
    equations: equation ? [equation] : [],
    flags: [],
    why: `found by fuzzing: ${kind}, ${what}`,
    request: { ...encodeScenario(scenario), want: 'trace' },
    expect: { steps: runScenario(scenario).steps.map((outcome) => encodeOutcome(outcome, true)) },
  }
  const head = {
    format: VECTORS_FORMAT,
    spec: specOf(scenario.config),
    vectors: VECTORS_VERSION,
    topic: 'fuzz',
    about: 'A counterexample',
    licence: 'CC0-1.0',
    provenance: 'ptncn conform --fuzz',
    generator: 'ptncn conform',
    count: 1,
    flags: {},
  }
  return `${JSON.stringify({ ...head, cases: [made] }, undefined, 1)}\n`
}

export interface Fuzzed {
  /** how many cases were put */
  readonly cases: number
  /** the small failing case, and its vector file */
  readonly found?: { readonly result: Result; readonly file: string }
}

/** Of one step of a case some results are asked for alone too: all would take longer than the case. */
const ALONE = 3

const someAlone =
  (key: Key, index: number): Choice =>
  (step, rules) =>
    step > 0 ? [] : Array.from({ length: ALONE }, (_, i) => rules[below(rules.length, split(key, index), i)]!)

/** Puts random cases until one fails. */
export const fuzz = async (
  port: Connection,
  caps: Caps,
  cases: number,
  seed: number,
  { level, now, until }: SessionOptions,
  tally: Tally,
): Promise<Fuzzed> => {
  const key = keyOf(seed)
  for (let i = 0; i < cases; i++) {
    const start = now()
    const result = { id: `fuzz-${seed}-${i}`, topic: 'fuzz', failures: [] }
    if (start > until) {
      record(tally, { ...result, status: 'not run', reason: 'the time was up', ms: 0 })
      return { cases: i }
    }
    const scenario = randomScenario(key, i, caps)
    const outcome = await putScenario(port, scenario, caps, level, someAlone(key, i))
    const [first] = outcome.failures
    if (!first) {
      record(tally, { ...result, status: 'pass', ms: now() - start }, outcome)
      continue
    }
    const put = async (smaller: Scenario): Promise<Failure | undefined> =>
      runScenario(smaller).culprit ? undefined : (await putScenario(port, smaller, caps, level)).failures[0]
    const small = await shrink(scenario, first, put, now)
    const failing: Result = { ...result, status: 'fail', failures: [small.failure], ms: now() - start }
    record(tally, failing, failed(first))
    return { cases: i + 1, found: { result: failing, file: counterexample(small.scenario, result.id, small.failure) } }
  }
  return { cases }
}
