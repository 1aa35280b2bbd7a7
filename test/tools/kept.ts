/** Where the results lie that the repository keeps. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const KEPT = fileURLToPath(new URL('../results/', import.meta.url))

/** The records of a file of a group, a line each. */
export const linesIn = <Line>(group: string, file: string): readonly Line[] =>
  readFileSync(join(KEPT, group, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
