/** A task of your own: sines of any phase, predicted step by step. Run it with `npx tsx sine.ts`. */

import { config, inputOf, matrix, wasmEngine, type Sequence } from 'ptncn'
import { beginning, scorePart, train } from 'ptncn/experiment'
import type { Task } from 'ptncn/tasks'

const [ROWS, STEPS, TURN] = [10, 60, 0.3]

/** `ROWS` sines that begin anywhere: those of one `index` are always the same. */
const sines = (index: number): Sequence => {
  const phase = (row: number): number => 2 * Math.PI * (((index * ROWS + row) * 0.618034) % 1)
  const at = (t: number): number[] => Array.from({ length: ROWS }, (_, row) => Math.sin(phase(row) + TURN * t))
  return { inputs: Array.from({ length: STEPS }, (_, t) => inputOf(matrix(ROWS, 1, at(t)))) }
}

const task: Task = {
  name: 'sine',
  title: 'Sines of any phase',
  inputs: 1,
  output: 'identity',
  unit: 'half squared error a step',
  training: (key, index) => sines(1000 * key[0] + index),
  held: (part) => [sines(part === 'test' ? -1 : -2)],
  // the mean over all phases of (sin(a + TURN) - sin(a))^2 / 2
  marks: () => [{ label: 'copy last', value: 1 - Math.cos(TURN) }],
}

const engine = wasmEngine(config({ units: [1, 32, 32], output: 'identity', optimizer: 'adam', rate: 0.001, clip: 0 }))
const untrained = beginning(engine, 1)
const { snapshot } = await train(task, { seed: 1, batch: ROWS, sequences: 4000 }, engine, () => untrained)

const show = (label: string, score: number): void => console.log(label.padEnd(10), score.toFixed(4))
show('untrained', await scorePart(engine, task, untrained, 'test'))
for (const { label, value } of task.marks('test')) show(label, value)
show('trained', await scorePart(engine, task, snapshot, 'test'))
await engine.dispose()
