/** A run's folder: results, learning curve, film strip, checkpoint; and the few lines that a person reads at its end. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { PtncnError } from '../errors.js'
import { encodeCheckpoint, type Checkpoint } from '../io/checkpoint.js'
import { writeFileSafely } from '../io/files.js'
import { filmStrip } from '../io/film.js'
import { learningCurve } from '../io/svg.js'
import { SPEC_VERSION, type Config } from '../ptncn/config.js'
import type { TrainResult, TrainSettings } from './train.js'

/**
 * The folder of a run, made if it is not there. Without `given`, `usual`, or the first of `usual-2`, `usual-3` ... that is free.
 * @throws FileError where `given` has files in it already, or cannot be made
 */
export const makeFolder = (given: string | undefined, usual: string): string => {
  if (given !== undefined && existsSync(given) && !isEmpty(given)) {
    throw new PtncnError('FileError', `"${given}" expected a new or empty folder, got one with files; give another --out`, given)
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

/** Writes a checkpoint into the folder. Resolves to its path. */
export const saveCheckpoint = async (folder: string, checkpoint: Checkpoint): Promise<string> => {
  const path = join(folder, 'checkpoint.safetensors')
  await writeFileSafely(path, encodeCheckpoint(checkpoint))
  return path
}

/** Writes all files of a run. `seconds` is what it took. */
export const saveRun = async (
  folder: string,
  settings: TrainSettings,
  config: Config,
  result: TrainResult,
  seconds: number,
): Promise<void> => {
  const results = {
    format: 'ptncn-results',
    spec: SPEC_VERSION,
    task: 'bouncing-digits',
    settings,
    config,
    stopped: result.stopped,
    unit: 'nats a frame',
    final: result.curve.at(-1)!.test,
    ...result.trivial,
    curve: result.curve,
    machine: { node: process.version, processor: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, seconds },
  }
  // first what took the time, then what can be drawn again
  await saveCheckpoint(folder, { config, snapshot: result.snapshot })
  await writeFileSafely(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  await writeFileSafely(join(folder, 'curve.svg'), curveOf(settings, config, result))
  await writeFileSafely(join(folder, 'film.png'), filmStrip(result.film, { title: titleOf(settings, config) }))
}

/** `2 layers of 64 and 64 tanh units`. */
const networkName = ({ units, activation }: Config): string => {
  const hidden = units.slice(1)
  const name = typeof activation === 'function' ? 'custom' : activation
  return `${hidden.length} ${hidden.length === 1 ? 'layer' : 'layers'} of ${hidden.join(' and ')} ${name} units`
}

const titleOf = ({ side, seed }: TrainSettings, config: Config): string =>
  `Bouncing digits ${side} x ${side}, ${networkName(config)}, seed ${seed}`

/** The marks that the score is read against, in the order in which they are shown. */
const marksOf = ({ trivial }: TrainResult) => [
  { label: 'copy last frame', value: trivial.copyLast },
  { label: 'mean frame', value: trivial.meanFrame },
  { label: 'floor', value: trivial.floor },
]

/** The lines that a person reads at the end of a run. */
export const summary = (folder: string, settings: TrainSettings, config: Config, result: TrainResult): string => {
  const scores = [{ label: 'P-TNCN, next frame', value: result.curve.at(-1)!.test }, ...marksOf(result)]
  const lines = scores.map(({ label, value }) => `  ${label.padEnd(20)} ${value.toFixed(1).padStart(7)}`)
  return [
    `${titleOf(settings, config)}${result.stopped ? ' (stopped early)' : ''}`,
    'nats a frame, on digits never trained on:',
    ...lines,
    `${folder}: results.json, curve.svg, film.png, checkpoint.safetensors`,
    '',
  ].join('\n')
}

/** The learning curve, with the marks that it is read against. */
const curveOf = (settings: TrainSettings, config: Config, result: TrainResult): string => {
  // an untrained network scores so badly that its point would flatten all others
  const curve = result.curve.length > 1 ? result.curve.slice(1) : result.curve
  const training = curve.flatMap(({ sequences, train }) => (train === undefined ? [] : [{ x: sequences, y: train }]))
  const tested = curve.map(({ sequences, test }) => ({ x: sequences, y: test }))
  return learningCurve(
    [{ label: 'new digits', points: tested }, { label: 'training digits', points: training }],
    {
      title: titleOf(settings, config),
      xLabel: 'sequences trained on',
      yLabel: 'nats a frame',
      references: marksOf(result),
    },
  )
}
