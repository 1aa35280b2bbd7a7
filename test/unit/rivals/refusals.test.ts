/** All rivals by all mistakes: one line that names what was wrong, before anything runs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { PtncnError, type ErrorName } from '../../../src/errors.js'
import type { Sequence } from '../../../src/engine/engine.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import type { Input } from '../../../src/ptncn/state.js'
import * as rivals from '../../../src/rivals.js'
import type { Algebra, Rival, RivalConfig, RivalModel, Tensors } from '../../../src/rivals.js'
import { rivalConfig, someInputs } from './support.js'

const fast = await rivals.fastAlgebra()

/** A value where another kind belongs, whatever the types say. */
const wrong = (value: unknown): never => value as never

type Make = (algebra: Algebra, config: RivalConfig) => Rival

const SETTINGS = {
  esn: { ...rivals.ESN_DEFAULTS, density: 0.9 },
  sab: rivals.SAB_DEFAULTS,
  rflo: rivals.RFLO_DEFAULTS,
  tpc: rivals.TPC_DEFAULTS,
} as const

/** Each public function that makes a rival, with the settings that it has. */
const RIVALS: Readonly<Record<string, Make>> = {
  bptt: rivals.bptt,
  tbptt: (algebra, config) => rivals.tbptt(algebra, config, 2),
  lstm: rivals.lstm,
  rtrl: rivals.rtrl,
  uoro: rivals.uoro,
  snap1: rivals.snap1,
  rtu: rivals.rtu,
  rflo: (algebra, config) => rivals.rflo(algebra, config, SETTINGS.rflo),
  tpc: (algebra, config) => rivals.tpc(algebra, config, SETTINGS.tpc),
  esn: (algebra, config) => rivals.esn(algebra, config, SETTINGS.esn),
  sab: (algebra, config) => rivals.sab(algebra, config, SETTINGS.sab),
}

test('every public function that makes a rival stands in the list', () => {
  const others = ['fastAlgebra']
  const makers = Object.entries(rivals).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
  assert.deepEqual(makers.filter((name) => !others.includes(name)).sort(), Object.keys(RIVALS).sort())
})

const CONFIG = rivalConfig()

/** A rival, untrained; a sequence of three steps; and where it stands after it, the sequence left open. */
interface Given {
  readonly rival: Rival
  readonly model: RivalModel
  readonly inputs: readonly Input[]
  readonly begun: RivalModel
}

type Mistake = readonly [what: string, make: (given: Given) => unknown, name: ErrorName, message: RegExp]

const filled = ({ rows, cols }: Pick<Matrix, 'rows' | 'cols'>, value: number): Matrix => ({
  rows,
  cols,
  data: new Float64Array(rows * cols).fill(value),
})

/** The first input spoilt. */
const withFirst = ({ inputs }: Given, change: Partial<Input>): Sequence[] => [
  { inputs: [{ ...inputs[0]!, ...change }, ...inputs.slice(1)] },
]

/** A tensor put in the place of another: of weights, moments or state. */
const replaced = (tensors: Tensors, name: string, by: (one: Matrix) => Matrix): Tensors => ({
  ...tensors,
  [name]: by(tensors[name]!),
})

const transposed = ({ rows, cols, data }: Matrix): Matrix => ({ rows: cols + 1, cols: rows, data })
const withNaN = (one: Matrix): Matrix => ({ ...one, data: Float64Array.from(one.data, (value, i) => (i === 0 ? NaN : value)) })
const nameOf = (tensors: Tensors): string => Object.keys(tensors)[0]!

const withOptimizer = ({ model }: Given, change: object): RivalModel =>
  wrong({ ...model, optimizer: { ...model.optimizer, ...change } })

/** Goes on from a state that was spoilt. */
const goOn = ({ rival, begun, inputs }: Given, state: unknown): unknown =>
  rival.train(wrong({ ...begun, state }), [{ inputs, continues: true }])

