/** The main job, whole, prints what README says that it prints. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { blocks } from './support/spec.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const [shown] = blocks(readFileSync(join(root, 'README.md'), 'utf8'), 'console')

test('npm start prints the scores that README shows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-main-'))
  try {
    const args = ['--import', 'tsx', join(root, 'src/cli.ts'), 'train', '--out', join(folder, 'run')]
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    assert.equal(status, 0)
    assert.equal(stdout.split('\n').slice(0, -2).join('\n'), shown!.trimEnd())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
