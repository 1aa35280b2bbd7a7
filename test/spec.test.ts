/** SPEC.md, the code and the tests say the same thing. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CONFIG_FIELDS, profiles, SPEC_VERSION } from '../src/ptncn/config.js'
import { bracketed, citedIn } from './support/clauses.js'
import { deadLinks, unanchored } from './support/links.js'
import { blocks, clauseIds, evaluateLine, exampleFiles, examples, readSpec, runExample } from './support/spec.js'

const root = new URL('../', import.meta.url)
const sources = (folder: string, ends: RegExp): readonly string[] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => ends.test(path))
    .map((path) => readFileSync(new URL(`${folder}/${path}`, root), 'utf8'))

/** Identifiers in the brackets of comments, and in the titles of tests. */
const citedInComments = (source: string): readonly string[] =>
  [...source.matchAll(/(?:\/\*\*?|\/\/|^\s*\*)[^\n]*/gm)].flatMap(([comment]) => bracketed(comment))
const citedInTitles = (source: string): readonly string[] =>
  [...source.matchAll(/\b(?:test|law|describe|it)\(\s*(['"`])(.*?)\1/gs)].flatMap(([, , title]) => [...citedIn(title!, clauses)])
const clauses = clauseIds(readSpec())

test('every clause has an identifier of its own', () => {
  assert.ok(clauses.length >= 50, `only ${clauses.length} clauses found`)
  assert.deepEqual(clauses, [...new Set(clauses)])
})

test('every clause has an anchor of its name, and a link', () => {
  const spec = readSpec()
  assert.deepEqual(unanchored(spec), [])
  assert.deepEqual(unanchored(spec.replace('<a id="C2"></a>', '')), ['C2'])
  assert.deepEqual(unanchored(spec.replace('<a id="C2"></a>', '<a id="C3"></a>')), ['C2', 'C3'])
  assert.deepEqual(unanchored(spec.replace('\n[C2]: #C2', '')), ['C2'])
  assert.deepEqual(unanchored(spec.replace('\n[C2]: #C2', '\n[C2]: #C1')), ['C2'])
})

test('every link of SPEC.md leads somewhere', () => {
  const spec = readSpec()
  const dead = (text: string): readonly string[] => deadLinks(text, root)
  assert.deepEqual(dead(spec), [])
  const planted: readonly (readonly [from: string, to: string, link: string])[] = [
    ['](#3-the-step)', '](#3-steps)', '#3-steps'],
    ['## 3 The step\n', '## 3 A step\n', '#3-the-step'],
    ['three-layers.json)', 'four-layers.json)', 'test/examples/four-layers.json'],
    ['README.md#profiles', 'README.md#presets', 'README.md#presets'],
    ['([C2])', '([C9])', '[C9]'],
    ['([ar-sum])', '([ar-total])', '[ar-total]'],
  ]
  for (const [from, to, link] of planted) assert.ok(dead(spec.replaceAll(from, to)).includes(link), link)
})

test('every clause is cited by a comment of the code, and the code cites no other', () => {
  const cited = new Set(sources('src', /\.ts$/).flatMap(citedInComments))
  assert.deepEqual([...cited].sort(), [...clauses].sort())
})

test('every clause is cited by the title of a test, and the titles cite no other', () => {
  const cited = new Set(sources('test', /\.(test|slow)\.ts$/).flatMap(citedInTitles))
  assert.deepEqual([...cited].sort(), [...clauses].sort())
})

test('the versions of SPEC.md, the package and the code are one', () => {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }
  assert.equal(readSpec().match(/^Version (\S+)$/m)?.[1], version)
  assert.equal(SPEC_VERSION, version)
})

test('[cf-fields] [cf-released] the table of fields and defaults is that of the code', () => {
  const rows = [...readSpec().matchAll(/^\| (`[^|]*`) \| ([^|]*) \| [^|]* \| [^|]* \|$/gm)].flatMap(([, names, defaults]) =>
    names!.split(', ').map((name, i) => [name.slice(1, -1), (defaults!.split(', ')[i] ?? defaults)!.replaceAll('`', '')]),
  )
  const code = CONFIG_FIELDS.map((field) => [field, field === 'units' ? 'none' : String(profiles.released[field])])
  assert.deepEqual(rows, code)
})

test('[cf-paper] [cf-tuned] the tables of the profiles are those of the code', () => {
  const readme = readFileSync(new URL('README.md', root), 'utf8')
  for (const [base, name, text, least] of [
    ['released', 'paper', readSpec(), 5],
    ['released', 'tuned', readme, 5],
    ['tuned', 'online', readme, 3],
  ] as const) {
    const [, table] = text.split(new RegExp(`^\\| field \\| \`${base}\` \\| \`${name}\`.*$`, 'm'))
    const rows = [...table!.split('\n\n')[0]!.matchAll(/^\| `(\w+)` \| `?([\w.]+)`? \| `?([\w.]+)`? \|$/gm)].map(
      ([, ...cells]) => cells,
    )
    const differing = CONFIG_FIELDS.filter((field) => field !== 'units' && profiles[base][field] !== profiles[name][field])
    assert.ok(rows.length >= least)
    assert.deepEqual(
      rows.sort(),
      differing.map((field) => [field, String(profiles[base][field as 'beta']), String(profiles[name][field as 'beta'])]).sort(),
    )
  }
})

test('the bits of every example are those that the code computes', () => {
  const lines = blocks(readSpec(), 'bits').flatMap((block) => block.trim().split('\n'))
  assert.ok(lines.length >= 25, `only ${lines.length} examples found`)
  for (const line of lines) assert.equal(`${line.split(' = ')[0]} = ${evaluateLine(line)}`, line)
})

test('[ex-step] the worked examples, in the text and in files, come out to the bit', () => {
  const worked = examples(readSpec())
  assert.deepEqual(
    worked.map(({ sequences }) => sequences.map(({ steps }) => steps.length)),
    [[3], [3, 2], [3, 3]],
  )
  for (const example of worked) {
    assert.ok(Object.keys(example.after).length > 10)
    assert.deepEqual(runExample(example), example)
  }
})

test('[ex-step] SPEC.md names every file of the examples', () => {
  const names = readdirSync(new URL('test/examples', root)).filter((name) => name.endsWith('.json'))
  const files = names.map((name) => `test/examples/${name}`)
  assert.deepEqual([...exampleFiles(readSpec())].sort(), files.sort())
})