/** What is wrong with an argument of a run. */
const RUNS: readonly Mistake[] = [
  ['no sequences', ({ rival, model }) => rival.train(model, wrong(undefined)), 'ShapeError', /^"sequences" expected a list/],
  ['a sequence that is none', ({ rival, model }) => rival.train(model, wrong([null])), 'ShapeError', /^"sequences\[0\].inputs"/],
  [
    'no steps',
    ({ rival, model }) => rival.train(model, [{ inputs: [] }]),
    'ShapeError',
    /inputs" expected at least one step, got 0/,
  ],
  [
    'no rows',
    (given) => given.rival.train(given.model, withFirst(given, { x: filled({ rows: 0, cols: 4 }, 0) })),
    'ShapeError',
    /inputs\[0\].x" expected at least 1 row, got 0/,
  ],
  [
    'inputs of another width',
    (given) => given.rival.train(given.model, withFirst(given, { x: filled({ rows: 2, cols: 5 }, 0) })),
    'ShapeError',
    /inputs\[0\].x" expected 2 x 4/,
  ],
  [
    'unlike batches',
    ({ rival, model, inputs }) =>
      rival.train(model, [
        { inputs: [...inputs, { x: filled({ rows: 3, cols: 4 }, 0), mask: filled({ rows: 3, cols: 1 }, 1) }] },
      ]),
    'ShapeError',
    /inputs\[3\].x" expected 2 x 4, got "3 x 4/,
  ],
  [
    'a mask of 0.5',
    (given) => given.rival.train(given.model, withFirst(given, { mask: filled({ rows: 2, cols: 1 }, 0.5) })),
    'ShapeError',
    /mask\[0,0\]" expected 0 or 1, got 0.5/,
  ],
  [
    'no mask',
    (given) => given.rival.train(given.model, withFirst(given, { mask: wrong(undefined) })),
    'ShapeError',
    /mask" expected/,
  ],
  [
    'an input that is NaN',
    (given) => given.rival.train(given.model, withFirst(given, { x: filled({ rows: 2, cols: 4 }, NaN) })),
    'NonFiniteError',
    /x\[0,0\]" expected a finite number, got NaN/,
  ],
  [
    'a key that is none',
    ({ rival, model, inputs }) => rival.train(model, [{ inputs, key: wrong(5) }]),
    'ShapeError',
    /key" expected two whole numbers/,
  ],
  [
    'a piece with nothing before it',
    ({ rival, model, inputs }) => rival.train(model, [{ inputs, continues: true }]),
    'ShapeError',
    /continues" expected an open sequence before it/,
  ],
  [
    'a piece of another batch than before it',
    ({ rival, begun, inputs }) => rival.train(begun, [{ inputs: someInputs(CONFIG, 3, inputs.length), continues: true }]),
    'ShapeError',
    /inputs\[0\].x" expected 2 x 4, got "3 x 4/,
  ],
  ['options that are none', ({ rival, model, inputs }) => rival.train(model, [{ inputs }], wrong(5)), 'ShapeError', /^"options"/],
  ['no model', ({ rival, inputs }) => rival.train(wrong(undefined), [{ inputs }]), 'ShapeError', /^"snapshot" expected weights/],
  [
    'a model without weights',
    ({ rival, model, inputs }) => rival.train(wrong({ optimizer: model.optimizer }), [{ inputs }]),
    'ShapeError',
    /^"weights" expected a record/,
  ],
  [
    'weights of another shape',
    ({ rival, model, inputs }) => rival.train({ ...model, weights: replaced(model.weights, 'V', transposed) }, [{ inputs }]),
    'ShapeError',
    /^"weights.V" expected/,
  ],
  [
    'weights that are NaN',
    ({ rival, model, inputs }) => rival.train({ ...model, weights: replaced(model.weights, 'V', withNaN) }, [{ inputs }]),
    'NonFiniteError',
    /^"weights.V\[0,0\]" expected a finite number/,
  ],
  [
    'a model without an optimiser',
    ({ rival, model, inputs }) => rival.train(wrong({ weights: model.weights }), [{ inputs }]),
    'ShapeError',
    /^"optimizer" expected/,
  ],
  [
    'no moments',
    (given) => given.rival.train(withOptimizer(given, { first: undefined }), [{ inputs: given.inputs }]),
    'ShapeError',
    /^"optimizer.first" expected/,
  ],
  [
    'moments of another shape',
    (given) =>
      given.rival.train(withOptimizer(given, { second: replaced(given.model.optimizer.second, 'V', transposed) }), [
        { inputs: given.inputs },
      ]),
    'ShapeError',
    /^"optimizer.second.V" expected/,
  ],
  [
    'a power that is NaN',
    (given) => given.rival.train(withOptimizer(given, { power1: NaN }), [{ inputs: given.inputs }]),
    'ShapeError',
    /^"optimizer.power1" expected a number from 0 to 1, got NaN/,
  ],
  ['a state that is none', (given) => goOn(given, 5), 'ShapeError', /^"state.x" expected at least 1 row/],
  ['a state of inputs alone', (given) => goOn(given, { x: given.begun.state!.x }), 'ShapeError', /^"state\.\w+" expected/],
  [
    'a state whose input has another width',
    (given) => goOn(given, { ...given.begun.state, x: filled({ rows: 2, cols: 3 }, 0) }),
    'ShapeError',
    /^"state.x" expected 2 x 4/,
  ],
  [
    'a state of more rows than it has numbers for',
    (given) => goOn(given, { ...given.begun.state, x: { ...given.begun.state!.x!, rows: 2 ** 40 } }),
    'ShapeError',
    /^"state.x" expected 1099511627776 x 4/,
  ],
  [
    'a state of another shape',
    (given) => goOn(given, replaced(given.begun.state!, nameOf(given.begun.state!), transposed)),
    'ShapeError',
    /^"state\.\w+" expected/,
  ],
  [
    'a state that is NaN',
    (given) => goOn(given, replaced(given.begun.state!, nameOf(given.begun.state!), withNaN)),
    'NonFiniteError',
    /^"state\.\w+\[0,0\]" expected a finite number/,
  ],
  [
    'the same to a score',
    ({ rival, begun, inputs }) =>
      rival.evaluate({ ...begun, state: replaced(begun.state!, nameOf(begun.state!), withNaN) }, [{ inputs, continues: true }]),
    'NonFiniteError',
    /^"state\./,
  ],
  [
    'no steps to a score',
    ({ rival, model }) => rival.evaluate(model, [{ inputs: [] }]),
    'ShapeError',
    /inputs" expected at least one step/,
  ],
  ['a seed where a key belongs', ({ rival }) => rival.initial(wrong(5)), 'ShapeError', /^"key" expected two whole numbers/],
  [
    'a rival that was disposed of',
    async ({ rival, model, inputs }) => {
      await rival.dispose()
      return rival.train(model, [{ inputs }])
    },
    'EngineError',
    /expected an engine in use, got .*; make another one$/,
  ],
]

