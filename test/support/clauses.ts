/** What each clause of SPEC.md is held by: published cases, planted mistakes, laws, tests and ports. */

import { readdirSync, readFileSync } from 'node:fs'
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

/** What may be empty, and why: a field that is empty and not here makes a test fail. */
const FREE: Readonly<Record<string, Readonly<Partial<Record<Field, string>>>>> = {
  'op-rate': {
    vectors:
      'the cases rates-sgd to rates-sequence are about it; they name O3, whose rate it is, and published cases do not change',
    ports: 'as for its vectors',
  },
  'sq-learn': { laws: 'a matter of when, not of values: each case and each engine shows it' },
  'ar-sum': {
    vectors: 'no request asks for a sum alone; norms, means of scores and softmax are made of it',
    laws: 'bits of an order, not a property',
    ports: 'as for its vectors',
  },
  'ar-round': {
    vectors: 'every case shows it',
    mistakes: 'a fused or a wider operation is planted in each equation, under its name',
    ports: 'every port that claims the level bit',
  },
  'ar-product': { vectors: 'every case shows it', ports: 'every port that claims the level bit' },
  S5: {
    vectors: 'means over a run are beyond the protocol; the scores of each step are S1 to S4',
    mistakes: 'as for its vectors',
    laws: 'as for its vectors',
    ports: 'as for its vectors',
  },
}

type Field = 'vectors' | 'mistakes' | 'laws' | 'ports'
const FIELDS: readonly Field[] = ['vectors', 'mistakes', 'laws', 'ports']

/** Clauses of a kind, that are empty for one reason. */
const KINDS: readonly (readonly [kind: RegExp, fields: readonly Field[], why: string])[] = [
  [/^ar-/, ['laws'], 'fixed by bits, which the examples of SPEC.md and the vectors show; a property would say less'],
  [/^(?:wt|op)-/, ['laws'], 'shapes and keys are fixed by bits, which vectors show'],
  [/^(?:cf-|ck-|ex-)/, ['laws'], 'tables and formats: read, written and refused, by tests'],
  [
    /^cf-(?:later|released|paper|tuned)$|^ex-/,
    ['vectors', 'mistakes', 'ports'],
    'about this document and its profiles; tests read the tables',
  ],
  [/^pr-/, ['laws'], 'the protocol: ports that misbehave are its tests'],
  [/^pr-/, ['vectors', 'mistakes', 'ports'], 'held by ports that answer wrongly, not by values: test/conform'],
]

const whyEmpty = (clause: string, field: Field): string | undefined =>
  FREE[clause]?.[field] ?? KINDS.find(([kind, fields]) => kind.test(clause) && fields.includes(field))?.[2]

/** Each field that is empty, with why it may be; undefined where it may not. */
export const empties = (
  all: readonly Holding[],
): readonly { readonly clause: string; readonly field: Field; readonly why?: string }[] =>
  all.flatMap((holding) =>
    FIELDS.filter((field) => holding[field].length === 0).map((field) => {
      const why = whyEmpty(holding.clause, field)
      return { clause: holding.clause, field, ...(why !== undefined && { why }) }
    }),
  )

/** Reasons that are given for fields that are not empty. */
export const idle = (all: readonly Holding[]): readonly string[] =>
  Object.entries(FREE).flatMap(([clause, fields]) =>
    (Object.keys(fields) as Field[])
      .filter((field) => all.find((one) => one.clause === clause)?.[field].length !== 0)
      .map((field) => `${clause} ${field}`),
  )

/** What a reader of SPEC.md may want to know that no port is asked. */
const LEFT_FREE: readonly string[] = [
  'the bits of a NaN ([ar-round]);',
  'which terms of a product are left out where their left factor is 0 ([ar-product]);',
  'the order of tensors in a checkpoint, and what `run` holds ([ck-format]);',
  'the words of a refusal, and everything on the standard error ([pr-lines], [pr-answers]);',
  'how a run is divided among threads or machines: results are the same to the bit;',
  'whatever appendix D leaves out.',
]

const counted = (ids: readonly string[]): string =>
  ids.length === 0 ? '' : ids.length === 1 ? `\`${ids[0]}\`` : `${ids.length}, such as \`${ids[0]}\``
const lawNumbers = (said: readonly string[]): string =>
  [...new Set(said.map((one) => /^\d+(?=:)/.exec(one)?.[0] ?? one))].join(', ')
const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The content of test/clauses.md. */
export const clausesText = (): string => {
  const all = holdings()
  const rows = all.map(({ clause, says, vectors, mistakes, laws: held, tests, ports }) =>
    [
      `[${clause}](../SPEC.md#${clause})`,
      says.slice(0, 70),
      counted(vectors),
      counted(mistakes),
      lawNumbers(held),
      String(tests.length),
      ports.join(', '),
    ]
      .map(cell)
      .join(' | '),
  )
  const free = empties(all).map(({ clause, field, why = '' }) => [clause, field, why] as const)
  const grouped = [...new Set(free.map(([, , why]) => why))].map(
    (why) =>
      `- ${free
        .filter(([, , one]) => one === why)
        .map(([clause, field]) => `${clause} (${field})`)
        .join(', ')}: ${why}.`,
  )
  return `# What holds each clause

Made by \`tsx test/tools/clauses.ts\`; a test fails where it is not what the tool writes, or where a field is empty without a reason. The same as JSON,
with every id: [clauses.json](clauses.json). Vectors are published cases, mistakes are planted ones that the tests or the kit
have to notice, laws are those of [law/README.md](law/README.md) by their numbers, tests are files whose titles name the
clause, ports those of test/ports that are judged in it.

| clause | says | vectors | mistakes | laws | tests | ports |
|---|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}

## Empty, and why

${grouped.join('\n')}

## Left free

What SPEC.md does not say, and no port is asked:

${LEFT_FREE.map((line) => `- ${line}`).join('\n')}
`
}

/** The content of test/clauses.json: every clause with the ids of what holds it. */
export const clausesJson = (): string => `${JSON.stringify({ format: 'ptncn-clauses 1', clauses: holdings() }, undefined, 1)}\n`
