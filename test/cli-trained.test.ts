/** What one does with a trained network: go on, score, generate, look inside. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { command, ptncn, root, runsFolder, SMALL } from './support/runs.js'

const { folder, file } = runsFolder()
const train = (name: string, ...args: readonly string[]) => ptncn('train', ...args, '--out', join(folder, name))

const LONG = [...SMALL.slice(0, -1), '4000', '--workers', '1', '--json']

/** Starts a run that is ended by a signal as soon as it has printed so many points. */
const interrupted = (args: readonly string[], signal: NodeJS.Signals, points: number): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [...command, 'train', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let seen = 0
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk
        .toString()
        .split('\n')
        .filter((line) => line.includes('"point"')).length
      if (seen >= points && !child.killed) child.kill(signal)
    })
    child.once('exit', resolve)
  })

test('a run that was stopped goes on to the bits of one that was not', async () => {
  assert.equal(train('whole', ...LONG).status, 0)
  const part = join(folder, 'part')
  assert.equal(await interrupted([...LONG, '--save', '0', '--out', part], 'SIGINT', 3), 130)
  assert.equal(JSON.parse(file('part', 'results.json').toString()).stopped, true)
  assert.equal(await interrupted(['--resume', part, '--save', '0', '--json'], 'SIGKILL', 2), null)
  assert.equal(ptncn('train', '--resume', part).status, 0)
  for (const name of ['checkpoint.safetensors', 'curve.svg', 'film.png', 'config.json'])
    assert.ok(file('part', name).equals(file('whole', name)), name)
  const figures = (run: string) => ({ ...JSON.parse(file(run, 'results.json').toString()), machine: undefined })
  assert.deepEqual(figures('part'), figures('whole'))
  assert.deepEqual(
    readdirSync(part).filter((name) => name.endsWith('.tmp')),
    [],
  )
  assert.match(ptncn('train', '--resume', part).stdout, /trained to its end already/)
})

test('where the last checkpoint is damaged or gone, a run goes on from the one before it', () => {
  for (const damage of [(path: string) => truncateSync(path, 100), (path: string) => renameSync(path, `${path}.away`)]) {
    const path = join(folder, 'whole', 'checkpoint.safetensors')
    const whole = file('whole', 'checkpoint.safetensors')
    writeFileSync(join(folder, 'whole', 'checkpoint.previous.safetensors'), whole)
    damage(path)
    assert.match(ptncn('train', '--resume', join(folder, 'whole')).stdout, /trained to its end already/)
    writeFileSync(path, whole)
  }
})

test('a run knows the data that it was trained on, and takes no others for them', () => {
  const [text, moved, run] = ['own.txt', 'moved.txt', 'of-text'].map((name) => join(folder, name)) as [string, string, string]
  const words = (alphabet: string): string =>
    Array.from({ length: 900 }, (_, i) => alphabet[(i * i + (i >> 3)) % alphabet.length]).join('')
  writeFileSync(text, words('abc '))
  const trained = train('of-text', '--task', 'text', '--data', text, '--units', '8', '--epochs', '1', '--workers', '1')
  assert.equal(trained.status, 0, trained.stderr)
  const { data } = JSON.parse(file('of-text', 'results.json').toString())
  const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')
  assert.deepEqual(data, {
    files: [{ path: text, bytes: 900, sha256: sha256(words('abc ')) }],
    counts: { training: 9, validation: 1, test: 1 },
  })
  const [written, score] = [ptncn('generate', run), ptncn('eval', run, '--json')]
  assert.equal(score.status, 0, score.stderr)

  // as many symbols, but others: the network would write x where it learnt a
  writeFileSync(text, words('xyz '))
  const digests = [words('abc '), words('xyz ')].map((content) => sha256(content).slice(0, 16))
  const refusal = new RegExp(`^ptncn: "\\S*own.txt" expected .* SHA-256 ${digests[0]}, got "${digests[1]}"; [^\\n]+\\n$`)
  for (const args of [
    ['eval', run],
    ['train', '--resume', run],
  ]) {
    const { status, stderr } = ptncn(...args)
    assert.match(stderr, refusal)
    assert.equal(status, 2)
  }
  assert.match(
    ptncn('eval', run, '--data', text).stderr,
    /own\.txt, line 1" expected the 4 characters that the network knows, got "x"/,
  )
  rmSync(text)
  assert.equal(ptncn('generate', run).stdout, written.stdout, 'no data are needed')
  writeFileSync(moved, words('abc '))
  assert.deepEqual(JSON.parse(ptncn('eval', run, '--data', moved, '--json').stdout), JSON.parse(score.stdout))
  assert.match(ptncn('train', '--resume', run, '--data', moved).stdout, /trained to its end already/)
})

