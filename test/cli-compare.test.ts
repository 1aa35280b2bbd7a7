/** The command compare, as a person or a script meets it. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { OTHER_DATA, writeImages } from './support/images.js'
import { command, ptncn, root, runsFolder } from './support/runs.js'
import { wordsOf } from './support/tags.js'

const { folder, file } = runsFolder()
const out = (name: string): string => join(folder, name)

const CONTENDERS = [
  { method: 'ptncn', settings: { optimizer: 'adam', clip: 0, biases: true }, search: [{ rate: 0.001 }, { rate: 0.01 }] },
  { method: 'bptt', search: [{ rate: 0.001 }, { rate: 0.01 }], sizes: ['units', 'weights'] },
]
const GRID = {
  units: 4,
  tasks: { reber: { task: 'reber', batch: 10, sequences: 200 } },
  searchSeeds: [1001],
  finalSeeds: [1, 2],
  contenders: CONTENDERS,
}
const grid = (name: string, value: unknown): string => {
  writeFileSync(out(name), typeof value === 'string' ? value : JSON.stringify(value))
  return out(name)
}
const tiny = grid('tiny.json', GRID)

const compare = (name: string, ...more: readonly string[]) => ptncn('compare', tiny, '--out', out(name), ...more)
const planOf = (name: string): readonly string[] => {
  const { stdout, status } = compare(name, '--plan')
  assert.equal(status, 0)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(line.indexOf('--cell ') + 7))
}

/** The results by their names: what is the same anywhere. */
const cellsOf = (name: string): Readonly<Record<string, string>> => {
  const names = readdirSync(join(out(name), 'cells'), { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names
      .filter((one) => /\/(trial|seed)-[\d\w-]+\.json$/.test(one))
      .map((one) => [one.slice(0, -5), file(name, 'cells', one).toString()]),
  )
}

const SEARCHES = ['reber/ptncn/tanh', 'reber/bptt/tanh', 'reber/bptt/tanh-weights'].flatMap((group) =>
  [1, 2].map((trial) => `search/${group}/trial-${trial}-seed-1001`),
)
const FINALS = ['reber/ptncn/tanh', 'reber/bptt/tanh', 'reber/bptt/tanh-weights'].flatMap((group) =>
  [1, 2].map((seed) => `final/${group}/seed-${seed}`),
)

test('the plan lists what can run now: the searches, and the final seeds of what has been searched; its commands are the grid', () => {
  assert.deepEqual(planOf('planned'), SEARCHES)
  const first = compare('planned', '--plan').stdout.split('\n')[0]!
  assert.equal(first, `ptncn compare ${tiny} --out ${out('planned')} --cell ${SEARCHES[0]}`)
  // in the order of no plan: one cell knows nothing of another
  for (const cell of [SEARCHES[3]!, SEARCHES[2]!]) assert.equal(compare('planned', '--cell', cell).status, 0)
  assert.deepEqual(planOf('planned'), [SEARCHES[0], SEARCHES[1], SEARCHES[4], SEARCHES[5], FINALS[2], FINALS[3]])
  for (const cell of [FINALS[3]!, ...SEARCHES.filter((_, i) => i < 2 || i > 3)])
    assert.equal(compare('planned', '--cell', cell).status, 0)
  assert.deepEqual(
    planOf('planned'),
    FINALS.filter((cell) => cell !== FINALS[3]),
  )
})

test('the grid.json of a folder is a grid for another', () => {
  const { stdout, status, stderr } = ptncn('compare', join(out('planned'), 'grid.json'), '--out', out('again'), '--plan')
  // how long it takes is said before it starts
  assert.match(stderr, /^ptncn compare: to do: 12 cells, about \d+ s on one core(?:, \d+ s on \d+ with --plan)?\n$/)
  assert.equal(status, 0)
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(line.indexOf('--cell ') + 7)),
    SEARCHES,
  )
  assert.deepEqual(JSON.parse(file('again', 'grid.json').toString()), JSON.parse(file('planned', 'grid.json').toString()))
})

