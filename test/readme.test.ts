/** What README.md says is true. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deadLinks } from './support/links.js'
import { blocks, readSpec } from './support/spec.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

test('the example prints what README says that it prints', () => {
  const [code, ...others] = blocks(readme, 'ts')
  assert.equal(others.length, 0)
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-readme-'))
  try {
    const file = join(folder, 'example.mts')
    writeFileSync(file, code!.replace("'ptncn'", JSON.stringify(pathToFileURL(join(root, 'src/index.ts')).href)))
    const printed = execFileSync(
      process.execPath,
      ['--import', pathToFileURL(join(root, 'node_modules/tsx/dist/esm/index.mjs')).href, file],
      { encoding: 'utf8' },
    )
    assert.equal(printed, blocks(readme, 'text')[0])
  } finally {
    rmSync(folder, { recursive: true })
  }
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
