/** Options of commands that train: from the command line, over those of a file. */

import { readConfig } from '../experiment/run/folder.js'
import { RUN_FIELDS } from '../experiment/settings.js'
import { CONFIG_FIELDS } from '../ptncn/config.js'
import { asValue, type Given, type Options } from './arguments.js'

/** What such a command is told beside what decides its results. */
const OWN = ['workers', 'out', 'config', 'save'] as const

/** These options with a value, all fields of the configuration, and what every command has that trains. */
export const optionNames = (names: readonly string[]): Options => ({
  ...Object.fromEntries([...names, ...CONFIG_FIELDS, ...OWN].map((name) => [name, 'value' as const])),
  biases: 'switch',
  json: 'flag',
})

/** A path stays as it was typed, even if it reads like a number. */
const valueOf = (name: string, text: unknown): unknown => {
  if (name === 'data') return text
  return name === 'units' ? String(text).split(',').map(asValue) : asValue(text)
}

/** Options of a run and fields of a configuration, as the JSON of a file would have them. */
export const typed = (given: Given): Readonly<Record<string, unknown>> => {
  const known: readonly string[] = [...RUN_FIELDS, ...CONFIG_FIELDS]
  return Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => known.includes(name))
      .map(([name, text]) => [name, valueOf(name, text)]),
  )
}

/** Those typed, over those of the file that `--config` names. @throws FileError */
export const runOptions = async (given: Given): Promise<Readonly<Record<string, unknown>>> => {
  const fromFile = given['config'] === undefined ? {} : await readConfig(String(given['config']))
  const own = typed(given)
  if (own['sequences'] === undefined && own['epochs'] === undefined) return { ...fromFile, ...own }
  // one of the two on the command line goes before the other in the file
  const { sequences: _, epochs: __, ...others } = fromFile
  return { ...others, ...own }
}