const refused = async (of: () => unknown, name: ErrorName, message: RegExp): Promise<void> =>
  assert.rejects(
    async () => of(),
    (error: Error) => {
      assert.ok(error instanceof PtncnError, String(error.stack))
      assert.match(error.message, message)
      assert.equal(error.name, name)
      assert.doesNotMatch(error.message, /\n/)
      return true
    },
  )

const givenOf = async (make: Make, algebra: Algebra): Promise<Given> => {
  const rival = make(algebra, CONFIG)
  const [model, inputs] = [rival.initial(keyOf(1)), someInputs(CONFIG, 2, 3, algebra)]
  return { rival, model, inputs, begun: (await rival.train(model, [{ inputs, open: true }])).snapshot }
}

for (const algebra of [rivals.binary64, fast]) {
  for (const [name, make] of Object.entries(RIVALS)) {
    test(`${name}, ${algebra.name}: whatever is wrong with a run is refused in one line; what is right is not`, async () => {
      for (const [what, mistake, error, message] of RUNS) {
        const given = await givenOf(make, algebra)
        await refused(() => mistake(given), error, message).catch((cause: unknown) => assert.fail(`${what}: ${String(cause)}`))
      }
      const { rival, begun, inputs } = await givenOf(make, algebra)
      const { measurements } = await rival.train(begun, [{ inputs, continues: true }])
      assert.equal(measurements[0]!.count, 5)
    })
  }
}

for (const algebra of [rivals.binary64, fast]) {
  for (const [name, make] of Object.entries(RIVALS)) {
    test(`${name}, ${algebra.name}: an update that is no number stops the run, though every score was one`, async () => {
      const { rival, model } = await givenOf(make, algebra)
      const x = { rows: 1, cols: 4, data: algebra.numbers(4).fill(1e20, 0, 2) }
      const mask = { rows: 1, cols: 1, data: algebra.numbers(1).fill(1) }
      const sequences = [{ inputs: [0, 1].map(() => ({ x, mask })) }]
      const { measurements } = await rival.evaluate(model, sequences)
      assert.ok(Number.isFinite(measurements[0]!.loss))
      const message = /expected finite (?:squared moments|moments|weights) \w+, got \S+ after sequence 0; try a smaller rate/
      await refused(() => rival.train(model, sequences), 'DivergenceError', message)
    })
  }
}

test('a score is refused what it cannot score, in either arithmetic', async () => {
  const [input] = someInputs(CONFIG, 2, 1)
  for (const { score } of [rivals.binary64, fast]) {
    const p = filled({ rows: 2, cols: 4 }, 0.25)
    await refused(() => score('softmax', filled({ rows: 2, cols: 3 }, 0.25), input!), 'ShapeError', /^"input.x" expected 2 x 3/)
    await refused(() => score(wrong('foo'), p, input!), 'ShapeError', /^"output" expected one of/)
    await refused(() => score('softmax', p, { ...input!, mask: filled({ rows: 2, cols: 1 }, 0.5) }), 'ShapeError', /mask/)
  }
})

