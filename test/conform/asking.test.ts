/** Results asked for by themselves: what the kit asks, a right port can answer. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { putOddEquation, putUnits } from '../../src/conform/asking.js'
import { diceOf } from '../../src/conform/dice.js'
import { localConnection } from '../../src/conform/port/connection.js'
import { runScenario, serveLine } from '../../src/conform/reference.js'
import { startOf } from '../../src/conform/scenario.js'
import { keyOf, split } from '../../src/numeric/random.js'
import { scenarioOf } from '../tools/vectors/build.js'

const port = localConnection(serveLine)

/** A step of a sequence whose sum it begins, or goes on with. */
const traced = (summed: boolean) => {
  const scenario = scenarioOf('asked', { config: { update: 'sequence', activation: 'sign' }, summed })
  return { start: startOf(scenario, scenario.from, scenario.inputs[0]!), trace: runScenario(scenario).steps[0]!.trace }
}

for (const summed of [false, true])
  test(`[sq-update] odd requests for one result accuse no right port, ${summed ? 'with' : 'without'} a sum`, async () => {
    for (let i = 0; i < 400; i++)
      assert.deepEqual(await putOddEquation(port, traced(summed), 'bit', diceOf(split(keyOf(5), i))), [])
  })

test('[ar-units] f is asked of NaN, -0 and the infinities', async () => {
  const asked: string[] = []
  const listening = localConnection((line) => {
    asked.push((JSON.parse(line) as { inputs: Record<string, { x: string }> }).inputs['A1.a_1']!.x.slice(-8))
    return serveLine(line)
  })
  assert.deepEqual(await putUnits(listening, traced(false), 'bit'), [])
  assert.deepEqual(asked, ['7fc00000', '80000000', '7f800000', 'ff800000'])
})
