/** Wrong arguments of the library's functions get one line that names what was wrong, as the command's users get one. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as ptncn from '../src/index.js'
import { parallelEngine } from '../src/parallel.js'
import * as rivals from '../src/rivals.js'

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
  ['a mask of another length', () => inputOf(oneHot([0], 3), [1, 1]), 'ShapeError', /^"values" expected 1 x 1/],
  [
    'settings that a rival has not',
    () => rivals.bptt(binary64, wrong({ ...rivalSettings, units: 0 })),
    'ConfigError',
    /^"units" expected/,
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
]

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
  ['step', ptncn.step, [settings, model.weights, state, input]],
  ['infer', ptncn.infer, [settings, model.weights, state, input]],
  ['applyUpdates', ptncn.applyUpdates, [settings, model, model.weights, input.mask]],
  ['endSequence', ptncn.endSequence, [settings, model]],
  ['score', ptncn.score, ['softmax', matrix(1, 3, [1, 0, 0]), input]],
  ['sumScores', ptncn.sumScores, [settings, []]],
  ['meanLoss', ptncn.meanLoss, [{ loss: 1, count: 1 }]],
  ['encodeCheckpoint', ptncn.encodeCheckpoint, [{ config: settings, snapshot: model }]],
  ['decodeCheckpoint', ptncn.decodeCheckpoint, [new Uint8Array(8)]],
  ['freeRun', ptncn.freeRun, [ptncn.wasmEngine(settings), model, 1, () => oneHot([0], 3), keyOf(1)]],
  ...Object.entries(engines).flatMap(([name, engineOf]) => [
    [`${name}Engine`, engineOf, [settings]] as const,
    [`train of ${name}`, engineOf(settings).train, [model, [sequence]]] as const,
    [`evaluate of ${name}`, engineOf(settings).evaluate, [model, [sequence]]] as const,
  ]),
  ['bptt', rivals.bptt, [binary64, rivalSettings]],
  ['train of bptt', rivals.bptt(binary64, rivalSettings).train, [rival(), [sequence]]],
]

for (const [name, f, args] of CALLS) {
  test(`${name} answers nonsense in any place with an error of the package, or with a result`, async () => {
    for (const at of args.keys()) {
      for (const value of NONSENSE) {
        const given = args.map((right, i) => (i === at ? value : right)) as never[]
        try {
          await f(...given)
        } catch (error) {
          const shown = `argument ${at} of ${name}, ${String(value)}: ${String((error as Error).stack)}`
          assert.ok(error instanceof ptncn.PtncnError, shown)
        }
      }
    }
  })
}
