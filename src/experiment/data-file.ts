/** Files of data with what they are known by. */

import { createHash } from 'node:crypto'
import type { DataFile } from '../data/task.js'
import { readArchive, type Bound } from '../io/archive.js'

/** What a file holds, and what it is known by. */
export interface Read {
  readonly bytes: Uint8Array
  readonly file: DataFile
}

/** A file, unpacked. @throws FileError */
export const readData = (path: string, bound: Bound): Read => {
  const bytes = readArchive(path, bound)
  return { bytes, file: fileOf(path, [bytes]) }
}

/** What is known of all these bytes one after another, as of a folder of pictures. */
export const fileOf = (path: string, all: readonly Uint8Array[]): DataFile => {
  const hash = createHash('sha256')
  for (const bytes of all) hash.update(bytes)
  return { path, bytes: all.reduce((sum, { length }) => sum + length, 0), sha256: hash.digest('hex') }
}
