import assert from 'node:assert/strict'
import { test } from 'node:test'

import { alternate, roundsOf, type Contender } from '../../bench/measure.js'

/** A contender that claims so many milliseconds a step, and writes down when it was asked, and for how much. */
const claiming = (name: string, perStep: number, asked: string[]): Contender & { readonly steps: number[] } => {
  const steps: number[] = []
  return {
    name,
    steps,
    time: async (count) => {
      asked.push(name)
      steps.push(count)
      return perStep * count
    },
  }
}

const PACE = { rounds: 3, milliseconds: 100 }

test('alternate: as many steps as fill a round, at least 2, at most 1000, whatever is measured', async () => {
  for (const [perStep, expected] of [
    [1, 100],
    [7, 15],
    [1000, 2],
    [2 ** -30, 1000],
    [0, 1000],
  ] as const) {
    const [result] = await alternate([claiming('one', perStep, [])], PACE)
    assert.equal(result!.steps, expected)
    assert.deepEqual(result!.rounds, [perStep, perStep, perStep])
  }
})

test('alternate: the warm-up never takes on more than four times what it has just seen', async () => {
  const one = claiming('one', 1, [])
  await alternate([one], PACE)
  const warm = one.steps.slice(0, -PACE.rounds)
  warm.slice(1).forEach((count, i) => assert.ok(count <= 4 * warm[i]!, `${warm}`))
})

test('alternate: contenders take turns, and each round is reported', async () => {
  const asked: string[] = []
  let reported = 0
  const both = [claiming('a', 50, asked), claiming('b', 50, asked)]
  await alternate(both, PACE, () => reported++)
  assert.deepEqual(asked.slice(-6), ['a', 'b', 'a', 'b', 'a', 'b'])
  assert.equal(reported, roundsOf(2, PACE))
})
