/** A run's folder: what it was told, where it stands, what came out; from which `ptncn train --resume` goes on after any end. */

import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { PtncnError } from '../../errors.js'
import { count, field, record, requireField, text, type Field, type Fields } from '../../fields.js'
import { decodeUtf8 } from '../../data/utf8.js'
import type { Task } from '../../data/task.js'
import type { Snapshot } from '../../engine/engine.js'
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../io/checkpoint.js'
import { readRegular } from '../../io/archive.js'
import { namingFile } from '../../io/guess.js'
import { ensureFolder, fileError, noFolder, oneLine, writeFileSafely, writeKeepingPrevious } from '../../io/files.js'
import { readJson, requireRecord } from '../../io/json.js'
import { SPEC_VERSION, writtenFields, type Config } from '../../ptncn/config.js'
import type { Score } from '../../ptncn/scores.js'
import { settingsOf, type RunSettings } from '../settings.js'
import { reads } from '../tasks.js'
import type { CurvePoint, Standing } from '../train.js'
import { readPosition, type Position } from '../stream.js'
import { readTrainedOn, trainedOn, type TrainedOn } from './trained-on.js'

const CHECKPOINT = 'checkpoint.safetensors'
const PREVIOUS = 'checkpoint.previous.safetensors'
const CONFIG = 'config.json'
const RESULTS = 'results.json'
/** Settings and results are small; whatever is larger is none. */
const MOST_JSON = 2 ** 24
/** Longer than any system's. */
export const LONGEST_PATH = 2 ** 15

/**
 * The folder of a run, made if it is not there. Without `given`, `usual`, or the first of `usual-2`, `usual-3` ... that is free.
 * `advice` is for whoever gave one with files in it.
 * @throws FileError where `given` has files in it already, or cannot be made
 */
export const makeFolder = (given: string | undefined, usual: string, advice = 'give another --out'): string => {
  if (given !== undefined && existsSync(given) && !isEmpty(given)) {
    throw new PtncnError('FileError', `"${given}" expected a new or empty folder, got one with files; ${advice}`, given)
  }
  return ensureFolder(given ?? firstFree(usual))
}

const isEmpty = (path: string): boolean => {
  try {
    return readdirSync(path).length === 0
  } catch (cause) {
    throw noFolder(path, cause)
  }
}

const firstFree = (usual: string, number = 1): string => {
  const name = number === 1 ? usual : `${usual}-${number}`
  return existsSync(name) ? firstFree(usual, number + 1) : name
}

/** The shortest decimal that is this binary32 number, so that files show 0.1 and not 0.10000000149011612. */
const shortest = (value: unknown): unknown => {
  if (typeof value !== 'number' || Number.isInteger(value)) return value
  const texts = Array.from({ length: 9 }, (_, i) => value.toPrecision(i + 1))
  return Number(texts.find((text) => Math.fround(Number(text)) === value) ?? value)
}

/** The options that repeat a run, each field of the configuration among them. */
export const effectiveOptions = ({ fields: _, ...settings }: RunSettings, config: Config): Fields => {
  const fields = writtenFields(config)
    .filter((field) => field !== 'output')
    .map((field) => [field, shortest(config[field])])
  const own = Object.entries(settings).filter(([option]) => reads(settings.task, option))
  return { ...Object.fromEntries(own), ...Object.fromEntries(fields), units: config.units.slice(1) }
}

/** What `saveResults` writes as `format`. */
export const RESULTS_FORMAT = 'ptncn-results'

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

export const writeJson = (folder: string, name: string, value: unknown): Promise<void> =>
  writeFileSafely(join(folder, name), jsonText(value))

export const writeConfig = (folder: string, settings: RunSettings, config: Config): Promise<void> =>
  writeJson(folder, CONFIG, effectiveOptions(settings, config))

/** The settings of a run, or of any file that `--config` names. @throws FileError, UsageError */
export const readConfig = async (path: string): Promise<Fields> =>
  requireRecord(path, readJson(path, decodeUtf8(readRegular(path, MOST_JSON), oneLine(path))))

/** Writes where a run stands; the checkpoint before it stays beside it. Resolves to its path. */
export const saveStanding = async (
  folder: string,
  settings: RunSettings,
  task: Task,
  config: Config,
  { snapshot, ...rest }: Standing,
): Promise<string> => {
  const run = { options: effectiveOptions(settings, config), data: trainedOn(task), ...rest }
  return saveCheckpoint(folder, { config, snapshot, run })
}

export const saveCheckpoint = async (folder: string, checkpoint: Checkpoint): Promise<string> => {
  const path = join(folder, CHECKPOINT)
  await writeKeepingPrevious(path, join(folder, PREVIOUS), encodeCheckpoint(checkpoint))
  return path
}

/**
 * A trained network, `config` and `snapshot`, with the `settings` and `standing` of the run that it comes from, and its
 * `data`, and how far it has come in a `stream` since, where the file says so.
 */
export interface Trained {
  readonly config: Config
  readonly snapshot: Snapshot
  readonly settings?: RunSettings
  readonly standing?: Standing
  readonly data?: TrainedOn
  readonly stream?: Position
}

