/** Cells of a comparison, read back; these may be a stranger's, so nothing in them is believed unchecked. */

import {
  count,
  field,
  flag,
  list,
  number,
  oneOf,
  optional,
  record,
  requireFields,
  requireItems,
  text,
  whole,
  type Fields,
} from '../../fields.js'
import { UNITS, type Unit } from '../../data/task.js'
import { LONGEST_TEXT, markOf, MOST_MARKS, MOST_POINTS, pointOf, SCORE, take } from '../run/finished.js'
import type { CellCost, CellResult } from './result.js'

const MOST_FRAMES = 1000
/** Of a frame in base64, one byte a pixel. */
const LONGEST_FRAME = 2 ** 18
/** Strings are as long as that at most. */
const MOST_DISTANCES = 10_000
/** That follow each other. */
const MOST_TASKS = 100
const SECONDS = number(0, 1e12)

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)
/** What a table can show of a setting, and of the units of layers. */
const SHOWN = field<unknown>('a number, a text or a list of these', (value) =>
  (Array.isArray(value) ? value : [value]).every(isPlain),
)
const SETTINGS = field<Fields>(
  'a record of numbers and texts',
  (value) => record.holds(value) && Object.values(value).every(SHOWN.holds),
)

const RESULT = {
  seed: count,
  title: text(LONGEST_TEXT),
  task: record,
  unit: oneOf<Unit>(...UNITS),
  sequences: count,
  units: SHOWN,
  settings: SETTINGS,
  weights: count,
  kept: number(0, 1e18),
  diverged: flag,
  validation: SCORE,
  test: SCORE,
  uncorrected: optional(SCORE),
  glyphs: optional(record),
  repeated: optional(list),
  retained: optional(list),
  retainedUncorrected: optional(list),
  film: optional(record),
}
const GLYPHS = { test: SCORE, uncorrected: optional(SCORE) }
const DISTANCE = { distance: count, count, correct: count }
const FILM = { side: whole(1, LONGEST_FRAME), truth: list, prediction: list }
const FRAME = field<string>(
  'a frame of grey values in base64',
  (value) => typeof value === 'string' && value.length <= LONGEST_FRAME && /^[A-Za-z0-9+/]+=*$/.test(value),
)

/** The same, whole. @throws FileError that names the field */
export const requireCell = (what: string, result: Fields): CellResult => {
  const items = (name: string, value: unknown, most: number, kinds: typeof DISTANCE): unknown =>
    requireItems('FileError', `${what}: ${name}`, value, most, (at, one) => requireFields('FileError', at, one, kinds))
  requireFields('FileError', what, result, RESULT)
  const { curve, marks, glyphs, repeated, film } = result
  requireItems('FileError', `${what}: curve`, curve, MOST_POINTS, pointOf)
  requireItems('FileError', `${what}: marks`, marks, MOST_MARKS, markOf)
  if (glyphs !== undefined) requireFields('FileError', `${what}: glyphs`, glyphs, GLYPHS)
  if (repeated !== undefined) items('repeated', repeated, MOST_DISTANCES, DISTANCE)
  for (const name of ['retained', 'retainedUncorrected'] as const)
    if (result[name] !== undefined) requireRetained(`${what}: ${name}`, result[name])
  if (film !== undefined) requireFilm(`${what}: film`, film)
  return result as unknown as CellResult
}

/** Scores on as many tasks as there are rows after the first. */
const requireRetained = (what: string, rows: unknown): void => {
  const all = requireItems('FileError', what, rows, MOST_TASKS + 1, (at, row) =>
    requireItems('FileError', at, row, MOST_TASKS, (where, one) => take(where, one, SCORE)),
  )
  const square = field<unknown>(
    'two rows or more, each with a score for each row after the first',
    () => all.length > 2 && all.every((row) => row.length === all.length - 1),
  )
  requireFields('FileError', what, { scores: rows }, { scores: square })
}

const requireFilm = (what: string, film: unknown): void => {
  requireFields('FileError', what, film, FILM)
  const { truth, prediction } = film as Fields
  for (const [name, frames] of Object.entries({ truth, prediction }))
    requireItems('FileError', `${what}.${name}`, frames, MOST_FRAMES, (at, one) => take(at, one, FRAME))
}

const COST = { seconds: SECONDS, steps: count }
const POINT = { sequences: count, seconds: SECONDS }

/** @throws FileError that names the field */
export const requireCost = (what: string, cost: Fields): CellCost => {
  requireFields('FileError', what, cost, COST)
  requireItems('FileError', `${what}: curve`, cost['curve'], MOST_POINTS, (at, one) => requireFields('FileError', at, one, POINT))
  return cost as unknown as CellCost
}
