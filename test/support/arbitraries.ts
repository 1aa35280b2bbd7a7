/**
 * Random networks. A recipe of small numbers is drawn, by chain and map alone, and the network is made from
 * it: what shrinks and what is printed is the recipe.
 */

import fc from 'fast-check'

import { LATER_SWITCHES, SWITCHES as DRAWN } from '../../src/conform/draw-config.js'
import { ACTIVATIONS } from '../../src/numeric/activation.js'
import type { Key } from '../../src/numeric/random.js'
import { config, profiles, type Config, type ProfileName } from '../../src/ptncn/config.js'
import type { Input, State } from '../../src/ptncn/state.js'
import { buildWeights, type Weights } from '../../src/ptncn/weights.js'
import { constant, filled, seedOf, signedUnit, table, wave, type Kind } from './fill.js'

/** A configuration and all that a step reads, with the inputs of some steps. */
export interface Network {
  readonly config: Config
  readonly weights: Weights
  readonly state: State
  readonly inputs: readonly Input[]
  /** for whatever else a law draws */
  readonly seed: number
}

/**
 * all: every row has data. padding: from some step on a row has none. any: each row at each step by itself.
 */
export type MaskKind = 'all' | 'padding' | 'any'

type Range = readonly [least: number, most: number]

/** What to draw from; without a word on it, everything that is legal. */
export interface Domain {
  readonly layers?: Range
  readonly widths?: Range
  readonly rows?: Range
  readonly steps?: Range
  readonly activations?: readonly Config['activation'][]
  readonly numbers?: readonly Kind[]
  readonly masks?: readonly MaskKind[]
  /** a profile as it is, but for `output` */
  readonly profile?: ProfileName
  /** fields that are not drawn */
  readonly fixed?: Partial<Config>
}

const SEEDS: Range = [0, 2 ** 16]
const TABLES = [1, 2, 3].map(table)
export const DETERMINISTIC: readonly Config['activation'][] = [
  ...(Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[]),
  ...TABLES,
  wave,
]
/** f whose states cannot run away, however long the run. */
export const BOUNDED = DETERMINISTIC.filter((f) => f !== 'relu' && f !== 'identity' && f !== wave)
/** f that stay within -2 to 2 and have no slope, or none worth having. */
export const STEEP: readonly Config['activation'][] = ['step', 'sign', ...TABLES, constant(0), constant(-0.5), constant(1)]
export const EVERY_ACTIVATION: readonly Config['activation'][] = [...DETERMINISTIC, 'stochastic', constant(0.5)]

/** Every switch and number of the configuration but units and activation. */
const SWITCHES = {
  ...DRAWN,
  ...LATER_SWITCHES,
  output: ['softmax', 'sigmoid', 'identity'],
  optimizer: ['sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'],
} as const satisfies {
  readonly [Field in Exclude<keyof Config, 'units' | 'activation' | 'weightScale'>]: readonly Config[Field][]
}

interface Settings {
  readonly profile: ProfileName
  readonly switches: Partial<Config>
}

const anyProfile = Object.keys(profiles) as readonly ProfileName[]

const asItIs = (of: readonly ProfileName[]): fc.Arbitrary<Settings> =>
  fc.record({ profile: fc.constantFrom(...of), switches: fc.record({ output: fc.constantFrom(...SWITCHES.output) }) })

const everySwitch = fc.record(
  Object.fromEntries(
    Object.entries(SWITCHES).map(([field, values]) => [field, fc.constantFrom(...(values as readonly unknown[]))]),
  ) as { readonly [Field in keyof Config]: fc.Arbitrary<Config[Field]> },
) as fc.Arbitrary<Partial<Config>>

/** A profile as it is, or every switch drawn. */
const settingsOf = ({ profile }: Domain): fc.Arbitrary<Settings> =>
  profile
    ? asItIs([profile])
    : fc.oneof(
        { weight: 1, arbitrary: asItIs(anyProfile) },
        { weight: 3, arbitrary: everySwitch.map((switches) => ({ profile: 'released' as const, switches })) },
      )

