import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'

import { asValue, parseArguments } from '../../../src/cli/arguments.js'
import { finishedOf } from '../../../src/experiment/run/finished.js'
import { repeatCommand } from '../../../src/experiment/run/repeat.js'
import { readRuns, reportOf, type Named } from '../../../src/experiment/run/report.js'
import { titleEnd } from '../../../src/experiment/run/summary.js'
import { effectiveOptions } from '../../../src/experiment/run/folder.js'
import { networkOf, settingsOf } from '../../../src/experiment/settings.js'
import { encodePng } from '../../../src/io/png.js'
import { holds } from '../../support/property.js'
import { tagsOf, wordsOf } from '../../support/tags.js'

const root = mkdtempSync(join(tmpdir(), 'ptncn-report-'))
after(() => rmSync(root, { recursive: true }))

type Fields = Readonly<Record<string, unknown>>

const networkFor = (options: Fields) => networkOf(settingsOf(options), { inputs: 1, output: 'sigmoid' })

/** What a run of these options would leave. */
const resultsOf = (options: Fields = {}, changes: Fields = {}): Fields => {
  const [settings, config] = [settingsOf(options), networkFor(options)]
  return {
    format: 'ptncn-results',
    spec: '0.1.0',
    task: settings.task,
    title: `Digits${titleEnd(config, settings.seed)}`,
    options: effectiveOptions(settings, config),
    unit: 'nats a frame',
    sequences: 500,
    validation: 42.26,
    test: 39.59,
    marks: [
      { label: 'floor', value: 16.07 },
      { label: 'mean frame', value: 38.8 },
    ],
    curve: [
      { sequences: 0, validation: 177.3 },
      { sequences: 250, train: 60, validation: 50 },
      { sequences: 500, train: 43, validation: 40.2 },
    ],
    weights: 30720,
    stopped: false,
    machine: { node: 'v20', processor: 'Abacus', cores: 2, seconds: 2.17 },
    ...changes,
  }
}
const runOf = (name: string, options?: Fields, changes?: Fields): Named => ({
  name,
  ...finishedOf('results.json', resultsOf(options, changes)),
})

const png = (width = 3, height = 2): Uint8Array => encodePng({ width, height, channels: 1, data: new Uint8Array(width * height) })

/** A folder with these files. */
const folderOf = (name: string, files: Readonly<Record<string, string | Uint8Array>>): string => {
  mkdirSync(join(root, name), { recursive: true })
  for (const [file, content] of Object.entries(files)) writeFileSync(join(root, name, file), content)
  return join(root, name)
}
const runFolder = (name: string, results = resultsOf(), film?: Uint8Array): string =>
  folderOf(name, { 'results.json': JSON.stringify(results), ...(film && { 'film.png': film }) })

test('the page of a run has its curve, figures beside the marks, film, options and command', async () => {
  const text = reportOf(await readRuns([runFolder('one', resultsOf({ side: 16, seed: 4 }), png())]))
  const words = wordsOf(text)
  assert.match(
    words,
    /^Digits; 2 layers of 256 and 256 tanh units, seed 4 Digits; .* Digits Learning curve nats a frame over sequences trained on\. validation: from 177\.3 at 0 to 40\.2 at 500\. training: from 60 at 250 to 43 at 500\. floor: 16\.1\. mean frame: 38\.8\./,
  )
  assert.match(
    words,
    /run test floor mean frame validation sequences weights seconds ended one 39\.6 16\.1 38\.8 42\.3 500 30,720 2\.2 at its end/,
  )
  assert.match(words, /All options of the run\. option one task bouncing-mnist side 16 frames 20 /)
  assert.match(
    words,
    /To repeat the run one: version 0\.1\.0 of the specification, on Abacus ptncn train --side 16 --seed 4 Reported by ptncn \d/,
  )
  assert.ok(
    text.includes(
      `<img src="data:image/png;base64,${Buffer.from(png()).toString('base64')}" width="3" height="2" alt="Frames of the first test sequence, what run one predicted`,
    ),
  )
  assert.doesNotMatch(text, /https?:|class="marked"|\u2260/)
})

