/** The commands zero-shot and continual, as a person or a script meets them. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CONFIG_FIELDS } from '../src/ptncn/config.js'
import { OTHER_DATA, writeImages } from './support/images.js'
import { command, ptncn, root } from './support/runs.js'
import { wordsOf } from './support/tags.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-experiments-'))
after(() => rmSync(folder, { recursive: true }))

const SMALL = ['--side', '8', '--units', '6', '--frames', '4', '--batch', '4', '--sequences', '120', '--workers', '1']
const out = (name: string): string => join(folder, name)
const json = (...path: readonly string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))

/** Every file by its name, but for those with times: what is the same anywhere. */
const filesOf = (name: string): Readonly<Record<string, string>> => {
  const names = readdirSync(out(name), { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter(
    (file) => !/\.time\.json$|^seconds-|^tables\.md$/.test(file) && statSync(join(out(name), file)).isFile(),
  )
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(out(name), file)).toString('base64')]))
}

/** Runs a command and kills it after each of these times, then to its end. */
const runKilled = async (args: readonly string[], killAfter: readonly number[]): Promise<number> => {
  let kills = 0
  for (const milliseconds of killAfter) {
    const child = spawn(process.execPath, [...command, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)))
    // the time is counted from the first line, so that it is the experiment that is killed and not Node's start
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), milliseconds))
    if ((await ended) === 'SIGKILL') kills++
  }
  const { status, stderr } = ptncn(...args)
  assert.equal(stderr, '')
  assert.equal(status, 0)
  return kills
}

const cellOf = (seed: number): string => `cells/final/bouncing-mnist/ptncn/tanh/seed-${seed}`

/** Without what says how long something took. */
const EXPERIMENTS = [
  [
    'zero-shot',
    [
      ...[1, 2].map((seed) => `${cellOf(seed)}.json`),
      'curves-bouncing-mnist.svg',
      'film-bouncing-mnist.png',
      'grid.json',
      'tables.json',
    ],
  ],
  ['continual', ['cells/seed-1.json', 'cells/seed-2.json', 'grid.json', 'tables.json']],
] as const

for (const [name, files] of EXPERIMENTS) {
  test(`${name}: killed again and again it goes on to the very files of one that was not`, async () => {
    const args = [name, ...SMALL, '--seeds', '2', '--save', '0', '--json']
    assert.equal(ptncn(...args, '--out', out(`${name}-whole`)).status, 0)
    const kills = await runKilled([...args, '--out', out(`${name}-killed`)], [5, 80])
    assert.ok(kills > 0)
    assert.deepEqual(Object.keys(filesOf(`${name}-whole`)), files)
    assert.deepEqual(filesOf(`${name}-killed`), filesOf(`${name}-whole`))
  })
}

test('a cell that was lost is made again to the same bytes, and nothing else is', () => {
  for (const [name, [first]] of EXPERIMENTS) {
    const before = filesOf(`${name}-whole`)
    for (const file of [first, 'tables.json']) rmSync(join(out(`${name}-whole`), file))
    const { stdout } = ptncn(name, ...SMALL, '--seeds', '2', '--json', '--out', out(`${name}-whole`))
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.filter(({ type }) => type !== 'point').map(({ type }) => type),
      ['seed', 'seed', 'summary'],
    )
    assert.ok(lines.every(({ type, seed }) => type !== 'point' || seed === 1))
    assert.deepEqual(filesOf(`${name}-whole`), before)
  }
})

test('seeds that are done are not made again, and more may be asked for', () => {
  const args = ['zero-shot', ...SMALL, '--out', out('more'), '--json']
  const linesOf = (...more: readonly string[]) =>
    ptncn(...args, ...more)
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  assert.equal(linesOf('--seeds', '1').at(-1).adaptation.half, undefined)
  const made = { ...json('more', `${cellOf(1)}.json`), test: 1, uncorrected: 2, glyphs: { test: 3, uncorrected: 7, marks: [] } }
  writeFileSync(join(out('more'), `${cellOf(1)}.json`), JSON.stringify(made))
  const lines = linesOf('--seeds', '2')
  assert.ok(lines.some(({ type }) => type === 'point'))
  assert.ok(lines.every(({ type, seed }) => type !== 'point' || seed === 2))
  assert.deepEqual(lines.find(({ type }) => type === 'seed').adaptation, 3)
  assert.equal(lines.at(-1).type, 'summary')
  assert.equal(lines.at(-1).seeds, 2)
  assert.deepEqual(json('more', 'grid.json').grid.finalSeeds, [1, 2])
})

