/** Bundles: `ptncn` for a browser, where no module of Node's is within reach, and `ptncn/parallel` for CommonJS. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { build, type BuildOptions } from 'esbuild'
import { config, initialModel, inputOf, keyOf, meanLoss, oneHot, referenceEngine } from '../src/index.js'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ptncn-bundle-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** One module of the program, and of `options`, as text. */
const bundled = async (program: string, options: BuildOptions): Promise<string> => {
  const stdin = { contents: program, resolveDir: ROOT, loader: 'ts' } as const
  const { outputFiles } = await build({ stdin, bundle: true, write: false, logLevel: 'silent', ...options })
  return outputFiles![0]!.text
}

/** Trains on three symbols in turn, and tells `say` the mean loss. */
const training = (engine: string, from: string): string => `
  import { config, initialModel, inputOf, keyOf, meanLoss, oneHot } from './src/index.ts'
  import { ${engine} } from '${from}'
  const engine = ${engine}(config({ units: [3, 8, 8] }))
  const inputs = Array.from({ length: 60 }, (_, t) => inputOf(oneHot([t % 3], 3)))
  const told = engine.train(initialModel(engine.config, keyOf(1)), [{ inputs }])
  told.then(({ measurements }) => say(String(meanLoss(measurements[0]))), (error) => say(String(error)))
`

const wanted = async (): Promise<string> => {
  const settings = config({ units: [3, 8, 8] })
  const inputs = Array.from({ length: 60 }, (_, t) => inputOf(oneHot([t % 3], 3)))
  const { measurements } = await referenceEngine(settings).train(initialModel(settings, keyOf(1)), [{ inputs }])
  return String(meanLoss(measurements[0]!))
}

const forBrowser = (): Promise<string> =>
  bundled(training('wasmEngine', './src/index.ts'), { platform: 'browser', format: 'iife', target: 'es2022' })

test('a bundle of `ptncn` for the browser trains, with no more around it than a browser has', async () => {
  const script = await forBrowser()
  const said = await new Promise((say) => runInNewContext(script, { say, atob }))
  assert.equal(said, await wanted())
})

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => spawnSync(name, ['--version']).status === 0)
const NONE = CHROMIUM === undefined && 'there is no Chromium here'

test('and so it does in headless Chromium', { skip: NONE }, async () => {
  const say = 'globalThis.say = (text) => { document.title = text };'
  const page = join(folder, 'page.html')
  const script = `${say}${await forBrowser()}`.replaceAll('</script', '<\\/script')
  writeFileSync(page, `<!doctype html><meta charset="utf-8"><title>nothing</title><script>${script}</script>`)
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=10000', '--dump-dom']
  const { stdout } = spawnSync(CHROMIUM!, [...flags, `file://${page}`], { encoding: 'utf8', timeout: 60_000 })
  assert.equal(/<title>(.*?)<\/title>/.exec(stdout)?.[1], await wanted())
})

test("a module of Node's within reach of a bundle for the browser is noticed", async () => {
  const program = training('parallelEngine', './src/parallel.ts')
  await assert.rejects(bundled(program, { platform: 'browser', format: 'iife' }), /node:os/)
})

test('a bundle to CommonJS of `ptncn/parallel`, whose worker is not beside it, computes on the calling thread', async () => {
  const file = join(folder, 'bundle.cjs')
  const program = `const say = console.log\n${training('parallelEngine', './src/parallel.ts')}`
  const named = program.replace('config({ units: [3, 8, 8] }))', 'config({ units: [3, 8, 8] }), { workers: 2 })')
  writeFileSync(file, await bundled(named, { platform: 'node', format: 'cjs', logOverride: { 'empty-import-meta': 'silent' } }))
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  assert.equal(stdout.trim(), await wanted(), stderr)
})
