/** More requests that have to be refused: each misuse of the kit once. */

import { keyOf } from '../../../src/numeric/random.js'
import { diceOf } from '../../../src/conform/dice.js'
import { MISUSES, type Body } from '../../../src/conform/misuse.js'
import { encodeScenario } from '../../../src/conform/port/wire.js'
import { scenarioOf, type Entry } from './build.js'

const entries: readonly Entry[] = MISUSES.flatMap(({ id, clause, kind, spoil }, i): Entry[] => {
  if (kind !== 'invalid') return []
  const plan = { config: { optimizer: 'momentum', biases: true } } as const
  const body = JSON.parse(JSON.stringify({ ...encodeScenario(scenarioOf(`refused-${id}`, plan)), want: 'none' })) as Body
  if (spoil(body, diceOf(keyOf(1000 + i))) === false) return []
  return [
    {
      id: `refused-${id}`,
      equations: clause,
      flags: 'invalid',
      why: `a request with this mistake is invalid: ${id.replaceAll('-', ' ')}`,
      request: body,
    },
  ]
})

export const refusals = { refusals: { about: 'More requests that have to be refused', entries } }
