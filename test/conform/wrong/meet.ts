/** The kit meets one wrong port: what it finds, and whom it accuses. */

import { putDrawn } from '../../../src/conform/fuzz.js'
import type { Connection } from '../../../src/conform/port/connection.js'
import { CAPS } from '../../../src/conform/reference.js'
import { newTally, record, runCases } from '../../../src/conform/session.js'
import { publishedCases } from '../../../src/conform/vectors.js'
import { keyOf } from '../../../src/index.js'
import type { WrongPort } from './port.js'

export interface Meeting {
  readonly found: boolean
  /** the first thing said names what is wrong */
  readonly named: boolean
  readonly first: string
  /** what else was accused */
  readonly falsely: readonly string[]
}

/** After so many failed cases no more are put. */
const ENOUGH = 4

const cases = publishedCases()

export const meetings = async ({ named }: WrongPort, port: Connection, fuzzed: number, seed: number): Promise<Meeting> => {
  const tally = newTally()
  const options = { level: 'bit', now: () => 0, until: 1 } as const
  const failing = () => tally.results.filter(({ status }) => status === 'fail')
  // those that are about what is wrong come first; of the others a part is enough, as the random cases go on
  const about = cases.filter(({ equations }) => equations.some((one) => named.includes(one)))
  const others = cases.filter((one, i) => !about.includes(one) && i % 8 === 0)
  for (const one of [...about.reverse(), ...others]) {
    await runCases(port, CAPS, [one], options, tally)
    if (failing().length >= ENOUGH) break
  }
  for (let i = 0; i < fuzzed && failing().length === 0; i++) {
    const { outcome } = await putDrawn(port, CAPS, keyOf(seed), i, 'bit')
    const { failures } = outcome
    record(tally, { id: `fuzz-${i}`, topic: 'fuzz', status: failures.length > 0 ? 'fail' : 'pass', failures, ms: 0 }, outcome)
  }
  const all = failing().flatMap(({ failures }) => failures.map(({ equation, kind }) => equation ?? kind))
  const [first = ''] = all
  return {
    found: all.length > 0,
    named: named.includes(first),
    first,
    falsely: [...new Set(all)].filter((one) => !named.includes(one)),
  }
}
