/** Networks that are named by a file of their configuration, and the files that they go to. */

import { mismatch } from '../errors.js'
import { oneOf, requireField, requireOnly } from '../fields.js'
import { readConfig } from '../experiment/run/folder.js'
import { config as complete, CONFIG_FIELDS, profiles, type Config, type ProfileName } from '../ptncn/config.js'
import type { Given } from './arguments.js'

/** The network of `--config FILE`, over `--profile`. @throws UsageError, FileError, ConfigError */
export const configIn = async (path: string, profile: unknown = 'released'): Promise<Config> => {
  const name = requireField('UsageError', '--profile', profile, oneOf(...(Object.keys(profiles) as ProfileName[])))
  const fields = await readConfig(path)
  if (fields['task'] !== undefined) {
    throw mismatch('FileError', path, 'fields of a network alone', 'those of a run', 'give the folder of the run in its place')
  }
  requireOnly('ConfigError', 'the configuration', fields, CONFIG_FIELDS)
  return complete(fields as unknown as Config, name)
}

/** @throws UsageError */
export const outOf = (given: Given, command: string): string => {
  const { out } = given
  if (typeof out === 'string' && out !== '') return out
  throw mismatch('UsageError', '--out', 'the name of a file', out, `see ptncn ${command} --help`)
}
