/** The examples run as a user runs them, and print what they say. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from './support/runs.js'

const run = (name: string): string => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), join(root, 'test/examples', `${name}.ts`)],
    { cwd: root, encoding: 'utf8' },
  )
  assert.deepEqual([status, stderr], [0, ''])
  return stdout
}

/** The number behind a label; the last bits of a sine are each machine's own, so that no digits are asked for. */
const figure = (printed: string, label: string): number => Number(new RegExp(`^${label} +([\\d.]+)`, 'm').exec(printed)![1])

test('a sine is learnt with a task of its own', () => {
  const printed = run('sine')
  const [untrained, copied, trained] = ['untrained', 'copy last', 'trained'].map((label) => figure(printed, label))
  assert.ok(trained! < copied! / 10 && copied! < untrained!, printed)
})

test('the law holds', () => {
  assert.equal(run('law'), 'holds for 100 networks, to the bit\n')
})

test('a rival that counts scores what a bigram does, and P-TNCN is ahead of it', () => {
  const printed = run('rival')
  assert.ok(Math.abs(figure(printed, 'counter') - figure(printed, 'bigram')) < 0.01, printed)
  assert.ok(figure(printed, 'P-TNCN') < figure(printed, 'counter'), printed)
})

test('no example is without a test', () => {
  const names = readdirSync(join(root, 'test/examples')).filter((name) => name.endsWith('.ts'))
  assert.deepEqual(names.sort(), ['law.ts', 'rival.ts', 'sine.ts'])
})
