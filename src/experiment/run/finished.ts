/** Runs that have ended, read back from their folders; these may be a stranger's, so nothing in them is believed unchecked. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PtncnError } from '../../errors.js'
import {
  count,
  exactly,
  flag,
  number,
  oneOf,
  record,
  requireField,
  requireItems,
  text,
  type Field,
  type Fields,
} from '../../fields.js'
import { UNITS, type Mark, type Unit } from '../../data/task.js'
import { readRegular } from '../../io/archive.js'
import { oneLine } from '../../io/files.js'
import type { Picture } from '../../io/html.js'
import { pngSize } from '../../io/png.js'
import type { Config } from '../../ptncn/config.js'
import type { Done } from './summary.js'
import { readResults, RESULTS_FORMAT } from './folder.js'
import { networkOf, settingsOf, type RunSettings } from '../settings.js'
import type { CurvePoint } from '../train.js'

export interface Finished extends Omit<Done, 'weights'> {
  readonly unit: Unit
  readonly title: string
  /** of the specification that it ran by */
  readonly spec: string
  readonly settings: RunSettings
  /** but for n_0 and the output, which the task decides and the results do not say */
  readonly config: Config
  readonly weights?: number
  readonly seconds: number
  readonly processor: string
  readonly film?: Picture
}

export const LONGEST_TEXT = 1000
/** Far above what runs leave, and far below what a chart cannot take. */
export const MOST_POINTS = 10_000
export const MOST_MARKS = 20
const MOST_SCORE = 1e12
/** A film of a thousand frames has some 2^24 pixels. */
const MOST_PIXELS = 2 ** 25
const MOST_FILM = 2 ** 24

/** Scores are losses, or perplexities: none is negative. */
export const SCORE = number(0, MOST_SCORE)

export const take = <Value>(what: string, value: unknown, field: Field<Value>): Value =>
  requireField('FileError', what, value, field)

export const markOf = (what: string, value: unknown): Mark => {
  const mark = take(what, value, record)
  return { label: take(`${what}.label`, mark['label'], text(LONGEST_TEXT)), value: take(`${what}.value`, mark['value'], SCORE) }
}

export const pointOf = (what: string, value: unknown): CurvePoint => {
  const { sequences, train, validation } = take(what, value, record)
  return {
    sequences: take(`${what}.sequences`, sequences, count),
    ...(train !== undefined && { train: take(`${what}.train`, train, SCORE) }),
    validation: take(`${what}.validation`, validation, SCORE),
  }
}

/** Complaints of options name no file by themselves. */
export const networkIn = (what: string, value: unknown): { readonly settings: RunSettings; readonly config: Config } => {
  const options = take(what, value, record)
  try {
    const settings = settingsOf(options)
    return { settings, config: networkOf(settings, { inputs: 1, output: 'sigmoid' }) }
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    throw new PtncnError('FileError', `"${what}" expected the options of a run: ${error.message}`, error.value)
  }
}

/** What a results.json says. @throws FileError that names the field */
export const finishedOf = (file: string, results: Fields): Finished => {
  const own = <Value>(name: string, field: Field<Value>): Value => take(`${file}: ${name}`, results[name], field)
  const ofMachine = <Value>(name: string, field: Field<Value>): Value =>
    take(`${file}: machine.${name}`, own('machine', record)[name], field)
  const items = <Item>(name: string, most: number, item: (what: string, value: unknown) => Item): readonly Item[] =>
    requireItems('FileError', `${file}: ${name}`, results[name], most, item)
  own('format', exactly(RESULTS_FORMAT))
  const network = networkIn(`${file}: options`, results['options'])
  own('task', exactly(network.settings.task))
  return {
    ...network,
    spec: own('spec', text(LONGEST_TEXT)),
    title: own('title', text(LONGEST_TEXT)),
    unit: own('unit', oneOf<Unit>(...UNITS)),
    sequences: own('sequences', count),
    validation: own('validation', SCORE),
    test: own('test', SCORE),
    marks: items('marks', MOST_MARKS, markOf),
    curve: items('curve', MOST_POINTS, pointOf),
    ...(results['weights'] !== undefined && { weights: own('weights', count) }),
    ...(results['padding'] !== undefined && { padding: own('padding', number(0, 1)) }),
    stopped: own('stopped', flag),
    seconds: ofMachine('seconds', number(0, 1e12)),
    processor: ofMachine('processor', text(LONGEST_TEXT)),
  }
}

/** The run of a folder, with its film strip if it left one. @throws FileError */
export const readFinished = async (folder: string): Promise<Finished> => {
  const finished = finishedOf(oneLine(join(folder, 'results.json')), await readResults(folder))
  const path = join(folder, 'film.png')
  return existsSync(path) ? { ...finished, film: filmIn(path) } : finished
}

const filmIn = (path: string): Picture => {
  const png = readRegular(path, MOST_FILM)
  const size = pngSize(png)
  if (size && size.width * size.height <= MOST_PIXELS) return { png, ...size }
  const got = size ? `one of ${size.width} x ${size.height}` : 'something else'
  throw new PtncnError(
    'FileError',
    `"${oneLine(path)}" expected a PNG picture of at most ${MOST_PIXELS} pixels, got ${got}; remove it to report without it`,
    path,
  )
}
