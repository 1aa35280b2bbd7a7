/** What is claimed of P-TNCN: by the abstract of its paper, sentence after sentence, and what we also asked. */

import {
  claimOf,
  claimOfAll,
  EQUAL,
  FIGURES,
  isMethod,
  isReference,
  isRival,
  machineOf,
  MARGIN,
  namesOf,
  rowOf,
  rowsOf,
  scoreAfter,
  secondsOfAll,
  unitOf,
  type Claim,
  type ClaimRow,
  type Entry,
  type Measure,
  type RivalName,
  type Run,
  type Said,
} from './claims.js'
import { SIZES } from './grid.js'
import { zeroShotOf } from './zero-shot.js'

/** That the paper compares with: they learn without going back, and by going back. */
const ONLINE = ['rtrl', 'uoro', 'esn'] as const
const UNROLLED = ['bptt', 'sab'] as const
/** That are asked for today. */
const LATER = ['snap1', 'rflo', 'rtu', 'tpc'] as const
const ALSO_UNROLLED = ['bptt', 'tbptt', 'lstm', 'sab'] as const

const isDiscrete = ({ method, variant }: Entry): boolean => method === 'ptncn' && variant !== 'tanh'
const taskOf = ({ runs }: Entry): unknown => runs[0]!.result.task['task']
/** One task after another. */
const isLessons = ({ runs }: Entry): boolean => runs[0]!.result.retained !== undefined
/** Films of one's own are frames too, but no bouncing images. */
const isBouncing = (entry: Entry): boolean => unitOf(entry) === 'nats a frame' && taskOf(entry) !== 'frames' && !isLessons(entry)
const isTreebank = (entry: Entry): boolean => String(taskOf(entry)).startsWith('ptb-')
const isReberTask = (entry: Entry): boolean => taskOf(entry) === 'reber'
const isOwn = (entry: Entry): boolean => ['text', 'series', 'frames'].includes(String(taskOf(entry)))
const isSingle = (entry: Entry): boolean => !isLessons(entry)

const LOWER = 'the score of P-TNCN is lower'
const WITHIN = `at most ${100 * MARGIN} % higher`
const COMPETITIVE = {
  statement: `the score of P-TNCN is ${WITHIN}; the difference is to that limit`,
  measure: { gain: (own: number, other: number) => (1 + MARGIN) * other - own },
}

/** What a claim about some rivals, one for each size at which they ran, says beside its title. */
interface Of {
  readonly statement?: string
  readonly kind?: (one: Entry) => boolean
  readonly measure?: Measure
  readonly said?: Said
}

/** Claims about rivals; the title is told the names of those that ran. */
const againstRivals = (
  entries: readonly Entry[],
  methods: readonly RivalName[],
  title: (names: string) => string,
  { statement = LOWER, kind = isSingle, measure, said }: Of = {},
): readonly Claim[] =>
  SIZES.flatMap((size) => {
    const those = entries.filter((one) => one.size === size && isMethod(...methods)(one) && kind(one))
    if (those.length === 0) return []
    const rows = rowsOf(entries.filter(isReference), entries, (other) => those.includes(other), measure)
    return [claimOf(`${title(namesOf(methods, those))}, ${EQUAL[size]}`, statement, rows, said)]
  })

/** Against rivals with as many units a layer. */
const againstEqual = (entries: readonly Entry[], measure?: Measure, kind: (one: Entry) => boolean = isSingle) =>
  rowsOf(entries.filter(isReference), entries, (other) => other.size === 'units' && isRival(other) && kind(other), measure)

const PAPER: Said = { by: 'paper' }

const letters = ({ result }: Run): number | undefined => result.glyphs?.test
const gainOnLetters = ({ result }: Run): number | undefined => {
  const scores = zeroShotOf(result)
  return scores && scores.glyphs.off - scores.glyphs.on
}

/** By a figure that says what its correction gains. */
const againstItself = (entries: readonly Entry[], of: (run: Run) => number | undefined) =>
  entries.filter(isReference).map((one) => rowOf(one, one, { of, gain: (own) => own, against: 'its correction off' }))

/** With frozen weights, in three parts. */
const zeroShot = (entries: readonly Entry[]): readonly Claim[] => [
  claimOf(
    'The correction of states lowers the score on letters never seen, weights frozen',
    'its score on letters, trained on digits, is lower with the correction than without',
    againstItself(entries, gainOnLetters),
    PAPER,
  ),
  claimOf(
    'The correction gains more on letters never seen than on digits',
    'what it gains on letters is more than what it gains on digits',
    againstItself(entries, FIGURES.adaptation),
  ),
  claimOfAll(
    (names) => `With frozen weights P-TNCN predicts letters better than ${names}`,
    'the score of P-TNCN on letters, trained on digits, is lower',
    againstEqual(entries, { of: letters }),
  ),
]

