/** `ptncn draw`: the pictures of a run again, from its figures and its network. */

import { join } from 'node:path'
import { PtncnError } from '../errors.js'
import { wasmEngine } from '../engine/fast/wasm.js'
import { finishedOf, type Finished } from '../experiment/run/finished.js'
import { readResults } from '../experiment/run/folder.js'
import { curveOf, filmPicture } from '../experiment/run/summary.js'
import { requireSameData } from '../experiment/run/trained-on.js'
import { trainingOf } from '../experiment/settings.js'
import { oneLine, writeFileSafely } from '../io/files.js'
import { parseArguments, required, type Given } from './arguments.js'
import { print } from './process.js'
import { openWithTask, type Opened } from './trained.js'

const HELP = `ptncn draw RUN: makes the pictures of a run again, to the bytes that the run itself wrote: curve.svg from its results.json and,
of frames, film.png from its checkpoint and its data. RUN is the folder of a run that has ended or was stopped.

  --data PATH      where the data of the run are now
  --help

Examples
  ptncn draw runs/bouncing-mnist-seed-1
  ptncn draw runs/mnist --data /mnt/mnist
`

/** A run that went on after it was scored has a network that its figures are not of. @throws FileError */
const requireScored = (folder: string, { settings, sequences }: Finished, { task, standing }: Opened): void => {
  const { batch, sequences: all } = trainingOf(settings, task)
  const trained = standing && Math.min(all, standing.batches * batch)
  if (trained === sequences) return
  const path = oneLine(folder)
  throw new PtncnError(
    'FileError',
    `"${path}" expected a checkpoint after ${sequences} sequences, as its results are, got one after ${trained}; "ptncn train --resume ${path}" finishes it`,
    folder,
  )
}

const filmIn = async (folder: string, finished: Finished, given: Given): Promise<Uint8Array | undefined> => {
  const opened = await openWithTask(folder, given)
  if (opened.data) requireSameData(opened.data, opened.task)
  requireScored(folder, finished, opened)
  const engine = wasmEngine(opened.config)
  try {
    return await filmPicture(opened.task, engine, opened.snapshot, finished.title)
  } finally {
    await engine.dispose()
  }
}

export const runDraw = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('draw', args, { data: 'value' }, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const folder = required(parsed, 'the folder of a run', 'draw')
  const finished = finishedOf(oneLine(join(folder, 'results.json')), await readResults(folder))
  // no other unit is that of frames
  const film = finished.unit === 'nats a frame' ? await filmIn(folder, finished, given) : undefined
  const files = [['curve.svg', curveOf(finished.title, finished)] as const, ...(film ? [['film.png', film] as const] : [])]
  for (const [name, content] of files) await writeFileSafely(join(folder, name), content)
  return print(`${folder}: ${files.map(([name]) => name).join(', ')}\n`)
}
