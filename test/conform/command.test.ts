/** The command, as a person or a script meets it. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { command, ptncn, root } from '../support/runs.js'
import { readVectors } from '../../src/conform/vectors.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-conform-'))
after(() => rmSync(folder, { recursive: true }))

const bad = (mistake: string): readonly string[] => [
  ...[process.execPath, '--import', 'tsx'],
  ...[join(root, 'test/conform/bad-port.ts'), mistake],
]
const file = (name: string): string => join(folder, name)

test('[pr-verdict] a port that is right conforms: exit 0', () => {
  const { status, stdout } = ptncn('conform', '--', ...bad('none'))
  assert.equal(status, 0, stdout)
  const good = ptncn('conform', '--report', file('conform.json'), '--', process.execPath, ...command, 'conform', 'serve')
  assert.equal(good.status, 0, good.stdout)
  const report = JSON.parse(readFileSync(file('conform.json'), 'utf8'))
  assert.deepEqual(report.level, { asked: 'bit', achieved: 'bit' })
  assert.deepEqual(report.notReached, [])
  assert.equal(report.counts.passed, report.counts.cases)
})

test('a port that is wrong is shown its first wrong equation, what it looks like, and how to see it again: exit 1', () => {
  const { status, stdout } = ptncn('conform', '--only', 'correct-four-layers', '--', ...bad('C2-alpha-sign'))
  assert.equal(status, 1)
  assert.match(
    stdout,
    /FAIL correct-four-layers {3}first wrong: C2 \(h_1\^1\), step 0, element \[\d,\d\]\n {2}expected [0-9a-f]{8} \(.*\) {3}got [0-9a-f]{8}.*A1 to C1 agree\n {2}looks like: C2 with alpha with the other sign\n/,
  )
  assert.match(stdout, /again: ptncn conform --only correct-four-layers -- /)
  assert.doesNotMatch(stdout, /\u001b/)
})

test('fuzzing finds a mistake, makes it small, keeps it as a vector file, and replays it', () => {
  const counterexample = file('counterexample.json')
  const found = ptncn(
    'conform',
    '--only',
    'predict-not-seen',
    '--fuzz',
    '50',
    '--seed',
    '3',
    '--counterexample',
    counterexample,
    '--',
    ...bad('L4-sign'),
  )
  assert.equal(found.status, 1)
  assert.match(found.stdout, /fuzzing 50 cases, seed 3\n/)
  const [one] = readVectors(counterexample)
  assert.deepEqual(one!.equations, ['L4'])
  assert.ok(one!.scenario!.inputs.length === 1 && one!.scenario!.config.units.every((n) => n === 1))
  const again = ptncn('conform', '--replay', counterexample, '--', ...bad('L4-sign'))
  assert.equal(again.status, 1)
  assert.match(again.stdout, /first wrong: L4/)
  assert.equal(ptncn('vectors', 'check', counterexample).status, 0)
})

test('known failures are no failures, and a known failure that passes is one', () => {
  writeFileSync(file('known.json'), '{"cases":["predict-not-seen","learn-square"]}')
  assert.equal(ptncn('conform', '--only', 'learn-square', '--expect', file('known.json'), '--', ...bad('L4-sign')).status, 1)
  const passing = ptncn('conform', '--only', 'predict-not-seen', '--expect', file('known.json'), '--', ...bad('none'))
  assert.equal(passing.status, 1)
  assert.match(passing.stdout, /take it off the list/)
})

test('JUnit and TAP files say the same', () => {
  ptncn('conform', '--only', 'learn-square', '--junit', file('junit.xml'), '--tap', file('out.tap'), '--', ...bad('L4-sign'))
  assert.match(
    readFileSync(file('junit.xml'), 'utf8'),
    /tests="2" failures="2"[^]*<failure type="wrong" message="wrong L4, step 0/,
  )
  assert.match(readFileSync(file('out.tap'), 'utf8'), /^TAP version 13\n1\.\.2\nnot ok 1 - learn-square\n# wrong L4/)
})

test('the exit status says what happened: 2 usage, 3 no handshake, 4 nothing ran', () => {
  const status = (...args: readonly string[]) => ptncn('conform', ...args).status
  assert.equal(status(), 2)
  assert.equal(status('--level', 'good', '--', 'x'), 2)
  assert.equal(status('--fuzz', '-1', '--', 'x'), 2)
  assert.equal(status('--replay', file('none.json'), '--', 'x'), 2)
  assert.equal(status('--', '/nowhere/port'), 3)
  assert.equal(status('--', 'cat'), 3)
  assert.equal(status('--only', 'no such case', '--', 'cat'), 4)
})

test('[pr-vectors] vectors are exported whole, and a changed value is noticed', () => {
  assert.equal(ptncn('vectors', 'export', file('vectors')).status, 0)
  assert.deepEqual(
    readdirSync(file('vectors'))
      .filter((name) => !name.endsWith('.json'))
      .sort(),
    ['LICENSE', 'STAMP'],
  )
  const path = join(file('vectors'), 'advance.json')
  const text = readFileSync(path, 'utf8')
  const at = text.indexOf('"x":"', text.indexOf('"C2.h_1^1"')) + 12
  writeFileSync(path, text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1))
  const { status, stdout } = ptncn('vectors', 'check', path)
  assert.equal(status, 1)
  assert.match(stdout, /FAIL advance-1-layers, step 0: C2\.h_1\^1 has other bits/)
})

test('what README shows of a wrong port is what the kit prints', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const shown = /```console\n(FAIL [^]*?)```/.exec(readme)![1]!
  const { stdout } = ptncn('conform', '--only', 'correct-four-layers', '--', ...bad('C2-alpha-sign'))
  const printed = stdout.slice(0, stdout.indexOf('\n\n') + 1).replace(/ -- .*\n$/, ' -- ./my-port\n')
  assert.equal(printed, shown)
  const commands = /```sh\n([^]*?)```/.exec(readme)![1]!.trim().split('\n').slice(1)
  for (const command of commands) {
    const { status, stdout: said } = ptncn(
      ...command
        .replace(/my-port/g, file('my-port'))
        .split(' ')
        // npx ptncn
        .slice(2),
    )
    assert.equal(status, command.includes('init') ? 0 : 1)
    assert.match(said, command.includes('init') ? /answers hello/ : /fill in A1/)
  }
})
