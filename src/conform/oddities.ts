/** Requests that are valid, and not as the kit usually writes them: each has to be answered as ever. [pr-lines] */

import type { Dice } from './dice.js'
import type { Failure } from './put.js'

type Body = Record<string, unknown>

export interface Oddity {
  readonly id: string
  /** the clause that allows it */
  readonly clause: string
  /** what a port has to be able to do for it */
  readonly op?: string
  readonly dress: (body: Body, dice: Dice) => object | string
}

const isRecord = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Names in the opposite order, all the way down. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  )
}

const NOTES = [1, 'note', null, true, { s: [1, 1], x: 'zz' }, [[]]]
/** As long as a buffer that is too small. */
const LONG = 2 ** 17

const inInputs = (body: Body, change: (input: Body) => Body): Body => ({
  ...body,
  ...(isRecord(body['input']) && { input: change(body['input']) }),
  ...(Array.isArray(body['inputs']) && { inputs: (body['inputs'] as Body[]).map(change) }),
})

/** A configuration whose zeros are -0, which is read as +0. */
const minusZeros = (body: Body): Body => ({
  ...body,
  config: Object.fromEntries(
    Object.entries(body['config'] as Body).map(([name, value]) => [name, value === '00000000' ? '80000000' : value]),
  ),
})

export const ODDITIES: readonly Oddity[] = [
  { id: 'names in another order', clause: 'pr-lines', dress: (body) => reversed(body) as object },
  {
    id: 'blanks between the tokens',
    clause: 'pr-lines',
    dress: (body) => JSON.stringify(body, undefined, 1).replace(/\n */g, ' '),
  },
  {
    id: 'letters as escapes',
    clause: 'pr-lines',
    dress: (body) =>
      JSON.stringify(body).replace(
        /"(op|config|step|run|tanh|units)"/g,
        (_, word: string) => `"\\u00${word.charCodeAt(0).toString(16)}${word.slice(1)}"`,
      ),
  },
  {
    id: 'a name of its own in the request',
    clause: 'pr-lines',
    dress: (body, dice) => ({ note: dice.pick(NOTES), ...body, mask: 1 }),
  },
  {
    id: 'a name of its own in the input',
    clause: 'pr-lines',
    dress: (body, dice) => inInputs(body, (input) => ({ ...input, note: dice.pick(NOTES), t: -1 })),
  },
  { id: 'a long line', clause: 'pr-lines', dress: (body) => ({ ...body, note: 'x'.repeat(LONG) }) },
  { id: '"end":false', clause: 'pr-requests', dress: (body) => inInputs(body, (input) => ({ end: false, ...input })) },
  {
    id: 'a step as a run of one',
    clause: 'pr-requests',
    op: 'run',
    dress: ({ input, ...body }) => (input === undefined ? body : { ...body, op: 'run', inputs: [input] }),
  },
  { id: 'zeros of config as -0', clause: 'cf-fields', dress: minusZeros },
]

/** A request that wants no trace, which the answer then must not have. */
export const UNTRACED: Oddity = { id: '"want":"none"', clause: 'pr-requests', dress: (body) => body }

/** A failure of an odd request that is right when it is asked as usual: told of the clause that allows it. */
export const underClause = ({ finding: _, ...failure }: Failure, { id, clause }: Oddity): Failure => ({
  ...failure,
  equation: clause,
  what: `with ${id}: ${failure.what}`,
})
