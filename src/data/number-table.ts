/** Tables of numbers: CSV with commas, semicolons or tabs, or JSON Lines of arrays or records. */

import { mismatch, show, type PtncnError } from '../errors.js'
import { wrongSymbol } from './corpus.js'
import { delimited } from './delimited.js'
import { decodeUtf8 } from './utf8.js'

export interface NumberTable {
  /** columns */
  readonly width: number
  /** line after line */
  readonly numbers: Float64Array
  /** of the columns, where the file says them */
  readonly names?: readonly string[]
}

const MOST_COLUMNS = 1024
/** Far from where squares cease to be finite. */
const LARGEST = 1e30

/** A line of a table, whatever it is written in. */
interface Row {
  /** counts from 1 */
  readonly line: number
  readonly values: readonly unknown[]
}

/** The rows of a file; `names` are those of its columns, once the first row was asked for. */
interface Rows {
  readonly names: () => readonly string[] | undefined
  readonly rows: Iterable<Row>
}

/**
 * The table of a file in UTF-8: what begins with a bracket or a brace is JSON Lines, all else CSV.
 * @throws FileError that names line and column of the first that is no number, or the line that is as long as no other
 */
export const readNumbers = (bytes: Uint8Array, file: string): NumberTable => {
  const text = decodeUtf8(bytes, file)
  const { rows, names } = /^\s*[[{]/.test(text) ? jsonRows(text, file) : delimitedRows(text, file)
  const numbers = growing()
  let width = 0
  for (const { line, values } of rows) {
    if (width === 0) width = requireWidth(file, line, values)
    if (values.length !== width) throw wrongSymbol(file, line, `${width} numbers, as in the lines before`, values.length)
    for (const [i, value] of values.entries()) {
      const number = numberOf(value)
      if (number === undefined) throw wrongNumber({ file, line, column: i + 1, name: names()?.[i] }, value)
      numbers.add(number)
    }
  }
  if (width === 0) throw mismatch('FileError', file, 'at least one line of numbers', 0)
  const known = names()
  return { width, numbers: numbers.done(), ...(known && { names: known }) }
}

const requireWidth = (file: string, line: number, { length }: readonly unknown[]): number => {
  if (length >= 1 && length <= MOST_COLUMNS) return length
  throw wrongSymbol(file, line, `1 to ${MOST_COLUMNS} columns`, length)
}

interface Cell {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly name: string | undefined
}

const wrongNumber = ({ file, line, column, name }: Cell, got: unknown): PtncnError => {
  const expected = `a number from -1e30 to 1e30${name === undefined ? '' : ` of ${show(name)}`}`
  const remedy = 'fill in or leave out what is missing, and write numbers like -12.5 or 3e-4'
  return mismatch('FileError', `${file}, line ${line}, column ${column}`, expected, got, remedy)
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value
  return typeof number === 'number' && Math.abs(number) <= LARGEST ? number : undefined
}

/** What stands where a number is missing is no name of a column. */
const MISSING = /^(?:|-|\?|\.|nan|n\/?a|null|none|[+-]?inf(?:inity)?)$/i
const isName = (field: string): boolean => !NUMBER.test(field) && !MISSING.test(field)

/** A first line with names and no number is the names of the columns. */
const isHeader = (fields: readonly string[]): boolean => fields.some(isName) && !fields.some((field) => NUMBER.test(field))

const delimitedRows = (text: string, file: string): Rows => {
  let header: readonly string[] | undefined
  const rows = function* (): Iterable<Row> {
    for (const { line, fields } of delimited(text, file)) {
      const values = fields.map((one) => one.trim())
      if (line === 1 && isHeader(values)) header = values
      else if (header && values.length !== header.length)
        throw wrongSymbol(file, line, `${header.length} numbers, as line 1 names so many columns`, values.length)
      else yield { line, values }
    }
  }
  return { names: () => header, rows: rows() }
}

const jsonRows = (text: string, file: string): Rows => {
  let keys: readonly string[] | undefined
  const rows = function* (): Iterable<Row> {
    for (const [i, one] of text.trimEnd().split('\n').entries()) {
      const value = parsed(one, file, i + 1)
      if (i === 0 && !Array.isArray(value)) keys = Object.keys(value)
      yield { line: i + 1, values: valuesOf(value, keys, file, i + 1) }
    }
  }
  return { names: () => keys, rows: rows() }
}

type Line = readonly unknown[] | Readonly<Record<string, unknown>>

const parsed = (text: string, file: string, line: number): Line => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw wrongSymbol(file, line, 'JSON, an array or a record of numbers on one line', text.trim())
  }
  if (typeof value === 'object' && value !== null) return value as Line
  throw wrongSymbol(file, line, 'an array or a record of numbers', value)
}

/** Those of an array, or of a record in the order of `keys`, read as what they are: own fields. */
const valuesOf = (value: Line, keys: readonly string[] | undefined, file: string, line: number): readonly unknown[] => {
  if (keys === undefined) {
    if (Array.isArray(value)) return value
    throw wrongSymbol(file, line, 'an array, as in the lines before', value)
  }
  const own = new Map(Object.entries(value))
  const unknown = [...own.keys()].find((key) => !keys.includes(key))
  if (Array.isArray(value) || unknown !== undefined)
    throw wrongSymbol(file, line, `a record of ${keys.length} fields, those of line 1`, unknown ?? value)
  const absent = keys.find((key) => !own.has(key))
  if (absent !== undefined) throw wrongSymbol(file, line, `a field ${show(absent)}, as in line 1`, 'none')
  return keys.map((key) => own.get(key))
}

/** Numbers of which nobody knows how many there will be. */
const growing = () => {
  let [numbers, length] = [new Float64Array(1024), 0]
  return {
    add: (number: number): void => {
      if (length === numbers.length) {
        const larger = new Float64Array(2 * length)
        larger.set(numbers)
        numbers = larger
      }
      numbers[length++] = number
    },
    done: (): Float64Array => numbers.slice(0, length),
  }
}
