/** What README.md says is true. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deadLinks } from './support/links.js'
import { pythonWith, skipWithout } from './support/python.js'
import { command } from './support/runs.js'
import { blocks, readSpec } from './support/spec.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** Runs an example of README by the sources in place of the package, and gives what it prints. */
const printedBy = (code: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-readme-'))
  const source = (entry: string): string => JSON.stringify(pathToFileURL(join(root, 'src', entry)).href)
  try {
    const file = join(folder, 'example.mts')
    writeFileSync(file, code.replace("'ptncn/laws'", source('laws.ts')).replace("'ptncn'", source('index.ts')))
    return execFileSync(
      process.execPath,
      ['--import', pathToFileURL(join(root, 'node_modules/tsx/dist/esm/index.mjs')).href, file],
      { encoding: 'utf8' },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the example prints what README says that it prints', () => {
  assert.equal(printedBy(blocks(readme, 'ts')[0]!), blocks(readme, 'text')[0])
})

const python = pythonWith('numpy', 'onnxruntime')

test(
  'the example in Python learns by the graphs what the first example learns',
  { skip: skipWithout(python, 'numpy', 'onnxruntime') },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ptncn-readme-'))
    try {
      writeFileSync(join(folder, 'network.json'), /With `(\{"units".*\})` in `network.json`/.exec(readme)![1]!)
      const exports = [...readme.matchAll(/^ {4}npm run -s ptncn -- (export onnx .*)$/gm)].map(([, args]) => args!.split(' '))
      assert.equal(exports.length, 2)
      for (const args of exports) execFileSync(process.execPath, [...command, ...args], { cwd: folder })
      const [code, ...others] = blocks(readme, 'python')
      assert.equal(others.length, 0)
      assert.equal(execFileSync(python!, ['-c', code!], { cwd: folder, encoding: 'utf8' }), blocks(readme, 'text')[0])
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

test('the example of the laws runs, and every law holds', () => {
  const [, code, ...others] = blocks(readme, 'ts')
  assert.equal(others.length, 0)
  const printed = printedBy(code!)
  assert.equal(printed.match(/^holds /gm)!.length, 11, printed)
  assert.doesNotMatch(printed, /BROKEN/)
})

test('every folder and file that README names is there', () => {
  const named = [...readme.matchAll(/`((?:src|test)\/[\w./-]+)`/g), ...readme.matchAll(/\]\(([\w./-]+)\)/g)].map(
    ([, path]) => path!,
  )
  assert.ok(named.length >= 8)
  assert.deepEqual(
    named.filter((path) => !existsSync(join(root, path))),
    [],
  )
})

test('every link of README leads somewhere, to a heading too', () => {
  const dead = (text: string): readonly string[] => deadLinks(text, pathToFileURL(root))
  assert.deepEqual(dead(readme), [])
  assert.deepEqual(dead(readme.replace('SPEC.md#7-configuration', 'SPEC.md#7-settings')), ['SPEC.md#7-settings'])
})

test('the figure of README is the one of SPEC.md', () => {
  const figure = blocks(readSpec(), 'mermaid')
  assert.equal(figure.length, 1)
  assert.deepEqual(blocks(readme, 'mermaid'), figure)
})

const NPM_COMMANDS = ['ci', 'pack', 'install']

test('every npm script that README names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/npm (?:run (?:-s )?)?([a-z:]+)/g)]
    .map(([, name]) => name!)
    .filter((name) => !NPM_COMMANDS.includes(name))
  assert.ok(named.length >= 4)
  assert.deepEqual(
    named.filter((name) => !(name in scripts)),
    [],
  )
})
