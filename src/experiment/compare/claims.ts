/** What is claimed of P-TNCN, each claim as one table of differences over seeds, and whether they show it. */

import type { Unit } from '../../data/task.js'
import { intervalOf } from '../statistics.js'
import type { CurvePoint } from '../train.js'
import type { CellResult } from './cell.js'
import type { Cost } from './cells.js'
import { SIZES, type Size } from './grid.js'
import { accuracyOf } from './long.js'
import { adaptationOf, zeroShotOf } from './zero-shot.js'
import { differenceOf, verdictsOf, type Difference, type Judged, type Verdict } from '../statistics.js'

/** A method on a task, with what its final seeds gave. */
export interface Entry {
  readonly task: string
  readonly method: string
  readonly variant: string
  readonly size: Size
  readonly runs: readonly Run[]
}

export interface Run {
  readonly result: CellResult
  readonly cost?: Cost
}

export interface ClaimRow {
  readonly task: string
  readonly against: string
  readonly unit: string
  readonly difference: Difference
}

export interface Claim {
  readonly title: string
  /** what each row says where it is shown */
  readonly statement: string
  readonly verdict: Verdict | 'no data'
  /** the seeds that a verdict needs, where a row has fewer */
  readonly wanted?: number
  readonly rows: readonly (ClaimRow & { readonly judged: Judged })[]
}

/** Of fewer seeds an interval says little, and a chance much: no row of fewer is decided. */
export const LEAST_SEEDS = 5

/** What counts as keeping a performance: at most this part worse. Set before anything was measured. */
export const MARGIN = 0.05

export const labelOf = ({ method, variant, size }: Pick<Entry, 'method' | 'variant' | 'size'>): string =>
  `${method}${variant === 'tanh' ? '' : ` ${variant}`}${size === 'units' ? '' : ', equal weights'}`

/** A figure of each run that has it, by seed. */
const bySeed = ({ runs }: Entry, of: (run: Run) => number | undefined): ReadonlyMap<number, number> =>
  new Map(
    runs.flatMap((run) => {
      const value = of(run)
      return value === undefined ? [] : [[run.result.seed, value] as const]
    }),
  )

/** f of the figures of the seeds that both have, where there are any. */
const paired = (
  a: Entry,
  b: Entry,
  of: (run: Run) => number | undefined,
  f: (a: number, b: number) => number,
): Difference | undefined => {
  const [left, right] = [bySeed(a, of), bySeed(b, of)]
  const both = [...left.keys()].filter((seed) => right.has(seed)).map((seed) => f(left.get(seed)!, right.get(seed)!))
  return both.length === 0 ? undefined : differenceOf(both)
}

/** Of all rows together: shown where each is, refuted where one is. */
export const together = (verdicts: readonly Verdict[]): Claim['verdict'] => {
  if (verdicts.length === 0) return 'no data'
  if (verdicts.includes('refuted')) return 'refuted'
  return verdicts.every((verdict) => verdict === 'shown') ? 'shown' : 'undecided'
}

const claimOf = (title: string, statement: string, rows: readonly (ClaimRow | undefined)[]): Claim => {
  const known = rows.filter((row) => row !== undefined)
  const judged = verdictsOf(known.map(({ difference }) => difference)).map((row): Judged =>
    row.count < LEAST_SEEDS ? { ...row, verdict: 'undecided' } : row,
  )
  return {
    title,
    statement,
    verdict: together(judged.map(({ verdict }) => verdict)),
    ...(judged.some(({ count }) => count < LEAST_SEEDS) && { wanted: LEAST_SEEDS }),
    rows: known.map((row, i) => ({ ...row, judged: judged[i]! })),
  }
}

const test = ({ result }: Run): number => result.test

/** The validation score after so many seconds of training, between the points of the curve on the straight line. */
export const scoreAfter = (curve: readonly CurvePoint[], cost: Cost, seconds: number): number | undefined => {
  const at = (i: number): number | undefined => cost.curve[i]?.seconds
  for (let i = 1; i < curve.length; i++) {
    const [from, to] = [at(i - 1), at(i)]
    if (from === undefined || to === undefined || seconds < from) return undefined
    if (seconds > to) continue
    const part = to > from ? (seconds - from) / (to - from) : 1
    return curve[i - 1]!.validation + part * (curve[i]!.validation - curve[i - 1]!.validation)
  }
  return undefined
}

