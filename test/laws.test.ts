/** test/law/README.md lists the laws as the tests state them, and all of the sixteen. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const readme = readFileSync(new URL('law/README.md', import.meta.url), 'utf8')

/** The numbers of the laws that a list has, in their order. */
const numbersIn = (text: string): readonly number[] => [
  ...new Set([...text.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))),
]

test('the list of laws is the one that the tests state; `npm run laws` makes it', () => {
  const tool = fileURLToPath(new URL('tools/laws.ts', import.meta.url))
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_TEST_CONTEXT'))
  const printed = execFileSync(process.execPath, ['--import', 'tsx', '--test-name-pattern=^$', tool], {
    encoding: 'utf8',
    env: environment,
  })
  assert.equal(readme, printed.slice(printed.indexOf('# The laws'), printed.indexOf('\f')))
})

test('it has all of the sixteen laws', () => {
  const sixteen = Array.from({ length: 16 }, (_, i) => i + 1)
  assert.deepEqual(numbersIn(readme), sixteen)
  assert.notDeepEqual(numbersIn(readme.replace(/^\| 12 \|.*\n/gm, '')), sixteen)
})
