/**
 * Which vectors catch which planted mistakes: `tsx test/tools/vector-mutants.ts`. For each vector it lists how many of the
 * mistakes of test/conform/mistakes.ts it catches at level bit, and those that no other vector catches; last, the
 * vectors that catch none, and the mistakes that no vector catches.
 */

import { localConnection } from '../../src/conform/port/connection.js'
import { CAPS } from '../../src/conform/reference.js'
import { putScenario } from '../../src/conform/put.js'
import { publishedCases } from '../../src/conform/vectors.js'
import { serveBadly } from '../conform/bad-port.js'
import { MISTAKES, WRONG_CARRIES } from '../conform/mistakes.js'

const mistakes = [...MISTAKES, ...WRONG_CARRIES].map(({ id }) => id).concat('carry-time')
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** The mistakes that a vector catches. */
const caught = new Map<string, readonly string[]>()
// what has to be refused, or has to stop, is answered by the reference itself: no planted mistake reaches it
const cases = publishedCases().filter(({ scenario, expect }) => scenario && 'steps' in expect)
for (const { id, scenario } of cases) {
  const found: string[] = []
  for (const mistake of mistakes) {
    const { failures } = await putScenario(
      localConnection((line) => serveBadly(mistake, line)),
      scenario!,
      CAPS,
      'bit',
    )
    if (failures.length > 0) found.push(mistake)
  }
  caught.set(id, found)
}

const catchers = (mistake: string): readonly string[] =>
  [...caught].filter(([, found]) => found.includes(mistake)).map(([id]) => id)
for (const [id, found] of caught) {
  const alone = found.filter((mistake) => catchers(mistake).length === 1)
  say(`${id}: ${found.length}${alone.length > 0 ? `, alone ${alone.join(' ')}` : ''}`)
}
say(
  `vectors that catch none: ${
    [...caught]
      .filter(([, found]) => found.length === 0)
      .map(([id]) => id)
      .join(' ') || 'no such'
  }`,
)
say(`vectors out of reach of the mistakes: ${publishedCases().length - cases.length}, refusals and stops`)
say(`mistakes that no vector catches: ${mistakes.filter((mistake) => catchers(mistake).length === 0).join(' ') || 'no such'}`)
