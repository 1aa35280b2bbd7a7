/** `ptncn stream`: a network predicts what the standard input brings, line by line, and learns from it. */

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { mismatch, PtncnError } from '../errors.js'
import { wasmEngine } from '../engine/fast/wasm.js'
import { streamOf, type Stream } from '../experiment/stream.js'
import { encodeCheckpoint } from '../io/checkpoint.js'
import { ensureFolder, oneLine, writeFileSafely } from '../io/files.js'
import { linesOf, type Line } from '../io/lines.js'
import { CONFIG_FIELDS } from '../ptncn/config.js'
import { parseArguments, type Arguments, type Given, type Options } from './arguments.js'
import { EXIT, interrupted, isHeard, print, printJson, stopOnInterrupt } from './process.js'
import { asRecord, inWords, type Notation } from './stream-lines.js'
import { accountAt, newNetwork, trainedNetwork, type Source } from './stream-network.js'
import { secondsBetweenSaves } from './training.js'

const HELP = `ptncn stream RUN: reads the standard input, one line a step, and for each line at once prints one: the prediction that was
made before the line was seen, and its error. RUN is the folder of a run, or a checkpoint; without it a new network begins.

A line is as many numbers as there are inputs, divided by commas or blanks: those of a series in the scale of its file, for
sigmoid outputs from 0 to 1. Of a network of symbols it is one symbol, as it stands or as JSON writes it ("\\n"). An empty
line ends a sequence, and the next line begins another. Errors are nats, or half squared errors of the inputs as the network
sees them; in the first step of a sequence nothing is scored.

  --learn          learns from every line, whatever the update of its training; without it the weights stay as they are
  --ahead          prints the prediction of the line to come too
  --top N          the N most probable symbols of each prediction
  --out FILE       a checkpoint at the end and now and then (FILE.safetensors); a stream from it goes on to the same bits.
                   RUN itself may be given
  --save X         seconds between two checkpoints (60)
  --json           one JSON object a line: sequence, t, prediction, loss, and what else was asked for
  --symbols LIST   a,b,c or a JSON list: the symbols of a new network, or of a checkpoint that does not say
  --seed N         of a new network's weights, and of what stochastic units draw (1, or the run's)
  --help

A new network
  --units N,N,...  units of the hidden layers, from the lowest up
  --inputs N       numbers a line, best around 0 and not far beyond -1 and 1; or --symbols LIST
  --profile NAME   what the other fields default to (online, fitted to the units); --output is identity, or sigmoid
  ${CONFIG_FIELDS.filter((name) => name !== 'units' && name !== 'output')
    .map((name) => `--${name}`)
    .join(' ')}

SIGINT, SIGTERM, and a reader that leaves, end it after the line at hand, with the checkpoint written; so does a line that is
wrong, which is named.

Examples
  tail -f numbers.csv | ptncn stream runs/series --learn
  tail -f numbers.csv | ptncn stream --units 64,64 --inputs 3 --learn --json --out live/three.safetensors
  tail -f numbers.csv | ptncn stream live/three.safetensors --learn --out live/three.safetensors
  grep -o . book.txt | ptncn stream runs/text-seed-1 --top 3
`

const OPTIONS: Options = {
  ...Object.fromEntries(CONFIG_FIELDS.map((name) => [name, 'value' as const])),
  biases: 'switch',
  ...{ inputs: 'value', symbols: 'value', profile: 'value', seed: 'value', out: 'value', save: 'value', top: 'value' },
  ...{ learn: 'flag', ahead: 'flag', json: 'flag' },
}

const sourceOf = ({ given, positionals: [path] }: Arguments): Source | Promise<Source> => {
  if (path !== undefined) return trainedNetwork(path, given)
  if (given['units'] !== undefined || given['inputs'] !== undefined) return newNetwork(given)
  throw new PtncnError(
    'UsageError',
    'expected the folder of a run, or --units and --inputs, got none; see ptncn stream --help',
    path,
  )
}

/** What was learned for hours is not written over by another stream. @throws UsageError, FileError */
const outOf = ({ given: { out }, positionals: [run] }: Arguments): string | undefined => {
  if (out === undefined) return undefined
  if (typeof out !== 'string' || !out.endsWith('.safetensors'))
    throw mismatch('UsageError', '--out', 'the name of a .safetensors file', out)
  if (existsSync(out) && out !== run) {
    const remedy = `give another, or go on with it: ptncn stream ${oneLine(out)}`
    throw mismatch('FileError', '--out', 'a new file, or RUN itself', out, remedy)
  }
  ensureFolder(dirname(out))
  return out
}

/** One checkpoint after the other, and none where nothing was seen since the last. */
const saverOf = (path: string | undefined, source: Source, stream: Stream): (() => Promise<void>) => {
  let saved: ReturnType<Stream['snapshot']> | undefined
  const save = async (): Promise<void> => {
    const [snapshot, run] = [stream.snapshot(), accountAt(source, stream.position())]
    if (path === undefined || snapshot === saved) return
    await writeFileSafely(path, encodeCheckpoint({ config: source.config, snapshot, run }))
    saved = snapshot
  }
  let queue = Promise.resolve()
  return () => (queue = queue.then(save))
}

/** One line in, one line out. */
const answer = async (line: Line, stream: Stream, notation: Notation, { ahead, json }: Given): Promise<void> => {
  const x = notation.read(line)
  if (!x) return stream.end()
  const streamed = await stream.see(x)
  const next = ahead ? await stream.ahead() : undefined
  if (json) printJson(asRecord(notation, streamed, next))
  else print(`${inWords(notation, streamed, x, next)}\n`)
}

/** A stream that was destroyed on purpose has ended. */
const untilLeft = async function* (lines: AsyncIterable<Line>, hasLeft: () => boolean): AsyncGenerator<Line> {
  try {
    yield* lines
  } catch (error) {
    if (!hasLeft()) throw error
  }
}

/** Where the reader of the output is slower than the input is, it is waited for. */
const drained = (): Promise<unknown> | undefined =>
  process.stdout.writableNeedDrain
    ? new Promise((resolve) => process.stdout.once('drain', resolve).once('error', resolve))
    : undefined

export const runStream = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('stream', args, OPTIONS, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const saveSeconds = secondsBetweenSaves(given)
  const source = await sourceOf(parsed)
  const { notation } = source
  const out = outOf(parsed)
  const engine = wasmEngine(source.config)
  const stream = streamOf(engine, source.snapshot, source.position, given['learn'] === true)
  const save = saverOf(out, source, stream)
  let left = false
  const leave = (): void => {
    left = true
    process.stdin.destroy()
  }
  const stopped = stopOnInterrupt(leave)
  process.stdout.once('error', leave)
  // what cannot be saved is told at the end
  const timer = setInterval(() => void save().catch(leave), Math.max(1, 1000 * saveSeconds))
  try {
    for await (const line of untilLeft(linesOf(process.stdin, notation.longest), () => left)) {
      await answer(line, stream, notation, given)
      await drained()
      if ((await stopped()) || !isHeard() || left) break
    }
    return (await stopped()) ? interrupted() : EXIT.done
  } finally {
    clearInterval(timer)
    await save()
    await engine.dispose()
  }
}
