/** The command that repeats a run, short enough to read: what is usual goes without saying. */

import type { Fields } from '../../fields.js'
import type { Config } from '../../ptncn/config.js'
import { effectiveOptions } from './folder.js'
import { networkOf, settingsOf, type RunSettings } from '../settings.js'

const USUAL = settingsOf({})

/** `ptncn train --task reber --seed 2`, for a shell; by the defaults of this version. */
export const repeatCommand = (settings: RunSettings, config: Config): string => {
  const { task, profile } = settings
  const { units } = settings.fields
  // the usual profile is fitted to the units
  const usual = settingsOf({ task, units, ...(profile !== USUAL.profile && { profile }) })
  const { units: unitsOfTask } = settingsOf({ task }).fields
  const without: Fields = { ...effectiveOptions(usual, networkOf(usual, { inputs: 1, output: 'sigmoid' })), units: unitsOfTask }
  const own = Object.entries(effectiveOptions(settings, config)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(without[name]),
  )
  const first = Object.entries({ task, profile }).filter(([name, value]) => value !== USUAL[name as 'task' | 'profile'])
  return ['ptncn train', ...[...first, ...own].map(([name, value]) => argument(name, value))].join(' ')
}

const argument = (name: string, value: unknown): string => {
  // the one option that needs no value to be on
  if (value === true) return `--${name}`
  const word = quoted(Array.isArray(value) ? value.join(',') : String(value))
  return word.startsWith('-') ? `--${name}=${word}` : `--${name} ${word}`
}

/** A word of a POSIX shell. Paths are a stranger's: nothing in them may run where somebody copies the line. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
