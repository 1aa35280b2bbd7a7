/** The command, as a person or a script meets it. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { decodeCheckpoint } from '../src/io/checkpoint.js'
import { command, ptncn, root } from './support/runs.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-cli-'))
after(() => rmSync(folder, { recursive: true }))

const SMALL = ['--side', '8', '--units', '6,5', '--frames', '4', '--batch', '4', '--sequences', '40']
const smallRun = (name: string, ...args: readonly string[]) => ptncn('train', ...SMALL, '--out', join(folder, name), ...args)
const file = (...path: readonly string[]): Buffer => readFileSync(join(folder, ...path))

test('a run leaves results, curve, film and checkpoint, and prints its score beside the trivial ones', () => {
  const { status, stdout, stderr } = smallRun('run')
  assert.equal(stderr, '')
  assert.equal(status, 0)
  assert.deepEqual(readdirSync(join(folder, 'run')).sort(), [
    'about.txt',
    'checkpoint.safetensors',
    'config.json',
    'curve.svg',
    'film.png',
    'results.json',
  ])
  for (const label of ['P-TNCN, next frame', 'copy last', 'mean frame', 'floor', 'validation data'])
    assert.match(stdout, new RegExp(`${label} +\\d+\\.\\d`))
  const results = JSON.parse(file('run', 'results.json').toString())
  assert.equal(results.curve.at(-1).sequences, 40)
  assert.equal(results.curve.at(-1).validation > 0, true)
  assert.equal(results.options.optimizer, 'adam')
})

test('the same seed gives the same bits, another seed others', () => {
  smallRun('again')
  smallRun('other', '--seed', '2')
  for (const name of ['checkpoint.safetensors', 'curve.svg', 'film.png']) {
    assert.ok(file('again', name).equals(file('run', name)), name)
    assert.ok(!file('other', name).equals(file('run', name)), name)
  }
  const figures = (run: string) => ({ ...JSON.parse(file(run, 'results.json').toString()), machine: undefined })
  assert.deepEqual(figures('again'), figures('run'))
})

test('the checkpoint of a run can be read, and has the configuration that was asked for', () => {
  smallRun(
    'asked',
    '--profile',
    'paper',
    '--activation',
    'sign',
    '--biases',
    '--beta',
    '0.5',
    '--optimizer',
    'rmsprop',
    '--rate',
    '1e-3',
  )
  const { config, snapshot } = decodeCheckpoint(file('asked', 'checkpoint.safetensors'))
  assert.deepEqual([...config.units], [64, 6, 5])
  assert.deepEqual(
    [config.activation, config.biases, config.beta, config.optimizer, config.errorRule],
    ['sign', true, 0.5, 'rmsprop', 'temporal'],
  )
  assert.equal(config.rate, Math.fround(1e-3))
  assert.equal(snapshot.state, undefined)
})

test('--json prints one object a line and nothing else', () => {
  const { stdout, stderr } = smallRun('json', '--json')
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ type }) => type),
    [...Array<string>(lines.length - 1).fill('point'), 'end'],
  )
  assert.equal(lines.at(-1).folder, join(folder, 'json'))
  assert.equal(stderr, '')
})

const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown command', ['tarin'], /"command" expected train, .* got "tarin"/],
  [
    'an unknown option',
    ['train', '--sequence', '3'],
    /"--sequence" is no option of train; did you mean --sequences\? see ptncn train --help/,
  ],
  ['an option without its value', ['train', '--seed'], /--seed/],
  ['a stray argument', ['train', 'digits'], /digits/],
  ['a number that is none', ['train', '--sequences', 'many'], /"--sequences" expected a whole number from 1 to \d+, got "many"/],
  ['a number out of range', ['train', '--side', '4096'], /"--side" expected a whole number from 8 to 64, got 4096/],
  ['an empty number', ['train', '--seed', ''], /"--seed" expected a whole number/],
  ['a wrong name', ['train', '--activation', 'tanhh'], /"activation" expected one of tanh, .* got "tanhh"/],
  ['a negative rate', ['train', '--rate', '-0.1'], /"--rate" expected a number from 0 up, got -0\.1/],
  ['a negative length', ['train', '--sequences', '-5'], /"--sequences" expected a whole number from 1 to 1000000000, got -5/],
  ['an option that nearly is one', ['train', '--rat', '1'], /"--rat" is no option of train; did you mean --rate\?/],
  ['a task that nearly is one', ['train', '--task', 'rebr'], /"--task" expected .* got "rebr"; did you mean "reber"\?/],
  [
    'an option of another task',
    ['train', '--task', 'reber', '--length', '50'],
    /"--length" expected nothing, as reber does not read it/,
  ],
  ['a command that nearly is one', ['trian'], /got "trian"; did you mean "train"\?/],
  [
    'a wrong profile',
    ['train', '--profile', '__proto__'],
    /"--profile" expected one of released, paper, tuned, online, got "__proto__"/,
  ],
  ['units that are none', ['train', '--units', '64,,64'], /"units" expected a list/],
  ['a rate that is none', ['train', '--rate', 'fast'], /"rate" expected a finite number, got "fast"/],
  ['an output, which the task decides', ['train', '--output', 'softmax'], /"--output" expected none, as the task decides it/],
  [
    'a folder below a file',
    ['train', '--out', join(root, 'package.json', 'run')],
    /package\.json.run" expected a folder that can be made, got ENOTDIR; give another folder/,
  ],
  [
    'a file in place of a folder',
    ['train', '--out', join(root, 'package.json')],
    /package\.json" expected a folder that can be made, got ENOTDIR/,
  ],
  ['no folder', ['train', '--out', ''], /"" expected a folder that can be made, got ENOENT/],
  [
    'workers that are none',
    ['train', '--workers', 'all'],
    /"--workers" expected auto or a whole number from 1 to 256, got "all"/,
  ],
  [
    'learning that never begins',
    ['train', '--frames', '3', '--learnFrom', '3'],
    /"--learnFrom" expected less than the 3 frames of a sequence, got 3/,
  ],
  ['a name that begins with a dash, without its sign of equality', ['train', '--out', '-x'], /use '--out=-XYZ'/],
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

test('a folder with files in it is left alone', () => {
  mkdirSync(join(folder, 'mine'))
  writeFileSync(join(folder, 'mine', 'thesis.txt'), 'years of work')
  const { status, stderr } = smallRun('mine')
  assert.equal(status, 2)
  assert.match(stderr, /expected a new or empty folder, got one with files; give another --out, or go on with --resume\n$/)
  assert.deepEqual(readdirSync(join(folder, 'mine')), ['thesis.txt'])
})

test('[ar-finite] a run that stops being finite says where, exits with 1 and leaves the last good checkpoint', () => {
  const { status, stderr } = smallRun('diverged', '--activation', 'identity', '--optimizer', 'sgd', '--rate', '1e30')
  assert.equal(status, 1)
  assert.match(
    stderr,
    /^ptncn: "[A-Z]\d" of layer \d expected finite numbers, got NaN or infinity at step \d+ of sequence \d+; .*\n$/,
  )
  decodeCheckpoint(file('diverged', 'checkpoint.safetensors'))
})

test('help, for the command and for train, names every option; the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  assert.equal(ptncn('--version').stdout, `${version}\n`)
  assert.match(ptncn().stdout, /ptncn train/)
  const { stdout, status } = ptncn('train', '--help')
  assert.equal(status, 0)
  for (const name of ['sequences', 'seed', 'out', 'json', 'profile', 'topDownSignal', 'learnFrom'])
    assert.match(stdout, new RegExp(`--${name}\\b`))
})

/** A run in a process of its own, and when it has printed its first point, and ended. */
const started = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [...command, 'train', ...args, '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve)).finally(() => clearTimeout(late))
  return { child, ended, begun: new Promise((resolve) => child.stdout.once('data', resolve)) }
}

