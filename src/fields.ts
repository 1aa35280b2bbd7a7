/** What values from outside may be: each kind written once, in words and as a test, for every public boundary. */

import { mismatch, PtncnError, show, type ErrorName } from './errors.js'
import { meant } from './nearest.js'

export interface Field<Value> {
  /** as in `"rate" expected a finite number` */
  readonly expected: string
  readonly holds: (value: unknown) => value is Value
  /** all that it may be, where that is one of some names */
  readonly names?: readonly string[]
}

export type Fields = Readonly<Record<string, unknown>>

/** A kind of its own. */
export const field = <Value>(expected: string, holds: (value: unknown) => boolean): Field<Value> => ({
  expected,
  holds: holds as Field<Value>['holds'],
})

export const whole = (least: number, most: number): Field<number> =>
  field(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  )

export const wholeFrom = (least: number): Field<number> =>
  field(`a whole number >= ${least}`, (value) => Number.isSafeInteger(value) && (value as number) >= least)

/** 0 to 2^53 - 1. */
export const count: Field<number> = field('a whole number', (value) => Number.isSafeInteger(value) && (value as number) >= 0)

export const number = (least: number, most: number): Field<number> =>
  field(`a number from ${least} to ${most}`, (value) => typeof value === 'number' && value >= least && value <= most)

export const oneOf = <Name extends string>(...names: readonly Name[]): Field<Name> => ({
  ...field<Name>(`one of ${names.join(', ')}`, (value) => names.includes(value as Name)),
  names,
})

export const exactly = (text: string): Field<string> => field(text, (value) => value === text)

/** At most so many UTF-16 units long. */
export const text = (most: number): Field<string> =>
  field(`text of at most ${most} characters`, (value) => typeof value === 'string' && value.length <= most)

export const flag: Field<boolean> = field('true or false', (value) => typeof value === 'boolean')

export const callable: Field<(...given: never[]) => unknown> = field('a function', (value) => typeof value === 'function')

/** A list, or a typed array, whatever is in it. */
export const numbers: Field<ArrayLike<number>> = field(
  'numbers',
  (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)),
)

export const record: Field<Fields> = field(
  'a record of fields',
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)

export const list: Field<readonly unknown[]> = field('a list', (value) => Array.isArray(value))

const listOfAtMost = (most: number): Field<readonly unknown[]> =>
  field(`a list of at most ${most}`, (value) => Array.isArray(value) && value.length <= most)

/**
 * The value, if it is what the field may be.
 * @param got what the complaint shows, where that is not the value: a number as it was typed
 * @throws `error`, that names `what`
 */
export const requireField = <Value, Given>(
  error: ErrorName,
  what: string,
  value: Given,
  field: Field<Value>,
  got: unknown = value,
): Given & Value => {
  if (field.holds(value)) return value
  throw mismatch(error, what, field.expected, got, meant(value, field.names ?? []))
}

/** What may be missing. */
export const optional = <Value>({ expected, holds }: Field<Value>): Field<Value | undefined> =>
  field(`${expected}, or nothing`, (value) => value === undefined || holds(value))

/** A record with fields of these kinds, whatever else it has. @throws `error`, that names the first that is none */
export const requireFields = (
  error: ErrorName,
  what: string,
  value: unknown,
  kinds: Readonly<Record<string, Field<unknown>>>,
  remedy = '',
): void => {
  if (!record.holds(value)) throw mismatch(error, what, record.expected, value, remedy)
  for (const [name, kind] of Object.entries(kinds)) {
    if (!kind.holds(value[name])) throw mismatch(error, `${what}.${name}`, kind.expected, value[name], remedy)
  }
}

/** No other fields than these. @throws `error`, that names the first that is none of `whose` and those there are */
export const requireOnly = (error: ErrorName, whose: string, value: object, names: readonly string[]): void => {
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new PtncnError(error, `${show(unknown)} is no field of ${whose}; the fields are ${names.join(', ')}`, unknown)
}

/** As many items as there are, each with its place in the name. @throws `error`, that names `what` */
export const requireItems = <Item>(
  error: ErrorName,
  what: string,
  value: unknown,
  most: number,
  item: (what: string, value: unknown) => Item,
): readonly Item[] => requireField(error, what, value, listOfAtMost(most)).map((one, i) => item(`${what}[${i}]`, one))
