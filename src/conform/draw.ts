/** Random scenarios from a key: small ones with a liking for the edges, and now and then a wide, deep or long one. */

import type { Matrix } from '../numeric/matrix.js'
import { split, type Key } from '../numeric/random.js'
import { initialOptimizer } from '../ptncn/apply.js'
import { config, type Config } from '../ptncn/config.js'
import { momentsOf } from '../ptncn/optimizers.js'
import { buildWeights, type Weights } from '../ptncn/weights.js'
import { diceOf, type Dice } from './dice.js'
import { drawConfig, type Shape } from './draw-config.js'
import type { Caps } from './port/wire.js'
import { runScenario, type Outcome } from './reference.js'
import { flatten, type Moment, type Scenario } from './scenario.js'

const { fround } = Math

/** plain: anywhere. coarse: halves, with zeros of either sign: ties, kinks, norms on the edge. special: subnormals. large: saturation. */
const KINDS = ['plain', 'plain', 'coarse', 'special', 'large'] as const
type Kind = (typeof KINDS)[number]
const SPECIAL = [0, -0, 2 ** -149, -(2 ** -149), 2 ** -127, -(2 ** -130), 2 ** -126, -(2 ** -126), 1 - 2 ** -24, -1]

const drawNumber = (dice: Dice, kind: Kind, size: number): number => {
  const signed = 2 * dice.unit() - 1
  if (kind === 'coarse') return (Math.trunc(signed * 3.5) / 2) * size
  if (kind === 'special' && dice.chance(0.4)) return dice.pick(SPECIAL)
  return fround(signed * size * (kind === 'large' && dice.chance(0.2) ? 40 : 1))
}

const drawMatrix = (dice: Dice, kind: Kind, size: number, rows: number, cols: number): Matrix => {
  const data = new Float32Array(rows * cols)
  for (let i = 0; i < data.length; i++) data[i] = drawNumber(dice, kind, size)
  return { rows, cols, data }
}

/** Tensors of the shape of the weights; a second moment is never negative. */
const drawLike = (dice: Dice, settings: Config, kind: Kind, positive: boolean): Weights =>
  buildWeights(settings, (_l, _name, rows, cols) => {
    const drawn = drawMatrix(dice, kind, 0.5, rows, cols)
    return positive ? { ...drawn, data: Float32Array.from(drawn.data, Math.abs) } : drawn
  })

/** The products of the powers: none yet, some, many, or so many that nothing is left. */
const drawPower = (dice: Dice): number => fround(dice.pick([1, 1, dice.unit(), dice.unit(), 1 - 2 ** -24, 2 ** -140, 0]))

const drawOptimizer = (dice: Dice, settings: Config, kind: Kind): object => ({
  ...initialOptimizer(settings),
  ...Object.fromEntries(momentsOf(settings).map((name) => [name, drawLike(dice, settings, kind, name === 'second')])),
  ...(dice.chance(0.6) && { power1: drawPower(dice), power2: drawPower(dice) }),
  ...(settings.update === 'sequence' && dice.chance(0.5) && { sum: drawLike(dice, settings, kind, false) }),
})

/** A key; now and then one with a word of nothing. */
const drawKey = (dice: Dice): Key => {
  const word = (): number => dice.whole(0, 2 ** 32 - 1)
  return dice.pick([
    [0, 0],
    [0, word()],
    [word(), 7],
    [word(), word()],
    [word(), word()],
  ] as const)
}

const drawMask = (dice: Dice, rows: number): Matrix => {
  const [full, none] = [dice.chance(0.4), dice.chance(0.1)]
  const nothing = dice.chance(0.15) ? -0 : 0
  const data = Float32Array.from({ length: rows }, () => (full || (!none && dice.chance(0.7)) ? 1 : nothing))
  return { rows, cols: 1, data }
}

