/** The published vectors: their form, where they come from, and that their values are right. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { EQUATIONS, rulesOf } from '../../src/conform/equations/graph.js'
import { startsOf } from '../../src/conform/scenario.js'
import { parseVectors, type Case } from '../../src/conform/case.js'
import { checkPublished, publishedFiles, sha256 } from '../../src/conform/vectors.js'
import { specOf } from '../../src/ptncn/config.js'
import { scalar } from '../../src/ptncn/trace.js'
import type { Matrix } from '../../src/index.js'
import { violations } from '../support/schema.js'
import { vectorFiles } from '../tools/vectors/files.js'
import { badness } from './evaluate.js'

const files = publishedFiles()
const cases = files.flatMap(({ text }) => parseVectors(text))
const read = (name: string): string => readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')

test('[pr-vectors] every file has the form of its schema, and the schema notices what has not', () => {
  const schema = JSON.parse(read('schema.json')) as Record<string, unknown>
  for (const { name, text } of files) assert.deepEqual(violations(schema, JSON.parse(text)), [], name)
  const spoilt = JSON.parse(files[0]!.text) as { cases: Record<string, unknown>[] }
  spoilt.cases[0]!['expect'] = { steps: [], score: 1 }
  assert.equal(violations(schema, spoilt).length, 2)
})

test('there are at least 150 cases, with ids of their own, and flags that are explained', () => {
  assert.ok(cases.length >= 150, `${cases.length}`)
  assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length)
  for (const { text } of files) {
    const { flags, licence, cases: listed } = JSON.parse(text) as { flags: object; licence: string; cases: { flags: string[] }[] }
    assert.match(licence, /CC0/)
    assert.deepEqual([...new Set(listed.flatMap((one) => one.flags))].sort(), Object.keys(flags).sort())
  }
})

test('A1-L6, O1-O4, S1-S4: every equation, activation, output, optimiser, profile switch and L = 1 to 4 has a case', () => {
  const covered = new Set(cases.flatMap(({ equations }) => equations))
  const wanted = [...EQUATIONS, 'st-carried', 'sq-update', 'ar-finite', 'cf-fields']
  assert.deepEqual(
    wanted.filter((equation) => !covered.has(equation)),
    [],
  )
  const configs = cases.flatMap(({ scenario }) => scenario?.config ?? [])
  const values = (of: (config: (typeof configs)[number]) => unknown): number => new Set(configs.map(of)).size
  assert.equal(
    values(({ activation }) => activation),
    9,
  )
  assert.equal(
    values(({ output }) => output),
    3,
  )
  assert.equal(
    values(({ optimizer }) => optimizer),
    5,
  )
  const layers = new Set(configs.map(({ units }) => units.length - 1))
  for (const L of [1, 2, 3, 4, 10]) assert.ok(layers.has(L), `${L} layers`)
  for (const field of [
    'hiddenPrediction',
    'topDownSignal',
    'errorRule',
    'presynaptic',
    'clipOrder',
    'mean',
    'update',
    'biases',
  ] as const)
    assert.equal(
      values((config) => config[field]),
      2,
      field,
    )
})

test('a case needs no later version than its file says', () => {
  for (const { id, spec, scenario } of cases) if (scenario && spec === '0.1.0') assert.equal(specOf(scenario.config), spec, id)
})

test('the files are those that the generator writes', () => {
  assert.deepEqual(
    vectorFiles()
      .map(({ name }) => name)
      .sort(),
    files.map(({ name }) => name),
  )
  for (const { name, text } of vectorFiles())
    assert.ok(text === read(name), `${name} is not what test/tools/make-vectors.ts writes`)
})

test('published ids and values do not change', () => {
  const locked = JSON.parse(readFileSync(new URL('./locked.json', import.meta.url), 'utf8')) as Record<string, string>
  const now = Object.fromEntries(
    files
      .flatMap(({ text }) => (JSON.parse(text) as { cases: { id: string; request: unknown; expect: unknown }[] }).cases)
      .map(({ id, request, expect }) => [id, sha256(JSON.stringify({ request, expect })).slice(0, 16)]),
  )
  for (const [id, hash] of Object.entries(locked)) assert.equal(now[id], hash, id)
  assert.deepEqual(
    Object.keys(now).filter((id) => !(id in locked)),
    [],
    'new cases are locked by test/tools/lock-vectors.ts',
  )
})

test('expected values are those of the reference, to the bit', () => {
  assert.deepEqual(checkPublished(cases, 'bit'), [])
})

/** The worst of a case by the independent evaluator, each value from the published values before it. */
const evaluated = (
  { scenario, expect }: Case,
  change: (name: string, value: Matrix) => Matrix = (_name, value) => value,
): { worst: number; judged: number } => {
  let [worst, judged] = [0, 0]
  if (!scenario || !('steps' in expect)) return { worst, judged }
  startsOf(scenario, expect.steps).forEach(({ setting, course, given }, i) => {
    const known = new Map([...given, ...expect.steps[i]!.trace])
    for (const rule of rulesOf(setting.config, course)) {
      const bad = badness(rule, known, change(rule.id, known.get(rule.id)!), setting)
      if (bad === undefined) continue
      judged++
      worst = Math.max(worst, bad)
    }
  })
  return { worst, judged }
}

/** Cases about the ends of the range, where binary64 has no overflow and no underflow to show. */
const BEYOND = ['clip-overflow', 'clip-underflow', 'saturate-a1-finite', 'saturate-p1-logits', 'saturate-c2']

test('expected values are within the bounds of the independent evaluator', () => {
  let total = 0
  for (const one of cases) {
    const { worst, judged } = evaluated(one)
    total += judged
    if (!BEYOND.includes(one.id)) assert.ok(worst <= 1, `${one.id}: ${worst} of what is allowed`)
  }
  assert.ok(total > 5000, `${total}`)
})

test('the independent evaluator notices a value that is wrong by little', () => {
  const one = cases.find(({ id }) => id === 'advance-2-layers')!
  const off = (name: string, value: Matrix): Matrix =>
    name === 'C2.h_1^1' ? { ...value, data: Float32Array.from(value.data, (x) => x * 1.00001) } : value
  assert.ok(evaluated(one, off).worst > 1)
  assert.ok(evaluated(one, (name, value) => (name === 'S1.loss' ? scalar(value.data[0]! * 1.0001) : value)).worst > 1)
})
