/**
 * The folder of an experiment: what it is, one file for each seed that is done, and what they say together. An experiment
 * that was killed goes on here, to the same files.
 */

import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { mismatch, show } from '../errors.js'
import { SPEC_VERSION } from '../ptncn/config.js'
import { makeFolder, readConfig, sweep, writeJson } from './run/folder.js'

const EXPERIMENT = 'experiment.json'
export const SUMMARY = 'summary.json'

type Fields = Readonly<Record<string, unknown>>

/** A crash before the experiment had its first file; anything else in a folder may be the user's. */
const isBegun = (name: string): boolean => name.startsWith(`.${EXPERIMENT}.`) && name.endsWith('.tmp')

const make = async (folder: string, description: Fields): Promise<void> => {
  const left = existsSync(folder) ? await namesIn(folder) : []
  if (left.every(isBegun)) await Promise.all(left.map((name) => rm(join(folder, name), { force: true })))
  makeFolder(folder, folder)
  await writeJson(folder, EXPERIMENT, description)
}

/** Nothing where it is no folder, which makeFolder says better. */
const namesIn = async (folder: string): Promise<string[]> => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/**
 * The folder of this experiment, new or begun before; `options` is all that decides the scores but the seed.
 * @throws FileError where the folder has other files, or the same experiment with other options
 */
export const openExperiment = async (folder: string, experiment: string, options: Fields): Promise<void> => {
  const given = { format: 'ptncn-experiment', experiment, spec: SPEC_VERSION, ...options }
  // as it comes back from a file
  const description = JSON.parse(JSON.stringify(given)) as Fields
  const path = join(folder, EXPERIMENT)
  if (!existsSync(path)) return make(folder, description)
  const before = await readConfig(path)
  const text = (fields: Fields, name: string): string | undefined => JSON.stringify(fields[name])
  const differs = Object.keys({ ...before, ...description }).find((name) => text(before, name) !== text(description, name))
  if (differs !== undefined) {
    const expected = `${differs} ${show(before[differs])}, with which the experiment in it began`
    throw mismatch('FileError', folder, expected, description[differs], 'give another --out')
  }
  await sweep(folder)
}

const seedFile = (seed: number): string => `seed-${seed}.json`

/** What a seed gave, where it is done. @throws FileError */
export const readSeed = async (folder: string, experiment: string, seed: number): Promise<Fields | undefined> => {
  const path = join(folder, seedFile(seed))
  if (!existsSync(path)) return undefined
  const record = await readConfig(path)
  if (record['experiment'] === experiment && record['seed'] === seed) return record
  throw mismatch(
    'FileError',
    path,
    `the result of ${experiment} with seed ${seed}`,
    record['seed'],
    'remove it, and it is made again',
  )
}

export const writeSeed = (folder: string, experiment: string, seed: number, result: Fields): Promise<void> =>
  writeJson(folder, seedFile(seed), { format: 'ptncn-experiment', experiment, seed, ...result })

export const writeSummary = (folder: string, experiment: string, seeds: number, summary: Fields): Promise<void> =>
  writeJson(folder, SUMMARY, { format: 'ptncn-experiment', experiment, spec: SPEC_VERSION, seeds, ...summary })

/** Where the networks of a seed are. */
export const seedFolder = (folder: string, seed: number): string => join(folder, `seed-${seed}`)
