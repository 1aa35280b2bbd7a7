/** `ptncn generate`: a trained network runs on its own predictions, and writes text or a film strip. */

import { mismatch } from '../errors.js'
import { wasmEngine } from '../engine/fast/wasm.js'
import { dream, symbolsOf, writeText } from '../experiment/generate.js'
import { filmStrip } from '../io/film.js'
import { writeFileSafely } from '../io/files.js'
import { numberWithin, parseArguments, required, wholeNumber } from './arguments.js'
import { print } from './process.js'
import { openWithTask, TASK_OPTIONS } from './trained.js'

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
  const { config, snapshot, task } = await openWithTask(path, given)
  const foreign = (task.symbols ? FRAMES_ONLY : SYMBOLS_ONLY).find((name) => given[name] !== undefined)
  if (foreign)
    throw mismatch(
      'UsageError',
      `--${foreign}`,
      `none, as ${task.name} has no ${task.symbols ? 'frames' : 'symbols'}`,
      given[foreign],
    )
  const seed = wholeNumber('seed', given['seed'] ?? 1, 0, Number.MAX_SAFE_INTEGER)
  const engine = wasmEngine(config)
  try {
    if (task.symbols) {
      const written = await writeText(task, engine, snapshot, {
        prompt: symbolsOf(task, String(given['prompt'] ?? '')),
        seed,
        count: wholeNumber('count', given['count'] ?? 200, 1, 1_000_000),
        temperature: numberWithin('temperature', given['temperature'] ?? 1, 0, 100),
      })
      const words = task.symbols.some((symbol) => symbol.length > 2)
      return print(`${written.join(words ? ' ' : '')}\n`)
    }
    const out = String(given['out'] ?? 'generated.png')
    const seen = wholeNumber('given', given['given'] ?? 10, 0, 1000)
    const film = await dream(task, engine, snapshot, {
      seed,
      given: seen,
      row: wholeNumber('row', given['row'] ?? 0, 0, 1_000_000),
    })
    await writeFileSafely(out, filmStrip(film, { title: `${seen} true frames, then its own predictions` }))
    return print(`${out}\n`)
  } finally {
    await engine.dispose()
  }
}
