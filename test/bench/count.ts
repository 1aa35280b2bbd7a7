/** What a learning step has to do at least: operations and bytes, counted from the configuration. */

import { momentsOf } from '../../src/ptncn/optimizers.js'
import { layerCount, type Config } from '../../src/ptncn/config.js'
import { isBias, weightShapes, type WeightName } from '../../src/ptncn/weights.js'

const BYTES = 4

/** How many products of a step go through each weight, or make its update. [A1] [P1] [C2] [L1] [L2] [L3] [L4] [L5] */
const productsOf = (config: Config, name: WeightName): number => {
  if (isBias(name)) return 0
  if (name === 'W') return config.passes + 1
  if (name === 'E') return config.passes + (config.errorRule === 'temporal' ? 1 : 0)
  return 2
}

const sumOverWeights = (config: Config, f: (name: WeightName, numbers: number, l: number) => number): number => {
  let sum = 0
  for (let l = 1; l <= layerCount(config); l++) {
    for (const [name, rows, cols] of weightShapes(config, l)) sum += f(name, rows * cols, l)
  }
  return sum
}

/**
 * Multiply-adds of the matrix products of one learning step of B rows; nothing else is counted. With `oneHot`, the two
 * products with x (A1 and L3 of layer 1) are left out, as they only pick and add rows.
 */
export const multiplyAdds = (config: Config, rows: number, oneHot: boolean): number =>
  rows *
  sumOverWeights(config, (name, numbers, l) => (oneHot && l === 1 && name === 'M' ? 0 : numbers * productsOf(config, name)))

/** The numbers that the weights hold. */
export const weightNumbers = (config: Config): number => sumOverWeights(config, (_name, numbers) => numbers)

/** Bytes of the weights and of what the optimiser keeps: what a step goes through. */
export const workingSet = (config: Config): number => BYTES * weightNumbers(config) * (1 + momentsOf(config).length)

/** Bytes that one learning step moves: each weight read for its product; it and its moments read and written once. */
export const stepBytes = (config: Config): number => BYTES * weightNumbers(config) + 2 * workingSet(config)

/**
 * Milliseconds of a step on so many cores, foretold from what it takes on one and on two: the arithmetic divides, what two
 * lose by meeting and by unequal shares stays, and the weights pass no faster than all cores' memory lets them.
 */
export const foretold = (cores: number, one: number, two: number, bytes: number, gigabytes: number): number =>
  Math.max(one / cores + Math.max(0, two - one / 2), bytes / gigabytes / 1e6)

/** Milliseconds below which no step can go at these speeds. */
export const rooflineMilliseconds = (operations: number, bytes: number, gigaflops: number, gigabytes: number): number =>
  Math.max(operations / gigaflops, bytes / gigabytes) / 1e6
