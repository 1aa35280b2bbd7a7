/** What each clause of SPEC.md is held by: published cases, planted mistakes, laws, tests and ports. */

import { readdirSync, readFileSync } from 'node:fs'
import { CAPS } from '../../src/conform/reference.js'
import { lacking, publishedCases } from '../../src/conform/vectors.js'
import type { Caps } from '../../src/conform/port/wire.js'
import { MISTAKES, WRONG_CARRIES } from '../conform/mistakes.js'
import { WRONG_PORTS } from '../conform/wrong/index.js'
import { MUTANTS } from '../mutants/mutants.js'
import { clauseIds, readSpec } from './spec.js'

const TEST = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, TEST), 'utf8')

/** Identifiers in brackets. */
export const bracketed = (text: string): readonly string[] =>
  [...text.matchAll(/\[([A-Z]\d|[a-z]{2}-[a-z]+)\]/g)].map(([, id]) => id!)

/** What a title names: `C2`, `[ar-sum]`, or `A1-L6` for all from A1 to L6 in the order of SPEC.md. */
export const citedIn = (title: string, clauses: readonly string[]): readonly string[] => {
  const inOrder = clauses.filter((id) => /^[A-Z]\d$/.test(id))
  const ranges = [...title.matchAll(/\b([ACLOPS]\d)(?:(?: to |-)([ACLOPS]\d))?\b/g)].flatMap(([, first, last]) =>
    inOrder.slice(inOrder.indexOf(first!), inOrder.indexOf(last ?? first!) + 1),
  )
  return [...bracketed(title), ...ranges]
}

const titlesIn = (source: string): readonly string[] =>
  [...source.matchAll(/\b(?:test|law|describe|it)\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title!)

const testFiles = (): readonly string[] =>
  readdirSync(TEST, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(test|slow)\.ts$/.test(path))
    .sort()

/** A port of test/ports: its language, and what it says of itself. */
export interface PortNote {
  readonly language: string
  readonly caps: Caps
}

export const portNotes = (): readonly PortNote[] => JSON.parse(read('ports/ports.json')) as readonly PortNote[]

/** What holds one clause. */
export interface Holding {
  readonly clause: string
  /** its first words */
  readonly says: string
  readonly vectors: readonly string[]
  readonly mistakes: readonly string[]
  readonly laws: readonly string[]
  /** files of tests whose titles name it */
  readonly tests: readonly string[]
  readonly ports: readonly string[]
}

/** The rows of test/law/README.md: what a law says, and the clauses that it names. */
const laws = (): readonly (readonly [says: string, named: string])[] =>
  read('law/README.md')
    .split('\n')
    .filter((line) => /^\| (\d+)? ?\| /.test(line))
    .map((line) => {
      const [, number, says, named] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
      return [number ? `${number}: ${says}` : says!, named!] as const
    })

const firstWords = (spec: string, clause: string): string => {
  const text = spec.slice(spec.indexOf(`**[${clause}]**`)).replace(/^\S+<a id="[^"]*"><\/a>\s*/, '')
  const [sentence] = /^[\s\S]*?(?=[.:](?:\s|$)|\n\n)/.exec(text)!
  return sentence.replace(/\s+/g, ' ').replace(/[[\]`]/g, '')
}

/** All clauses in the order of SPEC.md. */
export const holdings = (): readonly Holding[] => {
  const spec = readSpec()
  const clauses = clauseIds(spec)
  const cases = publishedCases()
  const planted = [
    ...MISTAKES.map(({ id, equation }) => [id, [equation]] as const),
    ...WRONG_CARRIES.map(({ id, equation }) => [id, [equation]] as const),
    ...WRONG_PORTS.map(({ id, named }) => [id, named] as const),
    ...MUTANTS.map(({ id, equation }) => [id, equation.split(' ')] as const),
  ]
  const stated = laws().map(([says, named]) => [says, citedIn(named, clauses)] as const)
  const tests = testFiles().map((file) => [file, titlesIn(read(file)).flatMap((title) => citedIn(title, clauses))] as const)
  const ports = portNotes()
  const naming = (all: readonly (readonly [string, readonly string[]])[], clause: string): readonly string[] => [
    ...new Set(all.filter(([, named]) => named.includes(clause)).map(([id]) => id)),
  ]
  return clauses.map((clause) => {
    const own = cases.filter(({ equations }) => equations.includes(clause))
    return {
      clause,
      says: firstWords(spec, clause),
      vectors: own.map(({ id }) => id),
      mistakes: naming(planted, clause),
      laws: naming(stated, clause),
      tests: naming(tests, clause),
      ports: ports.filter(({ caps }) => own.some((one) => !lacking(one, caps))).map(({ language }) => language),
    }
  })
}

/** What the reference says that it can do: every port claims a part of it. */
export const ALL = CAPS
