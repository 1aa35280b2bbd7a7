/** Single equations are asked for: a port that answers them wrong, or not at all, does not conform. [pr-reads] */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { EQUATIONS } from '../../src/conform/equations/graph.js'
import { fuzz } from '../../src/conform/fuzz.js'
import { localConnection } from '../../src/conform/port/connection.js'
import type { Caps } from '../../src/conform/port/wire.js'
import { CAPS, serveLine } from '../../src/conform/reference.js'
import { newTally, runCases, type Failure } from '../../src/conform/session.js'
import { publishedCases } from '../../src/conform/vectors.js'

type Answer = Readonly<Record<string, unknown>>

/** The reference, but for its answers to `equation`. */
const portOf = (change: (asked: string, answer: Answer) => Answer, asked: string[] = []) =>
  localConnection((line) => {
    const answer = serveLine(line)
    const { op, equation } = JSON.parse(line) as { readonly op: string; readonly equation: string }
    if (op !== 'equation' || answer === undefined) return answer
    asked.push(equation)
    return JSON.stringify(change(equation, JSON.parse(answer) as Answer))
  })

const OPTIONS = { level: 'bit', now: () => 0, until: Infinity } as const
/** That have every equation between them. */
const CASES = publishedCases().filter(({ scenario, equations }) => scenario && equations.length > 0)

/** The first failure of all cases with one equation. */
const firstFailure = async (equation: string, port: ReturnType<typeof portOf>): Promise<Failure | undefined> => {
  for (const one of CASES.filter(({ equations }) => equations.includes(equation))) {
    const tally = newTally()
    await runCases(port, CAPS, [one], OPTIONS, tally)
    const found = tally.results[0]!.failures[0]
    if (found) return found
  }
  return undefined
}

/** The last bit of the first element turned. */
const turned = (answer: Answer): Answer => {
  const { s, x } = answer['value'] as { readonly s: unknown; readonly x: string }
  const last = (parseInt(x.slice(7, 8), 16) ^ 1).toString(16)
  return { ...answer, value: { s, x: x.slice(0, 7) + last + x.slice(8) } }
}

for (const equation of EQUATIONS) {
  test(`${equation} asked for alone and off by one bit is found, and named`, async () => {
    const failure = await firstFailure(
      equation,
      portOf((asked, answer) => (asked.startsWith(`${equation}.`) ? turned(answer) : answer)),
    )
    assert.equal(failure?.equation, equation)
    assert.match(failure.what, new RegExp(`^${equation}\\.\\S+: asked for alone, it is not what its inputs give$`))
  })
}

test('a port that claims equations and refuses them, or answers what is none, does not conform', async () => {
  for (const [answer, words] of [
    [{ ok: false, kind: 'unsupported', what: 'later' }, /^A1\.a_1, asked for alone: the port says unsupported: later$/],
    [{ ok: true, value: { s: [1, 1], x: '00' } }, /^A1\.a_1, asked for alone: "value" expected 1 x 1 elements/],
    [{ ok: true }, /^A1\.a_1, asked for alone: "value" expected a tensor/],
  ] as const) {
    const failure = await firstFailure(
      'A1',
      portOf((_, { id }) => ({ id, ...answer })),
    )
    assert.equal(failure?.equation, 'A1')
    assert.match(failure.what, words)
  }
})

test('every result of a vector is asked for, of a random case some; of a port without the operation none', async () => {
  const { id } = CASES.find(({ request }) => (request as { readonly op: string }).op === 'step')!
  const one = CASES.filter((each) => each.id === id)
  const asked: string[] = []
  await runCases(
    portOf((_, answer) => answer, asked),
    CAPS,
    one,
    OPTIONS,
    newTally(),
  )
  const { trace } = JSON.parse(serveLine(JSON.stringify({ id: 1, ...one[0]!.request, want: 'trace' }))!) as {
    readonly trace: object
  }
  assert.deepEqual([...new Set(asked)].sort(), Object.keys(trace).sort())
  const count = async (caps: Caps): Promise<number> => {
    const seen: string[] = []
    await fuzz(
      portOf((_, answer) => answer, seen),
      caps,
      20,
      7,
      OPTIONS,
      newTally(),
    )
    return seen.length
  }
  assert.equal(await count(CAPS), 60)
  assert.equal(await count({ ...CAPS, ops: ['step', 'run'] }), 0)
})
