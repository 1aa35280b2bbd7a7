/** The weights: shapes, initial values, and one walk over all of them. [wt-shapes] */

import { mismatch } from '../errors.js'
import { requireFinite, requireShape, transpose, zeros, type Matrix } from '../numeric/matrix.js'
import { normals, requireKey, split, type Key } from '../numeric/random.js'
import { layerCount, requireConfig, type Config } from './config.js'

/** One value for each weight that layer l owns. */
export interface Layer<Value> {
  /** n_l x n_(l-1): layer l predicts layer l-1 */
  readonly W: Value
  /** n_(l-1) x n_l: carries the error of layer l-1 up */
  readonly E: Value
  /** n_(l-1) x n_l: bottom-up drive from the previous step */
  readonly M: Value
  /** n_l x n_l: recurrent memory */
  readonly V: Value
  /** n_(l+1) x n_l: top-down control from the previous step; not at the top */
  readonly U?: Value
  /** 1 x n_l, with biases */
  readonly b?: Value
  /** 1 x n_(l-1), with biases: the bias of the prediction that layer l makes */
  readonly c?: Value
}

/** The weights of a layer; updates and moments have the same shapes. */
export type LayerWeights = Layer<Matrix>

/** Element l - 1 belongs to layer l = 1 .. L. */
export type Weights = readonly LayerWeights[]

/** The letter of a weight. */
export type WeightName = keyof Layer<unknown>
/** The order of the weights wherever they are listed; the position is also the index of a weight's initial key. */
export const WEIGHT_NAMES: readonly WeightName[] = ['W', 'E', 'M', 'V', 'U', 'b', 'c']
const BIASES: readonly WeightName[] = ['b', 'c']
export const isBias = (name: WeightName): boolean => BIASES.includes(name)

/** `W_1`: a weight as SPEC.md names it; c has the number of the level that it is added to. [wt-shapes] */
export const weightLabel = (name: WeightName, l: number): string => `${name}_${name === 'c' ? l - 1 : l}`

/** Rows and columns of the weights of layer l that the configuration has, in the order of WEIGHT_NAMES. [wt-shapes] */
export const weightShapes = (config: Config, l: number): readonly (readonly [WeightName, number, number])[] => {
  const [below, own, above] = [config.units[l - 1]!, config.units[l]!, config.units[l + 1]]
  return [
    ['W', own, below],
    ['E', below, own],
    ['M', below, own],
    ['V', own, own],
    ...(above === undefined ? [] : [['U', above, own] as const]),
    ...(config.biases ? [['b', 1, own] as const, ['c', 1, below] as const] : []),
  ]
}

/** Weights made by `make` from layer, name and shape. */
export const buildWeights = (
  config: Config,
  make: (l: number, name: WeightName, rows: number, cols: number) => Matrix,
): Weights =>
  Array.from({ length: layerCount(config) }, (_, i) => {
    const shapes = weightShapes(config, i + 1)
    const made = shapes.map(([name, rows, cols]) => [name, make(i + 1, name, rows, cols)])
    return Object.fromEntries(made) as LayerWeights
  })

/** All weights +0: what the moments of an optimiser begin with. */
export const zeroWeights = (config: Config): Weights => buildWeights(config, (_l, _name, rows, cols) => zeros(rows, cols))

/**
 * Normal numbers of deviation `weightScale`, each matrix from a key of its own; biases +0. E is W' where it begins so.
 * @throws ConfigError, or ShapeError where `key` is no key [wt-init]
 */
export const initialWeights = (config: Config, key: Key): Weights => {
  requireConfig(config)
  requireKey('key', key)
  const own = (l: number, name: WeightName, rows: number, cols: number): Matrix =>
    isBias(name) ? zeros(rows, cols) : normals(split(split(key, l), WEIGHT_NAMES.indexOf(name)), rows, cols, config.weightScale)
  return buildWeights(config, (l, name, rows, cols) =>
    name === 'E' && config.errorStart === 'transposed' ? transpose(own(l, 'W', cols, rows)) : own(l, name, rows, cols),
  )
}

/** Every weight, moment or update under its label, in the order of the layers and of WEIGHT_NAMES. */
export const labelled = (weights: Weights): readonly (readonly [label: string, weight: Matrix])[] =>
  weights.flatMap((layer, i) => namesOf(layer).map((name) => [weightLabel(name, i + 1), layer[name]!] as const))

/** The names of the weights that a layer has, in the order of WEIGHT_NAMES. */
export const namesOf = (layer: Layer<unknown>): readonly WeightName[] => WEIGHT_NAMES.filter((name) => layer[name] !== undefined)

/** f of each weight of a layer. */
export const mapLayer = <From, To>(layer: Layer<From>, f: (value: From, name: WeightName) => To): Layer<To> =>
  Object.fromEntries(namesOf(layer).map((name) => [name, f(layer[name]!, name)])) as unknown as Layer<To>

/** f of each weight of each layer l. */
export const mapWeights = (f: (weight: Matrix, name: WeightName, l: number) => Matrix, weights: Weights): Weights =>
  weights.map((layer, i) => mapLayer(layer, (weight, name) => f(weight, name, i + 1)))

/** @throws ShapeError or NonFiniteError naming the first weight that does not fit the configuration */
export const requireWeights = (config: Config, weights: Weights, what = 'weights'): void => {
  if (!Array.isArray(weights) || weights.length !== layerCount(config)) {
    throw mismatch('ShapeError', what, `a list of ${layerCount(config)} layers`, weights?.length ?? weights)
  }
  Array.from(weights as Weights).forEach((layer, i) => {
    if (typeof layer !== 'object' || layer === null) {
      throw mismatch('ShapeError', `${what}, layer ${i + 1}`, 'a record of weights', layer)
    }
    const label = (name: WeightName): string => `${what}.${weightLabel(name, i + 1)}`
    const shapes = weightShapes(config, i + 1)
    const extra = WEIGHT_NAMES.find((name) => layer[name] !== undefined && !shapes.some(([known]) => known === name))
    if (extra) throw mismatch('ShapeError', label(extra), 'no such weight in this configuration', layer[extra])
    for (const [name, rows, cols] of shapes) {
      requireShape(label(name), layer[name]!, rows, cols)
      requireFinite(label(name), layer[name]!)
    }
  })
}
