/** Imports go one way, and no derivative is within reach of the algorithm. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

import { importsOf, reachOf, violations, type Sources } from './support/imports.js'

const folder = new URL('../src/', import.meta.url)

const sources: Sources = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    // the kernels are AssemblyScript, a language of its own
    .filter((file) => file.endsWith('.ts') && !file.startsWith('engine/fast/kernels/assembly/'))
    .map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]),
)

/** The sources with a line put before one file, which may be new. */
const planted = (file: string, line: string, ...also: readonly string[]): Sources =>
  new Map([...sources, ...also.map((name): [string, string] => [name, '']), [file, `${line}\n${sources.get(file) ?? ''}`]])

test('a file imports from its own folder and those before it, and from no package', () => {
  assert.ok(sources.size > 20, `only ${sources.size} files found`)
  assert.deepEqual(violations(sources), [])
})

test('Law 3: ptncn reaches no module but errors, fields, numeric and ptncn, so none that knows a derivative', () => {
  const reached = reachOf('ptncn', sources)
  assert.ok(reached.has('ptncn/step.ts') && reached.has('numeric/product.ts') && reached.has('errors.ts'))
  assert.deepEqual(
    [...reached.keys()].filter((file) => !/^(?:ptncn\/|numeric\/|(?:errors|fields)\.ts$)/.test(file)),
    [],
  )
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

for (const [what, spoilt, complaint] of PLANTED) {
  test(`Law 3: the check of imports finds ${what}`, () => {
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
