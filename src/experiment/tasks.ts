/** The tasks by their names: with data that come with the package or are made, or with the user's own. */

import { mismatch } from '../errors.js'
import {
  field,
  oneOf,
  optional,
  requireField,
  requireFields,
  whole,
  wholeFrom,
  record,
  type Field,
  type Fields,
} from '../fields.js'
import type { Batching } from '../data/batches.js'
import { sequenceCount } from '../data/corpus.js'
import { bouncingTask } from '../data/bouncing-task.js'
import { embeddedDigits, type GreyImages } from '../data/digits.js'
import { embeddedGlyphs } from '../data/glyphs.js'
import { filmTask } from '../data/film-task.js'
import { reberTask } from '../data/grammar-task.js'
import { knownAs } from '../data/known.js'
import { permutedTask } from '../data/permuted.js'
import { seriesTask } from '../data/series-task.js'
import { symbolTask } from '../data/symbol-task.js'
import { guarded, SCALING, SYMBOLS, type DataFile, type Task } from '../data/task.js'
import { RARE, type CharacterText } from '../data/text.js'
import { oneLine } from '../io/files.js'
import {
  mnistIn,
  notMnistIn,
  textIn,
  treebankCharactersIn,
  treebankWordsIn,
  type Loaded,
  type LoadedSymbols,
  type Parts,
} from './datasets.js'
import { kinIn } from './kin.js'
import { filmsIn, seriesIn } from './own-data.js'

/** The names of all tasks. */
export const TASK_NAMES = [
  'bouncing-mnist',
  'bouncing-notmnist',
  'bouncing-mnist-permuted',
  'ptb-char',
  'ptb-word',
  'reber',
  'text',
  'series',
  'frames',
] as const
/** The name of a task. */
export type TaskName = (typeof TASK_NAMES)[number]

/** What a task is made of. `settingsOf` has the defaults. */
export interface TaskOptions {
  /** which one */
  readonly task: TaskName
  /** the user's folder, or for `text`, `series` and `frames` file */
  readonly data?: string
  /** of a frame of bouncing images, in pixels */
  readonly side: number
  /** of a sequence, or of a piece of `frames` */
  readonly frames: number
  /** rows of a batch */
  readonly batch: number
  /** whether sequences of unequal length are batched at `random`, or those of about one `length` together */
  readonly batching: Batching
  /** characters of a piece of `text`, lines of one of a `series` */
  readonly length: number
  /** lines or pieces of each held part of a corpus that are scored; all where nothing is said */
  readonly scored?: number
}

/** What each option of a task may be. */
export const TASK_KINDS = {
  task: oneOf<TaskName>(...TASK_NAMES),
  data: optional(field<string>('a path', (value) => typeof value === 'string' && value !== '')),
  side: whole(8, 64),
  frames: whole(2, 1000),
  batch: whole(1, 10_000),
  batching: oneOf<Batching>('random', 'length'),
  length: whole(2, 100_000),
  scored: optional(wholeFrom(1)),
}

/** What a network knows of its inputs. */
type Known = Pick<Task, 'symbols' | 'scaling'>
const KNOWN = { symbols: SYMBOLS, scaling: optional(SCALING) }

const FRAMES = ['data', 'side', 'frames', 'batch']
const LINES = ['data', 'batch', 'batching', 'scored']

/** The options that each task reads; the others say nothing about it. */
const READS: Readonly<Record<TaskName, readonly string[]>> = {
  'bouncing-mnist': FRAMES,
  'bouncing-notmnist': FRAMES,
  'bouncing-mnist-permuted': FRAMES,
  'ptb-char': LINES,
  'ptb-word': LINES,
  reber: ['batch', 'batching'],
  text: [...LINES, 'length'],
  series: [...LINES, 'length'],
  frames: [...LINES, 'frames'],
}

/** Said to every task, or by a grid alone. */
const NO_OPTIONS = ['task', 'scored']

