/** What is claimed of P-TNCN, each claim as one table of differences over seeds, and whether they show it. */

import type { Unit } from '../../data/task.js'
import { intervalOf } from '../statistics.js'
import type { CurvePoint } from '../train.js'
import type { CellResult } from './cell.js'
import type { Cost } from './cells.js'
import type { Size } from './grid.js'
import { accuracyOf } from './long.js'
import { adaptationOf, zeroShotOf } from './zero-shot.js'
import { differenceOf, judge, type Difference, type Judged, type Verdict } from '../statistics.js'

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
  readonly rows: readonly (ClaimRow & { readonly judged: Judged })[]
}

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
export const paired = (
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
  const judged = judge(known.map(({ difference }) => difference))
  return {
    title,
    statement,
    verdict: together(judged.map(({ verdict }) => verdict)),
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

/** All claims, of the entries that there are. */
export const claimsOf = (entries: readonly Entry[]): readonly Claim[] => {
  const tanh = entries.filter(({ method, variant, size }) => method === 'ptncn' && variant === 'tanh' && size === 'units')
  const unitOf = ({ runs }: Entry): Unit => runs[0]!.result.unit
  /** Each entry that `is` says against P-TNCN on the same task. */
  const against = (
    is: (entry: Entry, own: Entry) => boolean,
    of: (run: Run) => number | undefined,
    unit: (entry: Entry) => string,
    f = (own: number, other: number): number => other - own,
  ): readonly (ClaimRow | undefined)[] =>
    tanh.flatMap((own) =>
      entries
        .filter((other) => other.task === own.task && is(other, own))
        .map((other) => {
          const difference = paired(own, other, of, f)
          return difference && { task: own.task, against: labelOf(other), unit: unit(own), difference }
        }),
    )
  const isRival =
    (names: readonly string[]) =>
    ({ method, variant }: Entry): boolean =>
      names.includes(method) && variant === 'tanh'
  const frames = ({ runs }: Entry): boolean => runs[0]!.result.unit === 'nats a frame'
  const [online, unrolled] = [isRival(['rtrl', 'uoro', 'esn']), isRival(['bptt', 'tbptt', 'lstm', 'sab'])]
  const rival = isRival(['rtrl', 'uoro', 'esn', 'bptt', 'tbptt', 'lstm', 'sab'])
  const sameTask = (entry: Entry): readonly Entry[] =>
    entries.filter(({ task, variant, size }) => task === entry.task && variant === 'tanh' && size === 'units')
  const sizes = (
    title: string,
    statement: string,
    is: (entry: Entry) => boolean,
    make: (is: (entry: Entry) => boolean) => readonly (ClaimRow | undefined)[],
  ): Claim[] =>
    (['units', 'weights'] as const).map((size) =>
      claimOf(
        `${title}, equal numbers of ${size}`,
        statement,
        make((entry) => entry.size === size && is(entry)),
      ),
    )
  return [
    ...sizes(
      'P-TNCN beats RTRL, UORO and ESN on bouncing images',
      'the score of P-TNCN is lower',
      (entry) => frames(entry) && online(entry),
      (is) => against(is, test, unitOf),
    ),
    ...sizes(
      'P-TNCN beats RTRL, UORO and ESN on symbols',
      'the score of P-TNCN is lower',
      (entry) => !frames(entry) && online(entry),
      (is) => against(is, test, unitOf),
    ),
    ...sizes('P-TNCN beats BPTT, truncated BPTT, LSTM and SAB', 'the score of P-TNCN is lower', unrolled, (is) =>
      against(is, test, unitOf),
    ),
    ...sizes(
      `P-TNCN is competitive with BPTT, truncated BPTT, LSTM and SAB`,
      `the score of P-TNCN is at most ${100 * MARGIN} % higher; the difference is to that limit`,
      unrolled,
      (is) => against(is, test, unitOf, (own, other) => (1 + MARGIN) * other - own),
    ),
    claimOf(
      'P-TNCN beats its rivals after equal seconds of training',
      'the validation score of P-TNCN is lower, interpolated at the most seconds that all methods of the task have trained',
      tanh.flatMap((own) => {
        const all = sameTask(own)
        const seconds = secondsOfAll(all)
        const of = ({ result, cost }: Run): number | undefined => cost && scoreAfter(result.curve, cost, seconds)
        return all.filter(rival).map((other) => {
          const difference = seconds > 0 ? paired(own, other, of, (a, b) => b - a) : undefined
          return (
            difference && {
              task: `${own.task}, ${seconds.toPrecision(3)} s`,
              against: labelOf(other),
              unit: unitOf(own),
              difference,
            }
          )
        })
      }),
    ),
    claimOf(
      'P-TNCN adapts to letters with frozen weights',
      'the correction of states gains more on letters, never seen, than on digits',
      tanh.map((own) => {
        const difference = paired(own, own, adaptation, (gain) => gain)
        return difference && { task: own.task, against: 'its correction off', unit: unitOf(own), difference }
      }),
    ),
    claimOf(
      'With frozen weights P-TNCN predicts letters better than its rivals',
      'the score of P-TNCN on letters, trained on digits, is lower',
      against(
        (entry) => entry.size === 'units' && rival(entry),
        ({ result }) => result.glyphs?.test,
        unitOf,
      ),
    ),
    claimOf(
      'P-TNCN keeps its performance without derivatives',
      `the score with these units is at most ${100 * MARGIN} % higher than with tanh; the difference is to that limit`,
      against(
        (entry) => entry.method === 'ptncn' && entry.variant !== 'tanh',
        test,
        unitOf,
        (own, other) => (1 + MARGIN) * own - other,
      ),
    ),
    claimOf(
      'Without derivatives P-TNCN beats ESN',
      'the score of P-TNCN with these units is lower than that of an ESN with the same ones',
      entries
        .filter(({ method, variant }) => method === 'ptncn' && variant !== 'tanh')
        .flatMap((own) =>
          entries
            .filter(
              ({ method, variant, task, size }) =>
                method === 'esn' && variant === own.variant && task === own.task && size === own.size,
            )
            .map((other) => {
              const difference = paired(own, other, test, (a, b) => b - a)
              return difference && { task: own.task, against: labelOf(other), unit: unitOf(own), difference }
            }),
        ),
    ),
    claimOf(
      "P-TNCN remembers Reber's repeated symbol better than its rivals",
      'its accuracy on the last but one symbol is higher',
      against(
        (entry) => entry.size === 'units' && rival(entry),
        repeated,
        () => 'accuracy',
        (own, other) => own - other,
      ),
    ),
    claimOf(
      'A step of P-TNCN costs less than one of its rivals',
      'milliseconds of training a step, on one thread each, are fewer',
      against(
        (entry) => entry.size === 'units' && rival(entry),
        stepTime,
        () => 'ms a step',
      ),
    ),
  ]
}

/** Mean and interval of a figure over the runs that have it. */
export const over = ({ runs }: Entry, of: (run: Run) => number | undefined) => {
  const values = runs.map(of).filter((value) => value !== undefined)
  return values.length === 0 ? undefined : intervalOf(values)
}

export const FIGURES = { test, repeated, adaptation, stepTime } as const
