/** `ptncn compare`: methods against each other over tasks, settings and seeds; cell after cell, or one alone. */

import { availableParallelism } from 'node:os'

import { PtncnError } from '../errors.js'
import { runCell } from '../experiment/compare/cell.js'
import { keyOf, readCell, readGrid, ready, readPace, settingsOfCell, writeCell, writePace } from '../experiment/compare/cells.js'
import { collect } from '../experiment/compare/collect.js'
import { cellsOf, gridOf, withoutCorpora, type Cell, type Grid } from '../experiment/compare/grid.js'
import { estimate, paceOf } from '../experiment/compare/estimate.js'
import { GRIDS } from '../experiment/compare/grids.js'
import type { Settings } from '../experiment/compare/methods.js'
import { quoted } from '../experiment/run/repeat.js'
import { studyTasks, type Open } from '../experiment/study/data.js'
import { isBegun, isDone, openStudy, sweepCell } from '../experiment/study/folder.js'
import { openTask } from '../experiment/tasks.js'
import { progressOn, roughly } from '../io/terminal.js'
import { parseArguments, required, type Given } from './arguments.js'
import { EXIT, interrupted, print, printJson, seconds, stopOnInterrupt } from './process.js'
import { conductIn, saving, secondsBetweenSaves, type Manner } from './training.js'

const HELP = `ptncn compare GRID: P-TNCN and its rivals on the same data, with the same loss, batches and seeds. Of each
method a few settings are tried, as many for all, and judged on validation data; the best ones are then fixed for fresh
seeds. One training is a cell: one command, one file, the same bits whenever and wherever it runs. Cells whose file is
there are skipped, and what was killed goes on. GRID is one of ${Object.keys(GRIDS).join(', ')}, or a JSON file like grid.json in the folder of one.

  --out FOLDER     where the cells are (runs/compare-GRID)
  --cell NAME      runs this cell alone
  --plan           runs no cell, says how long all take, and prints the cells that can run now as commands, one a line: first the searches,
                   and the final seeds of each method once its search is done
  --collect        runs nothing, and makes tables, curves and film strips of the cells that are there
  --data PATH      a folder with MNIST, notMNIST or the Penn Treebank; without it: digits and glyphs that come along,
                   and no Penn Treebank. A task of a JSON file may have data of its own: "data": "temperatures.csv"
  --save X         seconds between two checkpoints of a cell (60)
  --json           lines of JSON
  --help

Examples
  ptncn compare small
  ptncn compare small --out runs/small --plan | parallel -j 2
  ptncn compare small --out runs/small --cell final/reber/bptt/tanh/seed-3
  ptncn compare small --out runs/small --collect
  ptncn compare mine.json --data ~/data --out /shared/mine --plan > cells.txt

On the cores of one machine with GNU parallel, a round for the searches and one for the final seeds:
  for round in search final; do ptncn compare small --out runs/small --plan | parallel -j 2; done
  ptncn compare small --out runs/small --collect
Over machines that see one folder and have the package at the same place, nodes.txt with one ssh login a line:
  ptncn compare published --out /shared/published --data /shared/data --plan | parallel --sshloginfile nodes.txt --resume --joblog log
As a Slurm job array, once with the plan of the searches and once with that of the final seeds:
  ptncn compare published --out /shared/published --data /shared/data --plan > cells.txt
  sbatch --array=1-$(wc -l < cells.txt) --cpus-per-task=1 --requeue --wrap 'sh -c "$(sed -n "\${SLURM_ARRAY_TASK_ID}p" cells.txt)"'
A cell uses one thread. Where times are compared, run all cells on machines that are alike, no more than there are cores.
`

const OPTIONS = {
  out: 'value',
  cell: 'value',
  data: 'value',
  save: 'value',
  plan: 'flag',
  collect: 'flag',
  json: 'flag',
} as const

