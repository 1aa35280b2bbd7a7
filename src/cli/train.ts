/** `ptncn train`: from the beginning, or on from where a run stopped. */

import { join } from 'node:path'
import { mismatch, PtncnError } from '../errors.js'
import type { Task } from '../data/task.js'
import type { Divergence, Engine } from '../engine/engine.js'
import { parallelEngine } from '../engine/parallel.js'
import { hasResults, lastTrained, makeFolder, readConfig, saveCheckpoint, saveStanding, sweep, writeConfig } from '../experiment/run-folder.js'
import { finish, summary } from '../experiment/results.js'
import { DEFAULTS, networkOf, RUN_FIELDS, settingsOf, trainingOf, type RunSettings } from '../experiment/settings.js'
import { openTask, TASK_NAMES } from '../experiment/tasks.js'
import { batchesOf, train, type Standing, type Watch } from '../experiment/train.js'
import { progressOn } from '../io/terminal.js'
import { CONFIG_FIELDS, profiles } from '../ptncn/config.js'
import { asValue, numberWithin, parseArguments, workerCount, type Given } from './arguments.js'
import { EXIT, print, printJson, seconds, stopOnInterrupt } from './process.js'

const FRAMES = DEFAULTS['bouncing-mnist']

export const HELP = `ptncn train: trains a network online on a task, and leaves figures, pictures and the network in a folder.

  --task NAME      ${TASK_NAMES.join(', ')} (bouncing-mnist)
  --data PATH      a folder with the data set, or for text a file; without it: digits and glyphs that come along
  --sequences N    sequences to train on (${'sequences' in FRAMES.length ? FRAMES.length.sequences : ''}, for tasks that have no end)
  --epochs X       passes over the training data, may be a part of one (1, for tasks that have an end)
  --batch N        sequences that advance together (50; ptb-word 20)
  --batching NAME  random: batches as they come; length: sequences of about one length together, so that little is
                   padding, which is another protocol and is named beside every figure (random)
  --frames N       frames a sequence (20)
  --side N         side of a frame, 8 to 64 pixels (32)
  --length N       characters a piece of text (100)
  --units N,N,...  units of the hidden layers, from the lowest up (256,256; reber 32,32)
  --profile NAME   ${Object.keys(profiles).join(' or ')}: what the other fields of the configuration default to (released)
  --seed N         the same seed gives the same bits (1)
  --config FILE    options from a JSON file, such as the config.json of a run; those of the command line go before them
  --workers N      threads; auto takes as many as pay (auto); the bits are the same whatever their number
  --out FOLDER     a new folder for what comes out (runs/TASK-seed-SEED, numbered when it exists)
  --resume FOLDER  goes on with a run that was stopped or killed, to the bits of one that was not
  --save X         seconds between two checkpoints (60)
  --json           one JSON object a line on the standard output, for machines
  --help

Every other field of the configuration (SPEC.md, 2) is an option with its name. On frames the defaults are
  ${Object.entries(FRAMES.fields).map(([field, value]) => `--${field} ${value}`).join(' ')}
over the profile. The fields:
  ${CONFIG_FIELDS.filter((field) => field !== 'units' && field !== 'output').map((field) => `--${field}`).join(' ')}

Examples
  ptncn train
  ptncn train --task ptb-char --data ~/ptb --units 1000,1000 --batching length
  ptncn train --activation sign --seed 3 --out runs/sign-3
  ptncn train --profile paper --units 32,32,32 --optimizer adam --rate 0.001 --clip 0
  ptncn train --resume runs/sign-3
`

const OWN = ['workers', 'out', 'config', 'resume', 'save'] as const
const OPTIONS = {
  ...Object.fromEntries([...RUN_FIELDS, ...CONFIG_FIELDS, ...OWN].map((name) => [name, 'value' as const])),
  biases: 'flag', json: 'flag',
} as const

/** Where a run begins: its settings, its folder, and where it stood if it began before. */
interface Start {
  readonly settings: RunSettings
  readonly folder: string
  readonly from?: Standing
}

const ownOptions = (given: Given): Readonly<Record<string, unknown>> => {
  const chosen = Object.entries(given).filter(([name]) => name in OPTIONS && !['json', ...OWN].includes(name))
  return Object.fromEntries(chosen.map(([name, text]) => [name, valueOf(name, text)]))
}

/** A path stays as it was typed, even if it reads like a number. */
const valueOf = (name: string, text: unknown): unknown => {
  if (name === 'data') return text
  return name === 'units' ? String(text).split(',').map(asValue) : asValue(text)
}

