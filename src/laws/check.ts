/** Holds a rule to the laws, on setups drawn at random; what breaks a law is made small. */

import { mismatch } from '../errors.js'
import { callable, requireField, requireFields, wholeFrom } from '../fields.js'
import { FLAT, LAWS, moving, type Drawn, type Make } from './laws.js'
import { keyOf } from '../numeric/random.js'

/** A setup that was drawn: units of each level, rows of the batch, steps, and the seed of all that is random. */
export interface Counterexample {
  readonly units: readonly number[]
  readonly rows: number
  readonly steps: number
  readonly seed: number
}

/** What a law found. */
export interface Finding {
  /** its name */
  readonly law: string
  /** what it says of every rule that keeps it */
  readonly says: string
  /** in all setups that were drawn */
  readonly holds: boolean
  /** what is wrong, where the law does not hold */
  readonly what?: string
  /** the small setup in which it is; of `flat`, which is about all setups, none */
  readonly counterexample?: Counterexample
}

/** How a rule is checked. */
export interface CheckOptions {
  /** setups drawn for each law; 25 */
  readonly runs?: number
  /** that they are drawn from; 1 */
  readonly seed?: number
}

type Checker = typeof import('fast-check')

/** @throws ConfigError where fast-check is not installed */
const fastCheck = async (): Promise<Checker> => {
  try {
    return await import('fast-check')
  } catch {
    throw mismatch('ConfigError', 'fast-check', 'a package that is installed', undefined, 'npm install --save-dev fast-check')
  }
}

const cases = (fc: Checker) =>
  fc.record({
    units: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
    rows: fc.integer({ min: 1, max: 3 }),
    steps: fc.integer({ min: 2, max: 7 }),
    seed: fc.nat({ max: 1_000_000 }),
  })

const drawnOf = ({ units, rows, steps, seed }: Counterexample): Drawn => ({ units, rows, steps, key: keyOf(seed) })

const OPTIONS = { runs: wholeFrom(1), seed: wholeFrom(0) }

/** Units without a slope change rarely: so many times as many setups are tried. */
const MORE = 4

/** Weights that move under tanh in some setup, and in none where units have no slope. */
const unmoved = (fc: Checker, make: Make, runs: number, seed: number): readonly string[] => {
  const [smooth, flat] = [new Set<string>(), new Set<string>()]
  for (const one of fc.sample(cases(fc), { numRuns: MORE * runs, seed })) {
    const drawn = { ...drawnOf(one), steps: one.steps + 6 }
    for (const name of moving(make(), drawn, false)) smooth.add(name)
    for (const name of moving(make(), drawn, true)) flat.add(name)
  }
  return [...smooth].filter((name) => !flat.has(name)).sort()
}

/**
 * Holds a learning rule to the laws; the rule is made anew by `make` wherever it has to be shown that nothing is hidden in
 * it. Needs fast-check, which is an optional peer.
 * @throws ConfigError where fast-check is not installed or an option is none; what the rule itself throws
 */
export const checkRule = async (make: Make, options: CheckOptions = {}): Promise<readonly Finding[]> => {
  requireField('ConfigError', 'make', make, callable)
  const { runs, seed } = { runs: 25, seed: 1, ...options }
  requireFields('ConfigError', 'options', { runs, seed }, OPTIONS)
  const fc = await fastCheck()
  const findings = LAWS.map(({ name, says, broken }): Finding => {
    const property = fc.property(cases(fc), (one) => broken(make, drawnOf(one)) === undefined)
    const { counterexample } = fc.check(property, { numRuns: runs, seed })
    if (!counterexample) return { law: name, says, holds: true }
    const [small] = counterexample
    return { law: name, says, holds: false, what: broken(make, drawnOf(small)) ?? 'not the same again', counterexample: small }
  })
  const names = unmoved(fc, make, runs, seed)
  const flat = { law: FLAT.name, says: FLAT.says, holds: names.length === 0 }
  const what = `${names.join(', ')} moved in some run with tanh, and in none with sign or step`
  return [...findings, flat.holds ? flat : { ...flat, what }]
}

/** Findings as lines of text: the law, whether it holds, and what breaks it. */
export const findingsText = (findings: readonly Finding[]): string =>
  findings
    .map(({ law, says, holds, what, counterexample: at }) => {
      const head = `${holds ? 'holds ' : 'BROKEN'}  ${law}: ${says}\n`
      const setup = at ? ` (units ${at.units.join(' ')}, ${at.rows} rows, ${at.steps} steps, seed ${at.seed})` : ''
      return what === undefined ? head : `${head}          ${what}${setup}\n`
    })
    .join('')
