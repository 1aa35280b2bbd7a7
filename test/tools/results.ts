/**
 * The results that the repository keeps.
 *
 *     tsx test/tools/results.ts add FOLDER GROUP   keeps results.json of a run as a line of the group's runs.jsonl, or all
 *                                                  that a comparison has collected, its cells one a line, their times beside
 *     tsx test/tools/results.ts add FOLDER GROUP loaded
 *                                                  the same of a machine that did other work meanwhile: how long a cell
 *                                                  took is kept with it, for the record, and no claim compares it;
 *                                                  collect-again.ts then makes its tables without times
 *     tsx test/tools/results.ts                    writes test/results/README.md, and the verdicts in README.md
 *
 * The path of the data is left out, as it says something of a machine only.
 */

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { table, type Row } from '../bench/table.js'
import { comparisons } from './collect-again.js'
import { KEPT, linesIn } from './kept.js'
import { MEASURED } from './measured.js'
import { triedTable } from './tried.js'

const README = fileURLToPath(new URL('../../README.md', import.meta.url))

/** A run, by the name of its folder. */
type Kept = Record<string, any>

const RUNS = 'runs.jsonl'

const writeLines = (group: string, file: string, lines: readonly object[]): void => {
  mkdirSync(join(KEPT, group), { recursive: true })
  writeFileSync(join(KEPT, group, file), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

const without = (record: Record<string, unknown>, name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))

const jsonIn = (path: string): Record<string, any> => JSON.parse(readFileSync(path, 'utf8'))

/** The path of the data says something of a machine only. */
const cellOf = (path: string): object => {
  const cell = jsonIn(path)
  return 'task' in cell ? { ...without(cell, 'film'), task: without(cell['task'], 'data') } : cell
}

const TIME = '.time.json'

/** A film strip shows the data themselves, and those of notMNIST are not ours to hand on. */
export const isKept = (file: string, tasks: Readonly<Record<string, { readonly task: string }>>): boolean => {
  const film = /^film-(.*)\.png$/.exec(file)
  if (film) return tasks[film[1]!]?.task === 'bouncing-mnist'
  return /^(?:grid\.json|tables\.(?:md|json)|.*\.svg)$/.test(file)
}

/** In the place of what the group had: a picture or a time that is not collected any more would stay. */
const addComparison = (folder: string, group: string, loaded: boolean): void => {
  rmSync(join(KEPT, group), { recursive: true, force: true })
  mkdirSync(join(KEPT, group), { recursive: true })
  const { tasks } = jsonIn(join(folder, 'grid.json'))['grid']
  for (const file of readdirSync(folder)) if (isKept(file, tasks)) copyFileSync(join(folder, file), join(KEPT, group, file))
  const cells = join(folder, 'cells')
  const all = readdirSync(cells, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
  const [timed, results] = [all.filter((name) => name.endsWith(TIME)), all.filter((name) => !name.endsWith(TIME))]
  const times = new Map(timed.map((name) => [name.slice(0, -TIME.length), jsonIn(join(cells, name))]))
  const lineOf = (name: string): object => {
    const time = loaded ? times.get(name.slice(0, -'.json'.length)) : undefined
    return { ...cellOf(join(cells, name)), ...(time && { seconds: Number(time['seconds'].toFixed(1)) }) }
  }
  writeLines(group, 'cells.jsonl', results.map(lineOf))
  const lines = [...times].map(([name, time]) => ({ name, ...time }))
  if (lines.length > 0 && !loaded) writeLines(group, 'times.jsonl', lines)
}

/** What a run read, without the place where it lay. */
const placeless = (data: { files?: readonly { path: string }[] } | undefined): object =>
  data?.files ? { data: { ...data, files: data.files.map((one) => ({ ...one, path: basename(one.path) })) } } : {}

/** In the place of a run of that name, or after all others. */
const addRun = (folder: string, group: string): void => {
  const file = jsonIn(join(folder, 'results.json'))
  const run = { name: basename(folder), ...file, options: without(file['options'], 'data'), ...placeless(file['data']) }
  const kept = existsSync(join(KEPT, group, RUNS)) ? linesIn<Kept>(group, RUNS) : []
  const isOther = ({ name }: Kept): boolean => name !== run.name
  writeLines(group, RUNS, kept.every(isOther) ? [...kept, run] : kept.map((one) => (isOther(one) ? one : run)))
}

const add = (folder: string, group: string, loaded: boolean): void => {
  if (existsSync(join(folder, 'tables.md'))) return addComparison(folder, group, loaded)
  if (existsSync(join(folder, 'results.json'))) return addRun(folder, group)
  throw new Error(`${folder} has neither tables.md nor results.json`)
}

const foldersOf = (): readonly string[] =>
  readdirSync(KEPT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()

/** The options in which the runs of a group differ. */
const differing = (kept: readonly Kept[]): readonly string[] => {
  const names = [...new Set(kept.flatMap((file) => Object.keys(file['options'])))]
  // a field that an older run does not have is none in which it differs
  const values = (name: string): readonly unknown[] =>
    kept.map((file) => file['options'][name]).filter((one) => one !== undefined)
  return names.filter((name) => new Set(values(name).map((one) => JSON.stringify(one))).size > 1)
}

const textOf = (value: unknown): string => [value ?? '-'].flat().join(',')

/** What most runs of a group have. */
const commonest = (values: readonly string[]): string => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}

/** What is said of a run that is alone in its group. */
const OF_ONE = ['profile', 'units', 'optimizer', 'rate', 'topDownSignal', 'beta', 'weightScale']

/** So many runs that each row had better say only in what it differs from most. */
const MANY = 12

const runs = (kept: readonly Kept[]): string => {
  const [first] = kept
  const names = kept.length > 1 ? differing(kept) : OF_ONE
  const common =
    kept.length > MANY
      ? Object.fromEntries(names.map((name) => [name, commonest(kept.map((file) => textOf(file['options'][name])))]))
      : {}
  const rows = kept.map((file): Row => [
    names
      .filter((name) => textOf(file['options'][name]) !== common[name])
      .map((name) => `${name} ${textOf(file['options'][name])}`)
      .join(', ') || 'as most',
    file['validation'].toFixed(3),
    file['test'].toFixed(3),
    String(Math.round(file['machine'].seconds)),
  ])
  const marks = (first!['marks'] as { label: string; value: number }[]).map(({ label, value }) => `${label} ${value.toFixed(3)}`)
  const most = Object.entries(common)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
  return [
    `${first!['title'].split(';')[0]}; ${first!['unit']}. On the test data: ${marks.join(', ')}.`,
    ...(most === '' ? [] : [`Most have ${most}; a row says in what it differs.`]),
    '',
    table(['setting', 'validation', 'test', 'seconds'], rows),
  ].join('\n')
}

interface Judged {
  readonly title: string
  readonly by: 'paper' | 'us'
  readonly verdict: string
  readonly rows: readonly { readonly task: string; readonly against: string; readonly judged: { readonly verdict: string } }[]
}

/** What a comparison shows, a claim a row: on how many tasks and rivals it is shown, refuted, undecided. */
const verdictTable = (group: string): string => {
  const { claims } = jsonIn(join(KEPT, group, 'tables.json')) as { claims: readonly Judged[] }
  const count = ({ rows }: Judged, wanted: string): string => {
    const those = rows.filter(({ judged: { verdict } }) => verdict === wanted)
    return String(those.length)
  }
  const tableBy = (by: Judged['by'], head: string): string =>
    table(
      [head, 'verdict', 'shown', 'undecided', 'refuted'],
      claims
        .filter((claim) => claim.by === by)
        .map((claim): Row => [
          claim.title,
          claim.verdict,
          ...['shown', 'undecided', 'refuted'].map((wanted) => count(claim, wanted)),
        ]),
    )
  return [tableBy('paper', 'the abstract of the paper says'), tableBy('us', 'we also asked')].join('\n\n')
}

const BEGIN = '<!-- comparison:begin -->'
const END = '<!-- comparison:end -->'
const SHOWN = 'compare-small'

/** README with what the comparison shows. */
export const withVerdicts = (readme: string): string => {
  const [before, rest] = readme.split(BEGIN)
  const [, after] = (rest ?? '').split(END)
  if (after === undefined) throw new Error(`README has no ${BEGIN} and ${END}`)
  return `${before}${BEGIN}\n${verdictTable(SHOWN)}\n${END}${after}`
}

/** The tables of a comparison, two levels lower, and its pictures. */
const comparison = (group: string): string => {
  const [, ...lines] = readFileSync(join(KEPT, group, 'tables.md'), 'utf8')
    .trim()
    .split('\n')
  const pictures = readdirSync(join(KEPT, group))
    .filter((name) => /\.(?:svg|png)$/.test(name))
    .sort()
  const { grid } = jsonIn(join(KEPT, group, 'grid.json'))
  return [
    `${grid.about}. Made by \`ptncn compare\` with [grid.json](${group}/grid.json).`,
    ...lines.map((line) => line.replace(/^#/, '##')),
    '',
    ...pictures.flatMap((name) => [`![${basename(name)}](${group}/${name})`, '']),
  ]
    .join('\n')
    .trim()
}

const section = (group: string): string => {
  if (existsSync(join(KEPT, group, 'tables.md'))) return comparison(group)
  const measured = Object.keys(MEASURED).find((file) => existsSync(join(KEPT, group, file)))
  return measured ? MEASURED[measured]!(group) : runs(linesIn<Kept>(group, RUNS))
}

/** The text of test/results/README.md. */
export const document = (): string =>
  [
    '# Results',
    '',
    'Made by `tsx test/tools/results.ts` from the files beside it. One seed and one pass where nothing else is said;',
    'intervals are 95 %, over seeds. How long a cell took stands in `times.jsonl`, or as its `seconds` in `cells.jsonl` where the',
    'machine did other work meanwhile; those, and the seconds of single runs, are not to be compared. What a claim about time',
    'compares was measured on one thread each of machines that are alike. "N of M cells" is how many of a grid were computed: of',
    'a search often those of the settings alone, and not the final seeds. Any cell is computed again by its name, a final one',
    'after those of its search, to the numbers of its line in `cells.jsonl`; of a group other than compare-small, whose grid',
    'comes along, by the `grid.json` beside it:',
    '',
    '    ptncn compare small --data FOLDER --out runs/small --cell search/reber/bptt/tanh/trial-3-seed-1001',
    '    ptncn compare test/results/words/grid.json --data FOLDER --out runs/words --cell final/ptb-word/esn/tanh/seed-1',
    '',
    'A run in `runs.jsonl` of other groups is that of `train` with its `options`, in a file of their own:',
    '',
    '    ptncn train --config options.json --data FOLDER --out runs/again',
    '',
    '## What each field brought',
    '',
    'Of all trials of P-TNCN that are kept, any two that differ in one field alone, one of them with the value of `released`: by',
    'how many per cent the validation score is lower with the other. Rates, beta and deviations were searched for everywhere and',
    'are left out; what a group tried of them stands in its own table.',
    '',
    triedTable(comparisons()),
    '',
    ...foldersOf().flatMap((group) => [`## ${group}`, '', section(group), '']),
  ].join('\n')

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [command, folder, group, how] = process.argv.slice(2)
  if (command === 'add' && folder && group) add(folder, group, how === 'loaded')
  writeFileSync(join(KEPT, 'README.md'), document())
  writeFileSync(README, withVerdicts(readFileSync(README, 'utf8')))
}
