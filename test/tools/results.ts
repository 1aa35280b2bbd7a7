/**
 * The results that the repository keeps.
 *
 *     tsx test/tools/results.ts add FOLDER GROUP   keeps results.json of a run, or summary.json of an experiment
 *     tsx test/tools/results.ts                    writes test/results/README.md from what is kept
 *
 * The path of the data is left out, as it says something of a machine only.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { table, type Row } from '../bench/table.js'

const KEPT = fileURLToPath(new URL('../results/', import.meta.url))

interface Kept {
  readonly name: string
  readonly file: Record<string, any>
}

const without = (record: Record<string, unknown>, name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))

const add = (folder: string, group: string): void => {
  const source = ['results.json', 'summary.json'].map((name) => join(folder, name)).find((path) => existsSync(path))
  if (source === undefined) throw new Error(`${folder} has neither results.json nor summary.json`)
  const file = JSON.parse(readFileSync(source, 'utf8')) as Record<string, any>
  const cleaned = 'options' in file ? { ...file, options: without(file['options'], 'data') } : file
  mkdirSync(join(KEPT, group), { recursive: true })
  writeFileSync(join(KEPT, group, `${basename(folder)}.json`), `${JSON.stringify(cleaned, null, 1)}\n`)
}

const groups = (): readonly (readonly [string, readonly Kept[]])[] =>
  readdirSync(KEPT, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort()
    .map((group) => [group, readdirSync(join(KEPT, group)).sort().map((file) =>
      ({ name: basename(file, '.json'), file: JSON.parse(readFileSync(join(KEPT, group, file), 'utf8')) }))])

/** The options in which the runs of a group differ. */
const differing = (kept: readonly Kept[]): readonly string[] => {
  const names = [...new Set(kept.flatMap(({ file }) => Object.keys(file['options'])))]
  return names.filter((name) => new Set(kept.map(({ file }) => JSON.stringify(file['options'][name]))).size > 1)
}

const runs = (kept: readonly Kept[]): string => {
  const [first] = kept
  const names = differing(kept)
  const rows = kept.map(({ file }): Row => [
    names.map((name) => `${name} ${[file['options'][name] ?? '-'].flat().join(',')}`).join(', ') || 'as the defaults',
    file['validation'].toFixed(3), file['test'].toFixed(3), String(Math.round(file['machine'].seconds)),
  ])
  const marks = (first!.file['marks'] as { label: string; value: number }[]).map(({ label, value }) => `${label} ${value.toFixed(3)}`)
  return [`${first!.file['title'].split(';')[0]}; ${first!.file['unit']}. On the test data: ${marks.join(', ')}.`, '',
    table(['setting', 'validation', 'test', 'seconds'], rows)].join('\n')
}

const interval = ({ mean, half }: { mean: number; half: number }): string => `${mean.toFixed(2)} ± ${half.toFixed(2)}`

const zeroShot = (kept: readonly Kept[]): string =>
  table(['trained on digits, weights frozen; nats a frame', 'digits, on', 'digits, off', 'glyphs, on', 'glyphs, off', 'adaptation'],
    kept.map(({ name, file }) => [`${name}, ${file['seeds']} seeds`, ...['digits', 'glyphs'].flatMap((data) =>
      ['on', 'off'].map((correction) => interval(file[data][correction]))), interval(file['adaptation'])]))

/** The text of test/results/README.md. */
export const document = (): string => [
  '# Results', '',
  'Made by `tsx test/tools/results.ts` from the files beside it. One seed and one pass where nothing else is said;',
  'intervals are 95 %, over seeds. The seconds are those of shared machines: not to be compared.', '',
  ...groups().flatMap(([group, kept]) => [`## ${group}`, '', 'options' in kept[0]!.file ? runs(kept) : zeroShot(kept), '']),
].join('\n')

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [command, folder, group] = process.argv.slice(2)
  if (command === 'add' && folder && group) add(folder, group)
  writeFileSync(join(KEPT, 'README.md'), document())
}
