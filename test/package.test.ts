/** The package as its users get it: packed, installed into an empty folder, imported, type-checked, and run. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const WINDOWS = process.platform === 'win32'

/** What `npm test` and the test runner say to their children is not meant for an npm in another folder. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== 'NODE_TEST_CONTEXT' && name !== 'NODE_OPTIONS'),
)

/** The standard output; an error says all that was printed. */
const run = (folder: string, command: string, ...args: string[]): string => {
  const options = { cwd: folder, env: environment, encoding: 'utf8', shell: WINDOWS } as const
  const { status, stdout, stderr, error } = spawnSync(command, args, options)
  assert.equal(status, 0, `${[command, ...args].join(' ')}: ${error?.message ?? `status ${status}`}\n${stdout}${stderr}`)
  return stdout
}

/** Packs a copy, so that nobody loses the dist/ of the working tree. */
const pack = (copy: string, destination: string): string => {
  const left = ['node_modules', '.git', 'dist', 'runs'].map((name) => join(ROOT, name))
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !left.includes(path) && !path.endsWith('.tgz') })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction')
  run(copy, 'npm', 'pack', '--offline', '--pack-destination', destination)
  const packed = readdirSync(destination).filter((name) => name.endsWith('.tgz'))
  assert.equal(packed.length, 1)
  return join(destination, packed[0]!)
}

let folder = ''
let user = ''
const installed = (...path: string[]): string => join(user, 'node_modules', 'ptncn', ...path)

before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ptncn-package-')))
  user = join(folder, 'user')
  mkdirSync(user)
  const tarball = pack(join(folder, 'copy'), folder)
  writeFileSync(join(user, 'package.json'), '{ "private": true, "type": "module" }')
  run(user, 'npm', 'install', '--offline', '--no-audit', '--no-fund', tarball)
})

after(() => rmSync(folder, { recursive: true, force: true }))

interface Manifest {
  readonly version: string
  readonly [field: string]: unknown
}

const manifest = (): Manifest => JSON.parse(readFileSync(installed('package.json'), 'utf8')) as Manifest

test('the package depends on nothing, and installs nothing but itself', () => {
  // the laws draw with fast-check, where whoever wants them has it
  assert.deepEqual(manifest()['peerDependencies'], { 'fast-check': '>=3' })
  assert.deepEqual(manifest()['peerDependenciesMeta'], { 'fast-check': { optional: true } })
  for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies']) {
    assert.equal(manifest()[field], undefined, field)
  }
  assert.deepEqual(
    readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['ptncn'],
  )
})

test('the package holds what is built, its sources, its license and the vectors; no tests', () => {
  const held = readdirSync(installed())
  for (const name of ['dist', 'src', 'LICENSE', 'package.json']) assert.ok(held.includes(name), name)
  for (const name of ['.ci', 'node_modules', 'tsconfig.json']) assert.ok(!held.includes(name), name)
  assert.deepEqual(readdirSync(installed('test')).sort(), ['examples', 'vectors'])
  assert.ok(existsSync(installed('dist', 'index.d.ts')))
})

/** Every path in a value, at any depth. */
const pathsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Object.values((value ?? {}) as object).flatMap(pathsIn)

test('every file that the manifest names is in the package', () => {
  const named = ['exports', 'bin'].flatMap((field) => pathsIn(manifest()[field]))
  assert.ok(named.length >= 4)
  for (const path of named) assert.ok(existsSync(installed(path)), path)
})

/** The kernels are in dist as the module that they compile to, the page as one file; the other starts a worker where TypeScript runs. */
const ONLY_FOR_SOURCES = /^(?:explore[\\/]|engine[\\/]fast[\\/](?:kernels[\\/]assembly[\\/]|threads[\\/]worker-source\.mjs$))/

test('what src holds is in dist, compiled or as it is, but for notes and what only the sources need', () => {
  const files = (of: string): string[] =>
    readdirSync(installed(of), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(installed(of).length + 1))
  const wanted = files('src').flatMap((name) => {
    if (name.endsWith('.md') || ONLY_FOR_SOURCES.test(name)) return []
    return name.endsWith('.ts') ? [name.replace(/ts$/, 'js'), name.replace(/ts$/, 'd.ts')] : [name]
  })
  assert.deepEqual(files('dist').sort(), [...wanted, 'explore.html'].sort())
})

