/** The command's own `main` for many exports: each line is a JSON list of arguments, answered by its exit status. */

import { createInterface } from 'node:readline'
import { register } from 'tsx/esm/api'

register()
const { main } = await import('../../../src/cli.ts')
for await (const line of createInterface({ input: process.stdin })) {
  const status = await main(JSON.parse(line))
  process.stdout.write(`status ${status}\n`)
}