test('--resume takes no other option of the run, and wants a run', () => {
  assert.match(
    ptncn('train', '--resume', join(folder, 'whole'), '--seed', '2').stderr,
    /"--seed" expected nothing beside --resume/,
  )
  const none = ptncn('train', '--resume', join(folder, 'nowhere'))
  assert.match(none.stderr, /^ptncn: cannot read ".*config\.json": [^\n]+\n$/)
  assert.equal(none.status, 2)
})

test('the configuration that a run has saved repeats it, and options go before it', () => {
  const config = join(folder, 'whole', 'config.json')
  assert.equal(train('repeated', '--config', config, '--sequences', '40').status, 0)
  assert.equal(train('direct', ...SMALL).status, 0)
  assert.ok(file('repeated', 'checkpoint.safetensors').equals(file('direct', 'checkpoint.safetensors')))
})

test('a configuration file that is none is told in one line', () => {
  for (const [text, message] of [
    ['{"seed": 1, "seed": 2}', /each key once/],
    ['{"__proto__": {"seed": 2}}', /__proto__/],
    ['[1]', /a record/],
    ['{"sede": 1}', /"sede" is no option of a run/],
    ['{', /JSON/],
  ] as const) {
    const path = join(folder, 'wrong.json')
    writeFileSync(path, text)
    const { stderr, status } = train('never', '--config', path)
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.equal(status, 2)
    assert.ok(!existsSync(join(folder, 'never')))
  }
})

test('eval gives the score of the run again, another one without the correction phase, and leaves the weights', () => {
  const before = file('whole', 'checkpoint.safetensors')
  const score = (...args: readonly string[]) => JSON.parse(ptncn('eval', join(folder, 'whole'), '--json', ...args).stdout).score
  const { test: tested, validation } = JSON.parse(file('whole', 'results.json').toString())
  assert.equal(score(), tested)
  assert.equal(score('--part', 'validation'), validation)
  assert.notEqual(score('--adapt', 'off'), tested)
  assert.notEqual(score('--task', 'bouncing-notmnist'), tested)
  assert.ok(file('whole', 'checkpoint.safetensors').equals(before))
})

test('states may be corrected by more or less than in training, or in other passes, and not where they are not corrected', () => {
  const whole = join(folder, 'whole')
  const of = (...args: readonly string[]) => JSON.parse(ptncn('eval', whole, '--json', ...args).stdout)
  const [usual, off, none, same, more] = [
    of(),
    of('--adapt', 'off'),
    of('--beta', '0'),
    of('--beta', String(of().beta), '--passes', '1'),
    of('--beta', '0.5', '--passes', '3'),
  ]
  assert.equal(none.score, off.score)
  assert.deepEqual(same, usual)
  assert.deepEqual([more.beta, more.passes], [0.5, 3])
  assert.equal(new Set([usual.score, off.score, more.score]).size, 3)
  assert.match(ptncn('eval', whole, '--beta', '0.5', '--passes', '3').stdout, /correction on, beta 0\.5, passes 3/)
  for (const [args, words] of [
    [['--adapt', 'off', '--beta', '1'], /^ptncn: "--beta" expected no --adapt off beside it, got "1".*\n$/],
    [['--passes', '0'], /^ptncn: "passes" expected .*, got 0.*\n$/],
    [['--beta', 'much'], /^ptncn: "beta" expected .*, got "much".*\n$/],
  ] as const) {
    const { stderr, status } = ptncn('eval', whole, ...args)
    assert.equal(status, 2)
    assert.match(stderr, words)
  }
})