const SCRIPT = `
  import { config, initialModel, inputOf, keyOf, matrix, referenceEngine } from 'ptncn'
  import manifest from 'ptncn/package.json' with { type: 'json' }
  const settings = config({ units: [2, 3] })
  const inputs = [[1, 0], [0, 1]].map((row) => inputOf(matrix(1, 2, row)))
  const { measurements } = await referenceEngine(settings).train(initialModel(settings, keyOf(1)), [{ inputs }])
  console.log(manifest.name, measurements[0].count)
`

test('it is imported and trains from plain JavaScript', () => {
  writeFileSync(join(user, 'use.js'), SCRIPT)
  assert.equal(run(user, process.execPath, '--no-warnings', 'use.js'), 'ptncn 1\n')
})

/** Node requires modules from 20.19 and 22.12 on. */
const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
const REQUIRES = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)

test('CommonJS requires every entry', { skip: !REQUIRES && 'this Node has no require() of modules' }, () => {
  const entries = Object.entries(manifest()['exports'] as Record<string, unknown>).filter(([, to]) => typeof to === 'object')
  const names = entries.map(([path]) => path.replace('.', 'ptncn'))
  writeFileSync(join(user, 'use.cjs'), `for (const name of ${JSON.stringify(names)}) console.log(typeof require(name))`)
  assert.equal(run(user, process.execPath, '--no-warnings', 'use.cjs'), 'object\n'.repeat(names.length))
})

test('workers do not inherit the flags of the main thread', () => {
  const program = `
    import { config, initialModel, inputOf, keyOf, matrix } from 'ptncn'
    import { parallelEngine } from 'ptncn/parallel'
    const settings = config({ units: [2, 3] })
    const engine = parallelEngine(settings, { workers: 2 })
    const inputs = [[1, 0], [0, 1]].map((row) => inputOf(matrix(1, 2, row)))
    const { measurements } = await engine.train(initialModel(settings, keyOf(1)), [{ inputs }])
    console.log(measurements[0].count)
    await engine.dispose()
  `
  assert.equal(run(user, process.execPath, '--input-type=module', '--eval', program), '1\n')
})

/** The names of all entries are used, and so their declarations read; what is wrong has to be an error. */
const typed = (entries: readonly string[]): string => `
  import { config, referenceEngine, type Config, type Engine, type Matrix } from 'ptncn'
  ${entries.map((entry, i) => `import * as entry${i} from '${entry}'`).join('\n')}
  const settings: Config = config({ units: [2, 3], activation: (a: number) => a / 2 })
  const engine: Engine = referenceEngine(settings)
  // @ts-expect-error no such unit
  config({ units: [2, 3], activation: 'none' })
  // @ts-expect-error a matrix cannot be written to
  const write = (m: Matrix): void => { m.data[0] = 1 }
  export { engine, write, ${entries.map((_, i) => `entry${i}`).join(', ')} }
`

const COMPILER_OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2022'],
  types: [],
}

for (const [name, compiler] of [
  ['the newest TypeScript', 'typescript'],
  ['the least TypeScript, 5.2', 'typescript-least'],
] as const) {
  test(`its types resolve and are strict, with nothing but ECMAScript: ${name}`, () => {
    const entries = Object.keys(manifest()['exports'] as object).flatMap((path) =>
      path.endsWith('.json') ? [] : [path.replace('.', 'ptncn')],
    )
    writeFileSync(join(user, 'use.ts'), typed(entries))
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: ['use.ts'] }))
    run(user, process.execPath, join(ROOT, 'node_modules', compiler, 'bin', 'tsc'), '-p', user)
  })
}

test('[pr-verdict] its command judges a port, itself, by the vectors in the package', () => {
  const command = installed('dist', 'cli.js')
  assert.match(
    run(user, process.execPath, command, 'conform', '--', process.execPath, command, 'conform', 'serve'),
    /conforms at the level bit/,
  )
})

for (const name of ['sine', 'rival']) {
  test(`its example ${name} runs where its user puts it`, () => {
    const { code } = transformSync(readFileSync(installed('test', 'examples', `${name}.ts`), 'utf8'), { loader: 'ts' })
    writeFileSync(join(user, `${name}.mjs`), code)
    assert.match(run(user, process.execPath, `${name}.mjs`), /\d\.\d{3}/)
  })
}

test('its command prints help', () => {
  const help = run(user, join(user, 'node_modules', '.bin', WINDOWS ? 'ptncn.cmd' : 'ptncn'), '--help')
  assert.match(help, /ptncn/)
  assert.match(help, /train/)
})
