/** `ptncn generate`: a trained network runs on its own predictions, and writes text or a film strip. */

import { mismatch, PtncnError } from '../errors.js'
import { wasmEngine } from '../engine/fast/wasm.js'
import { dream, symbolsOf, writeText, type Vocabulary } from '../experiment/generate.js'
import { openTrained, type Trained } from '../experiment/run/folder.js'
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
  --seed N           the same seed writes the same text (1)
Frames
  --given N          true frames that it sees before it goes on by itself (10)
  --row N            which test sequence (0)
  --out FILE         the film strip (generated.png)
Both: --task, --data, --side, --frames, --length, as for train

Examples
  ptncn generate runs/ptb-char-seed-1 --prompt "the company" --temperature 0.7
  ptncn generate runs/bouncing-mnist-seed-1 --given 8 --out ahead.png
`

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
const SYMBOLS_ONLY = ['prompt', 'count', 'temperature']
const FRAMES_ONLY = ['given', 'row', 'out']

export const runGenerate = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('generate', args, OPTIONS, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const path = required(parsed, 'the folder of a run', 'generate')
  const trained = await openTrained(path)
  const named = Object.keys(TASK_OPTIONS).some((name) => given[name] !== undefined)
  const { data, settings } = trained
  // the symbols are in the checkpoint: no data are needed
  if (!named && settings && data?.symbols) return write(trained, { name: settings.task, symbols: data.symbols }, given)
  const opened = await openToShow(path, given)
  return opened.task.symbols ? write(opened, opened.task, given) : show(opened, given)
}

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

const requireOwn = (task: string, kind: 'frames' | 'symbols', given: Given): void => {
  const foreign = (kind === 'symbols' ? FRAMES_ONLY : SYMBOLS_ONLY).find((name) => given[name] !== undefined)
  const expected = `none, as ${task} has no ${kind === 'symbols' ? 'frames' : 'symbols'}`
  if (foreign) throw mismatch('UsageError', `--${foreign}`, expected, given[foreign])
}

const seedOf = (given: Given): number => wholeNumber('seed', given['seed'] ?? 1, 0, Number.MAX_SAFE_INTEGER)

const write = async ({ config, snapshot }: Trained, vocabulary: Vocabulary, given: Given): Promise<number> => {
  requireOwn(vocabulary.name, 'symbols', given)
  const engine = wasmEngine(config)
  try {
    const written = await writeText(vocabulary, engine, snapshot, {
      prompt: symbolsOf(vocabulary, String(given['prompt'] ?? '')),
      seed: seedOf(given),
      count: wholeNumber('count', given['count'] ?? 200, 1, 1_000_000),
      temperature: numberWithin('temperature', given['temperature'] ?? 1, 0, 100),
    })
    const words = vocabulary.symbols!.some((symbol) => symbol.length > 2)
    return print(`${written.join(words ? ' ' : '')}\n`)
  } finally {
    await engine.dispose()
  }
}

const show = async ({ config, snapshot, task }: Opened, given: Given): Promise<number> => {
  requireOwn(task.name, 'frames', given)
  const engine = wasmEngine(config)
  try {
    const out = String(given['out'] ?? 'generated.png')
    const seen = wholeNumber('given', given['given'] ?? 10, 0, 1000)
    const row = wholeNumber('row', given['row'] ?? 0, 0, 1_000_000)
    const film = await dream(task, engine, snapshot, { seed: seedOf(given), given: seen, row })
    await writeFileSafely(out, filmStrip(film, { title: `${seen} true frames, then its own predictions`, given: seen }))
    return print(`${out}\n`)
  } finally {
    await engine.dispose()
  }
}
