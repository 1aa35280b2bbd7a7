/** A run's folder: what it was told, where it stands, what came out; and how to go on from there after any end. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { mismatch, PtncnError } from '../errors.js'
import type { Snapshot } from '../engine/engine.js'
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../io/checkpoint.js'
import { readRegular } from '../io/archive.js'
import { fileError, oneLine, writeFileSafely, writeKeepingPrevious } from '../io/files.js'
import { readJson, requireRecord } from '../io/json.js'
import { CONFIG_FIELDS, SPEC_VERSION, type Config } from '../ptncn/config.js'
import type { Score } from '../ptncn/scores.js'
import { optionsOf, settingsOf, type RunSettings } from './settings.js'
import type { CurvePoint, Standing } from './train.js'

export const CHECKPOINT = 'checkpoint.safetensors'
export const PREVIOUS = 'checkpoint.previous.safetensors'
const CONFIG = 'config.json'
const RESULTS = 'results.json'
/** Settings and results are small; whatever is larger is none. */
const MOST_JSON = 2 ** 24

/**
 * The folder of a run, made if it is not there. Without `given`, `usual`, or the first of `usual-2`, `usual-3` ... that is free.
 * @throws FileError where `given` has files in it already, or cannot be made
 */
export const makeFolder = (given: string | undefined, usual: string): string => {
  if (given !== undefined && existsSync(given) && !isEmpty(given)) {
    throw new PtncnError(
      'FileError',
      `"${given}" expected a new or empty folder, got one with files; give another --out, or go on with --resume`,
      given,
    )
  }
  const folder = given ?? firstFree(usual)
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw noFolder(folder, cause)
  }
  return folder
}

const noFolder = (path: string, cause: unknown): PtncnError => {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new PtncnError('FileError', `"${path}" expected a folder that can be made, got ${code}; give another --out`, path)
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
export const effectiveOptions = (settings: RunSettings, config: Config): Readonly<Record<string, unknown>> => {
  const fields = CONFIG_FIELDS.filter((field) => field !== 'output').map((field) => [field, shortest(config[field])])
  return { ...optionsOf(settings), ...Object.fromEntries(fields), units: config.units.slice(1) }
}

/** What `saveResults` writes as `format`. */
export const RESULTS_FORMAT = 'ptncn-results'

export const writeJson = (folder: string, name: string, value: unknown): Promise<void> =>
  writeFileSafely(join(folder, name), `${JSON.stringify(value, null, 2)}\n`)

export const writeConfig = (folder: string, settings: RunSettings, config: Config): Promise<void> =>
  writeJson(folder, CONFIG, effectiveOptions(settings, config))

/** The settings of a run, or of any file that `--config` names. @throws FileError, UsageError */
export const readConfig = async (path: string): Promise<Readonly<Record<string, unknown>>> =>
  requireRecord(path, readJson(path, new TextDecoder().decode(readRegular(path, MOST_JSON))))

/** Writes where a run stands; the checkpoint before it stays beside it. Resolves to its path. */
export const saveStanding = async (
  folder: string,
  settings: RunSettings,
  config: Config,
  { snapshot, ...rest }: Standing,
): Promise<string> => saveCheckpoint(folder, { config, snapshot, run: { options: effectiveOptions(settings, config), ...rest } })

export const saveCheckpoint = async (folder: string, checkpoint: Checkpoint): Promise<string> => {
  const path = join(folder, CHECKPOINT)
  await writeKeepingPrevious(path, join(folder, PREVIOUS), encodeCheckpoint(checkpoint))
  return path
}

/** A trained network, and the run that it comes from where the file says so. */
export interface Trained {
  readonly config: Config
  readonly snapshot: Snapshot
  readonly settings?: RunSettings
  readonly standing?: Standing
}

/** @throws FileError naming what a checkpoint's own account of its run has wrong */
const standingOf = (snapshot: Snapshot, run: Readonly<Record<string, unknown>>): Standing => {
  const { batches, curve, recent } = run
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
  if (!isCount(batches)) throw mismatch('FileError', 'run.batches', 'a whole number', batches)
  if (!Array.isArray(curve) || !curve.every(isPoint)) throw mismatch('FileError', 'run.curve', 'a list of points', curve)
  const { loss, count, correct } = requireRecord('run.recent', recent)
  if (typeof loss !== 'number' || !isCount(count) || !(correct === undefined || isCount(correct))) {
    throw mismatch('FileError', 'run.recent', 'a loss and counts', recent)
  }
  return { snapshot, batches, curve, recent: { loss, count, ...(correct !== undefined && { correct }) } satisfies Score }
}

const isPoint = (value: unknown): value is CurvePoint => {
  const { sequences, train, validation } = (value ?? {}) as Record<string, unknown>
  return typeof sequences === 'number' && typeof validation === 'number' && (train === undefined || typeof train === 'number')
}

/** A checkpoint's file. @throws FileError and what decodeCheckpoint throws */
export const readTrained = async (path: string): Promise<Trained> => {
  const { config, snapshot, run } = decodeCheckpoint(readRegular(path, Infinity))
  if (run === undefined) return { config, snapshot }
  const { options, ...rest } = requireRecord('run', run)
  return { config, snapshot, settings: settingsOf(requireRecord('run.options', options)), standing: standingOf(snapshot, rest) }
}

/** The checkpoint of a folder: the last one, or, where a crash left none or a damaged one, the one before it. */
export const lastTrained = async (folder: string): Promise<Trained | undefined> => {
  const [last, previous] = [join(folder, CHECKPOINT), join(folder, PREVIOUS)]
  if (!existsSync(last)) return existsSync(previous) ? readTrained(previous) : undefined
  return readTrained(last).catch((error: unknown) => (existsSync(previous) ? readTrained(previous) : Promise.reject(error)))
}

/** The checkpoint that a path means: a file, or the last one of a run's folder. @throws FileError */
export const openTrained = async (path: string): Promise<Trained> => {
  if (!existsSync(path)) throw fileError('read', path, Object.assign(new Error(), { code: 'ENOENT' }))
  if (path.endsWith('.safetensors')) return readTrained(path)
  const trained = await lastTrained(path)
  if (trained) return trained
  throw new PtncnError('FileError', `"${path}" expected ${CHECKPOINT} in it, got none; give the folder of a run`, path)
}

/** Removes what a killed process left half-written. */
export const sweep = async (folder: string): Promise<void> => {
  const left = readdirSync(folder).filter((name) => /^\..*\.tmp$/.test(name))
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })))
}

export const hasResults = (folder: string): boolean => existsSync(join(folder, RESULTS))

/** The results that a run has left, unchecked but for being a record. @throws FileError where there are none */
export const readResults = async (folder: string): Promise<Readonly<Record<string, unknown>>> => {
  if (hasResults(folder)) return readConfig(join(folder, RESULTS))
  const unfinished = [CHECKPOINT, PREVIOUS].some((name) => existsSync(join(folder, name)))
  const remedy = unfinished
    ? `its run was killed, or goes on still; "ptncn train --resume ${oneLine(folder)}" finishes it`
    : 'give the folder of a run that has ended or was stopped'
  throw new PtncnError('FileError', `"${oneLine(folder)}" expected ${RESULTS} in it, got none; ${remedy}`, folder)
}

/** Final figures and the curve. `seconds` is what this process took. */
export const saveResults = async (folder: string, results: Readonly<Record<string, unknown>>, seconds: number): Promise<void> =>
  writeJson(folder, RESULTS, {
    format: RESULTS_FORMAT,
    spec: SPEC_VERSION,
    ...results,
    machine: { node: process.version, processor: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, seconds },
  })
