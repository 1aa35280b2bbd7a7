/** Ports that behave badly: each gets its verdict, in bounded time and memory. */

import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { command, ptncn, root } from '../support/runs.js'
import { LIMITS, shakeHands } from '../../src/conform/port/connection.js'
import { processConnection } from '../../src/conform/port/process.js'
import { CAPS } from '../../src/conform/reference.js'
import { putRefused, putScenario, type Failure } from '../../src/conform/put.js'
import { parseVectors } from '../../src/conform/case.js'
import { publishedFiles } from '../../src/conform/vectors.js'

const port = fileURLToPath(new URL('./bad-behaviour.mjs', import.meta.url))
const limits = { ...LIMITS, startMs: 5000, requestMs: 400, byeMs: 300 }
const connect = (kind: string) => processConnection([process.execPath, port, kind], limits)
const cases = publishedFiles()
  .filter(({ name }) => name === 'advance.json')
  .flatMap(({ text }) => parseVectors(text))
const scenario = cases[0]!.scenario!

/** What one request to a bad port comes to. */
const meet = async (kind: string): Promise<{ readonly failure: Failure | undefined; readonly ms: number }> => {
  const connection = connect(kind)
  const start = performance.now()
  const hello = await shakeHands(connection)
  if ('fault' in hello) {
    await connection.close()
    return { failure: hello.fault, ms: performance.now() - start }
  }
  const [failure] = (await putScenario(connection, scenario, CAPS, 'bit')).failures
  const bye = await connection.close()
  return { failure: bye ?? failure, ms: performance.now() - start }
}

const ROWS: readonly (readonly [kind: string, verdict: Failure['kind'], what: RegExp])[] = [
  ['crash', 'crashed', /SIGSEGV/],
  ['exit', 'crashed', /status 3/],
  ['hang', 'timeout', /400 ms/],
  ['hang-with-child', 'timeout', /400 ms/],
  ['hang-with-grandchild', 'timeout', /400 ms/],
  ['late', 'timeout', /400 ms/],
  ['not-json', 'protocol', /Traceback \\u001b/],
  ['wrong-id', 'protocol', /another request/],
  ['print', 'protocol', /a = 0\.5/],
  ['no-newline', 'timeout', /beginning of a line/],
  ['long-line', 'too much output', /8388608 bytes/],
  ['endless-line', 'too much output', /8388608 bytes/],
  ['stderr-flood', 'shape', /no such tensor/],
  ['wrong-shape', 'shape', /expected \d x \d, got (no such tensor|\d x \d)/],
  ['wrong-length', 'shape', /out" expected 2 x 3 elements of eight lowercase hexadecimal digits, got 40 characters/],
  ['missing-tensor', 'shape', /expected \d x \d, got no such tensor/],
  ['nan', 'nonfinite', /A1\.a_1 of A1 is not finite/],
  ['twice', 'nondeterministic', /two answers/],
  ['unsupported', 'refused', /unsupported/],
  ['proto', 'protocol', /__proto__/],
  ['double-name', 'protocol', /each key once at character \d+, got "ok"/],
  ['hello-other', 'protocol', /protocol 1/],
  ['hello-nothing', 'protocol', /caps\.activations/],
]

for (const [kind, verdict, what] of ROWS) {
  test(`[pr-lines] a port that does "${kind}" is told: ${verdict}`, async () => {
    const { failure, ms } = await meet(kind)
    assert.equal(failure?.kind, verdict)
    assert.match(failure.what, what)
    assert.ok(ms < 6000, `${ms} ms`)
  })
}

test('[pr-lines] what a port said last to its standard error is kept, 64 KiB of it, and hints are given', async () => {
  assert.match((await meet('crash')).failure!.stderr!, /cannot go on/)
  assert.match((await meet('no-newline')).failure!.hint!, /flush/)
  assert.match((await meet('print')).failure!.hint!, /stderr/)
  const connection = connect('stderr-flood')
  await shakeHands(connection)
  await putScenario(connection, scenario, CAPS, 'bit')
  await connection.close()
})

test('[pr-hello] a program that is not there does not start; a port that stays after bye is told', async () => {
  const hello = await shakeHands(processConnection(['/nowhere/port'], limits))
  assert.ok('fault' in hello && hello.fault.kind === 'not started' && /ENOENT/.test(hello.fault.what))
  const connection = connect('stay')
  await shakeHands(connection)
  assert.equal((await connection.close())?.kind, 'timeout')
})

test('a hanging port is killed with the processes it started', async () => {
  await meet('hang-with-child')
  const marker = 'setTimeout(() => {}, 60000)'
  const left = (): boolean =>
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .some((line) => line.includes(marker) && !line.includes('ps -eo'))
  for (let i = 0; i < 20 && left(); i++) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(left(), false)
})

for (const kind of ['hang-with-grandchild', 'end-with-grandchild']) {
  test(`a port that leaves a process in a session of its own keeps the kit no longer: ${kind}`, () => {
    const start = performance.now()
    const args = ['conform', '--only', 'optimizer-sgd-first', '--request-timeout', '1', '--', process.execPath, port, kind]
    const { status, stdout } = ptncn(...args)
    assert.equal(status, 1, stdout)
    assert.match(stdout, /does not conform/)
    assert.ok(performance.now() - start < 9000, `${performance.now() - start} ms`)
  })
}

test('whoever reads what the kit prints may leave: it ends quietly, and its report is written', () => {
  const report = join(mkdtempSync(join(tmpdir(), 'ptncn-head-')), 'conform.json')
  const quoted = [process.execPath, ...command, 'conform', '--report', report, '--', process.execPath, port, 'unsupported']
  const line = `${quoted.map((word) => `'${word}'`).join(' ')} | head -n 1`
  const { stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8', cwd: root })
  assert.equal(stdout.trim().split('\n').length, 1)
  assert.equal(stderr, '')
  assert.equal((JSON.parse(readFileSync(report, 'utf8')) as { status: number }).status, 1)
})

test('[pr-hello] the reference as a port ends at bye, while its input is open', async () => {
  const child = spawn(process.execPath, [...command, 'conform', 'serve'], { cwd: root, stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.write('{"op":"bye"}\n')
  const ended = await new Promise<number | string>((resolve) => {
    child.on('exit', (status) => resolve(status ?? 'killed'))
    setTimeout(() => child.kill(), 8000).unref()
  })
  assert.equal(ended, 0)
})

test('a port that crashes at every request is started again five times and then given up; no crash passes for a refusal', async () => {
  const connection = connect('exit')
  await shakeHands(connection)
  const kinds = []
  for (let i = 0; i < 8; i++)
    kinds.push((await putRefused(connection, { op: 'step' }, { kind: 'invalid', what: '' })).failures[0]?.kind)
  assert.deepEqual(kinds, [...Array<string>(6).fill('crashed'), 'not started', 'not started'])
})

test('nothing that a port says reaches the prototypes', async () => {
  await meet('proto')
  assert.equal(({} as { polluted?: number }).polluted, undefined)
})
