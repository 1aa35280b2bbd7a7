/** Tables for people, as Markdown; what they say is in tables.json for programs. */

import type { Interval } from '../statistics.js'
import type { CellResult } from './result.js'
import { FIGURES, labelOf, machineOf, over, type Claim, type Entry, type Run } from './claims.js'
import type { Settings } from './methods.js'
import type { AtDistance } from './long.js'

export interface Table {
  readonly title: string
  readonly note: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const NONE = '\u2013'
const plain = (text: string): string => text.replaceAll('|', '\\|')
const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`

export const markdown = ({ title, note, head, rows }: Table): string =>
  [
    `### ${title}`,
    '',
    ...(note === '' ? [] : [note, '']),
    line(head),
    `|${head.map((_, i) => (i === 0 ? '---|' : '---:|')).join('')}`,
    ...rows.map(line),
    '',
  ].join('\n')

const DIGITS: Readonly<Record<string, number>> = {
  'nats a frame': 2,
  'bits a symbol': 4,
  accuracy: 3,
  'half squared error a step': 4,
  'ms a step': 3,
  perplexity: 2,
}

const amount = (unit: string, interval: Interval | undefined): string => {
  if (!interval) return NONE
  const text = (value: number): string => value.toFixed(DIGITS[unit] ?? 3)
  return interval.half === undefined ? text(interval.mean) : `${text(interval.mean)} \u00b1 ${text(interval.half)}`
}

const pText = (p: number | undefined): string => (p === undefined ? NONE : p < 0.0001 ? '< 0.0001' : p.toFixed(4))

/** As `rate 0.001, clip 1`. */
const settingsText = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

/** As `shown`, or `undecided, five seeds wanted`. */
export const verdictText = ({ verdict, wanted }: Pick<Claim, 'verdict' | 'wanted'>): string =>
  verdict === 'undecided' && wanted !== undefined ? `${verdict}, ${NUMBERS[wanted] ?? wanted} seeds wanted` : verdict

const NUMBERS: Readonly<Record<number, string>> = { 5: 'five' }

/** Whose a claim is. */
export const SAID = { paper: 'the abstract of the paper', us: 'us' } as const

/** A claim with its verdict. */
export const claimTable = ({ title, statement, verdict, wanted, rows }: Claim): Table => ({
  title: `${title}: ${verdictText({ verdict, ...(wanted !== undefined && { wanted }) })}`,
  note: `Each row: ${statement}. Mean difference over seeds, positive where it is so, with its 95 % interval; p two-sided, Holm-corrected within the table.`,
  head: ['task', 'against', 'unit', 'difference', 'seeds', 'p', 'verdict'],
  rows: rows.map(({ task, against, unit, difference, judged }) => [
    task,
    against,
    unit,
    amount(unit, difference),
    String(difference.count),
    pText(judged.adjusted),
    verdictText({ ...judged, ...(wanted !== undefined && difference.count < wanted && { wanted }) }),
  ]),
})

/** Whether there are times, all of machines that are alike: others, side by side, would be read as a comparison. */
const isTimedAlike = (entries: readonly Entry[]): boolean => {
  const machines = new Set(entries.filter(({ runs }) => runs.some(({ cost }) => cost)).map(machineOf))
  return machines.size === 1 && !machines.has(undefined)
}

type Column = readonly [head: string, cell: (entry: Entry) => string]

const hasOf = (entries: readonly Entry[], name: 'glyphs' | 'retained' | 'uncorrected'): boolean =>
  entries.some(({ runs }) => runs.some(({ result }) => result[name] !== undefined))

/** Of what was scored beside the task itself. */
const columnsBeside = (entries: readonly Entry[], mean: (head: string, of: (run: Run) => number | undefined) => Column) => {
  const [isFrames, isLessons] = [hasOf(entries, 'glyphs'), hasOf(entries, 'retained')]
  const off = hasOf(entries, 'uncorrected')
  return [
    ...(off && (isFrames || isLessons) ? [mean('off', ({ result }) => result.uncorrected)] : []),
    ...(isFrames ? [mean('letters', ({ result }) => result.glyphs?.test)] : []),
    ...(off && isFrames
      ? [mean('letters, off', ({ result }) => result.glyphs?.uncorrected), mean('adaptation', FIGURES.adaptation)]
      : []),
    ...(isLessons ? [mean('forgetting', FIGURES.forgetting)] : []),
    ...(off && isLessons ? [mean('forgetting, off', FIGURES.forgettingOff)] : []),
  ]
}

