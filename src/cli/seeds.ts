/** A study of several seeds: each is a cell of its folder, written as it comes, and not made again. */

import type { Task } from '../data/task.js'
import type { Fields } from '../fields.js'
import { effectiveOptions } from '../experiment/run/folder.js'
import { RUN_FIELDS, type RunSettings } from '../experiment/settings.js'
import type { Interval } from '../experiment/statistics.js'
import type { Conduct } from '../experiment/study/conduct.js'
import { keepData, requireKept } from '../experiment/study/data.js'
import { cellFolder, isDone, openStudy, readDone, sweepCell } from '../experiment/study/folder.js'
import { CONFIG_FIELDS, type Config } from '../ptncn/config.js'
import { wholeNumber, workerCount, type Given, type Options } from './arguments.js'
import { EXIT, interrupted, print, printJson, stopOnInterrupt } from './process.js'
import { optionNames, runOptions } from './run-options.js'
import { conductIn, keepingDiverged, secondsBetweenSaves, watching } from './training.js'

/** A study, its options given. */
export interface Study<Scores> {
  /** all that decides the scores but the seed; its field `finalSeeds` may grow */
  readonly description: Fields
  /** whose data are to stay the same */
  readonly tasks: readonly Task[]
  /** the name of the cell of a seed */
  readonly cell: (seed: number) => string
  /** the network */
  readonly config: Config
  /** trains and scores one seed into its cell; false where it was stopped before its end */
  readonly run: (seed: number, conduct: Conduct) => Promise<boolean>
  readonly scoresOf: (result: Fields) => Scores | undefined
  /** what else is said of the scores of a seed */
  readonly measures: (scores: Scores) => Fields
  /** what the seeds say together, for a program and for a person, with the names of the files that it leaves in the folder */
  readonly conclude: (seeds: readonly Scores[]) => Promise<Conclusion>
}

export interface Conclusion {
  readonly summary: Fields
  readonly table: readonly string[]
  readonly files: readonly string[]
}

/** How a study is run; no score depends on it. */
export interface Seeds {
  readonly folder: string
  readonly seeds: number
  readonly workers: 'auto' | number
  readonly json: boolean
  readonly saveSeconds: number
}

/** Those of `train`, but of its task and seed, which the study sets. */
const FIELDS = RUN_FIELDS.filter((name) => name !== 'task' && name !== 'seed')
const SEEDS = 5
const MOST_SEEDS = 1000

/** What such a study takes; `more` are its own. */
export const seedsOptions = (...more: readonly string[]): Options => optionNames([...FIELDS, 'seeds', ...more])

export const SEEDS_HELP = `  --seeds N        seeds 1 to N (${SEEDS})
  --out FOLDER     a new folder, or that of the same experiment, which then goes on where it was stopped or killed:
                   seeds that are done are kept, and more --seeds may be asked for
  --config FILE    options from a JSON file, such as the config.json of a run; its task and seed do not count
  --workers N, --save X, --json, --help

Every other option is one of ptncn train, with its name and default; see ptncn train --help:
  ${FIELDS.map((name) => `--${name}`).join(' ')}
  ${CONFIG_FIELDS.filter((field) => field !== 'output')
    .map((field) => `--${field}`)
    .join(' ')}
`

const withoutTask = ({ task: _, seed: __, ...options }: Fields): Fields => options

/** @throws UsageError, FileError */
export const trainOptions = async (given: Given): Promise<Fields> => withoutTask(await runOptions(given))

/** The options of a first training as a file keeps them, its task and seed left to the study. */
export const keptOptions = (settings: RunSettings, config: Config): Fields => withoutTask(effectiveOptions(settings, config))

/** @throws UsageError */
export const seedsOf = (given: Given, usual: string): Seeds => ({
  folder: given['out'] === undefined ? usual : String(given['out']),
  seeds: wholeNumber('seeds', given['seeds'] ?? SEEDS, 1, MOST_SEEDS),
  workers: workerCount(given['workers']),
  json: given['json'] === true,
  saveSeconds: secondsBetweenSaves(given),
})

/** The scores of a seed, from its cell or made now; nothing where that was stopped. */
const scoresOf = async <Scores>(
  study: Study<Scores>,
  { folder, seeds, json, saveSeconds }: Seeds,
  seed: number,
  stop: () => Promise<boolean>,
): Promise<Scores | undefined> => {
  const cell = study.cell(seed)
  if (!isDone(folder, cell)) {
    const diverged = keepingDiverged(cellFolder(folder, cell), study.config, `seed ${seed}: `)
    const conduct = conductIn(folder, cell, cell, {
      watch: ({ stage, ...training }) => {
        const label = `seed ${seed} of ${seeds}  ${stage ? `task ${stage.number} of ${stage.of}  ` : ''}`
        return watching(training, { saveSeconds, stop }, { json, label, about: { seed, ...(stage && { task: stage.task }) } })
      },
      diverged,
    })
    await sweepCell(folder, cell)
    if (!(await study.run(seed, conduct))) return undefined
  }
  return study.scoresOf(await readDone(folder, cell, (result) => study.scoresOf(result) !== undefined))!
}

const tell = ({ json }: Seeds, record: Fields, lines: readonly string[]): void =>
  void (json ? printJson(record) : print([...lines, ''].join('\n')))

/** All seeds, then what they say together. */
export const runSeeds = async <Scores>(study: Study<Scores>, how: Seeds): Promise<number> => {
  const { folder, seeds, json } = how
  for (const task of study.tasks) await requireKept(folder, task.name, task)
  await openStudy(folder, study.description, 'finalSeeds')
  for (const task of study.tasks) await keepData(folder, task.name, task)
  const stop = stopOnInterrupt()
  const all: Scores[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const scores = await scoresOf(study, how, seed, stop)
    if (scores === undefined) {
      tell(how, { type: 'stopped', folder, seeds: all.length }, [
        `stopped with ${all.length} of ${seeds} seeds done; the same command goes on`,
      ])
      return interrupted()
    }
    if (json) printJson({ type: 'seed', seed, scores, ...study.measures(scores) })
    all.push(scores)
  }
  const { summary, table, files } = await study.conclude(all)
  tell(how, { type: 'summary', folder, seeds, ...summary }, [...table, `${folder}: ${files.join(', ')}`])
  return EXIT.done
}

/** What the figures of a table are. */
export const over = ({ count }: Interval): string =>
  count === 1 ? 'one seed, so without intervals' : `mean and 95 % interval over ${count} seeds`

/** Rows of cells, each column as wide as its widest: labels to the left, figures to the right. */
export const aligned = (rows: readonly (readonly string[])[]): string[] => {
  const width = (column: number): number => Math.max(...rows.map((row) => (row[column] ?? '').length))
  return rows.map((row) =>
    `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(width(0)) : cell.padStart(width(i)))).join('   ')}`.trimEnd(),
  )
}
