/** `ptncn stream`, as a person, a script or a sensor meets it. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { referenceEngine } from '../src/engine/reference.js'
import { networkOf, settingsOf } from '../src/experiment/settings.js'
import { streamOf } from '../src/experiment/stream.js'
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../src/io/checkpoint.js'
import { keyOf, split } from '../src/numeric/random.js'
import { initialModel } from '../src/ptncn/apply.js'
import { config } from '../src/ptncn/config.js'
import { inputOf, type Input } from '../src/ptncn/state.js'
import { command } from './support/runs.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-stream-'))
after(() => rmSync(folder, { recursive: true }))

const run = (args: readonly string[], input = '') =>
  spawnSync(process.execPath, [...command, ...args], { cwd: folder, encoding: 'utf8', input })
const stream = (input: string, ...args: readonly string[]) => run(['stream', ...args], input)
const file = (name: string): Buffer => readFileSync(join(folder, name))
const checkpoint = (name: string): Checkpoint => decodeCheckpoint(file(name))
const jsonOf = (stdout: string): Record<string, any>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const NEW = ['--units', '6,5', '--inputs', '2', '--learn']
const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${Math.sin(from + i).toFixed(3)},${Math.cos(from + i).toFixed(3)}\n`).join('')
const inputs = (text: string): readonly Input[] =>
  text
    .trim()
    .split('\n')
    .map((line) => inputOf({ rows: 1, cols: 2, data: Float32Array.from(line.split(','), Number) }))

test('lines in, predictions out, to the bit of training on the sequence at once; a new network is as that of a run', async () => {
  const { status, stdout, stderr } = stream(numbers(0, 20), ...NEW, '--json', '--out', 'live/a.safetensors')
  assert.deepEqual([status, stderr], [0, ''])
  const lines = jsonOf(stdout)
  const of = networkOf(settingsOf({ units: [6, 5] }), { inputs: 2, output: 'identity' })
  const { snapshot, measurements } = await referenceEngine(of).train(
    initialModel(of, split(keyOf(1), 0)),
    [{ inputs: inputs(numbers(0, 20)), open: true, key: checkpoint('live/a.safetensors').snapshot.state!.key }],
    { predictions: true },
  )
  assert.deepEqual(
    lines.map(({ prediction }) => prediction),
    measurements[0]!.predictions!.map(({ data }) => Array.from(data as Float32Array)),
  )
  assert.deepEqual(
    lines.map(({ sequence, t }) => [sequence, t]),
    lines.map((_, t) => [0, t]),
  )
  assert.deepEqual([lines[0]!['loss'], typeof lines[1]!['loss']], [null, 'number'])
  const run = { stream: { seed: 1, sequences: 0, steps: 20 } }
  assert.ok(file('live/a.safetensors').equals(encodeCheckpoint({ config: of, snapshot, run })))
})

test('stopped and gone on from its checkpoint, in the same file, it is the stream that was not stopped', () => {
  const sequences = [numbers(0, 9), numbers(9, 20)].join('\n')
  const whole = stream(sequences, ...NEW, '--activation', 'stochastic', '--out', 'whole.safetensors')
  assert.equal(whole.status, 0, whole.stderr)
  const lines = sequences.trimEnd().split('\n')
  const parts = [lines.slice(0, 5), lines.slice(5, 10), lines.slice(10)].map((part) => part.map((line) => `${line}\n`).join(''))
  const first = stream(parts[0]!, ...NEW, '--activation', 'stochastic', '--out', 'parts.safetensors')
  const onward = ['parts.safetensors', '--learn', '--out', 'parts.safetensors']
  const others = parts.slice(1).map((part) => stream(part, ...onward))
  assert.equal(first.stdout + others.map(({ stdout }) => stdout).join(''), whole.stdout)
  assert.ok(file('parts.safetensors').equals(file('whole.safetensors')))
  assert.match(run(['info', 'whole.safetensors']).stdout, /\nhas seen 20 lines, in 2 sequences\n/)
})

test('for people a line says what was predicted, what came, the error, and what is ahead', () => {
  const { stdout } = stream('1 2\n3\t4\n\n 5 , 6 \r\n', ...NEW, '--ahead')
  const number = String.raw`-?\d\.\d+(?:e-\d+)?`
  const [first, second, third, ...others] = stdout.trim().split('\n')
  assert.match(first!, new RegExp(`^0  predicted 0\\.000 0\\.000  got 1\\.000 2\\.000  error -  ahead (${number}) (${number})$`))
  const [, a, b] = /ahead (\S+) (\S+)$/.exec(first!)!
  assert.match(second!, new RegExp(`^1  predicted ${a} ${b}  got 3\\.000 4\\.000  error \\d+\\.\\d+  ahead `))
  assert.match(third!, /^0  predicted \S+ \S+  got 5\.000 6\.000  error -  ahead /)
  assert.deepEqual(others, [])
})

test('frozen weights stay as they are, and states adapt', () => {
  stream(numbers(0, 5), ...NEW, '--out', 'frozen.safetensors')
  const before = checkpoint('frozen.safetensors')
  const { stdout } = stream(numbers(5, 9), 'frozen.safetensors', '--out', 'later.safetensors')
  assert.equal(stdout.trim().split('\n').length, 4)
  const { snapshot } = checkpoint('later.safetensors')
  assert.deepEqual([snapshot.weights, snapshot.optimizer], [before.snapshot.weights, before.snapshot.optimizer])
  assert.equal(snapshot.state!.t, 9)
  assert.notDeepEqual(snapshot.state!.y, before.snapshot.state!.y)
})

/** A stream in a process of its own that is given lines one by one. */
const started = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [...command, 'stream', ...args], { cwd: folder, stdio: 'pipe' })
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve)).finally(() => clearTimeout(late))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`)
    return (await lines.next()).value as string
  }
  return { child, ended, answer, complaints: () => complaints }
}

test('no line waits for the next one', async () => {
  const { child, answer, ended } = started(...NEW)
  for (let t = 0; t < 4; t++) assert.match(await answer('1,2'), new RegExp(`^${t}  predicted `))
  child.stdin.end()
  assert.equal(await ended, 0)
})

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends a stream that waits for a line, with its checkpoint written, and exits with ${status}`, async () => {
    const { child, answer, ended, complaints } = started(...NEW, '--out', `${signal}.safetensors`)
    for (let t = 0; t < 3; t++) await answer('1,2')
    child.kill(signal)
    assert.equal(await ended, status)
    assert.equal(complaints(), '')
    assert.equal(checkpoint(`${signal}.safetensors`).snapshot.state!.t, 3)
  })
}

