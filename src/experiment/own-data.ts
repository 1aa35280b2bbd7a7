/** Data of one's own: numbers in a file, films in a file or a folder; read within a bound of memory. */

import { readdirSync, statSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { mismatch } from '../errors.js'
import { MOST_PIXELS, readFilms, requireFrame, type Films } from '../data/films.js'
import { SHORTEST_RECORDING } from '../data/recordings.js'
import { readSeries, type Series } from '../data/series.js'
import type { DataFile, Scaling } from '../data/task.js'
import { fileOf, readData } from './data-file.js'
import { readRegular } from '../io/archive.js'
import { guessing } from '../io/guess.js'
import { fileError, oneLine } from '../io/files.js'
import { readPng, type GreyPicture } from '../io/png-read.js'

const MEGABYTE = 2 ** 20
/** Bytes, unpacked. */
const MOST_SERIES = 64 * MEGABYTE
const MOST_FILMS = 1024 * MEGABYTE
const MOST_PICTURE = 16 * MEGABYTE

/** The series of a file, in pieces of `length` lines, with a scaling of its own or a given one. @throws FileError */
export const seriesIn = (path: string, length: number, scaling?: Scaling): LoadedSeries => {
  const { bytes, file } = readData(path, { most: MOST_SERIES, remedy: 'give a part of it' })
  return { series: guessing(bytes, () => readSeries(bytes, oneLine(path), length, scaling)), files: [file] }
}

interface LoadedSeries {
  readonly series: Series
  readonly files: readonly DataFile[]
}

interface LoadedFilms {
  readonly films: Films
  readonly files: readonly DataFile[]
}

/** The films of an array in a file, or of the pictures in a folder. @throws FileError */
export const filmsIn = (path: string): LoadedFilms => {
  if (isFolder(path)) return picturesIn(path)
  const { bytes, file } = readData(path, { most: MOST_FILMS, remedy: 'give a part of it' })
  return { films: guessing(bytes, () => readFilms(bytes, oneLine(path))), files: [file] }
}

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory()
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

/** By the numbers in the names: 9 before 10, whatever zeros stand before them; all else by its code units. */
export const inOrder = (a: string, b: string): number => {
  const [left, right] = [partsOf(a), partsOf(b)]
  const at = left.findIndex((part, i) => weightOf(part) !== weightOf(right[i] ?? ''))
  if (at < 0) return left.length - right.length || byText(a, b)
  return byText(weightOf(left[at]!), weightOf(right[at] ?? ''))
}

const partsOf = (name: string): readonly string[] => name.match(/[0-9]+|[^0-9]+/g) ?? []

/** Digits without the zeros before them, the more of them the heavier, and lighter than any letter. */
const weightOf = (part: string): string => {
  if (!/^[0-9]/.test(part)) return part
  const digits = part.replace(/^0+/, '')
  return `0${String.fromCharCode(digits.length)}${digits}`
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const entriesOf = (folder: string): readonly Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => inOrder(a.name, b.name))
  } catch (cause) {
    throw fileError('read', folder, cause)
  }
}

/** A folder, or a link to one; a link to nothing is none. */
const leadsToFolder = (folder: string, entry: Dirent): boolean =>
  entry.isDirectory() ||
  (entry.isSymbolicLink() && statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() === true)

/** The pictures of a folder, not those in folders within it. */
const pngsIn = (folder: string): readonly string[] =>
  entriesOf(folder)
    .filter((entry) => !leadsToFolder(folder, entry) && /^[^.].*\.png$/i.test(entry.name))
    .map(({ name }) => join(folder, name))

/** A folder is one film where pictures are in it, or else each folder within it that has some. */
const picturesIn = (folder: string): LoadedFilms => {
  const own = pngsIn(folder)
  const within = entriesOf(folder)
    .filter((entry) => leadsToFolder(folder, entry))
    .map(({ name }) => ({ name, paths: pngsIn(join(folder, name)) }))
    .filter(({ paths }) => paths.length > 0)
  if (own.length > 0 && within.length > 0) {
    const expected = 'PNG pictures, or folders of them, one a film'
    throw mismatch('FileError', oneLine(folder), expected, `both, as in ${within[0]!.name}`, 'put them apart')
  }
  const films = own.length > 0 ? [own] : within.map(({ paths }) => paths)
  if (films.length === 0) throw mismatch('FileError', oneLine(folder), 'PNG pictures in it, or folders of them', 'none')
  const short = films.find((paths) => paths.length < SHORTEST_RECORDING)
  if (short)
    throw mismatch('FileError', oneLine(short[0]!), `${SHORTEST_RECORDING} pictures or more beside each other`, 'one alone')
  const made = filmsOf(films)
  return { films: made, files: [fileOf(folder, [made.recordings.values as Uint8Array])] }
}

/** All frames, one after another. */
const filmsOf = (films: readonly (readonly string[])[]): Films => {
  const paths = films.flat()
  const first = pictureOf(paths[0]!)
  const [rows, cols, width] = [first.height, first.width, first.height * first.width]
  requireFrame({ rows, cols }, oneLine(paths[0]!))
  if (paths.length * width > MOST_FILMS)
    throw mismatch('FileError', oneLine(paths[0]!), `at most ${MOST_FILMS} pixels in all films`, paths.length * width)
  const values = new Uint8Array(paths.length * width)
  for (const [i, path] of paths.entries()) {
    const { width: own, height, grey } = i === 0 ? first : pictureOf(path)
    if (own !== cols || height !== rows)
      throw mismatch('FileError', oneLine(path), `${rows} rows x ${cols} columns, as the first frame has`, `${height} x ${own}`)
    values.set(grey, i * width)
  }
  const starts = new Uint32Array(films.length + 1)
  films.forEach(({ length }, i) => (starts[i + 1] = starts[i]! + length))
  return { frame: { rows, cols }, recordings: { width, values, full: 255, starts } }
}

const pictureOf = (path: string): GreyPicture => readPng(readRegular(path, MOST_PICTURE), oneLine(path), MOST_PIXELS)
