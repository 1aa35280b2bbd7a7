/** SPEC.md's table of what each equation reads, as a reader of it would take it: nothing but a type is taken from the kit's graph. */

import type { Course } from '../../src/conform/equations/graph.js'
import type { Config } from '../../src/ptncn/config.js'
import { readSpec } from './spec.js'

/** Rows of the table: the results, the conditions, and the names that are read. */
type Row = readonly [results: readonly string[], where: readonly string[], reads: readonly string[]]

const quoted = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

export const readsTable = (spec = readSpec()): readonly Row[] => {
  const [, clause] = spec.split(/^\*\*\[pr-reads\]\*\*/m)
  const [, table] = clause!.split('| result | where | reads |\n|---|---|---|\n')
  const lines = table!
    .slice(0, table!.search(/^(?!\|)/m))
    .trim()
    .split('\n')
  return lines.map((line) => {
    const [, results, where, reads] = line.split('|').map((cell) => cell.trim())
    return [quoted(results!), where!.split(', '), quoted(reads!)]
  })
}

/** Where a row is looked at: layer, pass, and a weight's name. */
interface Place {
  readonly l: number
  readonly k: number
  readonly w: string
}

/** The update of a weight, by the table of results. */
const UPDATES: Readonly<Record<string, string>> = { W: 'L1', E: 'L2', M: 'L3', V: 'L4', U: 'L5', b: 'L6', c: 'L6' }

/** A name of the table with its numbers, and what it is another word for. */
const named = (template: string, { l, k, w }: Place): string => {
  const level = (_all: string, sign: string | undefined): string => `_${l + (sign === '+' ? 1 : sign === '-' ? -1 : 0)}`
  const name = template
    .replace(/^L\.dw$/, `${UPDATES[w[0]!]}.d${w}`)
    .replace(/(^|\.|d)w$/, (_all, before: string) => `${before}${w}`)
    .replace(/_\(l([+-])1\)|_l\b/, level)
    .replace('^(k-1)', `^${k - 1}`)
    .replace('^k', `^${k}`)
    .replace('^K', `^${k}`)
  if (/^[yz]_0\[t-1\]$/.test(name)) return 'x[t-1]'
  if (/^(?:A2\.z_0|C3\.z_0\^\d+)$/.test(name)) return 'x'
  return name.replace(/^C3\.a_(\d+)\^0$/, 'A1.a_$1').replace(/^C3\.z_(\d+)\^0$/, 'A2.z_$1')
}

const holds = (condition: string, config: Config, course: Course, { l }: Place): boolean => {
  const top = config.units.length - 1
  const [, field, value] = /^`(\w+)` = `(\w[\w-]*)`$/.exec(condition) ?? []
  if (field !== undefined) return String(config[field as keyof Config]) === value
  const [, above] = /^`(\w+)` > 0$/.exec(condition) ?? []
  if (above !== undefined) return Number(config[above as keyof Config]) > 0
  switch (condition) {
    case 'always':
      return true
    case 'l < L':
      return l < top
    case 'l = 1':
      return l === 1
    case 'l > 1':
      return l > 1
    case 'a sum came in':
      return course.summed
    case 'the step learns':
      return course.learns
    case 'the step does not learn':
      return !course.learns
    default:
      throw new Error(`no such condition: ${condition}`)
  }
}

/** By the table: each result with the names that it reads, in no order, and the rows that said so. */
export const readsByTable = (
  table: readonly Row[],
  config: Config,
  course: Course,
): ReadonlyMap<string, { readonly reads: Set<string>; readonly rows: Set<number> }> => {
  const top = config.units.length - 1
  const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, i) => i + 1)
  const weights = Object.keys(UPDATES).flatMap((name) => [0, ...upTo(top)].map((l) => `${name}_${l}`))
  const made = new Map<string, { reads: Set<string>; rows: Set<number> }>()
  table.forEach(([results, where, names], row) => {
    for (const result of results) {
      const ofWeights = /(?:^|[.d])w$/.test(result)
      for (const w of ofWeights ? weights : ['W_1']) {
        for (const l of result.includes('_') && !ofWeights ? upTo(top) : [1]) {
          // C4 has no pass of its own, and reads the last one
          for (const k of result.includes('^') ? upTo(config.passes) : [config.passes]) {
            const place = { l, k, w }
            if (!where.every((condition) => holds(condition, config, course, place))) continue
            const id = named(result, place)
            const entry = made.get(id) ?? { reads: new Set(), rows: new Set() }
            made.set(id, entry)
            entry.rows.add(row)
            for (const name of names) entry.reads.add(named(name, place))
          }
        }
      }
    }
  })
  return made
}
