/** Adds the hashes of new cases to test/conform/locked.json: `tsx test/tools/lock-vectors.ts`. Locked ones stay as they are. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { sha256, publishedFiles } from '../../src/conform/vectors.js'

const path = new URL('../conform/locked.json', import.meta.url)
const locked = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>) : {}

for (const { text } of publishedFiles()) {
  for (const { id, request, expect } of (JSON.parse(text) as { cases: { id: string; request: unknown; expect: unknown }[] })
    .cases) {
    locked[id] ??= sha256(JSON.stringify({ request, expect })).slice(0, 16)
  }
}
writeFileSync(path, `${JSON.stringify(locked, undefined, 1)}\n`)