/** What a rival may not be made with. */
const CONFIGS: readonly (readonly [what: string, config: unknown, message: RegExp])[] = [
  ['none', undefined, /^"config" expected a record of fields, got undefined/],
  ['no units', { ...CONFIG, units: 0 }, /^"config.units" expected a whole number >= 1, got 0/],
  ['no inputs', { ...CONFIG, inputs: 0 }, /^"config.inputs" expected a whole number >= 1, got 0/],
  ['an output that is none', { ...CONFIG, output: 'tanh' }, /^"config.output" expected one of/],
  ['a rate of NaN', { ...CONFIG, rate: NaN }, /^"config.rate" expected a finite number >= 0, got NaN/],
  ['a rate below 0', { ...CONFIG, rate: -0.1 }, /^"config.rate" expected a finite number >= 0, got -0.1/],
  ['a rate that binary32 has not', { ...CONFIG, rate: 1e39 }, /^"config.rate" expected a finite number >= 0/],
  ['a clip below 0', { ...CONFIG, clip: -1 }, /^"config.clip" expected a finite number >= 0, got -1/],
  ['weights of a scale below 0', { ...CONFIG, weightScale: -1 }, /^"config.weightScale" expected a finite number >= 0, got -1/],
  ['a bias of NaN', { ...CONFIG, outputBias: NaN }, /^"config.outputBias" expected a finite number, got NaN/],
  ['a field that is none', { ...CONFIG, momentum: 1 }, /^"momentum" is no field of config; the fields are inputs, units, /],
]

for (const [name, make] of Object.entries(RIVALS)) {
  test(`${name}: a configuration that it cannot have is refused in one line, as is an arithmetic that is none`, async () => {
    for (const [what, config, message] of CONFIGS) {
      await refused(() => make(rivals.binary64, wrong(config)), 'ConfigError', message).catch((cause: unknown) =>
        assert.fail(`${what}: ${String(cause)}`),
      )
    }
    const { score: _, ...scoreless } = rivals.binary64
    await refused(() => make(wrong(scoreless), CONFIG), 'ConfigError', /^"algebra.score" expected a function/)
    await refused(() => make(wrong(rivals.fastAlgebra()), CONFIG), 'ConfigError', /^"algebra.product".*await fastAlgebra/)
  })
}

for (const [name, settings] of Object.entries(SETTINGS)) {
  test(`${name}: settings that are missing, NaN or none are refused in one line`, async () => {
    const make = rivals[name as keyof typeof SETTINGS] as (algebra: Algebra, config: RivalConfig, settings: never) => Rival
    const made = (given: unknown) => () => make(rivals.binary64, CONFIG, wrong(given))
    await refused(made(undefined), 'ConfigError', /^"settings" expected a record/)
    await refused(made({ ...settings, memory: 1 }), 'ConfigError', /^"memory" is no field of settings; the fields are /)
    for (const field of Object.keys(settings)) {
      const message = new RegExp(`^"settings\\.${field}" expected`)
      for (const value of [undefined, NaN, -1, 'x']) await refused(made({ ...settings, [field]: value }), 'ConfigError', message)
    }
  })
}

test('chunks of no steps, or of a part of one, are refused in one line', async () => {
  for (const steps of [0, NaN, 1.5, -1]) {
    await refused(() => rivals.tbptt(rivals.binary64, CONFIG, steps), 'ConfigError', /^"steps" expected a whole number >= 1/)
  }
})

/** Of what a run adds to a state: a trace, or memories. */
const TRACES = { rtrl: ['P'], uoro: ['A', 'B', 'key'], snap1: ['P'], rflo: ['P'], rtu: ['T'], sab: ['m'] } as const

for (const [name, traces] of Object.entries(TRACES)) {
  test(`${name}: a trace of another shape, or that is NaN, is refused in one line`, async () => {
    for (const algebra of [rivals.binary64, fast]) {
      const given = await givenOf(RIVALS[name]!, algebra)
      const { state } = given.begun
      for (const trace of traces) {
        const spoilt = (by: (one: Matrix) => Matrix) => () => goOn(given, replaced(state!, trace, by))
        await refused(spoilt(transposed), 'ShapeError', new RegExp(`^"state\\.${trace}" expected`))
        await refused(spoilt(withNaN), 'NonFiniteError', new RegExp(`^"state\\.${trace}\\[0,0\\]" expected`))
      }
    }
  })
}
