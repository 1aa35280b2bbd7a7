/** Wrong arguments of the library's functions get one line that names what was wrong, as the command's users get one. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import * as kit from '../src/conform.js'
import * as experiment from '../src/experiment.js'
import * as ptncn from '../src/index.js'
import * as parallel from '../src/parallel.js'
import * as rivals from '../src/rivals.js'
import * as tasks from '../src/tasks.js'

const { parallelEngine } = parallel
const { config, initialModel, initialOptimizer, initialState, initialWeights, inputOf, keyOf, matrix, oneHot } = ptncn

const settings = config({ units: [3, 4] })
const rivalSettings = {
  inputs: 3,
  units: 4,
  output: 'softmax',
  rate: 0.01,
  clip: 1,
  weightScale: 0,
  outputBias: 0,
} as const satisfies rivals.RivalConfig
const model = initialModel(settings, keyOf(1))
const state = initialState(settings, 1)
const input = inputOf(oneHot([0], 3))
const sequence: ptncn.Sequence = { inputs: [input] }
const loose = { units: [3, 4] } as unknown as ptncn.Config
const engines = { reference: ptncn.referenceEngine, wasm: ptncn.wasmEngine, parallel: parallelEngine }
const { binary64 } = rivals

/** A value where another kind belongs, whatever the types say. */
const wrong = (value: unknown): never => value as never

type Attempt = readonly [what: string, attempt: () => unknown, name: ptncn.ErrorName, message: RegExp]

