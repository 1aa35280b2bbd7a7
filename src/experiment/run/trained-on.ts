/** What a network was trained on: part of its checkpoints, and compared with what the files hold later. */

import { mismatch } from '../../errors.js'
import { count, field, record, requireField, requireFields, requireItems, text, type Fields } from '../../fields.js'
import { SCALING, SYMBOLS, type DataAccount, type DataFile, type Scaling, type Task } from '../../data/task.js'
import { oneLine } from '../../io/files.js'

/** The data of a run, and how its symbols are written. */
export interface TrainedOn {
  /** none where data are made, or come with the package */
  readonly files: readonly DataFile[]
  /** images, lines or pieces of each part */
  readonly counts?: DataAccount['counts']
  /** of a softmax, in the order of its inputs */
  readonly symbols?: readonly string[]
  /** of the numbers of a series */
  readonly scaling?: Scaling
}

export const trainedOn = ({ data, symbols, scaling }: Task): TrainedOn => ({
  files: data?.files ?? [],
  ...(data && { counts: data.counts }),
  ...(symbols && { symbols }),
  ...(scaling && { scaling }),
})

const MOST_FILES = 10_000
const LONGEST_PATH = 2 ** 15
const DIGEST = field<string>('64 hexadecimal digits', (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value))
const FILE = { path: text(LONGEST_PATH), bytes: count, sha256: DIGEST }
const COUNTS = { training: count, validation: count, test: count }

/** The same from a file. @throws FileError */
export const readTrainedOn = (what: string, value: unknown): TrainedOn => {
  const { files, counts, symbols, scaling }: Fields = requireField('FileError', what, value, record)
  if (counts !== undefined) requireFields('FileError', `${what}.counts`, counts, COUNTS)
  return {
    files: requireItems('FileError', `${what}.files`, files, MOST_FILES, (name, file) => {
      requireFields('FileError', name, file, FILE)
      return file as DataFile
    }),
    ...(counts !== undefined && { counts: counts as DataAccount['counts'] }),
    ...(symbols !== undefined && { symbols: requireField('FileError', `${what}.symbols`, symbols, SYMBOLS)! }),
    ...(scaling !== undefined && { scaling: requireField('FileError', `${what}.scaling`, scaling, SCALING) }),
  }
}

/** Enough of a digest to tell two files apart. */
const short = (digest: string | undefined): string | undefined => digest?.slice(0, 16)

/**
 * @param otherwise what else than the file of before there is to give
 * @throws FileError that names the first file which does not hold what the network was trained on, with both digests
 */
export const requireSameData = ({ files }: TrainedOn, task: Task, otherwise = 'train anew'): void => {
  const found = task.data?.files ?? []
  files.forEach(({ path, sha256 }, i) => {
    const file = found[i]
    if (file?.sha256 === sha256) return
    const expected = `what the network was trained on, SHA-256 ${short(sha256)}`
    const remedy = `give the file that was ${oneLine(path)} then, by --data, or ${otherwise}`
    throw mismatch('FileError', oneLine(file?.path ?? path), expected, short(file?.sha256), remedy)
  })
}
