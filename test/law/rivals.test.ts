/**
 * What P-TNCN is said to do without, as laws of anything that learns: they hold for it and for the rivals that learn
 * online, and fail for those that unroll. A law that backpropagation kept would say nothing.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Learner, Measurement, Sequence } from '../../src/engine/engine.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import { keyOf } from '../../src/numeric/random.js'
import { initialOptimizer } from '../../src/ptncn/apply.js'
import { config } from '../../src/ptncn/config.js'
import { initialWeights } from '../../src/ptncn/weights.js'
import { each, type Algebra } from '../../src/rivals/algebra.js'
import { backpropagated, bptt, lstm, tbptt } from '../../src/rivals/bptt.js'
import type { Cell } from '../../src/rivals/cell.js'
import { elman } from '../../src/rivals/elman.js'
import { fastAlgebra } from '../../src/rivals/fast-algebra.js'
import type { Rival, Tensors } from '../../src/rivals/rival.js'
import { rflo, RFLO_DEFAULTS } from '../../src/rivals/rflo.js'
import { rtrl } from '../../src/rivals/rtrl.js'
import { rtu } from '../../src/rivals/rtu.js'
import { snap1 } from '../../src/rivals/snap1.js'
import { tpc, TPC_DEFAULTS } from '../../src/rivals/tpc.js'
import { uoro } from '../../src/rivals/uoro.js'
import { rivalConfig, someInputs } from '../unit/rivals/support.js'
import { graphOf } from './no-unrolling.js'

/** A learner, and what it begins with. */
interface Pupil<Model> {
  readonly learner: Learner<Model>
  readonly model: Model
}

const SETTINGS = rivalConfig({ rate: 0.01 })
const ROWS = 2
const KEY = keyOf(5)

/** `steps` inputs, the two rows of different length, left open at the end. */
const sequenceOf = (algebra: Algebra, steps: number): Sequence => ({
  inputs: someInputs(SETTINGS, ROWS, steps, algebra),
  key: KEY,
  open: true,
})

const pupilOf = (learner: Rival) => ({ learner, model: learner.initial(keyOf(1)) })

const network = (activation: 'tanh' | 'sign') => {
  const settings = config({ units: [SETTINGS.inputs, SETTINGS.units, SETTINGS.units], activation })
  return {
    learner: wasmEngine(settings),
    model: { weights: initialWeights(settings, keyOf(1)), optimizer: initialOptimizer(settings) },
  }
}

/** Step by step, of each step only a copy of the value that it left: the same bits as the whole at once. */
const needsNoUnrolling = async <Model>(
  { learner, model }: Pupil<Model>,
  sequence: Sequence,
  how: 'train' | 'evaluate' = 'train',
): Promise<void> => {
  const options = { predictions: true }
  const whole = await learner[how](model, [sequence], options)
  let snapshot = model
  const pieces: Measurement[] = []
  for (const [t, input] of sequence.inputs.entries()) {
    const piece: Sequence = { inputs: [input], key: sequence.key!, continues: t > 0, open: true }
    const outcome = await learner[how](structuredClone(snapshot), [structuredClone(piece)], options)
    snapshot = outcome.snapshot
    pieces.push(...outcome.measurements)
  }
  assert.deepEqual(snapshot, whole.snapshot)
  assert.deepEqual(
    pieces.flatMap(({ predictions }) => predictions!),
    whole.measurements[0]!.predictions,
  )
}

/** Makes and drops nothing that is larger for more steps. */
const needsNoMemoryOfSteps = async <Model>(pupilOn: (algebra: Algebra) => Pupil<Model>): Promise<void> => {
  const largest = async (steps: number): Promise<number> => {
    const algebra = await fastAlgebra()
    let most = 0
    const watched: Algebra = {
      ...algebra,
      numbers: (length) => {
        most = Math.max(most, length)
        return algebra.numbers(length)
      },
    }
    const { learner, model } = pupilOn(watched)
    await learner.train(model, [sequenceOf(algebra, steps)])
    return most
  }
  assert.equal(await largest(40), await largest(20))
}