/** Over a sequence of tasks. */
const continual = (entries: readonly Entry[]): readonly Claim[] => [
  claimOf(
    'The correction of states helps to retain the tasks before the last of a sequence',
    'what a task before the last has lost at the end, since its best, is less where it is scored with the correction than without',
    againstItself(entries, FIGURES.retention),
    PAPER,
  ),
  claimOfAll(
    (names) => `Over a sequence of tasks P-TNCN forgets less than ${names}`,
    'what a task before the last has lost at the end, since its best, is less',
    againstEqual(entries, { of: FIGURES.forgetting }, isLessons),
  ),
  claimOfAll(
    (names) => `After a sequence of tasks P-TNCN is better on their average than ${names}`,
    'the mean of its scores on all tasks at the end is lower',
    againstEqual(entries, undefined, isLessons),
  ),
]

/** Every sentence of the abstract that a comparison can decide, and of zero-shot and continual learning what else was asked. */
const paperClaims = (entries: readonly Entry[]): readonly Claim[] => [
  ...againstRivals(entries, ONLINE, (names) => `P-TNCN beats ${names} on bouncing images`, { kind: isBouncing, said: PAPER }),
  ...againstRivals(entries, ONLINE, (names) => `P-TNCN beats ${names} on the Penn Treebank`, { kind: isTreebank, said: PAPER }),
  // one by one: what is said of some instances of two rivals would be shown where it holds of one
  ...UNROLLED.flatMap((one) =>
    againstRivals(entries, [one], (name) => `In some instances P-TNCN beats ${name}`, { said: { by: 'paper', of: 'some' } }),
  ),
  ...zeroShot(entries),
  ...continual(entries),
]

/** Units without a derivative. */
const discrete = (entries: readonly Entry[]): readonly Claim[] => [
  claimOf(
    'P-TNCN keeps its performance without derivatives',
    `the score with these units is ${WITHIN} than with tanh; the difference is to that limit`,
    rowsOf(entries.filter(isReference), entries, isDiscrete, { gain: (own, other) => (1 + MARGIN) * own - other }),
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
]

/** The validation scores of a task at the most seconds that all methods on it have trained, on machines that are alike. */
const afterEqualSeconds = (own: Entry, entries: readonly Entry[]): readonly (ClaimRow | undefined)[] => {
  const all = entries.filter(
    (one) => one.task === own.task && one.variant === 'tanh' && one.size === 'units' && machineOf(one) === machineOf(own),
  )
  const seconds = secondsOfAll(all)
  if (seconds === 0) return []
  const of = ({ result, cost }: Run): number | undefined => cost && scoreAfter(result.curve, cost, seconds)
  return rowsOf([own], all, isRival, { of, task: `${own.task}, ${seconds.toPrecision(3)} s` })
}

const times = (entries: readonly Entry[]): readonly Claim[] => [
  claimOfAll(
    (names) => `P-TNCN beats ${names} after equal seconds of training`,
    'the validation score of P-TNCN is lower, interpolated at the most seconds that all methods of the task have trained',
    entries.filter(isReference).flatMap((own) => afterEqualSeconds(own, entries)),
  ),
  claimOfAll(
    (names) => `A step of P-TNCN costs less than one of ${names}`,
    'milliseconds of training a step, on one thread each of machines that are alike, are fewer',
    entries
      .filter(isReference)
      .flatMap((own) =>
        rowsOf([own], entries, (other) => other.size === 'units' && isRival(other) && machineOf(other) === machineOf(own), {
          of: FIGURES.stepTime,
          unit: 'ms a step',
        }),
      ),
  ),
]

const ourClaims = (entries: readonly Entry[]): readonly Claim[] => [
  ...againstRivals(entries, ONLINE, (names) => `P-TNCN beats ${names} on the Reber grammar`, { kind: isReberTask }),
  ...againstRivals(entries, ONLINE, (names) => `P-TNCN beats ${names} on films and series of one's own`, { kind: isOwn }),
  ...againstRivals(entries, LATER, (names) => `P-TNCN beats ${names}`),
  ...againstRivals(entries, ALSO_UNROLLED, (names) => `P-TNCN beats ${names}`),
  ...againstRivals(entries, ALSO_UNROLLED, (names) => `P-TNCN is competitive with ${names}`, COMPETITIVE),
  ...discrete(entries),
  claimOfAll(
    (names) => `P-TNCN remembers Reber's repeated symbol better than ${names}`,
    'its accuracy on the last but one symbol is higher',
    againstEqual(entries, { of: FIGURES.repeated, unit: 'accuracy', gain: (own, other) => own - other }),
  ),
  ...times(entries),
]

/** All claims, of the entries that there are. */
export const claimsOf = (entries: readonly Entry[]): readonly Claim[] => [...paperClaims(entries), ...ourClaims(entries)]
