/** `ptncn zero-shot`: trained on digits, scored on glyphs with its weights frozen, with the correction phase and without. */

import type { Mark, Task, Unit } from '../data/task.js'
import { parallelEngine } from '../engine/fast/parallel.js'
import { runCell } from '../experiment/compare/cell.js'
import type { CellResult } from '../experiment/compare/result.js'
import { writeCell } from '../experiment/compare/cells.js'
import { collect } from '../experiment/compare/collect.js'
import { cellsOf, gridOf } from '../experiment/compare/grid.js'
import {
  adaptationOf,
  zeroShotGrid,
  zeroShotOf,
  zeroShotSummary,
  type ZeroShotScores,
  type ZeroShotSummary,
} from '../experiment/compare/zero-shot.js'
import { networkName } from '../experiment/run/summary.js'
import { intervalText } from '../experiment/run/verdict.js'
import { networkOf, otherTask, settingsOf, type RunSettings } from '../experiment/settings.js'
import type { Open } from '../experiment/study/data.js'
import { openTask, requireRead } from '../experiment/tasks.js'
import { parseArguments } from './arguments.js'
import { complain, print } from './process.js'
import { aligned, over, runSeeds, SEEDS_HELP, seedsOf, seedsOptions, trainOptions, type Seeds, type Study } from './seeds.js'
import { requireScored } from './training.js'

const HELP = `ptncn zero-shot: trains on bouncing digits, freezes every weight, and scores on digits and on glyphs A-J that the
network never saw, which take the same paths; with the correction phase, by which states adapt, and without it (beta 0).
The adaptation is what the correction gains on glyphs beyond what it gains on digits.

  --data FOLDER    a folder with MNIST and notMNIST; without it: digits and glyphs that come along
${SEEDS_HELP}
Examples
  ptncn zero-shot
  ptncn zero-shot --data ~/data --side 64 --units 512,512 --sequences 100000 --out runs/zero-shot-64
  ptncn zero-shot --activation sign --seeds 10 --out runs/zero-shot-sign
`

const OPTIONS = seedsOptions()

/** Of the two tasks the sequences to score take the same paths; only the images differ. */
type Tasks = Readonly<Record<'digits' | 'glyphs', Task>>

const studyOf = (settings: RunSettings, tasks: Tasks, { folder, seeds, workers }: Seeds): Study<ZeroShotScores> => {
  const config = networkOf(settings, tasks.digits)
  requireScored(config, tasks.digits, settings)
  const description = zeroShotGrid(settings, config, seeds)
  const grid = gridOf(description, settings.data)
  const cells = cellsOf(grid)
  const open: Open = async (_, { task }) => (task === tasks.digits.name ? tasks.digits : tasks.glyphs)
  return {
    description: { grid: description, data: settings.data !== undefined },
    tasks: Object.values(tasks),
    cell: (seed) => cells[seed - 1]!.name,
    config,
    run: async (seed, conduct) => {
      const cell = cells[seed - 1]!
      const engineOf = (of: typeof config) => parallelEngine(of, { workers, onSlow: complain })
      const done = await runCell(grid, cell, cell.contender.trials[0]!, open, conduct, engineOf)
      if (done) await writeCell(folder, cell, done.result, done.cost)
      return done !== undefined
    },
    scoresOf: (result) => zeroShotOf(result as unknown as CellResult),
    measures: (scores) => ({ adaptation: adaptationOf(scores) }),
    conclude: async (all) => {
      const summary = zeroShotSummary(all)
      const marks = { digits: tasks.digits.marks('test'), glyphs: tasks.glyphs.marks('test') }
      const { files } = await collect(folder, grid)
      const table = [
        `${tasks.digits.title}, to train on; ${tasks.glyphs.title}, never seen; ${networkName(config)}`,
        `${tasks.digits.unit}, on the test data; ${over(summary.adaptation)}:`,
        ...tableOf(tasks.digits.unit, summary, marks),
      ]
      return { summary: { ...summary, marks }, table, files }
    },
  }
}

const tableOf = (
  unit: Unit,
  { digits, glyphs, adaptation }: ZeroShotSummary,
  marks: Readonly<Record<keyof Tasks, readonly Mark[]>>,
): string[] => {
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
  const how = seedsOf(given, 'runs/zero-shot')
  const settings = settingsOf({ ...(await trainOptions(given)), task: 'bouncing-mnist', seed: 1 })
  requireRead(['bouncing-mnist', 'bouncing-notmnist'], given)
  const tasks = { digits: openTask(settings), glyphs: openTask(otherTask(settings, 'bouncing-notmnist')) }
  return runSeeds(studyOf(settings, tasks, how), how)
}
