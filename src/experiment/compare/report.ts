/** A page of a comparison: verdicts, claims, scores, pictures, and every setting tried; from the cells that are there. */

import { curves, folded, html, page, picture, table, wide, type Html } from '../../io/html.js'
import { pngSize } from '../../io/png.js'
import { SPEC_VERSION } from '../../ptncn/config.js'
import { jsonText } from '../run/folder.js'
import type { Fields } from '../../fields.js'
import type { Claim } from './claims.js'
import { distanceTables, gather, scoreTables, type OfTask } from './collect.js'
import { gridOf } from './grid.js'
import { drawings, film } from './pictures.js'
import { claimTable, SAID, searchTable, verdictText, type Table, type Tried } from './tables.js'

/** The page of the folder of a grid that `description` says. The same cells give the same bytes. @throws FileError */
export const gridReport = async (folder: string, description: Fields, title = titleOf(description)): Promise<string> => {
  // where the user's data are does not matter to what was computed from them
  const { done, cells, claims, tasks, tried } = await gather(folder, gridOf(description, 'data'))
  return page(title, [
    html`<main>
<h1>${title}</h1>
<p>${done} of ${cells} cells${done < cells ? '; the others are not done yet' : ''}.</p>
${claims.length === 0 ? [] : claimSection(claims)}
${tasks.filter(({ own }) => own.length > 0).map(taskSection)}
${settingSection(tried)}
</main>`,
    html`<footer>
<h2>To repeat it</h2>
<p>The grid, which <code>ptncn compare grid.json</code> runs:</p>
${folded('grid.json', html`<pre><code>${jsonText(description)}</code></pre>`)}
<p>Reported by ptncn ${SPEC_VERSION}.</p>
</footer>`,
  ])
}

const titleOf = ({ about }: Fields): string => (typeof about === 'string' && about !== '' ? about : 'A comparison')

const rowsOf = (rows: Table['rows']) => rows.map((cells) => ({ cells }))

const tableOf = ({ title, note, head, rows }: Table): Html => html`<h3>${title}</h3>
${table(title, note, head, rowsOf(rows))}`

const VERDICTS = ['shown', 'undecided', 'refuted'] as const

const claimSection = (claims: readonly Claim[]): Html => html`<section>
<h2>Claims</h2>
${table(
  'Claims',
  'A claim has a row for each task and rival; it is shown where all its rows are, refuted where one is. What is said of some instances is shown where one is, refuted where all are.',
  ['claim', 'said by', 'verdict', ...VERDICTS],
  claims.map(({ rows, ...claim }) => ({
    cells: [
      claim.title,
      SAID[claim.by],
      verdictText(claim),
      ...VERDICTS.map((one) => rows.filter(({ judged }) => judged.verdict === one).length),
    ],
  })),
  'sentences',
)}
${claims.map(claimTable).map(({ title, note, head, rows }) => folded(title, table(title, note, head, rowsOf(rows))))}
</section>`

const taskSection = (task: OfTask): Html => {
  const { label, own } = task
  const strip = film(label, own)
  return html`<section>
<h2>${label}</h2>
${drawings(label, own).map(({ series, options }) => curves(options.title, series, options))}
${strip ? [filmFigure(label, strip)] : []}
${[...scoreTables(task), ...distanceTables(task)].map(tableOf)}
</section>`
}

const filmFigure = (label: string, png: Uint8Array): Html => {
  const words = `Frames of the first test sequence of ${label}, and what each method predicted for them`
  return html`<figure>${wide(words, picture({ png, ...pngSize(png)! }, words))}</figure>`
}

const settingSection = (tried: readonly Tried[]): Html => {
  const { title, note, head, rows } = searchTable(tried)
  return html`<section>
<h2>Settings</h2>
${folded(title, table(title, note, head, rowsOf(rows)))}
</section>`
}
