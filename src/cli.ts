#!/usr/bin/env node
/** The command `ptncn`: reads the arguments, runs one command, and turns errors into one line and an exit status. */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mismatch, PtncnError } from './errors.js'
import type { Divergence } from './engine/engine.js'
import { parallelEngine } from './engine/parallel.js'
import { makeFolder, saveCheckpoint, saveRun, summary } from './experiment/save.js'
import { train, type TrainSettings } from './experiment/train.js'
import { progressOn } from './io/terminal.js'
import { config as complete, CONFIG_FIELDS, profiles, SPEC_VERSION, type Config, type ProfileName } from './ptncn/config.js'

const HELP = `ptncn ${SPEC_VERSION}, the Parallel Temporal Neural Coding Network

  ptncn train [options]     train on bouncing digits, and leave scores and pictures in a folder
  ptncn train --help        all options, with examples
  ptncn --version
`

/** What the main job sets over the profile: the released optimiser and clip learn more slowly on this task. */
const NETWORK = { output: 'sigmoid', optimizer: 'adam', rate: 0.002, clip: 0 } as const

/** The network's size and the data of the main job. */
const DEFAULTS = { units: '256,256', side: '32', frames: '20', batch: '50', sequences: '20000', seed: '1' } as const

const TRAIN_HELP = `ptncn train: two handwritten digits bounce in a frame; the network predicts each next frame and learns online.

  --sequences N    sequences to train on (${DEFAULTS.sequences})
  --batch N        sequences that advance together (${DEFAULTS.batch})
  --frames N       frames a sequence (${DEFAULTS.frames})
  --side N         side of a frame, 8 to 64 pixels (${DEFAULTS.side})
  --units N,N,...  units of the hidden layers, from the lowest up (${DEFAULTS.units})
  --profile NAME   ${Object.keys(profiles).join(' or ')}: what the other fields of the configuration default to (released)
  --workers N      threads; auto takes as many as pay (auto); the bits are the same whatever their number
  --seed N         the same seed gives the same bits (${DEFAULTS.seed})
  --out FOLDER     a new folder for results.json, curve.svg, film.png and checkpoint.safetensors
                   (runs/bouncing-digits-SIDE-seed-SEED, numbered when it exists)
  --json           one JSON object a line on the standard output, for machines
  --help

Every other field of the configuration (SPEC.md, 2) is an option with its name. Without them the main job sets
  ${Object.entries(NETWORK).map(([field, value]) => `--${field} ${value}`).join(' ')}
over the profile. The fields:
  ${CONFIG_FIELDS.filter((field) => field !== 'units').map((field) => `--${field}`).join(' ')}

Examples
  ptncn train
  ptncn train --activation sign --seed 3 --out runs/sign-3
  ptncn train --profile paper --units 32,32,32 --optimizer adam --rate 0.001 --clip 0
`

const RUN_OPTIONS = ['side', 'frames', 'batch', 'sequences', 'seed', 'workers', 'profile', 'out']

const OPTIONS = {
  ...Object.fromEntries(CONFIG_FIELDS.map((field) => [field, { type: field === 'biases' ? 'boolean' : 'string' } as const])),
  ...Object.fromEntries(RUN_OPTIONS.map((name) => [name, { type: 'string' } as const])),
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

type Given = Readonly<Record<string, string | boolean | undefined>>

const parse = (args: readonly string[]): Given => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values as Given
  } catch (error) {
    const [first, ...more] = (error as Error).message.split(/\. |\.?\n/)
    const remedy = more.find((line) => line.includes('starting with a dash'))
    throw new PtncnError('UsageError', `${[first, ...(remedy ? [remedy] : [])].join('; ')}; see ptncn train --help`, args)
  }
}

const wholeNumber = (given: Given, name: keyof typeof DEFAULTS, least: number, most: number): number => {
  const text = given[name] ?? DEFAULTS[name]
  const value = Number(text)
  if (typeof text === 'string' && /^\d+$/.test(text) && value >= least && value <= most) return value
  throw mismatch('UsageError', `--${name}`, `a whole number from ${least} to ${most}`, text)
}

const trainSettings = (given: Given): TrainSettings => ({
  side: wholeNumber(given, 'side', 8, 64),
  frames: wholeNumber(given, 'frames', 2, 10_000),
  batch: wholeNumber(given, 'batch', 1, 10_000),
  sequences: wholeNumber(given, 'sequences', 1, 1_000_000_000),
  seed: wholeNumber(given, 'seed', 0, Number.MAX_SAFE_INTEGER),
})

