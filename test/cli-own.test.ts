/** Data of one's own, from the file to the figures: trained on, scored, gone on with, reported and compared. */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pngSize } from '../src/io/png.js'
import { ptncn, runsFolder } from './support/runs.js'

const { folder, file } = runsFolder()
const path = (...names: readonly string[]): string => join(folder, ...names)
const json = (...names: readonly string[]) => JSON.parse(file(...names).toString())

/** Two columns of 600 lines; a spot that goes round in frames of 4 x 6, in IDX: 12 films of 8. */
const SERIES = path('tides.csv')
const LINES = Array.from({ length: 600 }, (_, t) => [100 + 5 * Math.sin(t / 4), (t % 9) / 10])
writeFileSync(SERIES, `level;"phase"\r\n${LINES.map((line) => line.join(';')).join('\r\n')}\r\n`)
const FILMS = path('spots.idx')
const PIXELS = Array.from({ length: 12 * 8 * 24 }, (_, i) =>
  (Math.floor(i / 24) * 5 + Math.floor(i / 192)) % 24 === i % 24 ? 255 : 0,
)
writeFileSync(FILMS, Uint8Array.from([0, 0, 8, 4, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 6, ...PIXELS]))

const SMALL = ['--units', '8,8', '--batch', '4', '--sequences', '400']
const ofSeries = ['--task', 'series', '--data', SERIES, '--length', '20', '--rate', '0.003']
const ofFilms = ['--task', 'frames', '--data', FILMS, '--frames', '8']

test('a series: figures beside copy last and the mean, its scaling in the results, and the same score again', () => {
  const { status, stdout, stderr } = ptncn('train', ...SMALL, ...ofSeries, '--out', path('series'))
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(
    stdout,
    /^A series of 2 columns, standardised by the training part \(level: mean 100\.\d, deviation 3\.5\d+; phase: /,
  )
  for (const label of ['P-TNCN, next step', 'copy last', 'mean', 'validation data'])
    assert.match(stdout, new RegExp(`  ${label} +\\d\\.\\d{4}\n`))
  const results = json('series', 'results.json')
  assert.deepEqual([results.unit, results.data.scaling.columns], ['half squared error a step', ['level', 'phase']])
  const average = results.marks.find(({ label }: { label: string }) => label === 'mean').value
  assert.ok(results.test < average, `${results.test}, the mean ${average}`)
  const evaluated = JSON.parse(ptncn('eval', path('series'), '--json').stdout)
  assert.deepEqual([evaluated.score, evaluated.marks], [results.test, results.marks])
})

test('a series goes on by itself, line by line, in the scale of its file', () => {
  const { status, stdout } = ptncn('generate', path('series'), '--given', '25', '--count', '4')
  const lines = stdout.trim().split('\n')
  assert.deepEqual([status, lines.length], [0, 4])
  for (const line of lines) {
    const [level, phase, ...more] = line.split(',').map(Number)
    assert.ok(level! > 80 && level! < 120 && phase! > -1 && phase! < 2 && more.length === 0, line)
  }
  assert.match(
    ptncn('generate', path('series'), '--given', '31').stderr,
    /"--given" expected at most 30, the lines of the test part, got 31/,
  )
  assert.match(
    ptncn('generate', path('series'), '--prompt', 'a').stderr,
    /"--prompt" expected none, as series is a task of series/,
  )
})

test('films: figures beside the floor, a film strip in their shape, and dreams', () => {
  const { status, stdout, stderr } = ptncn('train', ...SMALL, ...ofFilms, '--out', path('films'))
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, /^12 films of 96 frames, 4 x 6, in pieces of 8 frames, 10 to train, then 1 to validate, then 1 to test, /)
  for (const label of ['P-TNCN, next frame', 'floor', 'copy last', 'mean frame'])
    assert.match(stdout, new RegExp(`  ${label} +\\d+\\.\\d\n`))
  const results = json('films', 'results.json')
  const evaluated = JSON.parse(ptncn('eval', path('films'), '--json').stdout)
  assert.deepEqual([evaluated.score, evaluated.marks], [results.test, results.marks])
  assert.equal(ptncn('generate', path('films'), '--given', '3', '--out', path('dream.png')).status, 0)
  // eight frames of 6 x 4 pixels, each drawn 11 times as large
  for (const strip of [file('films', 'film.png'), file('dream.png')])
    assert.ok(pngSize(strip)!.width > 8 * 66 && pngSize(strip)!.height < 300)
})

