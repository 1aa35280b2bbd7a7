/** Imports go one way, and no derivative is within reach of the algorithm. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

import { law } from './law/laws.js'
import { cycles, importsOf, reachOf, violations, type Sources } from './support/imports.js'

const folder = new URL('../src/', import.meta.url)

const sources: Sources = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    // the kernels are AssemblyScript, a language of its own
    .filter((file) => file.endsWith('.ts') && !file.startsWith('engine/fast/kernels/assembly/'))
    .map((file): [string, string] => [file, readFileSync(new URL(file, folder), 'utf8')])
    // what starts a worker where the sources run is none of the package's
    .concat([['engine/fast/threads/worker-source.mjs', '']]),
)

/** The sources with a line put before one file, which may be new. */
const planted = (file: string, line: string, ...also: readonly string[]): Sources =>
  new Map([...sources, ...also.map((name): [string, string] => [name, '']), [file, `${line}\n${sources.get(file) ?? ''}`]])

test('the sources are found', () => {
  const reached = reachOf('ptncn', sources)
  assert.ok(sources.size > 20, `only ${sources.size} files found`)
  assert.ok(reached.has('ptncn/step.ts') && reached.has('numeric/product.ts') && reached.has('errors.ts'))
})

test('no file imports itself, by whatever way', () => {
  assert.deepEqual(cycles(sources), [])
  const type = "import type { Step } from './step.js'"
  assert.deepEqual(cycles(planted('ptncn/layer.ts', type)), ['ptncn/layer.ts -> ptncn/step.ts -> ptncn/layer.ts'])
})

const RIVAL = 'rivals/derivatives.ts'

const PLANTED: readonly (readonly [what: string, sources: Sources, complaint: RegExp])[] = [
  [
    'a derivative in the layer',
    planted('ptncn/layer.ts', "import { slope } from '../rivals/derivatives.js'", RIVAL),
    /comes after it/,
  ],
  [
    'a derivative behind a file of numeric',
    planted('numeric/activation.ts', "export * from '../rivals/derivatives.js'", RIVAL),
    /ptncn reaches rivals\/derivatives\.ts by .* -> /,
  ],
  [
    'an import over several lines',
    planted('ptncn/step.ts', "import {\n  slope,\n} from '../rivals/derivatives.js'", RIVAL),
    /comes after/,
  ],
  ['a late import', planted('ptncn/step.ts', "const f = await import('../rivals/derivatives.js')", RIVAL), /comes after/],
  ['a type', planted('numeric/sum.ts', "import type { Config } from '../ptncn/config.js'"), /comes after/],
  ['a worker', planted('ptncn/optimizers.ts', "new Worker(new URL('../engine/reference.js', import.meta.url))"), /comes after/],
  ['a computed import', planted('ptncn/step.ts', 'await import(name)'), /uses import\(/],
  ["a module of Node's", planted('engine/reference.ts', "import { cpus } from 'node:os'"), /module of Node's/],
  ["a module of Node's in a rival", planted('rivals/bptt.ts', "import 'node:fs'"), /module of Node's/],
  ["a module of Node's behind wasm", planted('engine/fast/more-kernels.ts', "import 'node:fs'"), /module of Node's/],
  ["a global of Node's", planted('numeric/random.ts', 'const seed = process.hrtime()'), /uses process/],
  ['a package', planted('engine/engine.ts', "import tf from 'tensorflow'"), /a package/],
  ['a file outside', planted('io/files.ts', "import { holds } from '../../test/support/property.js'"), /outside src/],
  ['a file that is not there', planted('io/files.ts', "import { x } from './none.js'"), /does not exist/],
  ['the command in the index', planted('index.ts', "export * from './cli.js'", 'cli.ts'), /comes after/],
  ['a folder without a place', planted('utils/misc.ts', ''), /has no place/],
]

law(
  'Law 3: a file imports from its own folder and those before it, so that ptncn reaches no module that knows a derivative',
  (of: Sources) => assert.deepEqual(violations(of), []),
  { 'the sources': sources },
  Object.fromEntries(PLANTED.map(([what, spoilt]) => [what, spoilt])),
)

for (const [what, spoilt, complaint] of PLANTED) {
  test(`the check of imports says what is wrong with ${what}`, () => {
    assert.match(violations(spoilt).join('\n'), complaint)
  })
}

test('imports are found in code and not in comments', () => {
  const source = [
    "/* import a from './a.js' */ import b from './b.js' // from './c.js'",
    'export {\n  d,\n} from "./d.js"',
    "import './e.js'",
  ].join('\n')
  assert.deepEqual(importsOf(source), ['./b.js', './d.js', './e.js'])
})
