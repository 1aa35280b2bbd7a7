/** One seed for all properties: printed when one fails, and overridden by the environment variable SEED. */

import fc from 'fast-check'

const DEFAULT_SEED = 20200

const seedFrom = (text: string | undefined): number => {
  if (text === undefined) return DEFAULT_SEED
  const seed = Number(text)
  if (!/^-?\d+$/.test(text) || seed !== (seed | 0)) {
    throw new Error(`"SEED" expected a whole number of 32 bits, got ${JSON.stringify(text)}`)
  }
  return seed
}

export const SEED = seedFrom(process.env.SEED)

/** Holds for `runs` values; a failure prints seed, path and the shrunk value. */
export const holds = <Value>(arbitrary: fc.Arbitrary<Value>, runs: number, check: (value: Value) => void): void =>
  fc.assert(fc.property(arbitrary, check), { seed: SEED, numRuns: runs, includeErrorInReport: true })

/** The same for a check that waits. */
export const holdsAsync = <Value>(
  arbitrary: fc.Arbitrary<Value>,
  runs: number,
  check: (value: Value) => Promise<void>,
): Promise<void> => fc.assert(fc.asyncProperty(arbitrary, check), { seed: SEED, numRuns: runs, includeErrorInReport: true })
