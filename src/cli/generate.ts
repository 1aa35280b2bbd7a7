/** `ptncn generate`: a trained network runs on its own predictions, and writes text, numbers or a film strip. */

import { mismatch, PtncnError } from '../errors.js'
import type { Task } from '../data/task.js'
import type { Engine, Snapshot } from '../engine/engine.js'
import { wasmEngine } from '../engine/fast/wasm.js'
import { continueSeries, dream, symbolsOf, writeText } from '../experiment/generate.js'
import { openTrained } from '../experiment/run/folder.js'
import { filmStrip } from '../io/film.js'
import { writeFileSafely } from '../io/files.js'
import { numberWithin, parseArguments, required, wholeNumber, type Given } from './arguments.js'
import { print } from './process.js'
import { openWithTask, TASK_OPTIONS, type Opened } from './trained.js'

const HELP = `ptncn generate RUN: a trained network goes on by itself. RUN is the folder of a run, or a checkpoint.

Symbols
  --prompt TEXT      what it begins with ("")
  --count N          symbols to write (200)
  --temperature X    0 takes the most probable symbol each time, 1 draws from the prediction, more is bolder (1)
Frames
  --given N          true frames that it sees before it goes on by itself (10)
  --row N            which test sequence (0)
  --out FILE         the film strip (generated.png)
Series
  --given N          true lines, the first of the test part, that it sees before it goes on by itself (10)
  --count N          lines to write after them, in the scale of the file, columns divided by commas (200)
All: --seed N, by which the same is written again (1); --task, --data, --side, --frames, --length, as for train

Examples
  ptncn generate runs/ptb-char-seed-1 --prompt "the company" --temperature 0.7
  ptncn generate runs/bouncing-mnist-seed-1 --given 8 --out ahead.png
  ptncn generate runs/series-seed-1 --given 100 --count 50
`

/** What a task's inputs are, by which options are taken. */
type Kind = 'symbols' | 'frames' | 'series'

const OWN: Readonly<Record<Kind, readonly string[]>> = {
  symbols: ['prompt', 'count', 'temperature'],
  frames: ['given', 'row', 'out'],
  series: ['given', 'count'],
}
const OPTIONS = {
  ...TASK_OPTIONS,
  prompt: 'value',
  count: 'value',
  temperature: 'value',
  seed: 'value',
  given: 'value',
  row: 'value',
  out: 'value',
} as const

const kindOf = ({ symbols, scaling }: Pick<Task, 'symbols' | 'scaling'>): Kind =>
  symbols ? 'symbols' : scaling ? 'series' : 'frames'

/** @throws UsageError where an option is of another kind of task */
const requireOwn = ({ name }: Pick<Task, 'name'>, kind: Kind, given: Given): void => {
  const foreign = Object.values(OWN)
    .flat()
    .find((option) => given[option] !== undefined && !OWN[kind].includes(option))
  if (foreign) throw mismatch('UsageError', `--${foreign}`, `none, as ${name} is a task of ${kind}`, given[foreign])
}

/** A network on a task that it can run on; of symbols it needs to know no more than these. */
interface Ready {
  readonly task: Task
  readonly engine: Engine
  readonly snapshot: Snapshot
  readonly given: Given
  readonly seed: number
}

const countOf = (given: Given): number => wholeNumber('count', given['count'] ?? 200, 1, 1_000_000)

const ofSymbols = async ({ task, engine, snapshot, given, seed }: Ready): Promise<number> => {
  const written = await writeText(task, engine, snapshot, {
    prompt: symbolsOf(task, String(given['prompt'] ?? '')),
    seed,
    count: countOf(given),
    temperature: numberWithin('temperature', given['temperature'] ?? 1, 0, 100),
  })
  const words = task.symbols!.some((symbol) => symbol.length > 2)
  return print(`${written.join(words ? ' ' : '')}\n`)
}

const ofFrames = async ({ task, engine, snapshot, given, seed }: Ready): Promise<number> => {
  const out = String(given['out'] ?? 'generated.png')
  const seen = wholeNumber('given', given['given'] ?? 10, 0, 1000)
  const row = wholeNumber('row', given['row'] ?? 0, 0, 1_000_000)
  const film = await dream(task, engine, snapshot, { seed, given: seen, row })
  await writeFileSafely(out, filmStrip(film, { title: `${seen} true frames, then its own predictions`, given: seen }))
  return print(`${out}\n`)
}

const ofSeries = async ({ task, engine, snapshot, given, seed }: Ready): Promise<number> => {
  const seen = wholeNumber('given', given['given'] ?? 10, 0, 1_000_000)
  const lines = await continueSeries(task, engine, snapshot, { seed, given: seen, count: countOf(given) })
  return print(lines.map((line) => `${line.join(',')}\n`).join(''))
}

const GENERATE = { symbols: ofSymbols, frames: ofFrames, series: ofSeries } as const

/** Frames to begin with: those of the run, or, where its data are gone, such as come with the package. */
const openToShow = async (path: string, given: Given): Promise<Opened> => {
  try {
    return await openWithTask(path, given)
  } catch (error) {
    const gone = error instanceof PtncnError && error.name === 'FileError' && given['data'] === undefined
    const trained = gone ? await openTrained(path) : undefined
    if (!trained?.settings?.task.startsWith('bouncing-')) throw error
    process.stderr.write(`ptncn: ${(error as PtncnError).message}; the frames are of those that come with the package\n`)
    return openWithTask(path, given, 'embedded')
  }
}

export const runGenerate = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('generate', args, OPTIONS, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const path = required(parsed, 'the folder of a run', 'generate')
  const trained = await openTrained(path)
  const named = Object.keys(TASK_OPTIONS).some((name) => given[name] !== undefined)
  const { data, settings } = trained
  // the symbols are in the checkpoint: no data are needed
  const known = !named && settings && data?.symbols ? { name: settings.task, symbols: data.symbols } : undefined
  const { task, config, snapshot } = known ? { ...trained, task: known } : await openToShow(path, given)
  const kind = kindOf(task)
  requireOwn(task, kind, given)
  const engine = wasmEngine(config)
  const seed = wholeNumber('seed', given['seed'] ?? 1, 0, Number.MAX_SAFE_INTEGER)
  try {
    return await GENERATE[kind]({ task: task as Task, engine, snapshot, given, seed })
  } finally {
    await engine.dispose()
  }
}
