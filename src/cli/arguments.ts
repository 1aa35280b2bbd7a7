/** Arguments of a command: read strictly, complained of in one line. */

import { parseArgs } from 'node:util'
import { mismatch, PtncnError } from '../errors.js'
import { number as within, requireField, whole } from '../fields.js'

/** What the options of a command are; `flag` takes no value. */
export type Options = Readonly<Record<string, 'value' | 'flag'>>
export type Given = Readonly<Record<string, string | boolean | undefined>>

export interface Arguments {
  readonly given: Given
  readonly positionals: readonly string[]
}

/** @throws UsageError */
export const parseArguments = (command: string, args: readonly string[], options: Options, positionals = 0): Arguments => {
  const described = Object.entries({ ...options, help: 'flag' }).map(([name, kind]) => [
    name,
    { type: kind === 'flag' ? 'boolean' : 'string' } as const,
  ])
  const parsed = parse(command, args, Object.fromEntries(described), positionals > 0)
  if (parsed.positionals.length > positionals) {
    throw new PtncnError(
      'UsageError',
      `"${parsed.positionals[positionals]}" is one argument too many; see ptncn ${command} --help`,
      args,
    )
  }
  return { given: parsed.values as Given, positionals: parsed.positionals }
}

const parse = (
  command: string,
  args: readonly string[],
  options: NonNullable<Parameters<typeof parseArgs>[0]>['options'],
  allowPositionals: boolean,
) => {
  try {
    return parseArgs({ args: [...args], options: options!, strict: true, allowPositionals })
  } catch (error) {
    const [first, ...more] = (error as Error).message.split(/\. |\.?\n/)
    const remedy = more.find((line) => line.includes('starting with a dash'))
    throw new PtncnError('UsageError', `${[first, ...(remedy ? [remedy] : [])].join('; ')}; see ptncn ${command} --help`, args)
  }
}

/** The argument that a command cannot do without. @throws UsageError */
export const required = ({ positionals }: Arguments, what: string, command: string): string => {
  if (positionals[0]) return positionals[0]
  throw new PtncnError('UsageError', `expected ${what}, got none; see ptncn ${command} --help`, positionals)
}

/** A whole number within bounds. @throws UsageError */
export const wholeNumber = (name: string, value: unknown, least: number, most: number): number => {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return requireField('UsageError', `--${name}`, number, whole(least, most), value)
}

/** A number within bounds. @throws UsageError */
export const numberWithin = (name: string, value: unknown, least: number, most: number): number => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return requireField('UsageError', `--${name}`, number, within(least, most), value)
}

const MOST_WORKERS = 256

export const workerCount = (value: unknown = 'auto'): 'auto' | number => {
  if (value === 'auto') return value
  if (typeof value === 'string' && /^[1-9]\d{0,2}$/.test(value) && Number(value) <= MOST_WORKERS) return Number(value)
  throw mismatch('UsageError', '--workers', `auto or a whole number from 1 to ${MOST_WORKERS}`, value)
}

/** Text as typed, as the JSON of a configuration file would have it. */
export const asValue = (text: unknown): unknown => {
  if (text === 'true' || text === 'false') return text === 'true'
  return typeof text === 'string' && text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text
}
