/** `ptncn explain`, as a person or a script meets it. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeCheckpoint } from '../src/io/checkpoint.js'
import { keyOf } from '../src/numeric/random.js'
import { initialModel } from '../src/ptncn/apply.js'
import { config } from '../src/ptncn/config.js'
import { ptncn } from './support/runs.js'
import { examples, readSpec } from './support/spec.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-explain-'))
after(() => rmSync(folder, { recursive: true }))

const explain = (...args: readonly string[]) => ptncn('explain', ...args)
const file = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('[ex-step] every number of the first worked example is told with the bits that SPEC.md has', () => {
  const [{ sequences }] = examples(readSpec()) as [ReturnType<typeof examples>[number]]
  const steps = sequences[0]!.steps as unknown as readonly Record<string, { readonly x: string }>[]
  const clause: Record<string, string> = { a: 'A1', z: 'A2', logits: 'P1', p: 'P1', e: 'C1', y: 'C3', d: 'C4' }
  const nameOf = (listed: string): string => {
    const [symbol, level] = listed.split('_') as [string, string]
    const learnt = { dW: 'L1', dE: 'L2', dM: 'L3', dV: 'L4', dU: 'L5' }[symbol]
    if (listed === 'loss') return 'S1.loss'
    if (learnt) return `${learnt}.${listed}`
    if (symbol === 'y') return `C3.z_${level}^1`
    return `${clause[symbol]}.${listed}${['logits', 'p', 'e'].includes(symbol) ? '^1' : ''}`
  }
  for (const [i, step] of steps.entries()) {
    const { status, stdout } = explain('example', '--step', String(i), '--json')
    assert.equal(status, 0)
    const told = new Map(JSON.parse(stdout).results.map((one: { result: string; x: string }) => [one.result, one.x]))
    for (const [listed, { x }] of Object.entries(step)) assert.equal(told.get(nameOf(listed)), x, `step ${i}, ${listed}`)
  }
})

test('[C2] the terms of one sum stand in order, with the clause, its bits, and the sum after each', () => {
  const { stdout } = explain('example', '--step', '1', '--element', 'C2.h_1[0,1]')
  const wanted = [
    'C2.h_1^1[0,1] = -0.8874373  bf632f18',
    'h_l^k = e_(l-1)^k E_l - alpha e_l^k + lambda sign(a_l^(k-1))',
    'C1.e_0^1[0,0] = 0.3663338  *  E_1[0,1] = -0.6058782',
    'sum -0.9645973',
    '-1.086446  bf8b10a9',
    'alpha (0.25) times C1.e_1^1, C1.e_1^1[0,1] = -0.7960345',
    '-0.8874373  bf632f18\n',
  ]
  const places = wanted.map((text) => stdout.indexOf(text))
  assert.ok(!places.includes(-1), stdout)
  assert.deepEqual(
    places.slice(0, 4),
    [...places.slice(0, 4)].sort((a, b) => a - b),
  )
  const json = JSON.parse(explain('example', '--step', '1', '--element', 'C2.h_1[0,1]', '--json').stdout)
  assert.equal(json.bits, 'bf632f18')
  assert.deepEqual(
    json.lines[0].terms.map((term: { sumBits: string }) => term.sumBits),
    ['be6347d0', 'bf76efda', 'bf8b10a9'],
  )
})

test('[pr-requests] a case of the vectors, its request as a file, and the standard input tell the same', () => {
  const { cases } = JSON.parse(readFileSync(new URL('vectors/clip.json', import.meta.url), 'utf8'))
  const [{ id, request }] = cases
  const path = file('request.json', JSON.stringify(request))
  const [byId, byFile] = [explain(id, '--json'), explain(path, '--json')].map(({ stdout }) => JSON.parse(stdout))
  assert.deepEqual(byFile.results, byId.results)
  assert.ok(byId.results.length > 20)
})

test('[ck-format] a network and an input', () => {
  const settings = config({ units: [3, 4] })
  const path = file('net.safetensors', encodeCheckpoint({ config: settings, snapshot: initialModel(settings, keyOf(1)) }))
  const input = file('input.json', '{"x": [[0, 1, 0]], "mask": [1]}')
  const { stdout, status } = explain(path, '--input', input, '--element', 'C1.e_0[0,1]')
  assert.equal(status, 0)
  assert.match(stdout, /C1\.e_0\^1\[0,1\] = -0\.6666666/)
  assert.match(explain(path, '--input', file('list.json', '[0, 0, 1]')).stdout, /C4\.d_1 {2}1 x 4/)
  assert.match(explain(path).stderr, /is a network: --input expected a file/)
})

test('what is wrong is said in one line, with what to do', () => {
  const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /expected "example", a file.*got none; see ptncn explain --help/],
    [['clip-clip-mean-al'], /did you mean clip-clip-mean-all\?/],
    [['example', '--step', '9'], /"--step" expected a whole number from 0 to 2, got "9"/],
    [['example', '--element', 'C2.h_1[0,9]'], /expected rows from 0 to 1, columns from 0 to 1, got "\[0,9\]"/],
    [['example', '--element', 'C2.h_1[0,2]'], /got "\[0,2\]"/],
    [['example', '--element', 'C2.g_1^1[0,0]'], /did you mean C2\.h_1\^1\?/],
    [['example', '--element', 'W_1[0,0]'], /"W_1" came in from outside the step/],
    [['example', '--element', 'h'], /as in "C2\.h_1\[0,3\]", got "h"/],
    [['example', '--input', 'x.json'], /"--input" is for a trained network/],
    [[join(folder, 'none.json')], /there is no such file/],
    [[file('bad.json', '{')], /bad\.json"/],
    [[file('page.json', '<!doctype html>')], /it looks like a web page/],
    [[file('list2.json', '[1]')], /expected a record: a request of the protocol, or a worked example/],
    [[file('op.json', '{"op":"bye"}')], /"op" expected "step" or "run"/],
    [[file('example.json', '{"seed":1,"sequences":[],"config":{"units":[1,1]}}')], /"sequences" expected a list of at least one/],
    [['example', '--elemnt', 'x'], /did you mean --element\?/],
  ]
  for (const [args, message] of wrong) {
    const { status, stdout, stderr } = explain(...args)
    assert.match(stderr, message)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
    assert.equal(stdout, '')
    assert.equal(status, 2, args.join(' '))
  }
})
