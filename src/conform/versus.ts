/** Ports beside one another: how many of the published cases two of them answer with the same bits. */

import { createHash } from 'node:crypto'
import type { Matrix } from '../numeric/matrix.js'
import { stepsOf, type Connection } from './port/connection.js'
import { toHex, type Caps, type StepAnswer } from './port/wire.js'
import type { Case } from './case.js'
import { lacking } from './vectors.js'

/** A port that shook hands. */
export interface Meeting {
  readonly port: Connection
  readonly caps: Caps
}

/** What an answer says of the network, whatever the order of its names: not its trace, which a port need not have. */
const digestOf = (steps: readonly StepAnswer[]): string => {
  const hash = createHash('sha256')
  const add = ([name, value]: readonly [string, Matrix]): void => {
    const { s, x } = toHex(value)
    // the bits of a NaN are not defined
    hash.update(`${name} ${s.join()} ${Array.from(value.data).some(Number.isNaN) ? 'NaN' : x}\n`)
  }
  for (const { parts } of steps) [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).forEach(add)
  return hash.digest('hex')
}

/** Of each case the digest of each port's answer; none where it has none. */
const answersOf = (meetings: readonly Meeting[], one: Case): Promise<readonly (string | undefined)[]> =>
  Promise.all(
    meetings.map(async ({ port, caps }) => {
      if (!one.scenario || lacking(one, caps)) return undefined
      const { steps, fault } = await stepsOf(port, one.scenario, { ...caps, trace: 'none' })
      return fault ? undefined : digestOf(steps)
    }),
  )

/** How two ports agree: so many of the cases that both answer. */
export interface Agreement {
  readonly same: number
  readonly of: number
}

/** For each pair of ports, by their places in the list, how they agree. Cases that have to be refused are left out. */
export const versus = async (
  meetings: readonly Meeting[],
  cases: readonly Case[],
): Promise<readonly (readonly Agreement[])[]> => {
  const counts = meetings.map(() => meetings.map(() => ({ same: 0, of: 0 })))
  for (const one of cases.filter(({ expect }) => 'steps' in expect)) {
    const answers = await answersOf(meetings, one)
    counts.forEach((row, a) =>
      row.forEach((count, b) => {
        if (answers[a] === undefined || answers[b] === undefined) return
        count.of++
        if (answers[a] === answers[b]) count.same++
      }),
    )
  }
  return counts
}
