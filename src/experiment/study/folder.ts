/**
 * The folder of a study: what the study is, and one result for each cell that is done; beside it what the cell cost on the
 * machine at hand or, before it is done, where it stands. Cells may run in any number of processes, on any machines, as long
 * as no two run the same one; whatever was killed goes on, to the same results.
 */

import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { mismatch, PtncnError, show } from '../../errors.js'
import { exactly, requireField, type Fields } from '../../fields.js'
import { readRegular } from '../../io/archive.js'
import { ensureFolder, oneLine, writeFileSafely } from '../../io/files.js'
import { SPEC_VERSION } from '../../ptncn/config.js'
import { isTemporary, makeFolder, readConfig, writeJson } from '../run/folder.js'
import type { Saved } from './conduct.js'
import { decodeStanding, encodeStanding } from './standing-file.js'

const GRID = 'grid.json'
export const GRID_FORMAT = 'ptncn-grid'
const CELL_FORMAT = 'ptncn-cell'

/** What the version before wrote for zero-shot and continual. */
const FORMER = 'experiment.json'

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const isTree = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && (!Array.isArray(value) || value.every(isTree))
/** Lists can only be told apart within where they are of one length. */
const lengthOf = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined)

type Difference = readonly [name: string, before: unknown, given: unknown]

/** The innermost field that is first to differ, but for the one that may grow. */
const differenceOf = (before: Fields, given: Fields, grows?: string): Difference | undefined => {
  for (const name of Object.keys({ ...before, ...given })) {
    const [a, b] = [before[name], given[name]]
    if (name === grows || same(a, b)) continue
    if (!isTree(a) || !isTree(b) || lengthOf(a) !== lengthOf(b)) return [name, a, b]
    const within = differenceOf(a, b, grows)
    if (within) return within
  }
  return undefined
}

/** The cells of any grid are those of a comparison. */
const named = (description: Fields): Fields => ({ ...('grid' in description && { experiment: 'compare' }), ...description })

/** A folder with nothing in it but what another process, or a crash, has of a beginning; any other file may be the user's. */
const requireNew = (folder: string): void => {
  const names = existsSync(folder) ? namesIn(folder) : []
  if (names.includes(FORMER))
    throw mismatch('FileError', folder, 'a folder of this version', 'one of the version before', 'give another --out')
  const isBegun = names.every((name) => name.startsWith(`.${GRID}.`) && isTemporary(name))
  // what another process begins meanwhile is not looked at again
  if (isBegun) ensureFolder(folder)
  else if (!names.includes(GRID)) makeFolder(folder, folder)
}

/** Nothing where it is no folder, which ensureFolder says better. */
const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/**
 * The folder of this study, new or begun before, by this process or another. `description` is all that decides what is in
 * it; its field `grows`, at any depth, may be another one each time, and is then kept as it was given last.
 * @throws FileError where the folder has other files, or is that of another study
 */
export const openStudy = async (folder: string, description: Fields, grows?: string): Promise<void> => {
  // as it comes back from a file
  const given = JSON.parse(JSON.stringify({ format: GRID_FORMAT, spec: SPEC_VERSION, ...description })) as Fields
  const path = join(folder, GRID)
  if (!existsSync(path)) requireNew(folder)
  if (existsSync(path)) {
    const before = await readConfig(path)
    const [name, old, now] = differenceOf(named(before), named(given), grows) ?? []
    if (name !== undefined) {
      const expected = `${name} ${show(old)}, with which the experiment in it began`
      throw mismatch('FileError', folder, expected, now, 'give another --out')
    }
    if (same(before, given)) return
  }
  await writeJson(folder, GRID, given)
}

/** Whether a study began in a folder. */
export const isBegun = (folder: string): boolean => existsSync(join(folder, GRID))

/** What the study of a folder is; nothing where it is not that of one. @throws FileError */
export const studyIn = async (folder: string): Promise<Fields | undefined> => {
  const path = join(folder, GRID)
  if (!existsSync(path)) return undefined
  const description = named(await readConfig(path))
  requireField('FileError', `${oneLine(path)}: format`, description['format'], exactly(GRID_FORMAT))
  return description
}

const pathOf = (folder: string, cell: string, ending: string): string => join(folder, 'cells', `${cell}${ending}`)

/** Where anything else of a cell may be kept. */
export const cellFolder = (folder: string, cell: string): string => pathOf(folder, cell, '')

export const isDone = (folder: string, cell: string): boolean => existsSync(pathOf(folder, cell, '.json'))

/** The result of a cell. @throws FileError where the file does not hold that */
export const readDone = async (folder: string, cell: string, isResult: (result: Fields) => boolean): Promise<Fields> => {
  const path = pathOf(folder, cell, '.json')
  const result = await readConfig(path)
  if (result['format'] === CELL_FORMAT && result['name'] === cell && isResult(result)) return result
  throw mismatch('FileError', path, `the result of ${cell}`, result['name'], 'remove it, and it is made again')
}

/** What a cell cost, where that is known. */
export const readCost = async (folder: string, cell: string): Promise<Fields | undefined> => {
  const path = pathOf(folder, cell, '.time.json')
  return existsSync(path) ? readConfig(path) : undefined
}

/** The result is written last: where it is, all is. */
export const writeDone = async (folder: string, cell: string, result: Fields, cost?: Fields): Promise<void> => {
  const path = pathOf(folder, cell, '.json')
  const own = ensureFolder(dirname(path))
  if (cost) await writeJson(own, basename(pathOf(folder, cell, '.time.json')), { format: 'ptncn-cost', name: cell, ...cost })
  await writeJson(own, basename(path), { format: CELL_FORMAT, name: cell, ...result })
  await rm(pathOf(folder, cell, '.safetensors'), { force: true })
}

/** Removes what a killed process left half-written of a cell. */
export const sweepCell = async (folder: string, cell: string): Promise<void> => {
  const own = dirname(pathOf(folder, cell, ''))
  const left = namesIn(own).filter((name) => name.startsWith(`.${basename(cell)}.`) && isTemporary(name))
  await Promise.all(left.map((name) => rm(join(own, name), { force: true })))
}

/** @param of what the standing belongs to: of anything else it is of no use */
export const writeStanding = async (folder: string, cell: string, of: string, { standing, about }: Saved): Promise<void> => {
  const path = pathOf(folder, cell, '.safetensors')
  ensureFolder(dirname(path))
  await writeFileSafely(path, encodeStanding(standing, { of, ...about }))
}

/** Where the cell was when it was last saved. A file that cannot be used costs the time that it would have saved, and nothing else. */
export const readStanding = <Model>(folder: string, cell: string, of: string, like: Model): Saved<Model> | undefined => {
  const path = pathOf(folder, cell, '.safetensors')
  if (!existsSync(path)) return undefined
  try {
    const { standing, about } = decodeStanding(readRegular(path, Infinity), like)
    return about['of'] === of ? { standing, about } : undefined
  } catch (error) {
    if (error instanceof PtncnError) return undefined
    throw error
  }
}