test('eval says which network a task would need', () => {
  const { stderr, status } = ptncn('eval', join(folder, 'whole'), '--task', 'reber')
  assert.match(stderr, /expected a network of 7 inputs and softmax outputs for reber, got one of 64 inputs and sigmoid outputs/)
  assert.equal(status, 2)
})

test('generate writes a film strip of frames, the same for the same seed', () => {
  const out = join(folder, 'ahead.png')
  assert.equal(ptncn('generate', join(folder, 'whole'), '--given', '2', '--out', out).stdout, `${out}\n`)
  const first = file('ahead.png')
  ptncn('generate', join(folder, 'whole'), '--given', '2', '--out', out)
  assert.ok(file('ahead.png').equals(first))
  ptncn('generate', join(folder, 'whole'), '--given', '3', '--out', out)
  assert.ok(!file('ahead.png').equals(first))
})

test('generate writes strings of the grammar, from a prompt and at a temperature', () => {
  assert.equal(train('reber', '--task', 'reber', '--sequences', '400', '--units', '8').status, 0)
  const written = (...args: readonly string[]) => ptncn('generate', join(folder, 'reber'), '--count', '20', ...args).stdout
  assert.match(written('--prompt', 'BT'), /^BT[BTPXSVE]{20}\n$/)
  assert.equal(
    written('--temperature', '0', '--seed', '1', '--prompt', 'B'),
    written('--temperature', '0', '--seed', '2', '--prompt', 'B'),
  )
  assert.notEqual(written('--seed', '1'), written('--seed', '2'))
  assert.match(
    ptncn('generate', join(folder, 'reber'), '--prompt', 'BQ').stderr,
    /"--prompt" expected symbols that reber knows, got "Q"/,
  )
  assert.match(
    ptncn('generate', join(folder, 'reber'), '--given', '2').stderr,
    /"--given" expected none, as reber is a task of symbols/,
  )
})

test('info says what a checkpoint holds', () => {
  const { stdout } = ptncn('info', join(folder, 'whole'))
  for (const part of [
    /2 layers of 6 and 5 tanh units, 64 inputs/,
    /W_1 +6 x 64/,
    /trained on bouncing-mnist, seed 1/,
    /beta +0\.1/,
  ])
    assert.match(stdout, part)
  assert.equal(JSON.parse(ptncn('info', join(folder, 'whole', 'checkpoint.safetensors'), '--json').stdout).batches, 1000)
  assert.match(ptncn('info', folder).stderr, /expected checkpoint\.safetensors in it, got none; give the folder of a run/)
})

test('info says how this machine computes, when nothing is given', () => {
  const { stdout } = ptncn('info')
  assert.match(
    stdout,
    /^ptncn, specification \d+\.\d+\.\d+\n {2}Node .*\n {2}cores .*\n {2}kernels {2}(narrow|wide); wide ones: .+\n$/,
  )
  const { kernels, cores, spec } = JSON.parse(ptncn('info', '--json').stdout)
  assert.ok(stdout.includes(`kernels  ${kernels};`) && stdout.includes(`cores    ${cores}`) && stdout.includes(spec))
})

test('each command has help with examples, and says what is missing', () => {
  for (const name of ['train', 'eval', 'generate', 'info']) {
    const { stdout, status } = ptncn(name, '--help')
    assert.equal(status, 0)
    assert.match(stdout, new RegExp(`Examples?\\n  ptncn ${name}`))
    if (['eval', 'generate'].includes(name))
      assert.match(ptncn(name).stderr, new RegExp(`expected .*, got none; see ptncn ${name} --help`))
  }
})
