import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Engine, Outcome, Sequence, Snapshot } from '../../../src/engine/engine.js'
import { referenceEngine } from '../../../src/engine/reference.js'
import { zeros } from '../../../src/numeric/matrix.js'
import { initialOptimizer } from '../../../src/ptncn/apply.js'
import { initialState, inputOf } from '../../../src/ptncn/state.js'
import { mapWeights } from '../../../src/ptncn/weights.js'
import { column, configured, constant, isRefusal, someWeights, type Refusal } from '../support.js'
import { begin, inputsOf, sequence } from './runs.js'

const of = configured()
const good = begin(of)
const state = initialState(of, 3)

/** Both methods refuse, and by a rejection rather than a throw. */
const assertRejected = async (engine: Engine, from: unknown, sequences: unknown, refusal: Refusal): Promise<void> => {
  for (const run of ['train', 'evaluate'] as const) {
    const started: Promise<Outcome> = engine[run](from as Snapshot, sequences as Sequence[])
    await assert.rejects(started, (error) => isRefusal(error, refusal))
  }
}

const shapeRefusal = (what: string, expected: RegExp, got: string): Refusal => ({ name: 'ShapeError', what, expected, got })
const NOTHING = 'undefined'
const piece = (change: object): unknown[] => [sequence(2), { ...sequence(2), ...change }]

const endless = mapWeights((w, name) => (name === 'E' ? constant(w.rows, w.cols, Infinity) : w), good.weights)

const REFUSED: readonly (readonly [string, unknown, unknown, Refusal])[] = [
  ['weights that are none', { ...good, weights: [] }, [], shapeRefusal('weights', /2 layers/, '0')],
  [
    'a weight of another shape',
    { ...good, weights: someWeights(configured({ units: [3, 4, 5] })) },
    [],
    shapeRefusal('weights.U_1', /2 x 4/, '"5 x 4 with 20 numbers"'),
  ],
  [
    'the optimiser of another configuration',
    { ...good, optimizer: initialOptimizer(configured({ optimizer: 'sgd' })) },
    [],
    shapeRefusal('optimizer.first', /2 layers/, 'undefined'),
  ],
  ['a state of another shape', { ...good, state: { ...state, y: [] } }, [], shapeRefusal('state.y', /2 layers/, '0')],
  ['a sequence without steps', good, piece({ inputs: [] }), shapeRefusal('sequences[1].inputs', /at least one step/, '0')],
  [
    'a piece that goes on from nothing',
    good,
    piece({ continues: true }),
    shapeRefusal('sequences[1].continues', /an open sequence before it/, '"none"'),
  ],
  [
    'a piece that goes on from a closed sequence',
    { ...good, state },
    piece({ continues: true }),
    shapeRefusal('sequences[1].continues', /an open sequence before it/, '"none"'),
  ],
  [
    'a piece of other rows than the state',
    { ...good, state },
    [{ ...sequence(2), continues: true }],
    shapeRefusal('sequences[0].inputs[0].x', /3 x 3/, '"2 x 3 with 6 numbers"'),
  ],
  [
    'a step of other rows than the first',
    good,
    piece({ inputs: [...inputsOf(1, 0), ...inputsOf(1, 0, 3)] }),
    shapeRefusal('sequences[1].inputs[1].x', /2 x 3/, '"3 x 3 with 9 numbers"'),
  ],
  [
    'a step of other columns',
    good,
    piece({ inputs: [inputOf(zeros(2, 4))] }),
    shapeRefusal('sequences[1].inputs[0].x', /2 x 3/, '"2 x 4 with 8 numbers"'),
  ],
  [
    'a mask of another shape',
    good,
    piece({ inputs: [{ x: zeros(2, 3), mask: zeros(3, 1) }] }),
    shapeRefusal('sequences[1].inputs[0].mask', /2 x 1/, '"3 x 1 with 3 numbers"'),
  ],
  [
    'a step without a mask',
    good,
    piece({ inputs: [{ x: zeros(2, 3) }] }),
    shapeRefusal('sequences[1].inputs[0].mask', /2 x 1/, NOTHING),
  ],
  [
    'a mask between 0 and 1',
    good,
    piece({ inputs: [{ x: zeros(2, 3), mask: column([1, 0.5]) }] }),
    shapeRefusal('sequences[1].inputs[0].mask[1,0]', /0 or 1/, '0.5'),
  ],
  [
    'a later step that is missing',
    good,
    piece({ inputs: [...inputsOf(1, 0), undefined] }),
    shapeRefusal('sequences[1].inputs[1].x', /2 x 3/, NOTHING),
  ],
  [
    'NaN in an input',
    good,
    piece({ inputs: [inputOf(constant(2, 3, NaN))] }),
    { name: 'NonFiniteError', what: 'sequences[1].inputs[0].x[0,0]', expected: /finite/, got: 'NaN' },
  ],
  [
    'infinity in a weight',
    { ...good, weights: endless },
    [],
    { name: 'NonFiniteError', what: 'weights.E_1[0,0]', expected: /finite/, got: 'Infinity' },
  ],
]

for (const [title, from, sequences, refusal] of REFUSED) {
  test(`[sq-start] ${title} is refused before anything runs`, () => assertRejected(referenceEngine(of), from, sequences, refusal))
}

/** No step may run before these are found: the caller's activation counts its calls. */
const CRUDE: readonly (readonly [string, unknown])[] = [
  ['a sequence that is none', [sequence(2), null]],
  ['a sequence without inputs', [sequence(2), {}]],
  ['a first step without x', [sequence(2), { inputs: [{}] }]],
  ['a first step that is missing', [sequence(2), { inputs: [undefined] }]],
  ['steps of no rows', [sequence(2), { inputs: [inputOf(zeros(0, 3))] }]],
]

for (const [title, sequences] of CRUDE) {
  test(`[sq-start] ${title} is refused by an error of the package, before anything runs`, async () => {
    let calls = 0
    const counting = configured({
      activation: (a) => {
        calls++
        return a
      },
    })
    for (const run of ['train', 'evaluate'] as const) {
      await assert.rejects(referenceEngine(counting)[run](begin(counting), sequences as Sequence[]), { name: 'ShapeError' })
    }
    assert.equal(calls, 0)
  })
}

test('[sq-start] what is no snapshot is refused by an error of the package', async () => {
  for (const from of [undefined, null, {}, { weights: good.weights }]) {
    await assert.rejects(referenceEngine(of).train(from as unknown as Snapshot, []), { name: 'ShapeError' })
  }
})