test('runs of one task share a chart and a table, other tasks and other texts have their own', () => {
  const text = (data: string) => ({ task: 'text', data })
  const runs = [
    runOf('a', { seed: 1 }),
    runOf('r', { task: 'reber' }, { unit: 'bits a symbol', padding: 0.488 }),
    runOf('b', { seed: 2, activation: 'sign' }),
    runOf('t', text('one.txt')),
    runOf('u', text('two.txt')),
    runOf('v', text('one.txt')),
  ]
  const [, ...sections] = reportOf(runs).split('<section>').map(wordsOf)
  assert.deepEqual(
    sections.slice(0, -1).map((words) => [...words.matchAll(/\b([abrtuv]) (?:39\.6|39\.590)/g)].map(([, name]) => name)),
    [['a', 'b'], ['r'], ['t', 'v'], ['u']],
  )
  assert.match(sections[0]!, /a: from 177\.3 at 0 to 40\.2 at 500\. b: from 177\.3 at 0/)
  assert.match(sections[1]!, /padding seconds ended r 39\.590 .* 48\.8 %/)
})

test('only marks that all runs share are lines of a chart; all stand in the table', () => {
  const marks = (value: number) => ({
    marks: [
      { label: 'floor', value: 16 },
      { label: 'mean frame', value },
    ],
  })
  const text = reportOf([runOf('a', { seed: 1 }, marks(38)), runOf('b', { batch: 20 }, marks(37))])
  assert.match(text, /<desc>[^<]* floor: 16\.<\/desc>/)
  assert.match(wordsOf(text), / a 39\.6 16\.0 38\.0 .* b 39\.6 16\.0 37\.0 /)
})

test('options in which runs differ are first and marked', () => {
  const words = wordsOf(reportOf([runOf('a', { seed: 1, beta: 0.5 }), runOf('b', { seed: 2 })]))
  assert.match(words, /option a b \u2260 seed 1 2 \u2260 beta 0\.5 0\.1 task bouncing-mnist bouncing-mnist /)
  assert.equal(words.match(/\u2260 \w+ /g)!.length, 2)
})

test('a run that was stopped, even before its first point, or that an older version left, has its page', () => {
  const { weights: _, ...older } = resultsOf({}, { stopped: true, sequences: 0, curve: [{ sequences: 0, validation: 177.3 }] })
  const run = { name: 'a', ...finishedOf('results.json', older) }
  assert.match(wordsOf(reportOf([run])), /seconds ended a 39\.6 16\.1 38\.8 42\.3 0 2\.2 stopped early/)
  assert.match(wordsOf(reportOf([run, runOf('b', { seed: 2 })])), / 0 \u2013 2\.2 stopped early b /)
})

test('the same folders give the same bytes, and names no longer than tell them apart', async () => {
  const folders = [runFolder('x/run'), runFolder('y/run', resultsOf(), png())]
  const runs = await readRuns(folders)
  assert.deepEqual(
    runs.map(({ name }) => name),
    ['x/run', 'y/run'],
  )
  assert.equal(reportOf(await readRuns(folders)), reportOf(runs))
  assert.ok(!reportOf(runs).includes(root))
  await assert.rejects(
    readRuns([folders[0]!, join(folders[1]!, '../../x/run')]),
    /^UsageError: "RUN" expected each run once, got /,
  )
})

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    '</title><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</svg></style>',
    '<!--',
    "'",
    '\u0000\ud800',
  ),
)

