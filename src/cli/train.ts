/** `ptncn train`: from the beginning, or on from where a run stopped. */

import { join } from 'node:path'
import { mismatch, PtncnError } from '../errors.js'
import type { Engine } from '../engine/engine.js'
import { parallelEngine } from '../engine/fast/parallel.js'
import { hasResults, lastTrained, makeFolder, readConfig, sweep, writeConfig } from '../experiment/run/folder.js'
import { requireSameData, type TrainedOn } from '../experiment/run/trained-on.js'
import { finish, summary } from '../experiment/run/summary.js'
import { DEFAULTS, networkOf, RUN_FIELDS, settingsOf, trainingOf, type RunSettings } from '../experiment/settings.js'
import { openTask, requireRead, TASK_NAMES } from '../experiment/tasks.js'
import { batchesOf, type Standing } from '../experiment/train.js'
import { CONFIG_FIELDS, profiles, type Config } from '../ptncn/config.js'
import { alone } from '../experiment/run/lock.js'
import { parseArguments, workerCount, type Given } from './arguments.js'
import { complain, EXIT, interrupted, print, printJson, seconds, stopOnInterrupt } from './process.js'
import { optionNames, runOptions } from './run-options.js'
import type { Task, Unit } from '../data/task.js'
import { requireScored, runTraining, secondsBetweenSaves } from './training.js'

/** What each task is, what --data names, and what it is scored in. */
const ABOUT: Readonly<Record<(typeof TASK_NAMES)[number], readonly [what: string, data: string, unit: Unit]>> = {
  'bouncing-mnist': ['two digits bounce in a frame', 'a folder with MNIST or its kin', 'nats a frame'],
  'bouncing-notmnist': ['letters A-J on the same paths', 'a folder with notMNIST', 'nats a frame'],
  'bouncing-mnist-permuted': ['the digits, all pixels in another order', 'a folder with MNIST', 'nats a frame'],
  'ptb-char': ["characters, the authors' protocol", 'a folder with ptb.train.txt ...', 'bits a symbol'],
  'ptb-word': ['10,000 words, each line by itself', 'the same', 'perplexity'],
  reber: ['strings of the embedded Reber grammar', '', 'bits a symbol'],
  text: ['characters of a text in UTF-8', 'the file', 'bits a symbol'],
  series: ['numbers, one step a line', 'the file: CSV, or JSON Lines', 'half squared error a step'],
  frames: ['films, predicted frame by frame', 'PNG pictures, NPY or IDX', 'nats a frame'],
}

/** What tasks set where nobody says otherwise: that of the first, and those of others that differ from it. */
const usually = (of: (task: (typeof TASK_NAMES)[number]) => string): string => {
  const [first, ...others] = [...new Set(TASK_NAMES.map(of))].filter((value) => value !== '')
  const ofTasks = (value: string): string => TASK_NAMES.filter((task) => of(task) === value).join(' and ')
  return [first!, ...others.map((value) => `${ofTasks(value)} ${value}`)].join('; ')
}

const lengthText = (kind: 'sequences' | 'epochs') =>
  usually((task) => String((DEFAULTS[task].length as Readonly<Record<string, number>>)[kind] ?? ''))

const TASKS = TASK_NAMES.map((name) => {
  const [what, data, unit] = ABOUT[name]
  return `  ${name.padEnd(24)} ${what.padEnd(40)} ${data.padEnd(32)} ${unit}`
}).join('\n')

/** What tasks set besides. */
const ownFields = TASK_NAMES.flatMap((task) => {
  const options = Object.entries(DEFAULTS[task].fields ?? {}).map(([name, value]) => `--${name} ${value}`)
  return options.length === 0 ? [] : [`${task} ${options.join(' ')}`]
}).join(`,
                   of `)

