/** Clauses x ports: what each port was right in, wrong in, or never asked. */

import { EQUATIONS } from './equations/graph.js'
import type { Result, Tally } from './session.js'

/** What is known of one port in one clause; where it is wrong, in how many cases. */
export type Cell = { readonly is: 'right' | 'skipped' | 'not reached' } | { readonly is: 'wrong'; readonly cases: number }

/** One clause, and each port's cell in the order of the ports. */
export interface MatrixRow {
  readonly clause: string
  readonly cells: readonly Cell[]
}

/** How many failed cases name each clause, or where none is named each kind of fault. */
export const accused = (results: readonly Result[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { failures } of results) {
    for (const clause of new Set(failures.map((failure) => failure.equation ?? failure.kind)))
      counts.set(clause, (counts.get(clause) ?? 0) + 1)
  }
  return counts
}

const about = (results: readonly Result[], status: Result['status']): ReadonlySet<string> =>
  new Set(results.filter((result) => result.status === status).flatMap(({ equations = [] }) => equations))

/** Every clause that a port was judged in, and what came of it. */
const columnOf = ({ results, reached }: Tally): ReadonlyMap<string, Cell> => {
  const [passed, skipped] = [about(results, 'pass'), about(results, 'skip')]
  const right = [...reached, ...passed].map((clause): [string, Cell] => [clause, { is: 'right' }])
  const wrong = [...accused(results)].map(([clause, cases]): [string, Cell] => [clause, { is: 'wrong', cases }])
  return new Map([...[...skipped].map((clause): [string, Cell] => [clause, { is: 'skipped' }]), ...right, ...wrong])
}

/** The equations in the order of a step, then all other clauses by their names. */
const inOrder = (clauses: ReadonlySet<string>): readonly string[] => [
  ...EQUATIONS.filter((one) => clauses.has(one)),
  ...[...clauses].filter((one) => !EQUATIONS.includes(one)).sort(),
]

/** The matrix of ports, each by its tally. */
export const matrixOf = (tallies: readonly Tally[]): readonly MatrixRow[] => {
  const columns = tallies.map(columnOf)
  const clauses = new Set(columns.flatMap((column) => [...column.keys()]))
  return inOrder(clauses).map((clause) => ({
    clause,
    cells: columns.map((column) => column.get(clause) ?? { is: 'not reached' }),
  }))
}

export const cellText = (cell: Cell): string => (cell.is === 'wrong' ? `wrong in ${cell.cases}` : cell.is)

/** The matrix as lines of text, the ports by their names. */
export const matrixText = (names: readonly string[], rows: readonly MatrixRow[]): string => {
  const lines = [['', ...names], ...rows.map(({ clause, cells }) => [clause, ...cells.map(cellText)])]
  const widths = lines[0]!.map((_, j) => Math.max(...lines.map((line) => line[j]!.length)))
  return lines
    .map(
      (line) =>
        `${line
          .map((text, j) => text.padEnd(widths[j]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