test('whatever texts and numbers the results hold, the tags of the page are those of a harmless run, and all numbers are', () => {
  const value = fc.double({ min: 0, max: 1e12, noNaN: true })
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER })
  const point = fc.record({ sequences: count, train: value, validation: value })
  const texts = fc.record({ title: hostile, spec: hostile, label: hostile, processor: hostile, data: hostile })
  const pageOf = ({ title, spec, label, processor, data }: Readonly<Record<string, string>>, changes: Fields = {}): string =>
    reportOf(
      [runOf(title!, { data }, { title, spec, marks: [{ label, value: 1 }], machine: { processor, seconds: 1 }, ...changes })],
      title,
    )
  const harmless = tagsOf(pageOf({ title: 'x', spec: 'x', label: 'x', processor: 'x', data: 'x' }))
  // the lines of a legend and of a title are as many as their words need
  const outside = (tags: readonly string[]) => tags.filter((tag) => !/^<\/?text/.test(tag))
  holds(texts, 200, (given) => assert.deepEqual(outside(tagsOf(pageOf(given))), outside(harmless)))
  holds(fc.tuple(fc.array(point, { maxLength: 5 }), value, value, count), 300, ([curve, one, two, sequences]) => {
    const text = pageOf(
      { title: 'x', spec: 'x', label: 'x', processor: 'x', data: 'x' },
      { curve, test: one, validation: two, sequences, marks: [{ label: 'm', value: one }], weights: sequences, padding: 1 },
    )
    assert.doesNotMatch(text, /NaN|Infinity|undefined|\[object/)
  })
})

