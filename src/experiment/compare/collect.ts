/** Tables, curves and film strips of the cells that are there, into the folder of the grid. */

import { join } from 'node:path'
import { writeFileSafely } from '../../io/files.js'
import { filmStrips } from '../../io/film.js'
import { learningCurve, type Series } from '../../io/svg.js'
import type { Matrix } from '../../numeric/matrix.js'
import { writeJson } from '../run/folder.js'
import { isDone } from '../study/folder.js'
import { X_LABEL } from '../run/summary.js'
import type { CellResult } from './cell.js'
import { claimsOf, labelOf, type Claim, type Entry, type Run } from './claims.js'
import { chosen, costOf, readCell } from './cells.js'
import { cellsOf, finalCells, groupsOf, searchCells, type Grid, type Group } from './grid.js'
import { claimTable, distanceTable, markdown, pooled, scoreTable, searchTable, type Tried } from './tables.js'

export interface Collected {
  readonly files: readonly string[]
  readonly done: number
  readonly cells: number
  /** for a person, one a line */
  readonly verdicts: readonly string[]
}

const entryOf = async (folder: string, grid: Grid, group: Group): Promise<Entry> => {
  const runs: Run[] = []
  for (const cell of finalCells(grid, group)) {
    if (!isDone(folder, cell.name)) continue
    const cost = await costOf(folder, cell)
    runs.push({ result: await readCell(folder, cell), ...(cost && { cost }) })
  }
  return { task: group.task.label, method: group.contender.method, variant: group.contender.variant, size: group.size, runs }
}

const triedOf = async (folder: string, grid: Grid, group: Group): Promise<Tried[]> => {
  const choice = await chosen(folder, grid, group)
  const results: CellResult[] = []
  for (const cell of searchCells(grid, group)) if (isDone(folder, cell.name)) results.push(await readCell(folder, cell))
  const label = labelOf({ method: group.contender.method, variant: group.contender.variant, size: group.size })
  return group.contender.trials.map((settings, trial): Tried => {
    const own = results.filter(({ name }) => name.includes(`/trial-${trial + 1}-`))
    const mean = own.reduce((sum, { validation }) => sum + validation, 0) / own.length
    return {
      label,
      task: group.task.label,
      trial: trial + 1,
      settings,
      ...(own.length > 0 && { validation: mean }),
      diverged: own.some(({ diverged }) => diverged),
      chosen: choice?.trial === trial,
    }
  })
}

/** The mean over the seeds at each point; the first point, untrained, would flatten the others. */
const meanCurve = (entry: Entry, x: (run: Run, i: number) => number | undefined): Series => {
  const points = entry.runs[0]!.result.curve.slice(1).flatMap((_, i) => {
    const known = entry.runs.flatMap((run) => {
      const [at, y] = [x(run, i + 1), run.result.curve[i + 1]?.validation]
      return at === undefined || y === undefined ? [] : [{ x: at, y }]
    })
    const mean = (of: (point: { x: number; y: number }) => number): number =>
      known.reduce((sum, point) => sum + of(point), 0) / known.length
    return known.length < entry.runs.length ? [] : [{ x: mean((point) => point.x), y: mean((point) => point.y) }]
  })
  return { label: labelOf(entry), points }
}

const bySequences = ({ result }: Run, i: number): number | undefined => result.curve[i]?.sequences
const bySeconds = ({ cost }: Run, i: number): number | undefined => cost?.curve[i]?.seconds

const curves = (title: string, entries: readonly Entry[], x: 'sequences' | 'seconds'): string =>
  learningCurve(
    entries.map((entry) => meanCurve(entry, x === 'sequences' ? bySequences : bySeconds)),
    { title, xLabel: x === 'sequences' ? X_LABEL : 'seconds of training', yLabel: entries[0]!.runs[0]!.result.unit },
  )

/** Strings that a point of the picture needs. */
const ENOUGH = 20

const distances = (title: string, entries: readonly Entry[]): string =>
  learningCurve(
    entries.map((entry): Series => ({
      label: labelOf(entry),
      points: pooled(entry)
        .filter(({ count }) => count >= ENOUGH)
        .map(({ distance, count, correct }) => ({ x: distance, y: correct / count })),
    })),
    {
      title,
      xLabel: 'steps from the second symbol to the last but one',
      yLabel: 'accuracy',
      references: [{ label: 'a guess', value: 0.5 }],
    },
  )

const frameOf = (text: string): Matrix => {
  const data = Float32Array.from(Buffer.from(text, 'base64'), (level) => level / 255)
  return { rows: 1, cols: data.length, data }
}

