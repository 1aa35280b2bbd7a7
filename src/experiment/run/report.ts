/** A page of one or more runs: curves, figures, film strips, options, and the commands that repeat them. */

import { resolve, sep } from 'node:path'
import { mismatch } from '../../errors.js'
import { curves, html, page, picture, table, wide, type Html, type Row } from '../../io/html.js'
import { SPEC_VERSION } from '../../ptncn/config.js'
import { readFinished, type Finished } from './finished.js'
import { repeatCommand } from './repeat.js'
import { bothSeries, titleEnd, validationSeries, X_LABEL } from './summary.js'
import { figure } from './verdict.js'
import { isOwnTask } from '../tasks.js'
import { effectiveOptions } from './folder.js'

export interface Named extends Finished {
  /** what tells it from the other runs of the report */
  readonly name: string
}

/** @throws FileError where a folder is not that of a run that has ended, UsageError where one is named twice */
export const readRuns = async (folders: readonly string[]): Promise<readonly Named[]> => {
  const names = namesOf(folders)
  const runs: Named[] = []
  for (const [i, folder] of folders.entries()) runs.push({ name: names[i]!, ...(await readFinished(folder)) })
  return runs
}

/** The last parts of the folders' paths, as many as tell them apart: a page goes further than the machine's paths should. */
const namesOf = (folders: readonly string[]): readonly string[] => {
  const paths = folders.map((folder) => resolve(folder).split(sep))
  const whole = paths.map((path) => path.join('/'))
  const twice = whole.findIndex((path, i) => whole.indexOf(path) < i)
  if (twice >= 0) throw mismatch('UsageError', 'RUN', 'each run once', folders[twice])
  const longest = Math.max(...paths.map(({ length }) => length))
  for (let parts = 1; parts < longest; parts++) {
    const names = paths.map((path) => path.slice(-parts).join('/'))
    if (new Set(names).size === names.length && !names.includes('')) return names
  }
  return whole
}

/** The text of the page; the same runs give the same bytes. */
export const reportOf = (runs: readonly Named[], title = usualTitle(runs)): string =>
  page(title, [
    html`<main>
<h1>${title}</h1>
${groupsOf(runs).map(comparison)}
${films(runs.filter(({ film }) => film !== undefined))}
${optionTable(runs)}
</main>`,
    footer(runs),
  ])

const usualTitle = (runs: readonly Named[]): string => (runs.length === 1 ? runs[0]!.title : `${runs.length} runs of P-TNCN`)

/** Runs whose scores can be read against one another. */
interface Group {
  readonly heading: string
  readonly runs: readonly Named[]
}

/** The task and its protocol: the title without what is the run's own. */
const headingOf = ({ title, config, settings }: Finished): string => {
  const end = titleEnd(config, settings.seed)
  return title.endsWith(end) ? title.slice(0, -end.length) : title
}

/** In the order of their first runs. Texts share a title, and so may other data of one's own: what tells them apart is the file. */
const groupsOf = (runs: readonly Named[]): readonly Group[] => {
  const keyOf = (run: Named): string => {
    const {
      settings: { task, data },
    } = run
    return JSON.stringify([task, run.unit, headingOf(run), isOwnTask(task) ? data : ''])
  }
  return [...new Set(runs.map(keyOf))].map((key) => {
    const own = runs.filter((run) => keyOf(run) === key)
    return { heading: headingOf(own[0]!), runs: own }
  })
}

const comparison = ({ heading, runs }: Group): Html => html`<section>
<h2>${heading}</h2>
${curvesOf({ heading, runs })}
${figures(runs)}
</section>`

const curvesOf = ({ heading, runs: [first, ...others] }: Group): Html => {
  const { curve, unit } = first!
  const runs = [first!, ...others]
  const series = others.length === 0 ? bothSeries(curve) : runs.map((run) => validationSeries(run.name, run.curve))
  const title = others.length === 0 ? 'Learning curve' : 'Learning curves on the validation data'
  const options = { title, xLabel: X_LABEL, yLabel: unit, references: sharedMarks(runs) }
  return curves(`${title}: ${heading}`, series, options)
}

