/**
 * The command's own `main` for many exports: each line is a JSON list of arguments, answered by its exit status. An
 * argument is the folder of the sources, in place of ours.
 */

import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { register } from 'tsx/esm/api'

const [source = fileURLToPath(new URL('../../../src', import.meta.url))] = process.argv.slice(2)
register()
const { main } = await import(pathToFileURL(resolve(source, 'cli.ts')).href)
for await (const line of createInterface({ input: process.stdin })) {
  const status = await main(JSON.parse(line))
  process.stdout.write(`status ${status}\n`)
}