const films = (title: string, entries: readonly Entry[]): Uint8Array | undefined => {
  const known = entries.flatMap((entry) =>
    entry.runs.flatMap(({ result: { film } }) => (film ? [{ label: labelOf(entry), film }] : [])),
  )
  if (known.length === 0) return undefined
  return filmStrips(
    known[0]!.film.truth.map(frameOf),
    known.map(({ label, film }) => ({ label, frames: film.prediction.map(frameOf) })),
    { title },
  )
}

/** Curves by samples and by seconds, memory against distance, and all predictions of one sequence. */
const pictures = (
  task: string,
  entries: readonly Entry[],
): readonly (readonly [file: string, content: string | Uint8Array | undefined])[] => {
  const main = entries.filter(({ size, variant }) => size === 'units' && variant === 'tanh')
  const isReber = main.some(({ runs }) => runs.some(({ result }) => result.repeated))
  if (main.length === 0) return []
  return [
    [`curves-${task}.svg`, curves(`Validation score of ${task}, mean over seeds`, main, 'sequences')],
    [`seconds-${task}.svg`, curves(`Validation score of ${task} against time, mean over seeds`, main, 'seconds')],
    [`distance-${task}.svg`, isReber ? distances("Accuracy on Reber's repeated symbol, all seeds", main) : undefined],
    [
      `film-${task}.png`,
      films(
        task,
        entries.filter(({ size }) => size === 'units'),
      ),
    ],
  ]
}

const SIZE_TITLES = {
  units: 'equal numbers of units',
  weights: 'equal numbers of weights, P-TNCN as in the other table',
} as const

const isReference = ({ method, variant, size }: Entry): boolean => method === 'ptncn' && variant === 'tanh' && size === 'units'

export const collect = async (folder: string, grid: Grid): Promise<Collected> => {
  const entries: Entry[] = []
  const tried: Tried[] = []
  for (const group of groupsOf(grid)) {
    const entry = await entryOf(folder, grid, group)
    if (entry.runs.length > 0) entries.push(entry)
    tried.push(...(await triedOf(folder, grid, group)))
  }
  const tasks = grid.tasks.map(({ label }) => ({ label, own: entries.filter(({ task }) => task === label) }))
  const claims = claimsOf(entries).filter(({ rows }) => rows.length > 0)
  const scores = tasks.flatMap(({ label, own }) =>
    (['units', 'weights'] as const).flatMap((size) => {
      const those = own.filter((entry) => entry.size === size || (size === 'weights' && isReference(entry)))
      return those.some((entry) => entry.size === size) ? [scoreTable(`${label}, ${SIZE_TITLES[size]}`, those)] : []
    }),
  )
  const far = tasks
    .filter(({ own }) => own.some(({ runs }) => runs.some(({ result }) => result.repeated)))
    .map(({ label, own }) => distanceTable(label, own))
  const cells = cellsOf(grid)
  const done = cells.filter((cell) => isDone(folder, cell.name)).length
  const sections = [
    '# Comparison',
    '',
    `${done} of ${cells.length} cells.`,
    '',
    '## Claims',
    '',
    ...claims.map((claim) => markdown(claimTable(claim))),
    '## Scores',
    '',
    ...scores.map(markdown),
    ...far.map(markdown),
    '## Settings',
    '',
    markdown(searchTable(tried)),
  ]
  const files: string[] = []
  const write = async (name: string, content: string | Uint8Array | undefined): Promise<void> => {
    if (content === undefined) return
    await writeFileSafely(join(folder, name), content)
    files.push(name)
  }
  await write('tables.md', sections.join('\n'))
  await writeJson(folder, 'tables.json', {
    format: 'ptncn-tables',
    done,
    cells: cells.length,
    claims,
    scores: scoresOf(entries),
    tried,
  })
  files.push('tables.json')
  for (const { label, own } of tasks) for (const [name, content] of pictures(label, own)) await write(name, content)
  return { files, done, cells: cells.length, verdicts: claims.map(verdictLine) }
}

const verdictLine = ({ title, verdict, rows }: Claim): string =>
  `${verdict.padEnd(9)}  ${title} (${rows.filter(({ judged }) => judged.verdict === 'shown').length} of ${rows.length} shown)`

/** The figures of every run, seed by seed. */
const scoresOf = (entries: readonly Entry[]) =>
  entries.map(({ runs, ...entry }) => ({
    ...entry,
    runs: runs.map(({ result: { seed, units, weights, settings, validation, test, diverged } }) => ({
      seed,
      units,
      weights,
      settings,
      validation,
      test,
      diverged,
    })),
  }))