/** What is carried from a step to the next does not grow. */
const carriesTheSame = async <Model>({ learner, model }: Pupil<Model>, sequence: (steps: number) => Sequence): Promise<void> => {
  const graph = async (steps: number) => graphOf(structuredClone((await learner.train(model, [sequence(steps)])).snapshot))
  assert.deepEqual(await graph(40), await graph(10))
}

const fails = (law: Promise<void>): Promise<void> => assert.rejects(law, { name: 'AssertionError' })

const ONLINE = {
  rtrl,
  uoro,
  snap1,
  rflo: (algebra, settings) => rflo(algebra, settings, RFLO_DEFAULTS),
  rtu,
  tpc: (algebra, settings) => tpc(algebra, settings, TPC_DEFAULTS),
  'tbptt(1)': (algebra, settings) => tbptt(algebra, settings, 1),
} satisfies Record<string, typeof bptt>
const UNROLLED = { bptt, lstm, 'tbptt(3)': (algebra, settings) => tbptt(algebra, settings, 3) } satisfies Record<
  string,
  typeof bptt
>

test('Law 5, 6: P-TNCN learns step by step what it learns from the whole, from a value that stays the same size', async () => {
  const algebra = await fastAlgebra()
  await needsNoUnrolling(network('tanh'), sequenceOf(algebra, 9))
  await carriesTheSame(network('tanh'), (steps) => sequenceOf(algebra, steps))
})

for (const [name, make] of Object.entries<typeof bptt>(ONLINE)) {
  test(`Law 5, 6: so does ${name}, whose steps need no others`, async () => {
    const algebra = await fastAlgebra()
    await needsNoUnrolling(pupilOf(make(algebra, SETTINGS)), sequenceOf(algebra, 9))
    await carriesTheSame(pupilOf(make(algebra, SETTINGS)), (steps) => sequenceOf(algebra, steps))
    await needsNoMemoryOfSteps((watched) => pupilOf(make(watched, SETTINGS)))
  })
}

for (const [name, make] of Object.entries<typeof bptt>(UNROLLED)) {
  test(`Law 5, 6 fail for ${name}, which goes back over steps`, async () => {
    const algebra = await fastAlgebra()
    await fails(needsNoUnrolling(pupilOf(make(algebra, SETTINGS)), sequenceOf(algebra, 9)))
    const law = needsNoMemoryOfSteps((watched) => pupilOf(make(watched, SETTINGS)))
    // chunks are as long whatever the sequence
    await (name === 'tbptt(3)' ? law : fails(law))
  })
}

for (const [name, make] of Object.entries<typeof bptt>({ ...ONLINE, ...UNROLLED })) {
  test(`Law 6, [sq-infer]: ${name} scores in pieces what it scores at once, with weights that stay, and can learn on from there`, async () => {
    const algebra = await fastAlgebra()
    const { learner, model } = pupilOf(make(algebra, SETTINGS))
    const sequence = sequenceOf(algebra, 9)
    await needsNoUnrolling({ learner, model }, sequence, 'evaluate')
    const { snapshot } = await learner.evaluate(model, [sequence])
    assert.deepEqual([snapshot.weights, snapshot.optimizer], [model.weights, model.optimizer])
    const after = await learner.train(snapshot, [{ inputs: sequence.inputs, continues: true }])
    assert.notDeepEqual(after.snapshot.weights, model.weights)
  })
}