const drawInput = (dice: Dice, settings: Config, kind: Kind, rows: number, first: boolean): Moment => {
  const begin = dice.chance(0.18)
  // a sequence may have other rows than the one before it
  const height = begin && dice.chance(0.4) ? dice.whole(1, 5) : rows
  const width = settings.units[0]!
  const drawn = drawMatrix(dice, kind, 1, height, width)
  const hot = Array.from({ length: height }, () => dice.whole(0, width - 1))
  const x = dice.chance(0.5)
    ? { ...drawn, data: Float32Array.from(drawn.data, (_, i) => Number(i % width === hot[Math.floor(i / width)])) }
    : drawn
  const end = dice.chance(first ? 0.2 : 0.3)
  return { x, mask: drawMask(dice, height), ...(begin && { begin: drawKey(dice) }), ...(end && { end }) }
}

/** How large a scenario is. */
interface Size extends Shape {
  readonly rows: number
  readonly steps: number
}

const small = (dice: Dice, caps: Caps): Size => {
  const [layers, widest] = [Math.min(4, caps.layers), Math.min(8, caps.maxDims)]
  const units = Array.from({ length: dice.whole(1, layers) + 1 }, () => dice.whole(1, widest))
  return { units, rows: dice.whole(1, 4), steps: dice.whole(1, 6) }
}

/** A number that is no multiple of 4. */
const uneven = (dice: Dice, least: number, most: number): number => {
  const drawn = dice.whole(least, most)
  return drawn % 4 === 0 ? drawn - 1 : drawn
}

/** One thing that is large: a blocked loop shows its seams, and a type its end. What else there is stays small. */
const wide = (dice: Dice, caps: Caps): Size => {
  const few = (n: number): readonly number[] => Array.from({ length: n }, () => dice.whole(1, 4))
  const within = (n: number): number => Math.min(n, caps.maxDims)
  const layers = (n: number): readonly number[] => few(1 + Math.min(caps.layers, n))
  const usual = { rows: dice.whole(1, 3), steps: dice.whole(1, 2) }
  switch (dice.pick(['input', 'input', 'hidden', 'hidden', 'rows', 'rows', 'deep', 'passes', 'long'] as const)) {
    case 'input':
      return {
        ...usual,
        units: [within(uneven(dice, 17, dice.pick([40, 75, 150, 300]))), ...few(dice.whole(1, Math.min(2, caps.layers)))],
      }
    case 'hidden': {
      const n = within(uneven(dice, 17, dice.pick([24, 40, 40, 75, 75, 75, 150, 300])))
      const units = caps.layers > 1 && dice.chance(0.4) ? [...few(1), dice.whole(1, 3), n] : [...few(1), n]
      return { units, rows: dice.whole(1, 2), steps: 1 }
    }
    case 'rows':
      return { rows: uneven(dice, 9, dice.pick([20, 40, 90, 300])), steps: dice.whole(1, 2), units: layers(dice.whole(1, 2)) }
    case 'deep':
      return { ...usual, units: layers(dice.whole(5, 10)) }
    case 'passes':
      return { ...usual, units: layers(dice.whole(1, 3)), passes: dice.whole(4, 9) }
    case 'long':
      return { rows: dice.whole(1, 2), steps: dice.whole(7, 10), units: layers(dice.whole(1, 2)) }
  }
}

/** One in so many cases is wide. */
const WIDE_EVERY = 20
const TIMES = [2 ** 20, 2 ** 24, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53 - 12] as const

/** The time at which a scenario starts, and the first step that learns: near one another where they are large. */
const drawTimes = (dice: Dice, learnFrom: number): { readonly t: number; readonly learnFrom: number } => {
  if (!dice.chance(0.1)) return { t: dice.whole(0, 3), learnFrom }
  const t = dice.pick(TIMES) + dice.whole(-3, 3)
  const far = t < 2 ** 32 - 4 && dice.chance(0.6)
  return { t, learnFrom: far ? t + dice.whole(0, 2) : dice.pick([learnFrom, 2 ** 31, 2 ** 32 - 2]) }
}

