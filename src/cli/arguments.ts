/** Arguments of a command: read strictly, complained of in one line. */

import { parseArgs } from 'node:util'
import { mismatch, PtncnError } from '../errors.js'
import { number as within, requireField, whole } from '../fields.js'
import { nearest } from '../nearest.js'

/** What the options of a command are; `flag` takes no value, `switch` may take true or false, and has a `--no-` of its own. */
export type Options = Readonly<Record<string, 'value' | 'flag' | 'switch'>>
export type Given = Readonly<Record<string, string | boolean | undefined>>

export interface Arguments {
  readonly given: Given
  readonly positionals: readonly string[]
}

/** @throws UsageError */
export const parseArguments = (command: string, args: readonly string[], options: Options, positionals = 0): Arguments => {
  const all: Options = { ...options, help: 'flag' }
  const described = Object.entries(all).map(([name, kind]) => [
    name,
    { type: kind === 'flag' ? 'boolean' : 'string', ...(name === 'help' && { short: 'h' }) } as const,
  ])
  const given = withNegatives(withSwitches(args, all), all)
  requireKnown(command, given, all)
  const parsed = parse(command, given, Object.fromEntries(described), positionals > 0)
  if (parsed.positionals.length > positionals) {
    throw new PtncnError(
      'UsageError',
      `"${parsed.positionals[positionals]}" is one argument too many; see ptncn ${command} --help`,
      args,
    )
  }
  return { given: parsed.values as Given, positionals: parsed.positionals }
}

const optionOf = (arg: string): string | undefined => /^--([^=]+)/.exec(arg)?.[1]

/** `--biases`, `--biases false` and `--no-biases` as one argument with a value. */
const withSwitches = (args: readonly string[], options: Options): readonly string[] =>
  args.flatMap((arg, i) => {
    const switched = (text: string | undefined, prefix: string): boolean =>
      text !== undefined && text.startsWith(prefix) && options[text.slice(prefix.length)] === 'switch'
    const isValue = (text: string | undefined): boolean => text === 'true' || text === 'false'
    if (isValue(arg) && switched(args[i - 1], '--')) return []
    if (switched(arg, '--')) return [`${arg}=${isValue(args[i + 1]) ? args[i + 1] : 'true'}`]
    return [switched(arg, '--no-') ? `--${arg.slice('--no-'.length)}=false` : arg]
  })

/** `--rate -0.1` as one argument: a dash before a number begins no option. */
const withNegatives = (args: readonly string[], options: Options): readonly string[] =>
  args.flatMap((arg, i) => {
    const isNegative = (text: string | undefined): boolean => text !== undefined && /^-(?:\d|\.\d|Infinity$)/.test(text)
    const takes = (text: string | undefined): boolean => {
      const name = text === undefined || text.includes('=') ? undefined : optionOf(text)
      return name !== undefined && Object.hasOwn(options, name) && options[name] === 'value'
    }
    if (takes(arg) && isNegative(args[i + 1])) return [`${arg}=${args[i + 1]}`]
    return isNegative(arg) && takes(args[i - 1]) ? [] : [arg]
  })

/** @throws UsageError for an option that the command does not have, with the one that may have been meant */
const requireKnown = (command: string, args: readonly string[], options: Options): void => {
  const end = args.indexOf('--')
  const names = args.slice(0, end < 0 ? args.length : end).map(optionOf)
  const unknown = names.find((name) => name !== undefined && !Object.hasOwn(options, name))
  if (unknown === undefined) return
  const near = nearest(unknown, Object.keys(options))
  const remedy = near === undefined ? '' : `did you mean --${near}? `
  throw new PtncnError('UsageError', `"--${unknown}" is no option of ${command}; ${remedy}see ptncn ${command} --help`, unknown)
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
