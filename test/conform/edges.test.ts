/** What SPEC.md says of the edges of a request: a mask of -0, `end` and what comes after it, the last t, what is refused first. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveLine } from '../../src/conform/reference.js'
import { publishedCases } from '../../src/conform/vectors.js'

type Answer = {
  ok: boolean
  kind?: string
  what?: string
  steps?: object[]
  state: { t: number }
  optimizer: Record<string, unknown>
  value?: { x: string }
  trace: Record<string, { x: string }>
}
type Body = { config: object; state: Record<string, unknown>; input: Record<string, unknown>; optimizer: Record<string, unknown> }

const cases = publishedCases()

/** The answer to the request of a published case, changed. */
const ask = (id: string, change: (body: Body) => object = (body) => body): Answer => {
  const { request } = cases.find((one) => one.id === id)!
  return JSON.parse(
    serveLine(JSON.stringify({ id: 1, ...change(structuredClone(JSON.parse(JSON.stringify(request)) as Body)) }))!,
  ) as Answer
}

test('[C1] [C4] a mask of -0 is a padding row, whose e and d are multiplied by it as it is', () => {
  const zero = (body: Body): object => ({ ...body, input: { ...body.input, mask: { s: [3, 1], x: '3f8000000000000000000000' } } })
  const [minus, plus] = [ask('mask-minus-zero').trace, ask('mask-minus-zero', zero).trace]
  const flipped = (bits: string): string => (bits === '00000000' ? '80000000' : '00000000')
  for (const [name, cols] of [
    ['C1.e_0^1', 3],
    ['C4.d_1', 2],
  ] as const) {
    const row = (trace: Answer['trace']): string[] => trace[name]!.x.slice(8 * cols, 16 * cols).match(/.{8}/g)!
    assert.deepEqual(row(minus), row(plus).map(flipped), name)
  }
})

test('[pr-requests] `end` changes nothing where the run does not learn', () => {
  const open = ask('sequence-end-untrained', (body) => ({ ...body, input: { ...body.input, end: false } }))
  assert.deepEqual(ask('sequence-end-untrained'), open)
  assert.ok('sum.W_1' in open.optimizer)
})

test('[st-carried] [pr-tensor] [ar-stochastic] a step begins at t up to 2^53 - 2, and at none later, in a run either', () => {
  const at =
    (t: number) =>
    (body: Body): object => ({ ...body, state: { ...body.state, t } })
  assert.equal(ask('time-last').state.t, 2 ** 53 - 1)
  for (const t of [2 ** 53 - 1, 2 ** 53, 0.5, -1]) {
    const { kind, what } = ask('time-last', at(t))
    assert.equal(kind, 'invalid', `${t}`)
    assert.match(what!, /"state\.t" expected a whole number from 0 to 2\^53 - [12], got/)
  }
  assert.equal(ask('time-last', (body) => ({ ...body, op: 'run', inputs: [body.input, body.input] })).kind, 'invalid')
  assert.deepEqual(ask('time-last', at(5)).trace['A2.z_1'], ask('time-last', at(2 ** 32 + 5)).trace['A2.z_1'])
})

test('[C2] where lambda is 0 its term changes no bit: what it is added to is never -0', () => {
  const one = (x: string): object => ({ s: [1, 1], x })
  // +0, -0, both smallest subnormals, 1 and -1
  const values = ['00000000', '80000000', '00000001', '80000001', '3f800000', 'bf800000']
  const h = (inputs: object, alpha: string): string => {
    const changed = (body: Body): object => ({
      ...{ op: 'equation', equation: 'C2.h_1^1', inputs, t: 0, key: [0, 0] },
      config: { ...body.config, units: [1, 1, 1], lambda: '00000000', alpha },
    })
    return ask('correct-lambda-0', changed).value!.x
  }
  for (const [below, E, own, alpha] of values.flatMap((a) =>
    values.flatMap((b) => values.flatMap((c) => ['00000000', '3e800000'].map((d) => [a, b, c, d] as const))),
  )) {
    const of = (a: string): string => h({ 'C1.e_0^1': one(below), E_1: one(E), 'C1.e_1^1': one(own), 'A1.a_1': one(a) }, alpha)
    const all = ['3f800000', 'bf800000', '00000000'].map(of)
    assert.equal(new Set(all).size, 1, `${below} ${E} ${own} ${alpha}: ${all.join()}`)
    assert.notEqual(all[0], '80000000')
  }
})

test('[pr-requests] a step after an `end` goes on from the state, and opens a sum of its own', () => {
  const run = (end: boolean): Answer[] =>
    ask('sequence-end-untrained', ({ input, optimizer, ...body }) => ({
      ...body,
      ...{ op: 'run', train: true, want: 'none' },
      optimizer,
      inputs: [
        { ...input, end },
        { ...input, end: false },
      ],
    })).steps as Answer[]
  const [ended, open] = [run(true), run(false)]
  const [first] = ended
  assert.deepEqual(first!.state, open[0]!.state)
  const sums = (steps: Answer[]): boolean[] => steps.map(({ optimizer }) => 'sum.W_1' in optimizer)
  assert.deepEqual(
    [sums(ended), sums(open)],
    [
      [false, true],
      [true, true],
    ],
  )
  assert.deepEqual(
    ended.map(({ state }) => state.t),
    open.map(({ state }) => state.t),
  )
})

test('[pr-answers] [cf-fields] a run is refused for its form first, then step by step: a divergence before a later misfit', () => {
  const long = { s: [2, 1], x: '3f8000003f800000' }
  const run = (second: (input: Body['input']) => object): Answer =>
    ask('diverge-a1', ({ input, ...body }) => ({ ...body, op: 'run', inputs: [input, second(input)] }))
  assert.equal(run((input) => input).kind, 'diverged')
  assert.equal(run((input) => ({ ...input, mask: long })).kind, 'diverged')
  assert.equal(run((input) => ({ ...input, mask: 1 })).kind, 'invalid')
  assert.equal(run((input) => ({ ...input, begin: [1] })).kind, 'invalid')
})

test('[pr-lines] unknown names are invalid in a configuration, a state and an optimiser, and ignored in an input', () => {
  const more = (part: 'config' | 'weights' | 'state' | 'optimizer' | 'input'): Answer =>
    ask('advance-2-layers', (body) => {
      const known = (body as unknown as Record<string, Record<string, unknown>>)[part]!
      return { ...body, [part]: { ...known, more: known['x'] ?? known['W_1'] ?? known['first.W_1'] ?? 1 } }
    })
  for (const part of ['config', 'weights', 'state', 'optimizer'] as const) assert.equal(more(part).kind, 'invalid', part)
  assert.equal(more('input').ok, true)
})

test('[cf-fields] -0 is read as +0, also as bits', () => {
  const { value } = ask('correct-lambda-0', (body) => ({
    ...{ op: 'equation', equation: 'L2.dE_1', t: 0, key: [0, 0] },
    config: { ...body.config, units: [1, 1], gamma: '80000000' },
    inputs: { 'L1.dW_1': { s: [1, 1], x: '3f800000' }, 'of its own': 1 },
  }))
  assert.equal(value!.x, '00000000')
})