const ATTEMPTS: readonly Attempt[] = [
  [
    'a seed where a key belongs',
    () => initialWeights(settings, wrong(5)),
    'ShapeError',
    /^"key" expected two whole numbers.*got 5; keyOf/,
  ],
  ['the same for a model', () => initialModel(settings, wrong(5)), 'ShapeError', /^"key" expected/],
  ['the same for a state', () => initialState(settings, 1, wrong(5)), 'ShapeError', /^"key" expected/],
  [
    'an unchecked configuration',
    () => ptncn.step(loose, model.weights, state, input),
    'ConfigError',
    /^"activation" expected.*; config\(\{/,
  ],
  ['the same to an engine', () => ptncn.wasmEngine(loose), 'ConfigError', /^"activation" expected/],
  ['the same to the threads', () => parallelEngine(loose), 'ConfigError', /^"activation" expected/],
  ['the same to weights', () => initialWeights(loose, keyOf(1)), 'ConfigError', /^"activation" expected/],
  ['the same to an optimiser', () => initialOptimizer(loose), 'ConfigError', /^"activation" expected/],
  [
    'a number that is not rounded',
    () => initialOptimizer({ ...settings, beta: 0.3 }),
    'ConfigError',
    /^"beta" expected a number rounded/,
  ],
  [
    'no configuration',
    () => initialState(wrong(undefined), 1),
    'ConfigError',
    /^"config" expected a configuration, got undefined/,
  ],
  [
    'the updates of an inference',
    () => ptncn.applyUpdates(settings, model, wrong(undefined), input.mask),
    'ShapeError',
    /^"updates" expected a list of 1 layers/,
  ],
  [
    'an input where a mask belongs',
    () => ptncn.applyUpdates(settings, model, model.weights, wrong(input)),
    'ShapeError',
    /^"mask" expected/,
  ],
  [
    'an input of another width to a score',
    () => ptncn.score('softmax', matrix(1, 3, [1, 0, 0]), inputOf(oneHot([0], 2))),
    'ShapeError',
    /^"input.x" expected 1 x 3/,
  ],
  [
    'a symbol that there is not',
    () => oneHot([0, 3], 3),
    'ShapeError',
    /^"symbols\[1\]" expected a whole number from 0 to 2, got 3/,
  ],
  ['rows that are none', () => initialState(settings, 0), 'ShapeError', /^"rows of the state"/],
  [
    'a mask of another length',
    () => inputOf(oneHot([0], 3), [1, 1]),
    'ShapeError',
    /^"mask" expected 1 numbers, one for each row of x/,
  ],
  [
    'settings that a rival has not',
    () => rivals.bptt(binary64, wrong({ ...rivalSettings, units: 0 })),
    'ConfigError',
    /^"config.units" expected a whole number >= 1, got 0/,
  ],
  ...Object.entries(engines).flatMap(([name, engineOf]): Attempt[] => [
    [
      `one sequence where a list belongs, ${name}`,
      () => engineOf(settings).train(model, wrong(sequence)),
      'ShapeError',
      /^"sequences" expected a list of sequences/,
    ],
    [`no snapshot, ${name}`, () => engineOf(settings).train(wrong(undefined), [sequence]), 'ShapeError', /^"snapshot" expected/],
    [
      `a closed engine, ${name}`,
      () => closed(engineOf(settings)).then((engine) => engine.train(model, [sequence])),
      'EngineError',
      /disposed of"; make another one$/,
    ],
  ]),
  [
    'one sequence where a list belongs, a rival',
    () => rivals.bptt(binary64, rivalSettings).train(rival(), wrong(sequence)),
    'ShapeError',
    /^"sequences"/,
  ],
  [
    'a closed rival',
    () => closed(rivals.bptt(binary64, rivalSettings)).then((one) => one.train(rival(), [sequence])),
    'EngineError',
    /disposed of/,
  ],
  [
    'a free run whose inputs do not fit',
    () => ptncn.freeRun(ptncn.wasmEngine(settings), model, 2, () => oneHot([0], 2)),
    'ShapeError',
    /inputs\[0\].x" expected 1 x 3/,
  ],
  ['a mask of 2', () => inputOf(oneHot([0], 3), [2]), 'ShapeError', /^"mask\[0,0\]" expected 0 or 1, got 2$/],
  [
    'updates for a mask of 0.5',
    () => ptncn.applyUpdates(settings, model, model.weights, matrix(1, 1, [0.5])),
    'ShapeError',
    /^"mask\[0,0\]" expected 0 or 1, got 0.5$/,
  ],
  [
    'a score under a mask of 2',
    () => ptncn.score('softmax', oneHot([0], 3), { x: oneHot([0], 3), mask: matrix(1, 1, [2]) }),
    'ShapeError',
    /^"input.mask\[0,0\]" expected 0 or 1/,
  ],
  [
    'an input without a mask',
    () => ptncn.step(settings, model.weights, state, wrong({ x: input.x })),
    'ShapeError',
    /^"input.mask" expected 1 x 1, got undefined/,
  ],
  [
    'see that gives nothing',
    () => ptncn.step(settings, model.weights, state, input, { see: () => wrong(undefined) }),
    'ShapeError',
    /^"see\("A1.a_1"\)" expected 1 x 4, got undefined/,
  ],
  [
    'the same where weights move',
    () => ptncn.applyUpdates(settings, model, model.weights, input.mask, () => wrong(undefined)),
    'ShapeError',
    /^"see\("O1.dW_1"\)" expected 4 x 3/,
  ],
  [
    'layers in an order that leaves one out',
    () => ptncn.step(settings, model.weights, state, input, { order: [2] }),
    'ShapeError',
    /^"order" expected each of 1 to 1 once, got \[2\]/,
  ],
  [
    'a snapshot that is none, to an engine that has run',
    async () => {
      const one = ptncn.wasmEngine(settings)
      await one.train(model, [sequence])
      await one.train(wrong(undefined), [sequence])
    },
    'ShapeError',
    /^"snapshot" expected/,
  ],
  [
    'an algebra that nobody waited for',
    () => rivals.bptt(wrong(rivals.fastAlgebra()), rivalSettings),
    'ConfigError',
    /^"algebra.product" expected a function, got undefined; give binary64, or await fastAlgebra\(\)$/,
  ],
  [
    'chunks of no steps',
    () => rivals.tbptt(binary64, rivalSettings, 0),
    'ConfigError',
    /^"steps" expected a whole number >= 1, got 0/,
  ],
  [
    'an account of a run with a circle in it',
    () => ptncn.encodeCheckpoint({ config: settings, snapshot: model, run: circle }),
    'ShapeError',
    /^"run" expected what JSON can hold, at most 64 levels deep, got an object$/,
  ],
  [
    'the same that is a function',
    () => ptncn.encodeCheckpoint({ config: settings, snapshot: model, run: () => 1 }),
    'ShapeError',
    /^"run" expected what JSON can hold/,
  ],
  [
    'a task that is none',
    () => tasks.openTask(wrong({ ...runSettings, task: 'rebr' })),
    'UsageError',
    /^"--task" expected one of.*got "rebr"/,
  ],
  [
    'a part that no score is taken on',
    () => experiment.scorePart(engine, opened, start, wrong('train')),
    'UsageError',
    /^"part" expected one of validation, test, got "train"/,
  ],
  [
    'epochs of a task without end',
    () => experiment.trainingOf(wrong({ ...runSettings, sequences: undefined, epochs: 1 }), reber),
    'UsageError',
    /^"task.epoch" expected a whole number >= 1, got undefined/,
  ],
  [
    'a training without a batch',
    () => experiment.train(reber, wrong({ seed: 1, sequences: 4 }), engine, () => start),
    'UsageError',
    /^"settings.batch" expected a whole number >= 1, got undefined/,
  ],
  [
    'a model where a standing belongs',
    () => experiment.train(reber, training, engine, wrong(start)),
    'ShapeError',
    /^"from.snapshot" expected.*a function that makes an untrained model$/,
  ],
  [
    'options where settings belong',
    () => experiment.networkOf(wrong({ task: 'reber' }), reber),
    'UsageError',
    /^"settings.fields" expected.*settingsOf makes/,
  ],
  [
    'points of a run where points of a picture belong',
    () => experiment.learningCurve(wrong([{ label: 'a', points: [{ sequences: 1, validation: 2 }] }]), labels),
    'ShapeError',
    /^"series\[0\].points\[0\].x" expected a number, got undefined$/,
  ],
  [
    'a picture without a title',
    () => experiment.learningCurve([], wrong({ xLabel: 'a', yLabel: 'b' })),
    'ShapeError',
    /^"options.title" expected text/,
  ],
]

const circle: Record<string, unknown> = {}
circle['self'] = circle

const closed = async <Made extends { dispose: () => Promise<void> }>(engine: Made): Promise<Made> => {
  await engine.dispose()
  return engine
}

const rival = (): rivals.RivalModel => rivals.bptt(binary64, rivalSettings).initial(keyOf(1))

for (const [what, attempt, name, message] of ATTEMPTS) {
  test(`${what} is refused in one line`, async () => {
    await assert.rejects(
      async () => attempt(),
      (error: Error) => {
        assert.ok(error instanceof ptncn.PtncnError, String(error.stack))
        assert.equal(error.name, name)
        assert.match(error.message, message)
        assert.ok(!error.message.includes('\n'))
        return true
      },
    )
  })
}

const NONSENSE: readonly unknown[] = [undefined, null, 5, 'x', {}, [], [[]], Number.NaN]

/** Where calls that write, write. */
const folder = mkdtempSync(join(tmpdir(), 'ptncn-misuse-'))
after(() => rmSync(folder, { recursive: true }))

const runSettings = tasks.settingsOf({ task: 'reber', units: [4], batch: 2, sequences: 4 })
const opened = tasks.openTask(runSettings)
/** The same of less to score. */
const [heldBatch] = opened.held('test')
const marks = opened.marks('test')
const reber: tasks.Task = { ...opened, held: () => [heldBatch!], marks: () => marks }
const ownText = { ...runSettings, task: 'text', data: join(folder, 'own.txt'), length: 10 } as const
writeFileSync(ownText.data, 'abc def '.repeat(100))
const network = experiment.networkOf(runSettings, reber)
const engine = ptncn.wasmEngine(network)
const start = experiment.beginning(engine, 1)
const training = experiment.trainingOf(runSettings, reber)
const standing = { snapshot: start, batches: 0, curve: [], recent: { loss: 0, count: 0 } }
const frames = tasks.openTask({ ...runSettings, task: 'bouncing-mnist', side: 8, frames: 2 })
const framesEngine = ptncn.wasmEngine(config({ units: [64, 2], output: 'sigmoid' }))
const framesStart = experiment.beginning(framesEngine, 1)
const ownSeries = { ...runSettings, task: 'series', data: join(folder, 'own.csv'), length: 10 } as const
writeFileSync(ownSeries.data, Array.from({ length: 60 }, (_, i) => `${i % 5},${i % 3}`).join('\n'))
const ownFilms = { ...runSettings, task: 'frames', data: join(folder, 'own.idx'), frames: 3 } as const
writeFileSync(ownFilms.data, Uint8Array.from([0, 0, 8, 4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, ...Array(12).keys()]))
const series = tasks.openTask(ownSeries)
const seriesEngine = ptncn.wasmEngine(config({ units: [2, 3], output: 'identity' }))
const seriesStart = experiment.beginning(seriesEngine, 1)
const frame = matrix(1, 4, [0, 0, 1, 1])
const writing = { prompt: [0], count: 1, temperature: 1, seed: 1 }
const point = { x: 0, y: 1 }
const labels = { title: 'a', xLabel: 'b', yLabel: 'c', references: [{ label: 'd', value: 1 }] }
const own = rivals.bptt(binary64, rivalSettings)

/** Right arguments of each public function, one of which is spoilt at a time. */
const CALLS: readonly (readonly [name: string, f: (...args: never[]) => unknown, args: readonly unknown[]])[] = [
  ['config', config, [{ units: [3, 4] }, 'released']],
  ['matrix', matrix, [1, 3, [1, 0, 0]]],
  ['fromRows', ptncn.fromRows, [[[1, 0]]]],
  ['keyOf', keyOf, [1]],
  ['initialWeights', initialWeights, [settings, keyOf(1)]],
  ['initialOptimizer', initialOptimizer, [settings]],
  ['initialModel', initialModel, [settings, keyOf(1)]],
  ['initialState', initialState, [settings, 1, keyOf(1)]],
  ['inputOf', inputOf, [oneHot([0], 3), [1]]],
  ['oneHot', oneHot, [[0], 3]],
  ['step', ptncn.step, [settings, model.weights, state, input, { order: [1] }]],
  ['infer', ptncn.infer, [settings, model.weights, state, input, { order: [1] }]],
  ['applyUpdates', ptncn.applyUpdates, [settings, model, model.weights, input.mask, (_: string, value: unknown) => value]],
  ['endSequence', ptncn.endSequence, [settings, model, (_: string, value: unknown) => value]],
  ['score', ptncn.score, ['softmax', matrix(1, 3, [1, 0, 0]), input]],
  ['sumScores', ptncn.sumScores, [settings, [{ loss: 1, count: 1 }]]],
  ['meanLoss', ptncn.meanLoss, [{ loss: 1, count: 1 }]],
  ['encodeCheckpoint', ptncn.encodeCheckpoint, [{ config: settings, snapshot: model }]],
  ['decodeCheckpoint', ptncn.decodeCheckpoint, [new Uint8Array(8)]],
  ['freeRun', ptncn.freeRun, [ptncn.wasmEngine(settings), model, 1, () => oneHot([0], 3), keyOf(1)]],
  ...Object.entries(engines).flatMap(([name, engineOf]) => [
    [`${name}Engine`, engineOf, [settings, ...(name === 'parallel' ? [{ workers: 1 }] : [])]] as const,
    [`train of ${name}`, engineOf(settings).train, [model, [sequence], { predictions: true }]] as const,
    [`evaluate of ${name}`, engineOf(settings).evaluate, [model, [sequence], {}]] as const,
  ]),
  ['bptt', rivals.bptt, [binary64, rivalSettings]],
  ['tbptt', rivals.tbptt, [binary64, rivalSettings, 2]],
  ['lstm', rivals.lstm, [binary64, rivalSettings]],
  ['rtrl', rivals.rtrl, [binary64, rivalSettings]],
  ['uoro', rivals.uoro, [binary64, rivalSettings]],
  ['snap1', rivals.snap1, [binary64, rivalSettings]],
  ['rflo', rivals.rflo, [binary64, rivalSettings, rivals.RFLO_DEFAULTS]],
  ['rtu', rivals.rtu, [binary64, rivalSettings]],
  ['tpc', rivals.tpc, [binary64, rivalSettings, rivals.TPC_DEFAULTS]],
  ['esn', rivals.esn, [binary64, rivalSettings, rivals.ESN_DEFAULTS]],
  ['sab', rivals.sab, [binary64, rivalSettings, rivals.SAB_DEFAULTS]],
  ['fastAlgebra', rivals.fastAlgebra, []],
  ['initial of bptt', own.initial, [keyOf(1)]],
  ['train of bptt', own.train, [rival(), [sequence], { predictions: true }]],
  ['evaluate of bptt', own.evaluate, [rival(), [sequence], {}]],
  ['settingsOf', tasks.settingsOf, [{ task: 'reber' }]],
  ['openTask', tasks.openTask, [ownText]],
  ['openTask of films', tasks.openTask, [ownFilms]],
  ['openTask of a series', tasks.openTask, [ownSeries]],
  ['training of a task', reber.training, [keyOf(1), 0]],
  ['held of a task', opened.held, ['test']],
  ['marks of a task', opened.marks, ['test']],
  ['networkOf', experiment.networkOf, [runSettings, reber]],
  ['trainingOf', experiment.trainingOf, [runSettings, reber]],
  ['withoutCorrection', experiment.withoutCorrection, [settings]],
  ['beginning', experiment.beginning, [engine, 1]],
  ['train', experiment.train, [reber, training, engine, standing, {}]],
  ['scorePart', experiment.scorePart, [engine, reber, start, 'test']],
  ['dream', experiment.dream, [frames, framesEngine, framesStart, { given: 1, seed: 1, row: 0 }]],
  ['continueSeries', experiment.continueSeries, [series, seriesEngine, seriesStart, { given: 1, count: 2, seed: 1 }]],
  ['filmOf', experiment.filmOf, [frames, framesEngine, framesStart]],
  ['symbolsOf', experiment.symbolsOf, [reber, 'BT']],
  ['writeText', experiment.writeText, [reber, engine, start, writing]],
  ['finish', experiment.finish, [folder, { settings: runSettings, task: reber, engine, standing, seconds: () => 0 }]],
  ['openTrained', experiment.openTrained, [folder]],
  ['intervalOf', experiment.intervalOf, [[1, 2]]],
  ['filmStrip', experiment.filmStrip, [{ truth: [frame], prediction: [frame] }, { title: 'a' }]],
  ['learningCurve', experiment.learningCurve, [[{ label: 'a', points: [point] }], labels]],
  ['conform', kit.conform, [{ command: [process.execPath, '-e', ''] }, { print: () => {}, coloured: false }]],
  ['serveLine', kit.serveLine, ['{"op":"hello"}']],
]

test('every public function stands in the list', () => {
  const entries = [ptncn, parallel, rivals, tasks, experiment, kit]
  const isClass = (name: string): boolean => name === 'PtncnError'
  const names = entries.flatMap((entry) => Object.entries(entry).flatMap(([name, f]) => (typeof f === 'function' ? [name] : [])))
  const listed = new Set(CALLS.map(([name]) => name))
  assert.deepEqual(
    names.filter((name) => !isClass(name) && !listed.has(name)),
    [],
  )
})

/** A value, and the same with one part of it left out or spoilt, two levels deep. */
const spoilt = (value: unknown, depth = 2): readonly unknown[] => {
  if (depth === 0 || typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return NONSENSE
  return [
    ...NONSENSE,
    ...Object.entries(value).flatMap(([name, part]) =>
      spoilt(part, depth - 1).map((other) =>
        Array.isArray(value) ? Object.assign([...(value as unknown[])], { [name]: other }) : { ...value, [name]: other },
      ),
    ),
  ]
}

const attempt = async (f: (...args: never[]) => unknown, given: readonly unknown[]): Promise<unknown> => {
  try {
    const made = await f(...(given as never[]))
    if (typeof made === 'object' && made !== null && Symbol.iterator in made) Array.from(made as Iterable<unknown>)
    return undefined
  } catch (error) {
    return error
  }
}

for (const [name, f, args] of CALLS) {
  test(`${name} answers nonsense in any place with an error of the package, or with a result`, async () => {
    const bare: string[] = []
    for (const [at, right] of args.entries()) {
      for (const value of spoilt(right)) {
        const error = await attempt(f, Object.assign([...args], { [at]: value }))
        if (error === undefined || error instanceof ptncn.PtncnError) continue
        bare.push(
          `argument ${at}, ${inspect(value, { depth: 1, breakLength: Infinity }).slice(0, 200)}: ${(error as Error).stack}`,
        )
      }
    }
    assert.deepEqual(bare, [])
  })
}
