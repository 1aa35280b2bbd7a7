/** Ports that are wrong in one equation: the kit names it, and accuses no other. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EQUATIONS } from '../../src/conform/equations/graph.js'
import type { Level } from '../../src/conform/equations/rounding.js'
import { randomScenario } from '../../src/conform/draw.js'
import { localConnection } from '../../src/conform/port/connection.js'
import { encodeScenario } from '../../src/conform/port/wire.js'
import { serveLine, CAPS } from '../../src/conform/reference.js'
import { putScenario } from '../../src/conform/put.js'
import { keyOf } from '../../src/index.js'
import { changes, serveBadly } from './bad-port.js'
import { MISTAKES, WRONG_CARRIES } from './mistakes.js'

const SEEDS = [11, 12, 13, 14, 15]
const SCENARIOS = 60
/** A mistake is put to scenarios until it has been named so often. */
const NAMED_OFTEN = 3

const scenarios = SEEDS.map((seed) => Array.from({ length: SCENARIOS }, (_, i) => randomScenario(keyOf(seed), i, CAPS)))

interface Count {
  readonly seeds: number
  readonly accused: ReadonlySet<string>
}

/** In how many seeds a mistake was named, and every equation that was accused. */
const tried = async (id: string, equation: string, level: Level): Promise<Count> => {
  const accused = new Set<string>()
  let seeds = 0
  for (const drawn of scenarios) {
    let [named, changed] = [0, false]
    const port = localConnection((line) => serveBadly(id, line, () => (changed = true)))
    for (const scenario of drawn) {
      // what such a port answers is the honest answer, of which nothing is accused: see the two tests below
      if (!changes(id, scenario)) continue
      changed = false
      const { failures } = await putScenario(port, scenario, CAPS, level)
      for (const failure of failures) accused.add(failure.equation ?? failure.kind)
      if (failures.some((failure) => failure.equation === equation)) named++
      if (level === 'bit' && changed) assert.ok(failures.length > 0, `${id} changed bits, and nobody noticed`)
      if (named >= NAMED_OFTEN) break
    }
    if (named > 0) seeds++
  }
  return { seeds, accused }
}

test('[pr-verdict] the port that makes no mistake is accused of none, at either level', async () => {
  for (const [level, drawn] of [
    ['bit', scenarios.flat()],
    ['tol', scenarios[0]!],
  ] as const) {
    for (const scenario of drawn) {
      const { failures, bitExact } = await putScenario(localConnection(serveLine), scenario, CAPS, level)
      assert.deepEqual(failures, [])
      assert.ok(bitExact)
    }
  }
})

test('where a mistake changes nothing, the port that makes it answers as the one that makes none', () => {
  for (const scenario of scenarios.flat()) {
    const line = JSON.stringify({ id: 1, ...encodeScenario(scenario), want: 'trace' })
    assert.deepEqual(JSON.parse(serveBadly('none', line)!), JSON.parse(serveLine(line)!))
  }
})

const ALL = [
  ...MISTAKES,
  ...WRONG_CARRIES.map(({ id, equation }) => ({ id, equation, level: 'tol' as const })),
  { id: 'carry-time', equation: 'st-carried', level: 'tol' as const },
]

test('A1-L6, S1-S4, O1-O4: there are at least 60 mistakes, and one for each equation', () => {
  assert.ok(ALL.length >= 60, `${ALL.length}`)
  const equations = new Set(ALL.map(({ equation }) => equation))
  for (const id of [...EQUATIONS, 'sq-update', 'op-state', 'st-carried']) assert.ok(equations.has(id), id)
})

for (const { id, equation, level } of ALL) {
  test(`a port with the mistake ${id} is told so at ${level}, with every seed, and of no other equation`, async () => {
    const { seeds, accused } = await tried(id, equation, level)
    assert.deepEqual([...accused], [equation])
    assert.equal(seeds, SEEDS.length)
  })
}