interface Chosen {
  /** as it was typed */
  readonly name: string
  readonly grid: Grid
  readonly folder: string
  readonly given: Given
}

/** Without data of the user's, the part that needs none. */
const builtInGrid = (name: string, data: string | undefined): ReturnType<typeof withoutCorpora> =>
  data === undefined ? withoutCorpora(GRIDS[name]!) : { description: GRIDS[name]!, left: [] }

/** @throws FileError where a task has data that cannot be read */
const requireData = ({ tasks }: Grid): void =>
  tasks
    .filter(({ options }) => options.data !== undefined)
    .flatMap(({ options, then }) => [options, ...then.map((task) => ({ ...options, task }))])
    .forEach((options) => openTask(options))

/** @throws UsageError, FileError */
const choose = async (given: Given, name: string): Promise<Chosen> => {
  const builtIn = Object.hasOwn(GRIDS, name)
  const data = given['data'] === undefined ? undefined : String(given['data'])
  const { description, left } = builtIn ? builtInGrid(name, data) : { description: await readGrid(name), left: [] }
  const grid = gridOf(description, data)
  const folder = given['out'] === undefined ? `runs/compare-${builtIn ? name : 'grid'}` : String(given['out'])
  // a folder is not begun with data that are not there
  if (!isBegun(folder)) requireData(grid)
  await openStudy(folder, { grid: description, data: data !== undefined })
  if (left.length > 0) process.stderr.write(`ptncn compare: left out without --data: ${left.join(', ')}\n`)
  return { name, grid, folder, given }
}

const cellNamed = (grid: Grid, name: string): Cell => {
  const cell = cellsOf(grid).find((one) => one.name === name)
  if (cell) return cell
  throw new PtncnError(
    'UsageError',
    `"--cell" expected the name of a cell of this grid, got ${JSON.stringify(name.slice(0, 100))}; ptncn compare GRID --plan names them`,
    name,
  )
}

/** The command of one cell, for any POSIX shell. */
const commandOf = ({ name, folder, given }: Chosen, cell: Cell): string => {
  const option = (key: string): readonly string[] => (given[key] === undefined ? [] : [`--${key}`, quoted(String(given[key]))])
  return ['ptncn compare', quoted(name), '--out', quoted(folder), ...option('data'), ...option('save'), '--cell', cell.name].join(
    ' ',
  )
}

/** Before anything of many cells starts: how long they take here, on the standard error. */
const tellTime = async ({ grid, folder, given }: Chosen): Promise<void> => {
  const left = cellsOf(grid).filter(({ name }) => !isDone(folder, name))
  if (left.length === 0 || given['json'] === true) return
  const progress = progressOn(process.stderr, seconds)
  const show = (index: number, count: number, name: string): void => progress.show(index, count, `timing ${name}`)
  const known = await readPace(folder)
  const pace = await paceOf(grid, left, known, studyTasks(folder), seconds, show).finally(progress.clear)
  await writePace(folder, pace)
  const all = estimate(left, pace)
  const cores = availableParallelism()
  const several = cores > 1 ? `, ${roughly(all / cores)} on ${cores} with --plan` : ''
  process.stderr.write(`ptncn compare: to do: ${count(left)}, about ${roughly(all)} on one core${several}\n`)
}

const count = ({ length }: readonly unknown[]): string => `${length} ${length === 1 ? 'cell' : 'cells'}`

const plan = async (chosen: Chosen): Promise<number> => {
  await tellTime(chosen)
  return print((await ready(chosen.folder, chosen.grid)).map((cell) => `${commandOf(chosen, cell)}\n`).join(''))
}

