/** Runs that have ended, read back from their folders; these may be a stranger's, so nothing in them is believed unchecked. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mismatch, PtncnError } from '../../errors.js'
import type { Mark, Unit } from '../../data/task.js'
import { readRegular } from '../../io/archive.js'
import { oneLine } from '../../io/files.js'
import type { Picture } from '../../io/html.js'
import { requireRecord } from '../../io/json.js'
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

const UNITS: readonly Unit[] = ['nats a frame', 'bits a symbol', 'perplexity']
const LONGEST_TEXT = 1000
/** Far above what runs leave, and far below what a chart cannot take. */
const MOST_POINTS = 10_000
const MOST_MARKS = 20
const MOST_SCORE = 1e12
/** A film of a thousand frames has some 2^24 pixels. */
const MOST_PIXELS = 2 ** 25
const MOST_FILM = 2 ** 24

const text = (what: string, value: unknown): string => {
  if (typeof value === 'string' && value.length <= LONGEST_TEXT) return value
  throw mismatch('FileError', what, `text of at most ${LONGEST_TEXT} characters`, value)
}

const number = (what: string, value: unknown, most: number): number => {
  if (typeof value === 'number' && value >= 0 && value <= most) return value
  throw mismatch('FileError', what, `a number from 0 to ${most}`, value)
}

const count = (what: string, value: unknown): number => {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw mismatch('FileError', what, 'a whole number', value)
}

const flag = (what: string, value: unknown): boolean => {
  if (typeof value === 'boolean') return value
  throw mismatch('FileError', what, 'true or false', value)
}

const oneOf = <Name extends string>(what: string, value: unknown, names: readonly Name[]): Name => {
  if (names.includes(value as Name)) return value as Name
  throw mismatch('FileError', what, names.length === 1 ? names[0]! : `one of ${names.join(', ')}`, value)
}

const list = <Item>(
  what: string,
  value: unknown,
  most: number,
  item: (what: string, value: unknown) => Item,
): readonly Item[] => {
  if (Array.isArray(value) && value.length <= most) return value.map((one, i) => item(`${what}[${i}]`, one))
  throw mismatch('FileError', what, `a list of at most ${most}`, value)
}

/** Scores are losses, or perplexities: none is negative. */
const score = (what: string, value: unknown): number => number(what, value, MOST_SCORE)

const markOf = (what: string, value: unknown): Mark => {
  const mark = requireRecord(what, value)
  return { label: text(`${what}.label`, mark['label']), value: score(`${what}.value`, mark['value']) }
}

const pointOf = (what: string, value: unknown): CurvePoint => {
  const { sequences, train, validation } = requireRecord(what, value)
  return {
    sequences: count(`${what}.sequences`, sequences),
    ...(train !== undefined && { train: score(`${what}.train`, train) }),
    validation: score(`${what}.validation`, validation),
  }
}

/** Complaints of options name no file by themselves. */
const networkIn = (what: string, value: unknown): { readonly settings: RunSettings; readonly config: Config } => {
  const options = requireRecord(what, value)
  try {
    const settings = settingsOf(options)
    return { settings, config: networkOf(settings, { inputs: 1, output: 'sigmoid' }) }
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    throw new PtncnError('FileError', `"${what}" expected the options of a run: ${error.message}`, error.value)
  }
}

const requireTask = (what: string, value: unknown, { task }: RunSettings): void => void oneOf(what, value, [task])

/** What a results.json says. @throws FileError that names the field */
export const finishedOf = (file: string, results: Readonly<Record<string, unknown>>): Finished => {
  const at = (field: string): string => `${file}: ${field}`
  const { format, spec, title, task, unit, options, sequences, validation, test, marks, curve, weights, padding, stopped } =
    results
  oneOf(at('format'), format, [RESULTS_FORMAT])
  const network = networkIn(at('options'), options)
  requireTask(at('task'), task, network.settings)
  const { processor, seconds } = requireRecord(at('machine'), results['machine'])
  return {
    ...network,
    spec: text(at('spec'), spec),
    title: text(at('title'), title),
    unit: oneOf(at('unit'), unit, UNITS),
    sequences: count(at('sequences'), sequences),
    validation: score(at('validation'), validation),
    test: score(at('test'), test),
    marks: list(at('marks'), marks, MOST_MARKS, markOf),
    curve: list(at('curve'), curve, MOST_POINTS, pointOf),
    ...(weights !== undefined && { weights: count(at('weights'), weights) }),
    ...(padding !== undefined && { padding: number(at('padding'), padding, 1) }),
    stopped: flag(at('stopped'), stopped),
    seconds: number(at('machine.seconds'), seconds, 1e12),
    processor: text(at('machine.processor'), processor),
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