/** The most seconds that every run of these has trained. */
export const secondsOfAll = (entries: readonly Entry[]): number =>
  Math.min(...entries.flatMap(({ runs }) => runs.map(({ cost }) => cost?.curve.at(-1)?.seconds ?? 0)))

const repeated = ({ result }: Run): number | undefined => result.repeated && accuracyOf(result.repeated)

const adaptation = ({ result }: Run): number | undefined => {
  const scores = zeroShotOf(result)
  return scores && adaptationOf(scores)
}

const stepTime = ({ cost }: Run): number | undefined => cost && (1000 * cost.seconds) / Math.max(1, cost.steps)

const ONLINE = ['rtrl', 'uoro', 'esn'] as const
const UNROLLED = ['bptt', 'tbptt', 'lstm', 'sab'] as const
const NAMES = { rtrl: 'RTRL', uoro: 'UORO', esn: 'ESN', bptt: 'BPTT', tbptt: 'truncated BPTT', lstm: 'LSTM', sab: 'SAB' } as const

const isMethod =
  (...names: readonly string[]) =>
  ({ method, variant }: Entry): boolean =>
    names.includes(method) && variant === 'tanh'
const isRival = isMethod(...ONLINE, ...UNROLLED)
/** What all others are compared with. */
export const isReference = (entry: Entry): boolean => isMethod('ptncn')(entry) && entry.size === 'units'
const isDiscrete = ({ method, variant }: Entry): boolean => method === 'ptncn' && variant !== 'tanh'
const unitOf = ({ runs }: Entry): Unit => runs[0]!.result.unit
/** Films of one's own are frames too, but no bouncing images. */
const isBouncing = (entry: Entry): boolean => unitOf(entry) === 'nats a frame' && entry.runs[0]!.result.task['task'] !== 'frames'
const isSymbols = (entry: Entry): boolean => ['bits a symbol', 'perplexity'].includes(unitOf(entry))
const isOwn = (entry: Entry): boolean => !isBouncing(entry) && !isSymbols(entry)

/** Those of these rivals that ran, in words: a claim names no other. */
const namesOf = (methods: readonly (keyof typeof NAMES)[], entries: readonly Entry[]): string => {
  const names = methods.filter((method) => entries.some(isMethod(method))).map((method) => NAMES[method])
  return [...(names.length > 1 ? [names.slice(0, -1).join(', ')] : []), ...names.slice(-1)].join(' and ')
}

/** What of two entries is compared, and how much better the own one is; the test score, lower is better, where nothing is said. */
interface Measure {
  readonly of?: (run: Run) => number | undefined
  readonly gain?: (own: number, other: number) => number
  readonly unit?: string
  readonly against?: string
  readonly task?: string
}

const rowOf = (own: Entry, other: Entry, measure: Measure = {}): ClaimRow | undefined => {
  const { of = test, gain = (a, b) => b - a, unit = unitOf(own), against = labelOf(other), task = own.task } = measure
  const difference = paired(own, other, of, gain)
  return difference && { task, against, unit, difference }
}

/** A row each for those that `is` says, on the same task. */
const rowsOf = (
  owns: readonly Entry[],
  entries: readonly Entry[],
  is: (other: Entry, own: Entry) => boolean,
  measure?: Measure,
): readonly (ClaimRow | undefined)[] =>
  owns.flatMap((own) =>
    entries.filter((other) => other.task === own.task && is(other, own)).map((other) => rowOf(own, other, measure)),
  )

/** The validation scores of a task at the most seconds that all methods on it have trained. */
const afterEqualSeconds = (own: Entry, entries: readonly Entry[]): readonly (ClaimRow | undefined)[] => {
  const all = entries.filter(({ task, variant, size }) => task === own.task && variant === 'tanh' && size === 'units')
  const seconds = secondsOfAll(all)
  if (seconds === 0) return []
  const of = ({ result, cost }: Run): number | undefined => cost && scoreAfter(result.curve, cost, seconds)
  return rowsOf([own], all, isRival, { of, task: `${own.task}, ${seconds.toPrecision(3)} s` })
}

