/** The document of results says what the files beside it say. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { GRIDS } from '../src/experiment/compare/grids.js'
import { ptncn, runsFolder } from './support/runs.js'
import { chartsIn, collectedOf, comparisons } from './tools/collect-again.js'
import { document, isKept, withVerdicts } from './tools/results.js'
import { triedTable } from './tools/tried.js'

const folder = new URL('./results/', import.meta.url)

test('test/results/README.md is made from the files that are kept', () => {
  assert.equal(readFileSync(new URL('README.md', folder), 'utf8'), document())
})

test('the tables and charts that are kept are those of their cells', async () => {
  for (const group of comparisons()) {
    const files = await collectedOf(group)
    assert.ok(files.has('tables.json'), group)
    for (const file of chartsIn(group)) assert.ok(files.has(file), `${group}/${file} is drawn of what is not kept`)
    for (const [file, text] of files) {
      // not `equal`, whose difference of two charts takes long
      assert.ok(text === readFileSync(new URL(`${group}/${file}`, folder), 'utf8'), `${group}/${file}`)
    }
  }
})

test('compare-small is of the grid that comes along, so that any of its cells is computed again by its name', () => {
  const { grid } = JSON.parse(readFileSync(new URL('compare-small/grid.json', folder), 'utf8'))
  assert.deepEqual(grid, GRIDS['small'])
})

test('what a field brought is read off two trials that differ in it alone', () => {
  const { tried } = JSON.parse(readFileSync(new URL('online-fields/tables.json', folder), 'utf8'))
  const validationOf = (settings: object): number =>
    tried.find((one: { settings: object }) => JSON.stringify(one.settings) === JSON.stringify(settings)).validation
  const base = { profile: 'online', weightScale: 0.3, beta: 0.03 }
  const percent = 100 * (1 - validationOf(base) / validationOf({ ...base, topDownSignal: 'correction' }))
  const row = triedTable(['online-fields'])
    .split('\n')
    .find((line) => line.includes('topDownSignal correction -> error'))
  assert.match(row!, new RegExp(`yes \\| +1 \\| +\\+${percent.toFixed(1)} `))
})

test('README says what the kept comparison shows', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  assert.equal(readme, withVerdicts(readme))
  assert.match(readme, /\| (?:shown|refuted|undecided) +\|/)
})

test('a kept run is computed again from its options, to the same numbers', () => {
  const { folder: runs } = runsFolder()
  const [first] = readFileSync(new URL('study-reber/runs.jsonl', folder), 'utf8').split('\n')
  const { options, validation, test, curve } = JSON.parse(first!)
  writeFileSync(join(runs, 'options.json'), JSON.stringify(options))
  const { status, stderr } = ptncn('train', '--config', join(runs, 'options.json'), '--out', join(runs, 'again'))
  assert.deepEqual([status, stderr], [0, ''])
  const again = JSON.parse(readFileSync(join(runs, 'again', 'results.json'), 'utf8'))
  assert.deepEqual([again.validation, again.test, again.curve.at(-1)], [validation, test, curve.at(-1)])
})

test('no kept result names a path of a machine', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.jsonl?$/.test(name))
  assert.ok(files.length > 0)
  for (const name of files) assert.doesNotMatch(readFileSync(new URL(name.replaceAll('\\', '/'), folder), 'utf8'), /"\/\w/, name)
})

test('no kept film strip shows what may not be handed on', () => {
  const films = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /film-.*\.png$/.test(name))
  assert.ok(films.length > 0)
  for (const name of films) {
    const [group, file] = name.replaceAll('\\', '/').split('/')
    const { grid } = JSON.parse(readFileSync(new URL(`${group}/grid.json`, folder), 'utf8'))
    assert.ok(isKept(file!, grid.tasks), name)
  }
  const tasks = { letters: { task: 'bouncing-notmnist' }, digits: { task: 'bouncing-mnist' }, text: { task: 'text' } }
  const kept = ['film-letters.png', 'film-digits.png', 'film-text.png', 'film-other.png'].filter((name) => isKept(name, tasks))
  assert.deepEqual(kept, ['film-digits.png'])
})