/** What a table of scores says above it; of tasks one after another, what each figure is of. */
const scoreNote = ({ unit, marks, sequences, title, task, retained }: CellResult): string => {
  const against = marks.map(({ label, value }) => `${label} ${value.toFixed(DIGITS[unit] ?? 3)}`).join(', ')
  const then = ((task['then'] as readonly string[] | undefined) ?? []).map((name) => `, then ${name}`).join('')
  const lessons =
    retained === undefined
      ? ''
      : ' Test: the mean of all tasks at the end. Forgetting: what a task before the last has lost by then since its best.'
  const first = lessons === '' ? '' : 'Of the first task: '
  return `${title}${then}. ${unit}, lower is better, after ${sequences} sequences${lessons === '' ? '' : ' of each'}; mean and 95 % interval over seeds.${lessons} ${first}${against}. Kept: numbers that learning keeps of each row of a batch beside weights and moments.`
}

/** Scores of all methods on one task. */
export const scoreTable = (title: string, entries: readonly Entry[]): Table => {
  const { result } = entries[0]!.runs[0]!
  const ofFirst = (head: string, of: (result: CellResult) => unknown): Column => [head, ({ runs }) => String(of(runs[0]!.result))]
  const mean = (head: string, of: (run: Run) => number | undefined, as: string = result.unit): Column => [
    head,
    (entry) => amount(as, over(entry, of)),
  ]
  const count = (head: string, is: (run: Run) => boolean): Column => [head, ({ runs }) => String(runs.filter(is).length)]
  const columns: readonly Column[] = [
    ['method', labelOf],
    ofFirst('units', ({ units }) => units),
    ofFirst('weights', ({ weights }) => weights),
    mean('test', FIGURES.test),
    ...columnsBeside(entries, mean),
    ...(entries.some(isReber) ? [mean('repeated symbol', FIGURES.repeated, 'accuracy')] : []),
    count('seeds', () => true),
    count('diverged', ({ result }) => result.diverged),
    ...(isTimedAlike(entries) ? [mean('ms a step', FIGURES.stepTime, 'ms a step')] : []),
    ofFirst('kept', ({ kept }) => kept),
    ofFirst('settings', ({ settings }) => settingsText(settings)),
  ]
  return {
    title,
    head: columns.map(([head]) => head),
    rows: entries.map((entry) => columns.map(([, cell]) => cell(entry))),
    note: scoreNote(result),
  }
}

/** Steps from the second symbol to the last but one, in ranges with enough strings each. */
const RANGES: readonly (readonly [least: number, most: number])[] = [
  [1, 5],
  [6, 8],
  [9, 12],
  [13, 18],
  [19, Infinity],
]

/** Whether it has to remember a symbol. */
export const isReber = ({ runs }: Entry): boolean => runs.some(({ result }) => result.repeated)

export const pooled = ({ runs }: Entry): readonly AtDistance[] => {
  const sums = new Map<number, AtDistance>()
  for (const { distance, count, correct } of runs.flatMap(({ result }) => result.repeated ?? [])) {
    const before = sums.get(distance) ?? { distance, count: 0, correct: 0 }
    sums.set(distance, { distance, count: before.count + count, correct: before.correct + correct })
  }
  return [...sums.values()].sort((a, b) => a.distance - b.distance)
}

const within =
  ([least, most]: readonly [number, number]) =>
  ({ distance }: AtDistance): boolean =>
    distance >= least && distance <= most

export const distanceTable = (task: string, entries: readonly Entry[]): Table => ({
  title: `Reber's repeated symbol against its distance: ${task}`,
  note: 'The part of the test strings whose last but one symbol, which repeats the second one, was predicted as the most probable, by the steps between the two; all seeds together. Who remembers nothing is right about half of the time at most.',
  head: ['method', ...RANGES.map(([least, most]) => (most === Infinity ? `${least} and more` : `${least} to ${most}`))],
  rows: entries.map((entry) => [
    labelOf(entry),
    ...RANGES.map((range) => {
      const those = pooled(entry).filter(within(range))
      const count = those.reduce((sum, one) => sum + one.count, 0)
      return count === 0 ? NONE : (those.reduce((sum, one) => sum + one.correct, 0) / count).toFixed(3)
    }),
  ]),
})

export interface Tried {
  readonly label: string
  readonly task: string
  readonly trial: number
  readonly settings: Settings
  readonly validation?: number
  readonly diverged: boolean
  readonly chosen: boolean
}

export const searchTable = (tried: readonly Tried[]): Table => ({
  title: 'Every setting tried',
  note: 'Mean validation score over the seeds of the search; the best of each method on each task is fixed for the final seeds.',
  head: ['task and method', 'settings', 'validation', ''],
  rows: tried.map(({ task, label, settings, validation, diverged, chosen }) => [
    `${task}, ${label}`,
    settingsText(settings),
    validation === undefined ? NONE : validation.toFixed(4),
    [...(chosen ? ['chosen'] : []), ...(diverged ? ['diverged'] : [])].join(', '),
  ]),
})