/** The account of a run that `openTrained` read, for another checkpoint of the same network. */
export const accountOf = ({ config, settings, standing, data, stream }: Omit<Trained, 'snapshot'>): Fields => {
  const { snapshot: _, ...stands } = standing ?? {}
  return {
    ...(settings && { options: effectiveOptions(settings, config) }),
    ...(data && { data }),
    ...stands,
    ...(stream && { stream }),
  }
}

const isScore = (value: unknown): boolean => typeof value === 'number'
const isPoint = (value: unknown): boolean => {
  const { sequences, train = 0, validation } = (value ?? {}) as Fields
  return [sequences, train, validation].every(isScore)
}
const POINTS = field<readonly CurvePoint[]>('a list of points', (value) => Array.isArray(value) && value.every(isPoint))
const RECENT = field<Score>('a loss and counts', (value) => {
  const { loss, count: scored, correct = 0 } = value as Fields
  return isScore(loss) && count.holds(scored) && count.holds(correct)
})

/** @throws FileError naming what a checkpoint's own account of its run has wrong */
const standingOf = (snapshot: Snapshot, run: Fields): Standing => {
  const own = <Value>(name: string, kind: Field<Value>): Value => requireField('FileError', `run.${name}`, run[name], kind)
  own('recent', record)
  const { loss, count: scored, correct } = own('recent', RECENT)
  const recent = { loss, count: scored, ...(correct !== undefined && { correct }) }
  return { snapshot, batches: own('batches', count), curve: own('curve', POINTS), recent }
}

/** A checkpoint's file. @throws FileError and what decodeCheckpoint throws */
const readTrained = async (path: string): Promise<Trained> => {
  const bytes = readRegular(path, Infinity)
  return namingFile(path, bytes, () => trainedOf(decodeCheckpoint(bytes)))
}

const trainedOf = ({ config, snapshot, run }: Checkpoint): Trained => {
  const { options, data, stream, ...rest } = record.holds(run) ? run : {}
  // what others keep there is theirs
  if (options === undefined && stream === undefined) return { config, snapshot }
  return {
    config,
    snapshot,
    ...(options !== undefined && {
      settings: settingsOf(requireRecord('run.options', options)),
      standing: standingOf(snapshot, rest),
    }),
    ...(data !== undefined && { data: readTrainedOn('run.data', data) }),
    ...(stream !== undefined && { stream: readPosition('run.stream', stream) }),
  }
}

/** The checkpoint of a folder: the last one, or, where a crash left none or a damaged one, the one before it. */
export const lastTrained = async (folder: string): Promise<Trained | undefined> => {
  const [last, previous] = [join(folder, CHECKPOINT), join(folder, PREVIOUS)]
  if (!existsSync(last)) return existsSync(previous) ? readTrained(previous) : undefined
  return readTrained(last).catch((error: unknown) => (existsSync(previous) ? readTrained(previous) : Promise.reject(error)))
}

/** The checkpoint that a path means: a file, or the last one of a run's folder. @throws FileError */
export const openTrained = async (path: string): Promise<Trained> => {
  requireField('FileError', 'path', path, text(LONGEST_PATH))
  if (!existsSync(path)) throw fileError('read', path, Object.assign(new Error(), { code: 'ENOENT' }))
  if (path.endsWith('.safetensors')) return readTrained(path)
  const trained = await lastTrained(path)
  if (trained) return trained
  throw new PtncnError('FileError', `"${path}" expected ${CHECKPOINT} in it, got none; give the folder of a run`, path)
}

/** Whether a file is one that was being written. */
export const isTemporary = (name: string): boolean => /^\..*\.tmp$/.test(name)

/** Removes what a killed process left half-written. */
export const sweep = async (folder: string): Promise<void> => {
  const left = readdirSync(folder).filter(isTemporary)
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })))
}

export const hasResults = (folder: string): boolean => existsSync(join(folder, RESULTS))

/** The results that a run has left, unchecked but for being a record. @throws FileError where there are none */
export const readResults = async (folder: string): Promise<Fields> => {
  if (hasResults(folder)) return readConfig(join(folder, RESULTS))
  const unfinished = [CHECKPOINT, PREVIOUS].some((name) => existsSync(join(folder, name)))
  const remedy = unfinished
    ? `its run was killed, or goes on still; "ptncn train --resume ${oneLine(folder)}" finishes it`
    : 'give the folder of a run that has ended or was stopped'
  throw new PtncnError('FileError', `"${oneLine(folder)}" expected ${RESULTS} in it, got none; ${remedy}`, folder)
}

/** The machine at hand. */
export const machine = () => ({ node: process.version, processor: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length })

/** Final figures and the curve. `seconds` is what this process took. */
export const saveResults = async (folder: string, results: Fields, seconds: number): Promise<void> =>
  writeJson(folder, RESULTS, { format: RESULTS_FORMAT, spec: SPEC_VERSION, ...results, machine: { ...machine(), seconds } })