test('runs on different files are reported apart', () => {
  const { status } = ptncn('report', path('series'), path('films'), '--out', path('report.html'))
  assert.equal(status, 0)
  const page = file('report.html').toString()
  assert.match(page, /Scores in half squared error a step, lower is better/)
  assert.match(page, /12 films of 96 frames/)
})

test('P-TNCN and its rivals on both, each with data of its own, in one grid', () => {
  const grid = {
    units: 4,
    tasks: {
      tides: { task: 'series', data: SERIES, length: 20, batch: 4, sequences: 100, scored: 2 },
      spots: { task: 'frames', data: FILMS, frames: 8, batch: 4, sequences: 100 },
    },
    searchSeeds: [1001],
    finalSeeds: [1, 2],
    contenders: [
      { method: 'ptncn', settings: { optimizer: 'adam', clip: 0 }, search: [{ rate: 0.003 }] },
      ...['bptt', 'rtrl', 'uoro', 'esn', 'sab', 'lstm'].map((method) => ({ method, search: [{ rate: 0.003 }] })),
    ],
  }
  writeFileSync(path('own.json'), JSON.stringify(grid))
  const { status, stderr, stdout } = ptncn('compare', path('own.json'), '--out', path('compared'), '--json')
  assert.deepEqual([status, stderr], [0, ''])
  assert.equal(stdout.trim().split('\n').length, 2 * 7 * 2 + 1)
  const cell = json('compared', 'cells', 'final', 'tides', 'lstm', 'tanh', 'seed-1.json')
  assert.equal(cell.unit, 'half squared error a step')
  assert.ok(!JSON.stringify(cell).includes(folder), 'paths stay out of results')
  const tables = file('compared', 'tables.md').toString()
  assert.match(tables, /half squared error a step, lower is better/)
  assert.match(tables, /P-TNCN beats RTRL, UORO and ESN on films and series of one's own/)
  assert.doesNotMatch(tables, /on bouncing images|on symbols/)
  assert.ok(existsSync(path('compared', 'film-spots.png')) && !existsSync(path('compared', 'film-tides.png')))
})

test('a grid whose task has no data says where to give them', () => {
  const grid = {
    units: 4,
    tasks: { tides: { task: 'series', sequences: 100 } },
    searchSeeds: [1001],
    finalSeeds: [1],
    contenders: [{ method: 'ptncn', search: [{}] }],
  }
  writeFileSync(path('without.json'), JSON.stringify(grid))
  assert.match(
    ptncn('compare', path('without.json'), '--out', path('without'), '--plan').stderr,
    /"tasks\.tides" expected the data of series, got "none"; give them as --data, or as data of the task/,
  )
})

test("what is wrong with data of one's own is said in one line, with its place", () => {
  mkdirSync(path('pictures'))
  writeFileSync(path('bad.csv'), `${'1,2\n'.repeat(50)}3,n/a\n`)
  for (const [args, message] of [
    [['--task', 'series'], /"--data" expected a file of numbers, a step a line: CSV, or JSON Lines, got "nothing"/],
    [['--task', 'series', '--data', path('bad.csv')], /bad\.csv, line 51, column 2" expected a number .*got "n\/a"; fill in/],
    [
      ['--task', 'series', '--data', SERIES, '--length', '5', '--learnFrom', '5'],
      /"--learnFrom" expected less than the 5 lines of a piece, got 5/,
    ],
    [['--task', 'frames', '--data', path('pictures')], /pictures" expected PNG pictures in it, or folders of them, got "none"/],
    [['--task', 'frames', '--data', path('none')], /cannot read .*none": there is no such file/],
  ] as const) {
    const { status, stderr, stdout } = ptncn('train', ...args, '--out', path('refused'))
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, message)
    assert.equal(stderr.trim().split('\n').length, 1)
  }
  assert.ok(!existsSync(path('refused')))
})