test('a cell has the same bytes run alone and in the grid; what is done is not done again', () => {
  const { status, stdout } = compare('whole', '--json')
  assert.equal(status, 0)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(lines.map(({ name }) => name).slice(0, -1), [...SEARCHES, ...FINALS])
  assert.equal(lines.at(-1).type, 'collected')
  const [alone, whole] = [cellsOf('planned'), cellsOf('whole')]
  assert.equal(Object.keys(alone).length, 7)
  for (const name of Object.keys(alone)) assert.equal(alone[name], whole[name], name)
  const marked = join(out('whole'), 'cells', `${FINALS[0]}.json`)
  const made = { ...JSON.parse(readFileSync(marked, 'utf8')), test: 0.125 }
  writeFileSync(marked, JSON.stringify(made))
  assert.equal(compare('whole', '--cell', FINALS[0]!).status, 0)
  const again = compare('whole', '--json')
  assert.deepEqual(
    again.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
    ['collected'],
  )
  assert.equal(JSON.parse(readFileSync(marked, 'utf8')).test, 0.125)
  writeFileSync(marked, whole[FINALS[0]!]!)
})

test('the final seeds have the settings with the best validation score, and no result holds a time or a machine', () => {
  const cells = Object.fromEntries(Object.entries(cellsOf('whole')).map(([name, text]) => [name, JSON.parse(text)]))
  for (const group of ['reber/ptncn/tanh', 'reber/bptt/tanh', 'reber/bptt/tanh-weights']) {
    const [one, two] = [1, 2].map((trial) => cells[`search/${group}/trial-${trial}-seed-1001`])
    assert.notEqual(one.validation, two.validation)
    const best = one.validation < two.validation ? one : two
    for (const seed of [1, 2]) assert.deepEqual(cells[`final/${group}/seed-${seed}`].settings, best.settings)
  }
  const [ptncn, bptt] = [cells[FINALS[0]!], cells[FINALS[4]!]]
  assert.ok(Math.abs(ptncn.weights - bptt.weights) < 25, `${ptncn.weights} and ${bptt.weights} weights`)
  assert.equal(cells[FINALS[2]!].units, 4)
  assert.equal(
    ptncn.repeated.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
    1000,
  )
  assert.equal(ptncn.curve.length, 11)
  for (const text of Object.values(cellsOf('whole'))) assert.doesNotMatch(text, /seconds|machine|processor|"v\d+\.|20\d\d-\d\d/)
})

test('--collect: a table a claim with its verdict, scores, every setting tried, and pictures; the same from the same cells', () => {
  const { stdout, status } = compare('whole', '--collect')
  assert.equal(status, 0)
  assert.match(stdout, /^12 of 12 cells\n(shown|refuted|undecided)  +In some instances P-TNCN/)
  const tables = file('whole', 'tables.md').toString()
  for (const words of [
    /^### P-TNCN beats BPTT, .*: undecided, five seeds wanted$/m,
    /\| ptncn \| 4 \|/,
    /rate 0\.01 \| \d\.\d{4} \| chosen/,
    /repeated symbol against its distance/,
  ])
    assert.match(tables, words)
  for (const name of ['tables.json', 'curves-reber.svg', 'seconds-reber.svg', 'distance-reber.svg'])
    assert.ok(existsSync(join(out('whole'), name)), name)
  compare('whole', '--collect')
  assert.equal(file('whole', 'tables.md').toString(), tables)
})

test('--collect of what was searched alone has every setting tried, and nothing empty', () => {
  cpSync(out('whole'), out('searched'), { recursive: true })
  rmSync(join(out('searched'), 'cells', 'final'), { recursive: true })
  assert.match(compare('searched', '--collect').stdout, /^6 of 12 cells\n/)
  const headings = file('searched', 'tables.md')
    .toString()
    .match(/^## .*$/gm)
  assert.deepEqual(headings, ['## Settings'])
  const pictures = readdirSync(out('searched')).filter((name) => /\.(?:svg|png)$/.test(name))
  assert.deepEqual(pictures, [], 'pictures of what is no longer there')
})

test('report makes one page of the folder, of as many cells as there are, and of one folder at a time', () => {
  const report = (...args: readonly string[]) => ptncn('report', ...args, '--out', out('page.html'))
  assert.equal(report(out('whole')).status, 0)
  const page = file('page.html').toString()
  const words = wordsOf(page)
  assert.match(words, /^A comparison A comparison 12 of 12 cells\. Claims /)
  assert.match(words, /Reber's repeated symbol against its distance/)
  assert.match(words, /reber, bptt rate 0\.01 \d\.\d{4} chosen/)
  assert.equal(page.match(/<svg /g)!.length, 6)
  assert.doesNotMatch(page, /https?:|<script|NaN|undefined|\[object/)
  assert.equal(report(out('whole'), '--title', 'Mine').status, 0)
  assert.match(file('page.html').toString(), /<h1>Mine<\/h1>/)
  assert.equal(report(out('planned')).status, 0)
  assert.match(wordsOf(file('page.html').toString()), / 7 of 12 cells; the others are not done yet\. /)
  const two = report(out('whole'), out('planned'))
  assert.match(two.stderr, /^ptncn: "RUN" expected runs, or one study by itself, got [^\n]+; give it alone\n$/)
  assert.equal(two.status, 2)
})

test('a cell that is killed again and again goes on to the bytes of one that was not, and its checkpoint goes', async () => {
  const long = grid('long.json', {
    ...GRID,
    tasks: { reber: { task: 'reber', batch: 10, sequences: 3000 } },
    contenders: CONTENDERS.map((one) => ({ ...one, search: [one.search[1]] })),
  })
  for (const cell of ['final/reber/ptncn/tanh/seed-1', 'final/reber/bptt/tanh/seed-1']) {
    const args = (name: string) => ['compare', long, '--out', out(name), '--cell', cell]
    assert.equal(ptncn(...args('unkilled')).status, 0)
    const path = join(out('killed'), 'cells', cell)
    let kills = 0
    for (const milliseconds of [20, 60, 110]) {
      const saved = existsSync(`${path}.safetensors`) ? readFileSync(`${path}.safetensors`) : undefined
      const child = spawn(process.execPath, [...command, ...args('killed'), '--save', '0'], { cwd: root, stdio: 'ignore' })
      const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)))
      // the time is counted from the first new checkpoint, so that it is the training that is killed and not Node's start
      const watch = setInterval(() => {
        if (!existsSync(`${path}.safetensors`) || saved?.equals(readFileSync(`${path}.safetensors`))) return
        clearInterval(watch)
        setTimeout(() => child.kill('SIGKILL'), milliseconds)
      }, 5)
      if ((await ended) === 'SIGKILL') kills++
      clearInterval(watch)
    }
    assert.ok(kills > 0, cell)
    if (!existsSync(`${path}.json`)) assert.ok(existsSync(`${path}.safetensors`))
    assert.equal(ptncn(...args('killed')).status, 0)
    assert.equal(file('killed', 'cells', `${cell}.json`).toString(), file('unkilled', 'cells', `${cell}.json`).toString())
    assert.ok(!existsSync(`${path}.safetensors`))
  }
})

test('a checkpoint that is damaged, or of other settings, costs time and changes nothing', () => {
  const cell = SEARCHES[0]!
  cpSync(out('whole'), out('damaged'), { recursive: true })
  rmSync(join(out('damaged'), 'cells', `${cell}.json`))
  writeFileSync(join(out('damaged'), 'cells', `${cell}.safetensors`), 'not a checkpoint')
  assert.equal(compare('damaged', '--cell', cell).status, 0)
  assert.deepEqual(cellsOf('damaged'), cellsOf('whole'))
})

test('a cell that diverges is a result, with the scores of the untrained network, and the grid goes on', () => {
  const wild = grid('wild.json', {
    ...GRID,
    contenders: [
      { ...CONTENDERS[0]!, settings: { optimizer: 'sgd', clip: 0, biases: true }, search: [{ rate: 1e30 }, { rate: 1e-30 }] },
    ],
  })
  const { status } = ptncn('compare', wild, '--out', out('wild'))
  assert.equal(status, 0)
  const cells = Object.fromEntries(Object.entries(cellsOf('wild')).map(([name, text]) => [name, JSON.parse(text)]))
  const [one, two] = [1, 2].map((trial) => cells[`search/reber/ptncn/tanh/trial-${trial}-seed-1001`])
  assert.deepEqual([one.diverged, two.diverged], [true, false])
  assert.ok(Math.abs(one.validation - two.validation) < 1e-6)
})

const changed = (change: (value: any) => void): string => {
  const value = structuredClone(GRID)
  change(value)
  return JSON.stringify(value)
}
const HOSTILE: readonly (readonly [string, string, RegExp])[] = [
  [
    'an unknown method',
    changed((g) => (g.contenders[0].method = 'sorcery')),
    /contenders\[0\]: "method" expected one of ptncn, .*, got "sorcery"/,
  ],
  ['a method of the language', changed((g) => (g.contenders[0].method = 'constructor')), /"method" expected one of ptncn/],
  [
    'a prototype',
    JSON.stringify(GRID).replace('{"units"', '{"__proto__":{"units":4},"units"'),
    /expected keys that are names, got "__proto__"/,
  ],
  ['a prototype as a task', JSON.stringify(GRID).replace('"reber":', '"__proto__":'), /expected keys that are names/],
  [
    'a path as a task',
    JSON.stringify(GRID).replace('"reber":', '"../../etc":'),
    /"tasks" expected names of small letters, digits and dashes, got "\.\.\/\.\.\/etc"/,
  ],
  [
    'a negative length',
    changed((g) => (g.tasks.reber.sequences = -5)),
    /"tasks\.reber\.sequences" expected a whole number from 1 to 1000000000, got -5/,
  ],
  ['half a unit', changed((g) => (g.units = 4.5)), /"units" expected a whole number from 1 to 65536, got 4\.5/],
  [
    'seeds of the search among the final ones',
    changed((g) => g.finalSeeds.push(1001)),
    /"finalSeeds" expected none of the seeds of the search, got 1001/,
  ],
  [
    'a seed twice',
    changed((g) => g.finalSeeds.push(2)),
    /"finalSeeds\[2\]" expected something that is not in the list before, got 2/,
  ],
  [
    'more trials for one than for another',
    changed((g) => g.contenders[1].search.push({ rate: 1 })),
    /"contenders\[1\]\.search" expected 2 settings, as many as the others, got 3/,
  ],
  [
    'a setting that is none',
    changed((g) => (g.contenders[1].search[0].beta = 1)),
    /contenders\[1\]\.search\[0\]: "setting" expected one of rate, .*, got "beta"/,
  ],
  ['a field that is none', changed((g) => (g.cells = [])), /"grid" expected the fields about, units, .*, got "cells"/],
  ['no JSON', '{', /expected JSON, got "\{"/],
]

for (const [what, text, message] of HOSTILE) {
  test(`a grid with ${what} is refused in one line, and nothing is made`, () => {
    const { status, stdout, stderr } = ptncn('compare', grid('hostile.json', text), '--out', out('hostile'))
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.equal(stdout, '')
    assert.equal(status, 2)
    assert.ok(!existsSync(out('hostile')))
  })
}

test('mistakes on the command line are told in one line: no grid, two modes, a cell that is none or whose search is not done, another grid', () => {
  const refused = (args: readonly string[], message: RegExp): void => {
    const { status, stderr } = ptncn('compare', ...args)
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.equal(status, 2)
  }
  refused([], /expected a grid, one of small, published or a file, got none/)
  refused(['nowhere.json'], /cannot read "nowhere\.json": there is no such file/)
  refused([tiny, '--plan', '--collect'], /"--collect" expected no --plan beside it/)
  refused([tiny, '--out', out('new'), '--cell', '../../etc/passwd'], /"--cell" expected the name of a cell of this grid/)
  refused([tiny, '--out', out('new'), '--cell', FINALS[0]!], /expected its search to be done/)
  refused(
    ['small', '--out', out('whole')],
    /whole" expected units 4, with which the experiment in it began, got 32; give another --out/,
  )
})

test('Ctrl-C ends a grid with everything saved and exit status 130', async () => {
  const endless = grid('endless.json', { ...GRID, tasks: { reber: { task: 'reber', batch: 10, sequences: 10_000_000 } } })
  const child = spawn(process.execPath, [...command, 'compare', endless, '--out', out('interrupted'), '--save', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (text) => (printed += text))
  const path = join(out('interrupted'), 'cells', `${SEARCHES[0]}.safetensors`)
  const watch = setInterval(() => {
    if (!existsSync(path)) return
    clearInterval(watch)
    child.kill('SIGINT')
  }, 20)
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const status = await new Promise((resolve) => child.once('exit', resolve))
  clearTimeout(late)
  clearInterval(watch)
  assert.equal(status, 130)
  assert.match(printed, /^stopped with 0 of 12 cells done; the same command goes on\n$/)
  assert.ok(existsSync(path))
})

test('help names every option, and the built-in grids are ones', () => {
  const { stdout, status } = ptncn('compare', '--help')
  assert.equal(status, 0)
  for (const option of ['out', 'cell', 'plan', 'collect', 'data', 'save', 'json'])
    assert.match(stdout, new RegExp(`--${option}\\b`))
  assert.match(stdout, /Examples\n  ptncn compare /)
  for (const [name, left] of [
    ['small', 'ptb-char'],
    ['published', 'ptb-char, ptb-word'],
  ] as const) {
    const { stdout: lines, stderr } = spawnSync(
      process.execPath,
      [...command, 'compare', name, '--out', out(`built-in-${name}`), '--plan', '--json'],
      { cwd: root, encoding: 'utf8' },
    )
    assert.equal(stderr, `ptncn compare: left out without --data: ${left}\n`)
    assert.ok(lines.trim().split('\n').length > 50, name)
  }
})

test('data that are not there, or not whole, begin no folder', () => {
  const empty = out('no-data')
  mkdirSync(empty)
  const task = { task: 'bouncing-mnist', side: 8, frames: 3, batch: 2, sequences: 4 }
  const own = { ...task, data: empty }
  for (const [name, tasks, data, expected] of [
    ['nowhere', { digits: task }, out('nowhere'), 'a folder'],
    ['empty', { digits: task }, empty, 'train-images-idx3-ubyte'],
    ['own', { digits: own }, undefined, 'train-images-idx3-ubyte'],
    ['then', { digits: { ...task, then: ['bouncing-notmnist'] } }, out('digits-alone'), 't10k-images-idx3-ubyte'],
  ] as const) {
    if (name === 'then') writeImages(join(out('digits-alone'), 'mnist'), 1)
    const asked = grid(`${name}.json`, { ...GRID, tasks, contenders: [{ method: 'ptncn', search: [{}] }] })
    const { status, stderr } = ptncn('compare', asked, '--out', out(`begun-${name}`), ...(data ? ['--data', data] : []))
    assert.equal(status, 2, name)
    assert.match(stderr, new RegExp(`^ptncn: "[^"]+" expected ${expected}[^\\n]*; [^\\n]+\\n$`), name)
    assert.equal(existsSync(out(`begun-${name}`)), false, name)
  }
})

test('cells of digits need no letters beside them; a folder begun with some data goes on with no others', () => {
  const write = (first: number): void => writeImages(out('FashionMNIST'), first)
  const task = { task: 'bouncing-mnist', side: 8, frames: 3, batch: 2, sequences: 4 }
  const clothes = grid('clothes.json', { ...GRID, tasks: { clothes: task }, contenders: [{ method: 'ptncn', search: [{}] }] })
  write(1)
  const args = ['compare', clothes, '--out', out('clothes'), '--data', out('FashionMNIST')]
  const first = ptncn(...args, '--cell', 'final/clothes/ptncn/tanh/seed-1')
  assert.equal(first.stderr, '')
  assert.equal(first.status, 0)
  const result = JSON.parse(file('clothes', 'cells', 'final/clothes/ptncn/tanh/seed-1.json').toString())
  assert.match(result.title, /FashionMNIST/)
  assert.equal(result.glyphs, undefined)
  write(2)
  const other = ptncn(...args, '--json')
  assert.equal(other.status, 2)
  assert.match(other.stderr, OTHER_DATA)
  write(1)
  assert.equal(ptncn(...args).status, 0)
  assert.ok(existsSync(join(out('clothes'), 'tables.md')))
})
