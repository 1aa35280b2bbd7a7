/** `ptncn zero-shot`: trained on digits, scored on glyphs with its weights frozen, with the correction phase and without. */

import type { Mark, Task } from '../data/task.js'
import { parallelEngine } from '../engine/fast/parallel.js'
import { seedFolder } from '../experiment/experiment-folder.js'
import { networkName } from '../experiment/run/summary.js'
import { networkOf, otherTask, settingsOf, type RunSettings } from '../experiment/settings.js'
import { openTask } from '../experiment/tasks.js'
import {
  adaptationOf,
  readZeroShot,
  withoutCorrection,
  zeroShot,
  zeroShotSummary,
  type ZeroShotEngines,
  type ZeroShotScores,
  type ZeroShotSummary,
  type ZeroShotTasks,
} from '../experiment/zero-shot.js'
import type { Config } from '../ptncn/config.js'
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

const HELP = `ptncn zero-shot: trains on bouncing digits, freezes every weight, and scores on digits and on glyphs A-J that the
network never saw, which take the same paths; with the correction phase, by which states adapt, and without it (beta 0).
The adaptation is what the correction gains on glyphs beyond what it gains on digits.

  --data FOLDER    a folder with MNIST and notMNIST; without it: digits and glyphs that come along
${EXPERIMENT_HELP}
Examples
  ptncn zero-shot
  ptncn zero-shot --data ~/data --side 64 --units 512,512 --sequences 100000 --out runs/zero-shot-64
  ptncn zero-shot --activation sign --seeds 10 --out runs/zero-shot-sign
`

const OPTIONS = experimentOptions()

type Setting = { readonly settings: RunSettings; readonly config: Config; readonly tasks: ZeroShotTasks }

const experimentOf = (
  { settings, config, tasks }: Setting,
  engines: ZeroShotEngines,
  { folder }: Conduct,
): Experiment<ZeroShotScores, ZeroShotSummary> => ({
  name: 'zero-shot',
  options: keptOptions(settings, config),
  run: async (seed, manner) => {
    const training = { settings: { ...settings, seed }, folder: seedFolder(folder, seed), task: tasks.digits, engine: engines.on }
    const standing = await trainOn(training, manner)
    return standing && zeroShot(tasks, engines, standing.snapshot)
  },
  read: readZeroShot,
  measures: (scores) => ({ adaptation: adaptationOf(scores) }),
  summary: zeroShotSummary,
  marks: () => ({ digits: tasks.digits.marks('test'), glyphs: tasks.glyphs.marks('test') }),
  table: (summary, marks) => [
    `${tasks.digits.title}, to train on; ${tasks.glyphs.title}, never seen; ${networkName(config)}`,
    `${tasks.digits.unit}, on the test data; ${over(summary.adaptation)}:`,
    ...tableOf(tasks.digits, summary, marks as MarksOf),
  ],
})

type MarksOf = Readonly<Record<keyof ZeroShotTasks, readonly Mark[]>>

const tableOf = ({ unit }: Task, { digits, glyphs, adaptation }: ZeroShotSummary, marks: MarksOf): string[] => {
  const row = (label: string, of: 'on' | 'off' | 'gain'): string[] => [
    label,
    intervalText(unit, digits[of]),
    intervalText(unit, glyphs[of]),
  ]
  return aligned([
    ['', 'digits', 'glyphs'],
    row('correction on', 'on'),
    row('correction off', 'off'),
    row('gain (off - on)', 'gain'),
    ...marks.digits.map(({ label, value }, i) => [
      label,
      ...[value, marks.glyphs[i]!.value].map((mean) => intervalText(unit, { mean, count: 1 })),
    ]),
    ['adaptation (gain on glyphs - gain on digits)', '', intervalText(unit, adaptation)],
  ])
}

export const runZeroShot = async (args: readonly string[]): Promise<number> => {
  const { given } = parseArguments('zero-shot', args, OPTIONS)
  if (given['help']) return print(HELP)
  const conduct = conductOf(given, 'runs/zero-shot')
  const settings = settingsOf({ ...(await trainOptions(given)), task: 'bouncing-mnist', seed: 1 })
  const tasks = { digits: openTask(settings), glyphs: openTask(otherTask(settings, 'bouncing-notmnist')) }
  const config = networkOf(settings, tasks.digits)
  requireScored(config, tasks.digits, settings)
  const [on, off] = [config, withoutCorrection(config)].map((one) => parallelEngine(one, { workers: conduct.workers }))
  const engines = { on: on!, off: off! }
  return runExperiment(experimentOf({ settings, config, tasks }, engines, conduct), conduct, [on!, off!])
}
