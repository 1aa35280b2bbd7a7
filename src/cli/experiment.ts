/** An experiment over several seeds: each is written as it comes, and not made again. */

import { mkdirSync } from 'node:fs'
import { PtncnError } from '../errors.js'
import type { Task } from '../data/task.js'
import type { Engine } from '../engine/engine.js'
import { openExperiment, readSeed, SUMMARY, writeSeed, writeSummary } from '../experiment/experiment-folder.js'
import type { Interval } from '../experiment/statistics.js'
import { effectiveOptions, lastTrained, sweep } from '../experiment/run/folder.js'
import { RUN_FIELDS, trainingOf, type RunSettings } from '../experiment/settings.js'
import { batchesOf, type Standing } from '../experiment/train.js'
import { CONFIG_FIELDS, type Config } from '../ptncn/config.js'
import { wholeNumber, workerCount, type Given, type Options } from './arguments.js'
import { EXIT, print, printJson, stopOnInterrupt } from './process.js'
import { optionNames, runOptions } from './run-options.js'
import { runTraining, secondsBetweenSaves, type Manner, type Training } from './training.js'

type Fields = Readonly<Record<string, unknown>>

/** An experiment, its options given. */
export interface Experiment<Scores, Summary> {
  readonly name: string
  /** all that decides the scores but the seed */
  readonly options: Fields
  /** the scores of one seed, or nothing where it was stopped before its end */
  readonly run: (seed: number, manner: Manner) => Promise<Scores | undefined>
  /** what a file of a seed says @throws FileError */
  readonly read: (file: string, record: Fields) => Scores
  /** what else a file of a seed says, to be read and not read back */
  readonly measures: (scores: Scores) => Fields
  readonly summary: (seeds: readonly Scores[]) => Summary
  /** what the scores are read against; made once all seeds are done */
  readonly marks: () => Fields
  /** for a person */
  readonly table: (summary: Summary, marks: Fields) => readonly string[]
}

/** How an experiment is run; no score depends on it. */
export interface Conduct {
  readonly folder: string
  readonly seeds: number
  readonly workers: 'auto' | number
  readonly json: boolean
  readonly saveSeconds: number
}

/** Those of `train`, but of its task and seed, which the experiment sets. */
const FIELDS = RUN_FIELDS.filter((name) => name !== 'task' && name !== 'seed')
const SEEDS = 5
const MOST_SEEDS = 1000

/** What an experiment takes; `more` are its own. */
export const experimentOptions = (...more: readonly string[]): Options => optionNames([...FIELDS, 'seeds', ...more])

export const EXPERIMENT_HELP = `  --seeds N        seeds 1 to N (${SEEDS})
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

/** @throws UsageError, FileError */
export const trainOptions = async (given: Given): Promise<Fields> => {
  const { task: _, seed: __, ...options } = await runOptions(given)
  return options
}

/** @throws UsageError */
export const conductOf = (given: Given, usual: string): Conduct => ({
  folder: given['out'] === undefined ? usual : String(given['out']),
  seeds: wholeNumber('seeds', given['seeds'] ?? SEEDS, 1, MOST_SEEDS),
  workers: workerCount(given['workers']),
  json: given['json'] === true,
  saveSeconds: secondsBetweenSaves(given),
})

/** The options of a first training as a file keeps them, its task and seed left to the experiment. */
export const keptOptions = (settings: RunSettings, config: Config): Fields => {
  const { task: _, seed: __, ...options } = effectiveOptions(settings, config)
  return options
}

/** A training in a folder where it may have been begun before; nothing where it was stopped before its end. */
export const trainOn = async (training: Training, manner: Manner): Promise<Standing | undefined> => {
  const { folder, settings, task, from } = training
  mkdirSync(folder, { recursive: true })
  await sweep(folder)
  const before = (await lastTrained(folder))?.standing ?? from
  const standing = await runTraining({ ...training, ...(before && { from: before }) }, manner)
  return standing.batches < batchesOf(trainingOf(settings, task)) ? undefined : standing
}

/** The scores of a seed, from its file or made now. */
const scoresOf = async <Scores, Summary>(
  experiment: Experiment<Scores, Summary>,
  { folder }: Conduct,
  seed: number,
  manner: Manner,
): Promise<Scores | undefined> => {
  const done = await readSeed(folder, experiment.name, seed)
  if (done) return experiment.read(`seed-${seed}.json`, done)
  const scores = await experiment.run(seed, manner).catch(namingSeed(seed))
  if (scores !== undefined) await writeSeed(folder, experiment.name, seed, { scores, ...experiment.measures(scores) })
  return scores
}

const namingSeed =
  (seed: number) =>
  (error: unknown): never => {
    if (!(error instanceof PtncnError) || error.name !== 'DivergenceError') throw error
    throw new PtncnError(error.name, `seed ${seed}: ${error.message}`, error.value)
  }

const tell = ({ json }: Conduct, record: Fields, lines: readonly string[]): void =>
  void (json ? printJson(record) : print([...lines, ''].join('\n')))

/** All seeds, then what they say together. Engines are the caller's, and disposed of in any case. */
export const runExperiment = async <Scores, Summary extends object>(
  experiment: Experiment<Scores, Summary>,
  conduct: Conduct,
  engines: readonly Engine[],
): Promise<number> => {
  const { folder, seeds, json, saveSeconds } = conduct
  try {
    await openExperiment(folder, experiment.name, experiment.options)
    const stop = stopOnInterrupt()
    const all: Scores[] = []
    for (let seed = 1; seed <= seeds; seed++) {
      const scores = await scoresOf(experiment, conduct, seed, {
        json,
        saveSeconds,
        stop,
        label: `seed ${seed} of ${seeds}  `,
        about: { seed },
      })
      if (scores === undefined) {
        tell(conduct, { type: 'stopped', folder, seeds: all.length }, [
          `stopped with ${all.length} of ${seeds} seeds done; the same command goes on`,
        ])
        return EXIT.interrupted
      }
      if (json) printJson({ type: 'seed', seed, scores, ...experiment.measures(scores) })
      all.push(scores)
    }
    const [summary, marks] = [experiment.summary(all), experiment.marks()]
    await writeSummary(folder, experiment.name, seeds, { ...summary, marks })
    tell(conduct, { type: 'summary', folder, seeds, ...summary, marks }, [
      ...experiment.table(summary, marks),
      `${folder}: ${SUMMARY}`,
    ])
    return EXIT.done
  } finally {
    await Promise.all(engines.map((engine) => engine.dispose()))
  }
}

/** `105.31 ± 0.42`; without the half where one seed gave none. */
export const intervalText = (unit: Task['unit'], { mean, half }: Interval): string => {
  const text = (value: number): string => value.toFixed(unit === 'bits a symbol' ? 4 : 2)
  return half === undefined ? text(mean) : `${text(mean)} ± ${text(half)}`
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