const integer = ([min, max]: Range): fc.Arbitrary<number> => fc.integer({ min, max })

const unitsOf = (domain: Domain): fc.Arbitrary<number[]> =>
  integer(domain.layers ?? [1, 4]).chain((layers) =>
    fc.array(integer(domain.widths ?? [1, 7]), { minLength: layers + 1, maxLength: layers + 1 }),
  )

interface Recipe {
  readonly units: readonly number[]
  readonly settings: Settings
  readonly activation: Config['activation']
  readonly rows: number
  readonly steps: number
  readonly numbers: Kind
  readonly masks: MaskKind
  readonly oneHot: boolean
  readonly seed: number
}

const recipes = (domain: Domain): fc.Arbitrary<Recipe> =>
  fc.record({
    units: unitsOf(domain),
    settings: settingsOf(domain),
    activation: fc.constantFrom(...(domain.activations ?? EVERY_ACTIVATION)),
    rows: integer(domain.rows ?? [1, 5]),
    steps: integer(domain.steps ?? [1, 4]),
    numbers: fc.constantFrom(...(domain.numbers ?? (['plain', 'coarse', 'special'] as const))),
    masks: fc.constantFrom(...(domain.masks ?? (['all', 'padding', 'any'] as const))),
    oneHot: fc.boolean(),
    seed: integer(SEEDS),
  })

/** Random networks of a domain. */
export const networks = (domain: Domain = {}): fc.Arbitrary<Network> =>
  recipes(domain).map((recipe) => made(recipe, domain.fixed ?? {}))

const WEIGHT_SIZE = 0.8
const STATE_SIZE = 0.9
const INPUT_SIZE = 1.5

const made = (recipe: Recipe, fixed: Partial<Config>): Network => {
  const {
    units,
    settings: { profile, switches },
    activation,
    rows,
    steps,
    numbers,
    seed,
  } = recipe
  const complete = config({ ...switches, activation, ...fixed, units }, profile)
  let drawn = 0
  const next = (size: number) => (height: number, width: number) => filled(numbers, size, seedOf(seed, drawn++), height, width)
  const hidden = () => complete.units.slice(1).map((n) => next(STATE_SIZE)(rows, n))
  const key: Key = [seedOf(seed, -1), seed]
  const network: Network = {
    config: complete,
    weights: buildWeights(complete, (_l, _name, height, width) => next(WEIGHT_SIZE)(height, width)),
    state: { t: seed % 4, x: next(INPUT_SIZE)(rows, units[0]!), y: hidden(), z: hidden(), d: hidden(), key },
    inputs: Array.from({ length: steps }, (_, t) => inputOf(recipe, t)),
    seed,
  }
  return Object.assign(network, { [fc.toStringMethod]: () => pictureOf(recipe, fixed) })
}

const inputOf = ({ units, rows, numbers, masks, oneHot, seed }: Recipe, t: number): Input => {
  const [n0, own] = [units[0]!, seedOf(seed, -2 - t)]
  const drawn = filled(numbers, INPUT_SIZE, own, rows, n0)
  const hot = Float32Array.from({ length: rows * n0 }, (_, i) => (i % n0 === seedOf(own, Math.floor(i / n0)) % n0 ? 1 : 0))
  const active = (row: number): boolean => {
    if (masks === 'padding') return t < 1 + (seedOf(seed, 1000 + row) % 4)
    return masks === 'all' || signedUnit(own, 1000 + row) < 0.4
  }
  const mask = Float32Array.from({ length: rows }, (_, row) => (active(row) ? 1 : 0))
  return { x: oneHot ? { ...drawn, data: hot } : drawn, mask: { rows, cols: 1, data: mask } }
}

const pictureOf = (recipe: Recipe, fixed: Partial<Config>): string =>
  JSON.stringify({ ...recipe, fixed }, (_key, value: unknown) => (typeof value === 'function' ? value.name : value))