for (const [name, make] of Object.entries<typeof bptt>({ ...ONLINE, ...UNROLLED })) {
  test(`[sq-start]: ${name} is neither scored on the first input of a sequence, nor learns from it; it is on that of a piece that goes on`, async () => {
    const algebra = await fastAlgebra()
    const { learner, model } = pupilOf(make(algebra, SETTINGS))
    const { inputs } = sequenceOf(algebra, 9)
    // one row of the two ends a step before the other
    const counts = async (from: typeof model, continues: boolean) =>
      (await learner.train(from, [{ inputs, continues }])).measurements[0]!.count
    assert.equal(await counts(model, false), 15)
    const begun = await learner.train(model, [{ inputs: inputs.slice(0, 1), open: true }])
    assert.deepEqual(
      [begun.measurements[0]!.count, begun.snapshot.weights, begun.snapshot.optimizer],
      [0, model.weights, model.optimizer],
    )
    assert.equal(await counts(begun.snapshot, true), 17)
  })
}

test('[sq-start]: what UORO draws is of the key of the sequence', async () => {
  const algebra = await fastAlgebra()
  const { learner, model } = pupilOf(uoro(algebra, SETTINGS))
  const learnt = async (seed: number) =>
    (await learner.train(model, [{ ...sequenceOf(algebra, 9), key: keyOf(seed) }])).snapshot.weights
  assert.deepEqual(await learnt(1), await learnt(1))
  assert.notDeepEqual(await learnt(1), await learnt(2))
})

/** Weights that a sequence moved. */
const movedBy = async <Model>(
  { learner, model }: Pupil<Model>,
  namesOf: (model: Model) => Readonly<Record<string, Matrix>>,
): Promise<string[]> => {
  const { snapshot } = await learner.train(model, [sequenceOf(await fastAlgebra(), 9)])
  const [before, after] = [namesOf(model), namesOf(snapshot)]
  return Object.keys(before).filter((name) => before[name]!.data.toString() !== after[name]!.data.toString())
}

/** An Elman network of units whose slope is said to be something else. */
const withSlope = (forward: Cell['forward'], slope: (h: number) => number): Cell => ({
  ...elman,
  forward,
  backward: (algebra, { h }, after) => ({ d: each(algebra, (dh, h) => dh * slope(h), after.h!, h), before: {} }),
})

const sign: Cell['forward'] = (algebra, a) => {
  const h = each(algebra, Math.sign, a)
  return { after: { h }, kept: { h } }
}

test('Law 2: units without a slope stop backpropagation, and not P-TNCN', async () => {
  const algebra = await fastAlgebra()
  const weights = ({ weights }: { readonly weights: Tensors }): Tensors => weights
  const stepped = backpropagated(
    algebra,
    SETTINGS,
    withSlope(sign, () => 0),
    Infinity,
    'bptt of signs',
  )
  assert.deepEqual(await movedBy(pupilOf(stepped), weights), ['V', 'c'])
  assert.deepEqual(await movedBy(pupilOf(bptt(algebra, SETTINGS)), weights), ['W', 'U', 'b', 'V', 'c'])
  const names = await movedBy(network('sign'), ({ weights }) =>
    Object.fromEntries(
      weights.flatMap((layer, l) => Object.entries(layer).map(([name, weight]) => [`${name}${l + 1}`, weight as Matrix])),
    ),
  )
  for (const recurrent of ['M1', 'V1', 'U1']) assert.ok(names.includes(recurrent), `${recurrent} is not among ${names}`)
})

test('Law 2: what backpropagation learns depends on the slope that it is told, which P-TNCN is told nothing of', async () => {
  const algebra = await fastAlgebra()
  const learnt = async (cell: Cell): Promise<Tensors> => {
    const pupil = pupilOf(backpropagated(algebra, SETTINGS, cell, Infinity, 'bptt'))
    return (await pupil.learner.train(pupil.model, [sequenceOf(algebra, 9)])).snapshot.weights
  }
  const right = await learnt(elman)
  assert.deepEqual(await learnt(withSlope(elman.forward, (h) => 1 - h * h)), right)
  assert.notDeepEqual(await learnt(withSlope(elman.forward, () => 1)), right)
})
