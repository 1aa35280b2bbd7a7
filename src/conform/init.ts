/** A port to fill in: it shakes hands, and says of everything else that it is not there yet. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mismatch } from '../errors.js'
import { fileError, writeFileSafely } from '../io/files.js'

interface Template {
  readonly file: string
  /** how it is made, and how it is run */
  readonly commands: (path: string) => readonly string[]
}

const TEMPLATES: Readonly<Record<string, Template>> = {
  python: { file: 'port.py', commands: (path) => [`ptncn conform --smoke -- python3 ${path}`] },
  c: {
    file: 'port.c',
    commands: (path) => [`cc -O2 -std=c99 -ffp-contract=off -o port ${path} -lm`, 'ptncn conform --smoke -- ./port'],
  },
  rust: { file: 'port.rs', commands: (path) => [`rustc -O -o port ${path}`, 'ptncn conform --smoke -- ./port'] },
  go: { file: 'port.go', commands: (path) => [`go build -o port ${path}`, 'ptncn conform --smoke -- ./port'] },
}

export const LANGUAGES: readonly string[] = Object.keys(TEMPLATES)

/** Writes the stub of a language into a folder, over nothing that is there; gives what to do next. */
export const initPort = async (language: string, folder: string): Promise<string> => {
  const { file, commands } = TEMPLATES[language]!
  const path = join(folder, file)
  if (existsSync(path)) throw mismatch('FileError', path, 'no file of this name yet', 'one that is there', 'give another folder')
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw fileError('write', folder, cause)
  }
  await writeFileSafely(path, readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'templates', file), 'utf8'))
  return `${path} answers hello, and lists the equations to fill in. Next:\n${commands(path)
    .map((line) => `  ${line}\n`)
    .join('')}`
}
