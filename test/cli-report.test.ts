/** `ptncn report`, and `ptncn info` on data files, as a person or a script meets them. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { command } from './support/runs.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-cli-report-'))
after(() => rmSync(folder, { recursive: true }))

const ptncn = (...args: readonly string[]) =>
  spawnSync(process.execPath, [...command, ...args], { cwd: folder, encoding: 'utf8' })

const SMALL = ['--side', '8', '--units', '6,5', '--frames', '4', '--batch', '4', '--sequences', '8']

test('a report is one file of one or more runs, with the heading that was asked for; its command repeats the run', () => {
  assert.equal(ptncn('train', ...SMALL, '--out', 'a').status, 0)
  assert.equal(ptncn('train', '--task', 'reber', '--units', '4', '--sequences', '8', '--batch', '4', '--out', 'b').status, 0)
  const { status, stdout, stderr } = ptncn('report', 'a', 'b', '--title', 'Two <i>runs</i>', '--out', 'two.html')
  assert.deepEqual([status, stdout, stderr], [0, 'two.html\n', ''])
  const page = readFileSync(join(folder, 'two.html'), 'utf8')
  assert.match(page, /<h1>Two &lt;i&gt;runs&lt;\/i&gt;<\/h1>/)
  assert.equal(page.match(/<svg /g)!.length, 4, 'two a run: for wide windows and for narrow ones')
  assert.equal(page.match(/<img src="data:image\/png;base64,/g)!.length, 1)
  assert.doesNotMatch(page, /https?:|<script/)
  const [, words] = /<code>ptncn (train [^<]*)<\/code>/.exec(page)!
  assert.equal(ptncn(...words!.split(' '), '--out', 'again').status, 0)
  assert.ok(
    readFileSync(join(folder, 'again', 'checkpoint.safetensors')).equals(
      readFileSync(join(folder, 'a', 'checkpoint.safetensors')),
    ),
  )
  assert.equal(ptncn('report', 'a').stdout, 'report.html\n')
  assert.ok(existsSync(join(folder, 'report.html')))
})

test('draw makes the pictures of a run again, to the same bytes', () => {
  const files = ['a/curve.svg', 'a/film.png', 'b/curve.svg'].map((name) => [name, readFileSync(join(folder, name))] as const)
  for (const [name] of files) rmSync(join(folder, name))
  assert.equal(ptncn('draw', 'a').stdout, 'a: curve.svg, film.png\n')
  writeFileSync(join(folder, 'b', 'curve.svg'), 'spoilt')
  assert.equal(ptncn('draw', 'b').stdout, 'b: curve.svg\n')
  for (const [name, bytes] of files) assert.ok(readFileSync(join(folder, name)).equals(bytes), name)
})

test('draw wants a run that has ended, with the network and the data that its figures are of', () => {
  const refused = (message: RegExp, ...args: readonly string[]): void => {
    const { status, stderr } = ptncn('draw', ...args)
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.equal(status, 2)
  }
  const results = JSON.parse(readFileSync(join(folder, 'a', 'results.json'), 'utf8'))
  const copy = (changes: object): void => {
    mkdirSync(join(folder, 'copy'), { recursive: true })
    writeFileSync(join(folder, 'copy', 'results.json'), JSON.stringify({ ...results, ...changes }))
  }
  refused(/expected the folder of a run, got none; see ptncn draw --help/)
  refused(/"nowhere" expected results\.json in it, got none/, 'nowhere')
  copy({})
  refused(/"copy" expected checkpoint\.safetensors in it, got none/, 'copy')
  cpSync(join(folder, 'a', 'checkpoint.safetensors'), join(folder, 'copy', 'checkpoint.safetensors'))
  assert.equal(ptncn('draw', 'copy').status, 0)
  copy({ sequences: 4 })
  refused(
    /"copy" expected a checkpoint after 4 sequences, as its results are, got one after 8; "ptncn train --resume copy"/,
    'copy',
  )
})

test('draw takes the data from where they are now, and no others', () => {
  const films = Uint8Array.from([
    0,
    0,
    8,
    4,
    ...[20, 4, 8, 8].flatMap((n) => [0, 0, 0, n]),
    ...Array.from({ length: 5120 }, (_, i) => (i * i) % 251),
  ])
  writeFileSync(join(folder, 'films.idx'), films)
  const args = ['--task', 'frames', '--data', 'films.idx', '--frames', '4', '--units', '5', '--batch', '4', '--sequences', '8']
  const run = ptncn('train', ...args, '--out', 'films')
  assert.equal(run.status, 0, run.stderr)
  const film = readFileSync(join(folder, 'films', 'film.png'))
  renameSync(join(folder, 'films.idx'), join(folder, 'moved.idx'))
  rmSync(join(folder, 'films', 'film.png'))
  assert.match(ptncn('draw', 'films').stderr, /cannot read "[^"]*films\.idx"/)
  assert.equal(ptncn('draw', 'films', '--data', 'moved.idx').status, 0)
  assert.ok(readFileSync(join(folder, 'films', 'film.png')).equals(film))
  writeFileSync(
    join(folder, 'moved.idx'),
    films.map((byte, i) => (i < 20 ? byte : 255 - byte)),
  )
  assert.match(ptncn('draw', 'films', '--data', 'moved.idx').stderr, /expected what the network was trained on, SHA-256 /)
})

const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no run', [], /expected the folder of a run, got none; see ptncn report --help/],
  [
    'a folder that is no run',
    ['empty'],
    /"empty" expected results\.json in it, got none; give the folder of a run that has ended or was stopped/,
  ],
  [
    'a run that was killed',
    ['killed'],
    /"killed" expected results\.json in it, got none; its run was killed, or goes on still; "ptncn train --resume killed" finishes it/,
  ],
  ['a run and a folder that is none', ['a', 'empty'], /"empty" expected results\.json/],
  ['a run twice', ['a', './a'], /"RUN" expected each run once, got "\.\/a"/],
  [
    'a file of the run as the page',
    ['a', '--out', 'a/results.json'],
    /"--out" expected the name of a \.html file, got "a\/results\.json"/,
  ],
  ['an unknown option', ['a', '--open'], /"--open" is no option of report/],
]

for (const [what, args, message] of MISTAKES) {
  test(`report with ${what} is told in one line, with exit status 2, and nothing is written`, () => {
    mkdirSync(join(folder, 'empty'), { recursive: true })
    mkdirSync(join(folder, 'killed'), { recursive: true })
    writeFileSync(join(folder, 'killed', 'checkpoint.safetensors'), '')
    const before = readdirSync(folder, { recursive: true })
    const { status, stdout, stderr } = ptncn('report', ...args)
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.deepEqual([stdout, status], ['', 2])
    assert.deepEqual(readdirSync(folder, { recursive: true }), before)
  })
}

const IMAGES = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...Array<number>(12).fill(7)])
const LABELS = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3])
const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, name), bytes)

test('info says what an IDX file holds, plain or gzip, images or labels', () => {
  const packed = gzipSync(IMAGES)
  write('images', IMAGES)
  write('images.gz', packed)
  write('labels', LABELS)
  assert.equal(
    ptncn('info', 'images').stdout,
    'images: IDX\n  magic  0x00000803, unsigned bytes\n  count  2, each 2 x 3\n  size   28 bytes\n',
  )
  assert.equal(
    ptncn('info', 'labels').stdout,
    'labels: IDX\n  magic  0x00000801, unsigned bytes\n  count  3\n  size   11 bytes\n',
  )
  assert.deepEqual(JSON.parse(ptncn('info', '--json', 'images.gz').stdout), {
    format: 'idx',
    magic: '0x00000803',
    type: 'unsigned bytes',
    count: 2,
    shape: [2, 3],
    size: 28,
    packed: packed.length,
  })
})

test('info tells a file that is cut short, or is neither data nor a network, in one line', () => {
  write('cut', IMAGES.subarray(0, 20))
  write('cut.gz', gzipSync(IMAGES).subarray(0, 20))
  write('text', new TextEncoder().encode('hello'))
  for (const [name, message] of [
    ['cut', /"cut" expected 28 bytes for 2 x 2 x 3 unsigned bytes, got 20/],
    ['cut.gz', /cut\.gz" expected /],
    ['text', /"text" expected the first bytes of an IDX file/],
    ['none', /cannot read "none"/],
  ] as const) {
    const { status, stdout, stderr } = ptncn('info', name)
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.deepEqual([stdout, status], ['', 2])
  }
})

test('info without a file says how this machine computes, and which kernels', () => {
  const { status, stdout } = ptncn('info')
  assert.equal(status, 0)
  assert.match(stdout, /\n {2}Node +\d+\S*, V8 \S+, \S+ \S+\n {2}cores +\d+\n {2}kernels +(wide|narrow); wide ones: .+\n$/)
  const { cores, kernels } = JSON.parse(ptncn('info', '--json').stdout)
  assert.ok(cores >= 1 && ['wide', 'narrow'].includes(kernels))
})
