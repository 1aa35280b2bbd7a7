/** What the kit says of a mistake: what it looks like, and what it is not to blame on others. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomScenario } from '../../src/conform/draw.js'
import { localConnection } from '../../src/conform/port/connection.js'
import { putScenario, type Failure } from '../../src/conform/put.js'
import { CAPS } from '../../src/conform/reference.js'
import { keyOf } from '../../src/index.js'
import { serveBadly } from './bad-port.js'
import { WRONG_PORTS } from './wrong/index.js'

const scenarios = Array.from({ length: 160 }, (_, i) => randomScenario(keyOf(41), i, CAPS))

/** What is said of a port that makes a mistake. */
const said = async (serve: (line: string) => string | undefined): Promise<readonly Failure[]> => {
  const failures: Failure[] = []
  for (const scenario of scenarios) failures.push(...(await putScenario(localConnection(serve), scenario, CAPS, 'bit')).failures)
  return failures
}
const ofMistake = (id: string) => said((line) => serveBadly(id, line))
const ofPort = (id: string) => said(WRONG_PORTS.find((port) => port.id === id)!.serve)

for (const [id, looks] of [
  ['A1-fused', /^A1 with fused multiply-adds/],
  ['L3-fused', /^L3 with fused multiply-adds/],
  ['C2-descending', /^C2 with the terms of a product added in descending order/],
] as const) {
  test(`the mistake ${id} is told by what it looks like`, async () => {
    const hints = (await ofMistake(id)).flatMap(({ finding }) => finding?.looksLike?.() ?? [])
    assert.ok(
      hints.some((hint) => looks.test(hint)),
      hints.join('; '),
    )
  })
}

for (const [id, looks] of [
  ['U-before-M', /^A1 with its terms added in the order U, V, M/],
  ['bias-first', /^A1 with/],
  ['C3-flushed', /^C3 with subnormal results flushed/],
  ['L1-e-of-the-last-pass', /^L1 with the part "after", of the last pass/],
  ['L6-e-of-the-last-pass', /^L6 with the part "signal", of the last pass/],
  ['counter-words-swapped', /^A2 with the words of the key swapped/],
] as const) {
  test(`the port ${id} is told by what it looks like`, async () => {
    const hints = (await ofPort(id)).flatMap(({ finding }) => finding?.looksLike?.() ?? [])
    assert.ok(
      hints.some((hint) => looks.test(hint)),
      [...new Set(hints)].join('; '),
    )
  })
}

const ACCUSED: readonly (readonly [id: string, equation: string, what: RegExp])[] = [
  ['never-learns', 'sq-learn', /learned nothing, and is a learning step/],
  ['always-learns', 'sq-learn', /learned, and is no learning step/],
  ['end-is-not-seen', 'sq-update', /an update was due/],
  ['run-carries-another-y', 'st-carried', /goes on from another state than it says/],
  ['begins-with-the-old-y', 'sq-start', /from the state of \[st-start\]/],
  ['O1-and-O2-in-the-other-order', 'O1', /in the other order/],
  ['scores-before-learn-from', 'S1', /no such result|was scored/],
]
for (const [id, equation, what] of ACCUSED) {
  test(`the port ${id} has one clause accused, ${equation}`, async () => {
    const failures = await ofPort(id)
    assert.ok(failures.length > 0)
    const named = WRONG_PORTS.find((port) => port.id === id)!.named
    for (const failure of failures) assert.ok(named.includes(failure.equation!), `${failure.equation}: ${failure.what}`)
    assert.ok(
      failures.some((failure) => what.test(failure.what)),
      failures[0]!.what,
    )
  })
}

test('what is traced wrong and used right accuses no other, and is told so', async () => {
  const failures = await ofPort('traced-wrong-C1')
  assert.deepEqual([...new Set(failures.map(({ equation }) => equation))], ['C1'])
  assert.ok(failures.some(({ finding }) => finding?.note?.startsWith('traced wrong, used right')))
})

test('a valid request that is refused is told with its likely clause', async () => {
  const failures = await ofPort('mask-minus-0-refused')
  const likely = failures.filter(({ hint }) => /without a mask of -0 the port answers/.test(hint ?? ''))
  assert.ok(likely.length > 0 && likely.every(({ equation }) => equation === 'C1'))
})