/** Runs a cell to its file; false where it was stopped. A divergence is a result. */
const runTo = async (
  { grid, folder }: Chosen,
  cell: Cell,
  settings: Settings,
  open: Open,
  { json, show, ...manner }: Manner & { readonly json: boolean; readonly show: (part: number) => void },
): Promise<boolean> => {
  const conduct = conductIn(folder, cell.name, keyOf(cell, settings), {
    watch: ({ batches, save }) => ({ ...saving(manner, save, (standing) => show(standing.batches / batches)), clear: () => {} }),
    diverged: async () => {},
  })
  await sweepCell(folder, cell.name)
  const done = await runCell(grid, cell, settings, open, conduct)
  if (!done) return false
  await writeCell(folder, cell, done.result, done.cost)
  const { validation, test, diverged } = done.result
  if (json) printJson({ type: 'cell', name: cell.name, validation, test, diverged, seconds: done.cost.seconds })
  return true
}

/** One after another; false where they were stopped. @throws UsageError where the settings of one are not known yet */
const runCells = async (chosen: Chosen, cells: readonly Cell[]): Promise<boolean> => {
  const { grid, folder, given } = chosen
  const progress = progressOn(process.stderr, seconds)
  const manner = { stop: stopOnInterrupt(), saveSeconds: secondsBetweenSaves(given), json: given['json'] === true }
  const open = studyTasks(folder)
  try {
    for (const [i, cell] of cells.entries()) {
      // another process may have been there meanwhile
      if (isDone(folder, cell.name)) continue
      const settings = await settingsOfCell(folder, grid, cell)
      if (!settings) throw unsearched(cell)
      const show = (part: number): void => progress.show(i + part, cells.length, `cell ${i + 1} of ${cells.length}  ${cell.name}`)
      if (!(await runTo(chosen, cell, settings, open, { ...manner, show }))) return false
    }
    return true
  } finally {
    progress.clear()
  }
}

const unsearched = ({ name }: Cell): PtncnError =>
  new PtncnError(
    'UsageError',
    `"${name}" expected its search to be done, got cells of it that are not; ptncn compare GRID --plan names them`,
    name,
  )

const runOne = async (chosen: Chosen, name: string): Promise<number> => {
  const cell = cellNamed(chosen.grid, name)
  // what is there is seen to be whole
  if (isDone(chosen.folder, name)) await readCell(chosen.folder, cell)
  return (await runCells(chosen, [cell])) ? EXIT.done : interrupted()
}

const runAll = async (chosen: Chosen): Promise<number> => {
  const left = cellsOf(chosen.grid).filter(({ name }) => !isDone(chosen.folder, name))
  await tellTime(chosen)
  return (await runCells(chosen, left)) ? runCollect(chosen) : tellStopped(chosen)
}

const tellStopped = ({ grid, folder, given }: Chosen): number => {
  const cells = cellsOf(grid)
  const done = cells.filter((cell) => isDone(folder, cell.name)).length
  if (given['json'] === true) printJson({ type: 'stopped', folder, done, cells: cells.length })
  else print(`stopped with ${done} of ${cells.length} cells done; the same command goes on\n`)
  return interrupted()
}

const runCollect = async ({ grid, folder, given }: Chosen): Promise<number> => {
  const { files, done, cells, verdicts } = await collect(folder, grid)
  if (given['json'] === true) return printJson({ type: 'collected', folder, done, cells, files, verdicts })
  return print([`${done} of ${cells} cells`, ...verdicts, `${folder}: ${files.join(', ')}`, ''].join('\n'))
}

export const runCompare = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('compare', args, OPTIONS, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const modes = ['cell', 'plan', 'collect'].filter((mode) => given[mode] !== undefined)
  if (modes.length > 1)
    throw new PtncnError('UsageError', `"--${modes[1]}" expected no --${modes[0]} beside it; see ptncn compare --help`, modes)
  const chosen = await choose(given, required(parsed, `a grid, one of ${Object.keys(GRIDS).join(', ')} or a file`, 'compare'))
  if (given['plan']) return plan(chosen)
  if (given['collect']) return runCollect(chosen)
  return given['cell'] === undefined ? runAll(chosen) : runOne(chosen, String(given['cell']))
}
