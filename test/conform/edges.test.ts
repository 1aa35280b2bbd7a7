/** What SPEC.md says of the edges of a request: a mask of -0, `end` without learning, the last t. */

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
  trace: Record<string, { x: string }>
}
type Body = { state: Record<string, unknown>; input: Record<string, unknown>; optimizer: Record<string, unknown> }

/** The answer to the request of a published case, changed. */
const ask = (id: string, change: (body: Body) => object = (body) => body): Answer => {
  const { request } = publishedCases().find((one) => one.id === id)!
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
