/** A step, and a number of it, as text for people and as JSON for machines. */

import { toBits, toHex } from '../conform/port/wire.js'
import { at, type Matrix } from '../numeric/matrix.js'
import type { Clause } from './clauses.js'
import { decimal } from './decimal.js'
import type { Line, Operand } from './lines.js'
import type { Told, Telling } from './telling.js'

type Clauses = ReadonlyMap<string, Clause>

/** Rows and columns of a tensor that are shown where not all are. */
const SHOWN = 8

const operandText = ({ name, row, col, value }: Operand): string => `${name}[${row},${col}] = ${decimal(value)}`

/** A table whose columns are as wide as what is in them. */
const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]!.length))) ?? []
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}

const lineText = ({ what, operands, terms, value }: Line): readonly string[] => {
  const result = `${decimal(value)}  ${toBits(value)}`
  if (!terms) return [`${[what, ...operands.map(operandText)].join(', ')}`, `    = ${result}`]
  const rows = terms.map((term, i) => [
    `    ${i}`,
    term.operands.map(operandText).join('  *  '),
    `-> ${decimal(term.value)}`,
    `sum ${decimal(term.sum)}`,
    toBits(term.sum),
  ])
  return [`${what}, ${terms.length} ${terms.length === 1 ? 'term' : 'terms'} from +0 on`, ...table(rows), `    = ${result}`]
}

const heading = ({ title, block }: Clause): readonly string[] => [title, ...block.map((line) => `      ${line}`)]

/** How one number came about. */
export const elementText = ({ rule, row, col, lines, value }: Telling, clauses: Clauses): string => {
  const clause = clauses.get(rule.equation)
  return [
    `${rule.id}[${row},${col}] = ${decimal(value)}  ${toBits(value)}`,
    ...(clause ? [`${rule.equation}  ${heading(clause).join('\n')}`] : []),
    '',
    ...lines.flatMap((line) => lineText(line).map((text) => `  ${text}`)),
    '',
  ].join('\n')
}

const operandJson = ({ name, row, col, value }: Operand): object => ({ name, row, col, bits: toBits(value), value })

export const elementJson = ({ rule, row, col, lines, value }: Telling): object => ({
  result: rule.id,
  clause: rule.equation,
  row,
  col,
  bits: toBits(value),
  value,
  reads: rule.reads,
  lines: lines.map(({ what, operands, terms, value: of }) => ({
    what,
    operands: operands.map(operandJson),
    ...(terms && {
      terms: terms.map((term) => ({
        operands: term.operands.map(operandJson),
        bits: toBits(term.value),
        value: term.value,
        sumBits: toBits(term.sum),
        sum: term.sum,
      })),
    }),
    bits: toBits(of),
    value: of,
  })),
})

const tensorText = (value: Matrix, all: boolean): readonly string[] => {
  const [rows, cols] = all ? [value.rows, value.cols] : [Math.min(value.rows, SHOWN), Math.min(value.cols, SHOWN)]
  const left = value.cols - cols
  const lines = Array.from({ length: rows }, (_, i) => {
    const cells = Array.from({ length: cols }, (_, j) => [decimal(at(value, i, j)), toBits(at(value, i, j))]).flat()
    return [`    ${i}`, ...cells, left > 0 ? `and ${left} more` : '']
  })
  return [...table(lines), ...(rows < value.rows ? [`    and ${value.rows - rows} rows more`] : [])]
}

export interface Manner {
  readonly title: string
  readonly step: number
  readonly all: boolean
}

const coursed = ({ start: { course } }: Told): string =>
  course.learns ? 'it learns' : course.scored ? 'it does not learn, and is scored' : 'it does not learn, and is not scored'

/** One step, clause by clause, in the order of SPEC.md. */
export const stepText = (told: Told, clauses: Clauses, { title, step, all }: Manner): string => {
  const { setting } = told.start
  const lines = [`Step ${step} of ${title}`, `units ${setting.config.units.join(', ')}; t = ${setting.t}; ${coursed(told)}`]
  let clause = ''
  for (const rule of told.rules) {
    if (rule.equation !== clause) {
      clause = rule.equation
      const known = clauses.get(clause)
      lines.push('', ...(known ? [`${clause}  ${heading(known).join('\n')}`] : [clause]))
    }
    const value = told.known.get(rule.id)!
    const reads = [...new Set(Object.values(rule.reads))].join(', ')
    lines.push(`  ${rule.id}  ${value.rows} x ${value.cols}, from ${reads}`, ...tensorText(value, all))
  }
  return `${lines.join('\n')}\n`
}

export const stepJson = (told: Told, title: string, step: number): object => ({
  title,
  step,
  t: told.start.setting.t,
  key: told.start.setting.key,
  course: told.start.course,
  given: Object.fromEntries([...told.start.given].map(([name, value]) => [name, toHex(value)])),
  results: told.rules.map(({ id, equation, level, pass, reads }) => {
    const value = told.known.get(id)!
    return { result: id, clause: equation, level, pass, reads, ...toHex(value), values: Array.from(value.data) }
  }),
})
