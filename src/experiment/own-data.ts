/** Data of one's own: numbers in a file, films in a file or a folder; read within a bound of memory. */

import { readSeries, type Series } from '../data/series.js'
import { readArchive } from '../io/archive.js'
import { oneLine } from '../io/files.js'

const MEGABYTE = 2 ** 20
/** Bytes, unpacked. */
const MOST_SERIES = 64 * MEGABYTE

/** The series of a file, in pieces of `length` lines. @throws FileError */
export const seriesIn = (path: string, length: number): Series =>
  readSeries(readArchive(path, { most: MOST_SERIES }), oneLine(path), length)
