/** `ptncn continual`: one network trained on task after task, and after each scored on all of them. */

import { join } from 'node:path'
import type { Mark, Task } from '../data/task.js'
import type { Engine } from '../engine/engine.js'
import { parallelEngine } from '../engine/fast/parallel.js'
import {
  continual,
  continualSummary,
  measuresOf,
  readContinual,
  requireComparable,
  type ContinualSummary,
  type ScoreMatrix,
} from '../experiment/continual.js'
import { seedFolder } from '../experiment/experiment-folder.js'
import { networkName } from '../experiment/run/summary.js'
import { networkOf, otherTask, settingsOf, type RunSettings } from '../experiment/settings.js'
import { openTask, TASK_NAMES } from '../experiment/tasks.js'
import { beginning, continuing } from '../experiment/train.js'
import { parseArguments } from './arguments.js'
import {
  aligned,
  conductOf,
  EXPERIMENT_HELP,
  experimentOptions,
  intervalText,
  keptOptions,
  over,
  runExperiment,
  trainOn,
  trainOptions,
  type Conduct,
  type Experiment,
} from './experiment.js'
import { print } from './process.js'
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
${EXPERIMENT_HELP}
Examples
  ptncn continual
  ptncn continual --tasks bouncing-notmnist,bouncing-mnist --data ~/data --out runs/letters-first
  ptncn continual --optimizer sgd --rate 0.05 --seeds 10 --out runs/continual-sgd
`

const OPTIONS = experimentOptions('tasks')

interface Stage {
  readonly settings: RunSettings
  readonly task: Task
}

/** Seeds of the stages lie this far apart: task i draws its batches by the key of seed and i, two words of 32 bits. */
const STAGE_SEEDS = 2 ** 32

const matrixOf =
  (stages: readonly Stage[], engine: Engine, { folder }: Conduct): Experiment<ScoreMatrix, ContinualSummary>['run'] =>
  (seed, manner) =>
    continual(
      stages.map(({ task }) => task),
      engine,
      beginning(engine, seed),
      async (index, network) => {
        const { settings, task } = stages[index]!
        const standing = await trainOn(
          {
            settings: { ...settings, seed: seed + index * STAGE_SEEDS },
            folder: join(seedFolder(folder, seed), `task-${index + 1}`),
            task,
            engine,
            ...(index > 0 && { from: continuing(network) }),
          },
          {
            ...manner,
            label: `${manner.label}task ${index + 1} of ${stages.length}  `,
            about: { ...manner.about, task: task.name },
          },
        )
        return standing?.snapshot
      },
    )

const experimentOf = (stages: readonly Stage[], engine: Engine, conduct: Conduct): Experiment<ScoreMatrix, ContinualSummary> => {
  const tasks = stages.map(({ task }) => task)
  return {
    name: 'continual',
    options: { tasks: tasks.map(({ name }) => name), ...keptOptions(stages[0]!.settings, engine.config) },
    run: matrixOf(stages, engine, conduct),
    read: readContinual(tasks.length),
    measures: (scores) => ({ ...measuresOf(scores) }),
    summary: continualSummary,
    marks: () => Object.fromEntries(tasks.map((task) => [task.name, task.marks('test')])),
    table: (summary, marks) => [
      ...tasks.map(({ title }, i) => `T${i + 1}: ${title}`),
      `${networkName(engine.config)}; ${tasks[0]!.unit}, on the test data; ${over(summary.average)}:`,
      ...tableOf(tasks, summary, marks as Readonly<Record<string, readonly Mark[]>>),
    ],
  }
}

const tableOf = (
  tasks: readonly Task[],
  { scores, ...measures }: ContinualSummary,
  marks: Readonly<Record<string, readonly Mark[]>>,
): string[] => {
  const { unit } = tasks[0]!
  const { average, forgetting, forwardTransfer } = measures
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
  const conduct = conductOf(given, 'runs/continual')
  const [first, ...others] = String(given['tasks'] ?? USUAL).split(',')
  const settings = settingsOf({ ...(await trainOptions(given)), task: first, seed: 1 })
  // one network: what the first task sets is kept for all
  const all = [settings, ...others.map((task) => otherTask(settings, task))]
  const stages = all.map((one) => ({ settings: one, task: openTask(one) }))
  requireComparable(stages.map(({ task }) => task))
  const config = networkOf(settings, stages[0]!.task)
  requireScored(config, stages[0]!.task, settings)
  const engine = parallelEngine(config, { workers: conduct.workers })
  return runExperiment(experimentOf(stages, engine, conduct), conduct, [engine])
}
