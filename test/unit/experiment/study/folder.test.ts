import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

import {
  isDone,
  openStudy,
  readCost,
  readDone,
  readStanding,
  sweepCell,
  writeDone,
  writeStanding,
} from '../../../../src/experiment/study/folder.js'
import { plain } from '../../support.js'

const root = mkdtempSync(join(tmpdir(), 'ptncn-study-'))
after(() => rmSync(root, { recursive: true }))
const out = (name: string): string => join(root, name)

const GRID = { units: 4, tasks: [{ label: 'a', rate: 0.1 }], finalSeeds: [1] }
const described = (changes: object = {}) => ({ grid: { ...GRID, ...changes }, data: false })

test('the same study goes on in its folder; another is refused, with the innermost field that differs', async () => {
  await openStudy(out('a'), described())
  await openStudy(out('a'), described())
  const refused = (given: Readonly<Record<string, unknown>>, message: RegExp) =>
    assert.rejects(openStudy(out('a'), given), { name: 'FileError', message })
  await refused(described({ units: 5 }), /a" expected units 4, with which the experiment in it began, got 5; give another --out$/)
  await refused(described({ tasks: [{ label: 'a', rate: 0.2 }] }), /expected rate 0\.1, with which .* got 0\.2;/)
  await refused(described({ tasks: [] }), /expected tasks \[an object\], with which .* got \[\];/)
  await refused(described({ finalSeeds: [1, 2] }), /expected finalSeeds \[1\], with which .* got \[1, 2\];/)
  await refused({ experiment: 'continual', rate: 1 }, /expected experiment "compare", with which .* got "continual";/)
  await refused({ ...described(), data: true }, /expected data false, with which .* got true;/)
})

test('what may grow is kept as it was given last, and nothing else may differ', async () => {
  await openStudy(out('b'), described(), 'finalSeeds')
  await openStudy(out('b'), described({ finalSeeds: [1, 2] }), 'finalSeeds')
  assert.deepEqual(JSON.parse(readFileSync(join(out('b'), 'grid.json'), 'utf8')).grid.finalSeeds, [1, 2])
  await assert.rejects(openStudy(out('b'), described({ finalSeeds: [1, 2], units: 5 }), 'finalSeeds'), /expected units 4/)
})

test("processes that begin the same study at once do not stand in each other's way", async () => {
  const begun: Promise<void>[] = []
  for (let i = 0; i < 30; i++) {
    begun.push(openStudy(out('h'), described()))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(begun)
  assert.deepEqual(readdirSync(out('h')), ['grid.json'])
})

test('a folder with files of the user is refused; what a crash left of a beginning is no file of the user', async () => {
  mkdirSync(out('c'))
  writeFileSync(join(out('c'), '.grid.json.1.tmp'), '{"for')
  await openStudy(out('c'), described())
  assert.ok(existsSync(join(out('c'), 'grid.json')))
  mkdirSync(out('d'))
  for (const name of ['.thesis.tmp', 'experiment.json']) {
    writeFileSync(join(out('d'), name), 'years of work')
    await assert.rejects(openStudy(out('d'), described()), { name: 'FileError', message: /d" expected a (new or empty )?folder/ })
  }
  assert.deepEqual(readdirSync(out('d')).sort(), ['.thesis.tmp', 'experiment.json'])
})

const standing = {
  snapshot: { w: { rows: 1, cols: 2, data: Float32Array.of(1, 2) } },
  batches: 2,
  curve: [],
  recent: { loss: 1, count: 1 },
}

test('a cell goes on from what was saved of it, unless that is of something else; done, only its result and its cost stay', async () => {
  const [folder, cell] = [out('e'), 'final/a/seed-1']
  assert.ok(!isDone(folder, cell))
  await writeStanding(folder, cell, 'this', { standing, about: { rows: [1] } })
  const saved = readStanding(folder, cell, 'this', standing.snapshot)!
  assert.deepEqual(plain(saved.standing), standing)
  assert.deepEqual(plain(saved.about), { of: 'this', rows: [1] })
  assert.equal(readStanding(folder, cell, 'that', standing.snapshot), undefined)
  assert.equal(readStanding(folder, cell, 'this', { w: 1 }), undefined)
  await writeDone(folder, cell, { score: 3 }, { seconds: 7 })
  assert.ok(isDone(folder, cell))
  assert.equal(readStanding(folder, cell, 'this', standing.snapshot), undefined)
  assert.deepEqual(plain(await readDone(folder, cell, () => true)), { format: 'ptncn-cell', name: cell, score: 3 })
  assert.equal((await readCost(folder, cell))!['seconds'], 7)
  assert.deepEqual(readdirSync(join(folder, 'cells/final/a')).sort(), ['seed-1.json', 'seed-1.time.json'])
})

test('a result that is none is named, with what to do', async () => {
  const [folder, cell] = [out('f'), 'seed-2']
  await writeDone(folder, cell, { score: 3 })
  const message = /seed-2\.json" expected the result of seed-2, got .*; remove it, and it is made again$/
  await assert.rejects(
    readDone(folder, cell, () => false),
    { name: 'FileError', message },
  )
  writeFileSync(join(folder, 'cells/seed-2.json'), '{"format":"ptncn-cell","name":"seed-1","score":3}')
  await assert.rejects(
    readDone(folder, cell, () => true),
    { name: 'FileError', message },
  )
})

test('what a killed process left half-written of a cell goes, and nothing of another', async () => {
  const [folder, own] = [out('g'), join(out('g'), 'cells')]
  mkdirSync(own, { recursive: true })
  for (const name of ['.seed-1.json.x.tmp', '.seed-1.safetensors.y.tmp', '.seed-12.json.x.tmp', 'seed-1.tmp'])
    writeFileSync(join(own, name), '')
  await sweepCell(folder, 'seed-1')
  assert.deepEqual(readdirSync(own).sort(), ['.seed-12.json.x.tmp', 'seed-1.tmp'])
  await sweepCell(out('nowhere'), 'seed-1')
})
