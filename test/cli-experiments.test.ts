/** The commands zero-shot and continual, as a person or a script meets them. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CONFIG_FIELDS } from '../src/ptncn/config.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ptncn-experiments-'))
after(() => rmSync(folder, { recursive: true }))

const command = ['--import', 'tsx', join(root, 'src/cli.ts')]
const ptncn = (...args: readonly string[]) => spawnSync(process.execPath, [...command, ...args], { cwd: root, encoding: 'utf8' })

const SMALL = ['--side', '8', '--units', '6', '--frames', '4', '--batch', '4', '--sequences', '120', '--workers', '1']
const out = (name: string): string => join(folder, name)
const json = (...path: readonly string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))

/** Every file by its name; what was before the last checkpoint depends on when that was written. */
const filesOf = (name: string): Readonly<Record<string, string>> => {
  const names = readdirSync(out(name), { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((file) => !file.includes('previous') && statSync(join(out(name), file)).isFile())
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

const EXPERIMENTS = [
  [
    'zero-shot',
    [
      'experiment.json',
      'seed-1.json',
      'seed-1/checkpoint.safetensors',
      'seed-2.json',
      'seed-2/checkpoint.safetensors',
      'summary.json',
    ],
  ],
  [
    'continual',
    [
      'experiment.json',
      ...[1, 2].flatMap((seed) => [
        `seed-${seed}.json`,
        ...[1, 2, 3].map((task) => `seed-${seed}/task-${task}/checkpoint.safetensors`),
      ]),
      'summary.json',
    ],
  ],
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

test('a training that is done is not done again, though its scores were lost', () => {
  for (const [name] of EXPERIMENTS) {
    const before = filesOf(`${name}-whole`)
    for (const file of ['seed-1.json', 'summary.json']) rmSync(join(out(`${name}-whole`), file))
    const { stdout } = ptncn(name, ...SMALL, '--seeds', '2', '--json', '--out', out(`${name}-whole`))
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
      ['seed', 'seed', 'summary'],
    )
    assert.deepEqual(filesOf(`${name}-whole`), before)
  }
})

test('seeds that are done are not made again, and more may be asked for', () => {
  const args = ['zero-shot', ...SMALL, '--out', out('more'), '--json']
  assert.equal(ptncn(...args, '--seeds', '1').status, 0)
  assert.equal(json('more', 'summary.json').adaptation.half, undefined)
  const made = { ...json('more', 'seed-1.json'), scores: { digits: { on: 1, off: 2 }, glyphs: { on: 3, off: 7 } } }
  writeFileSync(join(out('more'), 'seed-1.json'), JSON.stringify(made))
  const { stdout } = ptncn(...args, '--seeds', '2')
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    lines
      .filter(({ type }) => type === 'point')
      .map(({ seed }) => seed)
      .filter((seed) => seed !== 2),
    [],
  )
  assert.deepEqual(lines.find(({ type }) => type === 'seed').adaptation, 3)
  assert.equal(lines.at(-1).type, 'summary')
  assert.equal(json('more', 'summary.json').seeds, 2)
})

test('zero-shot: the table; the scores are those of ptncn eval on the network that is left, --adapt on and off', () => {
  const args = ['zero-shot', ...SMALL, '--seeds', '2', '--out', out('table')]
  const { stdout } = ptncn(...args)
  for (const label of ['correction on', 'correction off', 'gain', 'floor', 'copy last', 'mean frame']) {
    assert.match(stdout, new RegExp(`${label}.* -?\\d+\\.\\d\\d.* -?\\d+\\.\\d\\d`))
  }
  assert.match(stdout, /adaptation .* -?\d+\.\d\d ± \d+\.\d\d\n/)
  const { scores } = json('table', 'seed-2.json')
  for (const [task, name] of [
    ['digits', 'bouncing-mnist'],
    ['glyphs', 'bouncing-notmnist'],
  ] as const) {
    for (const adapt of ['on', 'off'] as const) {
      const scored = ptncn('eval', join(out('table'), 'seed-2'), '--task', name, '--adapt', adapt, '--json')
      assert.equal(JSON.parse(scored.stdout).score, scores[task][adapt], `${task} ${adapt}`)
    }
    assert.notEqual(scores[task].on, scores[task].off)
  }
})

test('continual: after the first task the network is that of ptncn train, and after each a run that can be scored', () => {
  const tasks = ['bouncing-mnist', 'bouncing-notmnist']
  const { stdout, status } = ptncn('continual', ...SMALL, '--seeds', '2', '--tasks', tasks.join(), '--out', out('tasks'))
  assert.equal(status, 0)
  for (const label of ['untrained', 'after T1', 'after T2', 'floor', 'average', 'forgetting', 'forward transfer']) {
    assert.match(stdout, new RegExp(`${label}.* -?\\d+\\.\\d\\d`))
  }
  ptncn('train', ...SMALL, '--seed', '2', '--out', out('alone'))
  assert.deepEqual(
    readFileSync(join(out('tasks'), 'seed-2', 'task-1', 'checkpoint.safetensors')),
    readFileSync(join(out('alone'), 'checkpoint.safetensors')),
  )
  const { scores } = json('tasks', 'seed-2.json')
  for (const [i, j] of [
    [1, 1],
    [2, 1],
    [2, 2],
  ] as const) {
    const scored = ptncn('eval', join(out('tasks'), 'seed-2', `task-${i}`), '--task', tasks[j - 1]!, '--json')
    assert.equal(JSON.parse(scored.stdout).score, scores[i][j - 1], `R[${i}][${j}]`)
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
  assert.deepEqual(Object.keys(filesOf('interrupted')), ['experiment.json', 'seed-1/checkpoint.safetensors'])
})

mkdirSync(out('mine'))
writeFileSync(join(out('mine'), '.thesis.tmp'), 'years of work')

const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['seeds that are none', ['zero-shot', '--seeds', '0'], /"--seeds" expected a whole number from 1 to 1000, got "0"/],
  ['a task, of which zero-shot has its own', ['zero-shot', '--task', 'reber'], /Unknown option '--task'/],
  ['a seed, of which there are several', ['continual', '--seed', '3'], /Unknown option '--seed'/],
  ['tasks of zero-shot', ['zero-shot', '--tasks', 'reber'], /Unknown option '--tasks'/],
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
    /mine" expected a new or empty folder, got one with files/,
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
    /zero-shot-whole" expected rate 0\.002, with which the experiment in it began, got 0\.01; give another --out/,
  )
  refused(['continual', ...SMALL], /expected experiment "zero-shot", with which/)
  assert.deepEqual(filesOf('zero-shot-whole'), before)
  assert.deepEqual(readdirSync(out('mine')), ['.thesis.tmp'])
})

test('a damaged file of a seed is named', () => {
  writeFileSync(join(out('more'), 'seed-2.json'), '{"experiment": "zero-shot", "seed": 2, "scores": {}}')
  const { status, stderr } = ptncn('zero-shot', ...SMALL, '--seeds', '2', '--out', out('more'))
  assert.match(stderr, /^ptncn: "scores\.digits of seed-2\.json" expected a record of fields, got undefined\n$/)
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