/** Marks that depend on more than the task, as on the batches that a mean is taken over, are each run's own. */
const sharedMarks = (runs: readonly Named[]) =>
  runs[0]!.marks.filter(({ label, value }) =>
    runs.every(({ marks }) => marks.some((mark) => mark.label === label && mark.value === value)),
  )

const NONE = '\u2013'

type Column = readonly [head: string, cell: (run: Named) => string]

const figures = (runs: readonly Named[]): Html => {
  const labels = [...new Set(runs.flatMap(({ marks }) => marks.map(({ label }) => label)))]
  const score = (unit: string, value: number | undefined): string => (value === undefined ? NONE : figure(unit, value))
  const ifAny = (name: 'weights' | 'padding', text: (value: number) => string): readonly Column[] =>
    runs.some((run) => run[name] !== undefined) ? [[name, ({ [name]: value }) => (value === undefined ? NONE : text(value))]] : []
  const columns: readonly Column[] = [
    ['run', ({ name }) => name],
    ['test', ({ unit, test }) => figure(unit, test)],
    ...labels.map((label): Column => [
      label,
      ({ unit, marks }) => score(unit, marks.find((mark) => mark.label === label)?.value),
    ]),
    ['validation', ({ unit, validation }) => figure(unit, validation)],
    ['sequences', ({ sequences }) => grouped(sequences)],
    ...ifAny('weights', grouped),
    ...ifAny('padding', (part) => `${(100 * part).toFixed(1)} %`),
    ['seconds', ({ seconds }) => seconds.toFixed(1)],
    ['ended', ({ stopped }) => (stopped ? 'stopped early' : 'at its end')],
  ]
  const rows = runs.map((run): Row => ({ cells: columns.map(([, cell]) => cell(run)) }))
  const heads = columns.map(([head]) => head)
  return table('Scores', captionOf(runs[0]!.unit, labels), heads, rows)
}

const captionOf = (unit: string, labels: readonly string[]): string => {
  const marks = labels.length === 0 ? '' : `; ${labels.join(', ')}: what the test score is read against`
  return `Scores in ${unit}, lower is better${marks}. Seconds are those of the process that ended the run.`
}

/** As in `1,500,000`, whatever the locale of the machine. */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

const films = (runs: readonly Named[]): readonly Html[] =>
  runs.length === 0
    ? []
    : [
        html`<section>
<h2>A test sequence, frame by frame</h2>
${runs.map(
  ({ name, title, film }) => html`<figure>
<figcaption>${name}</figcaption>
${wide(`film strip of ${name}`, picture(film!, `Frames of the first test sequence, what run ${name} predicted for each, and the error. ${title}`))}
</figure>`,
)}
</section>`,
      ]

const shownValue = (value: unknown): string => {
  if (value === undefined) return NONE
  return Array.isArray(value) ? value.join(', ') : String(value)
}

const optionTable = (runs: readonly Named[]): Html => {
  const options = runs.map(({ settings, config }) => effectiveOptions(settings, config))
  const rows = [...new Set(options.flatMap((own) => Object.keys(own)))].map((name): Row => {
    const values = options.map((own) => shownValue(own[name]))
    const marked = new Set(values).size > 1
    return { cells: [marked ? `\u2260\u00a0${name}` : name, ...values], marked }
  })
  const ordered = [...rows.filter(({ marked }) => marked), ...rows.filter(({ marked }) => !marked)]
  const caption =
    runs.length === 1 ? 'All options of the run.' : 'All options; first, marked with \u2260, those in which the runs differ.'
  return html`<section>
<h2>Options</h2>
${table('Options', caption, ['option', ...runs.map(({ name }) => name)], ordered)}
</section>`
}

const footer = (runs: readonly Named[]): Html => html`<footer>
<h2>To repeat ${runs.length === 1 ? 'the run' : 'the runs'}</h2>
${runs.map(
  ({ name, spec, processor, settings, config }) => html`<p>${name}: version ${spec} of the specification, on ${processor}</p>
<pre><code>${repeatCommand(settings, config)}</code></pre>`,
)}
<p>Reported by ptncn ${SPEC_VERSION}.</p>
</footer>`