/** All claims, of the entries that there are. */
export const claimsOf = (entries: readonly Entry[]): readonly Claim[] => {
  const references = entries.filter(isReference)
  const against = (is: (other: Entry) => boolean, measure?: Measure) => rowsOf(references, entries, is, measure)
  const againstEqual = (is: (other: Entry) => boolean, measure?: Measure) =>
    against((other) => other.size === 'units' && is(other), measure)
  // of each size, by the names of those that ran at it
  const sizes = (
    methods: readonly (keyof typeof NAMES)[],
    title: (names: string) => string,
    statement: string,
    { kind = () => true, measure }: { readonly kind?: (one: Entry) => boolean; readonly measure?: Measure } = {},
  ): readonly Claim[] =>
    SIZES.flatMap((size) => {
      const those = entries.filter((one) => one.size === size && isMethod(...methods)(one) && kind(one))
      if (those.length === 0) return []
      const rows = against((other) => those.includes(other), measure)
      return [claimOf(`${title(namesOf(methods, those))}, equal numbers of ${size}`, statement, rows)]
    })
  const lower = 'the score of P-TNCN is lower'
  const within = `at most ${100 * MARGIN} % higher`
  const beatsOnline = (where: string, kind: (one: Entry) => boolean): readonly Claim[] =>
    sizes(ONLINE, (names) => `P-TNCN beats ${names} on ${where}`, lower, { kind })
  return [
    ...beatsOnline('bouncing images', isBouncing),
    ...beatsOnline('symbols', isSymbols),
    ...beatsOnline("films and series of one's own", isOwn),
    ...sizes(UNROLLED, (names) => `P-TNCN beats ${names}`, lower),
    ...sizes(
      UNROLLED,
      (names) => `P-TNCN is competitive with ${names}`,
      `the score of P-TNCN is ${within}; the difference is to that limit`,
      { measure: { gain: (own, other) => (1 + MARGIN) * other - own } },
    ),
    claimOf(
      'P-TNCN beats its rivals after equal seconds of training',
      'the validation score of P-TNCN is lower, interpolated at the most seconds that all methods of the task have trained',
      references.flatMap((own) => afterEqualSeconds(own, entries)),
    ),
    claimOf(
      'P-TNCN adapts to letters with frozen weights',
      'the correction of states gains more on letters, never seen, than on digits',
      references.map((own) => rowOf(own, own, { of: adaptation, gain: (own) => own, against: 'its correction off' })),
    ),
    claimOf(
      'With frozen weights P-TNCN predicts letters better than its rivals',
      'the score of P-TNCN on letters, trained on digits, is lower',
      againstEqual(isRival, { of: ({ result }) => result.glyphs?.test }),
    ),
    claimOf(
      'P-TNCN keeps its performance without derivatives',
      `the score with these units is ${within} than with tanh; the difference is to that limit`,
      against(isDiscrete, { gain: (own, other) => (1 + MARGIN) * own - other }),
    ),
    claimOf(
      'Without derivatives P-TNCN beats ESN',
      'the score of P-TNCN with these units is lower than that of an ESN with the same ones',
      rowsOf(
        entries.filter(isDiscrete),
        entries,
        ({ method, variant, size }, own) => method === 'esn' && variant === own.variant && size === own.size,
      ),
    ),
    claimOf(
      "P-TNCN remembers Reber's repeated symbol better than its rivals",
      'its accuracy on the last but one symbol is higher',
      againstEqual(isRival, { of: repeated, unit: 'accuracy', gain: (own, other) => own - other }),
    ),
    claimOf(
      'A step of P-TNCN costs less than one of its rivals',
      'milliseconds of training a step, on one thread each, are fewer',
      againstEqual(isRival, { of: stepTime, unit: 'ms a step' }),
    ),
  ]
}

/** Mean and interval of a figure over the runs that have it. */
export const over = ({ runs }: Entry, of: (run: Run) => number | undefined) => {
  const values = runs.map(of).filter((value) => value !== undefined)
  return values.length === 0 ? undefined : intervalOf(values)
}

export const FIGURES = { test, repeated, adaptation, stepTime } as const