/** Whether an option says something about a task; those that are of no task at all say something about each. */
export const reads = (task: TaskName, option: string): boolean =>
  option === 'task' || !Object.hasOwn(TASK_KINDS, option) || READS[task].includes(option)

/** @throws UsageError that names the first option which none of the tasks reads */
export const requireRead = (tasks: TaskName | readonly TaskName[], options: Fields): void => {
  const all = [tasks].flat() as readonly TaskName[]
  const idle = Object.keys(options).find((option) => !all.some((task) => reads(task, option)))
  if (idle === undefined) return
  const read = Object.keys(TASK_KINDS).filter((option) => !NO_OPTIONS.includes(option) && all.some((task) => reads(task, option)))
  const expected = `nothing, as ${all.join(', ')} does not read it`
  throw mismatch('UsageError', `--${idle}`, expected, options[idle], `it reads ${read.map((option) => `--${option}`).join(', ')}`)
}

/**
 * A task, its data read or made. A network that was trained before knows `symbols` or a `scaling`: text is read as the
 * ones, and a series as by the other, in place of their own.
 * @throws UsageError where an option is missing, does not go with the task, or data are not named; FileError where these
 * are not what they should be
 */
export const openTask = (options: TaskOptions, known: Known = {}): Task => {
  const given: Fields = requireField('UsageError', 'options', options, record)
  for (const [name, kind] of Object.entries<Field<unknown>>(TASK_KINDS))
    requireField('UsageError', `--${name}`, given[name], kind)
  if (options.batching !== 'random' && !isCorpusTask(options.task)) {
    const expected = `random, for the sequences of ${options.task} are made as they are needed`
    throw mismatch('UsageError', '--batching', expected, options.batching)
  }
  requireFields('UsageError', 'known', known, KNOWN)
  return guarded(OPEN[options.task](options, known))
}

/** Of data that only the user has, and that have an end. */
export const isCorpusTask = (task: TaskName): boolean => isOwnTask(task) || task.startsWith('ptb-')

/** Of a file or folder of whatever the user likes: figures on two of them have nothing to do with each other. */
export const isOwnTask = (task: TaskName): boolean => ['text', 'series', 'frames'].includes(task)

/** What only the user has. */
const requireData = (data: string | undefined, what: string): string => {
  if (data === undefined) throw mismatch('UsageError', '--data', what, 'nothing', 'ptncn comes without it')
  return data
}

const TREEBANK = 'a folder with the Penn Treebank: ptb.train.txt, ptb.valid.txt and ptb.test.txt'

const FILMS = 'a folder of PNG pictures, or of folders of them, or an array of frames in NPY or IDX'
const SERIES = 'a file of numbers, a step a line: CSV, or JSON Lines'

/** Of few images none is held out: the sequences for validation show those of the training, on paths of their own. */
const embeddedParts = ({ training, test }: { readonly training: GreyImages; readonly test: GreyImages }): Parts<GreyImages> => ({
  training,
  held: { validation: training, test },
})

const HELD = '(validation: those of the training)'

/** What a corpus is trained and scored by. */
const settingsOf = ({ batch, batching, scored }: TaskOptions) => ({ rows: batch, batching, ...(scored && { scored }) })

/** Images that bounce, and what they are for people. */
type Bouncing = Parts<GreyImages> & { readonly title: string; readonly files?: readonly DataFile[] }

const ownDigits = (): Bouncing => ({
  title: `Bouncing digits that come with the package ${HELD}`,
  ...embeddedParts(embeddedDigits()),
})

const ownGlyphs = (): Bouncing => ({
  title: `Bouncing glyphs A-J that come with the package ${HELD}`,
  ...embeddedParts(embeddedGlyphs()),
})

/** MNIST, or what has its form. */
const digitsIn = (data: string): Bouncing => {
  const kin = kinIn(data)
  if (kin) return { ...kin, title: `Bouncing ${kin.title}` }
  const images = mnistIn(data)
  return { ...images, title: imagesTitle('MNIST', 'bouncing-notmnist', data, images) }
}