const drawScenario = (dice: Dice, caps: Caps): Scenario => {
  const size = dice.chance(1 / WIDE_EVERY) ? wide(dice, caps) : small(dice, caps)
  const drawn = drawConfig(dice, caps, size)
  const { t, learnFrom } = drawTimes(dice, drawn.learnFrom)
  const settings = config({ ...drawn, learnFrom })
  const kind = dice.pick(KINDS)
  const { rows } = size
  const hidden = (): Matrix[] => settings.units.slice(1).map((n) => drawMatrix(dice, kind, 0.9, rows, n))
  const x = drawMatrix(dice, kind, 1, rows, settings.units[0]!)
  const state = { t, x, y: hidden(), z: hidden(), d: hidden(), key: drawKey(dice) }
  // a sum over many is no larger than one over few
  const scale = 0.8 * Math.min(1, 4 / Math.sqrt(Math.max(...settings.units)))
  const weights = buildWeights(settings, (_l, _name, height, width) => drawMatrix(dice, kind, scale, height, width))
  const optimizer = drawOptimizer(dice, settings, kind) as ReturnType<typeof initialOptimizer>
  // what learns has each of its matrices many times in its trace
  const train = Math.max(...settings.units.slice(1)) < 100 && dice.chance(0.85)
  const inputs: Moment[] = []
  for (let i = 0; i < size.steps; i++) {
    const input = drawInput(dice, settings, kind, inputs.at(-1)?.x.rows ?? rows, i === 0)
    // after an end another sequence begins, mostly
    const begin = input.begin ?? (inputs.at(-1)?.end && dice.chance(0.7) ? ([i, 1] as const) : undefined)
    inputs.push({ ...input, ...(begin && { begin }) })
  }
  return { config: settings, from: flatten(state, { weights, optimizer }), inputs, train }
}

/** A scenario with what the reference makes of it. */
export interface Drawn {
  readonly scenario: Scenario
  readonly steps: readonly Outcome[]
}

/** Case `index` of a key, within what a port can do; finite all through. */
export const randomCase = (key: Key, index: number, caps: Caps): Drawn => {
  for (let attempt = 0; ; attempt++) {
    const scenario = drawScenario(diceOf(split(split(key, index), attempt)), caps)
    const { steps } = runScenario(scenario)
    if (steps.length > 0) return { scenario: { ...scenario, inputs: scenario.inputs.slice(0, steps.length) }, steps }
  }
}

export const randomScenario = (key: Key, index: number, caps: Caps): Scenario => randomCase(key, index, caps).scenario

/** What is made enormous, so that something overflows. */
const blown = (dice: Dice, scenario: Scenario): Scenario => {
  const { from, config: old, inputs } = scenario
  const often = dice.pick([0.05, 0.2, 0.6])
  const many = (a: Matrix): Matrix => {
    const factor = 2 ** dice.whole(60, 126)
    return { ...a, data: Float32Array.from(a.data, (value) => Math.max(-3e38, Math.min(3e38, value * factor))) }
  }
  const tensors = new Map(
    [...from.tensors].map(([name, a]) => [name, !name.startsWith('power') && dice.chance(often) ? many(a) : a]),
  )
  const size = 2 ** dice.whole(40, 127)
  const field = dice.pick(['beta', 'rate', 'alpha', 'gamma', 'none', 'none', 'none'] as const)
  const linear = dice.chance(0.7) && old.activation !== 'stochastic' ? { activation: old.activation } : {}
  const settings = config({ ...old, ...linear, ...(field !== 'none' && { [field]: size }) })
  const first = dice.chance(0.2) ? { ...inputs[0]!, x: many(inputs[0]!.x) } : inputs[0]!
  return { ...scenario, config: settings, from: { ...from, tensors }, inputs: [first, ...inputs.slice(1)] }
}

/** Scenario `index` of a key that stops being finite, and at its last step; undefined where none was found soon. */
export const divergingScenario = (key: Key, index: number, caps: Caps): Scenario | undefined => {
  for (let attempt = 0; attempt < 12; attempt++) {
    const dice = diceOf(split(split(key, index), attempt))
    const drawn = drawScenario(dice, caps)
    const kept = drawn.config.units.length > 6 || drawn.inputs[0]!.x.data.length > 200 ? undefined : drawn
    const scenario = kept && blown(dice, { ...kept, inputs: kept.inputs.slice(0, 3) })
    const { steps, culprit } = scenario ? runScenario(scenario) : { steps: [], culprit: undefined }
    if (scenario && culprit) return { ...scenario, inputs: scenario.inputs.slice(0, steps.length + 1) }
  }
  return undefined
}
