import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'

import { gridReport } from '../../../../src/experiment/compare/report.js'
import { requireCell, requireCost } from '../../../../src/experiment/compare/told.js'
import type { Fields } from '../../../../src/fields.js'
import { tagsOf, wordsOf } from '../../../support/tags.js'
import { comparisons } from '../../../tools/collect-again.js'
import { KEPT, linesIn } from '../../../tools/kept.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-grid-report-'))
after(() => rmSync(folder, { recursive: true }))

type Line = Record<string, any>
const GROUP = 'compare-large-part'
const cells = linesIn<Line>(GROUP, 'cells.jsonl')
const times = linesIn<Line>(GROUP, 'times.jsonl')
const jsonIn = (file: string): Line => JSON.parse(readFileSync(join(KEPT, GROUP, file), 'utf8'))
const { grid } = jsonIn('grid.json') as { grid: Fields }
const { claims } = jsonIn('tables.json')

/** A folder with these cells, changed. */
const folderOf = (name: string, change: (cell: Record<string, any>) => object = (cell) => cell): string => {
  const write = (path: string, value: object): void => {
    mkdirSync(dirname(join(folder, name, 'cells', path)), { recursive: true })
    writeFileSync(join(folder, name, 'cells', path), JSON.stringify(value))
  }
  for (const cell of cells) write(`${cell['name']}.json`, change(cell))
  for (const time of times) write(`${time['name']}.time.json`, time)
  return join(folder, name)
}

test('every cell that is kept, with its cost, is one', () => {
  let timed = 0
  for (const group of comparisons()) {
    for (const cell of linesIn<Line>(group, 'cells.jsonl')) requireCell(cell['name'], cell)
    // of a machine that did other work there are none
    if (!existsSync(join(KEPT, group, 'times.jsonl'))) continue
    for (const time of linesIn<Line>(group, 'times.jsonl')) requireCost(time['name'], time)
    timed++
  }
  assert.ok(timed > 1)
})

test('a page has each claim with the verdicts of its rows, and each difference', async () => {
  const page = await gridReport(folderOf('kept'), grid)
  const words = wordsOf(page)
  assert.ok(words.startsWith(`${grid['about']} ${grid['about']} ${cells.length} of ${cells.length} cells.`))
  for (const { title, by, verdict, rows } of claims) {
    const count = (wanted: string): number => rows.filter((row: any) => row.judged.verdict === wanted).length
    assert.ok(
      words.includes(
        `${title} ${by === 'paper' ? 'the abstract of the paper' : 'us'} ${verdict} ${count('shown')} ${count('undecided')} ${count('refuted')} `,
      ),
      title,
    )
  }
  assert.match(words, /bptt nats a frame -?\d+\.\d\d ± \d+\.\d\d 5 /)
  assert.equal(page.match(/<svg /g)!.length, 4)
  assert.doesNotMatch(page, /https?:|<script|NaN|undefined|\[object/)
  assert.equal(await gridReport(join(folder, 'kept'), grid), page)
})

test('films of the cells are one picture', async () => {
  const frame = (level: number): string => Buffer.alloc(64, level).toString('base64')
  const film = { side: 8, truth: [frame(0), frame(9)], prediction: [frame(3), frame(200)] }
  const filmed = (cell: Record<string, any>): object =>
    cell['seed'] === 1 && cell['stage'] === 'final' ? { ...cell, film } : cell
  const page = await gridReport(folderOf('filmed', filmed), grid)
  assert.equal(page.match(/<img src="data:image\/png;base64,/g)!.length, 1)
})

test('whatever texts the cells hold, the tags of the page are those of a harmless one', async () => {
  const pageWith = async (text: string): Promise<string> => {
    const spoilt = (cell: Record<string, any>): object => ({
      ...cell,
      title: text,
      settings: { ...cell['settings'], rate: text },
      marks: [{ label: text, value: 1 }],
    })
    return gridReport(folderOf('hostile', spoilt), { ...grid, about: text })
  }
  const harmless = tagsOf(await pageWith('x'))
  for (const text of [
    '</title><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</svg></style>',
    '<!--',
    '\ud800\u0000',
  ])
    assert.deepEqual(tagsOf(await pageWith(text)), harmless)
})

const first = cells.find(({ stage }) => stage === 'final')!
const REFUSED: readonly (readonly [what: string, changes: Fields, complaint: RegExp])[] = [
  ['a title that is none', { title: 7 }, /title" expected text/],
  ['a unit of its own', { unit: 'euros' }, /unit" expected one of/],
  ['a score that is none', { test: '1' }, /test" expected a number from 0/],
  ['half a seed', { seed: 0.5 }, /seed" expected a whole number/],
  ['settings that are none', { settings: [] }, /settings" expected a record/],
  [
    'a setting that cannot be written',
    { settings: { rate: { toString: 1 } } },
    /settings" expected a record of numbers and texts/,
  ],
  ['units that cannot be written', { units: [{ valueOf: 1 }] }, /units" expected/],
  ['a point that is none', { curve: [7] }, /curve\[0\]" expected a record/],
  ['too many points', { curve: Array(10_001).fill({ sequences: 0, validation: 1 }) }, /curve" expected a list of at most 10000/],
  ['marks that are none', { marks: 'x' }, /marks" expected a list/],
  ['a mark without value', { marks: [{ label: 'x' }] }, /marks\[0\]\.value" expected/],
  ['glyphs that are none', { glyphs: { test: 'x' } }, /glyphs\.test" expected/],
  ['a distance that is none', { repeated: [{ distance: 1, count: 2 }] }, /repeated\[0\]\.correct" expected/],
  ['scores after tasks that are none', { retained: [[1], ['x']] }, /retained\[1\]\[0\]" expected/],
  [
    'scores of too few tasks',
    {
      retained: [
        [1, 2],
        [1, 2],
      ],
    },
    /retained.*expected two rows or more/,
  ],
  ['scores without correction that are none', { retainedUncorrected: [[1], [1]] }, /retainedUncorrected.*expected two rows/],
  ['a film without frames', { film: { side: 8, truth: 7, prediction: [] } }, /film\.truth" expected a list/],
  ['a frame that is none', { film: { side: 8, truth: ['<b>'], prediction: [] } }, /film\.truth\[0\]" expected a frame/],
  [
    'too many frames',
    { film: { side: 8, truth: Array(1001).fill('AA=='), prediction: [] } },
    /film\.truth" expected a list of at most 1000/,
  ],
]

for (const [what, changes, complaint] of REFUSED) {
  test(`a cell with ${what} is refused in one line that names it`, async () => {
    const spoilt = folderOf('refused', (cell) => (cell === first ? { ...cell, ...changes } : cell))
    await assert.rejects(gridReport(spoilt, grid), (error: Error) => {
      assert.equal(error.name, 'FileError')
      assert.match(error.message, complaint)
      assert.ok(error.message.includes(first['name']))
      assert.doesNotMatch(error.message, /\n/)
      return true
    })
  })
}

test('a cost that is none is refused', () => {
  for (const [changes, complaint] of [
    [{ seconds: '1' }, /seconds" expected a number/],
    [{ steps: -1 }, /steps" expected a whole number/],
    [{ curve: [{ sequences: 1 }] }, /curve\[0\]\.seconds" expected a number/],
  ] as const)
    assert.throws(() => requireCost('a cell', { ...times[0]!, ...changes }), { name: 'FileError', message: complaint })
})
