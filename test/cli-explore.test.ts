/** `ptncn explore`, as a person meets it. */

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SPEC_VERSION } from '../src/ptncn/config.js'
import { ptncn } from './support/runs.js'
import { clauseIds, readSpec } from './support/spec.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-explore-'))
after(() => rmSync(folder, { recursive: true }))

test('it writes one page that holds the whole of SPEC.md, each clause under its address', () => {
  const path = join(folder, 'page.html')
  const { status, stdout, stderr } = ptncn('explore', '--out', path)
  assert.equal(stderr, '')
  assert.equal(status, 0)
  assert.equal(stdout, `${path}: written; open it in a browser\n`)
  assert.deepEqual(readdirSync(folder), ['page.html'])
  const html = readFileSync(path, 'utf8')
  assert.ok(html.includes(`version ${SPEC_VERSION}`))
  const addresses = [...html.matchAll(/<section class="clause" id="([^"]+)"/g)].map(([, id]) => id)
  assert.deepEqual(addresses, [...clauseIds(readSpec())])
  for (const id of ['A1', 'A2', 'P1', 'C1', 'C2', 'C3', 'C4', 'L1', 'L2', 'O3']) {
    const [, clause] = html.split(`<section class="clause" id="${id}"`)
    assert.match(clause!.split('</section>')[0]!, /class="eqs"[^]*<math/, id)
  }
  assert.match(html, /<svg[^>]*role="img"><title>One step of two layers/)
})

test('what is wrong is said in one line', () => {
  const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['--out', join(folder, 'none', 'page.html')], /the folder ".*none" does not exist; make it first/],
    [['--ot', 'x'], /did you mean --out\?/],
    [['page.html'], /Unexpected argument 'page\.html'.*see ptncn explore --help/],
  ]
  for (const [args, message] of wrong) {
    const { status, stdout, stderr } = ptncn('explore', ...args)
    assert.match(stderr, message)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
    assert.equal(stdout, '')
    assert.equal(status, 2)
  }
})

test('it and explain have help with examples', () => {
  for (const command of ['explore', 'explain']) {
    const { status, stdout } = ptncn(command, '--help')
    assert.equal(status, 0)
    assert.match(stdout, new RegExp(`Examples\n {2}ptncn ${command}`))
  }
})
