import assert from 'node:assert/strict'
import { test } from 'node:test'

import { zeros, type Matrix } from '../../../src/numeric/matrix.js'
import { initialState, requireInput, requireState, inputOf, type Input, type State } from '../../../src/ptncn/state.js'
import { assertRefused, assertSame, bits, configured, constant } from '../support.js'

const of = configured({ units: [3, 4, 2] })

test('[st-start] a sequence begins at t = 0 with x, y, z and d +0, and its key', () => {
  const state = initialState(of, 5, [1, 2])
  assert.deepEqual([state.t, state.key], [0, [1, 2]])
  assertSame(state.x, zeros(5, 3))
  for (const layers of [state.y, state.z, state.d]) {
    assert.equal(layers.length, 2)
    assertSame(layers[0]!, zeros(5, 4))
    assertSame(layers[1]!, zeros(5, 2))
  }
  assert.deepEqual(initialState(of, 1).key, [0, 0])
})

test('[st-start] a state has at least one row', () => {
  for (const rows of [0, -1, 1.5, NaN, undefined] as number[]) {
    const refusal = { name: 'ShapeError', what: 'rows of the state', expected: /a whole number >= 1/, got: String(rows) } as const
    assertRefused(() => initialState(of, rows), refusal)
  }
})

test('[st-carried] an inputOf input has 1 for each row', () => {
  const x = constant(3, 2, 7)
  const { x: kept, mask } = inputOf(x)
  assert.equal(kept, x)
  assert.deepEqual([mask.rows, mask.cols, bits(mask.data)], [3, 1, Array(3).fill('3f800000')])
})

const good = initialState(of, 2, [1, 2])

test('[st-carried] a state that fits is taken, and its size does not depend on t', () => {
  requireState(of, good)
  requireState(of, { ...good, t: 2 ** 40, key: [0xffffffff, 0] })
})

test('[st-carried] t and key are checked', () => {
  for (const t of [-1, 0.5, NaN, undefined] as number[]) {
    assertRefused(() => requireState(of, { ...good, t }), {
      name: 'ShapeError',
      what: 'state.t',
      expected: /a whole number from 0 to 2\^53 - 2/,
      got: String(t),
    })
  }
  const refusal = { name: 'ShapeError', what: 'state.key', expected: /two whole numbers from 0 to 2\^32 - 1/ } as const
  const keys: readonly (readonly [unknown, string])[] = [
    [[1], '[1]'],
    [[1, 2, 3], '[1, 2, 3]'],
    [[-1, 0], '[-1, 0]'],
    [[0, 2 ** 32], '[0, 4294967296]'],
    [[0.5, 0], '[0.5, 0]'],
    [undefined, 'undefined'],
  ]
  for (const [key, got] of keys) assertRefused(() => requireState(of, { ...good, key } as State), { ...refusal, got })
})

test('[st-carried] each tensor of a state is checked by name, for shape and for finite numbers', () => {
  const shape = (change: object, what: string, expected: RegExp): void =>
    assertRefused(() => requireState(of, { ...good, ...change }), {
      name: 'ShapeError',
      what,
      expected,
      got: '"3 x 2 with 6 numbers"',
    })
  for (const name of ['y', 'z', 'd'] as const) {
    shape({ [name]: [zeros(3, 2), good[name][1]] }, `state.${name}_1`, /2 x 4/)
    shape({ [name]: [good[name][0], zeros(3, 2)] }, `state.${name}_2`, /2 x 2/)
    const broken = { ...good, [name]: [good[name][0], constant(2, 2, -Infinity)] }
    const refusal = { name: 'NonFiniteError', what: `state.${name}_2[0,0]`, expected: /finite/, got: '-Infinity' } as const
    assertRefused(() => requireState(of, broken), refusal)
    const layers = { name: 'ShapeError', what: `state.${name}`, expected: /2 layers/ } as const
    assertRefused(() => requireState(of, { ...good, [name]: [good[name][0]!] }), { ...layers, got: '1' })
    assertRefused(() => requireState(of, { ...good, [name]: undefined } as unknown as State), { ...layers, got: 'undefined' })
  }
  shape({ x: zeros(3, 2) }, 'state.x', /3 x 3/)
  const broken = { ...good, x: constant(2, 3, NaN) }
  assertRefused(() => requireState(of, broken), { name: 'NonFiniteError', what: 'state.x[0,0]', expected: /finite/, got: 'NaN' })
})

test('[st-carried] what is no state is refused by an error of the package', () => {
  for (const wrong of [undefined, null, {}, 3]) {
    assert.throws(() => requireState(of, wrong as unknown as State), { name: 'ShapeError' })
  }
  assert.throws(() => requireState(of, { ...good, x: undefined } as unknown as State), { name: 'ShapeError' })
  assert.throws(() => requireState(of, { ...good, y: [null, null] } as unknown as State), { name: 'ShapeError' })
})

test('[st-carried] a list of layers with gaps is refused', () => {
  assert.throws(() => requireState(of, { ...good, y: Array<Matrix>(2) }), { name: 'ShapeError' })
})

test('[st-carried] an input is checked by name, for shape and for finite numbers', () => {
  const mask = constant(2, 1, 1)
  requireInput(of.units[0]!, 2, { x: zeros(2, 3), mask })
  requireInput(of.units[0]!, 2, { x: zeros(2, 3), mask: { rows: 2, cols: 1, data: [0, -0] } })
  const refuse = (input: unknown, what: string, expected: RegExp, got: string): void =>
    assertRefused(() => requireInput(of.units[0]!, 2, input as Input, 'in'), { name: 'ShapeError', what, expected, got })
  refuse({ x: zeros(3, 3), mask }, 'in.x', /2 x 3/, '"3 x 3 with 9 numbers"')
  refuse({ x: zeros(2, 3), mask: zeros(1, 2) }, 'in.mask', /2 x 1/, '"1 x 2 with 2 numbers"')
  refuse({ x: zeros(2, 3) }, 'in.mask', /2 x 1/, 'undefined')
  refuse(undefined, 'in.x', /2 x 3/, 'undefined')
  for (const m of [0.5, 2, -1, NaN]) {
    refuse({ x: zeros(2, 3), mask: { rows: 2, cols: 1, data: [1, m] } }, 'in.mask[1,0]', /0 or 1/, String(m))
  }
  const x = { rows: 2, cols: 3, data: [0, 0, 0, 0, 0, Infinity] }
  assertRefused(() => requireInput(of.units[0]!, 2, { x, mask }), {
    name: 'NonFiniteError',
    what: 'input.x[1,2]',
    expected: /finite/,
    got: 'Infinity',
  })
})
