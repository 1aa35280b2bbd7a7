/** Several ports in one run, what may be published of it, and cases that are left out. */

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { publish } from '../../src/conform/publish.js'
import { conformSeveral } from '../../src/conform/several.js'
import { ptncn, root } from '../support/runs.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-several-'))
after(() => rmSync(folder, { recursive: true }))

const bad = (mistake: string): readonly string[] => [
  ...[process.execPath, '--import', 'tsx'],
  ...[join(root, 'test/conform/bad-port.ts'), mistake],
]
const two = (right: readonly string[], wrong: readonly string[]): readonly string[] => [
  ...['--port', 'right', '--', ...right],
  ...['--port', 'wrong', '--', ...wrong],
]

test('two ports: each has its verdict, the matrix names the wrong equation, and the pair its differences; the page is left', async () => {
  const shown = join(folder, 'shown')
  let stdout = ''
  const print = (text: string): void => void (stdout += text)
  const named = [
    { name: 'right', command: bad('none') },
    { name: 'wrong', command: bad('C2-alpha-sign') },
  ]
  const counterexample = join(folder, 'counterexample.json')
  const outcome = await conformSeveral(named, { only: 'correct', counterexample }, { print, coloured: false })
  assert.equal(outcome.status, 1)
  assert.match(stdout, /^C2 +right +wrong in \d+$/m)
  assert.match(stdout, /^C1 +right +right$/m)
  const [, same, of] = /^right and wrong: the same bits in (\d+) of (\d+) cases$/m.exec(stdout)!
  assert.ok(Number(same) < Number(of) && Number(same) > 0, stdout)
  assert.match(stdout, /^right: conforms at the level bit\nwrong: does not conform$/m)
  await publish(shown, outcome, 2)
  assert.deepEqual(readdirSync(shown).sort(), ['badge-right.svg', 'badge-wrong.svg', 'conform.json', 'index.html'])
  const page = readFileSync(join(shown, 'index.html'), 'utf8')
  assert.match(page, /<tr class="marked"><th scope="row">C2<\/th><td>right<\/td>\s*<td>wrong in \d+<\/td><\/tr>/)
  assert.doesNotMatch(page, /<script|https?:/)
  assert.match(readFileSync(join(shown, 'badge-right.svg'), 'utf8'), /conforms: bit/)
  assert.match(readFileSync(join(shown, 'badge-wrong.svg'), 'utf8'), /does not conform/)
  const { ports } = JSON.parse(readFileSync(join(shown, 'conform.json'), 'utf8')) as {
    ports: { name: string; level: { achieved: string } }[]
  }
  assert.deepEqual(
    ports.map(({ name, level }) => [name, level.achieved]),
    [
      ['right', 'bit'],
      ['wrong', 'none'],
    ],
  )
})

test('what is not whole is not published: a choice of cases, a port that does not answer', async () => {
  const shown = join(folder, 'not-shown')
  for (const some of [['--smoke'], ['--only', 'mask'], ['--skip', 'mask']]) {
    const { status, stderr } = ptncn('conform', ...some, '--publish', shown, '--', ...bad('none'))
    assert.equal(status, 2)
    assert.equal(
      stderr,
      'ptncn: "--publish" expected all published cases, none left out, known or chosen, got "a part of them"\n',
    )
  }
  await assert.rejects(
    publish(shown, { status: 3, judged: [], agreements: [] }, 1),
    /expected a verdict for every port, got "0 of 1/,
  )
  assert.ok(!existsSync(shown))
})

test('what is skipped is in the verdict, and a pass says what it did not ask', () => {
  const { status, stdout } = ptncn('conform', '--only', 'correct', '--skip', 'passes', '--', ...bad('none'))
  assert.equal(status, 0, stdout)
  const [, skipped] = /(\d+) skipped, 0 not run/.exec(stdout)!
  assert.ok(Number(skipped) > 0)
  assert.match(
    stdout,
    new RegExp(`conforms at the level bit, without the ${skipped} cases that were left out \\(--skip passes\\); asked for bit`),
  )
  assert.match(stdout, /left out: --skip passes/)
})

test('[UsageError] names of ports are checked, and files of one port are not written for several', () => {
  const named = (...ports: readonly string[]) =>
    ptncn('conform', ...ports.flatMap((name) => ['--port', name, '--', ...bad('none')]))
  assert.match(named('a', 'a').stderr, /"--port" expected each name once, got "a"/)
  assert.match(named('a/b', 'c').stderr, /"--port" expected 1 to 40 letters, digits, dots, dashes, got "a\/b"/)
  const { status, stderr } = ptncn('conform', '--junit', join(folder, 'j'), ...two(bad('none'), bad('none')))
  assert.equal(status, 2)
  assert.match(stderr, /"--junit" expected one port, got "several"/)
})
