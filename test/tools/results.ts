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
import type { Growth } from '../bench/growth.js'
import { table, type Row } from '../bench/table.js'
import { comparisons } from './collect-again.js'
import { triedTable } from './tried.js'

const README = fileURLToPath(new URL('../../README.md', import.meta.url))
const KEPT = fileURLToPath(new URL('../results/', import.meta.url))

/** A run, by the name of its folder. */
type Kept = Record<string, any>

const RUNS = 'runs.jsonl'

const linesIn = <Line>(group: string, file: string): readonly Line[] =>
  readFileSync(join(KEPT, group, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

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

const ANGLES = `The cosine between the update of a sequence and the gradient of its loss, by differences of losses: 1 goes down the
gradient, 0 is at right angles to it. Reber grammar, two layers of 8 units, before and after 1,000 batches of 20
(\`tsx test/tools/angles.ts\`).`

interface Angles {
  readonly setting: string
  readonly untrained: Readonly<Record<string, number>>
  readonly trained: Readonly<Record<string, number>>
}

const angles = (group: string): string => {
  const all = linesIn<Angles>(group, 'reber.jsonl')
  const names = Object.keys(all[0]!.untrained)
  const rows = all.flatMap(({ setting, ...times }) =>
    (['untrained', 'trained'] as const).map((when): Row => [
      `${setting}, ${when}`,
      ...names.map((name) => times[when][name]!.toFixed(2)),
    ]),
  )
  return [ANGLES, '', table(['setting', ...names], rows)].join('\n')
}

const METHODS = `The same for all methods, each with as many units in a layer: the cosine of all weights into the units together (M, V, U
and b of P-TNCN, recurrent and input weights and biases of the others), each against the gradient of its own network's loss
(\`tsx test/tools/angles.ts rivals\`).`

const methodAngles = (group: string): string => {
  const all = linesIn<{ readonly method: string; readonly untrained: number; readonly trained: number }>(group, 'methods.jsonl')
  const rows = all.map(({ method, untrained, trained }): Row => [method, untrained.toFixed(2), trained.toFixed(2)])
  return [METHODS, '', table(['method', 'untrained', 'trained'], rows)].join('\n')
}

const TRACE = `Credit over time from the slope that the correction shows, (z - y) / (a - a^K), kept in a trace for each weight and
row ([prototype.py](trace/prototype.py), NumPy, the profile \`online\` with beta 0.03; bits a character after 4,000 lines). It
gains less than 1 % at 32 units and less still at 128, at the price of a number for each weight and row: so it is no part of
the specification.`

interface Traced {
  readonly n: number
  readonly trace: boolean
  readonly self_weight: number | null
  readonly bits: number
}

const trace = (group: string): string => {
  const all = linesIn<Traced>(group, 'trace.jsonl')
  const kind = ({ n, trace, self_weight }: Traced): string =>
    `${n} units, ${trace ? 'trace' : 'as it is'}${self_weight === null ? '' : `, V begins with ${self_weight} on its diagonal`}`
  const rows = [...new Set(all.map(kind))].map((one): Row => {
    const own = all.filter((line) => kind(line) === one).map(({ bits }) => bits)
    return [
      one,
      (own.reduce((sum, bits) => sum + bits, 0) / own.length).toFixed(3),
      own.map((bits) => bits.toFixed(3)).join(', '),
    ]
  })
  return [TRACE, '', table(['network', 'mean', 'by seed'], rows)].join('\n')
}

const DRIVES = 'drives.jsonl'

const WINDOWS = `What the window of [C4] goes by: sign and step units that learn from the drive, profile \`online\`, one seed. For each
window that [online-32](#online-32) and [online-128](#online-128) tried, by how many per cent its score on validation data lies
above that of the best; and of the network that learned with the best, the root mean square of the drives a_1 and a_2 and the
part of them that lies within it (\`tsx test/tools/windows.ts FOLDER\`). The size of the drives does not say which window is
best: it is alike where the narrowest is and where the widest is. Nor does the width. What says it is the input: the
rule "1 on symbols, 2 on images" costs at most 2.1 % of a score on the ones and 0.7 % on the others. Stochastic units want
wider ones, 8 on images and 2 on symbols: [online-stochastic](#online-stochastic).`

interface Drive {
  readonly rms: number
  readonly within: number
}

interface Windowed {
  readonly task: string
  readonly width: number
  readonly kind: string
  readonly scores: Readonly<Record<string, number>>
  readonly window: number
  readonly trained: readonly Drive[]
}

const windows = (group: string): string => {
  const all = linesIn<Windowed>(group, DRIVES)
  const names = Object.keys(all[0]!.scores).sort((a, b) => Number(a) - Number(b))
  const rows = all.map(({ task, width, kind, scores, window, trained }): Row => {
    const above = (name: string): string => ((scores[name]! / scores[window]! - 1) * 100).toFixed(1)
    const sizes = trained.map(({ rms }) => rms.toFixed(1)).join(', ')
    const parts = trained.map(({ within }) => `${(within * 100).toFixed(0)} %`).join(', ')
    return [`${task}, ${kind}, ${width} units`, ...names.map(above), String(window), sizes, parts]
  })
  return [WINDOWS, '', table(['network', ...names, 'best', 'a_1, a_2', 'within'], rows)].join('\n')
}

const GROWTH = `A sequence of 10 rows and 16 inputs, 32 units where nothing else is said, one process a figure
(\`tsx test/bench/growth.ts\`, on a machine that did nothing else): the largest memory of the process in MB, which holds the whole
sequence in each case, for sequences of growing length; and milliseconds a step, for more units.`

const growth = (group: string): string => {
  const all = linesIn<Growth>(group, 'growth.jsonl')
  const sorted = (values: readonly number[]): readonly number[] => [...new Set(values)].sort((a, b) => a - b)
  const [lengths, sizes] = [sorted(all.map(({ steps }) => steps)), sorted(all.map(({ units }) => units))]
  const [length] = lengths
  const usual = all.filter(({ steps }) => steps !== length)[0]!.units
  const find = (method: string, steps: number, units: number): Growth | undefined =>
    all.find((one) => one.method === method && one.steps === steps && one.units === units)
  const rows = [...new Set(all.map(({ method }) => method))].map((method): Row => [
    method,
    ...lengths.map((steps) => find(method, steps, usual)?.megabytes.toFixed(0) ?? '-'),
    ...sizes.map((units) => find(method, length!, units)?.millisecondsAStep.toFixed(3) ?? '-'),
  ])
  return [
    GROWTH,
    '',
    table(['method', ...lengths.map((steps) => `MB, T = ${steps}`), ...sizes.map((units) => `ms, n = ${units}`)], rows),
  ].join('\n')
}

const DIGITS = `Bouncing digits learnt from the same weights and on the same sequences: by our engine, and, with the graphs of
\`ptncn export onnx\`, by onnxruntime in Python and in a browser (\`tsx test/tools/onnx-digits.ts\`).`

const DIGITS_LINES = 'digits.jsonl'

interface Digits {
  readonly batches: number
  readonly largestRelativeDifference: number
}

interface Learnt {
  readonly by: string
  readonly millisecondsAStep: number
  readonly nats: readonly number[]
}

const digits = (group: string): string => {
  const [about, ...ways] = linesIn<Digits & Learnt>(group, DIGITS_LINES)
  const { batches, largestRelativeDifference } = about!
  const rows = ways.map(({ by, millisecondsAStep, nats }): Row => [by, nats.at(-1)!.toFixed(3), millisecondsAStep.toFixed(3)])
  const most = `Of ${batches} losses none differs by more than ${largestRelativeDifference} of itself.`
  return [
    `${DIGITS} ${most}`,
    '',
    table(['by', 'nats a frame at the end', 'ms a step'], rows),
    '',
    `![Both curves](${group}/digits.svg)`,
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
  if (existsSync(join(KEPT, group, 'reber.jsonl'))) return [angles(group), '', methodAngles(group)].join('\n')
  if (existsSync(join(KEPT, group, 'trace.jsonl'))) return trace(group)
  if (existsSync(join(KEPT, group, 'growth.jsonl'))) return growth(group)
  if (existsSync(join(KEPT, group, DRIVES))) return windows(group)
  if (existsSync(join(KEPT, group, DIGITS_LINES))) return digits(group)
  return runs(linesIn<Kept>(group, RUNS))
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
    'a search often those of the settings alone, and not the final seeds. Any cell is computed again by its name, to the numbers',
    'of its line in `cells.jsonl`; of a group other than compare-small, whose grid comes along, by the `grid.json` beside it:',
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
