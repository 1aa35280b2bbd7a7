/** What is claimed of P-TNCN, each claim as one table of differences over seeds, and whether they show it. */

import type { Unit } from '../../data/task.js'
import { measuresOf } from '../continual.js'
import { intervalOf } from '../statistics.js'
import type { CurvePoint } from '../train.js'
import type { CellResult } from './result.js'
import type { Cost } from './cells.js'
import type { Size } from './grid.js'
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
  /** the abstract of the paper says so, or we also asked */
  readonly by: 'paper' | 'us'
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

/** What methods have alike. P-TNCN has two layers where nothing else is said, a rival one; the tables give both numbers. */
export const EQUAL: Readonly<Record<Size, string>> = {
  units: 'equal numbers of units a layer',
  weights: 'equal numbers of weights',
}

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

/** Of all rows together: shown where each is, refuted where one is; of what is said of some, the other way round. */
export const together = (verdicts: readonly Verdict[], of: 'all' | 'some' = 'all'): Claim['verdict'] => {
  if (verdicts.length === 0) return 'no data'
  const [enough, whole] = of === 'all' ? (['refuted', 'shown'] as const) : (['shown', 'refuted'] as const)
  if (verdicts.includes(enough)) return enough
  return verdicts.every((verdict) => verdict === whole) ? whole : 'undecided'
}

/** Who says it, and whether of all rows or of some. */
export interface Said {
  readonly by?: Claim['by']
  readonly of?: 'all' | 'some'
}

/** Its rows are judged together. */
export const claimOf = (
  title: string,
  statement: string,
  rows: readonly (ClaimRow | undefined)[],
  { by = 'us', of = 'all' }: Said = {},
): Claim => {
  const known = rows.filter((row) => row !== undefined)
  const judged = verdictsOf(known.map(({ difference }) => difference)).map((row): Judged =>
    row.count < LEAST_SEEDS ? { ...row, verdict: 'undecided' } : row,
  )
  return {
    title,
    by,
    statement,
    verdict: together(
      judged.map(({ verdict }) => verdict),
      of,
    ),
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

/** The most seconds that every run of these has trained whose time was taken; 0 where there is none. */
export const secondsOfAll = (entries: readonly Entry[]): number => {
  const all = entries.flatMap(({ runs }) => runs.flatMap(({ cost }) => (cost ? [cost.curve.at(-1)?.seconds ?? 0] : [])))
  return all.length === 0 ? 0 : Math.min(...all)
}

const repeated = ({ result }: Run): number | undefined => result.repeated && accuracyOf(result.repeated)

const adaptation = ({ result }: Run): number | undefined => {
  const scores = zeroShotOf(result)
  return scores && adaptationOf(scores)
}

const forgetting = ({ result }: Run): number | undefined => result.retained && measuresOf(result.retained).forgetting

/** With the correction of states switched off whenever it is scored. */
const forgettingOff = ({ result }: Run): number | undefined =>
  result.retainedUncorrected && measuresOf(result.retainedUncorrected).forgetting

/** By how much less is forgotten with the correction than without. */
const retention = (run: Run): number | undefined => {
  const [on, off] = [forgetting(run), forgettingOff(run)]
  return on === undefined || off === undefined ? undefined : off - on
}

const stepTime = ({ cost }: Run): number | undefined => cost && (1000 * cost.seconds) / Math.max(1, cost.steps)

/** How a claim names a method. */
const NAMES = {
  rtrl: 'RTRL',
  uoro: 'UORO',
  esn: 'ESN',
  bptt: 'BPTT',
  tbptt: 'truncated BPTT',
  lstm: 'LSTM',
  sab: 'SAB',
  snap1: 'SnAp-1',
  rflo: 'RFLO',
  rtu: 'RTU',
  tpc: 'temporal predictive coding',
} as const
export type RivalName = keyof typeof NAMES

/** With its usual units. */
export const isMethod =
  (...names: readonly string[]) =>
  ({ method, variant }: Entry): boolean =>
    names.includes(method) && variant === 'tanh'
export const isRival = isMethod(...Object.keys(NAMES))
/** What all others are compared with. */
export const isReference = (entry: Entry): boolean => isMethod('ptncn')(entry) && entry.size === 'units'
export const unitOf = ({ runs }: Entry): Unit => runs[0]!.result.unit

const inWords = (names: readonly string[]): string =>
  [...(names.length > 1 ? [names.slice(0, -1).join(', ')] : []), ...names.slice(-1)].join(' and ')

/** Those of these rivals that ran, in words: a claim names no other. */
export const namesOf = (methods: readonly RivalName[], entries: readonly Entry[]): string =>
  inWords(methods.filter((method) => entries.some(isMethod(method))).map((method) => NAMES[method]))

/** What of two entries is compared, and how much better the own one is; the test score, lower is better, where nothing is said. */
export interface Measure {
  readonly of?: (run: Run) => number | undefined
  readonly gain?: (own: number, other: number) => number
  readonly unit?: string
  readonly against?: string
  readonly task?: string
}

/** Nothing where no seed has the figure of both. */
export const rowOf = (own: Entry, other: Entry, measure: Measure = {}): ClaimRow | undefined => {
  const { of = test, gain = (a, b) => b - a, unit = unitOf(own), against = labelOf(other), task = own.task } = measure
  const difference = paired(own, other, of, gain)
  return difference && { task, against, unit, difference }
}

/** A row each for those that `is` says, on the same task. */
export const rowsOf = (
  owns: readonly Entry[],
  entries: readonly Entry[],
  is: (other: Entry, own: Entry) => boolean,
  measure?: Measure,
): readonly (ClaimRow | undefined)[] =>
  owns.flatMap((own) =>
    entries.filter((other) => other.task === own.task && is(other, own)).map((other) => rowOf(own, other, measure)),
  )

/** What its runs ran on, of those whose time was taken, where all ran on the like: times are compared of those alone. */
export const machineOf = ({ runs }: Entry): string | undefined => {
  const all = new Set(runs.flatMap(({ cost }) => (cost ? [JSON.stringify(cost.machine ?? null)] : [])))
  return all.size === 1 ? [...all][0] : undefined
}

/** A longer list of what is missing says less than one of what is there. */
const FEW = 3

/** Those of all rivals that rows are about: `all rivals`, or all but the few that did not run. */
const rivalsIn = (rows: readonly (ClaimRow | undefined)[]): string => {
  const ran = new Set(rows.map((row) => row?.against))
  const [those, missing] = [true, false].map((is) =>
    Object.entries(NAMES).flatMap(([one, name]) => (ran.has(one) === is ? [name] : [])),
  )
  if (those!.length === 0) return 'its rivals'
  if (missing!.length === 0) return 'all rivals'
  return missing!.length > FEW ? inWords(those!) : `all rivals but ${inWords(missing!)}`
}

/** A claim about whichever rivals its rows are about; the title is told them. */
export const claimOfAll = (
  title: (names: string) => string,
  statement: string,
  rows: readonly (ClaimRow | undefined)[],
  said?: Said,
): Claim => claimOf(title(rivalsIn(rows)), statement, rows, said)

/** Mean and interval of a figure over the runs that have it. */
export const over = ({ runs }: Entry, of: (run: Run) => number | undefined) => {
  const values = runs.map(of).filter((value) => value !== undefined)
  return values.length === 0 ? undefined : intervalOf(values)
}

export const FIGURES = { test, repeated, adaptation, forgetting, forgettingOff, retention, stepTime } as const
