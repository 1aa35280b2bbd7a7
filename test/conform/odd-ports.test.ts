/** Ports that are right, and odd: none is accused. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { diceOf } from '../../src/conform/dice.js'
import { fuzz } from '../../src/conform/fuzz.js'
import { localConnection, shakeHands, type Connection } from '../../src/conform/port/connection.js'
import { processConnection } from '../../src/conform/port/process.js'
import { readLine } from '../../src/conform/port/wire.js'
import { CAPS, serveLine } from '../../src/conform/reference.js'
import { newTally, runCases, type SessionOptions } from '../../src/conform/session.js'
import { publishedCases } from '../../src/conform/vectors.js'
import { keyOf } from '../../src/index.js'

type Body = Record<string, unknown>

const all = publishedCases()
const ofTopics = (...topics: readonly string[]) => all.filter(({ topic }) => topics.includes(topic))
const ofOneRow = all.filter(({ scenario }) => scenario?.inputs.every(({ x }) => x.rows === 1))
/** Every eighth is put twice: one that is invalid, one that diverges, one that is answered. */
const USUAL = [
  ...ofTopics('invalid').slice(0, 1),
  ...ofTopics('advance').slice(0, 7),
  ...ofTopics('diverging').slice(0, 1),
  ...ofTopics('sequences').slice(0, 1),
  ...ofOneRow.slice(0, 7),
]
const options: SessionOptions = { level: 'bit', now: () => 0, until: 1 }

/** What is said of a port, as `id: what`. */
const accusations = async (connection: Connection, fuzzed: number): Promise<readonly string[]> => {
  const hello = await shakeHands(connection)
  if ('fault' in hello) return [hello.fault.what]
  const tally = newTally()
  // each result by itself is asked for in the random cases
  await runCases(connection, { ...hello.caps, ops: ['step', 'run'] }, USUAL, options, tally)
  await fuzz(connection, hello.caps, fuzzed, 5, options, tally)
  const last = await connection.close()
  const failed = tally.results.filter(({ status }) => status !== 'pass')
  return [...failed.map(({ id, failures }) => `${id}: ${failures[0]?.what}`), ...(last ? [last.what] : [])]
}

const isRecord = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The names of all records in an order of chance, as of a hash table. */
const shuffled = (value: unknown, chance: () => number): unknown => {
  if (Array.isArray(value)) return value.map((inner) => shuffled(inner, chance))
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([name, inner]) => [chance(), name, shuffled(inner, chance)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => a - b).map(([, name, inner]) => [name, inner]))
}

const annotated = (value: unknown, chance: () => number): unknown => {
  if (!isRecord(value)) return value
  const note = { note: chance(), seconds: [chance()] }
  const own = isRecord(value['trace']) ? { ...value, trace: { ...value['trace'], ...note } } : value
  const steps = Array.isArray(own['steps']) ? { steps: own['steps'].map((step) => annotated(step, chance)) } : {}
  return { ...own, ...steps, ...note }
}

const ODD: readonly (readonly [way: string, say: (answer: Body, chance: () => number) => string])[] = [
  ['names in another order each time', (answer, chance) => JSON.stringify(shuffled(answer, chance))],
  ['names of its own, with other values each time', (answer, chance) => JSON.stringify(annotated(answer, chance))],
  ['other words for a refusal each time', (answer, chance) => JSON.stringify({ ...answer, what: `${chance()}` })],
  ['blanks and tabs between the tokens', (answer) => JSON.stringify(answer, undefined, '\t').replaceAll('\n', ' ')],
]

for (const [way, say] of ODD) {
  test(`[pr-lines] a port that is right, with ${way}, is not accused`, async () => {
    const chance = diceOf(keyOf(7)).unit
    const odd = localConnection((line) => {
      const answer = serveLine(line)
      return answer === undefined ? undefined : say(JSON.parse(answer) as Body, chance)
    })
    assert.deepEqual(await accusations(odd, 8), [])
  })
}

test('[pr-verdict] at the level tol a port whose bits are others each time is told: nondeterministic', async () => {
  let asked = 0
  const flaky = localConnection((line) => {
    const answer = serveLine(line)
    const { 'S1.loss': loss } = (readLine(answer ?? '{}')?.['trace'] ?? {}) as { 'S1.loss'?: { x: string } }
    if (answer === undefined || !loss || asked++ % 2 === 0) return answer
    const next = (Number.parseInt(loss.x, 16) + 1).toString(16).padStart(8, '0')
    return answer.replace(`"x":"${loss.x}"`, `"x":"${next}"`)
  })
  const tally = newTally()
  await runCases(
    flaky,
    { ...CAPS, ops: ['step'] },
    ofTopics('scores').filter(({ request }) => JSON.stringify(request).includes('"softmax"')),
    { ...options, level: 'tol' },
    tally,
  )
  assert.ok(tally.results.some(({ failures }) => failures[0]?.kind === 'nondeterministic'))
})

const odd = fileURLToPath(new URL('./odd-behaviour.mjs', import.meta.url))

for (const way of ['carriage returns', 'noise on its standard error', 'pieces of a line']) {
  test(`[pr-lines] a port that is right, with ${way}, is not accused`, async () => {
    assert.deepEqual(await accusations(processConnection([process.execPath, odd, way]), 4), [])
  })
}
