/** What can be shown to others of a run: one page, a badge for each port, and the same as JSON. */

import { join } from 'node:path'
import { mismatch } from '../errors.js'
import { ensureFolder, writeFileSafely } from '../io/files.js'
import { folded, html, page, table, type Html } from '../io/html.js'
import { escaped } from '../io/markup.js'
import { SPEC_VERSION } from '../ptncn/config.js'
import { cellText, matrixOf } from './matrix.js'
import { commandText } from './port/connection.js'
import { achieved, conformRecord, type Circumstances } from './report.js'
import { count, STATUS } from './session.js'
import { verdictOf, type Judged, type Outcome } from './several.js'
import { SPEED_UNITS } from './speed.js'
import { VECTORS_VERSION } from './vectors.js'

const COLOURS = { bit: '#2b7a3d', tol: '#1f6f8b', none: '#a4333a' } as const
/** Pixels of a letter of the badge's type, on the wide side. */
const LETTER = 7

/** A badge: the specification's name and version, and the level that was shown. */
const badge = (level: 'bit' | 'tol' | 'none'): string => {
  const [left, right] = [`P-TNCN ${SPEC_VERSION}`, level === 'none' ? 'does not conform' : `conforms: ${level}`]
  const [a, b] = [left, right].map((words) => words.length * LETTER + 12) as [number, number]
  const middle = (from: number, width: number): number => from + width / 2
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${a + b}" height="20" role="img" aria-label="${escaped(`${left}: ${right}`)}">
<rect width="${a}" height="20" fill="#444"/><rect x="${a}" width="${b}" height="20" fill="${COLOURS[level]}"/>
<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" text-anchor="middle">
<text x="${middle(0, a)}" y="14">${escaped(left)}</text><text x="${middle(a, b)}" y="14">${escaped(right)}</text>
</g>
</svg>
`
}

const portRow = ({ name, of }: Judged): { readonly cells: readonly string[] } => {
  const { results } = of.tally
  return {
    cells: [
      name,
      `${of.hello.port.name} ${of.hello.port.version} (${of.hello.port.language})`,
      verdictOf(of),
      String(count(results, 'pass')),
      String(count(results, 'fail')),
      String(count(results, 'skip')),
      String(of.fuzzed),
      of.speed ? `${of.speed.port.toFixed(1)} (${of.speed.reference.toFixed(1)})` : '',
    ],
  }
}

const failuresOf = ({ name, of }: Judged): Html | readonly Html[] => {
  const failed = of.tally.results.filter(({ status }) => status === 'fail')
  if (failed.length === 0) return []
  const lines = failed.map(({ id, failures: [first] }) => `${id}: ${first!.equation ?? first!.kind}: ${first!.what}`)
  return folded(`${name}: the first mistake of each failed case`, html`<pre>${lines.join('\n')}</pre>`)
}

const body = ({ judged, agreements }: Outcome): readonly Html[] => {
  const names = judged.map(({ name }) => name)
  const rows = matrixOf(judged.map(({ of }) => of.tally))
  const pairs = agreements.map((row, a) => ({
    cells: [names[a]!, ...row.map(({ same, of }, b) => (a === b ? '' : `${same} of ${of}`))],
  }))
  return [
    html`<h1>Ports of P-TNCN, judged</h1>`,
    html`<p>By the conformance kit ${SPEC_VERSION}, of SPEC.md ${SPEC_VERSION}, with version ${String(VECTORS_VERSION)} of the published
cases. Each result of a port is judged by itself, from what the port had before it.</p>`,
    table(
      'Ports',
      `Verdicts. A step: milliseconds for a learning step of ${SPEED_UNITS} units and one row, the protocol included; the reference's in brackets`,
      ['', 'says of itself', 'verdict', 'passed', 'failed', 'skipped', 'random', 'a step'],
      judged.map(portRow),
    ),
    table(
      'Clauses and ports',
      'Clauses and ports: right in all cases, wrong in so many, or never asked',
      ['', ...names],
      rows.map(({ clause, cells }) => ({
        cells: [clause, ...cells.map(cellText)],
        marked: cells.some(({ is }) => is === 'wrong'),
      })),
    ),
    ...(pairs.length > 1
      ? [table('Port and port', 'Port against port: published cases with the same bits', ['', ...names], pairs)]
      : []),
    ...judged.flatMap(failuresOf),
    ...judged.map(({ name, of }) => html`<p>Again: <code>ptncn conform ${againOf(name, of)}</code></p>`),
  ]
}

const againOf = (name: string, { command, fuzzed, seed }: Circumstances): string =>
  `${fuzzed > 0 ? `--fuzz ${fuzzed} --seed ${seed} ` : ''}--port ${name} -- ${commandText(command)}`

/**
 * Leaves index.html, conform.json and a badge for each port in a folder.
 * @throws FileError where a port has no verdict, or one was not there: what is not complete is not published
 */
export const publish = async (folder: string, outcome: Outcome, ports: number): Promise<void> => {
  const { judged, agreements } = outcome
  const without = judged.find(({ of }) => of.status !== STATUS.conforms && of.status !== STATUS.failures)
  if (judged.length < ports || without) {
    const got = without ? `none for ${without.name}` : `${judged.length} of ${ports} ports that answered`
    throw mismatch('FileError', folder, 'a verdict for every port', got, 'nothing was published')
  }
  ensureFolder(folder)
  for (const { name, of } of judged) await writeFileSafely(join(folder, `badge-${name}.svg`), badge(achieved(of)))
  const record = { ports: judged.map(({ name, of }) => ({ name, ...conformRecord(of) })), agreements }
  await writeFileSafely(join(folder, 'conform.json'), `${JSON.stringify(record, undefined, 1)}\n`)
  await writeFileSafely(join(folder, 'index.html'), page('Ports of P-TNCN, judged', body(outcome)))
}