const lettersIn = (data: string): Bouncing => {
  const images = notMnistIn(data)
  return { ...images, title: imagesTitle('notMNIST', 'bouncing-mnist', data, images) }
}

/** What the images are: by what is in the files, for a name of a folder can say anything. */
const imagesTitle = (expected: string, other: TaskName, data: string, images: Loaded<GreyImages>): string => {
  const { files, training, held } = images
  const known = knownAs(files)
  if (known === expected) return `Bouncing ${expected}`
  if (known !== undefined) {
    const wanted = `${expected}, or images that are no known data set`
    throw mismatch('FileError', oneLine(data), wanted, known, `give --task ${other}`)
  }
  return `Bouncing images of ${oneLine(data)} (${training.count + held.validation.count} to train, ${held.test.count} to test)`
}

/** A text that is the Penn Treebank's to the byte, or one that is only laid out like it. */
const treebankTitle = (data: string, { files, training }: LoadedSymbols): string =>
  knownAs(files) === 'Penn Treebank'
    ? 'Penn Treebank'
    : `Text of ${oneLine(data)} (${sequenceCount(training)} lines), as the Penn Treebank,`

const rareTitle = (rare: CharacterText['rare']): string =>
  rare === undefined ? '' : `, ${rare.count} characters of ${rare.kinds} rare kinds read as ${RARE}`

const OPEN: Readonly<Record<TaskName, (options: TaskOptions, known: Known) => Task>> = {
  'bouncing-mnist': ({ data, side, frames, batch }) =>
    bouncingTask({ name: 'bouncing-mnist', ...(data === undefined ? ownDigits() : digitsIn(data)), side, frames, rows: batch }),
  'bouncing-notmnist': ({ data, side, frames, batch }) =>
    bouncingTask({
      name: 'bouncing-notmnist',
      ...(data === undefined ? ownGlyphs() : lettersIn(data)),
      side,
      frames,
      rows: batch,
    }),
  'bouncing-mnist-permuted': (options) => {
    const digits = OPEN['bouncing-mnist'](options, {})
    return permutedTask(digits, { name: 'bouncing-mnist-permuted', title: `${digits.title}, pixels in another order` })
  },
  'ptb-char': (options) => {
    const data = requireData(options.data, TREEBANK)
    const text = treebankCharactersIn(data)
    return symbolTask({
      name: 'ptb-char',
      unit: 'bits a symbol',
      ...settingsOf(options),
      ...text,
      title: `${treebankTitle(data, text)} by characters, the P-TNCN authors' protocol: a line a sequence, its first character not scored`,
    })
  },
  'ptb-word': (options, { symbols }) => {
    const data = requireData(options.data, TREEBANK)
    const text = treebankWordsIn(data, symbols)
    return symbolTask({
      name: 'ptb-word',
      unit: 'perplexity',
      ...settingsOf(options),
      ...text,
      title: `${treebankTitle(data, text)} by words, a line a sequence: every word and <eos> scored, nothing carried from line to line`,
    })
  },
  reber: ({ batch }) => reberTask(batch),
  text: (options, { symbols }) => {
    const { rare, ...text } = textIn(requireData(options.data, 'a text file in UTF-8, any'), options.length, symbols)
    return symbolTask({
      name: 'text',
      unit: 'bits a symbol',
      ...settingsOf(options),
      ...text,
      title: `Characters of a text, 90 % to train, then 5 % to validate, then 5 % to test, in pieces of ${options.length}, the first of each not scored${rareTitle(rare)}`,
    })
  },
  series: ({ data, length, ...options }, { scaling }) =>
    seriesTask({ ...settingsOf({ ...options, length }), length, ...seriesIn(requireData(data, SERIES), length, scaling) }),
  frames: ({ data, frames, ...options }) => {
    const path = requireData(data, FILMS)
    return filmTask({ ...settingsOf({ ...options, frames }), frames, ...filmsIn(path), path: oneLine(path) })
  },
}