const begin = async (given: Given): Promise<Start> => {
  const fromFile = given['config'] === undefined ? {} : await readConfig(String(given['config']))
  const own = ownOptions(given)
  // one of the two on the command line goes before the other in the file
  const { sequences, epochs, ...others } = fromFile
  const length = own['sequences'] === undefined && own['epochs'] === undefined ? { ...(sequences !== undefined && { sequences }), ...(epochs !== undefined && { epochs }) } : {}
  return { settings: settingsOf({ ...others, ...length, ...own }), folder: '' }
}

const resume = async (given: Given): Promise<Start> => {
  const folder = String(given['resume'])
  const other = Object.keys(given).find((name) => !['resume', 'workers', 'json', 'save'].includes(name))
  if (other !== undefined) throw mismatch('UsageError', `--${other}`, 'nothing beside --resume, as a run goes on with its own options', given[other])
  const trained = await lastTrained(folder).catch((error: unknown) => Promise.reject(error))
  if (trained && !trained.standing) {
    throw new PtncnError('FileError', `"${folder}" expected a checkpoint that says where its run stood, got one without; begin a new run`, folder)
  }
  const settings = trained?.settings ?? settingsOf(await readConfig(join(folder, 'config.json')))
  await sweep(folder)
  return { settings, folder, ...(trained?.standing && { from: trained.standing }) }
}

/** Seconds between two checkpoints. */
const SAVE_SECONDS = 60
/** Seconds of one call of the engine: long against copying the network, short for whoever presses Ctrl-C. */
const CALL_SECONDS = 2

const watching = (
  { settings, folder, from }: Start, task: Task, engine: Engine, json: boolean, saveSeconds: number,
): Watch & { readonly clear: () => void } => {
  const progress = progressOn(process.stderr, seconds)
  const batches = batchesOf(trainingOf(settings, task))
  const [started, before] = [seconds(), from?.batches ?? 0]
  let saved = started
  let [last, best] = [from?.curve.at(-1)?.validation, Math.min(Infinity, ...(from?.curve ?? []).map(({ validation }) => validation))]
  return {
    clear: progress.clear,
    now: seconds,
    callSeconds: Math.min(CALL_SECONDS, saveSeconds),
    stop: stopOnInterrupt(),
    onPoint: (point) => {
      last = point.validation
      best = Math.min(best, last)
      if (json) printJson({ type: 'point', ...point })
    },
    onCall: async (standing, train) => {
      const rate = ((standing.batches - before) / (seconds() - started)).toPrecision(3)
      progress.show(standing.batches - before, batches - before,
        `${train.toPrecision(4)} ${task.unit}  validation ${last?.toPrecision(4)}, best ${best.toPrecision(4)}  ${rate} batches/s`)
      if (seconds() - saved < saveSeconds) return
      await saveStanding(folder, settings, engine.config, standing)
      saved = seconds()
    },
  }
}

/** @throws UsageError where a sequence would end before the network learns */
const requireScored = ({ learnFrom }: Engine['config'], { side }: Task, { frames }: RunSettings): void => {
  if (side !== undefined && learnFrom >= frames) {
    throw mismatch('UsageError', '--learnFrom', `less than the ${frames} frames of a sequence`, learnFrom)
  }
}

export const runTrain = async (args: readonly string[]): Promise<number> => {
  const { given } = parseArguments('train', args, OPTIONS)
  if (given['help']) return print(HELP)
  const workers = workerCount(given['workers'])
  const saveSeconds = numberWithin('save', given['save'] ?? SAVE_SECONDS, 0, 1e6)
  const start = given['resume'] === undefined ? await begin(given) : await resume(given)
  const { settings } = start
  const task = openTask(settings)
  const config = networkOf(settings, task)
  requireScored(config, task, settings)
  const folder = start.folder || makeFolder(given['out'] as string | undefined, `runs/${settings.task}-seed-${settings.seed}`)
  if (start.folder === '') await writeConfig(folder, settings, config)
  else if (hasResults(folder) && start.from?.batches === batchesOf(trainingOf(settings, task))) return print(`${folder} is trained to its end already\n`)
  const engine = parallelEngine(config, { workers })
  const json = given['json'] === true
  const watch = watching({ ...start, folder }, task, engine, json, saveSeconds)
  const began = seconds()
  try {
    const standing = await train(task, trainingOf(settings, task), engine, watch, start.from)
    watch.clear()
    await saveStanding(folder, settings, config, standing)
    const done = await finish(folder, { settings, task, engine, standing, seconds: () => seconds() - began })
    if (json) printJson({ type: 'end', folder, ...done })
    else print(summary(folder, settings, task, config, done))
    return done.stopped ? EXIT.interrupted : EXIT.done
  } catch (error) {
    watch.clear()
    if (!(error instanceof PtncnError) || error.name !== 'DivergenceError') throw error
    const path = await saveCheckpoint(folder, { config, snapshot: (error.value as Divergence).snapshot })
    throw new PtncnError('DivergenceError', `${error.message} (in ${path})`, error.value)
  } finally {
    await engine.dispose()
  }
}
