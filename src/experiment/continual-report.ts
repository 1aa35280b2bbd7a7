/** A page of a continual study: every score after every task, what was forgotten, and what helped. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PtncnError } from '../errors.js'
import {
  count,
  exactly,
  field,
  number,
  oneOf,
  optional,
  requireField,
  requireFields,
  requireItems,
  text,
  type Fields,
} from '../fields.js'
import { UNITS, type Mark, type Unit } from '../data/task.js'
import { oneLine } from '../io/files.js'
import { curves, folded, html, page, table, type Html } from '../io/html.js'
import { SPEC_VERSION } from '../ptncn/config.js'
import type { ContinualSummary } from './continual.js'
import { LONGEST_TEXT, markOf, MOST_MARKS, networkIn, SCORE } from './run/finished.js'
import { jsonText, readConfig } from './run/folder.js'
import { networkName } from './run/summary.js'
import { intervalText } from './run/verdict.js'
import type { Interval } from './statistics.js'
import { TASK_NAMES, type TaskName } from './tasks.js'

/** What the study leaves in its folder. */
export const TABLES = 'tables.json'
export const TABLES_FORMAT = 'ptncn-tables'

/** Each task once. */
const TASK = oneOf<TaskName>(...TASK_NAMES)

const FINITE = number(-1e12, 1e12)
const INTERVAL = { mean: FINITE, half: optional(SCORE), count }

interface Told extends ContinualSummary {
  readonly seeds: number
  readonly unit: Unit
  readonly titles: readonly string[]
  readonly marks: readonly (readonly Mark[])[]
}

/** What tables.json says of so many tasks. @throws FileError that names the field */
const toldOf = (file: string, tables: Fields, tasks: readonly TaskName[]): Told => {
  const at = (name: string): string => `${file}: ${name}`
  const interval = (what: string, value: unknown): Interval => {
    requireFields('FileError', what, value, INTERVAL)
    return value as Interval
  }
  const forTasks = <Item>(what: string, value: unknown, item: (what: string, value: unknown) => Item): readonly Item[] => {
    const items = requireItems('FileError', what, value, tasks.length, item)
    const all = field<unknown>(`${tasks.length} items, one for each task`, () => items.length === tasks.length)
    requireField('FileError', what, value, all)
    return items
  }
  const words = (what: string, value: unknown): string => requireField('FileError', what, value, text(LONGEST_TEXT))
  requireFields('FileError', file, tables, { format: exactly(TABLES_FORMAT), seeds: count, unit: oneOf<Unit>(...UNITS) })
  const { scores, marks } = tables
  const rows = requireItems('FileError', at('scores'), scores, tasks.length + 1, (what, row) => forTasks(what, row, interval))
  return {
    seeds: tables['seeds'] as number,
    unit: tables['unit'] as Unit,
    titles: forTasks(at('titles'), tables['titles'], words),
    scores: rows,
    average: interval(at('average'), tables['average']),
    forgetting: interval(at('forgetting'), tables['forgetting']),
    forwardTransfer: interval(at('forwardTransfer'), tables['forwardTransfer']),
    marks: tasks.map((task) =>
      requireItems('FileError', at(`marks.${task}`), (marks as Fields | undefined)?.[task], MOST_MARKS, markOf),
    ),
  }
}

/** The page of the folder of a continual study that `description` says. @throws FileError */
export const continualReport = async (folder: string, description: Fields, title?: string): Promise<string> => {
  const [file, path] = [oneLine(join(folder, TABLES)), join(folder, TABLES)]
  const { tasks: given, format: _, spec: __, experiment: ___, ...options } = description
  const tasks = requireItems('FileError', 'grid.json: tasks', given, TASK_NAMES.length, (what, one) =>
    requireField('FileError', what, one, TASK),
  )
  const { config } = networkIn('grid.json', { ...options, task: tasks[0] })
  if (!existsSync(path)) {
    const message = `"${oneLine(folder)}" expected ${TABLES} in it, got none; ptncn continual with the same options finishes it`
    throw new PtncnError('FileError', message, folder)
  }
  const told = toldOf(file, await readConfig(path), tasks)
  const heading = title ?? `Continual learning: ${tasks.join(', ')}`
  return page(heading, [
    html`<main>
<h1>${heading}</h1>
<p>One network of ${networkName(config)} learns task after task; over ${told.seeds} ${told.seeds === 1 ? 'seed' : 'seeds'}.</p>
${told.titles.map((words, i) => html`<p>T${i + 1}: ${words}</p>`)}
${curve(told)}
${scores(told)}
${measures(told)}
</main>`,
    html`<footer>
<h2>To repeat it</h2>
<p>Every option of <code>ptncn continual</code>:</p>
${folded('grid.json', html`<pre><code>${jsonText(description)}</code></pre>`)}
<p>Reported by ptncn ${SPEC_VERSION}.</p>
</footer>`,
  ])
}

/** Without the untrained network, whose scores would flatten all others. */
const curve = ({ scores, titles, unit }: Told): Html =>
  curves(
    'Scores after each task',
    titles.map((_, task) => ({
      label: `T${task + 1}`,
      points: scores.slice(1).map((row, i) => ({ x: i + 1, y: row[task]!.mean })),
    })),
    { title: 'Test score of each task after each, mean over seeds', xLabel: 'tasks trained on', yLabel: unit },
  )

const NONE = '\u2013'

const scores = ({ scores, titles, unit, marks }: Told): Html => {
  const labels = [...new Set(marks.flat().map(({ label }) => label))]
  const marked = (label: string, own: readonly Mark[]): string => {
    const mark = own.find((one) => one.label === label)
    return mark ? intervalText(unit, { mean: mark.value, count: 1 }) : NONE
  }
  return table(
    'Scores',
    `Scores in ${unit} on the test data, lower is better; mean and 95 % interval over seeds. ${labels.join(', ')}: what needs no learning, or what nothing can pass.`,
    ['', ...titles.map((_, i) => `T${i + 1}`)],
    [
      ...scores.map((row, i) => ({
        cells: [i === 0 ? 'untrained' : `after T${i}`, ...row.map((one) => intervalText(unit, one))],
      })),
      ...labels.map((label) => ({ cells: [label, ...marks.map((own) => marked(label, own))] })),
    ],
  )
}

const measures = ({ unit, average, forgetting, forwardTransfer }: Told): Html =>
  table(
    'Measures',
    'Forgetting: how much worse than at its best a task before the last is at the end. Forward transfer: how much better than untrained a task is before its own training.',
    ['measure', unit],
    [
      { cells: ['average at the end', intervalText(unit, average)] },
      { cells: ['forgetting', intervalText(unit, forgetting)] },
      { cells: ['forward transfer', intervalText(unit, forwardTransfer)] },
    ],
  )