const REFUSED: readonly (readonly [what: string, changes: Fields, complaint: RegExp])[] = [
  ['another format', { format: 'x' }, /"results\.json: format" expected ptncn-results, got "x"/],
  ['a title that is none', { title: ['<b>'] }, /"results\.json: title" expected text of at most 1000 characters, got \["<b>"\]/],
  ['a title without end', { title: 'x'.repeat(1001) }, /title" expected text/],
  ['a task that is not that of its options', { task: 'reber' }, /"results\.json: task" expected bouncing-mnist, got "reber"/],
  ['a unit of its own', { unit: 'euros' }, /"results\.json: unit" expected one of nats a frame, .* got "euros"/],
  ['no test score', { test: null }, /"results\.json: test" expected a number from 0 to 1000000000000, got null/],
  ['a negative score', { validation: -1 }, /validation" expected a number from 0/],
  ['an infinite score', { test: 1e999 }, /test" expected a number from 0/],
  ['half a sequence', { sequences: 0.5 }, /sequences" expected a whole number, got 0\.5/],
  ['marks that are no list', { marks: {} }, /marks" expected a list of at most 20, got an object/],
  ['a mark without value', { marks: [{ label: 'floor' }] }, /"results\.json: marks\[0\]\.value" expected a number/],
  [
    'a point that is none',
    { curve: [{ sequences: 0, validation: 1 }, 7] },
    /"results\.json: curve\[1\]" expected a record of fields, got 7/,
  ],
  ['a point at no place', { curve: [{ validation: 1 }] }, /curve\[0\]\.sequences" expected a whole number/],
  [
    'a training score that is text',
    { curve: [{ sequences: 1, train: '1', validation: 1 }] },
    /curve\[0\]\.train" expected a number/,
  ],
  ['too many points', { curve: Array(10_001).fill({ sequences: 0, validation: 1 }) }, /curve" expected a list of at most 10000/],
  ['weights that are none', { weights: '1' }, /weights" expected a whole number/],
  ['more padding than there is', { padding: 2 }, /padding" expected a number from 0 to 1, got 2/],
  ['an end that is neither', { stopped: 'no' }, /stopped" expected true or false, got "no"/],
  ['no machine', { machine: undefined }, /machine" expected a record/],
  ['a machine without processor', { machine: { seconds: 1 } }, /machine\.processor" expected text/],
  ['options that are none', { options: [] }, /"results\.json: options" expected a record/],
  [
    'an option that is none',
    { options: { '<b>': 1 } },
    /"results\.json: options" expected the options of a run: "<b>" is no option of a run/,
  ],
  [
    'a value that is none',
    { options: { activation: '<script>' } },
    /options of a run: "activation" expected one of tanh, .* got "<script>"/,
  ],
  ['a seed that is none', { options: { seed: '1; rm -rf ~' } }, /options of a run: "--seed" expected a whole number/],
]

for (const [what, changes, complaint] of REFUSED) {
  test(`results with ${what} are refused in one line`, () => {
    assert.throws(
      () => finishedOf('results.json', resultsOf({}, changes)),
      (error: Error) => {
        assert.equal(error.name, 'FileError')
        assert.match(error.message, complaint)
        assert.doesNotMatch(error.message, /\n/)
        return true
      },
    )
  })
}

test('a folder without results, or with what is no JSON, is refused; so is a film that is no picture or far too large', async () => {
  const huge = png()
  new DataView(huge.buffer, huge.byteOffset).setUint32(16, 2 ** 30)
  const folders: readonly (readonly [string, RegExp])[] = [
    [folderOf('empty', {}), /empty" expected results\.json in it, got none; give the folder of a run/],
    [join(root, 'nowhere'), /nowhere" expected results\.json in it/],
    [folderOf('text', { 'results.json': 'hello' }), /results\.json" expected JSON, got "hello"/],
    [folderOf('proto', { 'results.json': '{"__proto__": {}}' }), /expected keys that are names/],
    [folderOf('list', { 'results.json': '[]' }), /expected a record of fields/],
    [
      runFolder('svg', resultsOf(), new TextEncoder().encode('<svg onload="alert(1)"/>')),
      /film\.png" expected a PNG picture of at most \d+ pixels, got something else; remove it/,
    ],
    [runFolder('huge', resultsOf(), huge), /film\.png" expected a PNG picture .* got one of 1073741824 x 2/],
    [runFolder('long', resultsOf(), new Uint8Array(2 ** 24 + 1)), /film\.png" expected at most 16777216 bytes/],
  ]
  for (const [path, complaint] of folders) {
    await assert.rejects(readRuns([path]), (error: Error) => error.name === 'FileError' && complaint.test(error.message), path)
  }
})

/** The words of a command as a shell would hand them on. */
const wordsOfShell = (command: string): string[] =>
  execFileSync('sh', ['-c', `set -f; printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)

test(
  'the command of a run, read by a shell, gives its options again, and nothing else of it runs',
  { skip: process.platform === 'win32' },
  () => {
    const path = fc.oneof(
      fc.constantFrom("it's", '$(exit 3)', '`exit 3`', '; exit 3', '-x', 'a\nb', '*', '~', '!!', '\\'),
      fc.string({ minLength: 1 }).filter((one) => !one.includes('\0')),
    )
    const options = fc.record(
      {
        task: fc.constantFrom('bouncing-mnist', 'ptb-char', 'reber'),
        profile: fc.constantFrom('released', 'paper'),
        data: path,
        seed: fc.nat(),
        beta: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.fround),
        clip: fc.constantFrom(-1, 0, 1, 15),
        biases: fc.boolean(),
        units: fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 3 }),
        activation: fc.constantFrom('tanh', 'sign'),
        sequences: fc.integer({ min: 1, max: 1e6 }),
      },
      { requiredKeys: [] },
    )
    holds(options, 60, (given) => {
      const settings = settingsOf(given)
      const [program, command, ...words] = wordsOfShell(repeatCommand(settings, networkFor(given)))
      assert.deepEqual([program, command], ['ptncn', 'train'])
      const names = Object.keys(effectiveOptions(settings, networkFor(given)))
      const read = parseArguments(
        'train',
        words,
        Object.fromEntries(names.map((name) => [name, name === 'biases' ? 'switch' : 'value'])),
      )
      const again = Object.fromEntries(
        Object.entries(read.given).map(([name, text]) => [
          name,
          name === 'data' ? text : name === 'units' ? String(text).split(',').map(Number) : asValue(text),
        ]),
      )
      assert.deepEqual(effectiveOptions(settingsOf(again), networkFor(again)), effectiveOptions(settings, networkFor(given)))
    })
    assert.equal(repeatCommand(settingsOf({}), networkFor({})), 'ptncn train')
  },
)
