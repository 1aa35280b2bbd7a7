/**
 * The tables and charts of every comparison that is kept, made again from its cells: after a change of what is claimed, or of
 * how it is drawn.
 *
 *     tsx test/tools/collect-again.ts [GROUP ...]
 *
 * Film strips stay as they are, as a kept cell has no frames.
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { collect } from '../../src/experiment/compare/collect.js'
import { gridOf } from '../../src/experiment/compare/grid.js'
import { KEPT } from './kept.js'

const writeLines = (path: string, folder: string, ending: string): void => {
  if (!existsSync(path)) return
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    const file = join(folder, 'cells', `${JSON.parse(line).name}${ending}`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, line)
  }
}

/** The groups that are comparisons. */
export const comparisons = (): readonly string[] =>
  readdirSync(KEPT).filter((group) => existsSync(join(KEPT, group, 'grid.json')))

export const chartsIn = (group: string): readonly string[] =>
  readdirSync(join(KEPT, group)).filter((file) => file.endsWith('.svg'))

/** What the cells of a group say today: each file by its name. */
export const collectedOf = async (group: string): Promise<ReadonlyMap<string, string>> => {
  const [kept, folder] = [join(KEPT, group), mkdtempSync(join(tmpdir(), 'ptncn-kept-'))]
  try {
    writeLines(join(kept, 'cells.jsonl'), folder, '.json')
    writeLines(join(kept, 'times.jsonl'), folder, '.time.json')
    const { grid } = JSON.parse(readFileSync(join(kept, 'grid.json'), 'utf8'))
    // where the data lie does not matter: nothing is computed
    const { files } = await collect(folder, gridOf(grid, 'data'))
    return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const given = process.argv.slice(2)
  for (const group of given.length > 0 ? given : comparisons()) {
    const files = await collectedOf(group)
    for (const file of chartsIn(group)) if (!files.has(file)) rmSync(join(KEPT, group, file))
    for (const [file, text] of files) writeFileSync(join(KEPT, group, file), text)
  }
}
