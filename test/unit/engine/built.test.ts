/** The engines as built: a worker's URL names the built file. (The other tests run from the sources.) */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const SCRIPT = `
import { config, initialModel, inputOf, keyOf, oneHot, referenceEngine, wasmEngine } from './index.js'
import { parallelEngine } from './parallel.js'
const settings = config({ units: [3, 9, 10] })
const from = initialModel(settings, keyOf(1))
const inputs = [0, 1, 2].map((symbol) => inputOf(oneHot([symbol], 3)))
const engines = [referenceEngine(settings), wasmEngine(settings), parallelEngine(settings, { workers: 2, by: 'layers' })]
const results = await Promise.all(engines.map((engine) => engine.train(from, [{ inputs }])))
process.stdout.write(JSON.stringify(results.map((result) => JSON.stringify(result))))
`

test('all engines run from what is built, and agree', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-built-'))
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', folder], { stdio: 'inherit' })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'run.js'), SCRIPT)
    const results: string[] = JSON.parse(
      execFileSync(process.execPath, [join(folder, 'run.js')], { encoding: 'utf8', cwd: folder }),
    )
    assert.equal(results.length, 3)
    assert.deepEqual([...new Set(results)].length, 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