test('a signal ends a stream after the line at hand, however many wait', async () => {
  const { child, ended } = started(...NEW, '--out', 'many.safetensors')
  child.stdout.once('data', () => child.kill('SIGTERM'))
  child.stdin.on('error', () => {})
  child.stdin.write('1,2\n'.repeat(1_000_000))
  assert.equal(await ended, 143)
  assert.ok(checkpoint('many.safetensors').snapshot.state!.t < 1_000_000)
})

test('a reader that leaves ends it quietly, with its checkpoint written', async () => {
  const { child, answer, ended, complaints } = started(...NEW, '--out', 'left.safetensors')
  await answer('1,2')
  child.stdout.destroy()
  child.stdin.on('error', () => {})
  child.stdin.write('1,2\n3,4\n')
  assert.equal(await ended, 0)
  assert.equal(complaints(), '')
  assert.ok(checkpoint('left.safetensors').snapshot.state!.t >= 2)
})

test('a checkpoint is written now and then, while nothing comes too', async () => {
  const { child, answer, ended } = started(...NEW, '--save', '0.05', '--out', 'now.safetensors')
  const path = join(folder, 'now.safetensors')
  const savedAt = async (t: number): Promise<void> => {
    for (let waits = 0; !existsSync(path) || checkpoint('now.safetensors').snapshot.state?.t !== t; waits++) {
      assert.ok(waits < 500, `no checkpoint at step ${t}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await answer('1,2')
  await savedAt(1)
  await answer('1,2')
  await savedAt(2)
  child.kill('SIGKILL')
  await ended
})

test('a wrong line is named, with what was learnt before it saved, and exit status 2', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['1', /"line 3" expected 2 numbers, divided by commas or blanks, got "1"/],
    ['1,2,3', /"line 3" expected 2 numbers, .* got "1,2,3"/],
    ['1,,2', /"line 3" expected 2 numbers/],
    ['1,', /"line 3, number 2" expected a finite number, got ""/],
    ['1,NaN', /"line 3, number 2" expected a finite number, got "NaN"/],
    ['0x1,2', /"line 3, number 1" expected a finite number, got "0x1"/],
    ['1,1e39', /"line 3, number 2" expected a finite number, got "1e39"/],
    ['a\u0007b 1', /"line 3, number 1" expected a finite number, got "a\?b"/],
    ['1'.repeat(1e6), /"line 3" expected at most 192 bytes, got more/],
  ]
  for (const [i, [line, message]] of wrong.entries()) {
    const out = `wrong-${i}.safetensors`
    const { status, stdout, stderr } = stream(`1,2\n3,4\n${line}\n5,6\n`, ...NEW, '--out', out)
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.equal(status, 2)
    assert.equal(stdout.trim().split('\n').length, 2)
    assert.equal(checkpoint(out).snapshot.state!.t, 2)
  }
})

test('a stream that diverges exits with 1, and the network as it was before is saved', () => {
  const wild = ['--activation', 'identity', '--rate', '1e30', '--out', 'wild.safetensors']
  const { status, stderr } = stream('1 1\n'.repeat(50), ...NEW, ...wild)
  assert.match(
    stderr,
    /^ptncn: "[A-Z]\d" of layer \d expected finite numbers, got NaN or infinity at step \d+ of sequence 0; [^\n]+\n$/,
  )
  assert.equal(status, 1)
  const [, step] = /at step (\d+)/.exec(stderr)!
  assert.equal(checkpoint('wild.safetensors').snapshot.state!.t, Number(step))
})

test('symbols are those of the checkpoint; the most probable ones are named, and all have their probability', () => {
  assert.equal(run(['train', '--task', 'reber', '--units', '6', '--sequences', '200', '--out', 'reber']).status, 0)
  const people = stream('B\nT\nB\n\n"B"\n', 'reber', '--top', '2')
  assert.equal(people.stderr, '')
  const lines = people.stdout.trim().split('\n')
  assert.match(lines[1]!, /^1  predicted [A-Z] 0\.\d{3}, [A-Z] 0\.\d{3}  got T 0\.\d{3}  error \d\.\d+$/)
  assert.match(lines[3]!, /^0  predicted .* got B /)
  const [, second] = jsonOf(stream('B\nT\n', 'reber', '--top', '3', '--json', '--ahead', '--out', 'on.safetensors').stdout)
  const { prediction, top, loss, correct, ahead } = second!
  assert.deepEqual(
    [prediction.length, top.length, ahead.prediction.length, ahead.top.length, typeof correct],
    [7, 3, 7, 3, 'boolean'],
  )
  assert.equal(top[0].probability, Math.max(...prediction))
  assert.ok(Math.abs(loss + Math.log(prediction['BTPXSVE'.indexOf('T')])) < 1e-5, `${loss} of ${prediction}`)
  // what the run says of itself goes along, so that eval knows its task
  assert.equal(run(['eval', 'on.safetensors']).status, 0)
  const unknown = stream('B\nQ\n', 'reber', '--learn')
  assert.match(
    unknown.stderr,
    /^ptncn: "line 2" expected one of the 7 symbols that the network knows, got "Q"; they are \["B", [^\n]+\n$/,
  )
  assert.equal(unknown.status, 2)
})

test('a checkpoint that names no symbols takes those of its task, or of the user', () => {
  const { config: of, snapshot, run: account } = checkpoint('reber/checkpoint.safetensors')
  const write = (name: string, about: unknown): void =>
    writeFileSync(join(folder, name), encodeCheckpoint({ config: of, snapshot, ...(about !== undefined && { run: about }) }))
  const { data: _, ...without } = account as Record<string, unknown>
  write('task.safetensors', without)
  write('bare.safetensors', undefined)
  const expected = stream('B\nT\n', 'reber').stdout
  assert.equal(stream('B\nT\n', 'task.safetensors').stdout, expected)
  assert.equal(stream('B\nT\n', 'bare.safetensors', '--symbols', 'B,T,P,X,S,V,E').stdout, expected)
  assert.equal(
    stream('b\nt\n', 'task.safetensors', '--symbols', 'b,t,p,x,s,v,e').stdout,
    expected.replaceAll(/[A-Z](?= )/g, (name) => name.toLowerCase()),
  )
  // they are said once
  stream('B\n', 'bare.safetensors', '--symbols', 'B,T,P,X,S,V,E', '--out', 'named.safetensors')
  assert.match(stream('T\n', 'named.safetensors').stdout, /^1  predicted [A-Z] 0\.\d{3}  got T /)
  assert.match(stream('', 'bare.safetensors').stderr, /expected the symbols of its inputs, got none; name them by --symbols/)
  assert.match(stream('', 'bare.safetensors', '--symbols', 'a,b').stderr, /symbols" expected 7, one for each input, got 2/)
  write('hostile.safetensors', { ...without, data: { files: [], symbols: ['<b>', 7] } })
  assert.match(stream('', 'hostile.safetensors').stderr, /symbols" expected a list of texts/)
  write('placed.safetensors', { ...without, stream: { seed: -1 } })
  assert.match(stream('', 'placed.safetensors').stderr, /"run\.stream\.seed" expected a whole number, got -1/)
})

test('symbols that no line can hold are written as JSON', () => {
  const list = JSON.stringify(['a', '\n', ' ', ',', '"'])
  const { stdout, stderr } = stream('a\n"\\n"\n \n,\n"\n', '--units', '4', '--symbols', list)
  assert.equal(stderr, '')
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => /got (.*) 0\.\d{3}  error/.exec(line)![1]),
    ['a', '"\\n"', '" "', ',', '"\\""'],
  )
})

test('a series is in the scale of its file, predictions too', () => {
  writeFileSync(join(folder, 'numbers.csv'), Array.from({ length: 200 }, (_, i) => `${100 + 10 * Math.sin(i / 3)}\n`).join(''))
  const train = ['train', '--task', 'series', '--data', 'numbers.csv', '--units', '8', '--length', '20', '--sequences', '400']
  assert.equal(run([...train, '--out', 'series']).status, 0)
  rmSync(join(folder, 'numbers.csv'))
  const lines = jsonOf(stream('100\n103\n106\n', 'series', '--json').stdout)
  for (const { prediction } of lines) assert.ok(Math.abs(prediction[0] - 100) < 50, String(prediction))
  const { run: account } = checkpoint('series/checkpoint.safetensors')
  const { mean, deviation } = (account as any).data.scaling
  const error = (lines[2]!['prediction'][0] - 106) / deviation[0]
  assert.ok(Math.abs(lines[2]!['loss'] - 0.5 * error ** 2) < 1e-5)
  assert.ok(Math.abs(mean[0] - 100) < 5)
})

test('a network that learns once a sequence learns from every line, as a stream may have no end', async () => {
  const of = config({ units: [2, 4], output: 'identity', update: 'sequence' }, 'tuned')
  const from = initialModel(of, keyOf(1))
  const { snapshot } = await referenceEngine(of).train(from, [{ inputs: inputs(numbers(0, 5)), open: true }])
  assert.ok(snapshot.optimizer.sum)
  writeFileSync(join(folder, 'sum.safetensors'), encodeCheckpoint({ config: of, snapshot }))
  assert.equal(stream(numbers(5, 9), 'sum.safetensors', '--learn', '--out', 'step.safetensors').stderr, '')
  const {
    optimizer: { sum: _, ...optimizer },
    ...rest
  } = snapshot
  const own = streamOf(
    referenceEngine({ ...of, update: 'step' }),
    { ...rest, optimizer },
    { seed: 1, sequences: 0, steps: 0 },
    true,
  )
  for (const { x } of inputs(numbers(5, 9))) await own.see(x)
  const { config: learned, snapshot: after } = checkpoint('step.safetensors')
  assert.equal(learned.update, 'step')
  assert.deepEqual(
    encodeCheckpoint({ config: learned, snapshot: after }),
    encodeCheckpoint({ config: learned, snapshot: own.snapshot() }),
  )
})

const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['nothing', [], /expected the folder of a run, or --units and --inputs, got none; see ptncn stream --help/],
  ['no such run', ['nowhere'], /cannot read "nowhere": there is no such file/],
  ['units alone', ['--units', '4'], /"--inputs" expected one of --inputs N and --symbols LIST, got "neither"/],
  ['both', ['--units', '4', '--inputs', '2', '--symbols', 'a,b'], /"--inputs" expected one of .* got "both"/],
  ['inputs alone', ['--inputs', '2'], /"--units" expected the units of the hidden layers/],
  ['no inputs', ['--units', '4', '--inputs', '0'], /"--inputs" expected a whole number from 1 to/],
  [
    'a symbol twice',
    ['--units', '4', '--symbols', 'a,a'],
    /"--symbols" expected a list of 2 to 65536 different symbols, got "a,a"/,
  ],
  ['one symbol', ['--units', '4', '--symbols', 'a'], /"--symbols" expected a list/],
  [
    'a softmax of numbers',
    ['--units', '4', '--inputs', '2', '--output', 'softmax'],
    /"--output" expected one of identity, sigmoid/,
  ],
  [
    'another output of symbols',
    ['--units', '4', '--symbols', 'a,b', '--output', 'sigmoid'],
    /"--output" expected one of softmax/,
  ],
  [
    'a field of a network that there is',
    ['frozen.safetensors', '--beta', '1'],
    /"--beta" expected none beside frozen.safetensors/,
  ],
  ['a seed of a stream that has one', ['frozen.safetensors', '--seed', '2'], /"--seed" expected none beside frozen/],
  ['symbols of numbers', ['frozen.safetensors', '--symbols', 'a,b'], /"--symbols" expected none, as its inputs are no symbols/],
  ['symbols beside those of the checkpoint', ['reber', '--symbols', 'a,b'], /"--symbols" expected none, as the checkpoint names/],
  ['the most probable of numbers', ['frozen.safetensors', '--top', '2'], /"--top" expected none, as its inputs are no symbols/],
  ['more symbols than there are', ['reber', '--top', '8'], /"--top" expected a whole number from 1 to 7, got "8"/],
  ['learning once a sequence', [...NEW, '--update', 'sequence'], /"--update" expected step, as it learns from each line/],
  ['a file of another name', [...NEW, '--out', 'a.bin'], /"--out" expected the name of a \.safetensors file, got "a\.bin"/],
  [
    'the network of another stream',
    [...NEW, '--out', 'frozen.safetensors'],
    /"--out" expected a new file, or RUN itself, got "frozen/,
  ],
  ['a time that is none', [...NEW, '--save', '-1'], /"--save" expected a number from 0/],
]

for (const [what, args, message] of MISTAKES) {
  test(`stream with ${what} is told in one line, with exit status 2, and nothing is written`, () => {
    const before = readdirSync(folder, { recursive: true })
    const { status, stdout, stderr } = stream('', ...args)
    assert.match(stderr, message)
    assert.match(stderr, /^ptncn: [^\n]+\n$/)
    assert.deepEqual([stdout, status], ['', 2])
    assert.deepEqual(readdirSync(folder, { recursive: true }), before)
  })
}

test('grey values are from 0 to 1', () => {
  const sigmoid = ['--units', '4', '--inputs', '2', '--output', 'sigmoid']
  assert.equal(stream('0 1\n0.5 0.5\n', ...sigmoid).status, 0)
  assert.match(stream('0 1.01\n', ...sigmoid).stderr, /"line 1, number 2" expected a number from 0 to 1, got "1\.01"/)
})

test('help names every option, with examples', () => {
  const { stdout, status } = run(['stream', '--help'])
  assert.equal(status, 0)
  for (const name of [
    'learn',
    'ahead',
    'top',
    'out',
    'save',
    'json',
    'symbols',
    'seed',
    'units',
    'inputs',
    'profile',
    'output',
    'beta',
  ])
    assert.match(stdout, new RegExp(`--${name}\\b`))
  assert.match(stdout, /Examples\n  tail -f numbers\.csv \| ptncn stream runs\/series --learn\n/)
})
