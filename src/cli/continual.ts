/** `ptncn continual`: one network trained on task after task, and after each scored on all of them. */

import type { Mark, Task } from '../data/task.js'
import type { Engine } from '../engine/engine.js'
import { parallelEngine } from '../engine/fast/parallel.js'
import {
  continual,
  continualSummary,
  isScores,
  measuresOf,
  requireComparable,
  stageSeed,
  type ContinualSummary,
  type ScoreMatrix,
} from '../experiment/continual.js'
import { TABLES, TABLES_FORMAT } from '../experiment/continual-report.js'
import { writeJson } from '../experiment/run/folder.js'
import { networkName } from '../experiment/run/summary.js'
import { intervalText } from '../experiment/run/verdict.js'
import { networkOf, otherTask, settingsOf, trainingOf, type RunSettings } from '../experiment/settings.js'
import { writeDone } from '../experiment/study/folder.js'
import { openTask, requireRead, TASK_NAMES } from '../experiment/tasks.js'
import { beginning } from '../experiment/train.js'
import { parseArguments } from './arguments.js'
import { complain, print } from './process.js'
import { aligned, keptOptions, over, runSeeds, SEEDS_HELP, seedsOf, seedsOptions, trainOptions, type Study } from './seeds.js'
import { requireScored } from './training.js'

const USUAL = 'bouncing-mnist,bouncing-notmnist,bouncing-mnist-permuted'

const HELP = `ptncn continual: trains one network on task after task, and scores it on all of them before, between and after.
Nothing tells the network that the task has changed. Printed are every score and
  average           of all tasks at the end
  forgetting        how much worse than at its best a task before the last is at the end; positive: forgotten
  forward transfer  how much better than untrained a task is before its own training; positive: the tasks before it helped

  --tasks A,B,...  two or more of ${TASK_NAMES.join(', ')},
                   alike in inputs and outputs (${USUAL})
  --sequences N    sequences to train on, of each task
  --data PATH      what every task that needs data takes them from
${SEEDS_HELP}
Examples
  ptncn continual
  ptncn continual --tasks bouncing-notmnist,bouncing-mnist --data ~/data --out runs/letters-first
  ptncn continual --optimizer sgd --rate 0.05 --seeds 10 --out runs/continual-sgd
`

const OPTIONS = seedsOptions('tasks')

interface Lesson {
  readonly settings: RunSettings
  readonly task: Task
}

const studyOf = (all: readonly Lesson[], engine: Engine, folder: string): Study<ScoreMatrix> => {
  const tasks = all.map(({ task }) => task)
  const cell = (seed: number): string => `seed-${seed}`
  return {
    description: {
      experiment: 'continual',
      tasks: tasks.map(({ name }) => name),
      ...keptOptions(all[0]!.settings, engine.config),
    },
    tasks,
    cell,
    config: engine.config,
    run: async (seed, conduct) => {
      const stages = all.map(({ settings, task }, index) => ({
        task,
        training: trainingOf({ ...settings, seed: stageSeed(seed, index) }, task),
      }))
      const taught = await continual(stages, engine, beginning(engine, seed), conduct).catch(conduct.diverged)
      if (!taught) return false
      const { scores } = taught
      await writeDone(folder, cell(seed), { seed, scores, ...measuresOf(scores) })
      return true
    },
    scoresOf: ({ scores }) => (isScores(scores, tasks.length) ? scores : undefined),
    measures: (scores) => ({ ...measuresOf(scores) }),
    conclude: async (seeds) => {
      const marks = Object.fromEntries(tasks.map((task) => [task.name, task.marks('test')]))
      const summary = continualSummary(seeds)
      const [{ unit }, titles] = [tasks[0]!, tasks.map(({ title }) => title)]
      await writeJson(folder, TABLES, { format: TABLES_FORMAT, seeds: seeds.length, unit, titles, ...summary, marks })
      const table = [
        ...tasks.map(({ title }, i) => `T${i + 1}: ${title}`),
        `${networkName(engine.config)}; ${tasks[0]!.unit}, on the test data; ${over(summary.average)}:`,
        ...tableOf(tasks, summary, marks),
      ]
      return { summary: { ...summary, marks }, table, files: [TABLES] }
    },
  }
}

const tableOf = (
  tasks: readonly Task[],
  { scores, average, forgetting, forwardTransfer }: ContinualSummary,
  marks: Readonly<Record<string, readonly Mark[]>>,
): string[] => {
  const { unit } = tasks[0]!
  // tasks may have marks of different kinds
  const labels = [...new Set(tasks.flatMap(({ name }) => marks[name]!.map(({ label }) => label)))]
  const marked = (label: string, { name }: Task): string => {
    const mark = marks[name]!.find((one) => one.label === label)
    return mark ? intervalText(unit, { mean: mark.value, count: 1 }) : ''
  }
  return [
    ...aligned([
      ['', ...tasks.map((_, i) => `T${i + 1}`)],
      ...scores.map((row, i) => [i === 0 ? 'untrained' : `after T${i}`, ...row.map((one) => intervalText(unit, one))]),
      ...labels.map((label) => [label, ...tasks.map((task) => marked(label, task))]),
    ]),
    ...aligned([
      ['average at the end', intervalText(unit, average)],
      ['forgetting', intervalText(unit, forgetting)],
      ['forward transfer', intervalText(unit, forwardTransfer)],
    ]),
  ]
}

export const runContinual = async (args: readonly string[]): Promise<number> => {
  const { given } = parseArguments('continual', args, OPTIONS)
  if (given['help']) return print(HELP)
  const how = seedsOf(given, 'runs/continual')
  const [first, ...others] = String(given['tasks'] ?? USUAL).split(',')
  const settings = settingsOf({ ...(await trainOptions(given)), task: first, seed: 1 })
  // one network: what the first task sets is kept for all
  const all = [settings, ...others.map((task) => otherTask(settings, task))].map((one) => ({
    settings: one,
    task: openTask(one),
  }))
  requireRead(
    all.map(({ settings: { task } }) => task),
    given,
  )
  requireComparable(all.map(({ task }) => task))
  const config = networkOf(settings, all[0]!.task)
  requireScored(config, all[0]!.task, settings)
  const engine = parallelEngine(config, { workers: how.workers, onSlow: complain })
  try {
    return await runSeeds(studyOf(all, engine, how.folder), how)
  } finally {
    await engine.dispose()
  }
}