test('report makes a page of each, in which the figures are those of its tables', () => {
  for (const [name] of EXPERIMENTS) {
    const page = out(`${name}.html`)
    const { status, stdout, stderr } = ptncn('report', out(`${name}-whole`), '--out', page)
    assert.deepEqual([status, stdout, stderr], [0, `${page}\n`, ''])
    const text = readFileSync(page, 'utf8')
    assert.doesNotMatch(text, /https?:|<script|NaN|undefined|\[object/)
    const words = wordsOf(text)
    const { mean, half } =
      name === 'continual'
        ? json('continual-whole', 'tables.json').forgetting
        : adaptationIn(json('zero-shot-whole', 'tables.json'))
    const figure = `${mean.toFixed(2)} ± ${half.toFixed(2)}`
    assert.ok(
      words.includes(name === 'continual' ? `forgetting ${figure}` : `its correction off nats a frame ${figure} 2`),
      words,
    )
    assert.equal(text.match(/<img src="data:image\/png;base64,/g)?.length, name === 'continual' ? undefined : 1)
  }
})

const adaptationIn = ({ claims }: { claims: { title: string; rows: { difference: { mean: number; half: number } }[] }[] }) =>
  claims.find(({ title }) => title.includes('gains more on letters'))!.rows[0]!.difference

test('report of a continual study without its tables, or with tables that are none, is refused in one line', () => {
  const name = out('continual-copy')
  cpSync(out('continual-whole'), name, { recursive: true })
  const tables = json('continual-copy', 'tables.json')
  const refused = (message: RegExp): void => {
    const { status, stderr } = ptncn('report', name, '--out', out('never.html'))
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.equal(status, 2)
  }
  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ unit: '<b>' }, /tables\.json\.unit" expected one of nats a frame/],
    [{ seeds: undefined }, /tables\.json\.seeds" expected a whole number/],
    [{ scores: [[{ mean: 1, count: 1 }]] }, /scores\[0\]" expected 3 items, one for each task/],
    [{ scores: Array(9).fill([]) }, /scores" expected a list of at most 4/],
    [{ forgetting: { mean: '1', count: 2 } }, /forgetting\.mean" expected a number/],
    [{ marks: { 'bouncing-mnist': 7 } }, /marks\.bouncing-mnist" expected a list/],
    [{ titles: ['a', 'b', 7] }, /titles\[2\]" expected text/],
  ]
  for (const [changes, message] of wrong) {
    writeFileSync(join(name, 'tables.json'), JSON.stringify({ ...tables, ...changes }))
    refused(message)
  }
  rmSync(join(name, 'tables.json'))
  refused(/continual-copy" expected tables\.json in it, got none; ptncn continual with the same options finishes it/)
  const grid = json('continual-copy', 'grid.json')
  writeFileSync(join(name, 'grid.json'), JSON.stringify({ ...grid, tasks: ['bouncing-mnist', 'constructor'] }))
  refused(/tasks\[1\]" expected one of bouncing-mnist/)
  writeFileSync(join(name, 'grid.json'), JSON.stringify({ ...grid, format: 'other' }))
  refused(/grid\.json: format" expected ptncn-grid, got "other"/)
})

/** As the commands train and eval score it. */
const scoreOf = (run: string, ...more: readonly string[]): number =>
  JSON.parse(ptncn('eval', out(run), ...more, '--json').stdout).score

test('zero-shot: the table; the scores are those of ptncn eval on the network of ptncn train, --adapt on and off', () => {
  const { stdout } = ptncn('zero-shot', ...SMALL, '--seeds', '2', '--out', out('table'))
  for (const label of ['correction on', 'correction off', 'gain', 'floor', 'copy last', 'mean frame']) {
    assert.match(stdout, new RegExp(`${label}.* -?\\d+\\.\\d\\d.* -?\\d+\\.\\d\\d`))
  }
  assert.match(stdout, /adaptation .* -?\d+\.\d\d ± \d+\.\d\d\n/)
  const { test: on, uncorrected: off, glyphs } = json('table', `${cellOf(2)}.json`)
  ptncn('train', ...SMALL, '--seed', '2', '--out', out('alone'))
  const scores = { 'bouncing-mnist': { on, off }, 'bouncing-notmnist': { on: glyphs.test, off: glyphs.uncorrected } }
  for (const [task, both] of Object.entries(scores)) {
    for (const adapt of ['on', 'off'] as const)
      assert.equal(scoreOf('alone', '--task', task, '--adapt', adapt), both[adapt], `${task} ${adapt}`)
    assert.notEqual(both.on, both.off)
  }
})

test('the folder of zero-shot is that of a comparison: its grid.json makes the same cells, and the same tables', () => {
  const grid = join(out('zero-shot-whole'), 'grid.json')
  const { status, stderr } = ptncn('compare', grid, '--out', out('compared'), '--json')
  assert.equal(stderr, '')
  assert.equal(status, 0)
  assert.deepEqual(filesOf('compared'), filesOf('zero-shot-whole'))
})

test('continual: after the first task the network is that of ptncn train; the table has every score and measure', () => {
  const tasks = ['bouncing-mnist', 'bouncing-notmnist']
  const { stdout, status } = ptncn('continual', ...SMALL, '--seeds', '2', '--tasks', tasks.join(), '--out', out('tasks'))
  assert.equal(status, 0)
  for (const label of ['untrained', 'after T1', 'after T2', 'floor', 'average', 'forgetting', 'forward transfer']) {
    assert.match(stdout, new RegExp(`${label}.* -?\\d+\\.\\d\\d`))
  }
  const { scores } = json('tasks', 'cells/seed-2.json')
  tasks.forEach((task, j) => assert.equal(scoreOf('alone', '--task', task), scores[1][j], `R[1][${j + 1}]`))
})

test('a seed that diverges ends it with exit status 1, and the network as it was before stays', () => {
  for (const [name] of EXPERIMENTS) {
    const args = [name, ...SMALL, '--optimizer', 'sgd', '--rate', '3e38', '--seeds', '1', '--out', out(`${name}-wild`)]
    const { status, stderr } = ptncn(...args)
    assert.equal(status, 1)
    const [, path] = /^ptncn: seed 1: [^\n]* \(in ([^\n]*checkpoint\.safetensors)\)\n$/.exec(stderr) ?? assert.fail(stderr)
    assert.match(ptncn('info', path!).stdout, /1 layer of 6 tanh units/)
  }
})

test('no result holds a time or says what machine it was made on', () => {
  for (const [name] of EXPERIMENTS) {
    for (const [file, text] of Object.entries(filesOf(`${name}-whole`))) {
      if (file.endsWith('.json'))
        assert.doesNotMatch(Buffer.from(text, 'base64').toString(), /seconds|machine|processor|"v\d+\.|20\d\d-\d\d/, file)
    }
  }
})

test('Ctrl-C ends an experiment with everything saved and exit status 130', async () => {
  const args = [
    ...command,
    'zero-shot',
    ...SMALL.map((word) => (word === '120' ? '1000000' : word)),
    '--seeds',
    '1',
    '--json',
    '--out',
    out('interrupted'),
  ]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.once('data', () => child.kill('SIGINT'))
  child.stdout.on('data', (text) => (printed += text))
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const status = await new Promise((resolve) => child.once('exit', resolve))
  clearTimeout(late)
  assert.equal(status, 130)
  assert.match(printed, /"type":"stopped"[^\n]*\n$/)
  assert.deepEqual(Object.keys(filesOf('interrupted')), [`${cellOf(1)}.safetensors`, 'grid.json'])
})

mkdirSync(out('mine'))
writeFileSync(join(out('mine'), '.thesis.tmp'), 'years of work')

const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['seeds that are none', ['zero-shot', '--seeds', '0'], /"--seeds" expected a whole number from 1 to 1000, got "0"/],
  ['a task, of which zero-shot has its own', ['zero-shot', '--task', 'reber'], /"--task" is no option of zero-shot/],
  [
    'a seed, of which there are several',
    ['continual', '--seed', '3'],
    /"--seed" is no option of continual; did you mean --seeds\?/,
  ],
  ['tasks of zero-shot', ['zero-shot', '--tasks', 'reber'], /"--tasks" is no option of zero-shot/],
  ['one task alone', ['continual', '--tasks', 'bouncing-mnist'], /"--tasks" expected two tasks at least/],
  [
    'a task that is none',
    ['continual', '--tasks', 'bouncing-mnist,digits'],
    /"--task" expected one of bouncing-mnist, .*, got "digits"/,
  ],
  [
    'tasks that are unlike',
    ['continual', '--tasks', 'bouncing-mnist,reber'],
    /"--tasks" expected tasks of 1024 inputs, .*; give tasks that are alike/,
  ],
  ['an output', ['zero-shot', '--output', 'softmax'], /"--output" expected none/],
  [
    'learning that never begins',
    ['continual', '--frames', '3', '--learnFrom', '3'],
    /"--learnFrom" expected less than the 3 frames/,
  ],
  [
    'a folder with files of the user',
    ['zero-shot', ...SMALL, '--out', out('mine')],
    /mine" expected a new or empty folder, got one with files; give another --out\n$/,
  ],
  [
    'a folder below a file',
    ['continual', ...SMALL, '--out', join(root, 'package.json', 'run')],
    /expected a folder that can be made/,
  ],
]

for (const [what, args, message] of MISTAKES) {
  test(`${what} is told in one line, with exit status 2`, () => {
    const { status, stdout, stderr } = ptncn(...args)
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.equal(stdout, '')
    assert.equal(status, 2)
  })
}

test('another experiment does not go on in the folder of one, nor one with other options; nothing there is touched', () => {
  const before = filesOf('zero-shot-whole')
  const refused = (args: readonly string[], message: RegExp): void => {
    const { status, stderr } = ptncn(...args, '--out', out('zero-shot-whole'))
    assert.match(stderr, message)
    assert.equal(status, 2)
  }
  refused(
    ['zero-shot', ...SMALL, '--rate', '0.01'],
    /zero-shot-whole" expected rate 0\.003, with which the experiment in it began, got 0\.01; give another --out/,
  )
  refused(['continual', ...SMALL], /expected experiment "compare", with which/)
  assert.deepEqual(filesOf('zero-shot-whole'), before)
  assert.deepEqual(readdirSync(out('mine')), ['.thesis.tmp'])
})

test('a folder of the version before is refused in one line, and nothing there is touched', () => {
  mkdirSync(out('former'))
  writeFileSync(join(out('former'), 'experiment.json'), '{}')
  for (const [name] of EXPERIMENTS) {
    const { status, stderr } = ptncn(name, ...SMALL, '--out', out('former'))
    assert.match(
      stderr,
      /^ptncn: "[^\n]*former" expected a folder of this version, got "one of the version before"; give another --out\n$/,
    )
    assert.equal(status, 2)
  }
  assert.deepEqual(readdirSync(out('former')), ['experiment.json'])
})

test('a damaged cell of a seed is named', () => {
  const made = json('more', `${cellOf(2)}.json`)
  const { glyphs: _, ...without } = made
  writeFileSync(join(out('more'), `${cellOf(2)}.json`), JSON.stringify(without))
  const { status, stderr } = ptncn('zero-shot', ...SMALL, '--seeds', '2', '--out', out('more'))
  assert.match(
    stderr,
    /^ptncn: "[^\n]*seed-2\.json" expected the result of [^\n]*seed-2, got [^\n]*; remove it, and it is made again\n$/,
  )
  assert.equal(status, 2)
})

test('help names every option, and both commands are in the list', () => {
  for (const [name] of EXPERIMENTS) {
    const { stdout, status } = ptncn(name, '--help')
    assert.equal(status, 0)
    assert.match(stdout, /Examples\n  ptncn /)
    for (const option of [
      'seeds',
      'out',
      'data',
      'json',
      'save',
      'sequences',
      ...CONFIG_FIELDS.filter((field) => field !== 'output'),
    ]) {
      assert.match(stdout, new RegExp(`--${option}\\b`))
    }
    assert.match(ptncn('--help').stdout, new RegExp(`ptncn ${name} `))
  }
})

test('a folder begun with some data goes on with no others: both digests are told, and nothing is made', () => {
  const write = (first: number): void => {
    writeImages(join(out('images'), 'mnist'), first)
    writeImages(join(out('images'), 'notmnist'), 7)
  }
  for (const name of ['zero-shot', 'continual'] as const) {
    write(1)
    const args = [name, ...SMALL, '--data', out('images'), '--out', out(`data-${name}`)]
    assert.equal(ptncn(...args, '--seeds', '1').status, 0)
    const kept = json(`data-${name}`, 'data', 'bouncing-mnist.json')
    assert.deepEqual(kept.counts, { training: 5, validation: 1, test: 2 })
    const before = filesOf(`data-${name}`)
    write(2)
    const { status, stderr } = ptncn(...args, '--seeds', '2')
    assert.equal(status, 2)
    assert.match(stderr, OTHER_DATA)
    assert.ok(stderr.includes(kept.files[0].sha256.slice(0, 16)))
    assert.deepEqual(filesOf(`data-${name}`), before)
    write(1)
    assert.equal(ptncn(...args, '--seeds', '2').status, 0)
  }
})
