/**
 * What a run spends on making batches and on scoring, against training: `tsx test/bench/overhead.ts [FOLDER]`, the
 * folder with the data sets; without it, the tasks that need none. Each task at its defaults.
 */

import { parallelEngine } from '../../src/engine/fast/parallel.js'
import type { Engine } from '../../src/engine/engine.js'
import type { Task } from '../../src/data/task.js'
import { networkOf, settingsOf, trainingOf } from '../../src/experiment/settings.js'
import { openTask, TASK_NAMES, type TaskName } from '../../src/experiment/tasks.js'
import { beginning, scorePart, train } from '../../src/experiment/train.js'
import { digits, percent, table, type Row } from './table.js'

const seconds = (): number => performance.now() / 1000

/** f, with the time that it takes added to a sum. */
const clock = () => {
  let sum = 0
  const wrap =
    <Arguments extends unknown[], Result>(f: (...given: Arguments) => Result) =>
    (...given: Arguments): Result => {
      const begin = seconds()
      const result = f(...given)
      if (result instanceof Promise) void result.finally(() => (sum += seconds() - begin))
      else sum += seconds() - begin
      return result
    }
  return { wrap, sum: () => sum }
}

/** Makes the sequences of a part inside the clock. */
const timedHeld = (task: Task, { wrap }: ReturnType<typeof clock>): Task['held'] =>
  function* (part) {
    const iterator = task.held(part)[Symbol.iterator]()
    const next = wrap(() => iterator.next())
    for (let item = next(); !item.done; item = next()) yield item.value
  }

const measure = async (name: TaskName, data: string | undefined, part: number): Promise<Row> => {
  const settings = settingsOf({ task: name, ...(data !== undefined && { data }) })
  const opened = openTask(settings)
  const [making, scoring, learning] = [clock(), clock(), clock()]
  const task: Task = { ...opened, training: making.wrap(opened.training), held: timedHeld(opened, making) }
  const engine = parallelEngine(networkOf(settings, task))
  const timed: Engine = { ...engine, train: learning.wrap(engine.train), evaluate: scoring.wrap(engine.evaluate) }
  const whole = trainingOf(settings, task)
  const sequences = Math.ceil((whole.sequences * part) / whole.batch) * whole.batch
  try {
    const unwatched = { onCall: async () => {}, onPoint: () => {}, stop: async () => false, now: seconds, callSeconds: 2 }
    const { snapshot } = await train(task, { ...whole, sequences }, timed, () => beginning(timed, settings.seed), unwatched)
    const points = scoring.sum()
    for (const held of ['validation', 'test'] as const) await scorePart(timed, task, snapshot, held)
    // training and the points were cut to a part, the scores at the end were not
    const [learned, scored] = [learning.sum() / part, points / part + scoring.sum() - points]
    const made = making.sum() / part
    return [name, digits(learned), digits(scored), digits(made), percent((scored + made) / (learned + scored + made))]
  } finally {
    await engine.dispose()
  }
}

const FREE: readonly TaskName[] = ['bouncing-mnist', 'bouncing-notmnist', 'reber']
const PARTS: Readonly<Partial<Record<TaskName, number>>> = { 'ptb-char': 0.05, 'ptb-word': 0.01 }

const main = async ([data]: readonly string[]): Promise<void> => {
  const names = TASK_NAMES.filter((name) => FREE.includes(name) || (data !== undefined && name !== 'text'))
  const rows: Row[] = []
  for (const name of names) rows.push(await measure(name, name === 'reber' ? undefined : data, PARTS[name] ?? 1))
  process.stdout.write(
    `${table(['a whole run at the defaults, seconds', 'training', 'scoring', 'making batches', 'both of all'], rows)}\n`,
  )
}

await main(process.argv.slice(2))