/** When the checkpoint of a run has been written so many times more. */
const saved = async (out: string, times: number): Promise<void> => {
  const path = join(out, 'checkpoint.safetensors')
  const savedAt = (): number => (existsSync(path) ? statSync(path).mtimeMs : 0)
  for (let saves = 0, last = savedAt(); saves < times;) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    const now = savedAt()
    if (now > last) saves++
    last = now
  }
}

/** One that would take hours. */
const longRun = (out: string) => started(...SMALL.slice(0, -1), '1000000', '--save', '0', '--out', out)

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} ends a run after the batch at hand, with everything saved, and exits with ${status}`, async () => {
    const out = join(folder, signal)
    const { child, ended, begun } = longRun(out)
    await begun
    child.kill(signal)
    assert.equal(await ended, status)
    assert.equal(JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')).stopped, true)
    decodeCheckpoint(readFileSync(join(out, 'checkpoint.safetensors')))
  })
}

test('a reader that leaves, as head does, ends no run, and there is nothing to tell', async () => {
  const out = join(folder, 'unread')
  const { child, ended, begun } = longRun(out)
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  await begun
  child.stdout.destroy()
  // points are written all the time
  await saved(out, 3)
  child.kill('SIGTERM')
  assert.equal(await ended, 143)
  assert.equal(complaints, '')
  assert.equal(JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')).stopped, true)
})

const NO_FULL_DEVICE = !existsSync('/dev/full') && 'there is no /dev/full here'
test('a full disk on the standard output is told in one line, and the run is saved', { skip: NO_FULL_DEVICE }, () => {
  const out = join(folder, 'full')
  const full = openSync('/dev/full', 'w')
  const args = [...command, 'train', ...SMALL, '--json', '--out', out]
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', full, 'pipe'] })
  closeSync(full)
  assert.match(stderr, /^ptncn: cannot write to the standard output: there is no space left; [^\n]+\n$/)
  assert.equal(status, 3)
  assert.equal(JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')).stopped, false)
})

test("a second process in the folder of a run is told of the first; one that was killed is in nobody's way", async () => {
  const out = join(folder, 'shared')
  const { child, ended, begun } = longRun(out)
  await begun
  const second = ptncn('train', '--resume', out)
  const told = new RegExp(`^ptncn: "[^"]*shared" expected nobody at work in it, got process ${child.pid} on [^\\n]+\\n$`)
  assert.match(second.stderr, told)
  assert.equal(second.status, 2)
  child.kill('SIGKILL')
  await ended
  const third = started('--resume', out, '--save', '0')
  await saved(out, 1)
  third.child.kill('SIGTERM')
  assert.equal(await third.ended, 143)
  assert.ok(!existsSync(join(out, '.running.json')))
})

test('help and version by all their names; a number below 0 is a value', () => {
  for (const args of [['-h'], ['--help'], ['help']]) assert.equal(ptncn(...args).stdout, ptncn().stdout)
  for (const args of [
    ['train', '-h'],
    ['help', 'train'],
  ])
    assert.equal(ptncn(...args).stdout, ptncn('train', '--help').stdout)
  assert.equal(ptncn('-v').stdout, ptncn('--version').stdout)
  const out = join(folder, 'negative')
  const { status, stderr } = ptncn('train', ...SMALL, '--gamma', '-1', '--out', out)
  assert.equal(status, 0, stderr)
  assert.equal(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).gamma, -1)
})
