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

const UNMADE = `
import { config, initialModel, inputOf, keyOf, oneHot } from './index.js'
import { parallelEngine } from './parallel.js'
const settings = config({ units: [3, 9] })
const run = parallelEngine(settings).train(initialModel(settings, keyOf(1)), [{ inputs: [inputOf(oneHot([0], 3))] }])
await run.catch(({ name, message }) => process.stdout.write(name + ' ' + message))
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

    // without WebAssembly, and without the address space that it wants, which newer runtimes do not
    writeFileSync(join(folder, 'unmade.js'), UNMADE)
    const off = execFileSync(process.execPath, ['--jitless', '--no-warnings', join(folder, 'unmade.js')], { encoding: 'utf8' })
    assert.match(off, /^EngineError "WebAssembly" expected it to be there, got "nothing"; start Node without --jitless[^\n]*$/)
    if (process.platform === 'linux') {
      const limited = ['-c', 'ulimit -v 8000000; exec "$0" "$1"', process.execPath, join(folder, 'unmade.js')]
      const tight = execFileSync('sh', limited, { encoding: 'utf8' })
      assert.match(tight, /^(EngineError "memory" expected \d+ bytes for WebAssembly[^\n]*--disable-wasm-trap-handler[^\n]*)?$/)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
