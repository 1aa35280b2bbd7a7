/** Tables, curves and film strips of the cells that are there, into the folder of the grid. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileSafely } from '../../io/files.js'
import { jsonText } from '../run/folder.js'
import { isDone } from '../study/folder.js'
import type { CellResult } from './result.js'
import { claimsOf } from './claimed.js'
import { EQUAL, isReference, labelOf, type Claim, type Entry, type Run } from './claims.js'
import { chosen, costOf, readCell } from './cells.js'
import { cellsOf, finalCells, groupsOf, searchCells, SIZES, type Grid, type Group } from './grid.js'
import { pictures } from './pictures.js'
import {
  claimTable,
  distanceTable,
  isReber,
  markdown,
  scoreTable,
  searchTable,
  verdictText,
  type Table,
  type Tried,
} from './tables.js'

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

const SIZE_TITLES = { units: EQUAL.units, weights: `${EQUAL.weights}, P-TNCN as in the other table` } as const

/** All methods of a task in one table, and those with equal weights in another, beside P-TNCN. */
export const scoreTables = ({ label: task, own: entries }: OfTask): readonly Table[] =>
  SIZES.flatMap((size) => {
    const those = entries.filter((entry) => entry.size === size || (size === 'weights' && isReference(entry)))
    return those.some((entry) => entry.size === size) ? [scoreTable(`${task}, ${SIZE_TITLES[size]}`, those)] : []
  })

export interface OfTask {
  readonly label: string
  readonly own: readonly Entry[]
}

/** All that the cells say that are there. */
export interface Gathered {
  readonly done: number
  readonly cells: number
  readonly claims: readonly Claim[]
  readonly entries: readonly Entry[]
  readonly tasks: readonly OfTask[]
  readonly tried: readonly Tried[]
}

/** Where it has to remember a symbol, how far it does. */
export const distanceTables = ({ label, own }: OfTask): readonly Table[] => (own.some(isReber) ? [distanceTable(label, own)] : [])

const claimsBy = (claims: readonly Claim[], who: Claim['by'], title: string): readonly string[] => {
  const own = claims.filter(({ by }) => by === who)
  return own.length === 0 ? [] : [`## ${title}\n`, ...own.map((claim) => markdown(claimTable(claim)))]
}

const documentOf = (heading: string, claims: readonly Claim[], tasks: readonly OfTask[], tried: readonly Tried[]): string => {
  const scores = [...tasks.flatMap(scoreTables), ...tasks.flatMap(distanceTables)]
  return [
    `# Comparison\n\n${heading}\n`,
    ...claimsBy(claims, 'paper', 'What the abstract of the paper says'),
    ...claimsBy(claims, 'us', 'What we also asked'),
    ...(scores.length > 0 ? ['## Scores\n', ...scores.map(markdown)] : []),
    '## Settings\n',
    markdown(searchTable(tried)),
  ].join('\n')
}

/** @throws FileError */
export const gather = async (folder: string, grid: Grid): Promise<Gathered> => {
  const [entries, tried]: [Entry[], Tried[]] = [[], []]
  for (const group of groupsOf(grid)) {
    const entry = await entryOf(folder, grid, group)
    if (entry.runs.length > 0) entries.push(entry)
    tried.push(...(await triedOf(folder, grid, group)))
  }
  const tasks = grid.tasks.map(({ label }) => ({ label, own: entries.filter(({ task }) => task === label) }))
  const claims = claimsOf(entries).filter(({ rows }) => rows.length > 0)
  const cells = cellsOf(grid).length
  const done = cellsOf(grid).filter(({ name }) => isDone(folder, name)).length
  return { done, cells, claims, entries, tasks, tried }
}

/** @throws FileError */
export const collect = async (folder: string, grid: Grid): Promise<Collected> => {
  const { done, cells, claims, entries, tasks, tried } = await gather(folder, grid)
  const tables = { format: 'ptncn-tables', done, cells, claims, scores: scoresOf(entries), tried }
  const files: readonly (readonly [name: string, content: string | Uint8Array | undefined])[] = [
    ['tables.md', documentOf(`${done} of ${cells} cells.`, claims, tasks, tried)],
    ['tables.json', jsonText(tables)],
    ...tasks.flatMap(({ label, own }) => pictures(label, own)),
  ]
  for (const [name, content] of files) {
    if (content === undefined) await rm(join(folder, name), { force: true })
    else await writeFileSafely(join(folder, name), content)
  }
  return {
    files: files.flatMap(([name, content]) => (content === undefined ? [] : [name])),
    done,
    cells,
    verdicts: claims.map(verdictLine),
  }
}

const verdictLine = (claim: Claim): string => {
  const { title, verdict, rows } = claim
  const shown = `${rows.filter(({ judged }) => judged.verdict === 'shown').length} of ${rows.length} shown`
  return `${verdict.padEnd(9)}  ${title} (${[shown, ...(verdictText(claim) === verdict ? [] : [verdictText(claim)])].join('; ')})`
}

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
