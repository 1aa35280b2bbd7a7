/** `ptncn vectors`: exports the published vectors, and judges a vector file against the reference. */

import { join } from 'node:path'
import type { Level } from '../conform/equations/rounding.js'
import { localConnection } from '../conform/port/connection.js'
import { CAPS, serveLine } from '../conform/reference.js'
import { newTally, runCases, STATUS } from '../conform/session.js'
import { checkPublished, publishedFolder, readVectors, VECTORS_VERSION } from '../conform/vectors.js'
import { mismatch } from '../errors.js'
import { ensureFolder, writeFileSafely } from '../io/files.js'
import { SPEC_VERSION } from '../ptncn/config.js'
import { parseArguments } from './arguments.js'
import { levelOf } from './conform.js'
import { print } from './process.js'

const HELP = `ptncn vectors export FOLDER             the published vectors, free of copyright
ptncn vectors check FILE [--level L]    a vector file judged against the reference (bit)
`

/** `ptncn vectors export DIR` and `ptncn vectors check FILE`. */
export const runVectors = async (args: readonly string[]): Promise<number> => {
  const { given, positionals } = parseArguments('vectors', args, { level: 'value' }, Infinity)
  if (given['help']) return print(HELP)
  const [action, path, ...more] = positionals
  if ((action !== 'export' && action !== 'check') || path === undefined || more.length > 0) {
    throw mismatch('UsageError', 'vectors', 'export FOLDER, or check FILE', args.join(' '))
  }
  return action === 'export' ? exportVectors(path) : checkVectors(path, levelOf(given) ?? 'bit')
}

const exportVectors = async (folder: string): Promise<number> => {
  ensureFolder(folder)
  const files = publishedFolder()
  for (const { name, text } of files) await writeFileSafely(join(folder, name), text)
  await writeFileSafely(join(folder, 'STAMP'), `ptncn vectors ${VECTORS_VERSION}, spec ${SPEC_VERSION}, CC0-1.0\n`)
  return print(`${files.length + 1} files in ${folder}\n`)
}

/** What a file asks for is asked of the reference, and what it expects is compared with the reference's. */
const checkVectors = async (path: string, level: Level): Promise<number> => {
  const cases = readVectors(path)
  const tally = newTally()
  const options = { level, now: () => performance.now(), until: Infinity }
  await runCases(localConnection(serveLine), CAPS, cases, options, tally)
  const complaints = [
    ...tally.results.flatMap(({ id, failures }) => failures.slice(0, 1).map(({ what }) => `${id}: ${what}`)),
    ...checkPublished(cases, level),
  ]
  for (const complaint of complaints) print(`FAIL ${complaint}\n`)
  print(`${cases.length} cases, ${complaints.length} not as the reference has them, at the level ${level}\n`)
  return complaints.length > 0 ? STATUS.failures : STATUS.conforms
}