const workerCount = (given: Given): 'auto' | number => {
  const text = given['workers'] ?? 'auto'
  if (text === 'auto') return text
  if (typeof text === 'string' && /^[1-9]\d{0,2}$/.test(text) && Number(text) <= 256) return Number(text)
  throw mismatch('UsageError', '--workers', 'auto or a whole number from 1 to 256', text)
}

/** A field's value as typed; what it may be is checked with the whole configuration. */
const fieldValue = (text: string | boolean): unknown =>
  typeof text === 'string' && text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text

const networkConfig = (given: Given, side: number): Config => {
  const hidden = String(given['units'] ?? DEFAULTS.units).split(',').map(fieldValue)
  const others = CONFIG_FIELDS.filter((field) => field !== 'units' && given[field] !== undefined)
  const fields = Object.fromEntries(others.map((field) => [field, fieldValue(given[field]!)]))
  if (fields['output'] !== undefined && fields['output'] !== 'sigmoid') {
    throw mismatch('UsageError', '--output', 'sigmoid, as the pixels of a frame are grey values', fields['output'])
  }
  const units = [side * side, ...hidden] as number[]
  return complete({ ...NETWORK, ...fields, units }, (given['profile'] ?? 'released') as ProfileName)
}

const seconds = (): number => performance.now() / 1000

const runTrain = async (args: readonly string[]): Promise<number> => {
  const given = parse(args)
  if (given['help']) return print(TRAIN_HELP)
  const settings = trainSettings(given)
  const engine = parallelEngine(networkConfig(given, settings.side), { workers: workerCount(given) })
  if (engine.config.learnFrom >= settings.frames) {
    throw mismatch('UsageError', '--learnFrom', `less than the ${settings.frames} frames of a sequence`, engine.config.learnFrom)
  }
  const folder = makeFolder(given['out'] as string | undefined, `runs/bouncing-digits-${settings.side}-seed-${settings.seed}`)
  const report = (value: object): void => void (given['json'] && print(`${JSON.stringify(value)}\n`))

  const progress = progressOn(process.stderr, seconds)
  const stop = stopOnInterrupt()
  const begin = seconds()
  try {
    const result = await train(settings, engine, {
      onBatch: (done, loss) => {
        const rate = Math.round(((done / settings.batch) * settings.frames) / (seconds() - begin))
        progress.show(done, settings.sequences, `${loss.toFixed(1)} nats a frame  ${rate} steps/s`)
      },
      onPoint: (point) => report({ type: 'point', ...point }),
      stop,
    })
    progress.clear()
    await saveRun(folder, settings, engine.config, result, seconds() - begin)
    report({ type: 'end', folder, ...result.curve.at(-1), ...result.trivial, stopped: result.stopped })
    if (!given['json']) print(summary(folder, settings, engine.config, result))
    return result.stopped ? EXIT.interrupted : EXIT.done
  } catch (error) {
    progress.clear()
    if (!(error instanceof PtncnError) || error.name !== 'DivergenceError') throw error
    const path = await saveCheckpoint(folder, { config: engine.config, snapshot: (error.value as Divergence).snapshot })
    throw new PtncnError('DivergenceError', `${error.message} (in ${path})`, error.value)
  } finally {
    await engine.dispose()
  }
}

/** Ctrl-C ends the run after the batch at hand, with everything saved; a second one ends it at once. */
const stopOnInterrupt = (): (() => Promise<boolean>) => {
  let stopped = false
  process.once('SIGINT', () => (stopped = true))
  // a signal is only heard between two turns of the event loop
  return async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return stopped
  }
}

const print = (text: string): number => {
  process.stdout.write(text)
  return EXIT.done
}

const EXIT = { done: 0, diverged: 1, usage: 2, interrupted: 130 } as const

/** Runs the command that the arguments name. Resolves to the exit status; never throws for a user's mistake. */
export const main = async ([command, ...rest]: readonly string[]): Promise<number> => {
  try {
    if (command === 'train') return await runTrain(rest)
    if (command === undefined || command === '--help' || command === 'help') return print(HELP)
    if (command === '--version') return print(`${SPEC_VERSION}\n`)
    throw mismatch('UsageError', 'command', 'train, --help or --version', command)
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    process.stderr.write(`ptncn: ${error.message}\n`)
    return error.name === 'DivergenceError' ? EXIT.diverged : EXIT.usage
  }
}

const startedAs = process.argv[1]
if (startedAs !== undefined && realpathSync(startedAs) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2))
}