const HELP = `ptncn train: trains a network online on a task, and leaves figures, pictures and the network in a folder.

  --task NAME      one of those below (bouncing-mnist)
  --data PATH      a folder with the data set, for text and series a file, for frames either; without it: digits and
                   glyphs that come along
  --sequences N    sequences to train on, of tasks that have no end (${lengthText('sequences')})
  --epochs X       passes over the training data, may be a part of one, of tasks that have an end (${lengthText('epochs')}; of a short
                   text so many that it is 6,000 pieces)
  --batch N        sequences that advance together (${usually((task) => String(DEFAULTS[task].batch))})
  --batching NAME  random: batches as they come; length: sequences of about one length together, so that little is
                   padding, which is another protocol and is named beside every figure (random)
  --frames N       frames a sequence, or a piece of a film (20)
  --side N         side of a frame of bouncing images, 8 to 64 pixels (32)
  --length N       characters a piece of text, lines a piece of a series (100)
  --units N,N,...  units of the hidden layers, from the lowest up
                   (${usually((task) => DEFAULTS[task].units.join())})
  --profile NAME   ${Object.keys(profiles).join(', ')}: what the other fields of the configuration default to (online,
                   with the weightScale that suits the units, of ${ownFields};
                   a profile that is named is taken as it is)
  --seed N         the same seed gives the same bits (1)
  --config FILE    options from a JSON file, such as the config.json of a run; those of the command line go before them
  --workers N      threads; auto takes as many as pay (auto); the bits are the same whatever their number
  --out FOLDER     a new folder for what comes out (runs/TASK-seed-SEED, numbered when it exists)
  --resume FOLDER  goes on with a run that was stopped or killed, to the bits of one that was not; --data where its data are now
  --save X         seconds between two checkpoints (60)
  --json           one JSON object a line on the standard output, for machines
  --help

Every other field of the configuration (SPEC.md, [cf-fields]) is an option with its name. The fields:
  ${CONFIG_FIELDS.filter((field) => field !== 'units' && field !== 'output')
    .map((field) => `--${field}`)
    .join(' ')}

Tasks, their data, and the unit of their scores
${TASKS}
Beside every score stand those that need no learning, on the same data, and the floor where it is known. Files may be plain
or gzip. At random 57 % of a pass over the Penn Treebank by characters is padding, by length 0.2 %. Nothing is sampled of
the 10,000 words. Errors of a series are in deviations of its training part: squared, summed over the columns, and halved. A
folder of PNG pictures in the order of their numbers is one film, a folder of such folders several; an array is films x
frames x rows x columns, or one film. Of a series, of a text, and of few films, the last twentieth is the test, the
twentieth before it the validation. FashionMNIST, KMNIST and EMNIST are folders with MNIST's kin.

Examples
  ptncn train
  ptncn train --task ptb-char --data ~/ptb --units 1000,1000 --batching length
  ptncn train --activation sign --seed 3 --out runs/sign-3
  ptncn train --task series --data temperatures.csv --length 50
  ptncn train --task frames --data films --frames 10 --sequences 2000
  ptncn train --profile paper --units 32,32,32 --optimizer adam --rate 0.001 --clip 0
  ptncn train --resume runs/sign-3
`

const OPTIONS = optionNames([...RUN_FIELDS, 'resume'])

/** Where a run begins: its settings, its folder, and where it stood if it began before. */
interface Start {
  readonly settings: RunSettings
  readonly folder: string
  readonly from?: Standing
  /** what it was trained on before */
  readonly data?: TrainedOn
}

const begin = async (given: Given): Promise<RunSettings> => {
  const settings = settingsOf(await runOptions(given))
  requireRead(settings.task, given)
  return settings
}

const resume = async (given: Given): Promise<Start> => {
  const folder = String(given['resume'])
  const other = Object.keys(given).find((name) => !['resume', 'data', 'workers', 'json', 'save'].includes(name))
  if (other !== undefined)
    throw mismatch('UsageError', `--${other}`, 'nothing beside --resume, as a run goes on with its own options', given[other])
  const trained = await lastTrained(folder)
  if (trained && !trained.standing) {
    throw new PtncnError(
      'FileError',
      `"${folder}" expected a checkpoint that says where its run stood, got one without; begin a new run`,
      folder,
    )
  }
  const settings = trained?.settings ?? settingsOf(await readConfig(join(folder, 'config.json')))
  await sweep(folder)
  return {
    // the same data may be elsewhere by now
    settings: { ...settings, ...(given['data'] !== undefined && { data: String(given['data']) }) },
    folder,
    ...(trained?.standing && { from: trained.standing }),
    ...(trained?.data && { data: trained.data }),
  }
}

export const runTrain = async (args: readonly string[]): Promise<number> => {
  const { given } = parseArguments('train', args, OPTIONS)
  if (given['help']) return print(HELP)
  const manner = { saveSeconds: secondsBetweenSaves(given), workers: workerCount(given['workers']), json: given['json'] === true }
  if (given['resume'] !== undefined) return alone(String(given['resume']), async () => goOn(await resume(given), manner))
  const settings = await begin(given)
  const task = openTask(settings)
  const config = networkOf(settings, task)
  requireScored(config, task, settings)
  // a network for which there is no room leaves no folder
  const engine = engineOf(config, manner)
  const usual = `runs/${settings.task}-seed-${settings.seed}`
  const folder = makeFolder(given['out'] as string | undefined, usual, 'give another --out, or go on with --resume')
  return alone(folder, async () => {
    await writeConfig(folder, settings, config)
    return runIn({ settings, folder }, task, engine, manner)
  })
}

interface Wanted {
  readonly saveSeconds: number
  readonly workers: 'auto' | number
  readonly json: boolean
}

const goOn = async (start: Start, wanted: Wanted): Promise<number> => {
  const { settings, folder, data, from } = start
  const task = openTask(settings)
  if (data) requireSameData(data, task)
  const config = networkOf(settings, task)
  if (hasResults(folder) && from?.batches === batchesOf(trainingOf(settings, task)))
    return print(`${folder} is trained to its end already\n`)
  return runIn(start, task, engineOf(config, wanted), wanted)
}

const engineOf = (config: Config, { workers }: Wanted): Engine => parallelEngine(config, { workers, onSlow: complain })

const runIn = async (start: Start, task: Task, engine: Engine, { saveSeconds, json }: Wanted): Promise<number> => {
  const { settings, folder } = start
  const began = seconds()
  try {
    const standing = await runTraining({ ...start, task, engine }, { saveSeconds, stop: stopOnInterrupt() }, { json })
    const done = await finish(folder, { settings, task, engine, standing, seconds: () => seconds() - began })
    if (json) printJson({ type: 'end', folder, ...done })
    else print(summary(folder, settings, task, engine.config, done))
    return done.stopped ? interrupted() : EXIT.done
  } finally {
    await engine.dispose()
  }
}
